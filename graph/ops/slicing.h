// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of slices, padding, cropping.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_slice(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_strided_slice(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_dynamic_slice(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_pad(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_center_crop_pad(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_dilate(const RuleContext& c);
std::optional<Value> fold_slice(const RuleContext& c, std::size_t result);
std::optional<Value> fold_strided_slice(const RuleContext& c, std::size_t result);

}  // namespace nngauge
