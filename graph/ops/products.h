// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of dense layers, matrix products, einsum.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_dense(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_matmul(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_matmul_packed(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_einsum(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_dot_general(const RuleContext& c);
Result<Work> work_dense(const RuleContext& c);
Result<Work> work_matmul(const RuleContext& c);
Result<Work> work_matmul_packed(const RuleContext& c);
Result<Work> work_einsum(const RuleContext& c);
Result<Work> work_dot_general(const RuleContext& c);

}  // namespace nngauge
