// SPDX-License-Identifier: Apache-2.0
#include "cost/kernel_features.h"

#include <algorithm>

#include "cost/gpu_kernels.h"
#include "cost/layer_sizes.h"
#include "cost/ncnn_gpu_kernels.h"
#include "cost/ncnn_kernels.h"
#include "cost/npu_kernels.h"
#include "cost/torch_kernels.h"
#include "graph/op_table.h"
#include "graph/ops/conv_geometry.h"

namespace nngauge {
namespace {

using F = Feature;
using K = OpKind;

constexpr KernelLibrary kNcnn = KernelLibrary::kNcnn, kNpu = KernelLibrary::kNpu;

// clang-format off
// Priors are orders of magnitude of an out-of-order phone core: a GEMM at about 20 (float) or 70 (int8) MAC/ns, memory
// at a few bytes a ns, an operator's fixed cost of some microseconds. A fit scales them to the device first.
constexpr std::array<FeatureInfo, kFeatureCount> kTable = {{
    {F::kConv1x1Macs, "conv-1x1.macs", 55, 14, "MACs of 1x1 convolutions, tiles filled up"},
    {F::kConv1x1StridedMacs, "conv-1x1-strided.macs", 55, 14, "MACs of 1x1 convolutions with a stride"},
    {F::kConvKxKMacs, "conv-kxk.macs", 55, 10, "MACs of larger convolutions, tiles filled up"},
    {F::kConvGathered, "conv.gathered", 200, 50, "elements that a convolution with a window or a stride gathers: out positions x kernel x channels"},
    {F::kConv1x1Out, "conv-1x1.out", 600, 500, "results of 1x1 convolutions"},
    {F::kConvKxKOut, "conv-kxk.out", 1000, 1000, "results of larger convolutions"},
    {F::kConvWeights, "conv.weights", 400, 400, "weights of convolutions"},
    {F::kConvCalls, "conv.calls", 10, 10, "convolutions"},
    {F::kConvFirstMacs, "conv-first.macs", 110, 30, "MACs of convolutions of up to four channels"},
    {F::kConvFirstGathered, "conv-first.gathered", 300, 300, "elements that such a convolution gathers"},
    {F::kConvFirstOut, "conv-first.out", 500, 500, "its results"},
    {F::kGroupedMacs, "conv-grouped.macs", 300, 300, "MACs of grouped convolutions, results of a group filled up"},
    {F::kGroupedTaps, "conv-grouped.taps", 500, 500, "their results x kernel extents"},
    {F::kGroupedGathered, "conv-grouped.gathered", 1000, 1000, "elements that they gather"},
    {F::kGroupedOut, "conv-grouped.out", 2000, 2000, "their results"},
    {F::kDepthwise3x3Macs, "dwconv-3x3.macs", 150, 150, "MACs of 3x3 depthwise convolutions, channels filled up"},
    {F::kDepthwiseMacs, "dwconv.macs", 150, 200, "MACs of other depthwise convolutions, channels filled up"},
    {F::kDepthwiseOut, "dwconv.out", 500, 500, "their results"},
    {F::kDepthwiseIn, "dwconv.in", 300, 300, "their inputs"},
    {F::kDepthwiseCalls, "dwconv.calls", 10, 10, "depthwise convolutions"},
    {F::kVectorMacs, "conv-vector.macs", 200, 150, "MACs of convolutions of one position: matrix times vector"},
    {F::kDenseWeights, "dense.weights", 500, 300, "weights of dense layers of one row"},
    {F::kAddOut, "add.out", 800, 1500, "results of element-wise additions"},
    {F::kMulOut, "mul.out", 800, 1500, "results of element-wise products"},
    {F::kMulConstantOut, "mul-constant.out", 800, 1500, "results of products with a constant"},
    {F::kBroadcastRows, "broadcast.rows", 30000, 30000, "rows that a vector is multiplied with or added to"},
    {F::kHardSwishOut, "hard-swish.out", 500, 500, "results of hard swish"},
    {F::kSigmoidOut, "sigmoid.out", 5000, 5000, "results of sigmoid"},
    {F::kMeanIn, "mean.in", 300, 300, "elements averaged"},
    {F::kMaxPoolTaps, "max-pool.taps", 300, 300, "results of max pooling x window"},
    {F::kConcatOut, "concat.out", 600, 600, "elements joined"},
    {F::kPadOut, "pad.out", 400, 200, "results of padding"},
    {F::kMoveOut, "move.out", 600, 600, "elements copied or resized"},
    {F::kCalls, "calls", 3, 3, "other kernels"},
    {F::kMatMulMacs, "matmul.macs", 70, 30, "MACs of products of two activations"},
    {F::kTransposedMacs, "conv-transposed.macs", 80, 40, "MACs of transposed convolutions"},
    {F::kRecurrentMacs, "recurrent.macs", 200, 150, "MACs of recurrent layers"},
    {F::kSpecial, "special", 5000, 5000, "exponentials, divisions, roots"},
    {F::kFlops, "flops", 500, 1000, "other arithmetic"},
    {F::kTransposeOut, "transpose.out", 1500, 1500, "elements transposed"},
    {F::kLinearMacs, "linear.macs", 55, 14, "MACs of dense layers of several rows, tiles filled up"},
    {F::kLinearOut, "linear.out", 600, 500, "their results"},
    {F::kLinearWeights, "linear.weights", 400, 400, "their weights"},
    {F::kInputElements, "input.elements", 20000, 20000, "elements of the inputs, brought to where the network runs", KernelLibrary::kArmCompute},
    {F::kNcnnConv1x1Macs, "ncnn.conv-1x1.macs", 52, 52, "ncnn: MACs of 1x1 convolutions", kNcnn},
    {F::kNcnnConv1x1Moved, "ncnn.conv-1x1.moved", 140, 140, "ncnn: their inputs and results", kNcnn},
    {F::kNcnnWinogradMacs, "ncnn.winograd.macs", 60, 60, "ncnn: multiplications of 3x3 convolutions in Winograd tiles", kNcnn},
    {F::kNcnnWinogradMoved, "ncnn.winograd.moved", 650, 650, "ncnn: elements of the tiles transformed", kNcnn},
    {F::kNcnnConvKxKMacs, "ncnn.conv-kxk.macs", 55, 55, "ncnn: MACs of other convolutions", kNcnn},
    {F::kNcnnConvKxKMoved, "ncnn.conv-kxk.moved", 330, 330, "ncnn: elements that they gather, inputs, results", kNcnn},
    {F::kNcnnConvWeights, "ncnn.conv.weights", 100, 100, "ncnn: weights of convolutions", kNcnn},
    {F::kNcnnConvFirstMacs, "ncnn.conv-first.macs", 40, 40, "ncnn: MACs of 3x3 convolutions of up to four channels", kNcnn},
    {F::kNcnnConvFirstOut, "ncnn.conv-first.out", 1000, 1000, "ncnn: their results", kNcnn},
    {F::kNcnnGroupedMacs, "ncnn.conv-grouped.macs", 40, 40, "ncnn: MACs of grouped convolutions", kNcnn},
    {F::kNcnnGroupedMoved, "ncnn.conv-grouped.moved", 450, 450, "ncnn: elements that they gather, inputs, results", kNcnn},
    {F::kNcnnConvCalls, "ncnn.conv.calls", 3.5, 3.5, "ncnn: convolutions, each group by itself", kNcnn},
    {F::kNcnnDepthwise3x3Macs, "ncnn.dwconv-3x3.macs", 180, 180, "ncnn: MACs of 3x3 depthwise convolutions", kNcnn},
    {F::kNcnnDepthwise3x3StridedMacs, "ncnn.dwconv-3x3-strided.macs", 135, 135, "ncnn: MACs of such with a stride", kNcnn},
    {F::kNcnnDepthwiseMacs, "ncnn.dwconv.macs", 65, 65, "ncnn: MACs of other depthwise convolutions", kNcnn},
    {F::kNcnnDepthwiseMoved, "ncnn.dwconv.moved", 170, 170, "ncnn: inputs and results of depthwise convolutions", kNcnn},
    {F::kNcnnInt8Conv1x1Macs, "ncnn.int8.conv-1x1.macs", 36, 36, "ncnn, int8: MACs of 1x1 convolutions", kNcnn},
    {F::kNcnnInt8Conv1x1Moved, "ncnn.int8.conv-1x1.moved", 190, 190, "ncnn, int8: their inputs and results", kNcnn},
    {F::kNcnnInt8WinogradMacs, "ncnn.int8.winograd.macs", 60, 60, "ncnn, int8: multiplications in Winograd tiles", kNcnn},
    {F::kNcnnInt8WinogradMoved, "ncnn.int8.winograd.moved", 750, 750, "ncnn, int8: elements of the tiles", kNcnn},
    {F::kNcnnInt8ConvKxKMacs, "ncnn.int8.conv-kxk.macs", 42, 42, "ncnn, int8: MACs of other convolutions", kNcnn},
    {F::kNcnnInt8ConvKxKMoved, "ncnn.int8.conv-kxk.moved", 300, 300, "ncnn, int8: elements that they gather, inputs, results", kNcnn},
    {F::kNcnnInt8ConvWeights, "ncnn.int8.conv.weights", 130, 130, "ncnn, int8: weights of convolutions", kNcnn},
    {F::kNcnnInt8ConvFirstMacs, "ncnn.int8.conv-first.macs", 30, 30, "ncnn, int8: MACs of 3x3 convolutions of up to four channels", kNcnn},
    {F::kNcnnInt8ConvFirstOut, "ncnn.int8.conv-first.out", 1500, 1500, "ncnn, int8: their results", kNcnn},
    {F::kNcnnInt8Depthwise3x3Macs, "ncnn.int8.dwconv-3x3.macs", 85, 85, "ncnn, int8: MACs of 3x3 depthwise convolutions", kNcnn},
    {F::kNcnnInt8Depthwise3x3StridedMacs, "ncnn.int8.dwconv-3x3-strided.macs", 90, 90, "ncnn, int8: MACs of such with a stride", kNcnn},
    {F::kNcnnInt8DepthwiseMoved, "ncnn.int8.dwconv.moved", 220, 220, "ncnn, int8: MACs of others, inputs, results", kNcnn},
    {F::kNcnnQuantized, "ncnn.int8.converted", 350, 350, "ncnn: elements made integer before int8 layers and float behind them", kNcnn},
    {F::kNcnnDenseWeights, "ncnn.dense.weights", 330, 330, "ncnn: weights of dense layers of one row", kNcnn},
    {F::kNcnnInt8DenseWeights, "ncnn.int8.dense.weights", 200, 200, "ncnn, int8: weights of dense layers of one row", kNcnn},
    {F::kNcnnProductMacs, "ncnn.product.macs", 150, 150, "ncnn: MACs of other products, and of recurrent layers", kNcnn},
    {F::kNcnnAttentionMacs, "ncnn.attention.macs", 100, 100, "ncnn: MACs of products of two activations", kNcnn},
    {F::kNcnnElementwiseOut, "ncnn.elementwise.out", 950, 950, "ncnn: results of sums, products and norms", kNcnn},
    {F::kNcnnReluOut, "ncnn.relu.out", 380, 380, "ncnn: results of functions without an exponential", kNcnn},
    {F::kNcnnExponentialOut, "ncnn.exponential.out", 2000, 2000, "ncnn: results of functions with one", kNcnn},
    {F::kNcnnPoolTaps, "ncnn.pool.taps", 160, 160, "ncnn: results of pooling x window", kNcnn},
    {F::kNcnnMeanIn, "ncnn.mean.in", 180, 180, "ncnn: elements averaged", kNcnn},
    {F::kNcnnReducedIn, "ncnn.reduce.in", 1000, 1000, "ncnn: elements reduced along some axes", kNcnn},
    {F::kNcnnMovedOut, "ncnn.moved.out", 1100, 1100, "ncnn: elements joined, cut, shuffled, resized, padded", kNcnn},
    {F::kNcnnLrnOut, "ncnn.lrn.out", 15000, 15000, "ncnn: results of normalisation across channels", kNcnn},
    {F::kNcnnDetectIn, "ncnn.detect.in", 2500, 2500, "ncnn: numbers that become boxes", kNcnn},
    {F::kNcnnBoxesIn, "ncnn.boxes.in", 5000, 5000, "ncnn: numbers of feature maps that become boxes", kNcnn},
    {F::kNcnnBoxPairs, "ncnn.boxes.pairs", 60000, 60000, "ncnn: their squares, millions of millions: boxes compared with one another", kNcnn},
    {F::kNcnnSpilled, "ncnn.spilled", 200, 200, "ncnn: inputs and results of convolutions beyond a million elements", kNcnn},
    {F::kNcnnCalls, "ncnn.calls", 3, 3, "ncnn: other layers", kNcnn},
    {F::kNcnnGpuCalls, "ncnn.gpu.calls", 15, 15, "ncnn, GPU: kernels", kNcnn},
    {F::kNcnnGpuConv1x1Macs, "ncnn.gpu.conv-1x1.macs", 10, 10, "ncnn, GPU: MACs of 1x1 convolutions", kNcnn},
    {F::kNcnnGpuWinogradMacs, "ncnn.gpu.winograd.macs", 10, 10, "ncnn, GPU: multiplications in Winograd tiles", kNcnn},
    {F::kNcnnGpuWinogradMoved, "ncnn.gpu.winograd.moved", 60, 60, "ncnn, GPU: elements of the tiles", kNcnn},
    {F::kNcnnGpuConvKxKMacs, "ncnn.gpu.conv-kxk.macs", 12, 12, "ncnn, GPU: MACs of other convolutions", kNcnn},
    {F::kNcnnGpuConvWeights, "ncnn.gpu.conv.weights", 60, 60, "ncnn, GPU: weights of convolutions", kNcnn},
    {F::kNcnnGpuGroupedMacs, "ncnn.gpu.conv-grouped.macs", 20, 20, "ncnn, GPU: MACs of grouped convolutions", kNcnn},
    {F::kNcnnGpuDepthwiseMacs, "ncnn.gpu.dwconv.macs", 20, 20, "ncnn, GPU: MACs of depthwise convolutions", kNcnn},
    {F::kNcnnGpuDepth, "ncnn.gpu.depth", 20000, 20000, "ncnn, GPU: products that follow one another in each result of a convolution", kNcnn},
    {F::kNcnnGpuMoved, "ncnn.gpu.moved", 60, 60, "ncnn, GPU: inputs and results", kNcnn},
    {F::kNcnnGpuDenseWeights, "ncnn.gpu.dense.weights", 100, 100, "ncnn, GPU: weights of dense layers", kNcnn},
    {F::kNcnnGpuDenseDepth, "ncnn.gpu.dense.depth", 20000, 20000, "ncnn, GPU: products that follow one another in each result of a dense layer", kNcnn},
    {F::kNcnnGpuPoolTaps, "ncnn.gpu.pool.taps", 20, 20, "ncnn, GPU: results of pooling x window", kNcnn},
    {F::kNcnnGpuLrnOut, "ncnn.gpu.lrn.out", 300, 300, "ncnn, GPU: results of normalisation across channels", kNcnn},
    {F::kNcnnTransfers, "ncnn.transfer.times", 100, 100, "ncnn: activations brought from the CPU to the GPU or back", kNcnn},
    {F::kNcnnTransferred, "ncnn.transfer.elements", 300, 300, "ncnn: their elements", kNcnn},
    {F::kNpuMacs, "npu.macs", 0.2, 0.1, "NPU: MACs of 1x1 convolutions and dense layers, channels filled up", kNpu},
    {F::kNpuWindowMacs, "npu.conv-kxk.macs", 0.2, 0.1, "NPU: MACs of larger convolutions, channels filled up", kNpu},
    {F::kNpuGroupedMacs, "npu.conv-grouped.macs", 0.4, 0.2, "NPU: MACs of grouped convolutions, channels of a group filled up", kNpu},
    {F::kNpuDepthwiseMacs, "npu.dwconv.macs", 4, 2, "NPU: MACs of depthwise convolutions", kNpu},
    {F::kNpuAttentionMacs, "npu.attention.macs", 0.5, 0.25, "NPU: MACs of products of two activations", kNpu},
    {F::kNpuWeights, "npu.weights", 40, 20, "NPU: weights", kNpu},
    {F::kNpuMoved, "npu.moved", 15, 7, "NPU: inputs and results of convolutions and products", kNpu},
    {F::kNpuElementwise, "npu.elementwise.moved", 25, 12, "NPU: inputs and results of sums, pooling and the like", kNpu},
    {F::kNpuRearranged, "npu.rearranged.moved", 40, 20, "NPU: elements transposed, reshaped, resized", kNpu},
    {F::kNpuJoined, "npu.joined.moved", 10, 5, "NPU: elements joined, cut, padded", kNpu},
    {F::kNpuFunctionOut, "npu.function.out", 80, 40, "NPU: results of norms and of functions with an exponential", kNpu},
    {F::kNpuConvCalls, "npu.conv.calls", 1.5, 1, "NPU: convolutions, products, pooling", kNpu},
    {F::kNpuCalls, "npu.calls", 1.5, 1, "NPU: other kernels", kNpu},
    {F::kNpuInference, "npu.inference", 100, 100, "NPU: inferences, what comes once whatever the model", kNpu},
    {F::kKernelTime, "kernel.time", 1, 1, "microseconds of kernels by the curves of measured ones"},
    {F::kInference, "inference", 500, 500, "inferences: what comes once, whatever the model"},
    {F::kGpuCalls, "gpu.calls", 5, 5, "kernels"},
    {F::kGpuMoved, "gpu.moved", 20, 20, "elements that element-wise kernels and copies read and write, in slices of four"},
    {F::kGpuMovers, "gpu.movers", 10, 10, "element-wise kernels and copies"},
    {F::kWinogradMoved, "gpu.winograd-moved", 40, 40, "elements that are transformed for Winograd's convolution and back"},
}};
// clang-format on

consteval bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].feature) != i) return false;
  }
  return true;
}
static_assert(in_order(), "a row per feature, in the order of the enumerators");

