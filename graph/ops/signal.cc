// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/signal.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_dft(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_stft(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_det(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_dft(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_stft(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_det(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }

}  // namespace nngauge
