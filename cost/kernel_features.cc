// SPDX-License-Identifier: Apache-2.0
#include "cost/kernel_features.h"

#include <algorithm>

#include "cost/layer_sizes.h"
#include "graph/op_table.h"
#include "graph/ops/conv_geometry.h"

namespace nngauge {
namespace {

using F = Feature;
using K = OpKind;
using layer::kMillion;
using layer::of;

double rounded_up(double x, double tile) {
  return tile * static_cast<double>(static_cast<std::int64_t>((x + tile - 1) / tile));
}

// Tiles of a matrix product: rows and columns of the register block, and depth steps. XNNPACK and ruy on AArch64 have
// 6x8 or 8x8 in float and 8x16 with dot products of four in int8.
struct Tiles {
  double rows, columns, depth;
};
Tiles tiles_of(KernelPrecision precision) {
  return precision == KernelPrecision::kInt8 ? Tiles{8, 16, 4} : Tiles{6, 8, 1};
}

Result<double> elements(const RuleContext& c, std::size_t i) {
  NNGAUGE_TRY(const Count count, c.out_elements(i));
  if (count.overflowed()) return unknown("a count does not fit 64 bits");
  return static_cast<double>(count.value());
}

Result<double> in_elements(const RuleContext& c, std::size_t i) {
  NNGAUGE_TRY(const Count count, c.in_elements(i));
  if (count.overflowed()) return unknown("a count does not fit 64 bits");
  return static_cast<double>(count.value());
}

Result<double> known(Dim dim, std::string_view what) {
  if (!dim.known()) return unknown(std::string(what) + " is not known");
  return static_cast<double>(dim.value());
}

// Explicit padding that is neither none nor SAME: the converter puts a Pad before the convolution.
bool needs_pad(const RuleContext& c, const ConvGeometry& g) {
  if (c.attrs<ConvAttrs>().padding != PaddingMode::kExplicit) return false;
  bool any = false, same = true;
  for (const WindowAxis& axis : g.spatial) {
    any = any || axis.pad_begin != 0 || axis.pad_end != 0;
    WindowAxis other = axis;
    if (!place_window(other, PaddingMode::kSameUpper, WindowEnd::kFloor)) return any;
    same = same && other.out == axis.out && other.pad_begin == axis.pad_begin && other.pad_end == axis.pad_end;
  }
  return any && !same;
}

// What a convolution multiplies: per group a matrix of `rows` x `depth` by one of `depth` x `columns`.
struct Gemm {
  double rows = 1, depth = 1, columns = 1, groups = 1, kernel = 1, stride = 1, channels = 1, in = 0, padded_in = 0;
};

Result<Gemm> conv_gemm(const RuleContext& c, const ConvGeometry& g) {
  Gemm m;
  NNGAUGE_TRY(m.rows, known(g.batch, "the batch"));
  NNGAUGE_TRY(m.channels, known(g.in_channels, "the number of input channels"));
  NNGAUGE_TRY(const double out_channels, known(g.out_channels, "the number of output channels"));
  NNGAUGE_TRY(m.groups, known(g.groups, "the number of groups"));
  m.groups = std::max(m.groups, 1.0);
  m.padded_in = m.rows * m.channels;
  for (const WindowAxis& axis : g.spatial) {
    NNGAUGE_TRY(const double positions, known(g.transposed ? axis.in : axis.out, "a spatial extent"));
    NNGAUGE_TRY(const double in, known(axis.in, "a spatial extent"));
    NNGAUGE_TRY(const double taps, known(axis.kernel, "the kernel's extent"));
    m.rows *= positions, m.kernel *= taps;
    m.stride = std::max(m.stride, static_cast<double>(axis.stride));
    m.padded_in *= in + static_cast<double>(std::max<std::int64_t>(axis.pad_begin, 0)) +
                   static_cast<double>(std::max<std::int64_t>(axis.pad_end, 0));
  }
  m.depth = m.kernel * m.channels / m.groups;
  m.columns = out_channels / m.groups;
  NNGAUGE_TRY(m.in, in_elements(c, 0));
  return m;
}

constexpr double kLanes = 8;  // results worked on at once

void add_depthwise(Kernel& k, const Gemm& m) {
  const double out = m.rows * rounded_up(m.groups * m.columns, kLanes) / kMillion;
  k.klass = "dwconv";
  of(k, m.kernel == 9 ? F::kDepthwise3x3Macs : F::kDepthwiseMacs) += out * m.kernel;
  of(k, F::kDepthwiseOut) += out;
  of(k, F::kDepthwiseIn) += m.in / kMillion;
  of(k, F::kDepthwiseCalls) += 1;
}

void add_channelwise(Kernel& k, const Gemm& m) {
  k.klass = "conv-channelwise";
  of(k, F::kChannelwiseMacs) += m.rows * m.depth * m.columns * m.groups / kMillion;
  of(k, F::kConvCalls) += 1;
}

void add_grouped(Kernel& k, const Gemm& m) {
  const double out = m.rows * m.columns * m.groups / kMillion;
  k.klass = "conv-grouped";
  of(k, F::kGroupedMacs) += m.rows * m.depth * rounded_up(m.columns, kLanes) * m.groups / kMillion;
  of(k, F::kGroupedTaps) += out * m.kernel;
  of(k, F::kGroupedGathered) += m.rows * m.depth * m.groups / kMillion;
  of(k, F::kGroupedOut) += out;
  of(k, F::kConvCalls) += 1;
}

void add_first(Kernel& k, const Gemm& m) {
  k.klass = "conv-first";
  of(k, F::kConvFirstMacs) += m.rows * m.depth * m.columns / kMillion;
  of(k, F::kConvFirstGathered) += m.rows * m.depth / kMillion;
  of(k, F::kConvFirstOut) += m.rows * m.columns / kMillion;
  of(k, F::kConvCalls) += 1;
}

void add_gemm(Kernel& k, const Gemm& m, KernelPrecision precision) {
  const Tiles tiles = tiles_of(precision);
  const double macs = rounded_up(m.rows, tiles.rows) * rounded_up(m.depth, tiles.depth) *
                      rounded_up(m.columns, tiles.columns) / kMillion;
  const bool pointwise = m.kernel <= 1;
  k.klass = !pointwise ? "conv-kxk" : m.stride > 1 ? "conv-1x1-strided" : "conv-1x1";
  of(k, !pointwise ? F::kConvKxKMacs : m.stride > 1 ? F::kConv1x1StridedMacs : F::kConv1x1Macs) += macs;
  if (!pointwise || m.stride > 1) of(k, F::kConvGathered) += m.rows * m.depth / kMillion;
  of(k, pointwise ? F::kConv1x1Out : F::kConvKxKOut) += m.rows * m.columns / kMillion;
  of(k, F::kConvWeights) += m.depth * m.columns / kMillion;
  of(k, F::kConvCalls) += 1;
}

Status add_convolution(Kernel& k, const RuleContext& c, KernelPrecision precision) {
  NNGAUGE_TRY(const ConvGeometry g, conv_geometry(c));
  NNGAUGE_TRY(const Gemm m, conv_gemm(c, g));
  if (g.transposed) {
    k.klass = "conv-transposed";
    of(k, F::kTransposedMacs) += m.rows * m.depth * m.columns * m.groups / kMillion;
    NNGAUGE_TRY(const double out, elements(c, 0));
    of(k, F::kConvKxKOut) += out / kMillion;
    of(k, F::kConvCalls) += 1;
    return ok();
  }
  // TFLite runs a CONV_2D of as many groups as channels by its general kernel; what converts a layer of another
  // framework makes a DEPTHWISE_CONV_2D of it.
  const bool one_channel = m.groups > 1 && m.depth <= m.kernel;
  if (g.depthwise || (one_channel && c.model().format != "tflite")) add_depthwise(k, m);
  else if (one_channel) add_channelwise(k, m);
  else if (m.groups > 1) add_grouped(k, m);
  else if (m.channels <= 4) add_first(k, m);
  else if (m.rows <= 1 && m.kernel <= 1) {
    k.klass = "conv-vector";
    of(k, F::kVectorMacs) += m.depth * m.columns / kMillion;
    of(k, F::kCalls) += 1;
  } else {
    add_gemm(k, m, precision);
  }
  if (needs_pad(c, g)) {
    of(k, F::kPadOut) += m.padded_in / kMillion;
    of(k, F::kCalls) += 1;
  }
  if (c.kind() == K::kDeformConv2D) k.klass = "DeformConv2D";
  return ok();
}

Result<double> work_macs(const RuleContext& c) {
  NNGAUGE_TRY(const Work work, op_info(c.kind()).work(c));
  if (work.macs.overflowed()) return unknown("a count does not fit 64 bits");
  return static_cast<double>(work.macs.value());
}

// Features of dense layers of several rows, each with that of 1x1 convolutions which is of the same kind.
constexpr std::array<std::pair<F, F>, 3> kLinear = {
    {{F::kLinearMacs, F::kConv1x1Macs}, {F::kLinearOut, F::kConv1x1Out}, {F::kLinearWeights, F::kConvWeights}}};

Status add_product(Kernel& k, const RuleContext& c, KernelPrecision precision) {
  NNGAUGE_TRY(const double macs, work_macs(c));
  const bool constant = c.input(1) != nullptr && c.input(1)->is_constant;
  if (c.kind() == K::kDense || (c.kind() == K::kMatMul && constant)) {
    NNGAUGE_TRY(const double weights, in_elements(c, 1));
    const double rows = weights > 0 ? macs / weights : 0;
    if (rows <= 1) {
      k.klass = "dense";
      of(k, F::kDenseWeights) += weights / kMillion;
      of(k, F::kCalls) += 1;
      return ok();
    }
    NNGAUGE_TRY(const double out, elements(c, 0));
    Gemm m;
    m.rows = rows, m.columns = std::max(out / rows, 1.0), m.depth = weights / m.columns;
    add_gemm(k, m, precision);
    k.klass = "dense-rows";  // runtimes have other kernels for these than for convolutions, and fuse other things
    for (const auto& [linear, pointwise] : kLinear) std::swap(of(k, linear), of(k, pointwise));
    return ok();
  }
  k.klass = std::string(op_info(c.kind()).name);
  of(k, F::kMatMulMacs) += macs / kMillion;
  of(k, F::kCalls) += 1;
  return ok();
}

bool has_constant(const RuleContext& c) {
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    if (c.input(i) != nullptr && c.input(i)->is_constant) return true;
  }
  return false;
}

// How often the smallest operand is walked through when it is a vector that is used again and again; 0 where all
// operands are as large as the result, or one is a single number.
double broadcast_rows(const RuleContext& c, double out) {
  double smallest = out * kMillion;
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    if (const Result<double> count = in_elements(c, i)) smallest = std::min(smallest, *count);
  }
  return smallest > 1 && smallest < out * kMillion ? out / smallest : 0;
}

