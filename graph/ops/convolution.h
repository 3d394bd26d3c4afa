// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of convolutions, plain, transposed, deformable and general.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_conv(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_conv_transpose(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_deform_conv(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_conv_general(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_col2im(const RuleContext& c);
Result<Work> work_conv(const RuleContext& c);
Result<Work> work_conv_transpose(const RuleContext& c);
Result<Work> work_deform_conv(const RuleContext& c);
Result<Work> work_conv_general(const RuleContext& c);
Result<Work> work_col2im(const RuleContext& c);

}  // namespace nngauge
