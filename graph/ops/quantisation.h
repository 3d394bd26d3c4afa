// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of quantisation and dequantisation.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_quantize(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_dequantize(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_dynamic_quantize(const RuleContext& c);
Result<Work> work_quantize(const RuleContext& c);
Result<Work> work_dynamic_quantize(const RuleContext& c);

}  // namespace nngauge
