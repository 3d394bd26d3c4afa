// SPDX-License-Identifier: Apache-2.0
// Options of operators that move, cut, join and make data, and of control flow.
#include "parsers/tflite/op_map.h"

namespace nngauge::tflite {
namespace {

// Operand `i` holds one axis; nullopt where it is not a constant.
std::optional<std::int64_t> axis_operand(const OpContext& c, std::size_t i) {
  const std::optional<Ints> axis = c.input_ints(i);
  return axis && axis->size() == 1 ? std::optional(axis->front()) : std::nullopt;
}

Status check_graph(const OpContext& c, std::int64_t index) {
  const std::size_t count = length(c.file.source->subgraphs());
  if (index >= 0 && static_cast<std::size_t>(index) < count) return ok();
  return make_error(ErrorCode::kInvalidGraph,
                    "calls subgraph #" + std::to_string(index) + " of " + std::to_string(count));
}

Status call(OpContext& c, std::int64_t index) {
  NNGAUGE_CHECK(check_graph(c, index));
  ControlAttrs attrs;
  attrs.then_graph = index;
  c.op.attrs = std::move(attrs);
  return ok();
}

}  // namespace

Status read_concatenation(OpContext& c) {
  const auto& options = c.options<fb::ConcatenationOptions>();
  AxisAttrs attrs;
  attrs.axis = options.axis();
  c.op.activation = activation_of(options.fused_activation_function());
  c.op.attrs = attrs;
  return ok();
}

// The operand decides where there is one. The single 0 is how old files write a scalar.
Status read_reshape(OpContext& c) {
  ReshapeAttrs attrs;
  if (const auto* options = c.source.builtin_options_as_ReshapeOptions(); options && !c.input(1)) {
    NNGAUGE_CHECK(c.file.budget.spend(length(options->new_shape())));
    attrs.shape = ints_of(options->new_shape());
    attrs.has_shape = true;
    if (attrs.shape.size() == 1 && attrs.shape[0] == 0) attrs.shape.clear();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_squeeze(OpContext& c) {
  const auto& options = c.options<fb::SqueezeOptions>();
  NNGAUGE_CHECK(c.file.budget.spend(length(options.squeeze_dims())));
  AxesAttrs attrs;
  attrs.axes = ints_of(options.squeeze_dims());
  attrs.has_axes = !attrs.axes.empty();
  c.op.attrs = std::move(attrs);
  return ok();
}

// EXPAND_DIMS, REVERSE_V2: the axes are operand 1.
Status read_operand_axes(OpContext& c) {
  c.op.attrs = AxesAttrs{};
  return ok();
}

Status read_transpose(OpContext& c) {
  c.op.attrs = TransposeAttrs{};
  return ok();
}

Status read_split(OpContext& c) {
  const std::optional<std::int64_t> axis = axis_operand(c, 0);
  if (!axis) {
    c.give_up("dynamic-axis", "its axis is not a constant");
    return ok();
  }
  SplitAttrs attrs;
  attrs.axis = *axis;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_split_v(OpContext& c) {
  const std::optional<std::int64_t> axis = axis_operand(c, 2);
  if (!axis) {
    c.give_up("dynamic-axis", "its axis is not a constant");
    return ok();
  }
  SplitAttrs attrs;
  attrs.axis = *axis;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_pack(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.options<fb::PackOptions>().axis();
  c.op.attrs = attrs;
  return ok();
}

Status read_unpack(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.options<fb::UnpackOptions>().axis();
  attrs.count = c.options<fb::UnpackOptions>().num();
  c.op.attrs = attrs;
  return ok();
}

Status read_slice(OpContext& c) {
  c.op.attrs = SliceAttrs{};
  return ok();
}

Status read_strided_slice(OpContext& c) {
  const auto& options = c.options<fb::StridedSliceOptions>();
  SliceAttrs attrs;
  attrs.begin_mask = options.begin_mask();
  attrs.end_mask = options.end_mask();
  attrs.ellipsis_mask = options.ellipsis_mask();
  attrs.new_axis_mask = options.new_axis_mask();
  attrs.shrink_axis_mask = options.shrink_axis_mask();
  attrs.offset = options.offset();
  c.op.attrs = std::move(attrs);
  return ok();
}

// The indices may be stored in the file; then they must be indices.
Status read_gather(OpContext& c) {
  const auto& options = c.options<fb::GatherOptions>();
  AxisAttrs attrs;
  attrs.axis = options.axis();
  attrs.batch_dims = options.batch_dims();
  c.op.attrs = attrs;
  const Dim extent = c.input(0) ? c.input(0)->declared.at(attrs.axis) : Dim::unknown();
  for (const std::int64_t index : c.input_ints(1).value_or(Ints())) {
    if (extent.known() && (index < 0 || index >= extent.value())) {
      return make_error(ErrorCode::kInvalidGraph, "index " + std::to_string(index) + " lies outside an axis of " +
                                                      std::to_string(extent.value()) + " elements");
    }
  }
  return ok();
}

Status read_gather_nd(OpContext& c) {
  c.op.attrs = AxisAttrs{};
  return ok();
}

// Each row of the result is a position.
Status read_where(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = 1;
  c.op.attrs = attrs;
  return ok();
}

Status read_one_hot(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.options<fb::OneHotOptions>().axis();
  if (c.output(0)) attrs.dtype = c.output(0)->dtype;
  c.op.attrs = attrs;
  return ok();
}

Status read_reverse_sequence(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.options<fb::ReverseSequenceOptions>().seq_dim();
  attrs.batch_dims = c.options<fb::ReverseSequenceOptions>().batch_dim();
  c.op.attrs = attrs;
  return ok();
}

Status read_resize(OpContext& c) {
  ResizeAttrs attrs;
  const bool nearest = c.op.kind == OpKind::kResizeNearest;
  attrs.mode = nearest ? ResizeMode::kNearest : ResizeMode::kLinear;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.spatial_sizes = true;
  attrs.align_corners = nearest ? c.options<fb::ResizeNearestNeighborOptions>().align_corners()
                                : c.options<fb::ResizeBilinearOptions>().align_corners();
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_space_depth(OpContext& c) {
  SpaceDepthAttrs attrs;
  attrs.block_size = c.op.kind == OpKind::kSpaceToDepth ? c.options<fb::SpaceToDepthOptions>().block_size()
                                                        : c.options<fb::DepthToSpaceOptions>().block_size();
  attrs.layout = DataLayout::kChannelsLast;
  c.op.attrs = attrs;
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
  attrs.mode =
      c.options<fb::MirrorPadOptions>().mode() == fb::MirrorPadMode_SYMMETRIC ? PadMode::kSymmetric : PadMode::kReflect;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_shape_output(OpContext& c) {
  CastAttrs attrs;
  attrs.dtype = dtype_of(c.options<fb::ShapeOptions>().out_type());
  if (c.output(0)) attrs.dtype = c.output(0)->dtype;
  c.op.attrs = attrs;
  return ok();
}

Status read_fill(OpContext& c) {
  FillAttrs attrs;
  if (c.output(0)) attrs.dtype = c.output(0)->dtype;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_zeros_like(OpContext& c) {
  FillAttrs attrs;
  attrs.like = true;
  attrs.has_value = true;
  if (c.output(0)) attrs.dtype = c.output(0)->dtype;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_if(OpContext& c) {
  const auto& options = c.options<fb::IfOptions>();
  NNGAUGE_CHECK(check_graph(c, options.then_subgraph_index()));
  NNGAUGE_CHECK(check_graph(c, options.else_subgraph_index()));
  ControlAttrs attrs;
  attrs.then_graph = options.then_subgraph_index();
  attrs.else_graph = options.else_subgraph_index();
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_while(OpContext& c) {
  const auto& options = c.options<fb::WhileOptions>();
  NNGAUGE_CHECK(check_graph(c, options.cond_subgraph_index()));
  NNGAUGE_CHECK(check_graph(c, options.body_subgraph_index()));
  ControlAttrs attrs;
  attrs.cond_graph = options.cond_subgraph_index();
  attrs.body_graph = options.body_subgraph_index();
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_call(OpContext& c) { return call(c, c.options<fb::CallOptions>().subgraph()); }

Status read_call_once(OpContext& c) { return call(c, c.options<fb::CallOnceOptions>().init_subgraph_index()); }

Status read_hlo_while(OpContext& c) {
  const auto& options = c.options_2<fb::StablehloWhileOptions>();
  NNGAUGE_CHECK(check_graph(c, options.cond_subgraph_index()));
  NNGAUGE_CHECK(check_graph(c, options.body_subgraph_index()));
  ControlAttrs attrs;
  attrs.cond_graph = options.cond_subgraph_index();
  attrs.body_graph = options.body_subgraph_index();
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_hlo_case(OpContext& c) {
  const auto& options = c.options_2<fb::StablehloCaseOptions>();
  NNGAUGE_CHECK(c.file.budget.spend(length(options.branch_subgraph_indices())));
  ControlAttrs attrs;
  attrs.branches = ints_of(options.branch_subgraph_indices());
  for (const std::int64_t branch : attrs.branches) NNGAUGE_CHECK(check_graph(c, branch));
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_hlo_composite(OpContext& c) {
  const auto& options = c.options_2<fb::StableHLOCompositeOptions>();
  NNGAUGE_CHECK(check_graph(c, options.decomposition_subgraph_index()));
  ControlAttrs attrs;
  attrs.then_graph = options.decomposition_subgraph_index();
  attrs.name = text_of(options.name());
  if (!attrs.name.empty()) c.op.source_op += ":" + attrs.name;
  c.op.attrs = std::move(attrs);
  return ok();
}

}  // namespace nngauge::tflite
