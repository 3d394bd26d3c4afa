// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/quantisation.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_quantize(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_dequantize(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_dynamic_quantize(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_quantize(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_dynamic_quantize(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }

}  // namespace nngauge
