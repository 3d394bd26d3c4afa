// SPDX-License-Identifier: Apache-2.0
// Owns: shape and work rules of normalisation.
//
// Operands: BatchNorm x, scale?, shift?, mean?, variance?; LayerNorm, InstanceNorm, GroupNorm x, scale?, shift?;
// RMSNorm x, scale?; Skip*Norm input, skip, gamma, beta?, bias?, where roles tell (SkipGroupNorm: x, gamma, beta, skip,
// bias?); EmbedLayerNorm input ids, segment ids?, word, position, segment embedding?, gamma, beta, mask?, positions?.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_batch_norm(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_layer_norm(const RuleContext& c);
// InstanceNorm, GroupNorm: scale and shift come together.
Result<std::vector<TensorInfo>> shape_channel_norm(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_lp_norm(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_skip_norm(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_embed_layer_norm(const RuleContext& c);
// Statistics are constants, so per element one product and one sum.
Result<Work> work_batch_norm(const RuleContext& c);
// Per element 5 flops (sum, difference, square, sum, product), 1 more for scale and for shift each; per group of
// elements that share statistics 4 special (two divisions, root, reciprocal).
Result<Work> work_moment_norm(const RuleContext& c);
// Per element 3 flops (square, sum, product), 1 more for the scale; per group 3 special (division, root, reciprocal).
Result<Work> work_rms_norm(const RuleContext& c);
// Per element 3 flops (power, sum, product); per group 2 special (root, reciprocal).
Result<Work> work_lp_norm(const RuleContext& c);
// Per element a square, the sum over the window, 3 flops (scale, bias, product) and 1 special (power); Krizhevsky 2012.
Result<Work> work_local_response_norm(const RuleContext& c);
// The sum with the skipped tensor, a bias, then the normalisation of the name.
Result<Work> work_skip_norm(const RuleContext& c);
// Sums of two or three embeddings, then LayerNorm.
Result<Work> work_embed_layer_norm(const RuleContext& c);

}  // namespace nngauge
