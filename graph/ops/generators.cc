// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/generators.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_shape(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_fill(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_range(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_one_hot(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_multinomial(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_random_bits(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_broadcast_args(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_window(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_mel_weight_matrix(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_random(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
std::optional<Value> fold_shape(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_size(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_rank(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_fill(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_range(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_broadcast_args(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }

}  // namespace nngauge
