// SPDX-License-Identifier: Apache-2.0
// Results made from shapes or nothing, detection, signals.
#include "parsers/onnx/readers.h"

namespace nngauge::onnx_format {

// Since opset 15 a range of the axes may be asked for.
void read_shape(OpReader& r) {
  if (!r.has("start") && !r.has("end")) return;
  SliceAttrs attrs;
  attrs.onnx_form = true;
  attrs.starts = {r.integer("start", 0)};
  if (r.has("end")) attrs.ends = {r.integer("end", 0)};
  r.op().attrs = attrs;
}

// ConstantOfShape: the value is a tensor of one element, by default a float 0.
void read_fill(OpReader& r) {
  FillAttrs attrs;
  attrs.dtype = DType::kFloat32;
  attrs.has_value = true;
  if (const std::optional<Tensor> constant = r.constant("value")) {
    attrs.dtype = constant->dtype;
    attrs.has_value = constant->value && constant->value->size() == 1;
    if (attrs.has_value) {
      attrs.value =
          constant->value->real ? constant->value->reals[0] : static_cast<double>(constant->value->ints[0].value());
    }
  }
  r.role(0, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// The experimental ConstantFill: a value in the shape of an attribute, of operand 0, or that operand 0 lists.
void read_constant_fill(OpReader& r) {
  FillAttrs attrs;
  attrs.dtype = r.dtype("dtype", DType::kFloat32);
  attrs.value = r.real("value", 0);
  attrs.has_value = true;
  attrs.has_shape = r.input(0) == nullptr;
  attrs.shape = r.ints("shape");
  attrs.like = !attrs.has_shape && !r.flag("input_as_shape");
  if (!attrs.like) r.role(0, OperandRole::kConfig);
  if (r.has("extra_shape")) r.op().kind = OpKind::kCustom;
  else r.op().attrs = attrs;
}

// The experimental ConstantLike, OnesLike, ZerosLike: one value in the shape of operand 0, or of the attribute.
void read_constant_like(OpReader& r) {
  FillAttrs attrs;
  attrs.like = r.input(0) != nullptr;
  attrs.has_shape = !attrs.like;
  attrs.shape = r.ints("shape");
  if (r.has("dtype")) attrs.dtype = r.dtype("dtype");
  if (!attrs.like && attrs.dtype == DType::kUnknown) attrs.dtype = DType::kFloat32;
  attrs.value = r.real("value", 0);
  attrs.has_value = r.has("value");
  r.op().attrs = attrs;
}

// One extent, as a vector.
void read_dim(OpReader& r) {
  SliceAttrs attrs;
  attrs.onnx_form = true;
  const std::int64_t axis = r.integer("axis", 0);
  attrs.starts = {axis};
  if (axis != -1) attrs.ends = {axis + 1};
  r.op().attrs = attrs;
}

// EyeLike, RandomNormalLike, RandomUniformLike, Bernoulli: the shape of operand 0, and its type unless one is given.
void read_like(OpReader& r) {
  FillAttrs attrs;
  attrs.like = true;
  if (r.has("dtype")) attrs.dtype = r.dtype("dtype");
  r.op().attrs = attrs;
}

void read_random(OpReader& r) {
  FillAttrs attrs;
  attrs.dtype = r.dtype("dtype", DType::kFloat32);
  attrs.shape = r.ints("shape");
  attrs.has_shape = true;
  r.op().attrs = attrs;
}

void read_range(OpReader& r) { r.roles_from(0, OperandRole::kConfig); }

// indices, depth, values
void read_one_hot(OpReader& r) {
  AxisAttrs attrs;
  attrs.axis = r.integer("axis", -1);
  r.roles_from(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

void read_multinomial(OpReader& r) {
  AxisAttrs attrs;
  attrs.count = r.integer("sample_size", 1);
  attrs.dtype = r.dtype("dtype", DType::kInt32);
  r.op().attrs = attrs;
}

void read_window(OpReader& r) {
  FillAttrs attrs;
  attrs.dtype = r.dtype("output_datatype", DType::kFloat32);
  r.role(0, OperandRole::kConfig);
  r.op().attrs = attrs;
}

void read_mel_weight_matrix(OpReader& r) {
  FillAttrs attrs;
  attrs.dtype = r.dtype("output_datatype", DType::kFloat32);
  r.roles_from(0, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// Without an axis the input is flattened: has_axes tells.
void read_unique(OpReader& r) {
  AxesAttrs attrs;
  attrs.has_axes = r.has("axis");
  if (attrs.has_axes) attrs.axes = {r.integer("axis", 0)};
  r.op().attrs = attrs;
}

// boxes, scores, max_output_boxes_per_class?, iou_threshold?, score_threshold?
void read_non_max_suppression(OpReader& r) {
  CustomAttrs attrs;
  if (const Value* most = r.value(2)) {
    if (const auto ints = most->known_ints(); ints && ints->size() == 1) attrs.max_detections = (*ints)[0];
  }
  r.roles_from(2, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// input, dft_length?, axis?; the axis was an attribute before opset 20.
void read_dft(OpReader& r) {
  SignalAttrs attrs;
  attrs.axis = r.opset() < 20 ? r.integer("axis", 1) : -2;
  if (const Value* axis = r.value(2)) {
    if (const auto ints = axis->known_ints(); ints && ints->size() == 1) attrs.axis = (*ints)[0];
  }
  attrs.onesided = r.flag("onesided");
  attrs.inverse = r.flag("inverse");
  r.roles_from(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// signal, frame_step, window?, frame_length?
void read_stft(OpReader& r) {
  SignalAttrs attrs;
  attrs.onesided = r.flag("onesided", true);
  r.roles_from(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// Metrics sqeuclidean and euclidean.
void read_cdist(OpReader& r) {
  ScalarAttrs attrs;
  attrs.alpha = r.text("metric", "sqeuclidean") == "sqeuclidean" ? 1 : 0.5;
  r.op().attrs = attrs;
}

}  // namespace nngauge::onnx_format
