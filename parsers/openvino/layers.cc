// SPDX-License-Identifier: Apache-2.0
#include "parsers/openvino/layers.h"

#include <algorithm>
#include <cstdlib>

#include "parsers/openvino/layer_readers.h"

namespace nngauge::openvino {
namespace {

using K = OpKind;
using V = LayerView;

PaddingMode padding_mode(const Layer& layer) {
  const std::string mode = layer.text("auto_pad");
  if (mode == "same_upper") return PaddingMode::kSameUpper;
  if (mode == "same_lower") return PaddingMode::kSameLower;
  return mode == "valid" ? PaddingMode::kValid : PaddingMode::kExplicit;
}

Ints pads_of(const Layer& layer) {
  Ints pads = layer.integers("pads_begin");
  const Ints ends = layer.integers("pads_end");
  pads.insert(pads.end(), ends.begin(), ends.end());
  return pads;
}

void conv_kind(V& v, std::size_t axes, bool transposed, bool depthwise) {
  static constexpr K kPlain[] = {K::kConv1D, K::kConv2D, K::kConv3D};
  static constexpr K kDepthwise[] = {K::kDepthwiseConv1D, K::kDepthwiseConv2D, K::kDepthwiseConv3D};
  static constexpr K kTransposed[] = {K::kConvTranspose1D, K::kConvTranspose2D, K::kConvTranspose3D};
  const std::size_t index = std::clamp<std::size_t>(axes, 1, 3) - 1;
  v.op.kind = transposed ? kTransposed[index] : depthwise ? kDepthwise[index] : kPlain[index];
}

std::size_t spatial_axes(const V& v) {
  const std::size_t rank = v.in(0).ranked() ? v.in(0).rank() : 4;
  return rank > 2 ? rank - 2 : 1;
}

// From version 10 on: the filter is an operand; with groups its first axis counts them, which the reader has joined
// with the next one.
void read_convolution(V& v) {
  const Layer& layer = v.layer;
  const bool transposed = layer.type.find("BackpropData") != std::string::npos;
  ConvAttrs attrs;
  attrs.strides = layer.integers("strides");
  attrs.dilations = layer.integers("dilations");
  attrs.pads = pads_of(layer);
  attrs.padding = padding_mode(layer);
  if (transposed) attrs.output_padding = layer.integers("output_padding");
  // A third operand states the extents of the result; so does its port.
  if (transposed && layer.inputs.size() > 2 && !layer.outputs.empty()) {
    for (std::size_t i = 2; i < layer.outputs[0].dims.size(); ++i) {
      const Dim extent = layer.outputs[0].dims[i];
      attrs.output_shape.push_back(extent.known() ? extent.value() : 0);
    }
    if (std::count(attrs.output_shape.begin(), attrs.output_shape.end(), 0) > 0) attrs.output_shape.clear();
  }
  attrs.filter_layout = transposed ? FilterLayout::kInOutSpatial : FilterLayout::kOutInSpatial;
  bool depthwise = false;
  if (has_group_axis(layer.type)) {
    const Dim groups =
        layer.inputs.size() > 1 && !layer.inputs[1].dims.empty() ? layer.inputs[1].dims[0] : Dim::unknown();
    attrs.groups = groups.known() ? groups.value() : 0;
    depthwise = !transposed && groups.known() && groups.value() > 1 && v.in(0).at(1).same_as(groups);
  }
  conv_kind(v, spatial_axes(v), transposed, depthwise);
  v.op.attrs = attrs;
  v.operand(0);
  v.operand(1, OperandRole::kWeight);
}

// Before version 10: extents are attributes, weights a blob of the layer.
void read_old_convolution(V& v) {
  const Layer& layer = v.layer;
  const bool transposed = layer.type == "Deconvolution";
  ConvAttrs attrs;
  attrs.kernel = layer.integers("kernel");
  attrs.strides = layer.integers("strides");
  attrs.dilations = layer.integers("dilations");
  attrs.pads = pads_of(layer);
  attrs.padding = padding_mode(layer);
  attrs.groups = std::max<std::int64_t>(layer.integer("group", 1), 1);
  attrs.num_output = std::max<std::int64_t>(layer.integer("output", 0), 0);
  attrs.filter_layout = transposed ? FilterLayout::kInOutSpatial : FilterLayout::kOutInSpatial;
  const Dim channels = v.in(0).at(1);
  const auto share = [&](Dim all) {
    return all.known() && all.value() % attrs.groups == 0 ? Dim(all.value() / attrs.groups) : Dim::unknown();
  };
  std::vector<Dim> filter = {attrs.num_output, share(channels)};
  if (transposed) filter = {channels, share(attrs.num_output)};
  filter.insert(filter.end(), attrs.kernel.begin(), attrs.kernel.end());
  conv_kind(v, spatial_axes(v), transposed, !transposed && attrs.groups > 1 && channels.is(attrs.groups));
  v.op.attrs = attrs;
  v.operand(0);
  if (v.operands.size() > 1) return v.operand(1, OperandRole::kWeight);
  v.op.inputs.push_back({v.blob("weights", Shape(std::move(filter))), OperandRole::kWeight});
  v.op.inputs.push_back({v.blob("biases", {attrs.num_output}), OperandRole::kBias});
}

void read_fully_connected(V& v) {
  DenseAttrs attrs;
  attrs.num_output = std::max<std::int64_t>(v.layer.integer("out-size", 0), 0);
  attrs.transpose_b = true;
  attrs.flatten_axis = 1;
  Dim inputs = 1;
  const Shape in = v.in(0);
  for (std::size_t i = 1; i < in.rank() && inputs.known(); ++i) {
    const bool fits = in[i].known() && inputs.value() < (1LL << 31) && in[i].value() < (1LL << 31);
    inputs = fits ? Dim(inputs.value() * in[i].value()) : Dim::unknown();
  }
  v.op.attrs = attrs;
  v.operand(0);
  v.op.inputs.push_back({v.blob("weights", {attrs.num_output, inputs}), OperandRole::kWeight});
  v.op.inputs.push_back({v.blob("biases", {attrs.num_output}), OperandRole::kBias});
}

void read_scale_shift(V& v) {
  v.operand(0);
  v.op.inputs.push_back({v.blob("weights", {v.in(0).at(1)}), OperandRole::kNorm});
  v.op.inputs.push_back({v.blob("biases", {v.in(0).at(1)}), OperandRole::kNorm});
}

void read_pool(V& v) {
  const Layer& layer = v.layer;
  PoolAttrs attrs;
  attrs.kernel = layer.integers("kernel");
  attrs.strides = layer.integers("strides");
  attrs.dilations = layer.integers("dilations");
  attrs.pads = pads_of(layer);
  attrs.padding = padding_mode(layer);
  attrs.ceil_mode = layer.text("rounding_type") == "ceil" || layer.text("rounding-type") == "ceil" ||
                    layer.text("rounding_type") == "ceil_torch";
  attrs.count_include_pad = layer.text("exclude-pad") == "false";
  if (layer.type == "Pooling") v.op.kind = layer.text("pool-method") == "avg" ? K::kAveragePool : K::kMaxPool;
  v.op.attrs = attrs;
  v.operand(0);
}

// Windows that cover the picture evenly.
void read_adaptive_pool(V& v) {
  const Shape in = v.in(0), out = v.out();
  PoolAttrs attrs;
  for (std::size_t i = 2; i < in.rank(); ++i) {
    const Dim to = i < out.rank() ? out[i] : Dim::unknown();
    if (!in[i].known() || !to.known() || to.value() < 1 || in[i].value() < to.value()) return read_unknown(v);
    attrs.strides.push_back(in[i].value() / to.value());
    attrs.kernel.push_back(in[i].value() - (to.value() - 1) * attrs.strides.back());
  }
  if (attrs.kernel.empty()) return read_unknown(v);
  v.op.attrs = attrs;
  v.operand(0);
}

void read_matmul(V& v) {
  MatMulAttrs attrs;
  attrs.transpose_a = v.layer.flag("transpose_a");
  attrs.transpose_b = v.layer.flag("transpose_b");
  v.op.attrs = attrs;
  v.operand(0);
  v.operand(1, OperandRole::kWeight);
}

void read_same(V& v) { v.operand(0); }
void read_all(V& v) { v.all(); }

void read_prelu(V& v) {
  v.operand(0);
  if (v.operands.size() > 1) return v.operand(1, OperandRole::kWeight);
  v.op.inputs.push_back({v.blob("weights", {v.in(0).at(1)}), OperandRole::kWeight});
}

void read_clamp(V& v) {
  ScalarAttrs attrs;
  attrs.alpha = std::strtod(v.layer.text("min", "0").c_str(), nullptr);
  attrs.beta = std::strtod(v.layer.text("max", "0").c_str(), nullptr);
  const auto is = [](double value, double wanted) { return !(value < wanted) && !(value > wanted); };
  if (is(attrs.alpha, 0) && is(attrs.beta, 6)) v.op.kind = K::kRelu6;
  else v.op.attrs = attrs;
  v.operand(0);
}

void read_axis(V& v) {
  AxisAttrs attrs;
  attrs.axis = v.layer.integer("axis", 1);
  v.op.attrs = attrs;
  v.all();
}

void read_cast(V& v) {
  CastAttrs attrs;
  attrs.dtype = dtype_of(v.layer.text("destination_type", v.layer.text("precision")));
  v.op.attrs = attrs;
  v.operand(0);
}

void read_transpose(V& v) {
  TransposeAttrs attrs;
  attrs.perm = v.layer.integers("order");
  v.op.attrs = attrs;
  v.operand(0);
  if (v.operands.size() > 1 && attrs.perm.empty()) v.operand(1, OperandRole::kConfig);
}

// Data, then the extents of the result or how often it is repeated.
void read_with_config(V& v) {
  v.operand(0);
  v.operand(1, OperandRole::kConfig);
}

void read_reduce(V& v) {
  AxesAttrs attrs;
  attrs.keep_dims = v.layer.flag("keep_dims");
  v.op.attrs = attrs;
  v.operand(0);
  if (v.operands.size() > 1) v.operand(1, OperandRole::kConfig);
}

void read_norm(V& v) {
  NormAttrs attrs;
  attrs.axis = 1;
  attrs.size = v.layer.integer("size", v.layer.integer("local-size", 1));
  attrs.across_channels = v.layer.text("region", "across") == "across";
  v.op.attrs = attrs;
  v.operand(0);
}

void read_batch_norm(V& v) {
  v.operand(0);
  for (std::size_t i = 1; i < 5; ++i) v.operand(i, OperandRole::kNorm);
}

void read_eltwise(V& v) {
  const std::string operation = v.layer.text("operation", "sum");
  v.op.kind = operation == "mul" || operation == "prod" ? K::kMul
              : operation == "max"                      ? K::kMaximum
              : operation == "sub"                      ? K::kSub
              : operation == "div"                      ? K::kDiv
                                                        : K::kAdd;
  if (v.op.kind == K::kAdd && v.operands.size() > 2) v.op.kind = K::kAddN;
  v.all();
}

void read_activation(V& v) {
  const std::string type = v.layer.text("type");
  v.op.kind = type == "sigmoid" ? K::kSigmoid : type == "tanh" ? K::kTanh : type == "elu" ? K::kElu : K::kRelu;
  v.operand(0);
}

struct Row {
  std::string_view type;
  OpKind kind;
  void (*read)(V&);
};

constexpr Row kRows[] = {
    {"Convolution", K::kConv2D, read_convolution},
    {"GroupConvolution", K::kConv2D, read_convolution},
    {"ConvolutionBackpropData", K::kConvTranspose2D, read_convolution},
    {"GroupConvolutionBackpropData", K::kConvTranspose2D, read_convolution},
    {"Deconvolution", K::kConvTranspose2D, read_old_convolution},
    {"FullyConnected", K::kDense, read_fully_connected},
    {"InnerProduct", K::kDense, read_fully_connected},
    {"MatMul", K::kMatMul, read_matmul},
    {"LSTMCell", K::kLSTM, read_cell},
    {"GRUCell", K::kGRU, read_cell},
    {"RNNCell", K::kRNN, read_cell},
    {"MaxPool", K::kMaxPool, read_pool},
    {"AvgPool", K::kAveragePool, read_pool},
    {"Pooling", K::kMaxPool, read_pool},
    {"AdaptiveAvgPool", K::kAveragePool, read_adaptive_pool},
    {"AdaptiveMaxPool", K::kMaxPool, read_adaptive_pool},
    {"DeformableConvolution", K::kDeformConv2D, read_deformable},
    {"ScaledDotProductAttention", K::kAttention, read_attention},
    {"Einsum", K::kEinsum, read_einsum},
    {"LSTMSequence", K::kLSTM, read_sequence},
    {"GRUSequence", K::kGRU, read_sequence},
    {"RNNSequence", K::kRNN, read_sequence},
    {"GroupNormalization", K::kGroupNorm, read_group_norm},
    {"GRN", K::kL2Norm, read_norm},
    {"BatchNormInference", K::kBatchNorm, read_batch_norm},
    {"ScaleShift", K::kBatchNorm, read_scale_shift},
    {"LRN", K::kLocalResponseNorm, read_norm},
    {"Norm", K::kLocalResponseNorm, read_norm},
    {"NormalizeL2", K::kL2Norm, read_norm},
    {"Normalize", K::kL2Norm, read_norm},
    {"MVN", K::kMeanVarianceNorm, read_norm},
    {"ReLU", K::kRelu, read_same},
    {"PReLU", K::kPRelu, read_prelu},
    {"Clamp", K::kClip, read_clamp},
    {"Sigmoid", K::kSigmoid, read_same},
    {"Tanh", K::kTanh, read_same},
    {"TanH", K::kTanh, read_same},
    {"Elu", K::kElu, read_same},
    {"Gelu", K::kGelu, read_same},
    {"HSwish", K::kHardSwish, read_same},
    {"HSigmoid", K::kHardSigmoid, read_same},
    {"HardSigmoid", K::kHardSigmoid, read_same},
    {"Swish", K::kSwish, read_same},
    {"Mish", K::kMish, read_same},
    {"SoftPlus", K::kSoftplus, read_same},
    {"Exp", K::kExp, read_same},
    {"Log", K::kLog, read_same},
    {"Sqrt", K::kSqrt, read_same},
    {"Abs", K::kAbs, read_same},
    {"Negative", K::kNeg, read_same},
    {"Floor", K::kFloor, read_same},
    {"Ceiling", K::kCeil, read_same},
    {"Round", K::kRound, read_same},
    {"Sign", K::kSign, read_same},
    {"Erf", K::kErf, read_same},
    {"Sin", K::kSin, read_same},
    {"Cos", K::kCos, read_same},
    {"Tan", K::kTan, read_same},
    {"Asin", K::kAsin, read_same},
    {"Acos", K::kAcos, read_same},
    {"Atan", K::kAtan, read_same},
    {"Sinh", K::kSinh, read_same},
    {"Cosh", K::kCosh, read_same},
    {"Asinh", K::kAsinh, read_same},
    {"Acosh", K::kAcosh, read_same},
    {"Atanh", K::kAtanh, read_same},
    {"Selu", K::kSelu, read_same},
    {"SoftSign", K::kSoftsign, read_same},
    {"IsNaN", K::kIsNaN, read_same},
    {"IsInf", K::kIsInf, read_same},
    {"IsFinite", K::kIsInf, read_same},
    {"BitwiseNot", K::kBitwiseNot, read_same},
    {"LogicalNot", K::kLogicalNot, read_same},
    {"Activation", K::kRelu, read_activation},
    {"Eltwise", K::kAdd, read_eltwise},
    {"Add", K::kAdd, read_all},
    {"Subtract", K::kSub, read_scaling},
    {"Multiply", K::kMul, read_scaling},
    {"Divide", K::kDiv, read_all},
    {"Power", K::kPow, read_all},
    {"Mod", K::kMod, read_all},
    {"FloorMod", K::kFloorMod, read_all},
    {"Maximum", K::kMaximum, read_all},
    {"Minimum", K::kMinimum, read_all},
    {"LogicalXor", K::kLogicalXor, read_all},
    {"BitwiseAnd", K::kBitwiseAnd, read_all},
    {"BitwiseOr", K::kBitwiseOr, read_all},
    {"BitwiseXor", K::kBitwiseXor, read_all},
    {"BitwiseLeftShift", K::kBitShift, read_all},
    {"BitwiseRightShift", K::kBitShift, read_all},
    {"SquaredDifference", K::kSquaredDifference, read_all},
    {"Equal", K::kEqual, read_all},
    {"NotEqual", K::kNotEqual, read_all},
    {"Greater", K::kGreater, read_all},
    {"GreaterEqual", K::kGreaterEqual, read_all},
    {"Less", K::kLess, read_all},
    {"LessEqual", K::kLessEqual, read_all},
    {"LogicalAnd", K::kLogicalAnd, read_all},
    {"LogicalOr", K::kLogicalOr, read_all},
    {"Select", K::kSelect, read_all},
    {"SoftMax", K::kSoftmax, read_axis},
    {"Softmax", K::kSoftmax, read_axis},
    {"LogSoftmax", K::kLogSoftmax, read_axis},
    {"Concat", K::kConcat, read_axis},
    {"Split", K::kSplit, read_split},
    {"VariadicSplit", K::kSplit, read_split},
    {"Convert", K::kCast, read_cast},
    {"ConvertLike", K::kCast, read_cast},
    {"Reshape", K::kReshape, read_reshape},
    {"Squeeze", K::kSqueeze, read_reshape},
    {"Unsqueeze", K::kUnsqueeze, read_reshape},
    {"Flatten", K::kReshape, read_reshape},
    {"Transpose", K::kTranspose, read_transpose},
    {"Permute", K::kTranspose, read_transpose},
    {"ShapeOf", K::kShape, read_same},
    {"ReduceMean", K::kReduceMean, read_reduce},
    {"ReduceSum", K::kReduceSum, read_reduce},
    {"ReduceMax", K::kReduceMax, read_reduce},
    {"ReduceMin", K::kReduceMin, read_reduce},
    {"ReduceProd", K::kReduceProd, read_reduce},
    {"ReduceLogicalAnd", K::kReduceAll, read_reduce},
    {"ReduceLogicalOr", K::kReduceAny, read_reduce},
    {"ReduceL1", K::kReduceL1, read_reduce},
    {"ReduceL2", K::kReduceL2, read_reduce},
    {"Interpolate", K::kResizeBilinear, read_resize},
    {"Interp", K::kResizeBilinear, read_resize},
    {"Resample", K::kResizeNearest, read_resize},
    {"DepthToSpace", K::kDepthToSpace, read_space_depth},
    {"SpaceToDepth", K::kSpaceToDepth, read_space_depth},
    {"ShuffleChannels", K::kChannelShuffle, read_same},
    {"StridedSlice", K::kStridedSlice, read_slice},
    {"Slice", K::kSlice, read_slice},
    {"Crop", K::kSlice, read_slice},
    {"Pad", K::kPad, read_pad},
    {"Gather", K::kGather, read_gather},
    {"GatherElements", K::kGatherElements, read_gather_elements},
    {"GatherND", K::kGatherND, read_gather_elements},
    {"ScatterUpdate", K::kScatter, read_scatter},
    {"ScatterElementsUpdate", K::kScatter, read_scatter},
    {"ScatterNDUpdate", K::kScatterND, read_scatter},
    {"SliceScatter", K::kDynamicUpdateSlice, read_scatter},
    {"Roll", K::kGatherGeneral, read_declared_from},
    {"SpaceToBatch", K::kGatherGeneral, read_declared_from},
    {"BatchToSpace", K::kGatherGeneral, read_declared_from},
    {"ReverseSequence", K::kReverseSequence, read_with_config},
    {"GridSample", K::kGridSample, read_grid_sample},
    {"Col2Im", K::kCol2Im, read_all},
    {"CumSum", K::kCumSum, read_with_config},
    {"TopK", K::kTopK, read_top_k},
    {"OneHot", K::kOneHot, read_one_hot},
    {"NonZero", K::kNonZero, read_non_zero},
    {"Unique", K::kUnique, read_unique},
    {"Bucketize", K::kBucketize, read_bucketize},
    {"SearchSorted", K::kBucketize, read_bucketize},
    {"Eye", K::kFill, read_declared},
    {"RandomUniform", K::kRandomUniform, read_random},
    {"Multinomial", K::kMultinomial, read_random},
    {"Inverse", K::kInverse, read_same},
    {"ROIAlign", K::kRoiAlign, read_roi},
    {"ROIAlignRotated", K::kRoiAlign, read_roi},
    {"ROIPooling", K::kMaxRoiPool, read_roi},
    {"NonMaxSuppression", K::kNonMaxSuppression, read_suppression},
    {"MulticlassNms", K::kDetectionOutput, read_detection},
    {"MatrixNms", K::kDetectionOutput, read_detection},
    {"Proposal", K::kDetectionOutput, read_detection},
    {"ReorgYolo", K::kSpaceToDepth, read_space_depth},
    {"FakeConvert", K::kFakeQuant, read_same},
    {"ConvertPromoteTypes", K::kCustom, read_unknown},
    {"Broadcast", K::kExpand, read_broadcast},
    {"Tile", K::kTile, read_with_config},
    {"PriorBox", K::kFill, read_declared},
    {"PriorBoxClustered", K::kFill, read_declared},
    {"Range", K::kRange, read_range},
    {"DetectionOutput", K::kDetectionOutput, read_detection},
    {"FakeQuantize", K::kFakeQuant, read_same},
    {"ReadValue", K::kIdentity, read_same},
    {"Assign", K::kIdentity, read_same},
    {"Identity", K::kIdentity, read_same},
};

}  // namespace

void read_unknown(V& v) {
  CustomAttrs attrs;
  attrs.domain = "openvino";
  attrs.name = v.layer.type;
  v.op.kind = K::kCustom;
  v.op.attrs = attrs;
  v.all();
}

Shape LayerView::in(std::size_t i) const {
  if (i >= operands.size() || operands[i] == kNoTensor) return {};
  return graph.tensors[static_cast<std::size_t>(operands[i])].declared;
}

Shape LayerView::out(std::size_t i) const {
  return i < op.outputs.size() ? graph.tensors[static_cast<std::size_t>(op.outputs[i])].declared : Shape();
}

DType LayerView::out_dtype(std::size_t i) const {
  return i < op.outputs.size() ? graph.tensors[static_cast<std::size_t>(op.outputs[i])].dtype : DType::kUnknown;
}

std::optional<Ints> LayerView::ints(std::size_t i) const {
  if (i >= operands.size() || operands[i] == kNoTensor) return std::nullopt;
  const auto& value = graph.tensors[static_cast<std::size_t>(operands[i])].value;
  return value ? value->known_ints() : std::nullopt;
}

std::vector<double> LayerView::reals(std::size_t i) const {
  if (i >= operands.size() || operands[i] == kNoTensor) return {};
  const auto& value = graph.tensors[static_cast<std::size_t>(operands[i])].value;
  return value && value->real ? value->reals : std::vector<double>();
}

void LayerView::operand(std::size_t i, OperandRole role) {
  op.inputs.push_back({i < operands.size() ? operands[i] : kNoTensor, role});
}

void LayerView::all(OperandRole rest) {
  for (std::size_t i = 0; i < operands.size(); ++i) operand(i, i == 0 ? OperandRole::kData : rest);
}

bool has_group_axis(std::string_view type) {
  return type == "GroupConvolution" || type == "GroupConvolutionBackpropData";
}

void read_layer(LayerView& v) {
  if (!v.layer.bodies.empty()) return read_unknown(v);
  if (v.layer.type == "Convolution" && !v.layer.integers("kernel").empty()) return read_old_convolution(v);
  for (const Row& row : kRows) {
    if (row.type != v.layer.type) continue;
    v.op.kind = row.kind;
    return row.read(v);
  }
  read_unknown(v);
}

}  // namespace nngauge::openvino
