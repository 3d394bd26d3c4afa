// SPDX-License-Identifier: Apache-2.0
// Owns: shape and work rules of attention and mixtures of experts.
//
// Operands, in this order; those after the first three are told by role, so positions in between may be absent:
//   Attention kQkv           query, key?, value?, mask?, past key? (first kState), past value? (second kState),
//                            projection bias? (kBias), whatever steers it (kConfig)
//   Attention kPackedWeights input, weight, bias?, mask?, past? (kState, [2, batch, heads, past, size]), …
//   Attention kProjected     query, key? (else the query), value? (else the key), weights of query, key, value
//                            [hidden, in], of the result [out, hidden], their biases (kBias), mask?, past key?, value?
//   MixtureOfExperts         input, router probabilities, weights of the experts (kWeight, [experts, …]), biases
//   (kBias)
// Layouts of query, key and value: [batch, seq, heads x size], [batch, heads, seq, size]; packed Q, K, V as
// [batch, seq, (heads + 2 kv heads) x size] or [batch, seq, heads, 3, size]; packed K, V as [batch, seq, heads, 2,
// size].
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_attention(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_mixture_of_experts(const RuleContext& c);
// macs: batch x heads x queries x keys x (size of a key + size of a value), with as many heads as the query has, and
// for packed weights the projection batch x queries x in x (q + k + v), for projected ones tokens x weight
// each. Masks leave nothing out. flops: 2 macs, 3 per
// score for the softmax (maximum, difference, sum), biases; special: 2 per score (exp, division).
// Where the length of the past is open, the result is a lower bound.
Result<Work> work_attention(const RuleContext& c);
// TopKAttrs k: each token goes through k experts.
Result<Work> work_mixture_of_experts(const RuleContext& c);

}  // namespace nngauge
