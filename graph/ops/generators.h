// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of results made from shapes, ranges, random numbers.
//
// Operands of the kinds:
//   Shape            x                        SliceAttrs starts, ends (one entry each): only those axes;
//                                             CastAttrs dtype
//   Size, Rank       x
//   Fill             shape?, value?           FillAttrs
//   ZerosLike, EyeLike, Bernoulli   x
//   Range            start, limit, delta; or none, with FillAttrs shape (StableHLO iota)
//   OneHot           indices, depth, values or on, off    AxisAttrs axis, count (depth without an operand), dtype
//   RandomNormal, RandomUniform     shape?    FillAttrs; with `like` the shape of operand 0
//   Multinomial      logits [batch, classes], count?      AxisAttrs count, dtype
//   RandomBits       state                    results state, bits (FillAttrs shape)
//   BroadcastArgs    shape a, shape b
//   WindowFunction   size                     FillAttrs dtype
//   MelWeightMatrix  bins, dft_length, sample_rate, lower, upper   FillAttrs dtype
//
// Work: filling is no arithmetic. A random number counts as one operation, and the total as a lower bound, since the
// generator's own arithmetic is the runtime's choice. A window is one cosine and two operations an element.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_shape(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_fill(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_range(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_one_hot(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_multinomial(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_random_bits(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_broadcast_args(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_window(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_mel_weight_matrix(const RuleContext& c);
Result<Work> work_random(const RuleContext& c);
std::optional<Value> fold_shape(const RuleContext& c, std::size_t result);
std::optional<Value> fold_size(const RuleContext& c, std::size_t result);
std::optional<Value> fold_rank(const RuleContext& c, std::size_t result);
std::optional<Value> fold_fill(const RuleContext& c, std::size_t result);
std::optional<Value> fold_range(const RuleContext& c, std::size_t result);
std::optional<Value> fold_broadcast_args(const RuleContext& c, std::size_t result);

}  // namespace nngauge