// Whether the second shape is the first with an extent of 1 for the last axis, or without it.
bool is_one_a_row(const Shape& rows, const Shape& numbers) {
  if (!rows.ranked() || !numbers.ranked() || rows.rank() < 2 || rows.dims().back().is(1)) return false;
  const std::size_t outer = rows.rank() - 1;
  if (numbers.rank() == rows.rank() ? !numbers.dims().back().is(1) : numbers.rank() != outer) return false;
  for (std::size_t i = 0; i < outer; ++i) {
    if (!(rows[i] == numbers[i])) return false;
  }
  return true;
}

// A sum or product: of each row with a number of its own, or of all else.
void add_elementwise(Kernel& k, const RuleContext& c, F all, double out) {
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    if (c.input(i) == nullptr || !is_one_a_row(c.out(0), c.in(i))) continue;
    of(k, F::kRowBroadcastOut) += out;
    return;
  }
  of(k, all) += out;
  of(k, F::kBroadcastRows) += broadcast_rows(c, out);
}

// Everything else: results, inputs or taps by kind, else the arithmetic of the op table and the results moved.
Status add_other(Kernel& k, const RuleContext& c) {
  const OpInfo& info = op_info(c.kind());
  k.klass = std::string(info.name);
  of(k, F::kCalls) += 1;
  NNGAUGE_TRY(const double out_count, elements(c, 0));
  const double out = out_count / kMillion;
  switch (c.kind()) {
    case K::kAdd:
    case K::kSub:
    case K::kMaximum:
    case K::kMinimum:
    case K::kSquaredDifference:
      add_elementwise(k, c, F::kAddOut, out);
      return ok();
    case K::kMul:
      add_elementwise(k, c, has_constant(c) ? F::kMulConstantOut : F::kMulOut, out);
      return ok();
    case K::kDiv:
      if (!is_one_a_row(c.out(0), c.in(1))) break;
      of(k, F::kRowBroadcastOut) += out;
      return ok();
    case K::kGelu:
      of(k, F::kGeluOut) += out;
      return ok();
    case K::kSoftmax:
      of(k, F::kSoftmaxOut) += out;
      return ok();
    case K::kBatchNorm:  // where nothing takes it in: a product and a sum with constants
      of(k, F::kMulConstantOut) += out, of(k, F::kAddOut) += out, of(k, F::kCalls) += 1;
      of(k, F::kBroadcastRows) += 2 * broadcast_rows(c, out);
      return ok();
    case K::kHardSwish:
    case K::kHardSigmoid:
      of(k, F::kHardSwishOut) += out;
      return ok();
    case K::kSigmoid:
      of(k, F::kSigmoidOut) += out;
      return ok();
    case K::kConcat:
      of(k, F::kConcatOut) += out;
      return ok();
    case K::kPad:
      of(k, F::kPadOut) += out;
      return ok();
    case K::kTranspose:
      of(k, F::kTransposeOut) += out;
      return ok();
    case K::kReduceMean:
    case K::kGlobalAveragePool: {
      NNGAUGE_TRY(const double in, in_elements(c, 0));
      const bool of_rows = is_one_a_row(c.in(0), c.out(0));
      k.klass = of_rows ? "mean-row" : "ReduceMean";
      of(k, of_rows ? F::kRowMeanIn : F::kMeanIn) += in / kMillion;
      return ok();
    }
    case K::kAveragePool:
    case K::kMaxPool: {
      NNGAUGE_TRY(const Work work, info.work(c));
      of(k, c.kind() == K::kMaxPool ? F::kMaxPoolTaps : F::kMeanIn) +=
          static_cast<double>(work.flops.value()) / kMillion;
      return ok();
    }
    default:
      break;
  }
  NNGAUGE_TRY(const Work work, info.work(c));
  if (work.macs.overflowed() || work.flops.overflowed() || work.special.overflowed()) {
    return unknown("a count does not fit 64 bits");
  }
  const double macs = static_cast<double>(work.macs.value());
  of(k, F::kRecurrentMacs) += macs / kMillion;
  of(k, F::kFlops) += std::max(static_cast<double>(work.flops.value()) - 2 * macs, 0.0) / kMillion;
  of(k, F::kSpecial) += static_cast<double>(work.special.value()) / kMillion;
  of(k, F::kMoveOut) += out;
  return ok();
}

