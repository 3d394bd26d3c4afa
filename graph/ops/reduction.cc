// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/reduction.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_reduce(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_arg_reduce(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_top_k(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_sort(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_reduce_general(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_softmax(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_reduce(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_sort(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
std::optional<Value> fold_reduce(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }

}  // namespace nngauge
