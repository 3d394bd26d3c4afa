// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of resizing and grid sampling.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_resize(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_grid_sample(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_affine_grid(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_crop_and_resize(const RuleContext& c);
Result<Work> work_resize(const RuleContext& c);
Result<Work> work_grid_sample(const RuleContext& c);
Result<Work> work_affine_grid(const RuleContext& c);

}  // namespace nngauge
