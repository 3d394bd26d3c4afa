// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/attention.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_attention(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_mixture_of_experts(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_attention(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_mixture_of_experts(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }

}  // namespace nngauge
