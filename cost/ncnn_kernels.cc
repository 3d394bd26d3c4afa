// SPDX-License-Identifier: Apache-2.0
#include "cost/ncnn_kernels.h"

#include <algorithm>
#include <cmath>

#include "cost/layer_sizes.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

using namespace nngauge::layer;
using F = Feature;
using K = OpKind;

constexpr double kLanes = 4;  // channels that lie packed together

// What a function fused into a kernel costs on top; clamps come free.
void add_activation(Kernel& k, FusedActivation activation, double out) {
  constexpr double kCheapShare = 0.25;  // of a layer of its own: nothing is loaded or stored for it
  if (activation == FusedActivation::kSigmoid || activation == FusedActivation::kTanh)
    of(k, F::kNcnnExponentialOut) += out;
  if (activation == FusedActivation::kOther) of(k, F::kNcnnReluOut) += kCheapShare * out;
}

void add_depthwise(Kernel& k, const Conv& m, bool int8) {
  const double out = m.positions * kLanes * std::ceil(m.out_channels / kLanes) / kMillion, macs = out * m.taps;
  k.klass = int8 ? "dwconv-int8" : "dwconv";
  if (m.square3) {
    if (m.stride > 1) of(k, int8 ? F::kNcnnInt8Depthwise3x3StridedMacs : F::kNcnnDepthwise3x3StridedMacs) += macs;
    else of(k, int8 ? F::kNcnnInt8Depthwise3x3Macs : F::kNcnnDepthwise3x3Macs) += macs;
  } else {
    of(k, int8 ? F::kNcnnInt8DepthwiseMoved : F::kNcnnDepthwiseMacs) += macs;
  }
  of(k, int8 ? F::kNcnnInt8DepthwiseMoved : F::kNcnnDepthwiseMoved) += m.in + out;
}

// Parts of a kernel that threads wait for one another behind: what packs or transforms, and the product.
constexpr double kPartsOfProduct = 2, kPartsOfWinograd = 3;

// 3x3 without stride and dilation, between enough channels: Winograd; 1x1: a plain product; else: gathered first.
void add_plain(Kernel& k, const Conv& m, bool int8) {
  const std::string suffix = int8 ? "-int8" : "";
  if (m.in_channels <= 4 && m.square3) {
    k.klass = "conv-first" + suffix;
    of(k, F::kNcnnConvCalls) += 1;
    of(k, int8 ? F::kNcnnInt8ConvFirstMacs : F::kNcnnConvFirstMacs) += m.macs();
    of(k, int8 ? F::kNcnnInt8ConvFirstOut : F::kNcnnConvFirstOut) += m.out;
    return;
  }
  of(k, int8 ? F::kNcnnInt8ConvWeights : F::kNcnnConvWeights) += m.weights();
  if (m.taps <= 1) {
    // With a stride the same kernel, on fewer positions: less of it waits for memory.
    constexpr double kStridedShare = 0.7;
    k.klass = "conv-1x1" + suffix;
    of(k, F::kNcnnConvCalls) += kPartsOfProduct;
    of(k, int8 ? F::kNcnnInt8Conv1x1Macs : F::kNcnnConv1x1Macs) += m.macs() * (m.stride > 1 ? kStridedShare : 1);
    of(k, int8 ? F::kNcnnInt8Conv1x1Moved : F::kNcnnConv1x1Moved) += m.in + m.out;
  } else if (m.takes_winograd()) {
    constexpr double kTransformedWeights = 1.2;
    const double points = int8 ? winograd_points(m, {4}) : winograd_points(m, {2, 4, 6});
    k.klass = "conv-winograd" + suffix;
    of(k, F::kNcnnConvCalls) += kPartsOfWinograd;
    of(k, int8 ? F::kNcnnInt8ConvWeights : F::kNcnnConvWeights) += (kTransformedWeights - 1) * m.weights();
    of(k, int8 ? F::kNcnnInt8WinogradMacs : F::kNcnnWinogradMacs) += points * m.in_channels * m.out_channels;
    of(k, int8 ? F::kNcnnInt8WinogradMoved : F::kNcnnWinogradMoved) += points * (m.in_channels + 1.2 * m.out_channels);
  } else {
    k.klass = "conv-kxk" + suffix;
    of(k, F::kNcnnConvCalls) += kPartsOfProduct;
    of(k, int8 ? F::kNcnnInt8ConvKxKMacs : F::kNcnnConvKxKMacs) += m.macs();
    of(k, int8 ? F::kNcnnInt8ConvKxKMoved : F::kNcnnConvKxKMoved) += 0.8 * m.gathered() + m.in + m.out;
  }
}

