// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of results made from shapes, ranges, random numbers.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_shape(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_fill(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_range(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_one_hot(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_multinomial(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_random_bits(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_broadcast_args(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_window(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_mel_weight_matrix(const RuleContext& c);
Result<Work> work_random(const RuleContext& c);
std::optional<Value> fold_shape(const RuleContext& c, std::size_t result);
std::optional<Value> fold_size(const RuleContext& c, std::size_t result);
std::optional<Value> fold_rank(const RuleContext& c, std::size_t result);
std::optional<Value> fold_fill(const RuleContext& c, std::size_t result);
std::optional<Value> fold_range(const RuleContext& c, std::size_t result);
std::optional<Value> fold_broadcast_args(const RuleContext& c, std::size_t result);

}  // namespace nngauge
