// SPDX-License-Identifier: Apache-2.0
#include "cost/constants.h"

#include <algorithm>

#include "graph/algorithms.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

// A constant that an operator merely combines with an activation is learned if it looks like a weight:
// several elements, floating point or quantised. Integer arguments of shape arithmetic and masks are not.
bool looks_learned(const Tensor& tensor) {
  const std::optional<Count> elements = tensor.shape.elements();
  if (!elements || elements->value() <= 1) return false;
  if (is_float(tensor.dtype)) return true;
  if (!is_integer(tensor.dtype)) return false;
  return tensor.quantization.scheme != QuantScheme::kNone || dtype_bits(tensor.dtype) <= 8;
}

}  // namespace

ConstantTracer::ConstantTracer(const Model& model) : model_(model) {
  for (const Graph& graph : model.graphs) {
    producer_.push_back(find_uses(graph).producer);
    std::vector<TensorId> captured(graph.tensors.size(), kNoTensor);
    for (const Capture& capture : graph.captures) captured[at(capture.inner)] = capture.outer;
    captured_.push_back(std::move(captured));
  }
}

const Tensor& ConstantTracer::tensor(TensorKey key) const {
  return model_.graphs[at(key.graph)].tensors[at(key.tensor)];
}

TensorKey ConstantTracer::origin(TensorKey key) const {
  constexpr int kMostHops = 64;
  for (int hop = 0; hop < kMostHops && key.tensor != kNoTensor; ++hop) {
    const Graph& graph = model_.graphs[at(key.graph)];
    if (graph.tensors[at(key.tensor)].is_constant) return key;
    if (const TensorId outer = captured_[at(key.graph)][at(key.tensor)]; outer != kNoTensor) {
      key = {graph.parent, outer};
      if (key.graph < 0) break;
      continue;
    }
    const OpId producer = producer_[at(key.graph)][at(key.tensor)];
    if (producer < 0) break;
    const Op& op = graph.ops[at(producer)];
    if (!op_info(op.kind).passes_weights || op.inputs.empty()) break;
    key.tensor = op.inputs[0].tensor;
  }
  return {key.graph, kNoTensor};
}

bool ConstantTracer::is_constant_op(GraphId graph, const Op& op) const {
  if (!op_info(op.kind).passes_weights || op.inputs.empty()) return false;
  return origin({graph, op.inputs[0].tensor}).tensor != kNoTensor;
}

std::vector<TensorKey> ConstantTracer::learned(GraphId graph, const Op& op) const {
  std::vector<TensorKey> out;
  if (is_constant_op(graph, op)) return out;
  for (const Operand& operand : op.inputs) {
    if (operand.tensor == kNoTensor) continue;
    const bool by_role = operand.role == OperandRole::kWeight || operand.role == OperandRole::kBias ||
                         operand.role == OperandRole::kNorm;
    if (!by_role && operand.role != OperandRole::kData) continue;
    const TensorKey key = origin({graph, operand.tensor});
    if (key.tensor == kNoTensor || (!by_role && !looks_learned(tensor(key)))) continue;
    if (std::find(out.begin(), out.end(), key) == out.end()) out.push_back(key);
  }
  return out;
}

Count stored_bytes(const Tensor& tensor) {
  if (tensor.data.file >= 0) return tensor.data.size_bytes;
  const std::optional<Count> elements = tensor.shape.elements();
  if (!elements) return Count::from_signed(-1);
  return packed_bytes(tensor.dtype, tensor.stored_elements > 0 ? Count(tensor.stored_elements) : *elements);
}

ConstantClaims::Claim ConstantClaims::claim(const ConstantTracer& tracer, TensorKey key,
                                            std::int64_t logical_elements) {
  Claim out;
  const Tensor& tensor = tracer.tensor(key);
  const Count bytes = stored_bytes(tensor);
  if (tensors_.insert(key).second) {
    const std::optional<Count> elements = tensor.shape.elements();
    out.known = elements.has_value();
    if (elements) out.params = logical_elements > 0 ? Count::from_signed(logical_elements) : *elements;
    if (tensor.data.file < 0) out.bytes = bytes;
  }
  if (tensor.data.file >= 0 && buffers_.insert({tensor.data.file, tensor.data.offset, tensor.data.size_bytes}).second) {
    out.bytes = bytes;
  }
  if (out.bytes.overflowed() && !out.known) out.bytes = 0;
  return out;
}

}  // namespace nngauge
