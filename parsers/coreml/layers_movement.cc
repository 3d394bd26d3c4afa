// SPDX-License-Identifier: Apache-2.0
// Layers that move elements or only look at them in another way.
#include <fmt/format.h>

#include <algorithm>

#include "parsers/coreml/layer_readers.h"

namespace nngauge::coreml {
namespace {

using K = OpKind;

Status check_extents(const Ints& extents, std::int64_t least) {
  for (const std::int64_t extent : extents) {
    if (extent < least || extent > kMostExtent)
      return make_error(ErrorCode::kInvalidAttribute, fmt::format("an extent is {}", extent));
  }
  return ok();
}

// Flags as the bits of a mask, the first one lowest.
std::int64_t mask_of(const Ints& flags) {
  std::int64_t mask = 0;
  for (std::size_t i = 0; i < flags.size() && i < 62; ++i) {
    if (flags[i] != 0) mask |= std::int64_t{1} << i;
  }
  return mask;
}

// A static target for the layer's Reshape or Expand.
void set_target(LayerView& v, Ints target, bool zero_copies = false) {
  ReshapeAttrs attrs;
  attrs.shape = std::move(target);
  attrs.has_shape = true;
  attrs.zero_copies = zero_copies;
  v.op.attrs = std::move(attrs);
}

// The shape of blob i as an operand.
Status shape_operand(LayerView& v, std::size_t i) {
  Op shape;
  shape.kind = K::kShape;
  shape.name = v.op.name;
  shape.source_op = v.op.source_op;
  shape.source = v.op.source;
  NNGAUGE_TRY(const TensorId like, v.own_axes(i));
  shape.inputs = {{like, OperandRole::kData}};
  NNGAUGE_TRY(const TensorId id, v.writer().emit(std::move(shape)));
  v.operand(id, OperandRole::kConfig);
  return ok();
}

}  // namespace

// Target [channels, height, width], or with the steps in front.
Status read_reshape(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  Ints target = v.params.ints(1, 16);
  NNGAUGE_CHECK(check_extents(target, -1));
  if (target.size() != 3 && target.size() != 4)
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("the target has {} axes, takes 3 or 4", target.size()));
  const bool five_axes = v.exact() && v.rank() == 5;
  if (target.size() == 3) target.insert(target.begin(), five_axes ? 2 : 1, 0);
  else if (five_axes) target.insert(target.begin() + 1, 0);
  // Steps of a sequence that has been folded differently: all of it is laid out anew.
  const auto elements = v.shape().elements();
  Count wanted = 1;
  for (const std::int64_t extent : target) wanted *= Count::from_signed(std::max<std::int64_t>(extent, 1));
  if (!v.exact() && target[0] == 0 && elements && *elements == wanted) target[0] = 1;
  v.input_operand(0);
  set_target(v, std::move(target), true);
  return v.emit();
}

Status read_flatten(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  if (!v.exact()) {
    NNGAUGE_TRY(const TensorId x, v.rank() == 3 ? v.picture() : Result<TensorId>(v.input(0)));
    v.operand(x);
    AxisAttrs attrs;
    attrs.axis = 1;
    v.op.attrs = attrs;
    return v.emit();
  }
  v.input_operand(0);
  v.op.kind = K::kReshape;
  set_target(v, v.rank() == 5 ? Ints{0, 0, -1, 1, 1} : v.rank() == 4 ? Ints{0, -1, 1, 1} : Ints{0, -1}, true);
  return v.emit();
}

// Axes count steps, channels, height, width.
Status read_permute(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  Ints perm = v.params.ints(1, 16);
  if (perm.size() != 4)
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("the permutation has {} axes, takes 4", perm.size()));
  NNGAUGE_TRY(const TensorId x, v.exact() ? Result<TensorId>(v.input(0)) : v.picture());
  v.operand(x);
  if (v.exact() && v.rank() == 5) {
    for (std::int64_t& axis : perm) axis += axis > 0 ? 1 : 0;
    perm.insert(perm.begin() + 1, 1);
  }
  TransposeAttrs attrs;
  attrs.perm = std::move(perm);
  v.op.attrs = std::move(attrs);
  return v.emit();
}

