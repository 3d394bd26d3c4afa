// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/normalisation.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_batch_norm(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_layer_norm(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_skip_norm(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<std::vector<TensorInfo>> shape_embed_layer_norm(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_batch_norm(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_moment_norm(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_rms_norm(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_lp_norm(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_local_response_norm(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_skip_norm(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }
Result<Work> work_embed_layer_norm(const RuleContext& /*c*/) { return unknown("the rule is not written yet"); }

}  // namespace nngauge
