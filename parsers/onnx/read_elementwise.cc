// SPDX-License-Identifier: Apache-2.0
// Functions per element and along an axis, and their quantised forms.
#include <fmt/format.h>

#include "parsers/onnx/readers.h"

namespace nngauge::onnx_format {

void read_plain(OpReader& r) { static_cast<void>(r); }

void read_float_only(OpReader& r) {
  const DType dtype = r.in_dtype(0);
  if (!is_integer(dtype) && dtype != DType::kBool) return;
  r.fail(ErrorCode::kInvalidGraph,
         fmt::format("operand 0 has type {}, the operator takes floating point", dtype_name(dtype)));
}

// Before opset 7 the second operand was laid onto the first from `axis`, if `broadcast` was set.
void read_legacy_binary(OpReader& r) {
  if (r.opset() >= 7) return;
  BroadcastAttrs attrs;
  attrs.legacy = r.flag("broadcast");
  attrs.axis = r.integer("axis", -1);
  r.op().attrs = attrs;
}

void read_scalar(OpReader& r) {
  read_float_only(r);
  ScalarAttrs attrs;
  attrs.alpha = r.has("alpha") ? r.real("alpha", 0) : 0;
  attrs.beta = r.has("beta") ? r.real("beta", 0) : 0;
  if (r.op().kind == OpKind::kGelu) attrs.approximate = r.has("approximate") && r.text("approximate", "none") == "tanh";
  r.op().attrs = attrs;
}

void read_prelu(OpReader& r) { r.role(1, OperandRole::kWeight); }

void read_bias(OpReader& r) { r.role(1, OperandRole::kBias); }

// Limits stand in attributes before opset 11, in operands since.
void read_clip(OpReader& r) {
  r.roles_from(1, OperandRole::kConfig);
  if (!r.has("min") && !r.has("max")) return;
  ScalarAttrs attrs;
  attrs.alpha = r.real("min", -3.402823466e+38);
  attrs.beta = r.real("max", 3.402823466e+38);
  r.op().attrs = attrs;
}

// Experimental: Clip with limits of another name.
void read_hardtanh(OpReader& r) {
  ScalarAttrs attrs;
  attrs.alpha = r.real("min_val", -1);
  attrs.beta = r.real("max_val", 1);
  r.op().attrs = attrs;
}

// Experimental: one scale and a shift per channel, as attributes.
void read_image_scaler(OpReader& r) { r.op().attrs = NormAttrs{}; }

// X, X_scale, X_zero_point?, Y_scale, Y_zero_point?
void read_qlinear_unary(OpReader& r) { r.arrange({0}, {1, 2, 3, 4}); }

// A, A_scale, A_zero_point, B, B_scale, B_zero_point, C_scale, C_zero_point
void read_qlinear_binary(OpReader& r) { r.arrange({0, 3}, {1, 2, 4, 5, 6, 7}); }

// condition, X, x_scale, x_zero_point, Y, y_scale, y_zero_point, z_scale, z_zero_point
void read_qlinear_where(OpReader& r) { r.arrange({0, 1, 4}, {2, 3, 5, 6, 7, 8}); }

void read_softmax(OpReader& r) {
  AxisAttrs attrs;
  attrs.flatten_2d = r.opset() < 13;
  attrs.axis = r.integer("axis", attrs.flatten_2d ? 1 : -1);
  r.op().attrs = attrs;
}

// The opset whose Softmax is meant is an attribute of its own.
void read_qlinear_softmax(OpReader& r) {
  AxisAttrs attrs;
  attrs.flatten_2d = r.integer("opset", 13) < 13;
  attrs.axis = r.integer("axis", attrs.flatten_2d ? 1 : -1);
  r.arrange({0}, {1, 2, 3, 4});
  r.op().attrs = attrs;
}

namespace {

AxesAttrs reduce_attrs(OpReader& r) {
  AxesAttrs attrs;
  attrs.has_axes = r.has("axes");
  attrs.axes = r.ints("axes");
  attrs.keep_dims = r.flag("keepdims", true);
  attrs.noop_with_empty_axes = r.flag("noop_with_empty_axes");
  return attrs;
}

}  // namespace

void read_reduce(OpReader& r) {
  r.role(1, OperandRole::kConfig);
  r.op().attrs = reduce_attrs(r);
}

void read_qlinear_reduce(OpReader& r) {
  const AxesAttrs attrs = reduce_attrs(r);
  r.arrange({0}, {1, 2, 3, 4});
  r.op().attrs = attrs;
}

void read_arg_reduce(OpReader& r) {
  AxisAttrs attrs;
  attrs.axis = r.integer("axis", 0);
  attrs.keep_dims = r.flag("keepdims", true);
  attrs.dtype = DType::kInt64;
  r.op().attrs = attrs;
}

void read_cum_sum(OpReader& r) {
  r.role(1, OperandRole::kConfig);
  AxisAttrs attrs;
  if (const Value* axis = r.value(1)) {
    if (const auto ints = axis->known_ints(); ints && ints->size() == 1) attrs.axis = (*ints)[0];
  }
  r.op().attrs = attrs;
}

void read_top_k(OpReader& r) {
  TopKAttrs attrs;
  attrs.axis = r.integer("axis", -1);
  if (r.input(1) == nullptr) attrs.k = r.integer("k", 0);
  r.role(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// x, scale, zero_point?: the result's type is that of the zero point, unless the attribute names it.
void read_quantize(OpReader& r) {
  QuantAttrs attrs;
  attrs.axis = r.integer("axis", 1);
  attrs.block_size = r.integer("block_size", 0);
  if (attrs.block_size < 0) r.fail(ErrorCode::kInvalidAttribute, fmt::format("block_size is {}", attrs.block_size));
  attrs.dtype = r.in_dtype(2) != DType::kUnknown ? r.in_dtype(2) : DType::kUInt8;
  if (r.integer("output_dtype", 0) != 0) attrs.dtype = r.dtype("output_dtype");
  r.roles_from(1, OperandRole::kQuant);
  r.op().attrs = attrs;
}

// x, scale, zero_point?: the result's type is that of the scale, unless the attribute names it.
void read_dequantize(OpReader& r) {
  QuantAttrs attrs;
  attrs.axis = r.integer("axis", 1);
  attrs.block_size = r.integer("block_size", 0);
  if (attrs.block_size < 0) r.fail(ErrorCode::kInvalidAttribute, fmt::format("block_size is {}", attrs.block_size));
  attrs.dtype = r.in_dtype(1) != DType::kUnknown ? r.in_dtype(1) : DType::kFloat32;
  if (r.integer("output_dtype", 0) != 0) attrs.dtype = r.dtype("output_dtype");
  r.roles_from(1, OperandRole::kQuant);
  r.op().attrs = attrs;
}

}  // namespace nngauge::onnx_format
