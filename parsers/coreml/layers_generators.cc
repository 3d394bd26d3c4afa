// SPDX-License-Identifier: Apache-2.0
// Layers whose results come from shapes, numbers or chance; suppression of boxes.
#include <fmt/format.h>

#include "parsers/coreml/layer_readers.h"
#include "parsers/coreml/weights.h"

namespace nngauge::coreml {
namespace {

using K = OpKind;

Result<Shape> extents_of(const Ints& extents) {
  std::vector<Dim> dims;
  for (const std::int64_t extent : extents) {
    if (extent < 0 || extent > (std::int64_t{1} << 40))
      return make_error(ErrorCode::kInvalidAttribute, fmt::format("an extent is {}", extent));
    dims.emplace_back(extent);
  }
  return Shape(std::move(dims));
}

Status load(LayerView& v, const Shape& shape, bool exact) {
  const Message data = v.params.child(2);
  NNGAUGE_TRY(Tensor tensor, read_weights(data, shape, "data"));
  NNGAUGE_CHECK(v.params.file().damage);
  if (data.present()) keep_value(data, tensor);
  if (is_integer(tensor.dtype)) tensor.dtype = DType::kFloat32;  // quantised; all results are floating-point numbers
  tensor.name = v.output_names.empty() ? v.op.name : v.output_names[0];
  return v.output(0, {v.writer().add(std::move(tensor)), exact});
}

Status emit_filled(LayerView& v, std::uint32_t shape_field) {
  FillAttrs attrs;
  attrs.dtype = DType::kFloat32;
  attrs.has_shape = true;
  attrs.shape = v.params.ints(shape_field, 16);
  NNGAUGE_CHECK(extents_of(attrs.shape));
  v.op.attrs = std::move(attrs);
  return v.emit(true);
}

}  // namespace

// [channels, height, width].
Status read_load_constant(LayerView& v) {
  NNGAUGE_TRY(Shape shape, extents_of(v.params.ints(1, 16)));
  if (shape.rank() == 1) shape.dims().insert(shape.dims().end(), {Dim(1), Dim(1)});
  if (shape.rank() == 3) shape.dims().insert(shape.dims().begin(), Dim(1));
  return load(v, shape, false);
}

Status read_load_constant_nd(LayerView& v) {
  NNGAUGE_TRY(const Shape shape, extents_of(v.params.ints(1, 16)));
  return load(v, shape, true);
}

Status read_get_shape(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  return v.emit(true);
}

Status read_fill_like(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  FillAttrs attrs;
  attrs.like = true;
  attrs.dtype = DType::kFloat32;
  v.op.attrs = std::move(attrs);
  return v.emit();
}

Status read_fill_static(LayerView& v) { return emit_filled(v, 2); }

Status read_fill_dynamic(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0, OperandRole::kConfig);
  FillAttrs attrs;
  attrs.dtype = DType::kFloat32;
  v.op.attrs = std::move(attrs);
  return v.emit(true);
}

Status read_range_static(LayerView& v) {
  enum : std::uint32_t { kEnd = 1, kStart = 2, kStep = 3 };
  v.scalar(v.params.real(kStart));
  v.scalar(v.params.real(kEnd));
  v.scalar(v.params.real(kStep));
  return v.emit(true);
}

// End, start, step: what no blob gives stands in the parameters.
Status read_range_dynamic(LayerView& v) {
  enum : std::uint32_t { kStart = 2, kStep = 3 };
  NNGAUGE_CHECK(v.needs(1));
  if (v.input_count() > 1) v.input_operand(1, OperandRole::kConfig);
  else v.scalar(v.params.real(kStart));
  v.input_operand(0, OperandRole::kConfig);
  if (v.input_count() > 2) v.input_operand(2, OperandRole::kConfig);
  else v.scalar(v.params.real(kStep));
  return v.emit(true);
}

Status read_random_static(LayerView& v) { return emit_filled(v, 4); }
Status read_random_bernoulli_static(LayerView& v) {
  v.op.kind = K::kRandomUniform;
  return emit_filled(v, 3);
}

Status read_categorical(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  AxisAttrs attrs;
  attrs.count = v.params.integer(2, 1);
  attrs.dtype = DType::kFloat32;
  v.op.attrs = attrs;
  return v.emit();
}

Status read_one_hot(LayerView& v) {
  enum : std::uint32_t { kSize = 1, kAxis = 2 };
  NNGAUGE_CHECK(v.needs(1));
  const std::int64_t size = v.params.integer(kSize);
  NNGAUGE_CHECK(extents_of({size}));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  if (v.input_count() > 1) v.input_operand(1, OperandRole::kConfig);
  else v.integers({size});
  AxisAttrs attrs;
  attrs.axis = v.params.integer(kAxis);
  attrs.count = size;
  attrs.dtype = DType::kFloat32;
  v.op.attrs = attrs;
  return v.emit(true);
}

Status read_where_non_zero(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  AxisAttrs attrs;
  attrs.axis = 1;
  v.op.attrs = attrs;
  return v.emit(true);
}

// Boxes [batch, n, 4] and scores [batch, n, classes]: boxes, scores, places and number of those kept.
Status read_nms(LayerView& v) {
  NNGAUGE_CHECK(v.needs(2));
  v.input_operand(0);
  v.input_operand(1);
  DetectionAttrs attrs;
  attrs.max_detections = v.params.integer(3);
  attrs.columns = 4;
  NNGAUGE_CHECK(extents_of({attrs.max_detections}));
  const Dim rows = attrs.max_detections > 0 ? Dim(attrs.max_detections) : Dim::unknown();
  const Dim batch = v.shape().ranked() ? v.shape().at(0) : Dim::unknown();
  v.declare(1, {batch, rows, v.shape(1).at(-1)});
  v.declare(2, {batch, rows});
  v.declare(3, {batch});
  v.op.attrs = attrs;
  return v.emit(true);
}

}  // namespace nngauge::coreml
