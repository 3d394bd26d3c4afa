// SPDX-License-Identifier: Apache-2.0
// Element-wise kernels, reductions, conversions of types.
#include <algorithm>
#include <cmath>
#include <optional>

#include "parsers/executorch/readers.h"

namespace nngauge::executorch {
namespace {

using K = OpKind;

void add_operand(CallContext& c, std::size_t i) {
  if (c.arg(i).is_number()) c.scalar(c.arg(i).number());
  else c.add(i);
}

void reduce_over(CallContext& c, Ints axes, bool keep_dims) {
  const Tensor* x = c.in(0);
  if (axes.empty() && x && x->declared.ranked()) {
    for (std::size_t i = 0; i < x->declared.rank(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  AxesAttrs attrs;
  attrs.axes = std::move(axes);
  attrs.has_axes = true;
  attrs.keep_dims = keep_dims;
  c.add(0);
  c.op.attrs = std::move(attrs);
  keep_first_result(c);
}

}  // namespace

Status read_unary(CallContext& c) {
  c.add(0);
  return ok();
}

// Either operand may be a number.
Status read_binary(CallContext& c) {
  add_operand(c, 0);
  add_operand(c, 1);
  return ok();
}

// aten::rsub(a, b): b - a
Status read_swapped(CallContext& c) {
  add_operand(c, 1);
  add_operand(c, 0);
  return ok();
}

Status read_where(CallContext& c) {
  for (std::size_t i = 0; i < 3; ++i) add_operand(c, i);
  return ok();
}

// (x, mask, value)
Status read_masked_fill(CallContext& c) {
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}, std::size_t{0}}) add_operand(c, i);
  return ok();
}

// (x, least, most)
Status read_clamp(CallContext& c) {
  const Argument &low = c.arg(1), &high = c.arg(2);
  const bool from_zero = low.is_number() && std::fabs(low.number()) <= 0;
  if (from_zero && high.is_number() && std::fabs(high.number() - 6) <= 0) c.op.kind = K::kRelu6;
  c.add(0);
  return ok();
}

Status read_prelu(CallContext& c) {
  c.add(0);
  c.learned(1, OperandRole::kWeight);
  return ok();
}

Status read_along_axis(CallContext& c) {
  c.add(0);
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, -1);
  c.op.attrs = attrs;
  return ok();
}

// (x, axes, keep_dims …), over all axes where none are given; (x, type) and (x) over all.
Status read_reduction(CallContext& c) {
  if (c.args.size() < 3) reduce_over(c, {}, false);
  else reduce_over(c, c.arg(1).ints, c.int_or(2, 0) != 0);
  return ok();
}

// aten::max(x), aten::max(x, axis, keep_dims), aten::max(x, y)
Status read_extreme(CallContext& c) {
  if (c.arg(1).tensor == kNoTensor) return read_reduction(c);
  c.op.kind = c.op.kind == K::kReduceMax ? K::kMaximum : K::kMinimum;
  return read_binary(c);
}

Status read_arg_extreme(CallContext& c) {
  if (c.arg(1).ints.empty()) return read_custom(c);
  c.add(0);
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, 0);
  attrs.keep_dims = c.int_or(2, 0) != 0;
  attrs.dtype = DType::kInt64;
  c.op.attrs = attrs;
  return ok();
}

// (x, k, axis …)
Status read_top_k(CallContext& c) {
  c.add(0);
  TopKAttrs attrs;
  attrs.k = c.int_or(1, 1);
  attrs.axis = c.int_or(2, -1);
  c.op.attrs = attrs;
  return ok();
}

// (x, …): what else is made is no work of its own.
Status read_first(CallContext& c) {
  c.add(0);
  keep_first_result(c);
  return ok();
}

Status read_sort(CallContext& c) {
  c.add(0);
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, -1);
  c.op.attrs = attrs;
  return ok();
}

// (x, axes, correction, keep_dims): the mean of the squared distances from the mean.
Status read_variance(CallContext& c) {
  const Tensor* x = c.in(0);
  if (!x || !x->declared.is_static()) return read_custom(c);
  Ints axes = c.arg(1).ints;
  if (axes.empty()) {
    for (std::size_t i = 0; i < x->declared.rank(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  AxesAttrs over;
  over.axes = axes;
  over.has_axes = over.keep_dims = true;
  const auto between = [&](K kind, std::vector<Operand> operands, Attributes attrs) {
    Tensor made;
    made.name = c.op.name;
    made.dtype = c.in(0)->dtype;
    Op op = c.op;
    op.kind = kind;
    op.inputs = std::move(operands);
    op.attrs = std::move(attrs);
    op.outputs = {c.plan.add(std::move(made))};
    c.plan.graph().ops.push_back(op);
    return op.outputs[0];
  };
  const Operand data{c.arg(0).tensor, OperandRole::kData};
  const TensorId mean = between(K::kReduceMean, {data}, over);
  const TensorId squares = between(K::kSquaredDifference, {data, {mean, OperandRole::kData}}, {});
  c.op.inputs.push_back({squares, OperandRole::kData});
  over.keep_dims = c.int_or(c.args.size() - 1, 0) != 0;
  c.op.attrs = std::move(over);
  return ok();
}

Status read_cast(CallContext& c) {
  c.add(0);
  if (c.out()) c.op.attrs = CastAttrs{c.out()->dtype};
  return ok();
}

Status read_quantise(CallContext& c) {
  c.add(0);
  QuantAttrs attrs;
  if (c.out()) attrs.dtype = c.out()->dtype;
  c.op.attrs = attrs;
  return ok();
}

}  // namespace nngauge::executorch
