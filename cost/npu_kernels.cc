// SPDX-License-Identifier: Apache-2.0
#include "cost/npu_kernels.h"

#include <cmath>

#include "cost/layer_sizes.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

using namespace nngauge::layer;
using F = Feature;
using K = OpKind;

// Channels that a matrix unit works on at once; fewer leave the rest of it idle.
constexpr double kLanes = 32, kFirstLanes = 4;

double filled(double channels, double lanes) { return std::ceil(channels / lanes) * lanes; }

Status add_convolution(Kernel& k, const RuleContext& c) {
  NNGAUGE_TRY(const Conv m, measure_conv(c));
  of(k, F::kNpuMoved) += m.in + m.out;
  of(k, F::kNpuWeights) += m.weights();
  if (m.depthwise) {
    k.klass = "dwconv";
    of(k, F::kNpuDepthwiseMacs) += m.macs();
    return ok();
  }
  const bool grouped = m.groups > 1;
  const double lanes = m.in_channels <= kFirstLanes ? kFirstLanes : kLanes;
  const double in = filled(m.in_channels / m.groups, lanes), out = filled(m.out_channels / m.groups, kLanes);
  k.klass = grouped ? "conv-grouped" : m.taps <= 1 ? "conv-1x1" : "conv-kxk";
  of(k, grouped       ? F::kNpuGroupedMacs
        : m.taps <= 1 ? F::kNpuMacs
                      : F::kNpuWindowMacs) += m.positions * m.taps * in * out * m.groups / kMillion;
  return ok();
}

Status add_product(Kernel& k, const RuleContext& c) {
  NNGAUGE_TRY(const double macs, work_macs(c));
  NNGAUGE_TRY(const double out, written_elements(c));
  of(k, F::kNpuMoved) += read_elements(c) + out;
  double weights = 0;
  for (std::size_t i = 1; i < c.input_count(); ++i) {
    if (!c.has_input(i) || c.input(i) == nullptr || !c.input(i)->is_constant) continue;
    NNGAUGE_TRY(const double one, count(c.in_elements(i)));
    weights += one;
  }
  of(k, F::kNpuWeights) += weights;
  k.klass = weights > 0 ? "dense" : "attention";
  of(k, weights > 0 ? F::kNpuMacs : F::kNpuAttentionMacs) += macs;
  return ok();
}

// What a compiler places rather than computes.
bool joins(K kind) {
  return kind == K::kConcat || kind == K::kSplit || kind == K::kSlice || kind == K::kStridedSlice || kind == K::kPad;
}

// Everything else by how often each element is touched.
Status add_other(Kernel& k, const RuleContext& c) {
  const OpInfo& info = op_info(c.kind());
  NNGAUGE_TRY(const double out, written_elements(c));
  const double moved = read_elements(c) + out;
  const bool exponential = c.kind() == K::kSoftmax || c.kind() == K::kLogSoftmax || c.kind() == K::kGelu ||
                           c.kind() == K::kFastGelu || info.category == OpCategory::kNormalisation;
  if (exponential) {
    k.klass = "function";
    of(k, F::kNpuFunctionOut) += out;
  } else if (info.category == OpCategory::kMovement || info.category == OpCategory::kResampling) {
    k.klass = joins(c.kind()) ? "join" : "move";
    of(k, joins(c.kind()) ? F::kNpuJoined : F::kNpuRearranged) += moved;
  } else {
    k.klass = info.category == OpCategory::kPooling     ? "pool"
              : info.category == OpCategory::kReduction ? "reduction"
                                                        : "elementwise";
    of(k, F::kNpuElementwise) += moved;
  }
  return ok();
}

}  // namespace

Result<Kernel> npu_kernel_features(const Model& model, const Graph& graph, const KernelGroup& group) {
  const Op& op = graph.ops[at(group.anchor)];
  const RuleContext c(model, graph, op);
  const OpInfo& info = op_info(op.kind);
  NNGAUGE_CHECK(check_has_kernel(info));
  Kernel kernel;
  const bool window = info.category == OpCategory::kConvolution || info.category == OpCategory::kProduct ||
                      info.category == OpCategory::kPooling;
  of(kernel, window ? F::kNpuConvCalls : F::kNpuCalls) += 1;
  if (is_convolution(info)) {
    NNGAUGE_CHECK(add_convolution(kernel, c));
  } else if (info.category == OpCategory::kProduct) {
    NNGAUGE_CHECK(add_product(kernel, c));
  } else {
    NNGAUGE_CHECK(add_other(kernel, c));
  }
  return kernel;
}

void add_npu_call(ModelKernels& kernels) {
  ClassFeatures& sums = kernels.classes["inference"];
  sums.kernels += 1;
  sums.features[static_cast<std::size_t>(F::kNpuInference)] += 1;
}

}  // namespace nngauge
