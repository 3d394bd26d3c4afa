// SPDX-License-Identifier: Apache-2.0
// Functions along axes, views, movement, resampling, results made from shapes.
#include <fmt/format.h>

#include "parsers/coreml/mil_readers.h"
#include "parsers/graph_writer.h"

namespace nngauge::coreml {
namespace {

using K = OpKind;

constexpr std::int64_t kToTheEnd = std::int64_t{1} << 31;

Status set_axis(MilView& v, std::int64_t fallback) {
  AxisAttrs attrs;
  attrs.axis = v.integer("axis", fallback);
  v.op.attrs = attrs;
  return ok();
}

// An operator in front of the one that is read, on one of its operands.
Op same_place(const MilView& v, K kind, TensorId x) {
  Op out;
  out.kind = kind;
  out.name = v.op.name;
  out.source_op = v.op.source_op;
  out.source = v.op.source;
  out.inputs.push_back({x, OperandRole::kData});
  return out;
}

std::int64_t mask_of(const std::optional<Ints>& flags) {
  std::int64_t mask = 0;
  for (std::size_t i = 0; flags && i < flags->size() && i < 62; ++i) {
    if ((*flags)[i] != 0) mask |= std::int64_t{1} << i;
  }
  return mask;
}

}  // namespace

// A result that only the file states.
Status mil_stated_only(MilView& v) {
  if (v.op.inputs.size() > 2) v.op.inputs.resize(2);
  return ok();
}

Status mil_axis(MilView& v) { return set_axis(v, 0); }
Status mil_axis_last(MilView& v) { return set_axis(v, -1); }

// Numbers without an axis make a vector.
Status mil_concat(MilView& v) {
  bool numbers = !v.op.inputs.empty();
  for (std::size_t i = 0; i < v.op.inputs.size(); ++i) numbers = numbers && v.shape(i).ranked() && v.rank(i) == 0;
  if (numbers) v.op.kind = K::kStack;
  return set_axis(v, 0);
}

Status mil_arg_reduce(MilView& v) {
  AxisAttrs attrs;
  attrs.axis = v.integer("axis", -1);
  attrs.keep_dims = v.flag("keep_dims");
  attrs.dtype = v.stated(0).dtype;
  v.op.attrs = attrs;
  return ok();
}

// The place of the largest stands for the label; the dictionary holds what the operand holds.
Status mil_classify(MilView& v) {
  AxisAttrs attrs;
  attrs.axis = -1;
  attrs.dtype = DType::kInt64;
  v.op.attrs = attrs;
  v.most_results = 1;
  if (v.source.outputs.size() > 1 && !v.op.inputs.empty())
    v.builder().define(v.source.outputs[1].name, {v.op.inputs[0].tensor, nullptr}, v.scope());
  return ok();
}

Status mil_reduce(MilView& v) {
  AxesAttrs attrs;
  attrs.keep_dims = v.flag("keep_dims");
  if (auto axes = v.ints("axes"); axes && !axes->empty()) {
    attrs.axes = *axes;
    attrs.has_axes = true;
  }
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_top_k(MilView& v) {
  TopKAttrs attrs;
  attrs.axis = v.integer("axis", -1);
  const auto k = v.ints("k");
  if (v.has("k") && !k) {
    NNGAUGE_CHECK(v.operand("k", OperandRole::kConfig));
  } else {
    attrs.k = k && !k->empty() ? k->front() : 1;
  }
  if (attrs.k == -1) attrs.k = v.shape(0).at(attrs.axis).known() ? v.shape(0).at(attrs.axis).value() : 0;
  v.op.attrs = attrs;
  return ok();
}

Status mil_reshape(MilView& v) {
  ReshapeAttrs attrs;
  attrs.zero_copies = true;
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_axes(MilView& v) {
  AxesAttrs attrs;
  const auto axes = v.ints("axes");
  attrs.has_axes = axes.has_value();
  attrs.axes = axes.value_or(Ints());
  if (v.op.kind == K::kReverse && !axes) {  // along all
    for (std::size_t i = 0; i < v.rank(); ++i) attrs.axes.push_back(static_cast<std::int64_t>(i));
    attrs.has_axes = true;
  }
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_transpose(MilView& v) {
  TransposeAttrs attrs;
  attrs.perm = v.ints("perm").value_or(Ints());
  for (std::int64_t& axis : attrs.perm) axis += axis < 0 ? static_cast<std::int64_t>(v.rank()) : 0;
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_flatten(MilView& v) { return set_axis(v, 1); }

Status mil_slice_by_index(MilView& v) {
  SliceAttrs attrs;
  attrs.begin_mask = mask_of(v.ints("begin_mask"));
  attrs.end_mask = mask_of(v.ints("end_mask"));
  attrs.shrink_axis_mask = mask_of(v.ints("squeeze_mask"));
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_split(MilView& v) {
  SplitAttrs attrs;
  attrs.axis = v.integer("axis", 0);
  attrs.sizes = v.ints("split_sizes").value_or(Ints());
  v.op.attrs = std::move(attrs);
  return ok();
}

// Begin and end of the last axes in turn.
Status mil_pad(MilView& v) {
  const auto pairs = v.ints("pad");
  const std::size_t axes = v.rank();
  if (!pairs || pairs->size() % 2 != 0 || pairs->size() / 2 > axes) {
    v.give_up();
    return ok();
  }
  const std::string mode = v.text("mode");
  PadAttrs attrs;
  attrs.mode = mode == "reflect" ? PadMode::kReflect : mode == "replicate" ? PadMode::kEdge : PadMode::kConstant;
  attrs.pads.assign(2 * axes, 0);
  const std::size_t padded = pairs->size() / 2;
  for (std::size_t i = 0; i < padded; ++i) {
    attrs.pads[axes - padded + i] = (*pairs)[2 * i];
    attrs.pads[2 * axes - padded + i] = (*pairs)[2 * i + 1];
  }
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_gather(MilView& v) {
  AxisAttrs attrs;
  attrs.axis = v.integer("axis", 0);
  attrs.batch_dims = v.integer("batch_dims", 0);
  v.op.attrs = attrs;
  // A stored matrix is a learned table.
  if (v.stored(0) && v.rank(0) >= 2 && is_float(v.stated(0).dtype)) v.op.inputs[0].role = OperandRole::kWeight;
  return ok();
}

Status mil_space_depth(MilView& v) {
  SpaceDepthAttrs attrs;
  for (const char* key : {"block_size", "upscale_factor", "downscale_factor"}) {
    if (v.has(key)) attrs.block_size = v.integer(key, 1);
  }
  v.op.attrs = attrs;
  return ok();
}

Status mil_crop(MilView& v) {
  SliceAttrs attrs;
  attrs.onnx_form = true;
  attrs.axes = {-2, -1};
  for (const char* key : {"crop_height", "crop_width"}) {
    const auto borders = v.ints(key);
    if (!borders || borders->size() != 2)
      return make_error(ErrorCode::kInvalidAttribute, fmt::format("{} is no pair", key));
    attrs.starts.push_back((*borders)[0]);
    attrs.ends.push_back((*borders)[1] == 0 ? kToTheEnd : -(*borders)[1]);
  }
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_upsample(MilView& v) {
  ResizeAttrs attrs;
  attrs.mode = v.op.kind == K::kResizeNearest ? ResizeMode::kNearest : ResizeMode::kLinear;
  attrs.scales = {v.real("scale_factor_height", 1), v.real("scale_factor_width", 1)};
  attrs.axes = {-2, -1};
  attrs.align_corners = v.op.kind == K::kResizeBilinear && v.flag("align_corners", true);
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_resize(MilView& v) {
  const auto height = v.ints("target_size_height"), width = v.ints("target_size_width");
  if (!height || !width || height->empty() || width->empty()) {
    v.give_up();
    return ok();
  }
  ResizeAttrs attrs;
  attrs.mode = v.op.kind == K::kResizeNearest ? ResizeMode::kNearest : ResizeMode::kLinear;
  attrs.sizes = {height->front(), width->front()};
  attrs.axes = {-2, -1};
  v.op.attrs = std::move(attrs);
  return ok();
}

// Resizes the last axes: their new extents are the last ones of a list, where 0 keeps an extent.
Status mil_resize_last(MilView& v) {
  const std::int64_t count = v.integer("resized_dims", 0);
  const auto axes = static_cast<std::int64_t>(v.rank());
  if (count < 0 || count > axes)
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("resizes {} of {} axes", count, axes));
  ResizeAttrs attrs;
  const bool nearest = v.text("interpolation_mode") == "NEAREST_NEIGHBOR";
  v.op.kind = nearest ? K::kResizeNearest : K::kResizeBilinear;
  attrs.mode = nearest ? ResizeMode::kNearest : ResizeMode::kLinear;
  for (std::int64_t axis = -count; axis < 0; ++axis) attrs.axes.push_back(axis);
  if (const auto wanted = v.ints("shape")) {
    const auto stated = static_cast<std::int64_t>(wanted->size());
    if (count > stated)
      return make_error(ErrorCode::kInvalidAttribute, fmt::format("resizes {} axes to {} extents", count, stated));
    Ints kept;
    for (const std::int64_t axis : attrs.axes) {
      const std::int64_t size = (*wanted)[static_cast<std::size_t>(stated + axis)];
      if (size == 0) continue;
      kept.push_back(axis);
      attrs.sizes.push_back(size);
    }
    attrs.axes = std::move(kept);
    v.op.inputs.resize(std::min<std::size_t>(v.op.inputs.size(), 1));
  }
  if (attrs.axes.empty()) v.op.kind = K::kIdentity;
  else v.op.attrs = std::move(attrs);
  return ok();
}

// Boxes [n, 4] or [n, 5], or with three axes of one element among and behind these.
Status mil_crop_resize(MilView& v) {
  CustomAttrs attrs;
  attrs.pooled_height = v.integer("target_height", 1);
  attrs.pooled_width = v.integer("target_width", 1);
  attrs.sampling_ratio = 1;
  v.op.attrs = attrs;
  const Shape boxes = v.shape(1);
  if (v.op.inputs.size() < 2 || boxes.rank() != 5) return ok();
  // Each box with four numbers is cut out of every picture.
  if (boxes[2].is(4) && !v.shape(0).at(0).is(1)) {
    v.give_up();
    return ok();
  }
  GraphWriter writer(v.builder().model(), v.scope().graph);
  Op rows = same_place(v, K::kReshape, v.op.inputs[1].tensor);
  ReshapeAttrs target;
  target.shape = {-1, boxes[2].is(5) ? 5 : 4};
  target.has_shape = true;
  rows.attrs = std::move(target);
  NNGAUGE_TRY(v.op.inputs[1].tensor, writer.emit(std::move(rows)));
  AxesAttrs axes;
  axes.axes = {1};
  axes.has_axes = true;
  v.then(K::kUnsqueeze).attrs = std::move(axes);
  return ok();
}

// Where the elements of the result lie is computed from six numbers a picture, then the picture is sampled.
Status mil_affine(MilView& v) {
  if (v.op.inputs.size() < 2) return make_error(ErrorCode::kInvalidGraph, "has no matrix");
  GraphWriter writer(v.builder().model(), v.scope().graph);
  const Dim batch = v.shape(0).at(0);
  Op grid = same_place(v, K::kAffineGrid, v.op.inputs[1].tensor);
  grid.inputs.push_back(
      {v.integers({batch.known() ? batch.value() : 1, 1, v.integer("output_height", 1), v.integer("output_width", 1)}),
       OperandRole::kConfig});
  NNGAUGE_TRY(const TensorId places, writer.emit(std::move(grid)));
  v.op.inputs[1].tensor = places;
  return mil_resample(v);
}

Status mil_resample(MilView& v) {
  ResizeAttrs attrs;
  attrs.mode = v.text("sampling_mode") == "nearest" ? ResizeMode::kNearest : ResizeMode::kLinear;
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_fill(MilView& v) {
  FillAttrs attrs;
  attrs.dtype = v.stated(0).dtype;
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_fill_like(MilView& v) {
  FillAttrs attrs;
  attrs.dtype = v.stated(0).dtype;
  attrs.like = true;
  v.op.attrs = std::move(attrs);
  return ok();
}

// A list of tensors of one shape is kept as one tensor with an axis in front.
Status mil_make_list(MilView& v) {
  NNGAUGE_CHECK(v.operand("init_length", OperandRole::kConfig));
  NNGAUGE_CHECK(v.operand("elem_shape", OperandRole::kConfig));
  bool numbers = v.op.inputs.size() > 1;
  for (std::size_t i = 0; i < v.op.inputs.size(); ++i) numbers = numbers && v.shape(i).ranked() && v.rank(i) == 0;
  if (!numbers) {
    v.op.kind = K::kSequenceEmpty;
    v.op.inputs.clear();
    return ok();
  }
  Op extents = same_place(v, K::kStack, v.op.inputs[0].tensor);
  extents.inputs.assign(v.op.inputs.begin(), v.op.inputs.end());
  extents.attrs = AxisAttrs{};
  GraphWriter writer(v.builder().model(), v.scope().graph);
  NNGAUGE_TRY(const TensorId shape, writer.emit(std::move(extents)));
  v.op.inputs = {{shape, OperandRole::kConfig}};
  FillAttrs attrs;
  const auto type = mil_type_of(std::string_view(v.text("dtype")));
  attrs.dtype = type ? type->dtype : DType::kFloat32;
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_list_read(MilView& v) { return set_axis(v, 0); }

Status mil_one_hot(MilView& v) {
  AxisAttrs attrs;
  attrs.axis = v.integer("axis", -1);
  attrs.count = v.integer("one_hot_vector_size", 0);
  attrs.dtype = v.stated(0).dtype;
  v.op.attrs = attrs;
  return ok();
}

Status mil_non_zero(MilView& v) {
  AxisAttrs attrs;
  attrs.axis = 1;
  v.op.attrs = attrs;
  return ok();
}

Status mil_categorical(MilView& v) {
  AxisAttrs attrs;
  attrs.count = v.integer("size", 1);
  attrs.dtype = v.stated(0).dtype;
  v.op.attrs = attrs;
  return ok();
}

Status mil_nms(MilView& v) {
  DetectionAttrs attrs;
  attrs.max_detections = v.integer("max_boxes", 0);
  attrs.columns = 4;
  v.op.attrs = attrs;
  return ok();
}

}  // namespace nngauge::coreml