// From the features of an Erf that the rest of GELU was joined with.
void make_gelu(Kernel& k) {
  const double out = of(k, F::kMoveOut);
  k.klass = "Gelu", k.features = {};
  of(k, F::kGeluOut) = out, of(k, F::kCalls) = 1;
}

}  // namespace

Result<Kernel> kernel_features(const Model& model, const Graph& graph, const KernelGroup& group,
                               KernelPrecision precision) {
  const Op& op = graph.ops[static_cast<std::size_t>(group.anchor)];
  const RuleContext c(model, graph, op);
  const OpInfo& info = op_info(op.kind);
  NNGAUGE_CHECK(layer::check_has_kernel(info));
  Kernel kernel;
  if (layer::is_convolution(info)) {
    NNGAUGE_CHECK(add_convolution(kernel, c, precision));
  } else if (info.category == OpCategory::kProduct) {
    NNGAUGE_CHECK(add_product(kernel, c, precision));
  } else {
    NNGAUGE_CHECK(add_other(kernel, c));
  }
  if (group.ops.size() > 1 && op.kind == K::kHardSigmoid) kernel.klass = "HardSwish";
  if (group.ops.size() > 1 && op.kind == K::kErf) make_gelu(kernel);
  return kernel;
}

}  // namespace nngauge
