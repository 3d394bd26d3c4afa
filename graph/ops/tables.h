// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of lookup tables, hash tables, sets, segments, variables.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_embedding_lookup(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_unique(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_non_zero(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_segment_sum(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_unsorted_segment(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_hashtable(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_hashtable_find(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_hashtable_lookup(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_lsh_projection(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_var_handle(const RuleContext& c);

}  // namespace nngauge
