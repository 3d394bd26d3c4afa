// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of gathers, scatters, sparse and diagonal forms.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_gather(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_gather_elements(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_gather_nd(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_gather_general(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_scatter_nd(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_compress(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_matrix_diag(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_sparse_to_dense(const RuleContext& c);
std::optional<Value> fold_gather(const RuleContext& c, std::size_t result);

}  // namespace nngauge
