// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/slicing.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_slice(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_strided_slice(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_dynamic_slice(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_pad(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_center_crop_pad(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_dilate(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
std::optional<Value> fold_slice(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }
std::optional<Value> fold_strided_slice(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }

}  // namespace nngauge
