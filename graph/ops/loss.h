// SPDX-License-Identifier: Apache-2.0
// Owns: shape and work rules of training losses.
// Operands: scores [batch, classes, …] (log probabilities for the negative log likelihood), labels [batch, …], class
// weights?. AxisAttrs::keep_dims: no reduction, one loss per label.
#pragma once

#include "graph/rule.h"

namespace nngauge {

// Results: the loss, a scalar unless it is not reduced; the log probabilities.
Result<std::vector<TensorInfo>> shape_loss(const RuleContext& c);
// Softmax and logarithm: 3 flops and 1 special (exp) per score, 1 special (log) per label. Then per label a negation, a
// product with its weight, and a sum where the losses are reduced.
Result<Work> work_loss(const RuleContext& c);

}  // namespace nngauge
