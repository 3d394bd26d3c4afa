// SPDX-License-Identifier: Apache-2.0
// Owns: shape, work and folding rules of element-wise functions.
//
// Operands of the kinds:
//   one operand        x. Relu … Imag; FastGelu x, bias?; BiasGelu, BiasSplitGelu, BiasAdd x, bias (, skip); PRelu x,
//   slope Clip               x, min?, max? (operands), or ScalarAttrs alpha = min, beta = max where the file has
//   attributes two operands       a, b; with BroadcastAttrs.legacy the one of lower rank is laid onto the other from
//   `axis` Maximum, Minimum, AddN, MeanN   any number, broadcast together Select             condition, x, y
//
// Work: result elements x the two columns of the op table. Comparisons and logic count as one operation. Functions of
// n operands: n - 1 operations an element. Gelu: 0.5 x (1 + erf(x / sqrt 2)) is 4 operations and erf; its tanh form
// 0.5 x (1 + tanh(k x (1 + c x^2))) is 8 and tanh.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_bias_split_gelu(const RuleContext& c);
// Like operand 0, which is no wide integer and no bool: exp, erf and their kin have no such form. Narrow integers are
// quantised numbers, and QuantAttrs say that wide ones are fixed-point numbers. Errors: kInvalidAttribute.
Result<std::vector<TensorInfo>> shape_float_function(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_clip(const RuleContext& c);
// Real and imaginary part, absolute value: the result's type is that of the parts.
Result<std::vector<TensorInfo>> shape_complex_part(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_broadcast(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_broadcast_bool(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_select(const RuleContext& c);
Result<Work> work_elementwise(const RuleContext& c);
Result<Work> work_variadic(const RuleContext& c);

// Folding (fold_elementwise.cc). An element that overflows its type, divides by zero or is no finite number is unknown.
std::optional<Value> fold_unary(const RuleContext& c, std::size_t result);
std::optional<Value> fold_clip(const RuleContext& c, std::size_t result);
std::optional<Value> fold_binary(const RuleContext& c, std::size_t result);
std::optional<Value> fold_select(const RuleContext& c, std::size_t result);

// One element of a function of two operands (Add, Maximum, FloorDiv …); unknown where nothing tells.
Dim combine_elements(OpKind kind, Dim a, Dim b);
double combine_elements(OpKind kind, double a, double b);

}  // namespace nngauge
