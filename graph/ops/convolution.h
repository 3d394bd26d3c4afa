// SPDX-License-Identifier: Apache-2.0
// Owns: shape and work rules of convolutions, plain, depthwise, transposed, deformable and general.
// Operands in conv_geometry.h; ConvGeneral is input, filter with GeneralAttrs (pads: all begins, then all ends);
// Col2Im is input, image_shape, block_shape with ConvAttrs.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_conv(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_conv_transpose(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_deform_conv(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_conv_general(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_col2im(const RuleContext& c);
// macs: conv_geometry.h. flops: 2 macs, one per result for the bias and one for the sum.
Result<Work> work_conv(const RuleContext& c);
Result<Work> work_conv_transpose(const RuleContext& c);
// And 7 per sampled element for the bilinear interpolation (4 products, 3 sums), 1 more with a mask.
Result<Work> work_deform_conv(const RuleContext& c);
// macs: results x kernel x filter's input channels; along an axis whose input is dilated and stride is 1 (a transposed
// convolution) the input positions count instead of the output's.
Result<Work> work_conv_general(const RuleContext& c);
// One addition per element of the input.
Result<Work> work_col2im(const RuleContext& c);

}  // namespace nngauge
