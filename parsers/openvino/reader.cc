// SPDX-License-Identifier: Apache-2.0
#include "parsers/openvino/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "base/text.h"
#include "parsers/openvino/layers.h"
#include "parsers/openvino/network.h"
#include "parsers/side_name.h"

namespace nngauge::openvino {
namespace {

constexpr std::int64_t kOldest = 2, kNewest = 11;
constexpr std::int32_t kWeights = 1;  // index of the .bin in Model::files

using PortKey = std::pair<std::string, std::int64_t>;  // layer, port

class Builder {
 public:
  Builder(const Network& net, Model& model, Bytes weights, bool has_weights)
      : net_(net), model_(model), graph_(model.graphs.front()), weights_(weights), has_weights_(has_weights) {}

  Status build() {
    for (const Edge& edge : net_.edges) {
      const auto [at, fresh] =
          sources_.emplace(PortKey{edge.to_layer, edge.to_port}, PortKey{edge.from_layer, edge.from_port});
      if (!fresh && at->second != PortKey{edge.from_layer, edge.from_port})
        return make_error(ErrorCode::kInvalidGraph,
                          fmt::format("two edges end at port {} of layer {}", edge.to_port, in_quotes(edge.to_layer)));
    }
    find_grouped();
    for (const Layer& layer : net_.layers) {
      if (!ids_.insert(layer.id).second)
        return make_error(ErrorCode::kInvalidGraph, fmt::format("two layers have the id {}", in_quotes(layer.id)));
      add_results(layer);
    }
    std::int32_t index = 0;
    for (const Layer& layer : net_.layers) {
      if (Status status = add_layer(layer, index++); !status)
        return status.error().at(
            fmt::format("layer {} {} {}", printable(layer.id), printable(layer.type), in_quotes(layer.name)));
    }
    return ok();
  }

 private:
  Tensor& tensor(TensorId id) { return graph_.tensors[static_cast<std::size_t>(id)]; }

  // Filters with an axis of groups, stored directly or behind a conversion: seen with that axis joined to the next.
  void find_grouped() {
    std::map<std::string, const Layer*> by_id;
    for (const Layer& layer : net_.layers) by_id.emplace(layer.id, &layer);
    for (const Layer& layer : net_.layers) {
      if (!has_group_axis(layer.type) || layer.inputs.size() < 2) continue;
      PortKey port = {layer.id, layer.inputs[1].id};
      for (int hops = 0; hops < 8; ++hops) {
        const auto source = sources_.find(port);
        const auto maker = source == sources_.end() ? by_id.end() : by_id.find(source->second.first);
        if (maker == by_id.end() || (maker->second->type != "Const" && maker->second->type != "Convert")) break;
        joined_.insert(maker->second->id);
        if (maker->second->inputs.empty()) break;
        port = {maker->second->id, maker->second->inputs[0].id};
      }
    }
  }

  void add_results(const Layer& layer) {
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
      const Port& port = layer.outputs[i];
      Tensor out;
      out.name = i == 0 ? layer.name : fmt::format("{}.{}", layer.name, i);
      out.dtype = port.dtype != DType::kUnknown ? port.dtype : layer.precision;
      std::vector<Dim> dims = port.dims;
      if (joined_.contains(layer.id) && dims.size() > 3 && dims[0].known() && dims[1].known()) {
        const Count joined = Count::from_signed(dims[0].value()) * Count::from_signed(dims[1].value());
        dims.erase(dims.begin());
        dims[0] = joined.overflowed() || joined.value() > (std::uint64_t{1} << 62U)
                      ? Dim::unknown()
                      : Dim(static_cast<std::int64_t>(joined.value()));
      }
      out.declared = out.shape = Shape(std::move(dims));
      graph_.tensors.push_back(std::move(out));
      made_[{layer.id, port.id}] = static_cast<TensorId>(graph_.tensors.size() - 1);
    }
  }