Status add_convolution(Kernel& k, const RuleContext& c, FusedActivation activation) {
  constexpr double kCached = 1;  // millions of elements that stay in a cache from layer to layer
  const bool int8 = c.in_dtype(1) == DType::kInt8;
  NNGAUGE_TRY(const Conv m, measure_conv(c));
  add_activation(k, activation, m.out);
  of(k, F::kNcnnSpilled) += std::max(m.in + m.out - kCached, 0.0);
  if (int8) of(k, F::kNcnnQuantized) += 1.3 * m.in + 1.1 * m.out;
  if (m.depthwise) {
    of(k, F::kNcnnConvCalls) += 1;
    add_depthwise(k, m, int8);
  } else if (m.transposed) {
    k.klass = "conv-transposed";
    of(k, F::kNcnnConvCalls) += kPartsOfProduct;
    of(k, F::kNcnnConvKxKMacs) += m.macs();
    of(k, F::kNcnnConvKxKMoved) += m.in + m.out;
  } else if (m.groups > 1) {
    // Group by group, each packed and multiplied, with all threads waiting for the last one every time.
    k.klass = "conv-grouped";
    of(k, F::kNcnnConvCalls) += kPartsOfProduct * m.groups;
    of(k, F::kNcnnGroupedMacs) += m.macs();
    of(k, F::kNcnnGroupedMoved) += 0.6 * m.gathered() + m.in + m.out;
  } else {
    add_plain(k, m, int8);
  }
  return ok();
}

Status add_product(Kernel& k, const RuleContext& c, FusedActivation activation) {
  NNGAUGE_TRY(const double macs, work_macs(c));
  NNGAUGE_TRY(const double out, count(c.out_elements(0)));
  add_activation(k, activation, out);
  const bool constant = c.input(1) != nullptr && c.input(1)->is_constant;
  of(k, F::kNcnnCalls) += 1;
  if (c.kind() == K::kAttention) {
    // Rows of scores; the exponentials are as many as multiplications of the second product over a head's width.
    k.klass = "attention";
    double weights = 0;
    for (std::size_t i = 1; i < c.input_count(); ++i) {
      if (!c.has_input(i) || !c.input(i)->is_constant || c.in(i).rank() < 2) continue;
      NNGAUGE_TRY(const double one, count(c.in_elements(i)));
      weights += one;
    }
    const double width = std::max(std::sqrt(std::max(weights * kMillion, 1.0) / 4), 1.0);
    const double rows = out * kMillion / width, projections = std::min(weights * rows, macs);
    of(k, F::kNcnnProductMacs) += projections;
    of(k, F::kNcnnAttentionMacs) += macs - projections;
    of(k, F::kNcnnExponentialOut) += (macs - projections) / 64;
    return ok();
  }
  if (c.kind() == K::kDense || (c.kind() == K::kMatMul && constant)) {
    NNGAUGE_TRY(const double weights, count(c.in_elements(1)));
    if (macs <= weights) {
      const bool int8 = c.in_dtype(1) == DType::kInt8;
      k.klass = int8 ? "dense-int8" : "dense";
      of(k, int8 ? F::kNcnnInt8DenseWeights : F::kNcnnDenseWeights) += weights;
      return ok();
    }
    k.klass = "product";
    of(k, F::kNcnnProductMacs) += macs;
    return ok();
  }
  k.klass = "attention";
  of(k, F::kNcnnAttentionMacs) += macs;
  return ok();
}

