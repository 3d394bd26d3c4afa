// SPDX-License-Identifier: Apache-2.0
#include "cost/torch_kernels.h"

#include <utility>

#include "cost/layer_sizes.h"
#include "graph/algorithms.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

using F = Feature;
using K = OpKind;
using layer::of;

double out_elements(const Graph& graph, const Op& op) {
  if (op.outputs.empty() || op.outputs[0] < 0) return 0;
  const std::optional<Count> count = graph.tensors[at(op.outputs[0])].shape.elements();
  return count && !count->overflowed() ? static_cast<double>(count->value()) / layer::kMillion : 0;
}

bool is_clamp(K kind) { return kind == K::kRelu || kind == K::kRelu6 || kind == K::kClip; }

// A batch norm, or the product and the sum with constants that stand for it.
bool is_norm(const Graph& graph, const KernelGroup& group) {
  const K first = graph.ops[at(group.anchor)].kind;
  if (first == K::kBatchNorm) return true;
  return first == K::kMul && group.ops.size() > 1 && graph.ops[at(group.ops[1])].kind == K::kAdd;
}

// A scale and a shift that exporters write behind a norm of groups, maybe with a change of shape between.
bool belongs_to_norm(const Graph& graph, const Uses& uses, const Op& scale) {
  if (scale.kind != K::kMul) return false;
  for (const Operand& operand : scale.inputs) {
    OpId producer = operand.tensor >= 0 ? uses.producer[at(operand.tensor)] : -1;
    if (producer >= 0 && op_info(graph.ops[at(producer)].kind).is_view && !graph.ops[at(producer)].inputs.empty() &&
        graph.ops[at(producer)].inputs[0].tensor >= 0) {
      producer = uses.producer[at(graph.ops[at(producer)].inputs[0].tensor)];
    }
    if (producer < 0) continue;
    const K kind = graph.ops[at(producer)].kind;
    if (kind == K::kInstanceNorm || kind == K::kGroupNorm) return true;
  }
  return false;
}

// XNNPACK and QNNPACK have kernels for depthwise windows of 9 and of 25; others run as any grouped convolution.
bool has_depthwise_kernel(const RuleContext& c) {
  const Result<layer::Conv> conv = layer::measure_conv(c);
  return !conv || conv->taps <= 9 || conv->taps == 25;
}

// Operators that the quantised networks run in float, between conversions.
bool computes_in_float(const RuleContext& c) {
  switch (c.kind()) {
    case K::kGelu:
    case K::kErf:
    case K::kSoftmax:
    case K::kLayerNorm:
    case K::kInstanceNorm:
    case K::kGroupNorm:
      return true;
    case K::kMatMul:
      return c.has_input(1) && !c.input(1)->is_constant;
    default:
      return false;
  }
}

// Operators of a network of integers clamp as they round; what exporters write behind a norm is part of it.
bool is_part_of_another(const Graph& graph, const Uses& uses, const KernelGroup& group, bool integers) {
  const Op& anchor = graph.ops[at(group.anchor)];
  return (integers && is_clamp(anchor.kind)) || (is_norm(graph, group) && belongs_to_norm(graph, uses, anchor));
}

void add_conversions(Kernel& kernel, const RuleContext& c, double out) {
  of(kernel, F::kConvertedElements) = layer::read_elements(c) + out;
  of(kernel, F::kCalls) += 1 + static_cast<double>(c.input_count());
}

void make_torch_cpu_kernel(const Model& model, const KernelGroup& group, bool integers, Kernel& kernel) {
  const Graph& graph = model.main();
  const Op& anchor = graph.ops[at(group.anchor)];
  const Op& last = graph.ops[at(group.ops.back())];
  const RuleContext c(model, graph, anchor);
  const OpCategory category = op_info(anchor.kind).category;
  const bool product = category == OpCategory::kConvolution || category == OpCategory::kProduct;
  const double out = out_elements(graph, last);
  if (category == OpCategory::kConvolution && of(kernel, F::kPadOut) > 0) {
    of(kernel, F::kPadOut) = 0, of(kernel, F::kCalls) -= 1;
  }
  if (is_norm(graph, group)) {
    kernel.klass = "BatchNorm", kernel.features = {};
    of(kernel, F::kBatchNormOut) = out, of(kernel, F::kCalls) = 1;
  }
  if (kernel.klass == "dwconv" && !has_depthwise_kernel(c)) {
    of(kernel, F::kDepthwiseGeneralMacs) = std::exchange(of(kernel, F::kDepthwiseMacs), 0);
  }
  if (integers && computes_in_float(c)) add_conversions(kernel, c, out);
  if (!product && last.activation != FusedActivation::kNone && !integers) {
    of(kernel, F::kFlops) += out, of(kernel, F::kMoveOut) += out, of(kernel, F::kCalls) += 1;
  }
}

}  // namespace

void make_torch_cpu_kernels(const Model& model, KernelPrecision precision, ModelKernels& kernels) {
  const Graph& graph = model.main();
  const Uses uses = find_uses(graph);
  const bool integers = precision == KernelPrecision::kInt8;
  for (std::size_t g = 0; g < kernels.plan.groups.size(); ++g) {
    std::optional<Kernel>& kernel = kernels.kernels[g];
    if (!kernel) continue;
    const KernelGroup& group = kernels.plan.groups[g];
    if (is_part_of_another(graph, uses, group, integers)) kernel.reset();
    else make_torch_cpu_kernel(model, group, integers, *kernel);
  }
}

}  // namespace nngauge
