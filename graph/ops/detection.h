// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of detection post-processing.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_non_max_suppression(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_detection_post_process(const RuleContext& c);
Result<Work> work_non_max_suppression(const RuleContext& c);
Result<Work> work_detection_post_process(const RuleContext& c);

}  // namespace nngauge