  Result<TensorId> operand(const Layer& layer, const Port& port) {
    const auto source = sources_.find({layer.id, port.id});
    if (source == sources_.end())
      return make_error(ErrorCode::kInvalidGraph, fmt::format("no edge ends at its port {}", port.id));
    const auto made = made_.find(source->second);
    if (made == made_.end())
      return make_error(ErrorCode::kInvalidGraph,
                        fmt::format("its port {} is fed by port {} of layer {}, which is not there", port.id,
                                    source->second.second, in_quotes(source->second.first)));
    return made->second;
  }

  Status add_layer(const Layer& layer, std::int32_t index) {
    if (layer.type == "Const") return add_constant(layer);
    if (layer.type == "Parameter" || layer.type == "Input") return add_input(layer);
    Op op;
    op.name = layer.name;
    op.source_op = layer.type;
    op.source.index = index;
    std::vector<TensorId> operands;
    for (const Port& port : layer.inputs) {
      NNGAUGE_TRY(const TensorId id, operand(layer, port));
      operands.push_back(id);
    }
    if (layer.type == "Result") {
      for (const TensorId id : operands) {
        if (listed_.insert(id).second) graph_.outputs.push_back(id);
      }
      return ok();
    }
    Status stored = ok();
    LayerView view{layer, std::move(operands), graph_, op, [&](const std::string& name, Shape shape) {
                     Result<TensorId> id = add_blob(layer, name, std::move(shape));
                     if (!id) stored = id.error();
                     return id ? *id : kNoTensor;
                   }};
    read_layer(view);
    NNGAUGE_CHECK(stored);
    for (const Port& port : layer.outputs) op.outputs.push_back(made_[{layer.id, port.id}]);
    // Before version 10 results are marked by nothing but that nobody reads them.
    if (net_.version < 10) ends_.insert(ends_.end(), op.outputs.begin(), op.outputs.end());
    for (const Operand& operand : op.inputs) read_.insert(operand.tensor);
    graph_.ops.push_back(std::move(op));
    return ok();
  }

  Status add_input(const Layer& layer) {
    for (const Port& port : layer.outputs) {
      const TensorId id = made_[{layer.id, port.id}];
      const std::string shape = layer.text("shape");
      if (!shape.empty()) tensor(id).declared = tensor(id).shape = Shape(dims_of(shape));
      if (const DType dtype = dtype_of(layer.text("element_type")); dtype != DType::kUnknown) tensor(id).dtype = dtype;
      graph_.inputs.push_back(id);
    }
    return ok();
  }

  // A range of the .bin. Errors: kDamaged.
  Status locate(Tensor& constant, std::uint64_t offset, std::uint64_t size) {
    const auto elements = constant.declared.elements();
    if (elements && dtype_bits(constant.dtype) > 0) {
      const Count needed = packed_bytes(constant.dtype, *elements);
      if (needed != Count(size)) {
        return make_error(ErrorCode::kDamaged,
                          fmt::format("{} {} takes {} bytes, {} are stated", dtype_name(constant.dtype),
                                      shape_text(constant.declared, model_.symbols),
                                      needed.overflowed() ? "too many" : std::to_string(needed.value()), size));
      }
    }
    if (has_weights_ && (offset > weights_.size() || size > weights_.size() - offset)) {
      return make_error(ErrorCode::kDamaged, fmt::format("bytes {} to {} of the .bin, which has {}", offset,
                                                         offset + size, weights_.size()));
    }
    constant.data = {kWeights, offset, size};
    if (has_weights_) constant.value = small_value(constant, weights_.subspan(offset, size));
    return ok();
  }

  // The elements of a small constant of whole numbers.
  static std::optional<Value> small_value(const Tensor& constant, Bytes bytes) {
    const auto elements = constant.declared.elements();
    const std::size_t width = static_cast<std::size_t>(dtype_bits(constant.dtype)) / 8;
    if (!is_integer(constant.dtype) || width < 4 || !elements || elements->overflowed() ||
        elements->value() > kMaxValueElements)
      return std::nullopt;
    std::vector<Dim> ints;
    for (std::size_t i = 0; i < elements->value(); ++i) {
      std::uint64_t raw = 0;
      for (std::size_t k = 0; k < width; ++k) raw |= std::uint64_t{bytes[i * width + k]} << (8 * k);
      ints.emplace_back(width == 4 ? std::int64_t{static_cast<std::int32_t>(raw)} : static_cast<std::int64_t>(raw));
    }
    return Value::of_ints(std::move(ints));
  }

