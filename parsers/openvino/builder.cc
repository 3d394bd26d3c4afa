// SPDX-License-Identifier: Apache-2.0
#include "parsers/openvino/builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "parsers/elements.h"
#include "parsers/openvino/layers.h"

namespace nngauge::openvino {

TensorId Builder::add(Tensor tensor) {
  graph().tensors.push_back(std::move(tensor));
  return static_cast<TensorId>(graph().tensors.size() - 1);
}

Status Builder::build() {
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

namespace {

// What makes a filter out of a stored one element by element.
bool keeps_filter(const std::string& type) {
  return type == "Const" || type == "Convert" || type == "Subtract" || type == "Multiply" || type == "FakeQuantize" ||
         type == "Reshape" || type == "Unsqueeze";
}

}  // namespace

// Filters with an axis of groups, stored directly or behind conversions: seen with that axis joined to the next.
void Builder::find_grouped() {
  std::map<std::string, const Layer*> by_id;
  for (const Layer& layer : net_.layers) by_id.emplace(layer.id, &layer);
  for (const Layer& layer : net_.layers) {
    if (!has_group_axis(layer.type) || layer.inputs.size() < 2) continue;
    PortKey port = {layer.id, layer.inputs[1].id};
    for (int hops = 0; hops < 8; ++hops) {
      const auto source = sources_.find(port);
      const auto maker = source == sources_.end() ? by_id.end() : by_id.find(source->second.first);
      if (maker == by_id.end() || !keeps_filter(maker->second->type)) break;
      joined_.insert(maker->second->id);
      // What is given the axis here lies without it.
      const bool given = maker->second->type == "Reshape" || maker->second->type == "Unsqueeze";
      if (maker->second->inputs.empty() || given) break;
      port = {maker->second->id, maker->second->inputs[0].id};
    }
  }
}

void Builder::add_results(const Layer& layer) {
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
    graph().tensors.push_back(std::move(out));
    made_[{layer.id, port.id}] = static_cast<TensorId>(graph().tensors.size() - 1);
  }
}

Result<TensorId> Builder::operand(const Layer& layer, const Port& port) {
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

Status Builder::add_layer(const Layer& layer, std::int32_t index) {
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
      results_[layer.id] = id;
      if (listed_.insert(id).second) graph().outputs.push_back(id);
    }
    return ok();
  }
  for (const Port& port : layer.outputs) op.outputs.push_back(made_[{layer.id, port.id}]);
  const bool one_by_one = std::all_of(layer.port_maps.begin(), layer.port_maps.end(),
                                      [](const PortMap& map) { return !map.axis || map.part_size == 1; });
  if (!layer.bodies.empty() && net_.version >= 10 && one_by_one) {
    if (layer.type == "If") return add_if(layer, std::move(op), operands);
    if (layer.type == "Loop" || layer.type == "TensorIterator") return add_loop(layer, std::move(op), operands);
  }
  Status stored = ok();
  LayerView view{layer,
                 std::move(operands),
                 graph(),
                 makers_,
                 op,
                 [&](const std::string& name, Shape shape) {
                   Result<TensorId> id = add_blob(layer, name, std::move(shape));
                   if (!id) stored = id.error();
                   return id ? *id : kNoTensor;
                 },
                 {}};
  read_layer(view);
  NNGAUGE_CHECK(stored);
  // Before version 10 results are marked by nothing but that nobody reads them.
  if (net_.version < 10) ends_.insert(ends_.end(), op.outputs.begin(), op.outputs.end());
  for (const Operand& operand : op.inputs) read_.insert(operand.tensor);
  std::vector<Op> views;
  for (auto& [k, target] : view.result_views) {
    if (k >= op.outputs.size()) continue;
    Tensor plain;
    plain.name = op.name;
    plain.dtype = tensor(op.outputs[k]).dtype;
    Op reshape = like(op, OpKind::kReshape, add(std::move(plain)));
    ReshapeAttrs attrs;
    attrs.shape = std::move(target);
    attrs.has_shape = attrs.zero_copies = true;
    reshape.attrs = std::move(attrs);
    reshape.outputs = {op.outputs[k]};
    op.outputs[k] = reshape.inputs[0].tensor;
    views.push_back(std::move(reshape));
  }
  push(std::move(op));
  for (Op& reshape : views) push(std::move(reshape));
  return ok();
}

void Builder::push(Op op) {
  for (const TensorId id : op.outputs) makers_[id] = graph().ops.size();
  graph().ops.push_back(std::move(op));
}

Op Builder::like(const Op& op, OpKind kind, TensorId x) {
  Op out;
  out.kind = kind;
  out.name = op.name;
  out.source_op = op.source_op;
  out.source = op.source;
  out.inputs.push_back({x, OperandRole::kData});
  return out;
}

Status Builder::add_input(const Layer& layer) {
  for (const Port& port : layer.outputs) {
    const TensorId id = made_[{layer.id, port.id}];
    const std::string shape = layer.text("shape");
    if (shape == "...") tensor(id).declared = tensor(id).shape = Shape::unknown_rank();
    else if (!shape.empty()) tensor(id).declared = tensor(id).shape = Shape(dims_of(shape));
    if (const DType dtype = dtype_of(layer.text("element_type")); dtype != DType::kUnknown) tensor(id).dtype = dtype;
    graph().inputs.push_back(id);
    parameters_[layer.id] = id;
  }
  return ok();
}

// A range of the .bin. Errors: kDamaged.
Status Builder::locate(Tensor& constant, std::uint64_t offset, std::uint64_t size) {
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
    return make_error(ErrorCode::kDamaged,
                      fmt::format("bytes {} to {} of the .bin, which has {}", offset, offset + size, weights_.size()));
  }
  constant.data = {kWeights, offset, size};
  if (has_weights_ && elements && !elements->overflowed() && has_plain_value(constant.dtype)) {
    // Of numbers that are no extents or indices only scales of a few axes are needed.
    constexpr std::size_t kMostReals = 16;
    if (elements->value() <= (is_float(constant.dtype) ? kMostReals : kMaxValueElements))
      constant.value =
          decode_raw(constant.dtype, static_cast<std::size_t>(elements->value()), weights_.subspan(offset, size));
  }
  return ok();
}

Status Builder::add_constant(const Layer& layer) {
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

Result<TensorId> Builder::add_blob(const Layer& layer, const std::string& name, Shape shape) {
  const auto found =
      std::find_if(layer.blobs.begin(), layer.blobs.end(), [&](const Blob& blob) { return blob.name == name; });
  if (found == layer.blobs.end()) return kNoTensor;
  Tensor out;
  out.name = layer.name + "/" + name;
  out.dtype = layer.precision;
  out.is_constant = true;
  out.declared = out.shape = std::move(shape);
  NNGAUGE_CHECK(locate(out, found->offset, found->size));
  graph().tensors.push_back(std::move(out));
  return static_cast<TensorId>(graph().tensors.size() - 1);
}

void Builder::finish() {
  for (const TensorId id : ends_) {
    if (!read_.contains(id)) graph().outputs.push_back(id);
  }
}

}  // namespace nngauge::openvino
