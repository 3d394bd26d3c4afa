// SPDX-License-Identifier: Apache-2.0
#include "cost/memory.h"

#include <algorithm>

#include "base/text.h"
#include "cost/constants.h"
#include "cost/memory_planner.h"
#include "graph/algorithms.h"

namespace nngauge {
namespace {

Result<std::uint64_t> activation_bytes(const Model& model, const Tensor& tensor) {
  const std::string place = "activation " + in_quotes(tensor.name) + " " + shape_text(tensor.shape, model.symbols);
  const std::optional<Count> elements = tensor.shape.elements();
  if (!elements) return unknown("the size of " + place + " is not known");
  if (dtype_bits(tensor.dtype) == 0 && elements->value() > 0) {
    return unknown("the size of " + place + " of type " + std::string(dtype_name(tensor.dtype)) + " is not known");
  }
  const Count bytes = packed_bytes(tensor.dtype, *elements);
  if (bytes.overflowed()) return make_error(ErrorCode::kOverflow, "the size of " + place + " does not fit 64 bits");
  return bytes.value();
}

// Live bytes at each op of the order.
std::vector<Count> live_bytes(const std::vector<Lifetime>& lifetimes, std::size_t op_count) {
  std::vector<Count> starts(op_count + 1), ends(op_count + 1), live(op_count);
  for (const Lifetime& life : lifetimes) {
    starts[at(life.first)] += life.bytes;
    ends[at(life.last) + 1 <= op_count ? at(life.last) + 1 : op_count] += life.bytes;
  }
  Count begun, ended;
  for (std::size_t i = 0; i < op_count; ++i) {
    begun += starts[i], ended += ends[i];
    live[i] = begun.overflowed() ? begun : Count(begun.value() - ended.value());
  }
  return live;
}

}  // namespace

Result<std::vector<Lifetime>> activation_lifetimes(const Model& model, const Graph& graph) {
  const ConstantTracer tracer(model);
  const auto graph_id = static_cast<GraphId>(&graph - model.graphs.data());
  const Uses uses = find_uses(graph);
  const auto last_op = static_cast<std::int64_t>(graph.ops.empty() ? 0 : graph.ops.size() - 1);
  std::vector<bool> is_input(graph.tensors.size(), false), is_output(graph.tensors.size(), false);
  for (const TensorId id : graph.inputs) is_input[at(id)] = true;
  for (const TensorId id : graph.outputs) is_output[at(id)] = true;
  std::vector<Lifetime> out;
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    const Tensor& tensor = graph.tensors[t];
    if (tensor.is_constant || tensor.is_variable || tensor.dtype == DType::kResource) continue;
    if (uses.producer[t] < 0 && !is_input[t]) continue;  // absent, or named by nothing
    if (tracer.origin({graph_id, static_cast<TensorId>(t)}).tensor != kNoTensor) continue;  // a dequantised constant
    NNGAUGE_TRY(const std::uint64_t bytes, activation_bytes(model, tensor));
    if (bytes == 0) continue;
    Lifetime life{static_cast<TensorId>(t), 0, 0, bytes};
    life.first = is_input[t] ? 0 : uses.producer[t];
    life.last = uses.consumers[t].empty() ? life.first : uses.consumers[t].back();
    if (is_output[t]) life.last = last_op;
    life.last = std::max(life.last, life.first);
    out.push_back(life);
  }
  return out;
}

Memory measure_memory(const Model& model) {
  const Graph& graph = model.main();
  Memory out;
  const Result<std::vector<Lifetime>> lifetimes = activation_lifetimes(model, graph);
  if (!lifetimes) {
    out.reason = lifetimes.error().message;
    return out;
  }
  const std::vector<Count> live = live_bytes(*lifetimes, std::max<std::size_t>(graph.ops.size(), 1));
  std::uint64_t peak = 0;
  for (std::size_t i = 0; i < live.size(); ++i) {
    if (live[i].overflowed()) {
      out.reason = "the sum of live activations does not fit 64 bits";
      return out;
    }
    if (live[i].value() > peak || i == 0) {
      peak = live[i].value();
      out.peak_op = graph.ops.empty() ? -1 : static_cast<OpId>(i);
    }
  }
  out.peak_activation_bytes = peak;
  const std::int64_t where = std::max(out.peak_op, 0);
  for (const Lifetime& life : *lifetimes) {
    if (life.first <= where && where <= life.last) out.peak_tensors.emplace_back(life.tensor, life.bytes);
  }
  std::stable_sort(out.peak_tensors.begin(), out.peak_tensors.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const std::string_view planner : memory_planners()) {
    const std::optional<MemoryPlan> plan = plan_memory(planner, *lifetimes);
    if (plan) out.arena_bytes.emplace_back(planner, plan->arena_bytes);
  }
  return out;
}

}  // namespace nngauge
