// SPDX-License-Identifier: Apache-2.0
// Owns: shape and work rules of resizing and grid sampling.
//
// Operands of the kinds:
//   Resize*        x, roi?, scales?, sizes?   The sizes are the integer operand among 1 and 3, roi is the other.
//   Without
//                                             operands ResizeAttrs sizes or scales. `axes` names what they speak of;
//                                             with spatial_sizes, or where there are two fewer than axes, the spatial
//                                             ones
//   GridSample     x [N,C,D…], grid [N,d…,k]  ResizeAttrs mode, linear where there are none
//   AffineGrid     theta [N,k,k+1], size [N,C,d…]
//   CropAndResize  image [N,H,W,C], boxes [B,4], box_indices [B], crop_size [2] or CustomAttrs pooled_height, _width
//
// Work per result element, d = number of axes whose extent changes (2 for pictures): nearest none; linear weighs 2^d
// neighbours: 2^d products and 2^d - 1 sums, 7 for d = 2; cubic 4^d neighbours, 31 for d = 2. The weights themselves
// are shared by a row, column or channel and not counted. Extents that stay cost nothing along their axis. GridSample:
// the same with d = k, and per position and coordinate 3 operations that map [-1, 1] to pixels. AffineGrid: per result
// element a row of theta times the position: 2 k.
#pragma once

#include "graph/rule.h"

namespace nngauge {

// From scales floor(extent x scale), in float32 as runtimes compute it.
Result<std::vector<TensorInfo>> shape_resize(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_grid_sample(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_affine_grid(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_crop_and_resize(const RuleContext& c);
Result<Work> work_resize(const RuleContext& c);
Result<Work> work_grid_sample(const RuleContext& c);
Result<Work> work_affine_grid(const RuleContext& c);

}  // namespace nngauge
