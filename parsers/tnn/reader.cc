// SPDX-License-Identifier: Apache-2.0
#include "parsers/tnn/reader.h"

#include "parsers/side_name.h"
#include "parsers/tnn/graph_builder.h"
#include "parsers/tnn/structure.h"
#include "parsers/tnn/weights.h"

namespace nngauge::tnn {
namespace {

struct SideFile {
  std::string name;
  std::shared_ptr<const MappedFile> file;
};

// The file of the same stem with another extension.
SideFile find_side_file(const ModelSource& source, std::string_view own, std::string_view other) {
  const std::string wanted = side_name(source.path, own, other);
  if (wanted.empty() || !source.companions->size_bytes(wanted)) return {};
  auto file = source.companions->open(wanted);
  return file ? SideFile{wanted, *file} : SideFile{};
}

Result<Model> build(const Structure& structure, const Weights& weights, std::vector<DataFile> files,
                    const ModelSource& source) {
  Model model;
  model.format = "tnn";
  model.format_version = structure.version;
  model.files = std::move(files);
  model.graphs.emplace_back();
  model.order_is_binding = true;
  GraphBuilder builder(model, structure, weights, source.bindings);
  NNGAUGE_CHECK(builder.build());
  return model;
}

Result<Model> read_structure(const ModelSource& source) {
  NNGAUGE_TRY(const Structure structure, parse_structure(as_text(source.bytes)));
  std::vector<DataFile> files = {{"", source.bytes.size()}};
  Weights weights;
  if (const SideFile side = find_side_file(source, ".tnnproto", ".tnnmodel"); side.file) {
    Result<Weights> located = locate_weights(side.file->bytes(), 1);
    if (!located) return located.error().at(side.name);
    weights = *std::move(located);
    files.push_back({side.name, side.file->bytes().size()});
  }
  return build(structure, weights, std::move(files), source);
}

Result<Model> read_weights(const ModelSource& source) {
  const SideFile side = find_side_file(source, ".tnnmodel", ".tnnproto");
  if (!side.file) {
    return make_error(
        ErrorCode::kNotAModel,
        "the weights of a TNN network; the .tnnproto of the same name, which has its structure, is not there");
  }
  NNGAUGE_TRY(const Weights weights, locate_weights(source.bytes, 0));
  Result<Structure> structure = parse_structure(as_text(side.file->bytes()));
  if (!structure) return structure.error().at(side.name);
  return build(*structure, weights, {{"", source.bytes.size()}}, source);
}

}  // namespace

Claim sniff(const ModelSource& source) {
  if (has_header(as_text(source.bytes))) return {Confidence::kCertain, "the quoted first line of a TNN network"};
  if (!is_weights_file(source.bytes)) return {};
  return {Confidence::kCertain, "the magic number of TNN weights"};
}

Result<Model> read(const ModelSource& source) {
  return has_header(as_text(source.bytes)) ? read_structure(source) : read_weights(source);
}

}  // namespace nngauge::tnn
