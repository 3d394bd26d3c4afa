// SPDX-License-Identifier: Apache-2.0
// Reshapes, slices, gathers, resampling: what moves elements.
#include <fmt/format.h>

#include "base/text.h"
#include "parsers/onnx/readers.h"

namespace nngauge::onnx_format {

void read_reshape(OpReader& r) {
  ReshapeAttrs attrs;
  attrs.has_shape = r.input(1) == nullptr && r.has("shape");
  if (attrs.has_shape) attrs.shape = r.ints("shape");
  attrs.zero_copies = !r.flag("allowzero");
  r.role(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// Squeeze, Unsqueeze: axes in an attribute before opset 13, in operand 1 since.
void read_axes(OpReader& r) {
  AxesAttrs attrs;
  attrs.has_axes = r.has("axes");
  attrs.axes = r.ints("axes");
  r.role(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

void read_axis_0(OpReader& r) {
  AxisAttrs attrs;
  attrs.axis = r.integer("axis", 0);
  r.role(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

void read_flatten(OpReader& r) {
  AxisAttrs attrs;
  attrs.axis = r.integer("axis", 1);
  r.op().attrs = attrs;
}

void read_concat(OpReader& r) {
  AxisAttrs attrs;
  attrs.axis = r.integer("axis", 1);  // optional in opset 1 only
  r.op().attrs = attrs;
}

// Y_scale, Y_zero_point, then X, X_scale, X_zero_point of each part.
void read_qlinear_concat(OpReader& r) {
  AxisAttrs attrs;
  attrs.axis = r.integer("axis", 1);
  std::vector<Operand> parts, quant;
  for (std::size_t i = 0; i < r.input_count(); ++i) {
    const Operand operand = r.op().inputs[i];
    if (i >= 2 && (i - 2) % 3 == 0) parts.push_back(operand);
    else if (operand.tensor != kNoTensor) quant.push_back({operand.tensor, OperandRole::kQuant});
  }
  r.op().inputs = std::move(parts);
  r.op().inputs.insert(r.op().inputs.end(), quant.begin(), quant.end());
  r.op().attrs = attrs;
}

void read_dropout(OpReader& r) { r.roles_from(1, OperandRole::kConfig); }

void read_transpose(OpReader& r) {
  TransposeAttrs attrs;
  attrs.perm = r.ints("perm");
  r.op().attrs = attrs;
}

void read_split(OpReader& r) {
  SplitAttrs attrs;
  attrs.axis = r.integer("axis", 0);
  attrs.sizes = r.ints("split");
  attrs.count = r.integer("num_outputs", 0);
  r.role(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

void read_slice(OpReader& r) {
  SliceAttrs attrs;
  attrs.onnx_form = true;
  if (r.input(1) == nullptr) {
    attrs.starts = r.ints("starts");
    attrs.ends = r.ints("ends");
    attrs.axes = r.ints("axes");
  }
  r.roles_from(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// The experimental DynamicSlice: data, starts, ends, axes?
void read_dynamic_slice(OpReader& r) {
  SliceAttrs attrs;
  attrs.onnx_form = true;
  r.roles_from(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// data, pads, value?, axes?; before opset 11 pads and value are attributes, which some later files still have.
void read_pad(OpReader& r) {
  PadAttrs attrs;
  const std::string mode = r.text("mode", "constant");
  if (mode == "reflect") attrs.mode = PadMode::kReflect;
  else if (mode == "edge") attrs.mode = PadMode::kEdge;
  else if (mode == "wrap") attrs.mode = PadMode::kWrap;
  else if (mode != "constant") {
    r.fail(ErrorCode::kInvalidAttribute,
           fmt::format("mode is {}, not constant, reflect, edge or wrap", in_quotes(mode)));
  }
  if (r.input(1) == nullptr) attrs.pads = r.ints(r.has("paddings") ? "paddings" : "pads");
  r.roles_from(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// Before opset 6 the operands were input, tiles and axis, one number each.
void read_tile(OpReader& r) {
  r.roles_from(1, OperandRole::kConfig);
  if (r.opset() >= 6) return;
  AxisAttrs attrs;
  const auto number = [&](std::size_t i) -> std::optional<std::int64_t> {
    const Value* value = r.value(i);
    const auto ints = value == nullptr ? std::nullopt : value->known_ints();
    if (ints && ints->size() == 1) return (*ints)[0];
    return value != nullptr && value->reals.size() == 1 ? std::optional(static_cast<std::int64_t>(value->reals[0]))
                                                        : std::nullopt;
  };
  const auto count = number(1), axis = number(2);
  if (!count || !axis) {
    r.op().kind = OpKind::kCustom;
    return;
  }
  attrs.count = *count;
  attrs.axis = *axis;
  r.arrange({0});
  r.op().attrs = attrs;
}

void read_shape_operand(OpReader& r) { r.role(1, OperandRole::kConfig); }

namespace {

// A table of numbers that is looked up is learned; stored integers are arguments of shape arithmetic.
void table_role(OpReader& r) {
  if (!r.stored(0)) return;
  const DType dtype = r.in_dtype(0);
  const bool argument = is_integer(dtype) && dtype_bits(dtype) >= 32;
  r.role(0, argument ? OperandRole::kConfig : OperandRole::kWeight);
}

}  // namespace

void read_gather(OpReader& r) {
  AxisAttrs attrs;
  attrs.axis = r.integer("axis", 0);
  table_role(r);
  r.op().attrs = attrs;
}

void read_gather_nd(OpReader& r) {
  AxisAttrs attrs;
  attrs.batch_dims = r.integer("batch_dims", 0);
  table_role(r);
  r.op().attrs = attrs;
}

void read_scatter_nd(OpReader& r) {
  const std::string reduction = r.text("reduction", "none");
  if (reduction != "none" && reduction != "add" && reduction != "mul" && reduction != "max" && reduction != "min") {
    r.fail(ErrorCode::kInvalidAttribute,
           fmt::format("reduction is {}, not none, add, mul, max or min", in_quotes(reduction)));
  }
  r.role(1, OperandRole::kConfig);
}

// past_cache, update, write_indices?
void read_tensor_scatter(OpReader& r) {
  r.arrange({0, 1, 2});
  r.role(0, OperandRole::kState);
  if (r.input_count() < 3) r.op().inputs.resize(3);
  r.role(2, OperandRole::kConfig);
}

// data, indices, scales, zero_points?
void read_gather_block_quantized(OpReader& r) {
  AxisAttrs attrs;
  attrs.axis = r.integer("gather_axis", 0);
  r.arrange({0, 1}, {2, 3});
  r.role(0, OperandRole::kWeight);
  r.op().attrs = attrs;
}

void read_reverse_sequence(OpReader& r) {
  AxisAttrs attrs;
  attrs.axis = r.integer("time_axis", 0);
  r.role(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

void read_space_depth(OpReader& r) {
  SpaceDepthAttrs attrs;
  attrs.block_size = r.integer("blocksize", 0);
  if (attrs.block_size <= 0) r.fail(ErrorCode::kInvalidAttribute, fmt::format("blocksize is {}", attrs.block_size));
  r.op().attrs = attrs;
}

void read_cast(OpReader& r) {
  CastAttrs attrs;
  if (!r.has("to")) r.fail(ErrorCode::kInvalidAttribute, "attribute \"to\" is missing");
  attrs.dtype = r.dtype("to");
  r.op().attrs = attrs;
}

// The type is that of operand 1; where it is not known yet, shape inference looks it up there.
void read_cast_like(OpReader& r) {
  CastAttrs attrs;
  attrs.dtype = r.in_dtype(1);
  r.role(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// Without an axis the input is flattened first: has_axes tells.
void read_compress(OpReader& r) {
  AxesAttrs attrs;
  attrs.has_axes = r.has("axis");
  if (attrs.has_axes) attrs.axes = {r.integer("axis", 0)};
  r.role(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

namespace {

OpKind resize_kind(OpReader& r, const std::string& mode) {
  if (mode == "nearest") return OpKind::kResizeNearest;
  if (mode == "linear" || mode == "bilinear") return OpKind::kResizeBilinear;
  if (mode == "cubic") return OpKind::kResizeCubic;
  r.fail(ErrorCode::kInvalidAttribute, fmt::format("mode is {}, not nearest, linear or cubic", in_quotes(mode)));
  return OpKind::kResizeNearest;
}

ResizeMode resize_mode(OpKind kind) {
  if (kind == OpKind::kResizeNearest) return ResizeMode::kNearest;
  return kind == OpKind::kResizeBilinear ? ResizeMode::kLinear : ResizeMode::kCubic;
}

}  // namespace

// Scales: two attributes in opset 1, one list in 7, an operand in 9. Operands in Resize's order: X, roi, scales.
void read_upsample(OpReader& r) {
  ResizeAttrs attrs;
  r.op().kind = resize_kind(r, r.text("mode", "nearest"));
  attrs.mode = resize_mode(r.op().kind);
  if (r.has("scales")) attrs.scales = r.reals("scales");
  else if (r.has("height_scale")) attrs.scales = {1, 1, r.real("height_scale", 1), r.real("width_scale", 1)};
  r.arrange({0, -1, 1});
  r.roles_from(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// ONNX Runtime's own form has whole numbers as scales.
void read_nchwc_upsample(OpReader& r) {
  ResizeAttrs attrs;
  r.op().kind = resize_kind(r, r.text("mode", "nearest"));
  attrs.mode = resize_mode(r.op().kind);
  for (const std::int64_t scale : r.ints("scales")) attrs.scales.push_back(static_cast<double>(scale));
  attrs.align_corners = r.text("coordinate_transformation_mode") == "align_corners";
  r.arrange({0});
  r.op().attrs = attrs;
}

// X, roi?, scales?, sizes?; in opset 10 X, scales.
void read_resize(OpReader& r) {
  ResizeAttrs attrs;
  r.op().kind = resize_kind(r, r.text("mode", "nearest"));
  attrs.mode = resize_mode(r.op().kind);
  attrs.axes = r.ints("axes");
  attrs.aspect_policy = r.text("keep_aspect_ratio_policy");
  attrs.align_corners = r.text("coordinate_transformation_mode") == "align_corners";
  if (r.opset() < 11) r.arrange({0, -1, 1});
  r.roles_from(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

void read_grid_sample(OpReader& r) {
  ResizeAttrs attrs;
  const std::string mode = r.text("mode", "bilinear");
  if (mode == "nearest") attrs.mode = ResizeMode::kNearest;
  else if (mode == "bicubic" || mode == "cubic") attrs.mode = ResizeMode::kCubic;
  else attrs.mode = ResizeMode::kLinear;
  attrs.align_corners = r.flag("align_corners");
  r.op().attrs = attrs;
}

void read_center_crop_pad(OpReader& r) {
  AxesAttrs attrs;
  attrs.has_axes = r.has("axes");
  attrs.axes = r.ints("axes");
  r.role(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// com.microsoft.nchwc ReorderInput and ReorderOutput: to and from blocks of channels, whose padding `channels` undoes.
void read_layout(OpReader& r) {
  AxisAttrs attrs;
  attrs.count = r.integer("channels", 0);
  r.op().attrs = attrs;
}

// input, image_shape, block_shape
void read_col2im(OpReader& r) {
  ConvAttrs attrs;
  attrs.strides = r.ints("strides");
  attrs.dilations = r.ints("dilations");
  attrs.pads = r.ints("pads");
  r.roles_from(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

}  // namespace nngauge::onnx_format
