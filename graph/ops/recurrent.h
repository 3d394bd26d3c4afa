// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of LSTM, GRU, RNN and SVDF.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_recurrent(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_svdf(const RuleContext& c);
Result<Work> work_recurrent(const RuleContext& c);
Result<Work> work_svdf(const RuleContext& c);

}  // namespace nngauge
