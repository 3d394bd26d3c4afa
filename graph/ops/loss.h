// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of training losses.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_loss(const RuleContext& c);
Result<Work> work_loss(const RuleContext& c);

}  // namespace nngauge
