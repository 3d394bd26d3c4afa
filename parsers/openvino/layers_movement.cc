// SPDX-License-Identifier: Apache-2.0
// Views, slices, joins, gathering, resampling, results made from shapes.
//
// Where the file states all extents of a result these are believed. In networks with open extents the operands tell:
// what shapes a result is then an operand of the operator.
#include <algorithm>

#include "parsers/openvino/layer_readers.h"

namespace nngauge::openvino {
namespace {

using K = OpKind;
using V = LayerView;

// "1,0,1": the bits of the entries that are set.
std::int64_t mask_of(const V& v, std::string_view key) {
  std::int64_t mask = 0;
  const Ints flags = v.layer.integers(key);
  for (std::size_t i = 0; i < flags.size() && i < 62; ++i) {
    if (flags[i] != 0) mask |= std::int64_t{1} << i;
  }
  return mask;
}

std::optional<std::int64_t> number_at(const V& v, std::size_t i) {
  const auto found = v.ints(i);
  return found && found->size() == 1 ? std::optional(found->front()) : std::nullopt;
}

}  // namespace

void read_declared(V& v) {
  FillAttrs attrs;
  attrs.dtype = v.out_dtype();
  const Shape out = v.out();
  attrs.has_shape = out.is_static();
  for (const Dim dim : out.dims()) attrs.shape.push_back(dim.known() ? dim.value() : 0);
  v.op.kind = K::kFill;
  v.op.attrs = attrs;
}

// Elements of the first operand at other places, as many as the file states.
void read_declared_from(V& v) {
  v.operand(0);
  v.operand(1, OperandRole::kConfig);
}

void read_reshape(V& v) {
  const Shape out = v.out();
  if (!out.is_static() && v.operands.size() > 1) {
    if (v.op.kind == K::kReshape) {
      ReshapeAttrs attrs;
      attrs.zero_copies = v.layer.flag("special_zero");
      v.op.attrs = attrs;
    } else {
      v.op.attrs = AxesAttrs{};
    }
    v.operand(0);
    return v.operand(1, OperandRole::kConfig);
  }
  if (!out.is_static() && v.op.kind != K::kReshape) {
    v.op.attrs = AxesAttrs{};
    return v.operand(0);
  }
  ReshapeAttrs attrs;
  for (const Dim dim : out.dims()) attrs.shape.push_back(dim.known() ? dim.value() : -1);
  attrs.has_shape = !v.layer.outputs.empty() && std::count(attrs.shape.begin(), attrs.shape.end(), -1) <= 1;
  v.op.kind = K::kReshape;
  v.op.attrs = attrs;
  v.operand(0);
}

void read_split(V& v) {
  SplitAttrs attrs;
  attrs.count = static_cast<std::int64_t>(v.layer.outputs.size());
  if (const auto axis = number_at(v, 1)) {
    attrs.axis = *axis;
    if (auto sizes = v.ints(2)) attrs.sizes = *sizes;
    if (v.operands.size() < 3 || !attrs.sizes.empty()) {
      v.op.attrs = attrs;
      return v.operand(0);
    }
  }
  // Parts stand in the shapes of the results.
  const Shape in = v.in(0);
  for (std::size_t axis = 0; axis < in.rank(); ++axis) {
    bool differs = false;
    Ints sizes;
    for (const Port& port : v.layer.outputs) {
      const Dim part = axis < port.dims.size() ? port.dims[axis] : Dim::unknown();
      differs = differs || !part.same_as(in[axis]);
      sizes.push_back(part.known() ? part.value() : -1);
    }
    if (!differs) continue;
    attrs.axis = static_cast<std::int64_t>(axis);
    if (std::count(sizes.begin(), sizes.end(), -1) <= 1) attrs.sizes = sizes;
    break;
  }
  v.op.attrs = attrs;
  v.operand(0);
}

// Where a slice begins matters to no count: where the file states what it gives it is read as one of the same extents
// from the first element on.
void read_slice(V& v) {
  const Shape in = v.in(0), out = v.out();
  SliceAttrs attrs;
  if (out.is_static() && in.ranked() && out.rank() == in.rank()) {
    for (const Dim dim : out.dims()) {
      attrs.starts.push_back(0);
      attrs.ends.push_back(dim.value());
    }
    v.op.kind = K::kSlice;
    v.op.attrs = attrs;
    return v.operand(0);
  }
  if (v.operands.size() < 3 || out.is_static()) return read_declared(v);
  v.operand(0);
  if (v.op.kind == K::kStridedSlice) {
    attrs.begin_mask = mask_of(v, "begin_mask");
    attrs.end_mask = mask_of(v, "end_mask");
    attrs.new_axis_mask = mask_of(v, "new_axis_mask");
    attrs.shrink_axis_mask = mask_of(v, "shrink_axis_mask");
    attrs.ellipsis_mask = mask_of(v, "ellipsis_mask");
    for (std::size_t i = 1; i < v.operands.size(); ++i) v.operand(i, OperandRole::kConfig);
  } else {  // start, stop, step, axes
    attrs.onnx_form = true;
    for (const std::size_t i : {1U, 2U, 4U, 3U}) v.operand(i, OperandRole::kConfig);
    while (v.op.inputs.back().tensor == kNoTensor) v.op.inputs.pop_back();
  }
  v.op.attrs = attrs;
}

void read_pad(V& v) {
  const Shape in = v.in(0), out = v.out();
  PadAttrs attrs;
  const auto before = v.ints(1), after = v.ints(2);
  if (before && after && before->size() == after->size()) {
    attrs.pads = *before;
    attrs.pads.insert(attrs.pads.end(), after->begin(), after->end());
    v.op.attrs = attrs;
    return v.operand(0);
  }
  if (!in.ranked() || !out.ranked() || out.rank() != in.rank()) return read_declared(v);
  attrs.pads.assign(2 * in.rank(), 0);
  for (std::size_t i = 0; i < in.rank(); ++i) {
    if (!out[i].known() || !in[i].known()) return read_declared(v);
    attrs.pads[in.rank() + i] = out[i].value() - in[i].value();
  }
  v.op.attrs = attrs;
  v.operand(0);
}

// Data, indices, and the axis, which is a constant.
void read_gather(V& v) {
  AxisAttrs attrs;
  const auto axis = number_at(v, 2);
  if (!axis) return read_declared(v);
  attrs.axis = *axis;
  attrs.batch_dims = v.layer.integer("batch_dims", 0);
  v.op.attrs = attrs;
  v.operand(0);
  v.operand(1);
}

void read_gather_elements(V& v) {
  AxisAttrs attrs;
  attrs.axis = v.layer.integer("axis", 0);
  attrs.batch_dims = v.layer.integer("batch_dims", 0);
  v.op.attrs = attrs;
  v.operand(0);
  v.operand(1);
}

// Data, and where what goes into them.
void read_scatter(V& v) {
  AxisAttrs attrs;
  attrs.axis = number_at(v, 3).value_or(0);
  v.op.attrs = attrs;
  for (std::size_t i = 0; i < 3; ++i) v.operand(i);
}

void read_broadcast(V& v) {
  const std::string mode = v.layer.text("mode", "numpy");
  if (mode == "explicit" && v.operands.size() > 2) return read_declared(v);
  v.operand(0);
  v.operand(1, OperandRole::kConfig);
}

void read_range(V& v) {
  if (v.out().is_static()) return read_declared(v);
  for (std::size_t i = 0; i < 3; ++i) v.operand(i, OperandRole::kConfig);
}

void read_random(V& v) {
  FillAttrs attrs;
  attrs.dtype = v.out_dtype();
  if (v.op.kind == K::kMultinomial) {
    AxisAttrs drawn;
    drawn.dtype = attrs.dtype;
    v.op.attrs = drawn;
    v.operand(0);
    return v.operand(1, OperandRole::kConfig);
  }
  v.op.attrs = attrs;
  v.operand(0, OperandRole::kConfig);
}

void read_top_k(V& v) {
  TopKAttrs attrs;
  attrs.axis = v.layer.integer("axis", -1);
  v.op.attrs = attrs;
  v.operand(0);
  v.operand(1, OperandRole::kConfig);
}

void read_one_hot(V& v) {
  AxisAttrs attrs;
  attrs.axis = v.layer.integer("axis", -1);
  attrs.dtype = v.out_dtype();
  v.op.attrs = attrs;
  v.operand(0);
  v.operand(1, OperandRole::kConfig);
}

void read_non_zero(V& v) {
  v.op.attrs = AxisAttrs{};
  v.operand(0);
}

void read_unique(V& v) {
  v.op.attrs = AxisAttrs{};
  v.operand(0);
}

// Values, and the borders of the buckets; a search has them the other way round.
void read_bucketize(V& v) {
  const bool search = v.layer.type == "SearchSorted";
  v.operand(search ? 1 : 0);
  v.operand(search ? 0 : 1, OperandRole::kConfig);
}

void read_resize(V& v) {
  ResizeAttrs attrs;
  const std::string mode = v.layer.text("mode", v.layer.text("type"));
  attrs.mode = mode.find("nearest") != std::string::npos ? ResizeMode::kNearest
               : mode.find("cubic") != std::string::npos ? ResizeMode::kCubic
                                                         : ResizeMode::kLinear;
  v.op.kind = attrs.mode == ResizeMode::kNearest ? K::kResizeNearest
              : attrs.mode == ResizeMode::kCubic ? K::kResizeCubic
                                                 : K::kResizeBilinear;
  const Shape out = v.out();
  v.operand(0);
  if (out.is_static()) {
    for (const Dim dim : out.dims()) attrs.sizes.push_back(dim.value());
    v.op.attrs = attrs;
    return;
  }
  // Data, sizes, scales, axes; later without the one of sizes and scales that the mode leaves out.
  const bool three = v.layer.text("shape_calculation_mode") == "scales" && v.operands.size() > 2 && !v.reals(2).empty();
  const std::size_t last = v.operands.size() - 1;
  if (v.layer.text("shape_calculation_mode") == "scales") {
    attrs.scales = v.reals(three ? 2 : 1);
    if (!attrs.scales.empty()) attrs.axes = v.ints(last).value_or(Ints());
  } else if (v.operands.size() > 1) {
    attrs.axes = last > 1 ? v.ints(last).value_or(Ints()) : v.layer.integers("axes");
    v.operand(1, OperandRole::kConfig);
  }
  v.op.attrs = attrs;
}

}  // namespace nngauge::openvino
