// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/elementwise.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_bias_split_gelu(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_clip(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_complex_part(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_broadcast(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_broadcast_bool(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_select(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_elementwise(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_variadic(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
std::optional<Value> fold_unary(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_clip(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_binary(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_select(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }

}  // namespace nngauge
