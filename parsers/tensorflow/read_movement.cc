// SPDX-License-Identifier: Apache-2.0
// Attributes of operators that join, cut, index and reorder.
#include "parsers/tensorflow/op_map.h"

namespace nngauge::tensorflow {
namespace {

void take_axis(OpContext& c, std::int64_t axis, std::int64_t batch_dims = 0) {
  AxisAttrs attrs;
  attrs.axis = axis;
  attrs.batch_dims = batch_dims;
  c.op.attrs = attrs;
}

void give_up_axis(OpContext& c) { c.give_up("dynamic-axis", "its axis is not a constant"); }

// The shape that an operand states of the elements of a list.
std::optional<Shape> element_shape(const OpContext& c, std::size_t operand) {
  const std::optional<Ints> extents = c.input_ints(operand);
  const Tensor* stated = c.input(operand);
  if (!extents || !stated->shape.ranked() || stated->shape.rank() != 1) return std::nullopt;
  std::vector<Dim> dims;
  for (const std::int64_t extent : *extents) dims.push_back(extent < 0 ? Dim::unknown() : Dim(extent));
  return Shape(std::move(dims));
}

}  // namespace

Status read_axis_attribute(OpContext& c) {
  take_axis(c, c.node.integer("axis", 0));
  return ok();
}

// The axis is the last operand.
Status read_concat(OpContext& c) {
  const auto axis = c.inputs.empty() ? std::nullopt : c.input_int(c.inputs.size() - 1);
  if (!axis) {
    give_up_axis(c);
    return ok();
  }
  take_axis(c, *axis);
  c.inputs.pop_back();
  c.arrange("x*");
  return ok();
}

Status read_concat_first(OpContext& c) {
  const auto axis = c.input_int(0);
  if (!axis) {
    give_up_axis(c);
    return ok();
  }
  take_axis(c, *axis);
  c.inputs.erase(c.inputs.begin());
  c.arrange("x*");
  return ok();
}

// The axis, N values, N minima, N maxima; the limits are scalars and are dropped.
Status read_quantized_concat(OpContext& c) {
  const auto axis = c.input_int(0);
  if (!axis || c.inputs.size() % 3 != 1) {
    give_up_axis(c);
    return ok();
  }
  take_axis(c, *axis);
  c.inputs.erase(c.inputs.begin());
  c.inputs.resize(c.inputs.size() / 3);
  c.arrange("x*");
  return ok();
}

Status read_split(OpContext& c) {
  const auto axis = c.input_int(0);
  if (!axis) {
    give_up_axis(c);
    return ok();
  }
  SplitAttrs attrs;
  attrs.axis = *axis;
  attrs.count = c.node.integer("num_split", 0);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_split_v(OpContext& c) {
  const auto axis = c.input_int(2);
  if (!axis) {
    give_up_axis(c);
    return ok();
  }
  SplitAttrs attrs;
  attrs.axis = *axis;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_unpack(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.node.integer("axis", 0);
  attrs.count = c.node.integer("num", 0);
  c.op.attrs = attrs;
  return ok();
}

Status read_gather(OpContext& c) {
  const auto axis = c.input_int(2);
  if (!axis) {
    give_up_axis(c);
    return ok();
  }
  take_axis(c, *axis, c.node.integer("batch_dims", 0));
  return ok();
}

Status read_gather_first(OpContext& c) {
  const std::int64_t batch_dims = c.node.integer("batch_dims", 0);
  take_axis(c, batch_dims, batch_dims);
  return ok();
}

Status read_gather_nd(OpContext& c) {
  take_axis(c, 0);
  return ok();
}

Status read_pad(OpContext& c) {
  PadAttrs attrs;
  attrs.pairs = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_mirror_pad(OpContext& c) {
  PadAttrs attrs;
  attrs.pairs = true;
  attrs.mode = c.node.text("mode") == "SYMMETRIC" ? PadMode::kSymmetric : PadMode::kReflect;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_squeeze(OpContext& c) {
  AxesAttrs attrs;
  attrs.axes = c.node.integers("squeeze_dims");
  attrs.has_axes = !attrs.axes.empty();
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_operand_axes(OpContext& c) {
  c.op.attrs = AxesAttrs{};
  return ok();
}

Status read_slice(OpContext& c) {
  c.op.attrs = SliceAttrs{};
  return ok();
}

Status read_strided_slice(OpContext& c) {
  SliceAttrs attrs;
  attrs.begin_mask = c.node.integer("begin_mask", 0);
  attrs.end_mask = c.node.integer("end_mask", 0);
  attrs.ellipsis_mask = c.node.integer("ellipsis_mask", 0);
  attrs.new_axis_mask = c.node.integer("new_axis_mask", 0);
  attrs.shrink_axis_mask = c.node.integer("shrink_axis_mask", 0);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_reverse_sequence(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.node.integer("seq_dim", 0);
  attrs.batch_dims = c.node.integer("batch_dim", 0);
  c.op.attrs = attrs;
  return ok();
}

Status read_ensure_shape(OpContext& c) {
  c.result_shape = c.node.shape("shape");
  return ok();
}

// Lists have the shape of their elements stacked (graph/ops/control.h).
Status read_list(OpContext& c) {
  FillAttrs attrs;
  attrs.like = true;
  attrs.dtype = c.node.dtype("element_dtype");
  c.op.attrs = attrs;
  return ok();
}

// A function of each text by itself.
Status read_each_text(OpContext& c) {
  FillAttrs attrs;
  attrs.like = true;
  c.op.attrs = attrs;
  return ok();
}

Status read_list_element(OpContext& c) {
  NNGAUGE_CHECK(read_list(c));
  c.result_shape = element_shape(c, 2);
  return ok();
}

Status read_list_stack(OpContext& c) {
  NNGAUGE_CHECK(read_list(c));
  auto shape = element_shape(c, 1);
  if (!shape) return ok();
  const std::int64_t count = c.node.integer("num_elements", -1);
  shape->dims().insert(shape->dims().begin(), count < 0 ? Dim::unknown() : Dim(count));
  c.result_shape = std::move(shape);
  return ok();
}

// How often a loop of version 1 runs is decided here: a call of what cannot be followed.
Status read_loop_condition(OpContext& c) {
  c.op.attrs = ControlAttrs{};
  c.result_shape = Shape::scalar();
  return ok();
}

}  // namespace nngauge::tensorflow
