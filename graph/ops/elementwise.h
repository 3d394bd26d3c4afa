// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of element-wise functions.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_bias_split_gelu(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_clip(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_complex_part(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_broadcast(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_broadcast_bool(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_select(const RuleContext& c);
Result<Work> work_elementwise(const RuleContext& c);
Result<Work> work_variadic(const RuleContext& c);
std::optional<Value> fold_unary(const RuleContext& c, std::size_t result);
std::optional<Value> fold_clip(const RuleContext& c, std::size_t result);
std::optional<Value> fold_binary(const RuleContext& c, std::size_t result);
std::optional<Value> fold_select(const RuleContext& c, std::size_t result);

}  // namespace nngauge
