// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/products.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_dense(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_matmul(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_matmul_packed(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_einsum(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_dot_general(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_dense(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_matmul(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_matmul_packed(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_einsum(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_dot_general(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }

}  // namespace nngauge