constexpr double kMillion = 1e6;

double& of(Kernel& kernel, F feature) { return kernel.features[static_cast<std::size_t>(feature)]; }
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
  if (g.depthwise || (m.groups > 1 && m.depth <= m.kernel)) add_depthwise(k, m);
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
      of(k, F::kAddOut) += out;
      of(k, F::kBroadcastRows) += broadcast_rows(c, out);
      return ok();
    case K::kMul:
      of(k, has_constant(c) ? F::kMulConstantOut : F::kMulOut) += out;
      of(k, F::kBroadcastRows) += broadcast_rows(c, out);
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
      k.klass = "ReduceMean";
      of(k, F::kMeanIn) += in / kMillion;
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

}  // namespace

FeatureVector total_features(const std::map<std::string, ClassFeatures>& classes) {
  FeatureVector out{};
  for (const auto& [klass, sums] : classes) {
    for (std::size_t f = 0; f < kFeatureCount; ++f) out[f] += sums.features[f];
  }
  return out;
}

double dot(const FeatureVector& a, const FeatureVector& b) {
  double sum = 0;
  for (std::size_t f = 0; f < kFeatureCount; ++f) sum += a[f] * b[f];
  return sum;
}

std::span<const FeatureInfo> feature_table() { return kTable; }
std::span<const std::pair<Feature, Feature>> linear_features() { return kLinear; }

