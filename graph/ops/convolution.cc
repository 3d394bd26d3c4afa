// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/convolution.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_conv(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_conv_transpose(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_deform_conv(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_conv_general(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_col2im(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_conv(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_conv_transpose(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_deform_conv(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_conv_general(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_col2im(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }

}  // namespace nngauge