Status read_concat(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_CHECK(v.harmonise());
  for (std::size_t i = 0; i < v.input_count(); ++i) v.input_operand(i);
  AxisAttrs attrs;
  attrs.axis = v.params.flag(100) ? 0 : v.channel_axis();
  v.op.attrs = attrs;
  return v.emit();
}

// Channels in equal parts.
Status read_split(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  SplitAttrs attrs;
  attrs.axis = v.channel_axis();
  v.op.attrs = std::move(attrs);
  return v.emit();
}

Status read_sequence_repeat(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_CHECK(check_extents({v.params.integer(1)}, 0));
  v.input_operand(0);
  AxisAttrs attrs;
  attrs.count = v.params.integer(1);
  v.op.attrs = attrs;
  return v.emit();
}

namespace {

Status emit_slice(LayerView& v, TensorId x, std::int64_t axis, std::int64_t start, std::int64_t end,
                  std::int64_t step) {
  v.operand(x);
  SliceAttrs attrs;
  attrs.onnx_form = true;
  attrs.axes = {axis};
  attrs.starts = {start};
  attrs.ends = {end};
  attrs.steps = {step};
  v.op.attrs = std::move(attrs);
  return v.emit();
}

}  // namespace

Status read_slice(LayerView& v) {
  enum : std::uint32_t { kStart = 1, kEnd = 2, kStride = 3, kAxis = 4 };
  NNGAUGE_CHECK(v.needs(1));
  const std::int64_t axis = v.params.integer(kAxis);
  if (axis < 0 || axis > 2) return make_error(ErrorCode::kInvalidAttribute, fmt::format("the axis is {}", axis));
  NNGAUGE_TRY(const TensorId x, v.exact() ? Result<TensorId>(v.input(0)) : v.picture());
  return emit_slice(v, x, axis - 3, v.params.integer(kStart), v.params.integer(kEnd), v.params.integer(kStride, 1));
}

Status read_concat_nd(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_CHECK(v.harmonise());
  for (std::size_t i = 0; i < v.input_count(); ++i) v.input_operand(i);
  AxisAttrs attrs;
  attrs.axis = v.axis(v.params.integer(1));
  v.op.attrs = attrs;
  return v.emit();
}

Status read_split_nd(LayerView& v) {
  enum : std::uint32_t { kAxis = 1, kCount = 2, kSizes = 3 };
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  SplitAttrs attrs;
  attrs.axis = v.axis(v.params.integer(kAxis));
  attrs.sizes = v.params.ints(kSizes);
  NNGAUGE_CHECK(check_extents(attrs.sizes, 0));
  v.op.attrs = std::move(attrs);
  return v.emit();
}

Status read_stack(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  for (std::size_t i = 0; i < v.input_count(); ++i) {
    NNGAUGE_TRY(const TensorId x, v.own_axes(i));
    v.operand(x);
  }
  AxisAttrs attrs;
  attrs.axis = v.params.integer(1);
  v.op.attrs = attrs;
  return v.emit(true);
}

Status read_transpose(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  TransposeAttrs attrs;
  attrs.perm = v.params.ints(1, 16);
  v.op.attrs = std::move(attrs);
  return v.emit(true);
}

Status read_slice_static(LayerView& v) {
  enum : std::uint32_t { kBegin = 1, kBeginMask = 2, kEnd = 3, kEndMask = 4, kStrides = 5, kSqueeze = 6 };
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  v.integers(v.params.ints(kBegin, 16));
  v.integers(v.params.ints(kEnd, 16));
  v.integers(v.params.ints(kStrides, 16));
  SliceAttrs attrs;
  attrs.begin_mask = mask_of(v.params.ints(kBeginMask, 16));
  attrs.end_mask = mask_of(v.params.ints(kEndMask, 16));
  attrs.shrink_axis_mask = mask_of(v.params.ints(kSqueeze, 16));
  v.op.attrs = std::move(attrs);
  return v.emit(true);
}

