// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of attention and mixtures of experts.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_attention(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_mixture_of_experts(const RuleContext& c);
Result<Work> work_attention(const RuleContext& c);
Result<Work> work_mixture_of_experts(const RuleContext& c);

}  // namespace nngauge
