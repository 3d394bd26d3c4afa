// SPDX-License-Identifier: Apache-2.0
// Types of TNN's layers; parameters by place, as its writers put them.
#include <fmt/format.h>

#include <algorithm>

#include "parsers/tnn/graph_builder.h"

namespace nngauge::tnn {
namespace {

using K = OpKind;

FusedActivation activation_of(std::int64_t code) {
  switch (code) {
    case 0:
      return FusedActivation::kNone;
    case 1:
      return FusedActivation::kRelu;
    case 2:
      return FusedActivation::kRelu6;
    default:
      return FusedActivation::kOther;
  }
}

PaddingMode padding_of(std::int64_t code) {
  if (code == 0) return PaddingMode::kSameUpper;
  return code == 1 ? PaddingMode::kValid : PaddingMode::kExplicit;
}

DType weight_type(const Layer& layer) { return layer.quantised ? DType::kInt8 : DType::kFloat32; }

Status check_range(const Layer& layer, std::size_t first, std::size_t last, std::int64_t least, const char* what) {
  for (std::size_t i = first; i <= last; ++i) {
    const std::int64_t value = layer.integer(i, -1);
    if (value < least || value > (std::int64_t{1} << 31U))
      return make_error(ErrorCode::kInvalidAttribute, fmt::format("{} is {}", what, value));
  }
  return ok();
}

// group, channels in (of a group), out, kernel h w, stride h w, pad h w, bias, padding mode, dilation h w, activation
Status read_convolution(GraphBuilder& b) {
  const Layer& layer = b.layer();
  NNGAUGE_CHECK(check_range(layer, 0, 0, 1, "the number of groups"));
  NNGAUGE_CHECK(check_range(layer, 1, 1, 0, "the number of input channels"));
  NNGAUGE_CHECK(check_range(layer, 2, 2, 1, "the number of outputs"));
  NNGAUGE_CHECK(check_range(layer, 3, 6, 1, "a kernel extent or stride"));
  NNGAUGE_CHECK(check_range(layer, 7, 8, 0, "a padding"));
  const bool transposed = layer.type == "Deconvolution";
  ConvAttrs attrs;
  attrs.groups = layer.integer(0, 1);
  attrs.num_output = layer.integer(2, 0);
  attrs.kernel = {layer.integer(3, 1), layer.integer(4, 1)};
  attrs.strides = {layer.integer(5, 1), layer.integer(6, 1)};
  attrs.pads = {layer.integer(7, 0), layer.integer(8, 0), layer.integer(7, 0), layer.integer(8, 0)};
  attrs.padding = padding_of(layer.integer(10, -1));
  attrs.dilations = {std::max<std::int64_t>(layer.integer(11, 1), 1), std::max<std::int64_t>(layer.integer(12, 1), 1)};
  attrs.filter_layout = transposed ? FilterLayout::kInOutSpatial : FilterLayout::kOutInSpatial;
  // The stated number of input channels may be missing (0), and stale where the graph was edited by hand.
  const std::int64_t stated = layer.integer(1, 0) * attrs.groups;
  const Dim given = b.in(0).at(1);
  if (given.known() && stated > 0 && !given.is(stated) && b.stored_elements(0) == 0)
    b.warn("channels-differ",
           fmt::format("the layer states {} input channels, its input has {}", stated, given.value()));
  const Dim channels = given.known() ? given : stated > 0 ? Dim(stated) : Dim::unknown();
  const auto share = [&](Dim all) {
    return all.known() && all.value() % attrs.groups == 0 ? Dim(all.value() / attrs.groups) : Dim::unknown();
  };
  Shape filter = {attrs.num_output, share(channels), attrs.kernel[0], attrs.kernel[1]};
  if (transposed) filter = {channels, share(attrs.num_output), attrs.kernel[0], attrs.kernel[1]};
  const bool depthwise = !transposed && attrs.groups > 1 && channels.is(attrs.groups);
  b.op().kind = transposed ? K::kConvTranspose2D : depthwise ? K::kDepthwiseConv2D : K::kConv2D;
  b.op().attrs = attrs;
  b.op().activation = activation_of(layer.integer(13, 0));
  b.input(0);
  NNGAUGE_CHECK(b.weight(0, "weight", std::move(filter), OperandRole::kWeight, weight_type(layer)));
  if (layer.integer(9, 0) == 0) return ok();
  return b.weight(1, "bias", {attrs.num_output}, OperandRole::kBias, b.bias_type());
}

// kind (0 maximum, 1 average), kernel h w (0: all), stride h w, pad h w, kernel indices, padding mode, rounded up
Status read_pooling(GraphBuilder& b) {
  const Layer& layer = b.layer();
  const bool maximum = layer.integer(0, 0) == 0;
  b.input(0);
  const std::int64_t height = layer.integer(1, 0), width = layer.integer(2, 0);
  if (height == 0 && width == 0) {
    b.op().kind = maximum ? K::kGlobalMaxPool : K::kGlobalAveragePool;
    return ok();
  }
  NNGAUGE_CHECK(check_range(layer, 1, 4, 1, "a kernel extent or stride"));
  NNGAUGE_CHECK(check_range(layer, 5, 6, 0, "a padding"));
  b.op().kind = maximum ? K::kMaxPool : K::kAveragePool;
  PoolAttrs attrs;
  attrs.kernel = {height, width};
  attrs.strides = {layer.integer(3, 1), layer.integer(4, 1)};
  attrs.pads = {layer.integer(5, 0), layer.integer(6, 0), layer.integer(5, 0), layer.integer(6, 0)};
  attrs.padding = padding_of(layer.integer(9, -1));
  attrs.ceil_mode = layer.integer(10, 1) != 0;
  attrs.keep_outer_window = attrs.ceil_mode && attrs.pads[0] == 0 && attrs.pads[1] == 0;
  b.op().attrs = attrs;
  return ok();
}

// outputs, bias, transposed, first axis
Status read_inner_product(GraphBuilder& b) {
  const Layer& layer = b.layer();
  NNGAUGE_CHECK(check_range(layer, 0, 0, 1, "the number of outputs"));
  DenseAttrs attrs;
  attrs.num_output = layer.integer(0, 0);
  attrs.transpose_b = layer.integer(2, 0) == 0;
  attrs.flatten_axis = std::max<std::int64_t>(layer.integer(3, 1), 0);
  attrs.keep_dims = true;
  Count inputs = 1;
  const Shape in = b.in(0);
  bool known = in.ranked() && attrs.flatten_axis <= static_cast<std::int64_t>(in.rank());
  for (std::size_t i = static_cast<std::size_t>(attrs.flatten_axis); known && i < in.rank(); ++i) {
    known = in[i].known();
    if (known) inputs *= Count::from_signed(in[i].value());
  }
  known = known && !inputs.overflowed() && inputs.value() < (std::uint64_t{1} << 62U);
  const Dim columns = known ? Dim(static_cast<std::int64_t>(inputs.value())) : Dim::unknown();
  b.op().kind = K::kDense;
  b.op().attrs = attrs;
  b.input(0);
  NNGAUGE_CHECK(b.weight(0, "weight",
                         attrs.transpose_b ? Shape{attrs.num_output, columns} : Shape{columns, attrs.num_output},
                         OperandRole::kWeight, weight_type(layer)));
  if (layer.integer(1, 0) == 0) return ok();
  return b.weight(1, "bias", {attrs.num_output}, OperandRole::kBias, b.bias_type());
}

// Blocks: scale, shift, with the statistics folded in.
Status read_batch_norm(GraphBuilder& b) {
  b.op().kind = K::kBatchNorm;
  b.input(0);
  NNGAUGE_CHECK(b.weight(0, "scale", {b.in(0).at(1)}, OperandRole::kNorm, DType::kFloat32));
  return b.weight(1, "shift", {b.in(0).at(1)}, OperandRole::kNorm, DType::kFloat32);
}

// shared over the channels
Status read_prelu(GraphBuilder& b) {
  b.op().kind = K::kPRelu;
  b.input(0);
  const bool shared = b.layer().integer(0, 0) != 0;
  return b.weight(0, "slope", {shared ? Dim(1) : b.in(0).at(1)}, OperandRole::kWeight, DType::kFloat32);
}

Status read_axis(GraphBuilder& b) {
  AxisAttrs attrs;
  attrs.axis = b.layer().integer(0, 1);
  b.op().kind = b.layer().type == "Concat" ? K::kConcat : b.layer().type == "Flatten" ? K::kFlatten : K::kSoftmax;
  b.op().attrs = attrs;
  b.all_inputs();
  return ok();
}

// first axis, number of axes, number of extents, the extents
Status read_reshape(GraphBuilder& b) {
  const Layer& layer = b.layer();
  ReshapeAttrs attrs;
  attrs.has_shape = true;
  attrs.zero_copies = true;
  const std::int64_t count = layer.integer(2, 0);
  if (count < 0 || count > 16)
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("the target has {} extents", count));
  for (std::int64_t i = 0; i < count; ++i) attrs.shape.push_back(layer.integer(3 + static_cast<std::size_t>(i), 1));
  // The range of axes may be longer than the input has them: then all from the first on.
  attrs.axis = std::clamp<std::int64_t>(layer.integer(0, 0), -16, 16);
  const Shape in = b.in(0);
  const std::int64_t axes = std::clamp<std::int64_t>(layer.integer(1, -1), -1, 16);
  if (in.ranked() && attrs.axis >= 0 && axes >= 0 && attrs.axis + axes < static_cast<std::int64_t>(in.rank()))
    attrs.num_axes = axes;
  b.op().kind = K::kReshape;
  b.op().attrs = attrs;
  b.input(0);
  return ok();
}

// number of axes, the axes
Status read_permute(GraphBuilder& b) {
  TransposeAttrs attrs;
  const std::int64_t count = b.layer().integer(0, 0);
  if (count < 1 || count > 16)
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("{} axes are permuted", count));
  for (std::int64_t i = 0; i < count; ++i) attrs.perm.push_back(b.layer().integer(1 + static_cast<std::size_t>(i), i));
  b.op().kind = K::kTranspose;
  b.op().attrs = attrs;
  b.input(0);
  return ok();
}

