// SPDX-License-Identifier: Apache-2.0
// Operators that move, make and resample.
#include <algorithm>
#include <cmath>

#include "parsers/paddle/readers.h"

namespace nngauge::paddle {
namespace {

using K = OpKind;

}  // namespace

Status read_axes(OpContext& c) {
  AxesAttrs attrs;
  attrs.axes = c.source.ints("axes");
  attrs.has_axes = !attrs.axes.empty();
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_reverse(OpContext& c) {
  AxesAttrs attrs;
  attrs.axes = c.source.ints("axis");
  attrs.has_axes = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_reshape(OpContext& c) {
  ReshapeAttrs attrs;
  attrs.zero_copies = true;
  // Extents one by one come before a list, a list before numbers.
  if (!c.source.input("ShapeTensor").empty()) {
    c.op.inputs.erase(c.op.inputs.begin() + 1);
    join_operands(c, 1);
  }
  if (c.op.inputs.size() < 2) {
    attrs.shape = c.source.ints("shape");
    attrs.has_shape = true;
  }
  // Extents that are computed one by one stand as -1: what the result says of itself fills them in.
  if (attrs.has_shape && std::count(attrs.shape.begin(), attrs.shape.end(), -1) > 1) {
    const Tensor* out = c.output(0);
    const bool stated = out && out->declared.ranked() && out->declared.rank() == attrs.shape.size();
    for (std::size_t i = 0; stated && i < attrs.shape.size(); ++i) {
      if (attrs.shape[i] == -1 && out->declared[i].known()) attrs.shape[i] = out->declared[i].value();
    }
    if (std::count(attrs.shape.begin(), attrs.shape.end(), -1) > 1) {
      c.give_up("more than one of its extents is computed");
      return ok();
    }
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_flatten(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.source.integer("axis", 1);
  c.op.attrs = attrs;
  return ok();
}

// Axes start to stop become one.
Status read_flatten_range(OpContext& c) {
  const Tensor* x = c.input(0);
  const auto rank = x && x->declared.ranked() ? static_cast<std::int64_t>(x->declared.rank()) : 0;
  std::int64_t start = c.source.integer("start_axis", 1), stop = c.source.integer("stop_axis", -1);
  if (start < 0) start += rank;
  if (stop < 0) stop += rank;
  if (rank == 0 || start < 0 || stop < start || stop >= rank) {
    c.give_up("the range of axes that it flattens is not known");
    return ok();
  }
  ReshapeAttrs attrs;
  attrs.zero_copies = true;
  attrs.has_shape = true;
  attrs.shape.assign(static_cast<std::size_t>(rank - (stop - start)), 0);
  attrs.shape[static_cast<std::size_t>(start)] = -1;
  // Extents behind the range are not where they were: they must be known.
  for (std::int64_t axis = stop + 1; axis < rank; ++axis) {
    const Dim extent = x->declared[static_cast<std::size_t>(axis)];
    if (!extent.known()) {
      c.give_up("the extents behind the range that it flattens are open");
      return ok();
    }
    attrs.shape[static_cast<std::size_t>(axis - (stop - start))] = extent.value();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_transpose(OpContext& c) {
  TransposeAttrs attrs;
  attrs.perm = c.source.ints("axis");
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_split(OpContext& c) {
  SplitAttrs attrs;
  attrs.axis = c.source.integer("axis", 0);
  attrs.sizes = c.source.ints("sections");
  if (std::find(attrs.sizes.begin(), attrs.sizes.end(), -1) != attrs.sizes.end()) {
    c.give_up("one of its parts is as large as what is left");
    return ok();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

// With decrease_axis the axes of one element that are named vanish.
Status read_slice(OpContext& c) {
  const Ints axes = c.source.ints("axes"), starts = c.source.ints("starts"), ends = c.source.ints("ends");
  const Ints dropped = c.source.ints("decrease_axis");
  if (starts.size() != axes.size() || ends.size() != axes.size()) {
    c.give_up("its bounds are computed");
    return ok();
  }
  SliceAttrs attrs;
  if (dropped.empty()) {
    attrs.onnx_form = true;
    attrs.axes = axes;
    attrs.starts = starts;
    attrs.ends = ends;
    attrs.steps = c.source.ints("strides");
    c.op.attrs = std::move(attrs);
    return ok();
  }
  // Axes behind the last one that is named stay whole: their number need not be known.
  const Tensor* x = c.input(0);
  const bool ranked = x && x->declared.ranked();
  const std::int64_t furthest = axes.empty() ? -1 : *std::max_element(axes.begin(), axes.end());
  const bool from_front = std::all_of(axes.begin(), axes.end(), [](std::int64_t axis) { return axis >= 0; });
  constexpr std::int64_t kMostAxes = 31;
  const std::int64_t rank = ranked ? static_cast<std::int64_t>(x->declared.rank()) : furthest + 1;
  if (rank > kMostAxes || (!ranked && !from_front)) {
    c.give_up("the rank of what it cuts is not known");
    return ok();
  }
  attrs.starts.assign(static_cast<std::size_t>(rank), 0);
  attrs.ends.assign(static_cast<std::size_t>(rank), 0);
  attrs.steps.assign(static_cast<std::size_t>(rank), 1);
  attrs.begin_mask = attrs.end_mask = (std::int64_t{1} << rank) - 1;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t axis = axes[i] < 0 ? axes[i] + rank : axes[i];
    if (axis < 0 || axis >= rank)
      return make_error(ErrorCode::kInvalidAttribute,
                        "axis " + std::to_string(axes[i]) + " of an operand of rank " + std::to_string(rank));
    attrs.starts[static_cast<std::size_t>(axis)] = starts[i];
    attrs.ends[static_cast<std::size_t>(axis)] = ends[i];
    attrs.begin_mask &= ~(std::int64_t{1} << axis);
    attrs.end_mask &= ~(std::int64_t{1} << axis);
  }
  for (const std::int64_t stated : dropped) {
    const std::int64_t axis = stated < 0 ? stated + rank : stated;
    if (axis >= 0 && axis < rank) attrs.shrink_axis_mask |= std::int64_t{1} << axis;
  }
  // Before there were results of no axes (2.5) one was left; programs since say so of the result.
  const Tensor* out = c.output(0);
  const bool scalar = out && out->declared.ranked() && out->declared.rank() == 0;
  if (!scalar && rank > 0 && attrs.shrink_axis_mask == (std::int64_t{1} << rank) - 1)
    attrs.shrink_axis_mask &= ~std::int64_t{1};
  c.op.kind = K::kStridedSlice;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_expand(OpContext& c) {
  if (!c.source.input("expand_shapes_tensor").empty()) {
    c.op.inputs.erase(c.op.inputs.begin() + 1);
    join_operands(c, 1);
  }
  ReshapeAttrs attrs;
  if (c.op.inputs.size() > 1) {
    c.op.attrs = std::move(attrs);
    return ok();
  }
  Ints shape = c.source.ints(c.source.find("target_shape") ? "target_shape" : "shape");
  // -1 keeps an extent of the operand, as 1 does.
  for (std::int64_t& extent : shape) extent = extent < 0 ? 1 : extent;
  attrs.shape = std::move(shape);
  attrs.has_shape = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_fill(OpContext& c) {
  FillAttrs attrs;
  if (!c.source.input("ShapeTensorList").empty()) {
    c.op.inputs.erase(c.op.inputs.begin());
    join_operands(c, 0);
  } else if (c.op.inputs.size() > 1) {
    c.op.inputs.resize(1);
  }
  attrs.dtype = dtype_of(c.source.integer("dtype", 5));
  attrs.shape = c.source.ints("shape");
  attrs.has_shape = c.op.inputs.empty();
  attrs.value = c.source.real("value", 0);
  attrs.has_value = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

// A list of numbers that the operator itself holds.
Status read_assign_value(OpContext& c) {
  FillAttrs attrs;
  attrs.dtype = dtype_of(c.source.integer("dtype", 5));
  attrs.shape = c.source.ints("shape");
  attrs.has_shape = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_fill_like(OpContext& c) {
  FillAttrs attrs;
  attrs.like = true;
  attrs.value = c.source.real("value", 0);
  attrs.has_value = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_shape(OpContext& c) {
  CastAttrs attrs;
  attrs.dtype = DType::kInt32;
  c.op.attrs = attrs;
  return ok();
}

Status read_interpolate(OpContext& c) {
  ResizeAttrs attrs;
  attrs.mode = c.op.kind == K::kResizeNearest ? ResizeMode::kNearest
               : c.op.kind == K::kResizeCubic ? ResizeMode::kCubic
                                              : ResizeMode::kLinear;
  attrs.layout = layout_of(c.source);
  attrs.axes = is_channels_last(c.source) ? Ints{1, 2} : Ints{2, 3};
  attrs.align_corners = c.source.flag("align_corners");
  const std::int64_t height = c.source.integer("out_h", 0), width = c.source.integer("out_w", 0);
  std::vector<double> scales = c.source.reals("scale");
  if (scales.size() == 1) scales.push_back(scales[0]);
  if (!c.source.input("OutSize").empty() || !c.source.input("SizeTensor").empty()) {
    if (!c.source.input("SizeTensor").empty()) {
      c.op.inputs.erase(c.op.inputs.begin() + 1);
      join_operands(c, 1);
    }
    c.op.inputs.resize(2);
    attrs.spatial_sizes = true;
    c.op.attrs = std::move(attrs);
    return ok();
  }
  if (scales.size() == 2 && scales[0] > 0 && std::isfinite(scales[0])) attrs.scales = std::move(scales);
  else if (height > 0 && width > 0) attrs.sizes = {height, width};
  else {
    c.give_up("has neither a size nor a scale");
    return ok();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

// pad2d: top, bottom, left, right; pad3d: left, right, top, bottom, front, back; pad: pairs of all axes.
Status read_pad(OpContext& c) {
  const Ints stated = c.source.ints("paddings");
  const std::string mode = c.source.text("mode");
  PadAttrs attrs;
  attrs.mode = mode == "reflect"                       ? PadMode::kReflect
               : mode == "edge" || mode == "replicate" ? PadMode::kEdge
               : mode == "circular"                    ? PadMode::kWrap
                                                       : PadMode::kConstant;
  Ints begins, ends;
  if (c.source.type == "pad") {
    for (std::size_t i = 0; i + 1 < stated.size(); i += 2) begins.push_back(stated[i]), ends.push_back(stated[i + 1]);
  } else {
    const bool backwards = c.source.type == "pad3d";
    for (std::size_t i = 0; i + 1 < stated.size(); i += 2) begins.push_back(stated[i]), ends.push_back(stated[i + 1]);
    if (backwards) {
      std::reverse(begins.begin(), begins.end());
      std::reverse(ends.begin(), ends.end());
    }
    const auto add = [&](Ints& list) {
      list.insert(list.begin(), 0);
      list.insert(is_channels_last(c.source) ? list.end() : list.begin(), 0);
    };
    add(begins), add(ends);
  }
  if (stated.empty()) {
    c.give_up("its padding is computed");
    return ok();
  }
  attrs.pads = std::move(begins);
  attrs.pads.insert(attrs.pads.end(), ends.begin(), ends.end());
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_pixel_shuffle(OpContext& c) {
  SpaceDepthAttrs attrs;
  attrs.block_size = c.source.integer(c.source.find("upscale_factor")     ? "upscale_factor"
                                      : c.source.find("downscale_factor") ? "downscale_factor"
                                                                          : "blocksize",
                                      1);
  attrs.layout = layout_of(c.source);
  c.op.attrs = attrs;
  return ok();
}

}  // namespace nngauge::paddle
