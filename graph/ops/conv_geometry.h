// SPDX-License-Identifier: Apache-2.0
// Owns: what a convolution computes, whatever its layout: one description for shapes, work and kernel features.
#pragma once

#include <vector>

#include "graph/ops/window.h"
#include "graph/rule.h"

namespace nngauge {

// Order of the operands of convolutions; readers arrange them so.
//   Conv*, DepthwiseConv*   input, filter, bias?, sum? (added before the activation)
//   ConvTranspose*          input, filter, bias?, output_shape? (full shape, TFLite; kConfig)
//   DeformConv2D            input, filter, offset, bias?, mask?
struct ConvGeometry {
  bool transposed = false;
  bool depthwise = false;
  DataLayout layout = DataLayout::kChannelsFirst;
  FilterLayout filter_layout = FilterLayout::kOutInSpatial;
  Dim batch, in_channels, out_channels;
  Dim groups = 1;                   // depthwise: in_channels
  Dim multiplier;                   // out_channels / groups, where both are known
  std::vector<WindowAxis> spatial;  // outermost first
  bool has_bias = false;

  // Extents of input, result and filter in the operator's layouts. The filter's are complete even where the file gives
  // none (Caffe's prototxt alone), so parameters can be counted from them.
  [[nodiscard]] Shape input_shape() const;
  [[nodiscard]] Shape output_shape() const;
  [[nodiscard]] Shape filter_shape() const;
};

// The geometry of a Conv*, DepthwiseConv*, ConvTranspose* or DeformConv2D. Extents of the result that do not follow
// from the operands are taken from the result as shape inference left it.
// Errors: kInvalidAttribute, kShapeMismatch, kOverflow for an operator that cannot be.
Result<ConvGeometry> conv_geometry(const RuleContext& c);

// The same without a look at the result: for the shape rules.
Result<ConvGeometry> infer_conv_geometry(const RuleContext& c);

// Multiply-accumulates, each as a formula for `explain`. Padding counts as computed; dilation changes nothing.
//   plain       batch x out positions x kernel x (in_channels / groups) x out_channels
//   transposed  batch x in positions x kernel x in_channels x (out_channels / groups)
// Errors: kUnknown naming the open extent.
Result<Count> count_conv_macs(const RuleContext& c, const ConvGeometry& geometry);

}  // namespace nngauge
