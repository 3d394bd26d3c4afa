// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of concatenation, splitting, stacking, tiling, expansion.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_concat(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_split(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_tile(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_expand(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_stack(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_unstack(const RuleContext& c);
std::optional<Value> fold_concat(const RuleContext& c, std::size_t result);
std::optional<Value> fold_split(const RuleContext& c, std::size_t result);
std::optional<Value> fold_tile(const RuleContext& c, std::size_t result);
std::optional<Value> fold_expand(const RuleContext& c, std::size_t result);
std::optional<Value> fold_stack(const RuleContext& c, std::size_t result);
std::optional<Value> fold_unstack(const RuleContext& c, std::size_t result);

}  // namespace nngauge
