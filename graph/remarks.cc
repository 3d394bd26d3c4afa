// SPDX-License-Identifier: Apache-2.0
#include "graph/remarks.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "graph/algorithms.h"
#include "graph/bindings.h"

namespace nngauge {
namespace {

constexpr int kMostOpenResults = 4;

bool is_settled(const Tensor& tensor) {
  return tensor.shape.is_static() || tensor.dtype == DType::kResource || tensor.dtype == DType::kVariant;
}

// All operands are settled, so that nothing but data can leave a result open.
bool operands_are_settled(const Graph& graph, const Op& op) {
  return std::all_of(op.inputs.begin(), op.inputs.end(), [&](const Operand& operand) {
    return operand.tensor == kNoTensor || is_settled(graph.tensors[at(operand.tensor)]);
  });
}

// Some tools that cut graphs into pieces take the one order for the other.
bool outputs_follow_ops(const Graph& graph) {
  std::vector<OpId> producer(graph.tensors.size(), -1);
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    for (const TensorId id : graph.ops[i].outputs) {
      if (id != kNoTensor) producer[at(id)] = static_cast<OpId>(i);
    }
  }
  return std::is_sorted(graph.outputs.begin(), graph.outputs.end(),
                        [&](TensorId a, TensorId b) { return producer[at(a)] < producer[at(b)]; });
}

}  // namespace

void remark_on_shapes(Model& model) {
  const Graph& graph = model.main();
  if (model.order_is_binding && !outputs_follow_ops(graph)) {
    model.diagnostics.note("output-order", "", "lists its outputs in another order than its operators make them");
  }
  std::optional<Uses> uses;  // found when something is open
  int told = 0;
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    const auto place = [&] { return op_place(op, static_cast<OpId>(i)); };
    if (op.kind == OpKind::kBatchNorm && !op.inputs.empty() && op.inputs[0].tensor != kNoTensor) {
      const Shape& shape = graph.tensors[at(op.inputs[0].tensor)].shape;
      if (shape.ranked() && shape.rank() == 2) {
        model.diagnostics.note("unusual-rank", place(),
                               "normalises " + shape_text(shape, model.symbols) +
                                   ", which has no spatial axes; some runtimes refuse that");
      }
    }
    // What a list will hold shows where it is filled.
    if (op.kind == OpKind::kSequenceEmpty) continue;
    if (told >= kMostOpenResults || !operands_are_settled(graph, op)) continue;
    for (const TensorId id : op.outputs) {
      if (id == kNoTensor || is_settled(graph.tensors[at(id)])) continue;
      if (!uses) uses = find_uses(graph);
      if (uses->consumers[at(id)].empty()) continue;
      const Tensor& tensor = graph.tensors[at(id)];
      model.diagnostics.note("needs-dim", place(),
                             "the extents of its result " + shape_text(tensor.shape, model.symbols) +
                                 " follow from data; pass --input " + input_option(tensor.name, tensor.shape));
      if (++told >= kMostOpenResults) break;
    }
  }
}

}  // namespace nngauge
