// SPDX-License-Identifier: Apache-2.0
// Element-wise operators, reductions, conversions of types.
#include <algorithm>
#include <cmath>

#include "parsers/paddle/readers.h"

namespace nngauge::paddle {
namespace {

using K = OpKind;

}  // namespace

Status read_nothing(OpContext& /*c*/) { return ok(); }

Status read_elementwise(OpContext& c) {
  BroadcastAttrs attrs;
  attrs.axis = c.source.integer("axis", -1);
  attrs.legacy = attrs.axis >= 0;
  c.op.attrs = attrs;
  read_fused(c);
  return ok();
}

Status read_scale(OpContext& c) {
  c.add_scalar(c.source.real("scale", 1));
  return ok();
}

Status read_pow(OpContext& c) {
  c.add_scalar(c.source.real("factor", 1));
  return ok();
}

Status read_alpha(OpContext& c) {
  ScalarAttrs attrs;
  attrs.alpha = c.source.real("alpha", 0.02);
  c.op.attrs = attrs;
  return ok();
}

Status read_axis(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.source.integer("axis", c.op.kind == K::kSoftmax || c.op.kind == K::kLogSoftmax ? -1 : 0);
  c.op.attrs = attrs;
  return ok();
}

Status read_arg(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.source.integer("axis", -1);
  attrs.keep_dims = c.source.flag("keepdims");
  attrs.dtype = dtype_of(c.source.integer("dtype", 3));
  if (attrs.dtype == DType::kUnknown) attrs.dtype = DType::kInt64;
  c.op.attrs = attrs;
  return ok();
}

Status read_top_k(OpContext& c) {
  TopKAttrs attrs;
  attrs.axis = c.source.integer("axis", -1);
  attrs.k = c.op.inputs.size() > 1 ? 0 : c.source.integer("k", 1);
  c.op.attrs = attrs;
  return ok();
}

Status read_reduce(OpContext& c) {
  AxesAttrs attrs;
  const std::string_view axes = c.source.find("dim") ? "dim" : "axis";
  attrs.keep_dims = c.source.flag(c.source.find("keep_dim") ? "keep_dim" : "keepdim");
  if (!c.source.flag("reduce_all")) attrs.axes = c.source.ints(axes);
  // A number alone; an empty list is all axes.
  if (const std::int64_t axis = c.source.integer(axes, 0); attrs.axes.empty() && axis != 0) attrs.axes = {axis};
  attrs.has_axes = !attrs.axes.empty();
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_mean(OpContext& c) {
  AxesAttrs attrs;
  attrs.keep_dims = false;
  c.op.attrs = std::move(attrs);
  return ok();
}

// Norms of an order along an axis, or over all.
Status read_p_norm(OpContext& c) {
  const double order = c.source.real("porder", 2);
  c.op.kind = order == 1 ? K::kReduceL1 : K::kReduceL2;
  if (order != 1 && order != 2) {
    c.give_up("has no rule for this order of a norm");
    return ok();
  }
  AxesAttrs attrs;
  attrs.keep_dims = c.source.flag("keepdim");
  attrs.has_axes = !c.source.flag("asvector");
  if (attrs.has_axes) attrs.axes = {c.source.integer("axis", -1)};
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_increment(OpContext& c) {
  c.add_scalar(c.source.real(c.source.find("value") ? "value" : "step", 1));
  return ok();
}

Status read_cast(OpContext& c) {
  CastAttrs attrs;
  attrs.dtype = dtype_of(c.source.integer("out_dtype", 5));
  c.op.attrs = attrs;
  return ok();
}

// Paddle-Lite: between floating point and integers, told by the type of the result.
Status read_calib(OpContext& c) {
  const Tensor* out = c.output(0);
  const DType to = out ? out->dtype : DType::kUnknown;
  if (to == DType::kUnknown) {
    c.give_up("the type that it makes is not stated");
    return ok();
  }
  c.op.kind = is_float(to) ? K::kDequantize : K::kQuantize;
  QuantAttrs attrs;
  attrs.dtype = to;
  c.op.attrs = attrs;
  return ok();
}

Status read_quantize(OpContext& c) {
  QuantAttrs attrs;
  attrs.bits = c.source.integer("bit_length", 8);
  attrs.axis = c.source.integer("quant_axis", 0);
  if (attrs.axis < 0) attrs.axis = 0;
  if (c.op.kind == K::kQuantize) attrs.dtype = DType::kInt8;
  if (c.op.kind == K::kDequantize) attrs.dtype = DType::kFloat32;
  c.op.attrs = attrs;
  return ok();
}

}  // namespace nngauge::paddle