std::optional<Feature> find_feature(std::string_view name) {
  for (const FeatureInfo& row : kTable) {
    if (row.name == name) return row.feature;
  }
  return std::nullopt;
}

KernelPrecision kernel_precision(std::string_view precision) {
  return precision == "int8" || precision == "quant" ? KernelPrecision::kInt8 : KernelPrecision::kFloat;
}

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
  return kernel;
}

KernelLibrary kernel_library(std::string_view runtime) {
  if (runtime == "armcl" || runtime.starts_with("armcl-")) return KernelLibrary::kArmCompute;
  if (runtime.ends_with("-npu")) return KernelLibrary::kNpu;
  return runtime == "ncnn" || runtime.starts_with("ncnn-") ? KernelLibrary::kNcnn : KernelLibrary::kTflite;
}

bool has_features_of(KernelLibrary library, KernelLibrary of) {
  return library == of || (library == KernelLibrary::kArmCompute && of == KernelLibrary::kTflite);
}

namespace {

constexpr std::string_view kInputClass = "Input";

// Bringing the inputs to the processor is a stage of its own, and is measured as one.
void add_input_stage(ModelKernels& out, const Graph& graph) {
  double elements = 0;
  for (const TensorId id : graph.inputs) {
    if (id < 0) continue;
    const std::optional<Count> count = graph.tensors[static_cast<std::size_t>(id)].shape.elements();
    if (count && !count->overflowed()) elements += static_cast<double>(count->value()) / kMillion;
  }
  ClassFeatures& sums = out.classes[std::string(kInputClass)];
  sums.kernels += 1;
  sums.features[static_cast<std::size_t>(F::kInputElements)] += elements;
}

// The Arm Compute Library multiplies group by group with the kernels of plain convolutions, and 3x3 ones without stride
// or dilation in Winograd tiles of 4 x 4 results: their multiplications, and the elements of their tiles in place of
// what others gather.
void price_as_arm_compute(ModelKernels& kernels, const Model& model) {
  constexpr double kTile = 4;
  const auto move = [](Kernel& kernel, F from, F to) {
    of(kernel, to) += of(kernel, from);
    of(kernel, from) = 0;
  };
  for (std::size_t g = 0; g < kernels.kernels.size(); ++g) {
    std::optional<Kernel>& kernel = kernels.kernels[g];
    if (!kernel || (kernel->klass != "conv-grouped" && kernel->klass != "conv-kxk")) continue;
    if (kernel->klass == "conv-grouped") {
      kernel->klass = "conv-kxk";
      move(*kernel, F::kGroupedMacs, F::kConvKxKMacs);
      move(*kernel, F::kGroupedGathered, F::kConvGathered);
      move(*kernel, F::kGroupedOut, F::kConvKxKOut);
      of(*kernel, F::kGroupedTaps) = 0;
    }
    const Graph& graph = model.main();
    const Op& op = graph.ops[static_cast<std::size_t>(kernels.plan.groups[g].anchor)];
    const Result<layer::Conv> conv = layer::measure_conv(RuleContext(model, graph, op));
    if (!conv || !conv->takes_winograd() || conv->transposed) continue;
    const double points = layer::winograd_points(*conv, {kTile});
    of(*kernel, F::kConvKxKMacs) = points * conv->in_channels / conv->groups * conv->out_channels;
    of(*kernel, F::kConvGathered) = points * (conv->in_channels + conv->out_channels);
  }
}

void sum_classes(ModelKernels& kernels) {
  kernels.classes.clear();
  for (const std::optional<Kernel>& kernel : kernels.kernels) {
    if (!kernel) continue;
    ClassFeatures& sums = kernels.classes[kernel->klass];
    sums.kernels += 1;
    for (std::size_t f = 0; f < kFeatureCount; ++f) sums.features[f] += kernel->features[f];
  }
}

const CurveReader* find_curve(std::span<const CurveReader> curves, std::string_view klass) {
  for (const CurveReader& curve : curves) {
    if (curve.klass() == klass) return &curve;
  }
  if (klass == "conv-winograd") return find_curve(curves, "conv");
  if (klass == "conv-1x1") return find_curve(curves, "conv");
  return klass == "dwconv-1x1" ? find_curve(curves, "dwconv") : nullptr;
}

std::vector<CurveReader> readers_of(std::span<const KernelCurve> curves) {
  std::vector<CurveReader> out;
  for (const KernelCurve& curve : curves) out.emplace_back(curve);
  return out;
}

FeatureVector curve_features(const Kernel& kernel, std::span<const CurveReader> curves) {
  const CurveReader* curve = kernel.shape ? find_curve(curves, kernel.klass) : nullptr;
  if (!curve) return kernel.features;
  FeatureVector out{};
  for (const F kept : {F::kInference, F::kGpuCalls, F::kWinogradMoved}) {
    out[static_cast<std::size_t>(kept)] = kernel.features[static_cast<std::size_t>(kept)];
  }
  double& time = out[static_cast<std::size_t>(F::kKernelTime)];
  time = curve->microseconds(*kernel.shape);
  if (const CurveReader* next = kernel.behind ? find_curve(curves, "element-wise") : nullptr) {
    time += next->microseconds(*kernel.behind);
  }
  return out;
}

}  // namespace

