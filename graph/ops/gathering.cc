// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/gathering.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_gather(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_gather_elements(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_gather_nd(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_gather_general(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_scatter_nd(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_compress(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_matrix_diag(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_sparse_to_dense(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
std::optional<Value> fold_gather(const RuleContext& /*c*/, std::size_t /*result*/) { return std::nullopt; }

}  // namespace nngauge
