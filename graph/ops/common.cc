// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/common.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_same(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_same_bool(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_scalar_int64(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_scalar_int32(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_unknown(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_same_int32(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_none(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_scalar_bool(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_none(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_unknown_count(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_in_elements(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_opaque(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }

}  // namespace nngauge