// Begins as a blob, then ends, strides and masks as blobs or as numbers.
Status read_slice_dynamic(LayerView& v) {
  enum : std::uint32_t { kBeginMask = 2, kEnd = 3, kEndMask = 4, kStrides = 5, kSqueeze = 6 };
  NNGAUGE_CHECK(v.needs(2));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  v.input_operand(1, OperandRole::kConfig);
  if (v.input_count() > 2) v.input_operand(2, OperandRole::kConfig);
  else v.integers(v.params.ints(kEnd, 16));
  if (v.input_count() > 3) v.input_operand(3, OperandRole::kConfig);
  else if (v.params.has(kStrides)) v.integers(v.params.ints(kStrides, 16));
  SliceAttrs attrs;
  attrs.begin_mask = mask_of(v.params.ints(kBeginMask, 16));
  attrs.end_mask = mask_of(v.params.ints(kEndMask, 16));
  attrs.shrink_axis_mask = mask_of(v.params.ints(kSqueeze, 16));
  if (v.input_count() > 4) v.op.kind = K::kDynamicSlice;  // masks that are computed
  if (v.op.kind == K::kDynamicSlice) return read_custom(v);
  v.op.attrs = std::move(attrs);
  return v.emit(true);
}

// So many elements from where the second blob says.
Status read_slice_by_size(LayerView& v) {
  enum : std::uint32_t { kSize = 2, kAxis = 3 };
  NNGAUGE_CHECK(v.needs(2));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  const Shape shape = v.writer().shape(x);
  const std::int64_t size = v.params.integer(kSize);
  NNGAUGE_CHECK(check_extents({size}, 0));
  v.operand(x);
  v.input_operand(1, OperandRole::kConfig);
  GeneralAttrs attrs;
  const std::int64_t axis = v.params.integer(kAxis), rank = static_cast<std::int64_t>(shape.rank());
  if (axis < -rank || axis >= rank || !shape.is_static()) return read_custom(v);
  for (const Dim dim : shape.dims()) attrs.dims.push_back(dim.value());
  attrs.dims[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)] = size;
  v.op.kind = K::kDynamicSlice;
  v.op.attrs = std::move(attrs);
  return v.emit(true);
}

Status read_tile(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  const Ints repeats = v.params.ints(1, 16);
  NNGAUGE_CHECK(check_extents(repeats, 0));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  if (v.input_count() > 1) v.input_operand(1, OperandRole::kConfig);
  else v.integers(repeats);
  return v.emit(true);
}

Status read_gather(LayerView& v) {
  NNGAUGE_CHECK(v.needs(2));
  NNGAUGE_TRY(const TensorId data, v.own_axes(0));
  NNGAUGE_TRY(const TensorId indices, v.own_axes(1));
  v.operand(data);
  v.operand(indices);
  AxisAttrs attrs;
  attrs.axis = v.params.integer(1);
  v.op.attrs = attrs;
  return v.emit(true);
}

Status read_gather_nd(LayerView& v) { return read_gather(v); }

Status read_scatter(LayerView& v) {
  NNGAUGE_CHECK(v.needs(3));
  for (std::size_t i = 0; i < 3; ++i) v.input_operand(i);
  AxisAttrs attrs;
  attrs.axis = v.axis(v.params.integer(1));
  v.op.attrs = attrs;
  return v.emit();
}

Status read_reverse(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  AxesAttrs attrs;
  attrs.has_axes = true;
  const Ints flags = v.params.ints(1, 16);
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] != 0) attrs.axes.push_back(v.axis(static_cast<std::int64_t>(i)));
  }
  v.op.attrs = std::move(attrs);
  return v.emit();
}

Status read_reverse_seq(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  if (v.input_count() > 1) v.input_operand(1, OperandRole::kConfig);
  return v.emit();
}

