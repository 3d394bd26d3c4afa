// SPDX-License-Identifier: Apache-2.0
// Owns: the features that a kernel's cost is made of, by name, with the price of each on a reference core. Used for
// fitting and for predicting alike. Not here: which a kernel has (kernel_features.h), fitted prices (device_profile.h).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace nngauge {

// Units are millions: of multiply-accumulates, elements, window taps. Calls are single.
enum class Feature : std::uint8_t {
  kConv1x1Macs,
  kConv1x1StridedMacs,
  kConvKxKMacs,
  kConvGathered,
  kConv1x1Out,
  kConvKxKOut,
  kConvWeights,
  kConvCalls,
  kConvFirstMacs,
  kConvFirstGathered,
  kConvFirstOut,
  kGroupedMacs,
  kGroupedTaps,
  kGroupedGathered,
  kGroupedOut,
  kDepthwise3x3Macs,
  kDepthwiseMacs,
  kDepthwiseOut,
  kDepthwiseIn,
  kDepthwiseCalls,
  kVectorMacs,
  kDenseWeights,
  kAddOut,
  kMulOut,
  kMulConstantOut,
  kBroadcastRows,
  kHardSwishOut,
  kSigmoidOut,
  kMeanIn,
  kMaxPoolTaps,
  kConcatOut,
  kPadOut,
  kMoveOut,
  kCalls,
  kMatMulMacs,
  kTransposedMacs,
  kRecurrentMacs,
  kSpecial,
  kFlops,
  kTransposeOut,
  kLinearMacs,
  kLinearOut,
  kLinearWeights,
  kChannelwiseMacs,
  kGeluOut,
  kSoftmaxOut,
  kRowMeanIn,
  kRowBroadcastOut,
  kBatchNormOut,
  kDepthwiseGeneralMacs,
  kConvertedElements,
  // Of the Arm Compute Library, beside those above.
  kInputElements,
  // Of ncnn (ncnn_kernels.cc). A setup runs float and integer layers side by side, so they have prices of their own.
  kNcnnConv1x1Macs,
  kNcnnConv1x1Moved,
  kNcnnWinogradMacs,
  kNcnnWinogradMoved,
  kNcnnConvKxKMacs,
  kNcnnConvKxKMoved,
  kNcnnConvWeights,
  kNcnnConvFirstMacs,
  kNcnnConvFirstOut,
  kNcnnGroupedMacs,
  kNcnnGroupedMoved,
  kNcnnConvCalls,
  kNcnnDepthwise3x3Macs,
  kNcnnDepthwise3x3StridedMacs,
  kNcnnDepthwiseMacs,
  kNcnnDepthwiseMoved,
  kNcnnInt8Conv1x1Macs,
  kNcnnInt8Conv1x1Moved,
  kNcnnInt8WinogradMacs,
  kNcnnInt8WinogradMoved,
  kNcnnInt8ConvKxKMacs,
  kNcnnInt8ConvKxKMoved,
  kNcnnInt8ConvWeights,
  kNcnnInt8ConvFirstMacs,
  kNcnnInt8ConvFirstOut,
  kNcnnInt8Depthwise3x3Macs,
  kNcnnInt8Depthwise3x3StridedMacs,
  kNcnnInt8DepthwiseMoved,
  kNcnnQuantized,
  kNcnnDenseWeights,
  kNcnnInt8DenseWeights,
  kNcnnProductMacs,
  kNcnnAttentionMacs,
  kNcnnElementwiseOut,
  kNcnnReluOut,
  kNcnnExponentialOut,
  kNcnnPoolTaps,
  kNcnnMeanIn,
  kNcnnReducedIn,
  kNcnnMovedOut,
  kNcnnLrnOut,
  kNcnnDetectIn,
  kNcnnBoxesIn,
  kNcnnBoxPairs,
  kNcnnSpilled,
  kNcnnCalls,
  // Of ncnn with Vulkan (ncnn_gpu_kernels.cc), beside those above for what stays on the CPU.
  kNcnnGpuCalls,
  kNcnnGpuConv1x1Macs,
  kNcnnGpuWinogradMacs,
  kNcnnGpuWinogradMoved,
  kNcnnGpuConvKxKMacs,
  kNcnnGpuConvWeights,
  kNcnnGpuGroupedMacs,
  kNcnnGpuDepthwiseMacs,
  kNcnnGpuDepth,
  kNcnnGpuMoved,
  kNcnnGpuDenseWeights,
  kNcnnGpuDenseDepth,
  kNcnnGpuPoolTaps,
  kNcnnGpuLrnOut,
  kNcnnTransfers,
  kNcnnTransferred,
  // Of neural processors (npu_kernels.cc).
  kNpuMacs,
  kNpuWindowMacs,
  kNpuGroupedMacs,
  kNpuDepthwiseMacs,
  kNpuAttentionMacs,
  kNpuWeights,
  kNpuMoved,
  kNpuElementwise,
  kNpuRearranged,
  kNpuJoined,
  kNpuFunctionOut,
  kNpuConvCalls,
  kNpuCalls,
  kNpuInference,
  // Of GPUs (gpu_kernels.cc).
  kKernelTime,
  kInference,
  kGpuCalls,
  kGpuMoved,
  kGpuMovers,
  kWinogradMoved,
};
inline constexpr std::size_t kFeatureCount = static_cast<std::size_t>(Feature::kWinogradMoved) + 1;
using FeatureVector = std::array<double, kFeatureCount>;
double dot(const FeatureVector& a, const FeatureVector& b);

// Whose kernels: which features a runtime's kernels are made of.
enum class KernelLibrary : std::uint8_t { kTflite, kNcnn, kArmCompute, kNpu };
// By the runtime as setups and fusion rules name it ("ncnn-cpu", "ncnn", "tflite-npu").
KernelLibrary kernel_library(std::string_view runtime);

// Whether kernels of `library` may have a feature of `of`: the Arm Compute Library has those of TFLite and its own.
bool has_features_of(KernelLibrary library, KernelLibrary of);

struct FeatureInfo {
  Feature feature;
  std::string_view name;  // "conv-1x1.macs"
  double prior_float_us;  // microseconds per unit on the reference core, an out-of-order core of about 2.8 GHz
  double prior_int8_us;
  std::string_view meaning;
  KernelLibrary library = KernelLibrary::kTflite;
};
std::span<const FeatureInfo> feature_table();
std::optional<Feature> find_feature(std::string_view name);

// What the kernels compute with, from the setup.
enum class KernelPrecision : std::uint8_t { kFloat, kInt8 };
// "int8" and "quant" are integer, everything else float.
KernelPrecision kernel_precision(std::string_view precision);

// Microseconds per unit on a reference core or GPU: the row's prior, or for a GPU a roofline of a small one.
double reference_price(const FeatureInfo& info, KernelPrecision precision, bool gpu);
// Features that only kernels of GPUs have; those of ncnn's apart.
bool is_gpu_feature(Feature feature);
bool is_ncnn_gpu_feature(Feature feature);
// What prices of features depend on together, beside each by itself: a slow GPU says nothing of the CPU beside it, and
// a core that multiplies fast may take long to start its threads.
enum class PriceBlock : std::uint8_t { kWork, kMemory, kCalls, kGpu };
PriceBlock price_block(Feature feature);

}  // namespace nngauge
