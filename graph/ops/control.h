// SPDX-License-Identifier: Apache-2.0
// Owns: placeholders for the rules of control flow. Shapes come from the inner graphs (shape_inference.cc), work is the
// sum over them (cost/): no rule of one operator can see either.
#pragma once

#include "graph/rule.h"

namespace nngauge {

// Errors: always kUnknown.
Result<std::vector<TensorInfo>> shape_control_flow(const RuleContext& c);
Result<Work> work_control_flow(const RuleContext& c);

}  // namespace nngauge
