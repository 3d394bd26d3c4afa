// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/pooling.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_pool(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_global_pool(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_max_unpool(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_roi(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_reduce_window(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_pool(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_global_pool(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_roi_pool(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_roi_align(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_reduce_window(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }

}  // namespace nngauge