struct SimpleRow {
  std::string_view type;
  OpKind kind;
};

// One operand or two, without parameters that change the work.
constexpr SimpleRow kSimple[] = {
    {"ReLU", K::kRelu},       {"ReLU6", K::kRelu6},       {"Sigmoid", K::kSigmoid},
    {"TanH", K::kTanh},       {"Tanh", K::kTanh},         {"Abs", K::kAbs},
    {"Neg", K::kNeg},         {"Exp", K::kExp},           {"Log", K::kLog},
    {"Sqrt", K::kSqrt},       {"Rsqrt", K::kRsqrt},       {"Floor", K::kFloor},
    {"Sign", K::kSign},       {"Softplus", K::kSoftplus}, {"HardSigmoid", K::kHardSigmoid},
    {"Elu", K::kElu},         {"Clip", K::kClip},         {"Gelu", K::kGelu},
    {"Dropout", K::kDropout}, {"Ceil", K::kCeil},         {"Sin", K::kSin},
    {"Cos", K::kCos},         {"Tan", K::kTan},           {"Asin", K::kAsin},
    {"Acos", K::kAcos},       {"Atan", K::kAtan},         {"Reciprocal", K::kReciprocal},
    {"Erf", K::kErf},         {"GELU", K::kGelu},         {"LogSigmoid", K::kSoftplus},
    {"Selu", K::kSelu},       {"Softsign", K::kSoftsign}, {"Swish", K::kSwish},
    {"Mish", K::kMish},
};
constexpr SimpleRow kBinary[] = {{"Add", K::kAdd}, {"Sub", K::kSub},     {"Mul", K::kMul},
                                 {"Div", K::kDiv}, {"Max", K::kMaximum}, {"Min", K::kMinimum}};

