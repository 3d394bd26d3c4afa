// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of control flow: placeholders for what its graphs decide.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_control_flow(const RuleContext& c);
Result<Work> work_control_flow(const RuleContext& c);

}  // namespace nngauge
