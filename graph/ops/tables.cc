// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/tables.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_embedding_lookup(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_unique(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_non_zero(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_segment_sum(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_unsorted_segment(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_hashtable(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_hashtable_find(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_hashtable_lookup(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_lsh_projection(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_var_handle(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }

}  // namespace nngauge
