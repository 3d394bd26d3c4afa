// SPDX-License-Identifier: Apache-2.0
// Attributes of element-wise functions, reductions, generators, quantisation and resampling.
#include "parsers/tensorflow/op_map.h"

namespace nngauge::tensorflow {
namespace {

// The type that an attribute chooses, else the one that is stated of the result.
DType result_dtype(const OpContext& c, std::string_view key) {
  return c.node.dtype(key, c.output(0) ? c.output(0)->dtype : DType::kUnknown);
}

void take_axis(OpContext& c, std::int64_t axis, DType dtype = DType::kUnknown) {
  AxisAttrs attrs;
  attrs.axis = axis;
  attrs.dtype = dtype;
  c.op.attrs = attrs;
}

}  // namespace

Status read_leaky_relu(OpContext& c) {
  ScalarAttrs attrs;
  attrs.alpha = c.node.real("alpha", 0.2);
  c.op.attrs = attrs;
  return ok();
}

Status read_last_axis(OpContext& c) {
  take_axis(c, -1);
  return ok();
}

Status read_axis_operand(OpContext& c) {
  take_axis(c, c.input_int(1).value_or(0));
  return ok();
}

Status read_reduce(OpContext& c) {
  AxesAttrs attrs;
  attrs.keep_dims = c.node.flag("keep_dims");
  attrs.noop_with_empty_axes = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_reduce_all(OpContext& c) {
  AxesAttrs attrs;
  attrs.keep_dims = false;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_arg_reduce(OpContext& c) {
  const DType stated = result_dtype(c, "output_type");
  take_axis(c, c.input_int(1).value_or(0), stated == DType::kUnknown ? DType::kInt64 : stated);
  return ok();
}

Status read_top_k(OpContext& c) {
  TopKAttrs attrs;
  attrs.axis = -1;
  attrs.k = c.node.integer("k", 0);
  c.op.attrs = attrs;
  return ok();
}

Status read_cast(OpContext& c) {
  CastAttrs attrs;
  attrs.dtype = result_dtype(c, c.op.kind == OpKind::kBitcast ? "type" : "DstT");
  c.op.attrs = attrs;
  return ok();
}

Status read_fake_quant(OpContext& c) {
  QuantAttrs attrs;
  attrs.bits = c.node.integer("num_bits", 8);
  attrs.axis = -1;
  c.op.attrs = attrs;
  return ok();
}

Status read_quantize(OpContext& c) {
  QuantAttrs attrs;
  attrs.axis = c.node.integer("axis", -1);
  if (c.op.kind == OpKind::kDequantize) attrs.dtype = c.node.dtype("dtype", DType::kFloat32);
  else attrs.dtype = result_dtype(c, c.node.has("out_type") ? "out_type" : "T");
  c.op.attrs = attrs;
  return ok();
}

Status read_shape(OpContext& c) {
  CastAttrs attrs;
  const DType stated = result_dtype(c, "out_type");
  attrs.dtype = stated == DType::kUnknown ? DType::kInt32 : stated;
  c.op.attrs = attrs;
  return ok();
}

Status read_fill(OpContext& c) {
  FillAttrs attrs;
  attrs.dtype = result_dtype(c, c.node.has("dtype") ? "dtype" : "T");
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_zeros_like(OpContext& c) {
  FillAttrs attrs;
  attrs.like = true;
  attrs.has_value = true;
  attrs.dtype = result_dtype(c, "T");
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_ones_like(OpContext& c) {
  FillAttrs attrs;
  attrs.like = true;
  attrs.has_value = true;
  attrs.value = 1;
  attrs.dtype = result_dtype(c, "T");
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_random(OpContext& c) {
  FillAttrs attrs;
  attrs.dtype = result_dtype(c, c.node.has("dtype") ? "dtype" : "Tout");
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_one_hot(OpContext& c) {
  take_axis(c, c.node.integer("axis", -1), result_dtype(c, "T"));
  return ok();
}

// As many elements as its third operand says.
Status read_linspace(OpContext& c) {
  const std::optional<std::int64_t> count = c.input_int(2);
  if (!count || *count < 0) {
    c.give_up("dynamic-count", "its number of elements is not a constant");
    return ok();
  }
  FillAttrs attrs;
  attrs.shape = {*count};
  attrs.has_shape = true;
  attrs.dtype = result_dtype(c, "T");
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_bucketize(OpContext& c) {
  AxisAttrs attrs;
  attrs.count = static_cast<std::int64_t>(c.node.list_size("boundaries"));
  c.op.attrs = attrs;
  return ok();
}

Status read_rfft(OpContext& c) {
  SignalAttrs attrs;
  attrs.axis = -1;
  attrs.onesided = true;
  attrs.fft_length = c.input_ints(1).value_or(Ints());
  if (attrs.fft_length.empty()) {
    c.give_up("dynamic-length", "its length is not a constant");
    return ok();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_resize(OpContext& c) {
  ResizeAttrs attrs;
  attrs.mode = c.op.kind == OpKind::kResizeNearest ? ResizeMode::kNearest
               : c.op.kind == OpKind::kResizeCubic ? ResizeMode::kCubic
                                                   : ResizeMode::kLinear;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.spatial_sizes = true;
  attrs.align_corners = c.node.flag("align_corners");
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_space_depth(OpContext& c) {
  SpaceDepthAttrs attrs;
  attrs.block_size = c.node.integer("block_size", 1);
  attrs.layout = c.node.text("data_format").starts_with("NC") ? DataLayout::kChannelsFirst : DataLayout::kChannelsLast;
  c.op.attrs = attrs;
  return ok();
}

// A row per position: [n, rank].
Status read_where(OpContext& c) {
  take_axis(c, 1);
  return ok();
}

Status read_non_max_suppression(OpContext& c) {
  CustomAttrs attrs;
  attrs.name = c.node.op();
  attrs.max_detections = c.input_int(2).value_or(0);
  c.op.attrs = std::move(attrs);
  return ok();
}

}  // namespace nngauge::tensorflow
