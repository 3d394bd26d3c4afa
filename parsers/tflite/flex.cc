// SPDX-License-Identifier: Apache-2.0
// TensorFlow operators that the Flex delegate runs. Their attributes stand in a NodeDef; channels are last unless its
// data_format says otherwise.
#include <algorithm>

#include "parsers/tflite/node_def.h"
#include "parsers/tflite/op_map.h"

namespace nngauge::tflite {
namespace {

using K = OpKind;

DType result_dtype(const OpContext& c) { return c.output(0) ? c.output(0)->dtype : DType::kUnknown; }

std::optional<std::int64_t> one_int(const OpContext& c, std::size_t operand) {
  const std::optional<Ints> values = c.input_ints(operand);
  return values && values->size() == 1 ? std::optional(values->front()) : std::nullopt;
}

// Entries of the spatial axes of a list with one entry per axis.
Ints spatial(const Ints& all, bool channels_last) {
  if (all.size() < 3) return {};
  return channels_last ? Ints(all.begin() + 1, all.end() - 1) : Ints(all.begin() + 2, all.end());
}

bool is_channels_last(const NodeDef& node) { return !node.text("data_format").starts_with("NC"); }

// SAME or VALID; explicit padding is written as pairs per axis. False where the attribute is missing.
bool read_padding(const NodeDef& node, bool channels_last, PaddingMode& mode, Ints& pads) {
  const std::string text = node.text("padding");
  if (text == "SAME" || text == "VALID") {
    mode = text == "SAME" ? PaddingMode::kSameUpper : PaddingMode::kValid;
    return true;
  }
  if (text != "EXPLICIT") return false;
  mode = PaddingMode::kExplicit;
  Ints begins, ends;
  const Ints pairs = node.integers("explicit_paddings");
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    begins.push_back(pairs[i]);
    ends.push_back(pairs[i + 1]);
  }
  pads = spatial(begins, channels_last);
  const Ints behind = spatial(ends, channels_last);
  pads.insert(pads.end(), behind.begin(), behind.end());
  return true;
}

using FlexReader = Status (*)(OpContext&, const NodeDef&);

Status flex_nothing(OpContext& /*c*/, const NodeDef& /*node*/) { return ok(); }

Status flex_reduce(OpContext& c, const NodeDef& node) {
  AxesAttrs attrs;
  attrs.keep_dims = node.flag("keep_dims");
  attrs.noop_with_empty_axes = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status flex_axis_operand(OpContext& c, const NodeDef& /*node*/) {
  AxisAttrs attrs;
  attrs.axis = one_int(c, 1).value_or(0);
  c.op.attrs = attrs;
  return ok();
}

Status flex_arg_reduce(OpContext& c, const NodeDef& /*node*/) {
  AxisAttrs attrs;
  attrs.dtype = result_dtype(c);
  attrs.axis = one_int(c, 1).value_or(0);
  c.op.attrs = attrs;
  return ok();
}

Status flex_pool(OpContext& c, const NodeDef& node) {
  const bool channels_last = is_channels_last(node);
  PoolAttrs attrs;
  attrs.layout = channels_last ? DataLayout::kChannelsLast : DataLayout::kChannelsFirst;
  attrs.kernel = spatial(node.integers("ksize"), channels_last);
  attrs.strides = spatial(node.integers("strides"), channels_last);
  if (attrs.kernel.empty() || !read_padding(node, channels_last, attrs.padding, attrs.pads)) {
    c.give_up("no-options", "has no attributes, so its window is not known");
    return ok();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

// MatMul names its flags transpose_, BatchMatMul adj_.
Status flex_matmul(OpContext& c, const NodeDef& node) {
  MatMulAttrs attrs;
  attrs.transpose_a = node.flag("transpose_a") || node.flag("adj_x");
  attrs.transpose_b = node.flag("transpose_b") || node.flag("adj_y");
  c.op.attrs = attrs;
  return ok();
}

Status flex_conv(OpContext& c, const NodeDef& node) {
  const bool channels_last = is_channels_last(node);
  ConvAttrs attrs;
  attrs.layout = channels_last ? DataLayout::kChannelsLast : DataLayout::kChannelsFirst;
  attrs.filter_layout = FilterLayout::kSpatialInOut;
  attrs.strides = spatial(node.integers("strides"), channels_last);
  attrs.dilations = spatial(node.integers("dilations"), channels_last);
  attrs.groups = 0;
  if (attrs.strides.empty() || !read_padding(node, channels_last, attrs.padding, attrs.pads)) {
    c.give_up("no-options", "has no attributes, so its strides are not known");
    return ok();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status flex_cast(OpContext& c, const NodeDef& /*node*/) {
  CastAttrs attrs;
  attrs.dtype = result_dtype(c);
  c.op.attrs = attrs;
  return ok();
}

// The axis is the last operand.
Status flex_concat(OpContext& c, const NodeDef& /*node*/) {
  const auto axis = c.inputs.empty() ? std::nullopt : one_int(c, c.inputs.size() - 1);
  if (!axis) {
    c.give_up("dynamic-axis", "its axis is not a constant");
    return ok();
  }
  AxisAttrs attrs;
  attrs.axis = *axis;
  c.op.attrs = attrs;
  c.inputs.pop_back();
  c.arrange("x*");
  return ok();
}

Status flex_einsum(OpContext& c, const NodeDef& node) {
  EinsumAttrs attrs;
  attrs.equation = node.text("equation");
  if (attrs.equation.empty()) {
    c.give_up("no-options", "has no attributes, so its equation is not known");
    return ok();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status flex_gather(OpContext& c, const NodeDef& node) {
  const auto axis = one_int(c, 2);
  if (!axis) {
    c.give_up("dynamic-axis", "its axis is not a constant");
    return ok();
  }
  AxisAttrs attrs;
  attrs.axis = *axis;
  attrs.batch_dims = node.integer("batch_dims", 0);
  c.op.attrs = attrs;
  return ok();
}

Status flex_softmax(OpContext& c, const NodeDef& /*node*/) {
  AxisAttrs attrs;
  attrs.axis = -1;
  c.op.attrs = attrs;
  return ok();
}

Status flex_pack(OpContext& c, const NodeDef& node) {
  AxisAttrs attrs;
  attrs.axis = node.integer("axis", 0);
  c.op.attrs = attrs;
  return ok();
}

Status flex_pad(OpContext& c, const NodeDef& /*node*/) {
  PadAttrs attrs;
  attrs.pairs = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status flex_squeeze(OpContext& c, const NodeDef& node) {
  AxesAttrs attrs;
  attrs.axes = node.integers("squeeze_dims");
  attrs.has_axes = !attrs.axes.empty();
  c.op.attrs = std::move(attrs);
  return ok();
}

Status flex_strided_slice(OpContext& c, const NodeDef& node) {
  SliceAttrs attrs;
  attrs.begin_mask = node.integer("begin_mask", 0);
  attrs.end_mask = node.integer("end_mask", 0);
  attrs.ellipsis_mask = node.integer("ellipsis_mask", 0);
  attrs.new_axis_mask = node.integer("new_axis_mask", 0);
  attrs.shrink_axis_mask = node.integer("shrink_axis_mask", 0);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status flex_top_k(OpContext& c, const NodeDef& /*node*/) {
  TopKAttrs attrs;
  attrs.axis = -1;
  c.op.attrs = attrs;
  return ok();
}

// Columns: TensorFlow's name, kind, operands as in op_map.h, reader of attributes. Sorted by name.
struct FlexRow {
  std::string_view name;
  OpKind kind;
  std::string_view operands;
  FlexReader read;
};
// clang-format off
constexpr FlexRow kFlex[] = {
    {"Abs", K::kAbs, "x", flex_nothing},
    {"Acos", K::kAcos, "x", flex_nothing},
    {"Acosh", K::kAcosh, "x", flex_nothing},
    {"Add", K::kAdd, "xx", flex_nothing},
    {"AddN", K::kAddN, "x*", flex_nothing},
    {"AddV2", K::kAdd, "xx", flex_nothing},
    {"All", K::kReduceAll, "xc", flex_reduce},
    {"Any", K::kReduceAny, "xc", flex_reduce},
    {"ArgMax", K::kArgMax, "xc", flex_arg_reduce},
    {"ArgMin", K::kArgMin, "xc", flex_arg_reduce},
    {"Asin", K::kAsin, "x", flex_nothing},
    {"Asinh", K::kAsinh, "x", flex_nothing},
    {"Atan", K::kAtan, "x", flex_nothing},
    {"Atan2", K::kAtan2, "xx", flex_nothing},
    {"Atanh", K::kAtanh, "x", flex_nothing},
    {"AvgPool", K::kAveragePool, "x", flex_pool},
    {"BatchMatMul", K::kMatMul, "xx", flex_matmul},
    {"BatchMatMulV2", K::kMatMul, "xx", flex_matmul},
    {"BatchMatMulV3", K::kMatMul, "xx", flex_matmul},
    {"BiasAdd", K::kBiasAdd, "xb", flex_nothing},
    {"BitwiseAnd", K::kBitwiseAnd, "xx", flex_nothing},
    {"BitwiseOr", K::kBitwiseOr, "xx", flex_nothing},
    {"BitwiseXor", K::kBitwiseXor, "xx", flex_nothing},
    {"BroadcastArgs", K::kBroadcastArgs, "cc", flex_nothing},
    {"BroadcastTo", K::kExpand, "xc", flex_nothing},
    {"Cast", K::kCast, "x", flex_cast},
    {"Ceil", K::kCeil, "x", flex_nothing},
    {"ClipByValue", K::kClip, "xcc", flex_nothing},
    {"ConcatV2", K::kConcat, "x*", flex_concat},
    {"Conv2D", K::kConv2D, "xw", flex_conv},
    {"Conv3D", K::kConv3D, "xw", flex_conv},
    {"Cos", K::kCos, "x", flex_nothing},
    {"Cosh", K::kCosh, "x", flex_nothing},
    {"Cumsum", K::kCumSum, "xc", flex_axis_operand},
    {"DepthwiseConv2dNative", K::kDepthwiseConv2D, "xw", flex_conv},
    {"Div", K::kDiv, "xx", flex_nothing},
    {"DivNoNan", K::kDiv, "xx", flex_nothing},
    {"Einsum", K::kEinsum, "x*", flex_einsum},
    {"Elu", K::kElu, "x", flex_nothing},
    {"Equal", K::kEqual, "xx", flex_nothing},
    {"Erf", K::kErf, "x", flex_nothing},
    {"Exp", K::kExp, "x", flex_nothing},
    {"ExpandDims", K::kUnsqueeze, "xc", flex_nothing},
    {"Fill", K::kFill, "cc", flex_nothing},
    {"Floor", K::kFloor, "x", flex_nothing},
    {"FloorDiv", K::kFloorDiv, "xx", flex_nothing},
    {"FloorMod", K::kFloorMod, "xx", flex_nothing},
    {"GatherNd", K::kGatherND, "xc", flex_nothing},
    {"GatherV2", K::kGather, "xc-", flex_gather},
    {"Greater", K::kGreater, "xx", flex_nothing},
    {"GreaterEqual", K::kGreaterEqual, "xx", flex_nothing},
    {"Identity", K::kIdentity, "x", flex_nothing},
    {"IsInf", K::kIsInf, "x", flex_nothing},
    {"IsNan", K::kIsNaN, "x", flex_nothing},
    {"LeakyRelu", K::kLeakyRelu, "x", flex_nothing},
    {"Less", K::kLess, "xx", flex_nothing},
    {"LessEqual", K::kLessEqual, "xx", flex_nothing},
    {"Log", K::kLog, "x", flex_nothing},
    {"LogSoftmax", K::kLogSoftmax, "x", flex_softmax},
    {"LogicalAnd", K::kLogicalAnd, "xx", flex_nothing},
    {"LogicalNot", K::kLogicalNot, "x", flex_nothing},
    {"LogicalOr", K::kLogicalOr, "xx", flex_nothing},
    {"MatMul", K::kMatMul, "xw", flex_matmul},
    {"Max", K::kReduceMax, "xc", flex_reduce},
    {"MaxPool", K::kMaxPool, "x", flex_pool},
    {"Maximum", K::kMaximum, "xx", flex_nothing},
    {"Mean", K::kReduceMean, "xc", flex_reduce},
    {"Min", K::kReduceMin, "xc", flex_reduce},
    {"Minimum", K::kMinimum, "xx", flex_nothing},
    {"Mul", K::kMul, "xx", flex_nothing},
    {"Neg", K::kNeg, "x", flex_nothing},
    {"NotEqual", K::kNotEqual, "xx", flex_nothing},
    {"Pack", K::kStack, "x*", flex_pack},
    {"Pad", K::kPad, "xc", flex_pad},
    {"PadV2", K::kPad, "xcc", flex_pad},
    {"Pow", K::kPow, "xx", flex_nothing},
    {"Prod", K::kReduceProd, "xc", flex_reduce},
    {"Range", K::kRange, "ccc", flex_nothing},
    {"Rank", K::kRank, "x", flex_nothing},
    {"RealDiv", K::kDiv, "xx", flex_nothing},
    {"Reciprocal", K::kReciprocal, "x", flex_nothing},
    {"Relu", K::kRelu, "x", flex_nothing},
    {"Relu6", K::kRelu6, "x", flex_nothing},
    {"Reshape", K::kReshape, "xc", flex_nothing},
    {"ReverseV2", K::kReverse, "xc", flex_nothing},
    {"Round", K::kRound, "x", flex_nothing},
    {"Rsqrt", K::kRsqrt, "x", flex_nothing},
    {"ScatterNd", K::kScatterND, "2c0c1x", flex_nothing},
    {"Select", K::kSelect, "xxx", flex_nothing},
    {"SelectV2", K::kSelect, "xxx", flex_nothing},
    {"Selu", K::kSelu, "x", flex_nothing},
    {"Shape", K::kShape, "x", flex_nothing},
    {"Sigmoid", K::kSigmoid, "x", flex_nothing},
    {"Sign", K::kSign, "x", flex_nothing},
    {"Sin", K::kSin, "x", flex_nothing},
    {"Sinh", K::kSinh, "x", flex_nothing},
    {"Size", K::kSize, "x", flex_nothing},
    {"Slice", K::kSlice, "xcc", flex_nothing},
    {"Softmax", K::kSoftmax, "x", flex_softmax},
    {"Softplus", K::kSoftplus, "x", flex_nothing},
    {"Softsign", K::kSoftsign, "x", flex_nothing},
    {"Sqrt", K::kSqrt, "x", flex_nothing},
    {"Square", K::kSquare, "x", flex_nothing},
    {"SquaredDifference", K::kSquaredDifference, "xx", flex_nothing},
    {"Squeeze", K::kSqueeze, "x", flex_squeeze},
    {"StopGradient", K::kIdentity, "x", flex_nothing},
    {"StridedSlice", K::kStridedSlice, "xccc", flex_strided_slice},
    {"Sub", K::kSub, "xx", flex_nothing},
    {"Sum", K::kReduceSum, "xc", flex_reduce},
    {"Tan", K::kTan, "x", flex_nothing},
    {"Tanh", K::kTanh, "x", flex_nothing},
    {"Tile", K::kTile, "xc", flex_nothing},
    {"TopKV2", K::kTopK, "xc", flex_top_k},
    {"Transpose", K::kTranspose, "xc", flex_nothing},
    {"ZerosLike", K::kZerosLike, "x", flex_nothing},
};
// clang-format on

}  // namespace

Status read_flex(OpContext& c, std::string_view name, Bytes node_def) {
  c.op.source_op = "Flex:" + std::string(name);
  CustomAttrs attrs;
  attrs.domain = "tensorflow";
  attrs.name = name;
  c.op.attrs = std::move(attrs);
  const auto row = std::find_if(std::begin(kFlex), std::end(kFlex), [&](const FlexRow& r) { return r.name == name; });
  if (row == std::end(kFlex)) return ok();
  c.op.kind = row->kind;
  c.op.attrs = NoAttrs{};
  c.arrange(row->operands);
  return row->read(c, NodeDef(node_def));
}

}  // namespace nngauge::tflite