ModelKernels part_of(const ModelKernels& kernels, OpRange range) {
  ModelKernels out;
  if (range.first < 0) {
    if (const auto input = kernels.classes.find(std::string(kInputClass)); input != kernels.classes.end()) {
      out.classes.insert(*input);
    }
    return out;
  }
  for (std::size_t g = 0; g < kernels.kernels.size(); ++g) {
    const OpId anchor = kernels.plan.groups[g].anchor;
    if (!kernels.kernels[g] || anchor < range.first || anchor > range.last) continue;
    out.kernels.push_back(kernels.kernels[g]);  // curves price kernels one by one
    ClassFeatures& sums = out.classes[kernels.kernels[g]->klass];
    sums.kernels += 1;
    for (std::size_t f = 0; f < kFeatureCount; ++f) sums.features[f] += kernels.kernels[g]->features[f];
  }
  return out;
}

double reference_price(const FeatureInfo& info, KernelPrecision precision, bool gpu) {
  if (!gpu) return precision == KernelPrecision::kInt8 ? info.prior_int8_us : info.prior_float_us;
  constexpr double kMacs = 8, kWeights = 60, kElements = 30, kCalls = 10, kSlow = 60;  // of a GPU of about 100 MAC/ns
  if (is_gpu_feature(info.feature)) return info.prior_float_us;
  if (info.name.ends_with("macs")) return kMacs;
  if (info.name.ends_with("weights")) return kWeights;
  if (info.name.ends_with("calls")) return kCalls;
  return info.feature == F::kSpecial ? kSlow : kElements;
}

