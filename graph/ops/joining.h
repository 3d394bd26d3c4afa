// SPDX-License-Identifier: Apache-2.0
// Owns: shape and folding rules of concatenation, splitting, stacking, tiling, expansion. None of them computes.
//
// Operands of the kinds:
//   Concat   any number          AxisAttrs axis
//   Split    x, sizes?           SplitAttrs; one size of -1 takes the rest (TFLite SPLIT_V). Equal parts: the extent
//                                must be a multiple of their number, unless SplitAttrs.count is set, where the last
//                                part may be smaller (ONNX num_outputs)
//   Stack    any number          AxisAttrs axis, of the result
//   Unstack  x                   AxisAttrs axis
//   Tile     x, repeats          one per axis; or without the operand AxisAttrs axis, count
//   Expand   x, shape            or ReshapeAttrs shape; both are broadcast together
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_concat(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_split(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_tile(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_expand(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_stack(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_unstack(const RuleContext& c);

// fold_joining.cc
std::optional<Value> fold_concat(const RuleContext& c, std::size_t result);
std::optional<Value> fold_split(const RuleContext& c, std::size_t result);
std::optional<Value> fold_tile(const RuleContext& c, std::size_t result);
std::optional<Value> fold_expand(const RuleContext& c, std::size_t result);
std::optional<Value> fold_stack(const RuleContext& c, std::size_t result);
std::optional<Value> fold_unstack(const RuleContext& c, std::size_t result);

}  // namespace nngauge
