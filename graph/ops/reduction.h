// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of reductions, softmax, sorting.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_reduce(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_arg_reduce(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_top_k(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_sort(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_reduce_general(const RuleContext& c);
Result<Work> work_softmax(const RuleContext& c);
Result<Work> work_reduce(const RuleContext& c);
Result<Work> work_sort(const RuleContext& c);
std::optional<Value> fold_reduce(const RuleContext& c, std::size_t result);

}  // namespace nngauge
