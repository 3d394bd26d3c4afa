// SPDX-License-Identifier: Apache-2.0
// Owns: what the kernels of ncnn, the Arm Compute Library and neural processors need to know of a layer: sizes in
// millions, and Winograd's tiles. Not here: features (ncnn_kernels.h, ncnn_gpu_kernels.h, npu_kernels.h).
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cost/kernel_features.h"
#include "graph/op_table.h"
#include "graph/ops/conv_geometry.h"
#include "graph/rule.h"

namespace nngauge::layer {

inline constexpr double kMillion = 1e6;
inline constexpr double kWinogradChannels =
    16;  // fewer, on either side, and ncnn and the Arm Compute Library take another kernel

inline double& of(Kernel& kernel, Feature feature) { return kernel.features[static_cast<std::size_t>(feature)]; }

// Errors: kUnknown with the reason: opaque operators, and those with inner graphs.
Status check_has_kernel(const OpInfo& info);
// Whether measure_conv can read it.
bool is_convolution(const OpInfo& info);

// Millions. Errors: kUnknown.
Result<double> count(Result<Count> elements);
Result<double> work_macs(const RuleContext& c);
// Millions of elements: of all operands that are no constants and of known size, and of all results.
double read_elements(const RuleContext& c);
Result<double> written_elements(const RuleContext& c);

struct Conv {
  double positions = 1, taps = 1, in_channels = 1, out_channels = 1, groups = 1, stride = 1;
  double in = 0, out = 0;  // millions of elements
  double batch = 1;
  std::vector<double> extents;  // of the result
  bool square3 = false, dilated = false, transposed = false, depthwise = false;
  [[nodiscard]] double weights() const { return taps * in_channels / groups * out_channels / kMillion; }
  [[nodiscard]] double macs() const { return positions * weights(); }
  [[nodiscard]] double gathered() const { return positions * taps * in_channels / kMillion; }
  // 3x3 without stride and dilation, between enough channels.
  [[nodiscard]] bool takes_winograd() const {
    return square3 && stride <= 1 && !dilated && in_channels >= kWinogradChannels && out_channels >= kWinogradChannels;
  }
};
Result<Conv> measure_conv(const RuleContext& c);

// Millions of elements that Winograd's tiles read for one channel, with the size of tile that needs fewest. A tile of n
// results, each way, reads n + 2.
double winograd_points(const Conv& conv, std::initializer_list<double> tiles);

// A layer of one row of activations reads each weight once: true where `macs` are no more than that.
inline bool is_one_row(double macs, double weights) { return macs <= weights; }

}  // namespace nngauge::layer
