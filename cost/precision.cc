// SPDX-License-Identifier: Apache-2.0
#include "cost/precision.h"

#include <algorithm>
#include <map>
#include <set>

#include "graph/algorithms.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

bool multiplies(OpKind kind) {
  const OpCategory category = op_info(kind).category;
  return category == OpCategory::kConvolution || category == OpCategory::kProduct || category == OpCategory::kRecurrent;
}

// What an activation is kept as: behind a Dequantize it is the quantised type.
struct ActivationType {
  DType dtype = DType::kUnknown;
  bool dynamic = false;  // quantised at run time, just for this operator
};

ActivationType activation_type(const Graph& graph, const Uses& uses, TensorId id) {
  if (id == kNoTensor) return {};
  OpId producer = uses.producer[at(id)];
  // What only moves elements keeps what they hold.
  constexpr int kMostHops = 8;
  for (int hop = 0; hop < kMostHops && producer >= 0; ++hop) {
    const Op& op = graph.ops[at(producer)];
    if (op.kind == OpKind::kFakeQuant) return {DType::kInt8, false};
    const bool moves = op_info(op.kind).category == OpCategory::kMovement && !op.inputs.empty();
    if (!moves || op.inputs[0].tensor == kNoTensor) break;
    producer = uses.producer[at(op.inputs[0].tensor)];
  }
  producer = uses.producer[at(id)];
  if (producer >= 0) {
    const Op& op = graph.ops[at(producer)];
    if (op.kind == OpKind::kDynamicQuantize) return {graph.tensors[at(id)].dtype, true};
    if (op.kind == OpKind::kDequantize && !op.inputs.empty() && op.inputs[0].tensor != kNoTensor) {
      return {graph.tensors[at(op.inputs[0].tensor)].dtype, false};
    }
  }
  return {graph.tensors[at(id)].dtype, false};
}

// Scales of weights and of the activation stand in the file: activations are quantised by them, not by what they hold.
bool has_stored_scales(const Op& op) {
  return std::count_if(op.inputs.begin(), op.inputs.end(), [](const Operand& operand) {
           return operand.role == OperandRole::kQuant && operand.tensor != kNoTensor;
         }) >= 2;
}

std::string class_of(DType weight, ActivationType activation, bool stored_scales) {
  const int bits = dtype_bits(weight);
  if (is_float(weight)) {
    if (weight == DType::kFloat32) return activation.dtype == DType::kFloat16 ? "fp16" : "fp32";
    if (weight == DType::kFloat16) return "fp16";
    if (weight == DType::kBFloat16) return "bf16";
    if (weight == DType::kFloat64) return "fp64";
    return std::string(dtype_name(weight));
  }
  if (!is_integer(weight) || bits > 16) return "other";
  const std::string name = "int" + std::to_string(bits);
  if (activation.dynamic || (is_float(activation.dtype) && !stored_scales)) return "dynamic-" + name;
  if (bits <= 8 && dtype_bits(activation.dtype) == 16) return "int16x" + std::to_string(bits);
  return name;
}

// The class that holds nearly all weight bytes, else "mixed".
std::string dominant(const std::map<std::string, double>& bytes_by_class) {
  constexpr double kNearlyAll = 0.99;
  double total = 0;
  for (const auto& [name, bytes] : bytes_by_class) total += bytes;
  for (const auto& [name, bytes] : bytes_by_class) {
    if (bytes >= kNearlyAll * total) return name;
  }
  return "mixed";
}

// Without weights that multiply: what the activations are.
std::string class_of_activations(const Graph& graph) {
  std::set<std::string> found;
  for (const Op& op : graph.ops) {
    for (const TensorId id : op.outputs) {
      if (id == kNoTensor) continue;
      const DType dtype = graph.tensors[at(id)].dtype;
      if (dtype == DType::kFloat32) found.insert("fp32");
      else if (dtype == DType::kFloat16) found.insert("fp16");
      else if (is_integer(dtype) && dtype_bits(dtype) <= 16) found.insert("int" + std::to_string(dtype_bits(dtype)));
    }
  }
  if (found.empty()) return "none";
  return found.size() == 1 ? *found.begin() : "mixed";
}

}  // namespace

Precision find_precision(const Model& model, const ConstantTracer& tracer) {
  Precision out;
  std::map<DType, std::uint64_t> weights, activations;
  std::map<std::string, double> classes;
  std::set<TensorKey> seen;
  std::set<std::pair<std::int32_t, std::uint64_t>> buffers;
  for (std::size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    const auto graph_id = static_cast<GraphId>(g);
    const Uses uses = find_uses(graph);
    for (const Op& op : graph.ops) {
      for (const TensorKey& key : tracer.learned(graph_id, op)) {
        const Tensor& tensor = tracer.tensor(key);
        const Count bytes = stored_bytes(tensor);
        if (bytes.overflowed() || !seen.insert(key).second) continue;
        if (tensor.data.file < 0 || buffers.insert({tensor.data.file, tensor.data.offset}).second) {
          weights[tensor.dtype] += bytes.value();
        }
        // Biases are kept wider than weights; they do not make a model mixed.
        const bool is_weight = std::any_of(op.inputs.begin(), op.inputs.end(), [&](const Operand& operand) {
          return operand.role != OperandRole::kBias && tracer.origin({graph_id, operand.tensor}) == key;
        });
        if (multiplies(op.kind) && is_weight) {
          classes[class_of(tensor.dtype, activation_type(graph, uses, op.inputs[0].tensor), has_stored_scales(op))] +=
              static_cast<double>(bytes.value()) + 1;
        }
      }
    }
    if (g != 0) continue;
    for (const Tensor& tensor : graph.tensors) {
      const std::optional<Count> elements = tensor.shape.elements();
      if (tensor.is_constant || tensor.is_variable || !elements) continue;
      const Count bytes = packed_bytes(tensor.dtype, *elements);
      if (!bytes.overflowed() && bytes.value() > 0) activations[tensor.dtype] += bytes.value();
    }
  }
  out.weight_bytes.assign(weights.begin(), weights.end());
  out.activation_bytes.assign(activations.begin(), activations.end());
  out.klass = classes.empty() ? class_of_activations(model.main()) : dominant(classes);
  return out;
}

}  // namespace nngauge
