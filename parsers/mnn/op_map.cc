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

Status read_config_operands(OpContext& c) {
  for (std::size_t i = 1; i < c.op.inputs.size(); ++i) c.set_role(i, OperandRole::kConfig);
  return ok();
}

Status read_all_config(OpContext& c) {
  c.set_role(0, OperandRole::kConfig);
  return read_config_operands(c);
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

Status read_depth_space(OpContext& c) {
  SpaceDepthAttrs attrs;
  if (const auto* options = c.options<fb::DepthSpaceParam>()) attrs.block_size = options->block();
  // The operator's own format is the converter's default: where the network comes from decides.
  constexpr std::int8_t kTensorFlow = 1, kTfLite = 2;
  const std::int8_t from = c.file.net->source();
  attrs.layout = from == kTensorFlow || from == kTfLite ? DataLayout::kChannelsLast : DataLayout::kChannelsFirst;
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

Status read_elu(OpContext& c) {
  const auto* options = c.options<fb::ELU>();
  c.op.attrs = ScalarAttrs{options ? static_cast<double>(options->alpha()) : 1.0, 0, false};
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
    Row{1, "QuantizedAdd", K::kCustom, read_unknown},
    Row{2, "ArgMax", K::kArgMax, read_arg},
    Row{3, "AsString", K::kCustom, read_unknown},
    Row{4, "InstanceNorm", K::kInstanceNorm, read_instance_norm},
    Row{5, "BatchToSpaceND", K::kCustom, read_unknown},
    Row{6, "Copy", K::kIdentity, read_nothing},
    Row{7, "BinaryOp", K::kAdd, read_binary},
    Row{8, "Bnll", K::kSoftplus, read_nothing},
    Row{9, "Cast", K::kCast, read_cast},
    Row{10, "Concat", K::kConcat, read_axis},
    Row{12, "Convolution", K::kConv2D, read_convolution},
    Row{13, "ConvolutionDepthwise", K::kDepthwiseConv2D, read_convolution},
    Row{14, "Crop", K::kCustom, read_unknown},
    Row{15, "CropAndResize", K::kCustom, read_unknown},
    Row{16, "ImageProcess", K::kCustom, read_unknown},
    Row{17, "Deconvolution", K::kConvTranspose2D, read_convolution},
    Row{18, "DeconvolutionDepthwise", K::kConvTranspose2D, read_convolution},
    Row{19, "Dequantize", K::kCustom, read_unknown},
    Row{20, "DetectionOutput", K::kCustom, read_unknown},
    Row{21, "Dropout", K::kIdentity, read_nothing},
    Row{22, "Eltwise", K::kAdd, read_eltwise},
    Row{23, "ELU", K::kElu, read_elu},
    Row{24, "Unique", K::kCustom, read_unknown},
    Row{25, "Exp", K::kExp, read_nothing},
    Row{26, "ExpandDims", K::kUnsqueeze, read_axes},
    Row{27, "Fill", K::kFill, read_all_config},
    Row{28, "Flatten", K::kFlatten, read_flatten},
    Row{29, "Im2Col", K::kCustom, read_im2col},
    Row{30, "Gather", K::kGather, read_gather},
    Row{31, "GatherV2", K::kGather, read_gather},
    Row{32, "Im2Seq", K::kCustom, read_unknown},
    Row{33, "InnerProduct", K::kDense, read_inner_product},
    Row{35, "Interp", K::kResizeBilinear, read_interp},
    Row{36, "Log", K::kLog, read_nothing},
    Row{37, "LRN", K::kLocalResponseNorm, read_lrn},
    Row{38, "LSTM", K::kLSTM, read_recurrent},
    Row{39, "MatMul", K::kMatMul, read_matmul},
    Row{40, "MoE", K::kCustom, read_unknown},
    Row{41, "NonMaxSuppression", K::kCustom, read_unknown},
    Row{42, "NonMaxSuppressionV2", K::kCustom, read_unknown},
    Row{43, "Normalize", K::kCustom, read_unknown},
    Row{44, "Pack", K::kStack, read_axis},
    Row{45, "Padding", K::kPad, read_pad},
    Row{46, "Permute", K::kTranspose, read_permute},
    Row{47, "Pooling", K::kMaxPool, read_pool},
    Row{48, "Power", K::kCustom, read_unknown},
    Row{49, "PReLU", K::kPRelu, read_prelu},
    Row{50, "PriorBox", K::kCustom, read_unknown},
    Row{51, "Proposal", K::kCustom, read_unknown},
    Row{52, "QuantizedAvgPool", K::kCustom, read_unknown},
    Row{53, "QuantizedBiasAdd", K::kCustom, read_unknown},
    Row{54, "QuantizedConcat", K::kCustom, read_unknown},
    Row{55, "QuantizedDepthwiseConv2D", K::kCustom, read_unknown},
    Row{56, "QuantizedLogistic", K::kCustom, read_unknown},
    Row{57, "RasterAndInterpolate", K::kCustom, read_unknown},
    Row{58, "QuantizedMaxPool", K::kCustom, read_unknown},
    Row{59, "Texture", K::kCustom, read_unknown},
    Row{60, "RasterDiff", K::kCustom, read_unknown},
    Row{61, "QuantizedReshape", K::kCustom, read_unknown},
    Row{62, "QuantizedSoftmax", K::kCustom, read_unknown},
    Row{63, "QuantizeMaxMin", K::kCustom, read_unknown},
    Row{64, "QuantizeV2", K::kCustom, read_unknown},
    Row{65, "Range", K::kRange, read_all_config},
    Row{66, "Rank", K::kRank, read_nothing},
    Row{67, "ReduceJoin", K::kCustom, read_unknown},
    Row{68, "Reduction", K::kReduceSum, read_reduction},
    Row{69, "ReLU", K::kRelu, read_relu},
    Row{70, "ReLU6", K::kRelu6, read_relu6},
    Row{71, "RequantizationRange", K::kCustom, read_unknown},
    Row{72, "Requantize", K::kCustom, read_unknown},
    Row{73, "Reshape", K::kReshape, read_reshape},
    Row{74, "Resize", K::kCustom, read_unknown},
    Row{75, "RNN", K::kRNN, read_recurrent},
    Row{76, "ROIPooling", K::kMaxRoiPool, read_roi},
    Row{77, "Scale", K::kBatchNorm, read_scale},
    Row{78, "Selu", K::kSelu, read_nothing},
    Row{79, "Seq2Out", K::kCustom, read_unknown},
    Row{80, "Shape", K::kShape, read_nothing},
    Row{81, "Sigmoid", K::kSigmoid, read_nothing},
    Row{82, "Size", K::kSize, read_nothing},
    Row{83, "Slice", K::kSplit, read_slice},
    Row{84, "SliceTf", K::kSlice, read_config_operands},
    Row{85, "Softmax", K::kSoftmax, read_axis},
    Row{86, "SpaceToBatchND", K::kCustom, read_unknown},
    Row{87, "SpatialProduct", K::kCustom, read_unknown},
    Row{88, "Col2Im", K::kCol2Im, read_col2im},
    Row{89, "Segment", K::kCustom, read_unknown},
    Row{90, "Squeeze", K::kSqueeze, read_axes},
    Row{91, "StridedSlice", K::kStridedSlice, read_strided_slice},
    Row{92, "CastLike", K::kCustom, read_unknown},
    Row{93, "StringSplit", K::kCustom, read_unknown},
    Row{94, "StringToNumber", K::kCustom, read_unknown},
    Row{95, "TanH", K::kTanh, read_nothing},
    Row{96, "TfQuantizedConv2D", K::kCustom, read_unknown},
    Row{97, "Threshold", K::kCustom, read_unknown},
    Row{98, "Tile", K::kTile, read_config_operands},
    Row{99, "TopKV2", K::kTopK, read_top_k},
    Row{100, "Transpose", K::kTranspose, read_permute},
    Row{101, "UnaryOp", K::kAbs, read_unary},
    Row{102, "Unpack", K::kUnstack, read_axis},
    Row{103, "Where", K::kCustom, read_unknown},
    Row{104, "Moments", K::kCustom, read_unknown},
    Row{105, "RNNSequenceGRU", K::kCustom, read_unknown},
    Row{106, "BatchMatMul", K::kMatMul, read_matmul},
    Row{107, "Unsqueeze", K::kUnsqueeze, read_axes},
    Row{108, "CosineSimilarity", K::kCustom, read_unknown},
    Row{109, "DepthToSpace", K::kDepthToSpace, read_depth_space},
    Row{110, "SpaceToDepth", K::kSpaceToDepth, read_depth_space},
    Row{111, "ReverseSequence", K::kCustom, read_unknown},
    Row{112, "Pooling3D", K::kAveragePool, read_pool3d},
    Row{113, "Convolution3D", K::kCustom, read_unknown},
    Row{114, "MatrixBandPart", K::kCustom, read_unknown},
    Row{115, "GatherND", K::kGatherND, read_config_operands},
    Row{116, "DetectionPostProcess", K::kCustom, read_unknown},
    Row{117, "UnravelIndex", K::kCustom, read_unknown},
    Row{118, "ScatterNd", K::kScatterND, read_scatter},
    Row{119, "OneHot", K::kOneHot, read_one_hot},
    Row{120, "BroadcastTo", K::kExpand, read_config_operands},
    Row{121, "Dilation2D", K::kCustom, read_unknown},
    Row{122, "Interp3D", K::kCustom, read_unknown},
    Row{128, "Raster", K::kCustom, read_fused},
    Row{129, "ConvertTensor", K::kIdentity, read_convert},
    Row{130, "ArgMin", K::kArgMin, read_arg},
    Row{131, "LinSpace", K::kCustom, read_unknown},
    Row{132, "RandomUniform", K::kCustom, read_unknown},
    Row{133, "TensorArray", K::kCustom, read_unknown},
    Row{134, "TensorArraySize", K::kCustom, read_unknown},
    Row{135, "TensorArrayRead", K::kCustom, read_unknown},
    Row{136, "TensorArrayWrite", K::kCustom, read_unknown},
    Row{137, "TensorArrayGather", K::kCustom, read_unknown},
    Row{138, "TensorArrayScatter", K::kCustom, read_unknown},
    Row{139, "TensorArraySplit", K::kCustom, read_unknown},
    Row{140, "TensorArrayConcat", K::kCustom, read_unknown},
    Row{141, "LSTMBlockCell", K::kCustom, read_unknown},
    Row{142, "Reverse", K::kReverse, read_config_operands},
    Row{143, "ROIAlign", K::kRoiAlign, read_roi},
    Row{144, "RandomNormal", K::kCustom, read_unknown},
    Row{145, "TensorArrayInsert", K::kCustom, read_unknown},
    Row{146, "TensorArrayErase", K::kCustom, read_unknown},
    Row{147, "EyeLike", K::kCustom, read_unknown},
    Row{148, "CumSum", K::kCumSum, read_config_operands},
    Row{149, "Det", K::kCustom, read_unknown},
    Row{150, "CumProd", K::kCustom, read_unknown},
    Row{151, "ScatterElements", K::kCustom, read_unknown},
    Row{152, "GatherElements", K::kGatherElements, read_gather_elements},
    Row{153, "Svd", K::kCustom, read_unknown},
    Row{154, "Histogram", K::kCustom, read_unknown},
    Row{155, "DynamicQuant", K::kCustom, read_unknown},
    Row{156, "Stft", K::kCustom, read_unknown},
    Row{256, "Plugin", K::kCustom, read_unknown},
    Row{257, "Select", K::kSelect, read_nothing},
    Row{258, "ZerosLike", K::kZerosLike, read_nothing},
    Row{259, "Broastcast", K::kCustom, read_unknown},
    Row{260, "SetDiff1D", K::kCustom, read_unknown},
    Row{261, "ReluGrad", K::kCustom, read_unknown},
    Row{262, "Identity", K::kIdentity, read_nothing},
    Row{263, "PoolGrad", K::kCustom, read_unknown},
    Row{264, "SoftmaxGrad", K::kCustom, read_unknown},
    Row{265, "Conv2DBackPropFilter", K::kCustom, read_unknown},
    Row{267, "BatchNorm", K::kBatchNorm, read_batch_norm},
    Row{268, "ConvTranspose3D", K::kCustom, read_unknown},
    Row{269, "ZeroGrad", K::kCustom, read_unknown},
    Row{299, "Attention", K::kAttention, read_attention},
    Row{300, "FmhaV2", K::kCustom, read_unknown},
    Row{301, "Fmhca", K::kCustom, read_unknown},
    Row{302, "SeqLen2Spatial", K::kCustom, read_unknown},
    Row{303, "SplitGeLU", K::kCustom, read_unknown},
    Row{304, "GroupNorm", K::kCustom, read_unknown},
    Row{305, "LinearAttention", K::kCustom, read_unknown},
    Row{306, "RoPE", K::kCustom, read_unknown},
    Row{512, "Extra", K::kCustom, read_unknown},
    Row{513, "ConvInt8", K::kConv2D, read_convolution},
    Row{514, "Int8ToFloat", K::kDequantize, read_nothing},
    Row{515, "DepthwiseConvInt8", K::kDepthwiseConv2D, read_convolution},
    Row{517, "FloatToInt8", K::kQuantize, read_nothing},
    Row{518, "EltwiseInt8", K::kCustom, read_unknown},
    Row{600, "While", K::kLoop, read_while},
    Row{601, "If", K::kIf, read_if},
    Row{603, "LayerNorm", K::kLayerNorm, read_layer_norm},
    Row{604, "GridSample", K::kGridSample, read_grid_sample},
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
