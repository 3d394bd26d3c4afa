// SPDX-License-Identifier: Apache-2.0
// Owns: shape and folding rules of slices, padding, cropping. None of them computes.
//
// Operands of the kinds (SliceAttrs stand in where operands are absent):
//   Slice         x, begin, size           size -1: to the end (TFLite, TensorFlow)
//                 x, starts, ends, axes?, steps?   with SliceAttrs.onnx_form; values beyond the extent are clamped
//   StridedSlice  x, begin, end, strides?  masks as in TensorFlow; `offset`: end counts from begin
//   DynamicSlice  x, starts…               GeneralAttrs dims: sizes (StableHLO)
//   Pad           x, pads, value?, axes?   pads [rank,2] with PadAttrs.pairs, else all begins, then all ends
//   CenterCropPad x, shape                 AxesAttrs axes
//   Dilate        x, dilations, value?     result extent (n - 1) d + 1
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_slice(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_strided_slice(const RuleContext& c);  // strided_slice.cc
Result<std::vector<TensorInfo>> shape_dynamic_slice(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_pad(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_center_crop_pad(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_dilate(const RuleContext& c);
std::optional<Value> fold_slice(const RuleContext& c, std::size_t result);
std::optional<Value> fold_strided_slice(const RuleContext& c, std::size_t result);

}  // namespace nngauge
