// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/movement.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_reshape(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_flatten(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_squeeze(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_unsqueeze(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_dropout(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_bitcast(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_transpose(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_space_to_depth(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_depth_to_space(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_space_to_batch(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_batch_to_space(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_cast(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_reorder_layout(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
std::optional<Value> fold_copy(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_transpose(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_cast(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }

}  // namespace nngauge
