// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of reshapes, transposition, space and depth, casts. None of them computes.
//
// Operands of the kinds:
//   Reshape             x, shape?          ReshapeAttrs
//   Flatten             x                  AxisAttrs axis: result [product before it, product from it]
//   Squeeze, Unsqueeze  x, axes?           AxesAttrs; Unsqueeze's axes are those of the result
//   Dropout             x, ratio?, mode?   results y, mask?
//   Bitcast, Cast       x (, like?)        CastAttrs dtype; Cast without one takes the type of operand 1
//   Transpose           x, perm?           TransposeAttrs
//   SpaceToDepth, DepthToSpace   x         SpaceDepthAttrs
//   SpaceToBatch        x, block_shape, paddings     as TensorFlow's …ND
//   BatchToSpace        x, block_shape, crops
//   ReorderLayout       x                  AxisAttrs count: channels of the result (blocks of channels pad them)
#pragma once

#include "graph/rule.h"

namespace nngauge {

// A target extent 0 copies the input's where zero_copies is set; -1 is inferred, also with open extents that occur on
// both sides. ReshapeAttrs axis and num_axes choose the part that is replaced. Errors: kShapeMismatch where the
// elements do not agree, kInvalidAttribute for a bad target.
Result<std::vector<TensorInfo>> shape_reshape(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_flatten(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_squeeze(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_unsqueeze(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_dropout(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_bitcast(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_transpose(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_space_to_depth(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_depth_to_space(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_space_to_batch(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_batch_to_space(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_cast(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_reorder_layout(const RuleContext& c);
std::optional<Value> fold_copy(const RuleContext& c, std::size_t result);
std::optional<Value> fold_transpose(const RuleContext& c, std::size_t result);
std::optional<Value> fold_cast(const RuleContext& c, std::size_t result);

}  // namespace nngauge
