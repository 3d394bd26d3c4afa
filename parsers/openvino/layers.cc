// SPDX-License-Identifier: Apache-2.0
#include "parsers/openvino/layers.h"

#include <algorithm>
#include <cstdlib>

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

void read_split(V& v) {
  // Parts stand in the shapes of the results.
  SplitAttrs attrs;
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

void read_cast(V& v) {
  CastAttrs attrs;
  attrs.dtype = dtype_of(v.layer.text("destination_type", v.layer.text("precision")));
  v.op.attrs = attrs;
  v.operand(0);
}

// The data alone: what else would shape the result is known from its declaration.
void read_reshape(V& v) {
  ReshapeAttrs attrs;
  if (!v.layer.outputs.empty()) {
    for (const Dim dim : v.layer.outputs[0].dims) attrs.shape.push_back(dim.known() ? dim.value() : -1);
    attrs.has_shape = std::count(attrs.shape.begin(), attrs.shape.end(), -1) <= 1;
  }
  v.op.kind = K::kReshape;
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

// A result whose extents the file states and the operands do not tell here.
void read_declared(V& v) {
  FillAttrs attrs;
  attrs.dtype = v.layer.outputs.empty() ? DType::kUnknown : v.layer.outputs[0].dtype;
  if (!v.layer.outputs.empty()) {
    attrs.has_shape = true;
    for (const Dim dim : v.layer.outputs[0].dims) {
      attrs.has_shape = attrs.has_shape && dim.known();
      attrs.shape.push_back(dim.known() ? dim.value() : 0);
    }
  }
  v.op.kind = K::kFill;
  v.op.attrs = attrs;
}

// Where a slice begins matters to no count: it is read as one of the same extents from the first element on.
void read_slice(V& v) {
  const Shape in = v.in(0);
  if (v.layer.outputs.empty() || !in.ranked() || v.layer.outputs[0].dims.size() != in.rank()) return read_declared(v);
  SliceAttrs attrs;
  for (const Dim dim : v.layer.outputs[0].dims) {
    if (!dim.known()) return read_declared(v);
    attrs.starts.push_back(0);
    attrs.ends.push_back(dim.value());
  }
  v.op.kind = K::kSlice;
  v.op.attrs = attrs;
  v.operand(0);
}

void read_pad(V& v) {
  const Shape in = v.in(0);
  if (v.layer.outputs.empty() || !in.ranked() || v.layer.outputs[0].dims.size() != in.rank()) return read_declared(v);
  PadAttrs attrs;
  attrs.pads.assign(2 * in.rank(), 0);
  for (std::size_t i = 0; i < in.rank(); ++i) {
    const Dim out = v.layer.outputs[0].dims[i];
    if (!out.known() || !in[i].known()) return read_declared(v);
    attrs.pads[in.rank() + i] = out.value() - in[i].value();
  }
  v.op.attrs = attrs;
  v.operand(0);
}

// Data, indices, and the axis, which is a constant.
void read_gather(V& v) {
  AxisAttrs attrs;
  const TensorId axis = v.operands.size() > 2 ? v.operands[2] : kNoTensor;
  const auto& value =
      axis == kNoTensor ? std::optional<Value>() : v.graph.tensors[static_cast<std::size_t>(axis)].value;
  const auto known = value ? value->known_ints() : std::nullopt;
  if (!known || known->size() != 1) return read_declared(v);
  attrs.axis = known->front();
  attrs.batch_dims = v.layer.integer("batch_dims", 0);
  v.op.attrs = attrs;
  v.operand(0);
  v.operand(1);
}

// Data, then the extents of the result or how often it is repeated.
void read_with_config(V& v) {
  v.operand(0);
  v.operand(1, OperandRole::kConfig);
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
  for (const Port& port : v.layer.outputs) {
    for (const Dim dim : port.dims) attrs.sizes.push_back(dim.known() ? dim.value() : 0);
    break;
  }
  if (std::count(attrs.sizes.begin(), attrs.sizes.end(), 0) > 0) attrs.sizes.clear();
  v.op.attrs = attrs;
  v.operand(0);
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

void read_detection(V& v) {
  DetectionAttrs attrs;
  if (!v.layer.outputs.empty() && v.layer.outputs[0].dims.size() >= 2) {
    const std::vector<Dim>& dims = v.layer.outputs[0].dims;
    const Dim rows = dims[dims.size() - 2], columns = dims.back();
    attrs.max_detections = rows.known() ? rows.value() : 0;
    attrs.columns = columns.known() && columns.value() > 0 ? columns.value() : 7;
    attrs.rank = static_cast<std::int64_t>(std::min<std::size_t>(dims.size(), 8));
  }
  v.op.attrs = attrs;
  v.all();
  for (std::size_t i = 2; i < v.op.inputs.size(); ++i) v.op.inputs[i].role = OperandRole::kConfig;
}

void read_space_depth(V& v) {
  SpaceDepthAttrs attrs;
  attrs.block_size = v.layer.integer("block_size", 1);
  v.op.attrs = attrs;
  v.operand(0);
}

// Operands x, states, weights, recurrent weights, biases.
void read_cell(V& v) {
  RecurrentAttrs attrs;
  attrs.hidden_size = v.layer.integer("hidden_size", 0);
  attrs.single_step = true;
  v.op.attrs = attrs;
  v.operand(0);
  const std::size_t states = v.op.kind == K::kLSTM ? 2 : 1;
  for (std::size_t i = 1; i <= states; ++i) v.operand(i, OperandRole::kState);
  v.operand(states + 1, OperandRole::kWeight);
  v.operand(states + 2, OperandRole::kWeight);
  v.operand(states + 3, OperandRole::kBias);
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

void read_unknown(V& v) {
  CustomAttrs attrs;
  attrs.domain = "openvino";
  attrs.name = v.layer.type;
  v.op.kind = K::kCustom;
  v.op.attrs = attrs;
  v.all();
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
    {"LogicalNot", K::kLogicalNot, read_same},
    {"Activation", K::kRelu, read_activation},
    {"Eltwise", K::kAdd, read_eltwise},
    {"Add", K::kAdd, read_all},
    {"Subtract", K::kSub, read_all},
    {"Multiply", K::kMul, read_all},
    {"Divide", K::kDiv, read_all},
    {"Power", K::kPow, read_all},
    {"Mod", K::kMod, read_all},
    {"FloorMod", K::kFloorMod, read_all},
    {"Maximum", K::kMaximum, read_all},
    {"Minimum", K::kMinimum, read_all},
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
    {"Squeeze", K::kReshape, read_reshape},
    {"Unsqueeze", K::kReshape, read_reshape},
    {"Flatten", K::kReshape, read_reshape},
    {"Transpose", K::kTranspose, read_transpose},
    {"Permute", K::kTranspose, read_transpose},
    {"ShapeOf", K::kShape, read_same},
    {"ReduceMean", K::kReduceMean, read_reduce},
    {"ReduceSum", K::kReduceSum, read_reduce},
    {"ReduceMax", K::kReduceMax, read_reduce},
    {"ReduceMin", K::kReduceMin, read_reduce},
    {"ReduceProd", K::kReduceProd, read_reduce},
    {"ReduceL1", K::kReduceL1, read_reduce},
    {"ReduceL2", K::kReduceL2, read_reduce},
    {"Interpolate", K::kResizeBilinear, read_resize},
    {"Interp", K::kResizeBilinear, read_resize},
    {"Resample", K::kResizeNearest, read_resize},
    {"DepthToSpace", K::kDepthToSpace, read_space_depth},
    {"SpaceToDepth", K::kSpaceToDepth, read_space_depth},
    {"ShuffleChannels", K::kChannelShuffle, read_same},
    {"StridedSlice", K::kSlice, read_slice},
    {"Slice", K::kSlice, read_slice},
    {"Crop", K::kSlice, read_slice},
    {"Pad", K::kPad, read_pad},
    {"Gather", K::kGather, read_gather},
    {"Broadcast", K::kExpand, read_with_config},
    {"Tile", K::kTile, read_with_config},
    {"PriorBox", K::kFill, read_declared},
    {"PriorBoxClustered", K::kFill, read_declared},
    {"Range", K::kFill, read_declared},
    {"DetectionOutput", K::kDetectionOutput, read_detection},
    {"FakeQuantize", K::kFakeQuant, read_same},
    {"ReadValue", K::kIdentity, read_same},
    {"Assign", K::kIdentity, read_same},
    {"Identity", K::kIdentity, read_same},
};

}  // namespace

Shape LayerView::in(std::size_t i) const {
  if (i >= operands.size() || operands[i] == kNoTensor) return {};
  return graph.tensors[static_cast<std::size_t>(operands[i])].declared;
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
  if (v.layer.has_body) return read_unknown(v);
  if (v.layer.type == "Convolution" && !v.layer.integers("kernel").empty()) return read_old_convolution(v);
  for (const Row& row : kRows) {
    if (row.type != v.layer.type) continue;
    v.op.kind = row.kind;
    return row.read(v);
  }
  read_unknown(v);
}

}  // namespace nngauge::openvino
