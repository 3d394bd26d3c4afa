// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of pooling.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_pool(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_global_pool(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_max_unpool(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_roi(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_reduce_window(const RuleContext& c);
Result<Work> work_pool(const RuleContext& c);
Result<Work> work_global_pool(const RuleContext& c);
Result<Work> work_roi_pool(const RuleContext& c);
Result<Work> work_roi_align(const RuleContext& c);
Result<Work> work_reduce_window(const RuleContext& c);

}  // namespace nngauge