  Status add_constant(const Layer& layer) {
    if (layer.outputs.size() != 1)
      return make_error(ErrorCode::kInvalidGraph, fmt::format("a constant with {} results", layer.outputs.size()));
    Tensor& constant = tensor(made_[{layer.id, layer.outputs[0].id}]);
    constant.is_constant = true;
    if (const DType dtype = dtype_of(layer.text("element_type")); dtype != DType::kUnknown) constant.dtype = dtype;
    if (!layer.blobs.empty()) return locate(constant, layer.blobs[0].offset, layer.blobs[0].size);
    const std::int64_t offset = layer.integer("offset", -1), size = layer.integer("size", -1);
    if (offset < 0 || size < 0) return make_error(ErrorCode::kDamaged, "a constant without offset and size");
    return locate(constant, static_cast<std::uint64_t>(offset), static_cast<std::uint64_t>(size));
  }

  Result<TensorId> add_blob(const Layer& layer, const std::string& name, Shape shape) {
    const auto found =
        std::find_if(layer.blobs.begin(), layer.blobs.end(), [&](const Blob& blob) { return blob.name == name; });
    if (found == layer.blobs.end()) return kNoTensor;
    Tensor out;
    out.name = layer.name + "/" + name;
    out.dtype = layer.precision;
    out.is_constant = true;
    out.declared = out.shape = std::move(shape);
    NNGAUGE_CHECK(locate(out, found->offset, found->size));
    graph_.tensors.push_back(std::move(out));
    return static_cast<TensorId>(graph_.tensors.size() - 1);
  }

 public:
  void finish() {
    for (const TensorId id : ends_) {
      if (!read_.contains(id)) graph_.outputs.push_back(id);
    }
  }

 private:
  const Network& net_;
  Model& model_;
  Graph& graph_;
  Bytes weights_;
  bool has_weights_;
  std::map<PortKey, PortKey> sources_;  // who feeds an input port
  std::map<PortKey, TensorId> made_;
  std::set<std::string> ids_, joined_;
  std::set<TensorId> listed_, read_;
  std::vector<TensorId> ends_;
};

}  // namespace

Claim sniff(const ModelSource& source) {
  std::string_view head = as_text(source.bytes).substr(0, 8192);
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  head = trim(head);
  if (!head.starts_with('<')) return {};
  const std::size_t net = head.find("<net ");
  if (net == std::string_view::npos || head.find("version=", net) == std::string_view::npos) return {};
  if (head.find("<layers", net) == std::string_view::npos) return {Confidence::kPossible, "an XML element net"};
  return {Confidence::kCertain, "an XML element net with layers"};
}

Result<Model> read(const ModelSource& source) {
  NNGAUGE_TRY(const Network net, parse_network(source.bytes));
  if (net.version < kOldest || net.version > kNewest) {
    return make_error(ErrorCode::kUnsupportedVersion, fmt::format("version {} of the representation; {} to {} are read",
                                                                  net.version, kOldest, kNewest));
  }
  Model model;
  model.format = "openvino";
  model.format_version = std::to_string(net.version);
  model.name = printable(net.name);
  model.files.push_back({"", source.bytes.size()});
  model.graphs.emplace_back();
  model.main().name = model.name;
  const std::string name = side_name(source.path, ".xml", ".bin");
  std::shared_ptr<const MappedFile> bin;
  if (!name.empty() && source.companions->size_bytes(name)) {
    NNGAUGE_TRY(bin, source.companions->open(name));
    model.files.push_back({name, bin->bytes().size()});
  } else {
    model.files.push_back({name.empty() ? "weights" : name, std::nullopt});
    model.diagnostics.note("weights-absent", "",
                           "the .bin with the weights is not there; their extents stand in the .xml");
  }
  Builder builder(net, model, bin ? bin->bytes() : Bytes(), bin != nullptr);
  NNGAUGE_CHECK(builder.build());
  builder.finish();
  return model;
}

}  // namespace nngauge::openvino
