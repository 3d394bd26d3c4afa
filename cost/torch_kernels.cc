// SPDX-License-Identifier: Apache-2.0
#include "cost/torch_kernels.h"

#include "graph/op_table.h"

namespace nngauge {
namespace {

using F = Feature;
using K = OpKind;

double& of(Kernel& kernel, F feature) { return kernel.features[static_cast<std::size_t>(feature)]; }

double out_elements(const Graph& graph, const Op& op) {
  if (op.outputs.empty() || op.outputs[0] < 0) return 0;
  const std::optional<Count> count = graph.tensors[at(op.outputs[0])].shape.elements();
  return count && !count->overflowed() ? static_cast<double>(count->value()) / 1e6 : 0;
}

bool is_clamp(K kind) { return kind == K::kRelu || kind == K::kRelu6 || kind == K::kClip; }

// A batch norm, or the product and the sum with constants that stand for it.
bool is_norm(const Graph& graph, const KernelGroup& group) {
  const K first = graph.ops[at(group.anchor)].kind;
  if (first == K::kBatchNorm) return true;
  return first == K::kMul && group.ops.size() > 1 && graph.ops[at(group.ops[1])].kind == K::kAdd;
}

}  // namespace

void make_torch_cpu_kernels(const Model& model, KernelPrecision precision, ModelKernels& kernels) {
  const Graph& graph = model.main();
  const bool integers = precision == KernelPrecision::kInt8;
  for (std::size_t g = 0; g < kernels.plan.groups.size(); ++g) {
    if (!kernels.kernels[g]) continue;
    Kernel& kernel = *kernels.kernels[g];
    const KernelGroup& group = kernels.plan.groups[g];
    const Op& anchor = graph.ops[at(group.anchor)];
    const Op& last = graph.ops[at(group.ops.back())];
    if (integers && is_clamp(anchor.kind)) {
      kernels.kernels[g].reset();
      continue;
    }
    const OpCategory category = op_info(anchor.kind).category;
    const bool product = category == OpCategory::kConvolution || category == OpCategory::kProduct;
    const double out = out_elements(graph, last);
    if (category == OpCategory::kConvolution && of(kernel, F::kPadOut) > 0) {
      of(kernel, F::kPadOut) = 0, of(kernel, F::kCalls) -= 1;
    }
    if (is_norm(graph, group)) {
      kernel.klass = "BatchNorm", kernel.features = {};
      of(kernel, F::kMulConstantOut) = out, of(kernel, F::kCalls) = 1;
    }
    if (!product && last.activation != FusedActivation::kNone && !integers) {
      of(kernel, F::kFlops) += out, of(kernel, F::kMoveOut) += out, of(kernel, F::kCalls) += 1;
    }
  }
}

}  // namespace nngauge