bool is_ncnn_gpu_feature(Feature feature) { return feature >= F::kNcnnGpuCalls && feature <= F::kNcnnTransferred; }

PriceBlock price_block(Feature feature) {
  if (is_gpu_feature(feature) || (feature >= F::kNcnnGpuCalls && feature <= F::kNcnnGpuLrnOut)) return PriceBlock::kGpu;
  // An exponential of each element is work, though elements are what is counted.
  if (feature == F::kNcnnExponentialOut || feature == F::kNcnnLrnOut || feature == F::kNcnnDetectIn ||
      feature == F::kNcnnBoxesIn) {
    return PriceBlock::kWork;
  }
  const std::string_view name = kTable[static_cast<std::size_t>(feature)].name;
  if (name.ends_with("calls") || feature == F::kNpuInference) return PriceBlock::kCalls;
  for (const std::string_view ending : {".moved", ".out", ".weights", ".taps", ".in", ".converted"}) {
    if (name.ends_with(ending)) return PriceBlock::kMemory;
  }
  return PriceBlock::kWork;
}

bool is_gpu_feature(Feature feature) { return feature >= F::kKernelTime && feature <= F::kWinogradMoved; }

std::map<std::string, ClassFeatures> curve_classes(const ModelKernels& kernels, std::span<const KernelCurve> curves) {
  const std::vector<CurveReader> readers = readers_of(curves);
  std::map<std::string, ClassFeatures> out;
  for (const std::optional<Kernel>& kernel : kernels.kernels) {
    if (!kernel) continue;
    ClassFeatures& sums = out[kernel->klass];
    sums.kernels += 1;
    const FeatureVector features = curve_features(*kernel, readers);
    for (std::size_t f = 0; f < kFeatureCount; ++f) sums.features[f] += features[f];
  }
  return out;
}

