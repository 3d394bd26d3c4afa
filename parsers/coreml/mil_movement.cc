// SPDX-License-Identifier: Apache-2.0
// Functions along axes, views, movement, resampling, results made from shapes.
#include <fmt/format.h>

#include "parsers/coreml/mil_readers.h"

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

Status mil_arg_reduce(MilView& v) {
  AxisAttrs attrs;
  attrs.axis = v.integer("axis", -1);
  attrs.keep_dims = v.flag("keep_dims");
  attrs.dtype = v.stated(0).dtype;
  v.op.attrs = attrs;
  return ok();
}

Status mil_classify(MilView& v) {
  AxisAttrs attrs;
  attrs.axis = -1;
  attrs.dtype = v.stated(0).dtype;
  v.op.attrs = attrs;
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