bool is_cheap_function(K kind) {
  switch (kind) {
    case K::kRelu:
    case K::kRelu6:
    case K::kReluN1To1:
    case K::kRelu0To1:
    case K::kLeakyRelu:
    case K::kPRelu:
    case K::kClip:
    case K::kAbs:
    case K::kNeg:
    case K::kHardSigmoid:
    case K::kHardSwish:
      return true;
    default:
      return false;
  }
}

// Everything else, by category and by what the op table says of its arithmetic.
Status add_other(Kernel& k, const RuleContext& c) {
  const OpInfo& info = op_info(c.kind());
  of(k, F::kNcnnCalls) += 1;
  if (info.category == OpCategory::kDetection) {  // how many boxes come out, the data say
    k.klass = "detection";
    if (c.kind() == K::kPriorBox) return ok();
    const double in = read_elements(c);
    // Straight from feature maps, or from boxes, scores and priors that were brought together before.
    const bool from_maps = c.kind() == K::kDetectionOutput && c.has_input(0) && c.in(0).rank() >= 4;
    of(k, from_maps ? F::kNcnnBoxesIn : F::kNcnnDetectIn) += in;
    if (from_maps) of(k, F::kNcnnBoxPairs) += in * in;  // those that are kept are compared with one another
    return ok();
  }
  NNGAUGE_TRY(const double out, written_elements(c));
  const auto is = [&](std::string_view klass, F feature, double amount) {
    k.klass = std::string(klass);
    of(k, feature) += amount;
    return ok();
  };
  if (is_cheap_function(c.kind())) {
    const bool hard = c.kind() == K::kHardSigmoid || c.kind() == K::kHardSwish;
    return is("activation", F::kNcnnReluOut, hard ? 2 * out : out);
  }
  if (c.kind() == K::kSoftmax || c.kind() == K::kLogSoftmax) return is("exponential", F::kNcnnExponentialOut, out);
  switch (info.category) {
    case OpCategory::kMovement:
    case OpCategory::kResampling:
      return is("move", F::kNcnnMovedOut, c.kind() == K::kTranspose ? 1.5 * out : out);
    default:
      break;
  }
  if (c.kind() == K::kGlobalAveragePool || c.kind() == K::kGlobalMaxPool) {
    return is("mean", F::kNcnnMeanIn, read_elements(c));
  }
  if (info.category == OpCategory::kReduction) return is("reduction", F::kNcnnReducedIn, read_elements(c));
  if (c.kind() == K::kLocalResponseNorm) return is("lrn", F::kNcnnLrnOut, out);
  if (c.kind() == K::kLayerNorm) return is("elementwise", F::kNcnnElementwiseOut, 2 * out);
  if (info.category == OpCategory::kNormalisation) return is("elementwise", F::kNcnnElementwiseOut, out);
  NNGAUGE_TRY(const Work work, info.work(c));
  NNGAUGE_TRY(const double flops, count(work.flops));
  NNGAUGE_TRY(const double special, count(work.special));
  NNGAUGE_TRY(const double macs, count(work.macs));
  if (info.category == OpCategory::kPooling) return is("pool", F::kNcnnPoolTaps, flops);
  if (macs > 0) return is("recurrent", F::kNcnnProductMacs, macs);
  if (special > 0) return is("exponential", F::kNcnnExponentialOut, out);
  return is("elementwise", F::kNcnnElementwiseOut, out);
}

}  // namespace

Result<Kernel> ncnn_kernel_features(const Model& model, const Graph& graph, const KernelGroup& group) {
  const Op& op = graph.ops[static_cast<std::size_t>(group.anchor)];
  const RuleContext c(model, graph, op);
  const OpInfo& info = op_info(op.kind);
  NNGAUGE_CHECK(check_has_kernel(info));
  Kernel kernel;
  if (is_convolution(info)) {
    NNGAUGE_CHECK(add_convolution(kernel, c, group.activation));
  } else if (info.category == OpCategory::kProduct) {
    NNGAUGE_CHECK(add_product(kernel, c, group.activation));
  } else {
    NNGAUGE_CHECK(add_other(kernel, c));
  }
  return kernel;
}

}  // namespace nngauge
