// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of reshapes, transposition, space and depth, casts.
#pragma once

#include "graph/rule.h"

namespace nngauge {

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
