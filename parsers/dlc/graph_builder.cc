// SPDX-License-Identifier: Apache-2.0
// From layers with named tensors to a graph.
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "parsers/dlc/net.h"
#include "parsers/dlc/op_map.h"

namespace nngauge::dlc {
namespace {

constexpr std::size_t kMostRank = 64;

std::string place_of(const Layer& layer) {
  return "layer #" + std::to_string(layer.index) + " " + layer.type + " " + in_quotes(layer.name);
}

Result<Shape> shape_of(const std::optional<Ints>& dims) {
  if (!dims) return Shape::unknown_rank();
  if (dims->size() > kMostRank)
    return make_error(ErrorCode::kInvalidGraph, "has " + std::to_string(dims->size()) + " axes");
  std::vector<Dim> out;
  for (const std::int64_t extent : *dims) {
    if (extent < 0) return make_error(ErrorCode::kInvalidGraph, "an extent is " + std::to_string(extent));
    out.emplace_back(extent);
  }
  return Shape(std::move(out));
}

class Builder {
 public:
  Builder(Net& net, Model& model) : net_(net), model_(model) {}

  Status build() {
    graph_.name = net_.name;
    for (std::size_t i = 0; i < net_.tensors.size(); ++i) stated_.emplace(net_.tensors[i].name, i);
    for (const Layer& layer : net_.layers) {
      Status status = layer.type == "Input" || layer.type == "input" ? add_input(layer) : add_op(layer);
      if (!status) return status.error().at(place_of(layer));
    }
    for (std::size_t id = 0; id < graph_.tensors.size(); ++id) {
      if (produced_[id] && !consumed_[id]) graph_.outputs.push_back(static_cast<TensorId>(id));
    }
    if (graph_.ops.empty()) return make_error(ErrorCode::kInvalidGraph, "the model has no layers");
    for (const Diagnostic& item : net_.diagnostics.items()) {
      if (item.severity == Severity::kWarning) model_.diagnostics.warn(item.code, item.where, item.message);
      else model_.diagnostics.note(item.code, item.where, item.message);
    }
    model_.graphs.push_back(std::move(graph_));
    return ok();
  }

 private:
  Result<TensorId> add_tensor(const NetTensor& source) {
    Tensor tensor;
    tensor.name = source.name;
    tensor.dtype = source.dtype;
    NNGAUGE_TRY(tensor.declared, shape_of(source.dims));
    tensor.shape = tensor.declared;
    tensor.is_constant = source.is_constant;
    tensor.quantization = source.quantization;
    if (source.is_constant) {
      tensor.data = source.data;
      NNGAUGE_CHECK(check_size(tensor));
      const auto elements = tensor.declared.elements();
      if (source.value && elements && source.value->size() == elements->value()) tensor.value = source.value;
    }
    graph_.tensors.push_back(std::move(tensor));
    produced_.push_back(false);
    consumed_.push_back(false);
    return static_cast<TensorId>(graph_.tensors.size() - 1);
  }

  Status check_size(const Tensor& tensor) const {
    const std::optional<Count> elements = tensor.declared.elements();
    if (!elements || dtype_bits(tensor.dtype) == 0 || tensor.data.size_bytes == 0) return ok();
    const Count needed = packed_bytes(tensor.dtype, *elements);
    // Four-bit elements may have a byte each.
    if (!needed.overflowed() && needed.value() <= tensor.data.size_bytes) return ok();
    return make_error(ErrorCode::kDamaged, in_quotes(tensor.name) + " " + shape_text(tensor.declared, model_.symbols) +
                                               " of " + std::string(dtype_name(tensor.dtype)) + " needs " +
                                               (needed.overflowed() ? "more bytes than 64 bits count"
                                                                    : std::to_string(needed.value()) + " bytes") +
                                               ", " + std::to_string(tensor.data.size_bytes) + " are stored");
  }

  // A new tensor of that name: what the file states of it, completed by the layer that makes it.
  Result<TensorId> define(const std::string& name, const Layer& layer, std::size_t result) {
    NetTensor source;
    const auto found = stated_.find(name);
    if (found != stated_.end()) source = net_.tensors[found->second];
    source.name = name;
    source.is_constant = false;
    if (result < layer.output_dims.size() && !layer.output_dims[result].empty())
      source.dims = layer.output_dims[result];
    if (source.dtype == DType::kUnknown) source.dtype = layer.quantised ? DType::kUInt8 : DType::kFloat32;
    if (layer.quantised) source.quantization.scheme = QuantScheme::kPerTensor;
    NNGAUGE_TRY(const TensorId id, add_tensor(source));
    current_[name] = id;
    return id;
  }

  Status add_input(const Layer& layer) {
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
      NNGAUGE_TRY(const TensorId id, define(layer.outputs[i], layer, i));
      graph_.inputs.push_back(id);
    }
    return ok();
  }

  // What a layer reads: made before, a constant, or given from outside.
  Result<TensorId> find(const std::string& name) {
    const auto known = current_.find(name);
    if (known != current_.end()) return known->second;
    const auto stated = stated_.find(name);
    if (stated == stated_.end())
      return make_error(ErrorCode::kInvalidGraph, "reads " + in_quotes(name) + ", which no layer before it makes");
    const NetTensor& source = net_.tensors[stated->second];
    NNGAUGE_TRY(const TensorId id, add_tensor(source));
    current_.emplace(name, id);
    if (!source.is_constant) graph_.inputs.push_back(id);
    return id;
  }

  Status add_op(const Layer& layer) {
    Op op;
    op.name = layer.name;
    op.source_op = layer.type;
    op.source = {layer.index, layer.offset};
    for (const std::string& name : layer.inputs) {
      NNGAUGE_TRY(const TensorId id, find(name));
      op.inputs.push_back({id, OperandRole::kData});
      consumed_[static_cast<std::size_t>(id)] = true;
    }
    for (const NetTensor& weight : layer.weights) {
      NetTensor named = weight;
      named.name = layer.name + "/" + weight.name;
      NNGAUGE_TRY(const TensorId id, add_tensor(named));
      op.inputs.push_back({id, weight.name.starts_with("bias") ? OperandRole::kBias : OperandRole::kWeight});
    }
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
      NNGAUGE_TRY(const TensorId id, define(layer.outputs[i], layer, i));
      op.outputs.push_back(id);
      produced_[static_cast<std::size_t>(id)] = true;
    }
    LayerContext context{layer, graph_, op, model_.diagnostics};
    NNGAUGE_CHECK(read_layer_type(context));
    graph_.ops.push_back(std::move(op));
    return ok();
  }

  Net& net_;
  Model& model_;
  Graph graph_;
  std::unordered_map<std::string, std::size_t> stated_;  // index into net_.tensors
  std::unordered_map<std::string, TensorId> current_;    // newest tensor of a name
  std::vector<bool> produced_, consumed_;                // by tensor
};

}  // namespace

Status build_graph(Net net, Model& model) { return Builder(net, model).build(); }

}  // namespace nngauge::dlc