// The second operand of an element-wise layer may be stored: its extents stand in the shape of what it is laid onto.
Status read_binary(GraphBuilder& b, OpKind kind) {
  b.op().kind = kind;
  b.all_inputs();
  if (b.input_count() != 1) return ok();
  const auto elements = static_cast<std::int64_t>(b.stored_elements(0));
  const Dim channels = b.in(0).at(1);
  const Shape shape = elements == 1 ? Shape{1} : Shape{1, channels, 1, 1};
  if (elements == 0 || channels.is(elements) || elements == 1)
    return b.weight(0, "operand", shape, OperandRole::kWeight, DType::kFloat32);
  return b.weight(0, "operand", b.in(0), OperandRole::kWeight, DType::kFloat32);
}

Status read_unknown(GraphBuilder& b) {
  CustomAttrs attrs;
  attrs.domain = "tnn";
  attrs.name = b.layer().source_type;
  b.op().kind = K::kCustom;
  b.op().attrs = attrs;
  b.all_inputs();
  for (std::size_t i = 0; b.stored_elements(i) > 0; ++i)
    NNGAUGE_CHECK(b.weight(i, ("block" + std::to_string(i)).c_str(), Shape{Dim::unknown()}, OperandRole::kWeight,
                           DType::kFloat32));
  return ok();
}

}  // namespace

Status read_layer(GraphBuilder& b) {
  const std::string& type = b.layer().type;
  if (b.input_count() == 0) return read_unknown(b);
  if (type == "Convolution" || type == "ConvolutionDepthwise" || type == "Deconvolution") return read_convolution(b);
  if (type == "Pooling") return read_pooling(b);
  if (type == "InnerProduct") return read_inner_product(b);
  if (type == "BatchNormCxx") return read_batch_norm(b);
  if (type == "PReLU") return read_prelu(b);
  if (type == "Concat" || type == "SoftmaxCaffe" || type == "Softmax" || type == "Flatten") return read_axis(b);
  if (type == "Reshape") return read_reshape(b);
  if (type == "Permute") return read_permute(b);
  for (const SimpleRow& row : kSimple) {
    if (row.type != type) continue;
    b.op().kind = row.kind;
    b.input(0);
    return ok();
  }
  for (const SimpleRow& row : kBinary) {
    if (row.type == type) return read_binary(b, row.kind);
  }
  return read_unknown(b);
}

}  // namespace nngauge::tnn
