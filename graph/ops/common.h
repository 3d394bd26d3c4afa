// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of rules that several families share.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_same(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_same_bool(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_scalar_int64(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_scalar_int32(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_unknown(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_same_int32(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_none(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_scalar_bool(const RuleContext& c);
Result<Work> work_none(const RuleContext& c);
Result<Work> work_unknown_count(const RuleContext& c);
Result<Work> work_in_elements(const RuleContext& c);
Result<Work> work_opaque(const RuleContext& c);

}  // namespace nngauge
