// SPDX-License-Identifier: Apache-2.0
// The one table from MNN's operator numbers to our kinds, and the readers of options without weights.
#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "parsers/mnn/file_view.h"

namespace nngauge::mnn {
namespace {

using K = OpKind;

Status read_nothing(OpContext&) { return ok(); }

// Kinds by the number of an operation; kCustom where there is none.
Status read_by_number(OpContext& c, std::int64_t number, std::span<const K> kinds) {
  if (number < 0 || number >= static_cast<std::int64_t>(kinds.size()) ||
      kinds[static_cast<std::size_t>(number)] == K::kCustom)
    return c.give_up("operation " + std::to_string(number) + " is not known");
  c.op.kind = kinds[static_cast<std::size_t>(number)];
  return ok();
}

Status read_binary(OpContext& c) {
  static constexpr std::array kKinds = {
      K::kAdd,        K::kSub,          K::kMul,      K::kDiv,        K::kMaximum,
      K::kMinimum,    K::kPow,          K::kDiv,      K::kMinimum,    K::kMaximum,
      K::kGreater,    K::kGreaterEqual, K::kLess,     K::kFloorDiv,   K::kSquaredDifference,
      K::kEqual,      K::kLessEqual,    K::kFloorMod, K::kCustom,     K::kMod,
      K::kAtan2,      K::kLogicalOr,    K::kNotEqual, K::kBitwiseAnd, K::kBitwiseOr,
      K::kBitwiseXor, K::kBitShift,     K::kBitShift};
  const auto* options = c.options<fb::BinaryOp>();
  if (options && options->activation() == 1) c.op.activation = FusedActivation::kRelu;
  return read_by_number(c, options ? options->operation() : 0, kKinds);
}

Status read_unary(OpContext& c) {
  static constexpr std::array kKinds = {
      K::kAbs,   K::kNeg,  K::kFloor,   K::kCeil,  K::kSquare,    K::kSqrt,  K::kRsqrt,      K::kExp,  K::kLog,
      K::kSin,   K::kCos,  K::kTan,     K::kAsin,  K::kAcos,      K::kAtan,  K::kReciprocal, K::kLog,  K::kSoftplus,
      K::kAcosh, K::kSinh, K::kAsinh,   K::kAtanh, K::kSign,      K::kRound, K::kCosh,       K::kErf,  K::kErf,
      K::kErf,   K::kExp,  K::kSigmoid, K::kTanh,  K::kHardSwish, K::kGelu,  K::kGelu,       K::kSwish};
  const auto* options = c.options<fb::UnaryOp>();
  return read_by_number(c, options ? options->operation() : 0, kKinds);
}

Status read_eltwise(OpContext& c) {
  static constexpr std::array kKinds = {K::kMul, K::kAdd, K::kMaximum, K::kSub};
  const auto* options = c.options<fb::Eltwise>();
  NNGAUGE_CHECK(read_by_number(c, options ? options->operation() : 0, kKinds));
  if (c.op.inputs.size() == 2 || c.op.kind == K::kMaximum || c.op.kind == K::kCustom) return ok();
  if (c.op.kind == K::kAdd) c.op.kind = K::kAddN;
  else return c.give_up("products and differences of " + std::to_string(c.op.inputs.size()) + " operands");
  return ok();
}

Status read_pool(OpContext& c) {
  const auto* options = c.options<fb::Pool>();
  if (!options) return make_error(ErrorCode::kInvalidGraph, "has no pooling parameters");
  const bool average = options->kind() == 1;
  if (options->is_global()) {
    c.op.kind = average ? K::kGlobalAveragePool : K::kGlobalMaxPool;
    return ok();
  }
  c.op.kind = average ? K::kAveragePool : K::kMaxPool;
  PoolAttrs attrs;
  attrs.kernel = {options->kernel_y(), options->kernel_x()};
  attrs.strides = {options->stride_y(), options->stride_x()};
  const Ints pads = ints_of(options->pads());
  if (options->pad_mode() == 2) attrs.padding = PaddingMode::kSameUpper;
  else if (options->pad_mode() == 1) attrs.padding = PaddingMode::kValid;
  else if (pads.size() == 4) attrs.pads = pads;
  else attrs.pads = {options->pad_y(), options->pad_x(), options->pad_y(), options->pad_x()};
  attrs.ceil_mode = options->pad_mode() == 0 && options->ceil_mode();
  attrs.count_include_pad = options->count_mode() == 1;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_axis(OpContext& c) {
  AxisAttrs attrs;
  if (const auto* options = c.options<fb::Axis>()) attrs.axis = options->axis();
  else if (const auto* pack = c.options<fb::PackParam>()) attrs.axis = pack->axis();
  c.op.attrs = attrs;
  return ok();
}

Status read_flatten(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = 1;
  if (const auto* options = c.options<fb::Flatten>()) attrs.axis = options->axis();
  c.op.attrs = attrs;
  return ok();
}

// Operands x, indices, axis: the axis is a constant.
Status read_gather(OpContext& c) {
  AxisAttrs attrs;
  if (const auto* options = c.options<fb::Axis>()) attrs.axis = options->axis();
  if (const Tensor* axis = c.input(2)) {
    const auto value = axis->value ? axis->value->known_ints() : std::nullopt;
    if (!value || value->size() != 1) return c.give_up("the axis of the gather is not a constant");
    attrs.axis = value->front();
  }
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 2));
  c.set_role(1, OperandRole::kConfig);
  c.op.attrs = attrs;
  return ok();
}

Status read_reduction(OpContext& c) {
  static constexpr std::array kKinds = {K::kReduceSum,  K::kReduceL1,  K::kReduceSumSquare,
                                        K::kReduceMean, K::kReduceMax, K::kReduceMin,
                                        K::kReduceProd, K::kReduceAny, K::kReduceAll};
  const auto* options = c.options<fb::ReductionParam>();
  if (!options) return make_error(ErrorCode::kInvalidGraph, "has no reduction parameters");
  NNGAUGE_CHECK(read_by_number(c, options->operation(), kKinds));
  if (c.op.kind == K::kCustom) return ok();
  AxesAttrs attrs;
  attrs.axes = ints_of(options->dims());
  attrs.has_axes = !attrs.axes.empty() || c.op.inputs.size() < 2;
  attrs.keep_dims = options->keep_dims();
  if (attrs.has_axes) c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  c.set_role(1, OperandRole::kConfig);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_arg(OpContext& c) {
  AxisAttrs attrs;
  if (const auto* options = c.options<fb::Axis>()) attrs.axis = options->axis();
  else if (const Tensor* axis = c.input(1)) {
    const auto value = axis->value ? axis->value->known_ints() : std::nullopt;
    if (!value || value->size() != 1) return c.give_up("the axis is not a constant");
    attrs.axis = value->front();
  } else {
    return c.give_up("the axis is not stated");
  }
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  c.op.attrs = attrs;
  return ok();
}

Status read_relu(OpContext& c) {
  const auto* options = c.options<fb::Relu>();
  if (!options || options->slope() == 0) return ok();
  c.op.kind = K::kLeakyRelu;
  c.op.attrs = ScalarAttrs{static_cast<double>(options->slope()), 0, false};
  return ok();
}

Status read_relu6(OpContext& c) {
  const auto* options = c.options<fb::Relu6>();
  if (options && (options->low() != 0 || options->high() != 6)) c.op.kind = K::kClip;
  return ok();
}

// The target is a list, or operand 1.
Status read_reshape(OpContext& c) {
  ReshapeAttrs attrs;
  attrs.zero_copies = true;
  const auto* options = c.options<fb::Reshape>();
  if (c.op.inputs.size() < 2 && options) {
    attrs.shape = ints_of(options->dims());
    attrs.has_shape = true;
  }
  c.set_role(1, OperandRole::kConfig);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_axes(OpContext& c) {
  AxesAttrs attrs;
  if (const auto* options = c.options<fb::SqueezeParam>()) attrs.axes = ints_of(options->dims());
  else if (const auto* axis = c.options<fb::Axis>()) attrs.axes = {axis->axis()};
  attrs.has_axes = !attrs.axes.empty() || (c.op.kind == K::kSqueeze && c.op.inputs.size() < 2);
  if (attrs.has_axes) c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  c.set_role(1, OperandRole::kConfig);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_permute(OpContext& c) {
  const auto* options = c.options<fb::Permute>();
  if (options) {
    c.op.attrs = TransposeAttrs{ints_of(options->dims())};
    c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  }
  c.set_role(1, OperandRole::kConfig);
  return ok();
}

// Between NHWC (1) and NCHW, plain (0) or in blocks of channels (2).
Status read_convert(OpContext& c) {
  const auto* options = c.options<fb::TensorConvertInfo>();
  if (!options) return c.give_up("the layouts are not stated");
  const bool from_last = options->from() == 1, to_last = options->to() == 1;
  c.op.kind = K::kIdentity;
  if (from_last == to_last) return ok();
  const Tensor* x = c.input(0);
  if (x && x->declared.ranked() && x->declared.rank() != 4 && !x->is_constant) return ok();
  c.op.kind = K::kTranspose;
  c.op.attrs = TransposeAttrs{from_last ? Ints{0, 3, 1, 2} : Ints{0, 2, 3, 1}};
  return ok();
}

// From Caffe the points where parts begin, else their sizes; nothing: equal parts.
Status read_slice(OpContext& c) {
  const auto* options = c.options<fb::Slice>();
  if (!options) return make_error(ErrorCode::kInvalidGraph, "has no slice parameters");
  SplitAttrs attrs;
  attrs.axis = options->axis();
  const Ints points = ints_of(options->points());
  if (options->source() == 0 && points.size() + 1 == c.op.outputs.size() && !points.empty()) {
    std::int64_t before = 0;
    for (const std::int64_t point : points) attrs.sizes.push_back(point - std::exchange(before, point));
    attrs.sizes.push_back(-1);
  } else if (points.size() == c.op.outputs.size() && points.size() > 1) {
    attrs.sizes = points;
  }
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_strided_slice(OpContext& c) {
  SliceAttrs attrs;
  if (const auto* options = c.options<fb::StridedSliceParam>()) {
    attrs.begin_mask = options->begin_mask();
    attrs.end_mask = options->end_mask();
    attrs.ellipsis_mask = options->ellipsis_mask();
    attrs.new_axis_mask = options->new_axis_mask();
    attrs.shrink_axis_mask = options->shrink_axis_mask();
  }
  for (std::size_t i = 1; i < c.op.inputs.size(); ++i) c.set_role(i, OperandRole::kConfig);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_config_operands(OpContext& c) {
  for (std::size_t i = 1; i < c.op.inputs.size(); ++i) c.set_role(i, OperandRole::kConfig);
  return ok();
}

Status read_pad(OpContext& c) {
  PadAttrs attrs;
  attrs.pairs = true;
  if (const auto* options = c.options<fb::PadParam>())
    attrs.mode = options->mode() == 1   ? PadMode::kReflect
                 : options->mode() == 2 ? PadMode::kSymmetric
                                        : PadMode::kConstant;
  c.op.attrs = std::move(attrs);
  return read_config_operands(c);
}

Status read_interp(OpContext& c) {
  const auto* options = c.options<fb::Interp>();
  if (!options) return make_error(ErrorCode::kInvalidGraph, "has no parameters");
  ResizeAttrs attrs;
  attrs.mode = options->mode() == 1   ? ResizeMode::kNearest
               : options->mode() == 3 ? ResizeMode::kCubic
                                      : ResizeMode::kLinear;
  c.op.kind = options->mode() == 1 ? K::kResizeNearest : options->mode() == 3 ? K::kResizeCubic : K::kResizeBilinear;
  attrs.align_corners = options->align_corners();
  if (options->width() > 0 && options->height() > 0) attrs.sizes = {options->height(), options->width()};
  else if (options->width_scale() > 0 && options->height_scale() > 0)
    attrs.scales = {static_cast<double>(options->height_scale()), static_cast<double>(options->width_scale())};
  else return c.give_up("neither extents nor scales of the result are stated");
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_depth_space(OpContext& c) {
  SpaceDepthAttrs attrs;
  if (const auto* options = c.options<fb::DepthSpaceParam>()) attrs.block_size = options->block();
  attrs.layout = c.source.format() == 1 ? DataLayout::kChannelsLast : DataLayout::kChannelsFirst;
  c.op.attrs = attrs;
  return ok();
}

Status read_cast(OpContext& c) {
  if (const auto* options = c.options<fb::CastParam>()) c.op.attrs = CastAttrs{dtype_of(options->to())};
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  return ok();
}

Status read_lrn(OpContext& c) {
  NormAttrs attrs;
  if (const auto* options = c.options<fb::LRN>()) {
    attrs.size = options->size();
    attrs.across_channels = options->region() == 0;
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_unknown(OpContext& c) { return c.give_up("has no rule here"); }
Status read_fused(OpContext& c) { return c.give_up("regions and loops that MNN has fused are not looked into"); }

struct Row {
  std::int32_t type;
  std::string_view name;
  K kind;
  Status (*read)(OpContext&);
};

constexpr std::array kRows = {
    Row{0, "AbsVal", K::kAbs, read_nothing},
    Row{2, "ArgMax", K::kArgMax, read_arg},
    Row{7, "BinaryOp", K::kAdd, read_binary},
    Row{9, "Cast", K::kCast, read_cast},
    Row{10, "Concat", K::kConcat, read_axis},
    Row{12, "Convolution", K::kConv2D, read_convolution},
    Row{13, "ConvolutionDepthwise", K::kDepthwiseConv2D, read_convolution},
    Row{17, "Deconvolution", K::kConvTranspose2D, read_convolution},
    Row{18, "DeconvolutionDepthwise", K::kConvTranspose2D, read_convolution},
    Row{21, "Dropout", K::kIdentity, read_nothing},
    Row{22, "Eltwise", K::kAdd, read_eltwise},
    Row{23, "ELU", K::kElu, read_nothing},
    Row{25, "Exp", K::kExp, read_nothing},
    Row{26, "ExpandDims", K::kUnsqueeze, read_axes},
    Row{27, "Fill", K::kFill, read_nothing},
    Row{28, "Flatten", K::kFlatten, read_flatten},
    Row{30, "Gather", K::kGather, read_gather},
    Row{31, "GatherV2", K::kGather, read_gather},
    Row{33, "InnerProduct", K::kDense, read_inner_product},
    Row{35, "Interp", K::kResizeBilinear, read_interp},
    Row{36, "Log", K::kLog, read_nothing},
    Row{37, "LRN", K::kLocalResponseNorm, read_lrn},
    Row{38, "LSTM", K::kCustom, read_unknown},
    Row{39, "MatMul", K::kMatMul, read_matmul},
    Row{44, "Pack", K::kStack, read_axis},
    Row{45, "Padding", K::kPad, read_pad},
    Row{46, "Permute", K::kTranspose, read_permute},
    Row{47, "Pooling", K::kMaxPool, read_pool},
    Row{49, "PReLU", K::kPRelu, read_prelu},
    Row{65, "Range", K::kRange, read_nothing},
    Row{66, "Rank", K::kRank, read_nothing},
    Row{68, "Reduction", K::kReduceSum, read_reduction},
    Row{69, "ReLU", K::kRelu, read_relu},
    Row{70, "ReLU6", K::kRelu6, read_relu6},
    Row{73, "Reshape", K::kReshape, read_reshape},
    Row{77, "Scale", K::kBatchNorm, read_scale},
    Row{78, "Selu", K::kSelu, read_nothing},
    Row{80, "Shape", K::kShape, read_nothing},
    Row{81, "Sigmoid", K::kSigmoid, read_nothing},
    Row{82, "Size", K::kSize, read_nothing},
    Row{83, "Slice", K::kSplit, read_slice},
    Row{84, "SliceTf", K::kSlice, read_config_operands},
    Row{85, "Softmax", K::kSoftmax, read_axis},
    Row{90, "Squeeze", K::kSqueeze, read_axes},
    Row{91, "StridedSlice", K::kStridedSlice, read_strided_slice},
    Row{95, "TanH", K::kTanh, read_nothing},
    Row{98, "Tile", K::kTile, read_config_operands},
    Row{100, "Transpose", K::kTranspose, read_permute},
    Row{101, "UnaryOp", K::kAbs, read_unary},
    Row{102, "Unpack", K::kUnstack, read_axis},
    Row{106, "BatchMatMul", K::kMatMul, read_matmul},
    Row{107, "Unsqueeze", K::kUnsqueeze, read_axes},
    Row{109, "DepthToSpace", K::kDepthToSpace, read_depth_space},
    Row{110, "SpaceToDepth", K::kSpaceToDepth, read_depth_space},
    Row{120, "BroadcastTo", K::kExpand, read_config_operands},
    Row{128, "Raster", K::kCustom, read_fused},
    Row{129, "ConvertTensor", K::kIdentity, read_convert},
    Row{267, "BatchNorm", K::kBatchNorm, read_batch_norm},
    Row{299, "Attention", K::kCustom, read_unknown},
    Row{513, "ConvInt8", K::kConv2D, read_convolution},
    Row{515, "DepthwiseConvInt8", K::kDepthwiseConv2D, read_convolution},
    Row{600, "While", K::kCustom, read_fused},
    Row{601, "If", K::kCustom, read_fused},
    Row{603, "LayerNorm", K::kLayerNorm, read_layer_norm},
};

const Row* find_row(std::int32_t type) {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.type == type; });
  return found == kRows.end() ? nullptr : &*found;
}

}  // namespace

std::string operator_name(std::int32_t type) {
  const Row* row = find_row(type);
  return row ? std::string(row->name) : "operator " + std::to_string(type);
}

Status read_operator(OpContext& c) {
  const Row* row = find_row(c.source.type());
  if (!row) return c.give_up("has no rule here");
  c.op.kind = row->kind;
  return row->read(c);
}

}  // namespace nngauge::mnn
