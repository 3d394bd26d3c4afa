// SPDX-License-Identifier: Apache-2.0
// Owns: shape and work rules of dense layers, matrix products, einsum and general dot products.
// Operands of the first three in matmul_geometry.h; Einsum takes its operands as the equation does, DotGeneral lhs,
// rhs. macs: batch x m x n x k. flops: 2 macs and one per result for a bias.
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
// Two operands: the product of the extents of all labels. More: from left to right, each step keeps the labels that are
// still needed. One operand: a sum. Nothing summed: multiplications only.
Result<Work> work_einsum(const RuleContext& c);
Result<Work> work_dot_general(const RuleContext& c);

}  // namespace nngauge