Status read_squeeze(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  AxesAttrs attrs;
  attrs.has_axes = !v.params.flag(2);
  if (attrs.has_axes) attrs.axes = v.params.ints(1, 16);
  v.op.attrs = std::move(attrs);
  return v.emit(true);
}

Status read_expand_dims(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  AxesAttrs attrs;
  attrs.has_axes = true;
  attrs.axes = v.params.ints(1, 16);
  v.op.attrs = std::move(attrs);
  return v.emit(true);
}

Status read_flatten_to_2d(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  AxisAttrs attrs;
  attrs.axis = v.params.integer(1);
  v.op.attrs = attrs;
  return v.emit(true);
}

Status read_reshape_static(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  Ints target = v.params.ints(1, 16);
  NNGAUGE_CHECK(check_extents(target, -1));
  v.input_operand(0);
  set_target(v, std::move(target));
  return v.emit(true);
}

// 0 copies an extent; as many axes as before.
Status read_rank_preserving_reshape(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  Ints target = v.params.ints(1, 16);
  NNGAUGE_CHECK(check_extents(target, -1));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  set_target(v, std::move(target), true);
  return v.emit(true);
}

Status read_reshape_dynamic(LayerView& v) {
  NNGAUGE_CHECK(v.needs(2));
  v.input_operand(0);
  v.input_operand(1, OperandRole::kConfig);
  return v.emit(true);
}

Status read_reshape_like(LayerView& v) {
  NNGAUGE_CHECK(v.needs(2));
  v.input_operand(0);
  NNGAUGE_CHECK(shape_operand(v, 1));
  return v.emit(true);
}

Status read_broadcast_static(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  Ints target = v.params.ints(1, 16);
  NNGAUGE_CHECK(check_extents(target, 0));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  set_target(v, std::move(target));
  return v.emit(true);
}

Status read_broadcast_dynamic(LayerView& v) {
  NNGAUGE_CHECK(v.needs(2));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  v.input_operand(1, OperandRole::kConfig);
  return v.emit(true);
}

Status read_broadcast_like(LayerView& v) {
  NNGAUGE_CHECK(v.needs(2));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  NNGAUGE_CHECK(shape_operand(v, 1));
  return v.emit(true);
}

// Begin and end of each axis in turn; or, where it is said so, the extent to reach at one of the two sides.
Status read_constant_pad(LayerView& v) {
  enum : std::uint32_t { kAmounts = 2, kToSize = 3 };
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.own_axes());
  v.operand(x);
  PadAttrs attrs;
  if (v.input_count() > 1) {
    v.input_operand(1, OperandRole::kConfig);
    attrs.pairs = true;
    v.op.attrs = std::move(attrs);
    return v.emit(true);
  }
  const Ints amounts = v.params.ints(kAmounts, 32);
  NNGAUGE_CHECK(check_extents(amounts, 0));
  const Shape shape = v.writer().shape(x);
  if (amounts.size() % 2 != 0 || (shape.ranked() && amounts.size() != 2 * shape.rank()))
    return make_error(ErrorCode::kInvalidAttribute,
                      fmt::format("{} amounts of padding for {} axes", amounts.size(), shape.rank()));
  const std::size_t axes = amounts.size() / 2;
  attrs.pads.assign(2 * axes, 0);
  for (std::size_t i = 0; i < axes; ++i) {
    std::int64_t begin = amounts[2 * i], end = amounts[2 * i + 1];
    if (v.params.flag(kToSize)) {
      if (!shape.ranked() || !shape[i].known()) return read_custom(v);
      if (begin > 0) begin = std::max<std::int64_t>(begin - shape[i].value(), 0);
      if (end > 0) end = std::max<std::int64_t>(end - shape[i].value(), 0);
    }
    attrs.pads[i] = begin;
    attrs.pads[axes + i] = end;
  }
  v.op.attrs = std::move(attrs);
  return v.emit(true);
}

}  // namespace nngauge::coreml
