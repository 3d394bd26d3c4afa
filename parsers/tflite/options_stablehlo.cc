// SPDX-License-Identifier: Apache-2.0
// Options of the StableHLO operators: what the plain kinds say with operands, StableHLO says with attributes.
// Semantics: the StableHLO specification.
#include <algorithm>

#include "parsers/tflite/op_map.h"

namespace nngauge::tflite {
namespace {

// The extents of a static shape.
std::optional<Ints> extents(const Tensor* tensor) {
  if (!tensor || !tensor->declared.is_static()) return std::nullopt;
  Ints out;
  for (const Dim dim : tensor->declared.dims()) out.push_back(dim.value());
  return out;
}

Status spend_all(OpContext& c, std::initializer_list<std::size_t> lengths) {
  for (const std::size_t length : lengths) NNGAUGE_CHECK(c.file.budget.spend(length));
  return ok();
}

// Pairs low, high per axis -> all lows, then all highs.
Ints lows_then_highs(const Ints& pairs) {
  Ints out;
  for (std::size_t i = 0; i < pairs.size(); i += 2) out.push_back(pairs[i]);
  for (std::size_t i = 1; i < pairs.size(); i += 2) out.push_back(pairs[i]);
  return out;
}

Ints front_then(std::int64_t first, std::int64_t second, Ints rest) {
  rest.insert(rest.begin(), {first, second});
  return rest;
}

// The element-wise operator that a body graph consists of; -1 where it is more than one.
std::int32_t body_operator(const OpContext& c, std::int32_t index) {
  const auto* graphs = c.file.source->subgraphs();
  if (index < 0 || static_cast<std::size_t>(index) >= length(graphs)) return -1;
  const auto* ops = graphs->Get(static_cast<flatbuffers::uoffset_t>(index))->operators();
  if (length(ops) != 1) return -1;
  const std::uint32_t code = ops->Get(0)->opcode_index();
  if (code >= length(c.file.source->operator_codes())) return -1;
  const fb::OperatorCode& row = *c.file.source->operator_codes()->Get(code);
  return std::max<std::int32_t>(row.deprecated_builtin_code(), row.builtin_code());
}

std::optional<OpKind> reduction_of(std::int32_t body) {
  switch (body) {
    case fb::BuiltinOperator_STABLEHLO_ADD:
    case fb::BuiltinOperator_ADD:
      return OpKind::kReduceSum;
    case fb::BuiltinOperator_STABLEHLO_MULTIPLY:
    case fb::BuiltinOperator_MUL:
      return OpKind::kReduceProd;
    case fb::BuiltinOperator_STABLEHLO_MAXIMUM:
    case fb::BuiltinOperator_MAXIMUM:
      return OpKind::kReduceMax;
    case fb::BuiltinOperator_STABLEHLO_MINIMUM:
    case fb::BuiltinOperator_MINIMUM:
      return OpKind::kReduceMin;
    case fb::BuiltinOperator_STABLEHLO_AND:
    case fb::BuiltinOperator_LOGICAL_AND:
      return OpKind::kReduceAll;
    case fb::BuiltinOperator_STABLEHLO_OR:
    case fb::BuiltinOperator_LOGICAL_OR:
      return OpKind::kReduceAny;
    default:
      return std::nullopt;
  }
}

}  // namespace

Status read_hlo_reshape(OpContext& c) {
  ReshapeAttrs attrs;
  if (const std::optional<Ints> shape = extents(c.output(0))) {
    attrs.shape = *shape;
    attrs.has_shape = true;
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_hlo_concatenate(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.options_2<fb::StablehloConcatenateOptions>().dimension();
  c.op.attrs = attrs;
  return ok();
}

// Where the operand's axes become the last ones of the result, this is a plain broadcast to the result's shape;
// otherwise only the file says what comes out.
Status read_hlo_broadcast_in_dim(OpContext& c) {
  const auto* axes = c.options_2<fb::StablehloBroadcastInDimOptions>().broadcast_dimensions();
  NNGAUGE_CHECK(spend_all(c, {length(axes)}));
  const std::optional<Ints> shape = extents(c.output(0));
  bool trailing = shape.has_value() && shape->size() >= length(axes);
  for (std::size_t i = 0; trailing && i < length(axes); ++i) {
    trailing = axes->Get(static_cast<flatbuffers::uoffset_t>(i)) ==
               static_cast<std::int64_t>(shape->size() - length(axes) + i);
  }
  if (trailing) {
    ReshapeAttrs attrs;
    attrs.shape = *shape;
    attrs.has_shape = true;
    c.op.attrs = std::move(attrs);
    return ok();
  }
  GeneralAttrs attrs;
  attrs.dims = ints_of(axes);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_hlo_convolution(OpContext& c) {
  const auto& options = c.options_2<fb::StablehloConvolutionOptions>();
  if (!c.source.builtin_options_2_as_StablehloConvolutionOptions()) {
    c.give_up("no-options", "has no options, so its axes are not known");
    return ok();
  }
  NNGAUGE_CHECK(
      spend_all(c, {length(options.window_strides()), length(options.padding()), length(options.lhs_dilation()),
                    length(options.rhs_dilation()), length(options.input_spatial_dimensions()),
                    length(options.kernel_spatial_dimensions()), length(options.output_spatial_dimensions())}));
  GeneralAttrs attrs;
  attrs.in_axes = front_then(options.input_batch_dimension(), options.input_feature_dimension(),
                             ints_of(options.input_spatial_dimensions()));
  attrs.filter_axes = front_then(options.kernel_input_feature_dimension(), options.kernel_output_feature_dimension(),
                                 ints_of(options.kernel_spatial_dimensions()));
  attrs.out_axes = front_then(options.output_batch_dimension(), options.output_feature_dimension(),
                              ints_of(options.output_spatial_dimensions()));
  attrs.strides = ints_of(options.window_strides());
  attrs.pads = lows_then_highs(ints_of(options.padding()));
  attrs.lhs_dilations = ints_of(options.lhs_dilation());
  attrs.rhs_dilations = ints_of(options.rhs_dilation());
  attrs.feature_groups = options.feature_group_count();
  attrs.batch_groups = options.batch_group_count();
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_hlo_dot_general(OpContext& c) {
  const auto& options = c.options_2<fb::StablehloDotGeneralOptions>();
  NNGAUGE_CHECK(
      spend_all(c, {length(options.lhs_batching_dimensions()), length(options.rhs_batching_dimensions()),
                    length(options.lhs_contracting_dimensions()), length(options.rhs_contracting_dimensions())}));
  GeneralAttrs attrs;
  attrs.lhs_batch = ints_of(options.lhs_batching_dimensions());
  attrs.rhs_batch = ints_of(options.rhs_batching_dimensions());
  attrs.lhs_contract = ints_of(options.lhs_contracting_dimensions());
  attrs.rhs_contract = ints_of(options.rhs_contracting_dimensions());
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_hlo_slice(OpContext& c) {
  const auto& options = c.options_2<fb::StablehloSliceOptions>();
  NNGAUGE_CHECK(
      spend_all(c, {length(options.start_indices()), length(options.limit_indices()), length(options.strides())}));
  SliceAttrs attrs;
  attrs.onnx_form = true;
  attrs.starts = ints_of(options.start_indices());
  attrs.ends = ints_of(options.limit_indices());
  attrs.steps = ints_of(options.strides());
  for (std::size_t i = 0; i < attrs.starts.size(); ++i) attrs.axes.push_back(static_cast<std::int64_t>(i));
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_hlo_dynamic_slice(OpContext& c) {
  const auto* sizes = c.options_2<fb::StablehloDynamicSliceOptions>().slice_sizes();
  NNGAUGE_CHECK(spend_all(c, {length(sizes)}));
  GeneralAttrs attrs;
  attrs.dims = ints_of(sizes);
  c.op.attrs = std::move(attrs);
  return ok();
}

// Interior padding (between elements) lengthens the result as padding behind it does.
Status read_hlo_pad(OpContext& c) {
  const auto& options = c.options_2<fb::StablehloPadOptions>();
  NNGAUGE_CHECK(spend_all(c, {length(options.edge_padding_low()), length(options.edge_padding_high()),
                              length(options.interior_padding())}));
  PadAttrs attrs;
  attrs.pads = ints_of(options.edge_padding_low());
  Ints high = ints_of(options.edge_padding_high());
  const Ints interior = ints_of(options.interior_padding());
  const std::optional<Ints> shape = extents(c.input(0));
  for (std::size_t i = 0; i < interior.size() && i < high.size(); ++i) {
    if (interior[i] == 0) continue;
    std::int64_t added = 0;
    const bool fits = shape && i < shape->size() &&
                      !__builtin_mul_overflow(interior[i], std::max<std::int64_t>((*shape)[i] - 1, 0), &added) &&
                      !__builtin_add_overflow(high[i], added, &high[i]);
    if (!fits) {
      c.give_up("interior-padding", "its interior padding needs the extents of its operand");
      return ok();
    }
  }
  attrs.pads.insert(attrs.pads.end(), high.begin(), high.end());
  c.op.attrs = std::move(attrs);
  return ok();
}

// Operands: inputs, then as many initial values. One input with a body of one known operator is a plain reduction.
Status read_hlo_reduce(OpContext& c) {
  const auto& options = c.options_2<fb::StablehloReduceOptions>();
  NNGAUGE_CHECK(spend_all(c, {length(options.dimensions())}));
  const std::optional<OpKind> plain = reduction_of(body_operator(c, options.body_subgraph_index()));
  if (plain && c.inputs.size() == 2) {
    c.op.kind = *plain;
    c.arrange("x1-");
    AxesAttrs attrs;
    attrs.axes = ints_of(options.dimensions());
    attrs.has_axes = true;
    attrs.keep_dims = false;
    attrs.noop_with_empty_axes = true;
    c.op.attrs = std::move(attrs);
    return ok();
  }
  GeneralAttrs attrs;
  attrs.dims = ints_of(options.dimensions());
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_hlo_reduce_window(OpContext& c) {
  const auto& options = c.options_2<fb::StablehloReduceWindowOptions>();
  NNGAUGE_CHECK(
      spend_all(c, {length(options.window_dimensions()), length(options.window_strides()),
                    length(options.base_dilations()), length(options.window_dilations()), length(options.padding())}));
  GeneralAttrs attrs;
  attrs.window = ints_of(options.window_dimensions());
  attrs.strides = ints_of(options.window_strides());
  attrs.lhs_dilations = ints_of(options.base_dilations());
  attrs.rhs_dilations = ints_of(options.window_dilations());
  attrs.pads = lows_then_highs(ints_of(options.padding()));
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_hlo_compare(OpContext& c) {
  constexpr OpKind kByDirection[] = {OpKind::kEqual,   OpKind::kNotEqual,  OpKind::kGreaterEqual,
                                     OpKind::kGreater, OpKind::kLessEqual, OpKind::kLess};
  const std::uint32_t direction = c.options_2<fb::StablehloCompareOptions>().comparison_direction();
  if (direction >= std::size(kByDirection)) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "comparison direction " + std::to_string(direction) + " is not known");
  }
  c.op.kind = kByDirection[direction];
  return ok();
}

// AND and OR are logical on booleans, bit by bit on integers.
Status read_hlo_logic(OpContext& c) {
  if (c.input(0) && c.input(0)->dtype == DType::kBool) return ok();
  c.op.kind = c.op.kind == OpKind::kLogicalAnd ? OpKind::kBitwiseAnd : OpKind::kBitwiseOr;
  return ok();
}

Status read_hlo_convert(OpContext& c) {
  CastAttrs attrs;
  attrs.dtype = result_dtype(c);
  c.op.attrs = attrs;
  return ok();
}

Status read_hlo_iota(OpContext& c) {
  FillAttrs attrs;
  attrs.dtype = result_dtype(c);
  if (const std::optional<Ints> shape = extents(c.output(0))) {
    attrs.shape = *shape;
    attrs.has_shape = true;
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_hlo_sort(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.options_2<fb::StablehloSortOptions>().dimension();
  c.op.attrs = attrs;
  return ok();
}

Status read_hlo_gather(OpContext& c) {
  const auto* sizes = c.options_2<fb::StablehloGatherOptions>().slice_sizes();
  NNGAUGE_CHECK(spend_all(c, {length(sizes)}));
  GeneralAttrs attrs;
  attrs.dims = ints_of(sizes);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_hlo_scatter(OpContext& /*c*/) { return ok(); }

Status read_hlo_transpose(OpContext& c) {
  const auto* permutation = c.options_2<fb::StablehloTransposeOptions>().permutation();
  NNGAUGE_CHECK(spend_all(c, {length(permutation)}));
  TransposeAttrs attrs;
  attrs.perm = ints_of(permutation);
  c.op.attrs = std::move(attrs);
  return ok();
}

// Results: the next state, then the numbers.
Status read_hlo_random(OpContext& c) {
  FillAttrs attrs;
  const Tensor* numbers = c.output(1);
  if (numbers) attrs.dtype = numbers->dtype;
  if (const std::optional<Ints> shape = extents(numbers)) {
    attrs.shape = *shape;
    attrs.has_shape = true;
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_hlo_custom_call(OpContext& c) {
  CustomAttrs attrs;
  attrs.domain = "stablehlo";
  attrs.name = text_of(c.options_2<fb::StablehloCustomCallOptions>().call_target_name());
  if (!attrs.name.empty()) c.op.source_op += ":" + attrs.name;
  c.op.attrs = std::move(attrs);
  return ok();
}

}  // namespace nngauge::tflite
