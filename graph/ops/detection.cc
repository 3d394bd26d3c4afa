// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/detection.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_non_max_suppression(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_detection_post_process(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_non_max_suppression(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_detection_post_process(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }

}  // namespace nngauge