ModelKernels with_curves(ModelKernels out, std::span<const KernelCurve> curves) {
  if (curves.empty()) return out;
  const std::vector<CurveReader> readers = readers_of(curves);
  for (std::optional<Kernel>& kernel : out.kernels) {
    if (kernel) kernel->features = curve_features(*kernel, readers);
  }
  sum_classes(out);
  return out;
}

ModelKernels model_kernels(const Model& model, const FusionRules& rules, const KernelTarget& target) {
  ModelKernels out;
  const KernelLibrary library = kernel_library(rules.runtime);
  const bool ncnn = library == KernelLibrary::kNcnn, npu = library == KernelLibrary::kNpu;
  const bool on_gpu = rules.runtime.ends_with("-gpu");
  const Graph& graph = model.main();
  out.plan = plan_fusion(graph, rules);
  const NcnnPlacement placement = ncnn && on_gpu ? place_ncnn_layers(model, graph) : NcnnPlacement{};
  for (const KernelGroup& group : out.plan.groups) {
    out.kernels.emplace_back();
    out.reasons.emplace_back();
    if (group.free) continue;
    Result<Kernel> kernel = ncnn && on_gpu ? ncnn_gpu_kernel_features(model, graph, group, placement)
                            : ncnn         ? ncnn_kernel_features(model, graph, group)
                            : npu          ? npu_kernel_features(model, graph, group)
                                           : kernel_features(model, graph, group, target.precision);
    if (!kernel) {
      out.reasons.back() = kernel.error().message;
      continue;
    }
    out.kernels.back() = std::move(kernel).value();
  }
  if (rules.links_elementwise) make_gpu_kernels(model, target, out);
  else if (rules.runtime == "torch-gpu") make_torch_gpu_kernels(model, out);
  else if (rules.runtime == "torch-cpu") make_torch_cpu_kernels(model, target.precision, out);
  if (library == KernelLibrary::kArmCompute) price_as_arm_compute(out, model);
  sum_classes(out);
  if (library == KernelLibrary::kArmCompute) add_input_stage(out, graph);
  if (npu) add_npu_call(out);
  return out;
}

}  // namespace nngauge
