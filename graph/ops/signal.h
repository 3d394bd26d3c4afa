// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of Fourier transforms and linear algebra.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_dft(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_stft(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_det(const RuleContext& c);
Result<Work> work_dft(const RuleContext& c);
Result<Work> work_stft(const RuleContext& c);
Result<Work> work_det(const RuleContext& c);

}  // namespace nngauge
