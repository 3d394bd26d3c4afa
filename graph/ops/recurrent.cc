// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/recurrent.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_recurrent(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_svdf(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_recurrent(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_svdf(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }

}  // namespace nngauge
