// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of functions along an axis: softmax, running sums, reductions, sorting.
//
// Operands of the kinds:
//   Softmax, LogSoftmax, Hardmax   x                     AxisAttrs axis, flatten_2d
//   CumSum                         x, axis?              AxisAttrs axis
//   Reduce*                        x, axes?              AxesAttrs; no axes at all: all of them
//   ArgMax, ArgMin                 x, axis?              AxisAttrs axis, keep_dims, dtype
//   TopK                           x, k?                 TopKAttrs
//   Sort                           any number, sorted together; AxisAttrs axis
//   ReduceGeneral                  inputs, then as many initial values; GeneralAttrs dims (StableHLO)
//
// Work, n = elements of x, r = rows (n / extent of the axis), o = result elements:
//   Softmax     3 n (maximum, difference, sum), special 2 n (exp, division)
//   LogSoftmax  4 n (the last difference too), special n + r (exp; log of the sum)
//   Hardmax     n
//   Reduce*     one per element reduced: n; ReduceMean special o (division); ReduceL1 2 n (absolute value, sum);
//               ReduceL2 2 n, special o (root); ReduceSumSquare 2 n; ReduceLogSum n, special o;
//               ReduceLogSumExp n, special n + o
//   sorting     comparisons of a merge sort: per row of m elements m x ceil(log2 m). TopK: a heap of k elements,
//               m x max(1, ceil(log2 k)). Unique sorts all elements, or as many rows as its axis has.
#pragma once

#include "graph/rule.h"

namespace nngauge {

// As operand 0, with a valid axis.
Result<std::vector<TensorInfo>> shape_along_axis(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_reduce(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_arg_reduce(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_top_k(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_sort(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_reduce_general(const RuleContext& c);
Result<Work> work_softmax(const RuleContext& c);
Result<Work> work_reduce(const RuleContext& c);
Result<Work> work_sort(const RuleContext& c);
// Sum, product, extremes of shape arithmetic.
std::optional<Value> fold_reduce(const RuleContext& c, std::size_t result);

}  // namespace nngauge
