// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/joining.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_concat(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_split(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_tile(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_expand(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_stack(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_unstack(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
std::optional<Value> fold_concat(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_split(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_tile(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_expand(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_stack(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_unstack(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }

}  // namespace nngauge
