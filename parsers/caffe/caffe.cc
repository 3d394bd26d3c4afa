// SPDX-License-Identifier: Apache-2.0
#include "parsers/caffe/caffe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "caffe.pb.h"
#include "parsers/caffe/binary.h"
#include "parsers/caffe/graph_builder.h"
#include "parsers/caffe/net.h"
#include "parsers/caffe/text.h"
#include "parsers/side_name.h"

namespace nngauge {
namespace {

using namespace caffe_format;

bool is_binary(Bytes bytes) {
  const std::string_view head = without_mark(as_text(bytes)).substr(0, 512);
  // Tags of a caffemodel are control characters; comments of a prototxt may be in any encoding.
  return std::any_of(head.begin(), head.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\v';
  });
}

bool is_solver(const TopLevel& top) {
  static constexpr std::string_view kFields[] = {"base_lr",     "lr_policy",   "test_interval", "test_iter",
                                                 "solver_mode", "solver_type", "max_iter",      "snapshot_prefix",
                                                 "train_net",   "test_net",    "net",           "net_param"};
  std::size_t found = 0;
  for (const std::string_view field : kFields) found += top.count(field) > 0 ? 1 : 0;
  return found >= 2 || (found == 1 && top.count("layer") + top.count("layers") == 0);
}

// Marks of other text formats of fields.
bool is_foreign(const TopLevel& top) {
  for (const std::string_view field :
       {"node", "op", "graph", "ir_version", "item", "library", "versions", "external_input"}) {
    if (top.count(field) > 0) return true;
  }
  return false;
}

std::size_t layers_of(const TopLevel& top) { return top.count("layer") + top.count("layers"); }

Claim sniff_text(std::string_view text) {
  const TopLevel top = scan_top_level(text);
  if (is_solver(top)) {
    if (!top.network_inside || !top.is_fields) return {};
    return {Confidence::kLikely, "a solver's settings with a network inside"};
  }
  if (is_foreign(top) || layers_of(top) == 0) return {};
  if (!top.is_fields) return {Confidence::kPossible, "layers as protobuf text, and something else beside"};
  if (top.count("layers") > 0 && top.quoted_layers_type && !top.nested_layer)
    return {Confidence::kPossible, "layers as protobuf text, with types that other programs write"};
  return {Confidence::kLikely, "layers as protobuf text"};
}

// --- companions -----------------------------------------------------------------------------------------------------

struct SideFile {
  std::string name;
  std::shared_ptr<const MappedFile> file;
};

// The file of the same stem with another extension; without a file where there is none.
SideFile find_side_file(const ModelSource& source, std::string_view own, std::string_view other) {
  const std::string name = side_name(source.path, own, other);
  if (name.empty() || !source.companions->size_bytes(name)) return {};
  auto file = source.companions->open(name);
  return file ? SideFile{name, *file} : SideFile{};
}

// --- reading --------------------------------------------------------------------------------------------------------

Result<NetPtr> read_text(std::string_view text, Diagnostics& diagnostics) {
  auto net = std::make_shared<caffe::NetParameter>();
  NNGAUGE_CHECK((is_solver(scan_top_level(text)) ? parse_solver : parse_text)(text, *net, diagnostics));
  return net;
}

Status build(Model& model, caffe::NetParameter& net, const StoredBlobs& stored, const Reduction* reduction,
             const ModelSource& source) {
  if (net.layer_size() == 0) return make_error(ErrorCode::kNotAModel, "the network description has no layers");
  model.name = printable(net.name());
  model.graphs.emplace_back();
  model.main().name = model.name;
  model.order_is_binding = true;
  const Selection selection = select_layers(net, source.phase, model.diagnostics);
  model.metadata.emplace_back("phase", selection.state);
  GraphBuilder builder(model, stored, reduction, source.bindings);
  return builder.build(net, selection);
}

void note_stored_layers(const caffe::NetParameter& net, const StoredBlobs& stored, Model& model) {
  std::size_t used = 0;
  for (const auto& layer : net.layer()) used += stored.contains(layer.name()) ? 1 : 0;
  if (used == 0 && !stored.empty()) {
    model.diagnostics.warn("weights-unmatched", "",
                           "no layer of the network has the name of a layer with stored weights");
  }
}

// The structure of a prototxt with the weights of the caffemodel beside it, if there is one.
Result<Model> read_prototxt(const ModelSource& source) {
  Model model;
  model.files.push_back({"", source.bytes.size()});
  NNGAUGE_TRY(const NetPtr net, read_text(as_text(source.bytes), model.diagnostics));
  model.format_version = generation_of(*net);
  NNGAUGE_CHECK(upgrade(*net));
  StoredBlobs stored;
  const SideFile side = find_side_file(source, ".prototxt", ".caffemodel");
  if (side.file) {
    model.files.push_back({side.name, side.file->bytes().size()});
    Result<Caffemodel> weights = parse_binary(side.file->bytes(), side.file.get());
    if (!weights) return weights.error().at(side.name);
    auto blobs = locate_blobs(*weights, 1);
    if (!blobs) return blobs.error().at(side.name);
    stored = *std::move(blobs);
    note_stored_layers(*net, stored, model);
  }
  NNGAUGE_CHECK(build(model, *net, stored, nullptr, source));
  return model;
}

// The prototxt beside a caffemodel; empty where there is none or it cannot be used.
NetPtr structure_beside(const ModelSource& source, Model& model) {
  const SideFile side = find_side_file(source, ".caffemodel", ".prototxt");
  if (!side.file || is_binary(side.file->bytes()) ||
      sniff_text(as_text(side.file->bytes())).confidence == Confidence::kNone)
    return nullptr;
  Result<NetPtr> net = read_text(as_text(side.file->bytes()), model.diagnostics);
  if (net) {
    model.format_version = generation_of(**net);
    if (const Status upgraded = upgrade(**net); !upgraded) net = upgraded.error();
  }
  if (net) return *net;
  model.diagnostics.warn("companion-unused", side.name, net.error().text());
  return nullptr;
}

Result<Model> read_caffemodel(const ModelSource& source) {
  Model model;
  model.files.push_back({"", source.bytes.size()});
  NNGAUGE_TRY(const Caffemodel stored, parse_binary(source.bytes, source.mapping));
  NNGAUGE_TRY(const StoredBlobs blobs, locate_blobs(stored, 0));
  const NetPtr structure = structure_beside(source, model);
  if (structure) {
    note_stored_layers(*structure, blobs, model);
    NNGAUGE_CHECK(build(model, *structure, blobs, nullptr, source));
  } else {
    model.format_version = stored.generation;
    NNGAUGE_CHECK(build(model, *stored.net, blobs, &stored.reduction, source));
  }
  return model;
}

}  // namespace

Claim sniff_caffe(const ModelSource& source) {
  if (!is_binary(source.bytes)) return sniff_text(as_text(source.bytes));
  switch (look_at_binary(source.bytes)) {
    case BinaryKind::kNet:
      return {Confidence::kCertain, "a NetParameter with layers"};
    case BinaryKind::kDamagedNet:
      return {Confidence::kLikely, "layers of a NetParameter, and damage"};
    default:
      return {};
  }
}

Result<Model> read_caffe(const ModelSource& source) {
  NNGAUGE_TRY(Model model, is_binary(source.bytes) ? read_caffemodel(source) : read_prototxt(source));
  model.format = "caffe";
  return model;
}

}  // namespace nngauge
