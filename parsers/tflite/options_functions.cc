// SPDX-License-Identifier: Apache-2.0
// Options of element-wise functions, normalisation, reductions, signal and detection.
#include "parsers/tflite/op_map.h"

namespace nngauge::tflite {
namespace {}  // namespace

DType result_dtype(const OpContext& c) { return c.output(0) ? c.output(0)->dtype : DType::kUnknown; }

Status read_nothing(OpContext& /*c*/) { return ok(); }

Status read_activation_only(OpContext& c) {
  fb::Activation activation = fb::Activation_NONE;
  switch (c.op.kind) {
    case OpKind::kAdd:
      activation = c.options<fb::AddOptions>().fused_activation_function();
      break;
    case OpKind::kSub:
      activation = c.options<fb::SubOptions>().fused_activation_function();
      break;
    case OpKind::kMul:
      activation = c.options<fb::MulOptions>().fused_activation_function();
      break;
    default:
      activation = c.options<fb::DivOptions>().fused_activation_function();
      break;
  }
  c.op.activation = activation_of(activation);
  return ok();
}

// SOFTMAX and LOG_SOFTMAX work along the last axis.
Status read_softmax(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = -1;
  c.op.attrs = attrs;
  return ok();
}

Status read_scalars(OpContext& c) {
  ScalarAttrs attrs;
  attrs.alpha = static_cast<double>(c.options<fb::LeakyReluOptions>().alpha());
  attrs.approximate = c.options<fb::GeluOptions>().approximate();
  c.op.attrs = attrs;
  return ok();
}

Status read_fake_quant(OpContext& c) {
  QuantAttrs attrs;
  attrs.bits = c.options<fb::FakeQuantOptions>().num_bits();
  c.op.attrs = attrs;
  return ok();
}

// Scales and zero points belong to the tensors.
Status read_quantize(OpContext& c) {
  QuantAttrs attrs;
  attrs.dtype = result_dtype(c);
  const Tensor* quantised = c.op.kind == OpKind::kDequantize ? c.input(0) : c.output(0);
  if (quantised) {
    attrs.axis = quantised->quantization.axis;
    attrs.block_size = quantised->quantization.block_size;
  }
  c.op.attrs = attrs;
  return ok();
}

// CAST and BITCAST: the result says what the options may leave out.
Status read_cast(OpContext& c) {
  CastAttrs attrs;
  attrs.dtype = result_dtype(c);
  if (const auto* options = c.source.builtin_options_as_CastOptions(); options && attrs.dtype == DType::kUnknown) {
    attrs.dtype = dtype_of(options->out_data_type());
  }
  c.op.attrs = attrs;
  return ok();
}

Status read_local_response_norm(OpContext& c) {
  const std::int64_t radius = c.options<fb::LocalResponseNormalizationOptions>().radius();
  if (radius < 0) return make_error(ErrorCode::kInvalidAttribute, "radius is " + std::to_string(radius));
  NormAttrs attrs;
  attrs.size = 2 * radius + 1;
  attrs.axis = -1;
  attrs.layout = DataLayout::kChannelsLast;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_l2_norm(OpContext& c) {
  NormAttrs attrs;
  attrs.axis = -1;
  attrs.layout = DataLayout::kChannelsLast;
  c.op.activation = activation_of(c.options<fb::L2NormOptions>().fused_activation_function());
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_reducer(OpContext& c) {
  AxesAttrs attrs;
  attrs.keep_dims = c.options<fb::ReducerOptions>().keep_dims();
  attrs.noop_with_empty_axes = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_arg_reduce(OpContext& c) {
  AxisAttrs attrs;
  attrs.dtype = result_dtype(c);
  if (const std::optional<Ints> axis = c.input_ints(1); axis && axis->size() == 1) attrs.axis = axis->front();
  c.op.attrs = attrs;
  return ok();
}

Status read_top_k(OpContext& c) {
  TopKAttrs attrs;
  attrs.axis = -1;
  c.op.attrs = attrs;
  return ok();
}

Status read_cumsum(OpContext& c) {
  AxisAttrs attrs;
  if (const std::optional<Ints> axis = c.input_ints(1); axis && axis->size() == 1) attrs.axis = axis->front();
  c.op.attrs = attrs;
  return ok();
}

Status read_bucketize(OpContext& c) {
  AxisAttrs attrs;
  attrs.count = static_cast<std::int64_t>(length(c.options<fb::BucketizeOptions>().boundaries()));
  c.op.attrs = attrs;
  return ok();
}

// A real transform of the last two axes; the last one keeps the non-negative frequencies.
Status read_rfft2d(OpContext& c) {
  SignalAttrs attrs;
  attrs.axis = -1;
  attrs.onesided = true;
  attrs.fft_length = c.input_ints(1).value_or(Ints());
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_random(OpContext& c) {
  FillAttrs attrs;
  attrs.dtype = result_dtype(c);
  c.op.attrs = std::move(attrs);
  return ok();
}

// Operands: boxes, scores, most boxes, thresholds. Results have room for the most boxes.
Status read_non_max_suppression(OpContext& c) {
  CustomAttrs attrs;
  attrs.name = c.op.source_op;
  if (const std::optional<Ints> most = c.input_ints(2); most && most->size() == 1) attrs.max_detections = most->front();
  c.op.attrs = std::move(attrs);
  return ok();
}

}  // namespace nngauge::tflite
