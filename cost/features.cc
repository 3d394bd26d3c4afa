// SPDX-License-Identifier: Apache-2.0
#include "cost/features.h"

namespace nngauge {
namespace {

using F = Feature;

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
    {F::kChannelwiseMacs, "conv-channelwise.macs", 4000, 4000, "MACs of grouped convolutions of one channel a group, which TFLite has no fast kernel for"},
    {F::kGeluOut, "gelu.out", 15000, 6000, "results of GELU"},
    {F::kSoftmaxOut, "softmax.out", 6000, 3000, "results of softmax"},
    {F::kRowMeanIn, "mean-row.in", 1000, 5000, "elements averaged along the last axis"},
    {F::kRowBroadcastOut, "broadcast-row.out", 1000, 5000, "results of sums and products of rows with a number for each row"},
    {F::kBatchNormOut, "batch-norm.out", 800, 1500, "results of batch norms that stand by themselves"},
    {F::kDepthwiseGeneralMacs, "dwconv-general.macs", 300, 400, "MACs of depthwise convolutions of windows that PyTorch's libraries have no kernel for"},
    {F::kConvertedElements, "converted.elements", 1500, 1500, "elements made float before operators of PyTorch without an integer kernel, and integer behind them"},
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

}  // namespace

double dot(const FeatureVector& a, const FeatureVector& b) {
  double sum = 0;
  for (std::size_t f = 0; f < kFeatureCount; ++f) sum += a[f] * b[f];
  return sum;
}

std::span<const FeatureInfo> feature_table() { return kTable; }

std::optional<Feature> find_feature(std::string_view name) {
  for (const FeatureInfo& row : kTable) {
    if (row.name == name) return row.feature;
  }
  return std::nullopt;
}

KernelPrecision kernel_precision(std::string_view precision) {
  return precision == "int8" || precision == "quant" ? KernelPrecision::kInt8 : KernelPrecision::kFloat;
}

KernelLibrary kernel_library(std::string_view runtime) {
  if (runtime == "armcl" || runtime.starts_with("armcl-")) return KernelLibrary::kArmCompute;
  if (runtime.ends_with("-npu")) return KernelLibrary::kNpu;
  return runtime == "ncnn" || runtime.starts_with("ncnn-") ? KernelLibrary::kNcnn : KernelLibrary::kTflite;
}

bool has_features_of(KernelLibrary library, KernelLibrary of) {
  return library == of || (library == KernelLibrary::kArmCompute && of == KernelLibrary::kTflite);
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

}  // namespace nngauge
