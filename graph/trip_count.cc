// SPDX-License-Identifier: Apache-2.0
#include "graph/trip_count.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nngauge {
namespace {

std::optional<std::int64_t> scalar(const Graph& graph, TensorId id) {
  if (id == kNoTensor) return std::nullopt;
  const Tensor& tensor = graph.tensors[at(id)];
  if (!tensor.value || tensor.value->size() != 1) return std::nullopt;
  if (tensor.value->real) {  // counters may be kept as whole floating-point numbers
    const double number = tensor.value->reals[0];
    constexpr double kMostExact = 16'777'216;
    if (!(std::abs(number) <= kMostExact) || std::floor(number) != number) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (!tensor.value->ints[0].known()) return std::nullopt;
  return tensor.value->ints[0].value();
}

const Op* producer_of(const Graph& graph, TensorId id) {
  for (const Op& op : graph.ops) {
    if (std::find(op.outputs.begin(), op.outputs.end(), id) != op.outputs.end()) return &op;
  }
  return nullptr;
}

// Follows Identity and Cast to where a tensor comes from.
TensorId origin(const Graph& graph, TensorId id) {
  for (int hops = 0; hops < 16; ++hops) {
    const Op* op = producer_of(graph, id);
    if (!op || (op->kind != OpKind::kIdentity && op->kind != OpKind::kCast) || op->inputs.empty()) break;
    id = op->inputs[0].tensor;
  }
  return id;
}

std::optional<std::size_t> input_index(const Graph& graph, TensorId id) {
  const auto found = std::find(graph.inputs.begin(), graph.inputs.end(), origin(graph, id));
  if (found == graph.inputs.end()) return std::nullopt;
  return static_cast<std::size_t>(found - graph.inputs.begin());
}

// By how much the body moves the loop variable `index` per trip.
// `result`: where the body's result stands that is the variable's new value.
std::optional<std::int64_t> step_of(const Graph& body, std::size_t index, std::size_t result) {
  if (result >= body.outputs.size()) return std::nullopt;
  const Op* op = producer_of(body, origin(body, body.outputs[result]));
  if (!op || op->inputs.size() < 2) return std::nullopt;
  if (op->kind != OpKind::kAdd && op->kind != OpKind::kSub) return std::nullopt;
  for (std::size_t k = 0; k < 2; ++k) {
    if (input_index(body, op->inputs[k].tensor) != index) continue;
    const auto amount = scalar(body, op->inputs[1 - k].tensor);
    if (!amount || (op->kind == OpKind::kSub && k == 1)) return std::nullopt;
    return op->kind == OpKind::kAdd ? *amount : -*amount;
  }
  return std::nullopt;
}

// Trips until `start + n * step` no longer compares true with `limit`.
std::optional<std::int64_t> trips_until(OpKind comparison, std::int64_t start, std::int64_t limit, std::int64_t step) {
  std::int64_t distance = 0;
  constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
  if (__builtin_sub_overflow(limit, start, &distance) || distance == kLowest || step == kLowest) return std::nullopt;
  switch (comparison) {
    case OpKind::kLess:
      if (distance <= 0) return 0;
      return step > 0 ? std::optional((distance - 1) / step + 1) : std::nullopt;
    case OpKind::kLessEqual:
      if (distance < 0) return 0;
      return step > 0 ? std::optional(distance / step + 1) : std::nullopt;
    case OpKind::kGreater:
      if (distance >= 0) return 0;
      return step < 0 ? std::optional((-distance - 1) / -step + 1) : std::nullopt;
    case OpKind::kGreaterEqual:
      if (distance > 0) return 0;
      return step < 0 ? std::optional(-distance / -step + 1) : std::nullopt;
    default:
      return std::nullopt;
  }
}

// The comparison that a condition graph makes, seen with the loop variable on its left.
OpKind swapped(OpKind comparison) {
  switch (comparison) {
    case OpKind::kLess:
      return OpKind::kGreater;
    case OpKind::kLessEqual:
      return OpKind::kGreaterEqual;
    case OpKind::kGreater:
      return OpKind::kLess;
    case OpKind::kGreaterEqual:
      return OpKind::kLessEqual;
    default:
      return comparison;
  }
}

constexpr int kMostConditions = 8;

// Trips until what the condition graph computes as `condition` is no longer true.
std::optional<std::int64_t> trips_while(const Model& model, const Graph& graph, const Op& op,
                                        const ControlAttrs& control, TensorId condition, int depth) {
  const Graph& cond = model.graphs[at(control.cond_graph)];
  const Graph& body = model.graphs[at(control.body_graph)];
  const Op* comparison = producer_of(cond, origin(cond, condition));
  if (!comparison || comparison->inputs.size() < 2) return std::nullopt;
  if (comparison->kind == OpKind::kLogicalAnd && depth < kMostConditions) {  // the one that ends first
    const auto first = trips_while(model, graph, op, control, comparison->inputs[0].tensor, depth + 1);
    const auto second = trips_while(model, graph, op, control, comparison->inputs[1].tensor, depth + 1);
    return first && second ? std::optional(std::min(*first, *second)) : std::nullopt;
  }
  for (std::size_t k = 0; k < 2; ++k) {
    const auto index = input_index(cond, comparison->inputs[k].tensor);
    if (!index || *index >= op.inputs.size()) continue;
    // The limit is a constant of the condition, or a loop variable that the body hands on unchanged.
    const TensorId limit_tensor = comparison->inputs[1 - k].tensor;
    std::optional<std::int64_t> limit = scalar(cond, limit_tensor);
    if (!limit) {
      const auto limit_index = input_index(cond, limit_tensor);
      if (!limit_index || *limit_index >= op.inputs.size() || *limit_index >= body.outputs.size()) continue;
      if (input_index(body, body.outputs[*limit_index]) != limit_index) continue;
      limit = scalar(graph, op.inputs[*limit_index].tensor);
    }
    const auto start = scalar(graph, op.inputs[*index].tensor);
    const auto step = step_of(body, *index, *index);
    if (!start || !limit || !step) continue;
    return trips_until(k == 0 ? comparison->kind : swapped(comparison->kind), *start, *limit, *step);
  }
  return std::nullopt;
}

std::optional<std::int64_t> while_trips(const Model& model, const Graph& graph, const Op& op,
                                        const ControlAttrs& control) {
  const Graph& cond = model.graphs[at(control.cond_graph)];
  if (cond.outputs.size() != 1) return std::nullopt;
  return trips_while(model, graph, op, control, cond.outputs[0], 0);
}

// ONNX Loop: operands M, cond, carried…; body results cond, carried…, scanned….
// Trips of a Loop without a limit, whose body ends with a comparison of a carried variable: of its new value (one trip
// is over), or of the old one.
std::optional<std::int64_t> trips_by_condition(const Graph& graph, const Op& op, const Graph& body) {
  if (body.outputs.empty() || scalar(graph, op.inputs[1].tensor).value_or(0) == 0) return std::nullopt;
  const Op* comparison = producer_of(body, origin(body, body.outputs[0]));
  if (!comparison || comparison->inputs.size() < 2) return std::nullopt;
  for (std::size_t k = 0; k < 2; ++k) {
    const TensorId compared = origin(body, comparison->inputs[k].tensor);
    for (std::size_t carried = 2; carried < op.inputs.size() && carried - 1 < body.outputs.size(); ++carried) {
      const bool updated = origin(body, body.outputs[carried - 1]) == compared;
      if (!updated && input_index(body, compared) != carried) continue;
      // Body results are the condition and the carried variables, its arguments also the trip.
      const auto step = step_of(body, carried, carried - 1);
      const auto start = scalar(graph, op.inputs[carried].tensor);
      const auto limit = scalar(body, comparison->inputs[1 - k].tensor);
      if (!step || !start || !limit) continue;
      const OpKind kind = k == 0 ? comparison->kind : swapped(comparison->kind);
      const auto trips = trips_until(kind, *start, *limit, *step);
      if (!trips || *trips > (std::int64_t{1} << 40)) return std::nullopt;
      return updated ? std::max<std::int64_t>(*trips, 1) : *trips + 1;
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> loop_trips(const Model& model, const Graph& graph, const Op& op,
                                       const ControlAttrs& control) {
  if (op.inputs.size() < 2) return std::nullopt;
  const Graph& body = model.graphs[at(control.body_graph)];
  const auto starts_false = op.inputs[1].tensor != kNoTensor && scalar(graph, op.inputs[1].tensor) == 0;
  if (starts_false) return 0;
  if (op.inputs[0].tensor == kNoTensor) return trips_by_condition(graph, op, body);
  const auto limit = scalar(graph, op.inputs[0].tensor);
  if (!limit || body.outputs.empty()) return std::nullopt;
  const bool stays_true = scalar(body, origin(body, body.outputs[0])).value_or(0) != 0 ||
                          input_index(body, body.outputs[0]) == std::optional<std::size_t>(1);
  if (!stays_true) return std::nullopt;
  return std::max<std::int64_t>(*limit, 0);
}

std::optional<std::int64_t> scan_trips(const Graph& graph, const Op& op, const ControlAttrs& control) {
  std::vector<TensorId> operands;
  for (const Operand& operand : op.inputs) {
    if (operand.role != OperandRole::kCapture) operands.push_back(operand.tensor);
  }
  if (control.scan_inputs <= 0 || at(control.scan_inputs) > operands.size()) return std::nullopt;
  const std::size_t first = operands.size() - at(control.scan_inputs);
  const std::int64_t axis = control.scan_input_axes.empty() ? 0 : control.scan_input_axes[0];
  if (operands[first] == kNoTensor) return std::nullopt;
  const Dim extent = graph.tensors[at(operands[first])].shape.at(axis);
  return extent.known() ? std::optional(extent.value()) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> find_trip_count(const Model& model, const Graph& graph, const Op& op) {
  const auto* control = std::get_if<ControlAttrs>(&op.attrs);
  if (!control || control->body_graph < 0) return std::nullopt;
  if (control->trip_count >= 0) return control->trip_count;
  if (op.kind == OpKind::kScan) return scan_trips(graph, op, *control);
  if (op.kind == OpKind::kLoop) return loop_trips(model, graph, op, *control);
  if (op.kind == OpKind::kWhile && control->cond_graph >= 0) return while_trips(model, graph, op, *control);
  return std::nullopt;
}

}  // namespace nngauge
