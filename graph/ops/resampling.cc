// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/resampling.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_resize(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_grid_sample(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_affine_grid(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_crop_and_resize(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_resize(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_grid_sample(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_affine_grid(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }

}  // namespace nngauge
