// SPDX-License-Identifier: Apache-2.0
#include "parsers/dlc/op_map.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "parsers/stated_window.h"

namespace nngauge::dlc {
namespace {

using K = OpKind;
using Reader = Status (*)(LayerContext&);

// Extents as the file states them; nullopt where it does not state all.
std::optional<Ints> extents(const Tensor* tensor) {
  if (!tensor || !tensor->declared.is_static()) return std::nullopt;
  Ints out;
  for (const Dim dim : tensor->declared.dims()) out.push_back(dim.value());
  return out;
}

// A setting with one number an axis: under one name with several numbers, or with one name an axis.
Ints pair_of(const Layer& layer, std::string_view both, std::string_view y, std::string_view x, std::int64_t other) {
  if (const Setting* found = layer.find(both); found && found->ints.size() == 2) return found->ints;
  const std::int64_t horizontal = layer.int_or(x, other);
  return {layer.int_or(y, horizontal), horizontal};
}

// Padding [top, left, bottom, right]: [[top, bottom], [left, right]] or the same on both sides.
Ints pads_of(const Layer& layer, std::string_view y, std::string_view x) {
  if (const Setting* found = layer.find("pad_amount"); found && found->ints.size() == 4) {
    const Ints& p = found->ints;
    return {p[0], p[2], p[1], p[3]};
  }
  const Ints both = pair_of(layer, "", y, x, 0);
  return {both[0], both[1], both[0], both[1]};
}

Status give_up(LayerContext& c, const std::string& what) {
  c.op.kind = K::kCustom;
  CustomAttrs attrs;
  attrs.domain = "snpe";
  attrs.name = c.layer.type;
  c.op.attrs = std::move(attrs);
  c.diagnostics.warn("unknown-layer", "layer #" + std::to_string(c.layer.index) + " " + in_quotes(c.layer.name), what);
  return ok();
}

Status read_custom(LayerContext& c) { return give_up(c, "layers of the type " + c.layer.type + " have no rule here"); }

// A kernel whose data is not in the file: its extents are what settings and result tell.
void add_absent_weight(LayerContext& c, Shape shape) {
  Tensor weight;
  weight.name = c.layer.name + "/weights_0";
  weight.dtype = DType::kFloat32;
  weight.is_constant = true;
  weight.declared = weight.shape = std::move(shape);
  c.op.inputs.push_back({static_cast<TensorId>(c.graph.tensors.size()), OperandRole::kWeight});
  c.graph.tensors.push_back(std::move(weight));
}

Dim positive(std::int64_t extent) { return extent > 0 ? Dim(extent) : Dim::unknown(); }

// Padding that agrees with the extents that the file states for the result, whatever the strategy's number means.
Ints fit_pads(const LayerContext& c, const Ints& kernel, const Ints& strides, const Ints& dilations, Ints pads) {
  const auto in = extents(c.input(0)), out = extents(c.output(0));
  if (!in || !out || in->size() != 4 || out->size() != 4) return pads;
  for (std::size_t i = 0; i < 2; ++i) {
    StatedWindow window{(*in)[i + 1], (*out)[i + 1], kernel[i], strides[i], dilations[i], pads[i], pads[i + 2]};
    fit_padding(window);
    pads[i] = window.pad_begin;
    pads[i + 2] = window.pad_end;
  }
  return pads;
}

// Operands x, kernel [h,w,in/groups,out], bias; where the weights are not at hand the settings tell.
Status read_convolution(LayerContext& c) {
  const Layer& layer = c.layer;
  c.set_role(1, OperandRole::kWeight);
  c.set_role(2, OperandRole::kBias);
  ConvAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.filter_layout = FilterLayout::kSpatialInOut;
  attrs.strides = pair_of(layer, "stride", "stride_y", "stride", 1);
  attrs.dilations = pair_of(layer, "dilation", "dilation_y", "dilation_x", 1);
  Ints kernel = pair_of(layer, "kernel_size", "kernel_size_y", "kernel_size", 0);
  Tensor* filter = c.input(1);
  const auto stored = extents(filter), in = extents(c.input(0)), out = extents(c.output(0));
  if (stored && stored->size() == 4) kernel = {(*stored)[0], (*stored)[1]};
  if (kernel[0] > 0 && kernel[1] > 0) {
    attrs.kernel = kernel;
    attrs.pads = fit_pads(c, kernel, attrs.strides, attrs.dilations, pads_of(layer, "padding_y", "padding"));
  } else {
    attrs.pads = pads_of(layer, "padding_y", "padding");
  }
  // What the weights say of groups is certain; the numbers of older records are not told apart.
  attrs.groups = filter ? 0 : std::max<std::int64_t>(layer.int_or("group", layer.int_or("groups", 1)), 1);
  if (!filter) {
    const std::int64_t inputs = in && !in->empty() && in->back() % attrs.groups == 0 ? in->back() / attrs.groups : 0;
    add_absent_weight(c, Shape{positive(kernel[0]), positive(kernel[1]), positive(inputs),
                               out && !out->empty() ? Dim(out->back()) : Dim::unknown()});
  }
  c.op.kind = K::kConv2D;
  const bool depthwise = stored && in && stored->size() == 4 && in->size() == 4 && (*stored)[2] == 1 &&
                         in->back() > 1 && (*stored)[3] % in->back() == 0;
  if (depthwise) {
    // [h,w,1,in x multiplier] holds the same bytes as [h,w,in,multiplier].
    c.op.kind = K::kDepthwiseConv2D;
    filter->declared[2] = in->back();
    filter->declared[3] = (*stored)[3] / in->back();
    filter->shape = filter->declared;
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

// QNN: kernel [h,w,in,out/groups]; the result's extents are stated.
Status read_transposed_convolution(LayerContext& c) {
  c.op.kind = K::kConvTranspose2D;
  c.set_role(1, OperandRole::kWeight);
  c.set_role(2, OperandRole::kBias);
  ConvAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.filter_layout = FilterLayout::kSpatialInOut;
  attrs.strides = pair_of(c.layer, "stride", "stride_y", "stride", 1);
  attrs.pads = pads_of(c.layer, "padding_y", "padding");
  attrs.groups = std::max<std::int64_t>(c.layer.int_or("group", c.layer.int_or("groups", 1)), 1);
  if (const auto out = extents(c.output(0)); out && out->size() == 4) {
    attrs.output_shape = {(*out)[1], (*out)[2]};
  }
  if (!c.input(1)) {
    const Ints kernel = pair_of(c.layer, "kernel_size", "kernel_size_y", "kernel_size", 0);
    add_absent_weight(c, Shape{positive(kernel[0]), positive(kernel[1]), Dim::unknown(), Dim::unknown()});
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

// Weights [out, in].
Status read_dense(LayerContext& c) {
  c.op.kind = K::kDense;
  c.set_role(1, OperandRole::kWeight);
  c.set_role(2, OperandRole::kBias);
  DenseAttrs attrs;
  attrs.transpose_b = true;
  if (!c.input(1)) {
    const auto out = extents(c.output(0));
    attrs.flatten_axis = 1;
    add_absent_weight(c, Shape{out && !out->empty() ? Dim(out->back()) : Dim::unknown(), Dim::unknown()});
  }
  c.op.attrs = attrs;
  return ok();
}

Status read_matmul(LayerContext& c) {
  c.op.kind = K::kMatMul;
  MatMulAttrs attrs;
  attrs.transpose_a = c.layer.int_or("transpose_in0", 0) != 0;
  attrs.transpose_b = c.layer.int_or("transpose_in1", 0) != 0;
  c.set_role(2, OperandRole::kBias);
  if (const Tensor* right = c.input(1); right && right->is_constant) c.set_role(1, OperandRole::kWeight);
  c.op.attrs = attrs;
  return ok();
}

Status read_pool(LayerContext& c, K kind) {
  c.op.kind = kind;
  PoolAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.kernel = pair_of(c.layer, "filter_size", "size_y", "size_x", 0);
  attrs.strides = pair_of(c.layer, "stride", "stride_y", "stride_x", 1);
  attrs.pads = fit_pads(c, attrs.kernel, attrs.strides, {1, 1}, pads_of(c.layer, "pad_y", "pad_x"));
  attrs.count_include_pad =
      c.layer.int_or("count_pad_for_edges", c.layer.int_or("pool_region_include_padding", 0)) != 0;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_max_pool(LayerContext& c) { return read_pool(c, K::kMaxPool); }
Status read_average_pool(LayerContext& c) { return read_pool(c, K::kAveragePool); }

// The function that a number stands for, in words.
std::string_view function(const LayerContext& c) {
  const Setting* found = c.layer.find("function");
  return found ? std::string_view(found->text) : std::string_view();
}

Status read_pooling(LayerContext& c) {
  if (function(c) == "max") return read_max_pool(c);
  if (function(c) == "average") return read_average_pool(c);
  return give_up(c, "pooling of a kind that is not known (type " + std::to_string(c.layer.int_or("type", -1)) + ")");
}

Status read_neuron(LayerContext& c) {
  if (function(c) == "relu") c.op.kind = K::kRelu;
  else if (function(c) == "sigmoid") c.op.kind = K::kSigmoid;
  else if (function(c) == "elu") c.op.kind = K::kElu;
  else return give_up(c, "activation that is not known (type " + std::to_string(c.layer.int_or("type", -1)) + ")");
  return ok();
}

Status read_sum(LayerContext& c) {
  if (function(c) != "sum")
    return give_up(c, "element-wise operation that is not known (op " + std::to_string(c.layer.int_or("op", -1)) + ")");
  c.op.kind = c.op.inputs.size() == 2 ? K::kAdd : K::kAddN;
  const Setting* factors = c.layer.find("coeffs");
  if (factors && std::any_of(factors->reals.begin(), factors->reals.end(), [](double f) { return f != 1; })) {
    c.diagnostics.note("scaled-sum", "layer #" + std::to_string(c.layer.index) + " " + in_quotes(c.layer.name),
                       "the products with the coefficients are not counted");
  }
  return ok();
}

// Numbers of QNN's element-wise operations, in its alphabetical order.
Status read_by_number(LayerContext& c, std::span<const K> kinds) {
  const std::int64_t number = c.layer.int_or("operation", -1);
  if (number < 0 || number >= static_cast<std::int64_t>(kinds.size()))
    return give_up(c, "operation " + std::to_string(number) + " of " + c.layer.type + " is not known");
  c.op.kind = kinds[static_cast<std::size_t>(number)];
  return ok();
}

Status read_binary(LayerContext& c) {
  static constexpr std::array kKinds = {
      K::kAdd,      K::kLogicalAnd,   K::kDiv,      K::kEqual,     K::kFloorDiv, K::kMod,
      K::kGreater,  K::kGreaterEqual, K::kLess,     K::kLessEqual, K::kMaximum,  K::kMinimum,
      K::kFloorMod, K::kMul,          K::kNotEqual, K::kLogicalOr, K::kPow,      K::kSquaredDifference,
      K::kSub,      K::kLogicalXor};
  return read_by_number(c, kKinds);
}

Status read_unary(LayerContext& c) {
  static constexpr std::array kKinds = {K::kAbs,   K::kAsin, K::kAtan, K::kCeil,       K::kCos,        K::kExp,
                                        K::kFloor, K::kLog,  K::kNeg,  K::kLogicalNot, K::kReciprocal, K::kRound,
                                        K::kRsqrt, K::kSign, K::kSin,  K::kSqrt};
  return read_by_number(c, kKinds);
}

Status read_neuron_number(LayerContext& c) {
  static constexpr std::array kKinds = {K::kElu,  K::kGelu,    K::kHardSigmoid, K::kHardSwish, K::kRelu,
                                        K::kClip, K::kSigmoid, K::kSoftplus,    K::kTanh};
  return read_by_number(c, kKinds);
}

Status read_axis(LayerContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.layer.int_or("axis", c.op.kind == K::kConcat ? 0 : -1);
  attrs.keep_dims = c.layer.int_or("keep_dims", 0) != 0;
  c.op.attrs = attrs;
  if (c.op.kind == K::kGather) c.set_role(1, OperandRole::kConfig);
  return ok();
}

Status read_permute(LayerContext& c) {
  const Setting* order = c.layer.find("order");
  if (!order) order = c.layer.find("perm");
  if (!order || order->ints.empty()) return give_up(c, "the order of the axes is not stated");
  TransposeAttrs attrs;
  attrs.perm = order->ints;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_reshape(LayerContext& c) {
  ReshapeAttrs attrs;
  const auto out = extents(c.output(0));
  if (!out) return give_up(c, "the extents of the result are not stated");
  attrs.shape = *out;
  attrs.has_shape = true;
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_split(LayerContext& c) {
  SplitAttrs attrs;
  attrs.axis = c.layer.int_or("axis", 0);
  for (std::size_t i = 0; i < c.op.outputs.size(); ++i) {
    const auto out = extents(c.output(i));
    if (!out || attrs.axis < 0 || static_cast<std::size_t>(attrs.axis) >= out->size())
      return give_up(c, "the extents of the parts are not stated");
    attrs.sizes.push_back((*out)[static_cast<std::size_t>(attrs.axis)]);
  }
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_pad(LayerContext& c) {
  const auto in = extents(c.input(0)), out = extents(c.output(0));
  if (!in || !out || in->size() != out->size()) return give_up(c, "the extents of operand and result are not stated");
  PadAttrs attrs;
  const std::size_t rank = in->size();
  attrs.pads.assign(2 * rank, 0);
  const Setting* amount = c.layer.find("pad_amount");
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t before = amount && amount->ints.size() == 2 * rank ? amount->ints[2 * i] : 0;
    attrs.pads[i] = before;
    if ((*out)[i] < (*in)[i] || before < 0 || before > (*out)[i] - (*in)[i])
      return make_error(ErrorCode::kInvalidAttribute, "padding does not lead to the stated result");
    attrs.pads[rank + i] = (*out)[i] - (*in)[i] - before;
  }
  c.op.inputs.resize(1);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_resize(LayerContext& c) {
  const auto out = extents(c.output(0));
  if (!out) return give_up(c, "the extents of the result are not stated");
  ResizeAttrs attrs;
  attrs.mode = c.op.kind == K::kResizeBilinear ? ResizeMode::kLinear : ResizeMode::kNearest;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.sizes = *out;
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_reduction(LayerContext& c) {
  const Setting* axes = c.layer.find("axes");
  if (!axes) return give_up(c, "the axes are not stated");
  AxesAttrs attrs;
  attrs.axes = axes->ints;
  attrs.has_axes = true;
  attrs.keep_dims = c.layer.int_or("keep_dims", 0) != 0;
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_norm(LayerContext& c) {
  for (std::size_t i = 1; i < c.op.inputs.size(); ++i) c.set_role(i, OperandRole::kNorm);
  NormAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.groups = c.layer.int_or("group", 1);
  if (const Setting* axes = c.layer.find("axes"); axes && !axes->ints.empty())
    attrs.axis = *std::min_element(axes->ints.begin(), axes->ints.end());
  c.op.attrs = std::move(attrs);
  return ok();
}

// begin, end and step of each axis.
Status read_strided_slice(LayerContext& c) {
  const Setting* ranges = c.layer.find("ranges");
  const auto in = extents(c.input(0));
  const bool plain = c.layer.int_or("new_axes_mask", 0) == 0 && c.layer.int_or("begin_mask", 0) == 0 &&
                     c.layer.int_or("end_mask", 0) == 0;
  if (!ranges || !in || !plain || ranges->ints.size() != 3 * in->size())
    return give_up(c, "the ranges of the slice are not stated as begin, end and step of each axis");
  SliceAttrs attrs;
  for (std::size_t i = 0; i < in->size(); ++i) {
    attrs.starts.push_back(ranges->ints[3 * i]);
    attrs.ends.push_back(ranges->ints[3 * i + 1]);
    attrs.steps.push_back(ranges->ints[3 * i + 2]);
  }
  attrs.shrink_axis_mask = c.layer.int_or("shrink_axes", 0);
  c.op.inputs.resize(1);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_activation_weights(LayerContext& c) {
  c.set_role(1, OperandRole::kWeight);
  return ok();
}

Status read_result_type(LayerContext& c) {
  const DType dtype = c.output(0) ? c.output(0)->dtype : DType::kUnknown;
  if (c.op.kind == K::kCast) c.op.attrs = CastAttrs{dtype};
  else c.op.attrs = QuantAttrs{1, 0, dtype, 0};
  return ok();
}

Status read_nothing(LayerContext&) { return ok(); }

struct Row {
  std::string_view type;  // lower case, letters and digits only
  K kind;
  Reader read;
};

constexpr std::array kRows = {
    // records 2 and 3
    Row{"convolutional", K::kConv2D, read_convolution},
    Row{"fullyconnected", K::kDense, read_dense},
    Row{"neuron", K::kRelu, read_neuron},
    Row{"pooling", K::kMaxPool, read_pooling},
    Row{"elementwiseop", K::kAdd, read_sum},
    Row{"concat", K::kConcat, read_axis},
    Row{"permute", K::kTranspose, read_permute},
    Row{"reshape", K::kReshape, read_reshape},
    // record 4: QNN operators
    Row{"conv2d", K::kConv2D, read_convolution},
    Row{"depthwiseconv2d", K::kDepthwiseConv2D, read_convolution},
    Row{"transposeconv2d", K::kConvTranspose2D, read_transposed_convolution},
    Row{"matmul", K::kMatMul, read_matmul},
    Row{"poolmax2d", K::kMaxPool, read_max_pool},
    Row{"poolavg2d", K::kAveragePool, read_average_pool},
    Row{"batchnorm", K::kBatchNorm, read_norm},
    Row{"instancenorm", K::kInstanceNorm, read_norm},
    Row{"layernorm", K::kLayerNorm, read_norm},
    Row{"rmsnorm", K::kRMSNorm, read_norm},
    Row{"groupnorm", K::kGroupNorm, read_norm},
    Row{"relu", K::kRelu, read_nothing},
    Row{"relu1", K::kReluN1To1, read_nothing},
    Row{"relu6", K::kRelu6, read_nothing},
    Row{"reluminmax", K::kClip, read_nothing},
    Row{"prelu", K::kPRelu, read_activation_weights},
    Row{"elu", K::kElu, read_nothing},
    Row{"gelu", K::kGelu, read_nothing},
    Row{"hardswish", K::kHardSwish, read_nothing},
    Row{"sigmoid", K::kSigmoid, read_nothing},
    Row{"tanh", K::kTanh, read_nothing},
    Row{"softmax", K::kSoftmax, read_axis},
    Row{"logsoftmax", K::kLogSoftmax, read_axis},
    Row{"split", K::kSplit, read_split},
    Row{"stridedslice", K::kStridedSlice, read_strided_slice},
    Row{"transpose", K::kTranspose, read_permute},
    Row{"squeeze", K::kReshape, read_reshape},
    Row{"expanddims", K::kReshape, read_reshape},
    Row{"pad", K::kPad, read_pad},
    Row{"gather", K::kGather, read_axis},
    Row{"argmax", K::kArgMax, read_axis},
    Row{"argmin", K::kArgMin, read_axis},
    Row{"eltwisebinary", K::kAdd, read_binary},
    Row{"elementwisebinary", K::kAdd, read_binary},
    Row{"eltwiseunary", K::kAbs, read_unary},
    Row{"elementwiseunary", K::kAbs, read_unary},
    Row{"elementwiseneuron", K::kRelu, read_neuron_number},
    Row{"elementwiseadd", K::kAdd, read_nothing},
    Row{"elementwisesubtract", K::kSub, read_nothing},
    Row{"elementwisemultiply", K::kMul, read_nothing},
    Row{"elementwisedivide", K::kDiv, read_nothing},
    Row{"elementwisemaximum", K::kMaximum, read_nothing},
    Row{"elementwiseminimum", K::kMinimum, read_nothing},
    Row{"elementwisepower", K::kPow, read_nothing},
    Row{"elementwiseabs", K::kAbs, read_nothing},
    Row{"elementwiseexp", K::kExp, read_nothing},
    Row{"elementwiselog", K::kLog, read_nothing},
    Row{"elementwiseneg", K::kNeg, read_nothing},
    Row{"elementwisesquareroot", K::kSqrt, read_nothing},
    Row{"elementwisersqrt", K::kRsqrt, read_nothing},
    Row{"elementwisefloor", K::kFloor, read_nothing},
    Row{"elementwiseround", K::kRound, read_nothing},
    Row{"elementwisesin", K::kSin, read_nothing},
    Row{"elementwisecos", K::kCos, read_nothing},
    Row{"resizebilinear", K::kResizeBilinear, read_resize},
    Row{"resizenearestneighbor", K::kResizeNearest, read_resize},
    Row{"reducemean", K::kReduceMean, read_reduction},
    Row{"reducesum", K::kReduceSum, read_reduction},
    Row{"reducemax", K::kReduceMax, read_reduction},
    Row{"reducemin", K::kReduceMin, read_reduction},
    Row{"reduceprod", K::kReduceProd, read_reduction},
    Row{"quantize", K::kQuantize, read_result_type},
    Row{"dequantize", K::kDequantize, read_result_type},
    Row{"convert", K::kCast, read_result_type},
    Row{"cast", K::kCast, read_result_type},
};

std::string plain(std::string_view type) {
  std::string out;
  for (const char ch : type) {
    if (std::isalnum(static_cast<unsigned char>(ch)))
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(ch)));
  }
  return out;
}

}  // namespace

Status read_layer_type(LayerContext& c) {
  const std::string type = plain(c.layer.type);
  for (const Row& row : kRows) {
    if (row.type != type) continue;
    c.op.kind = row.kind;
    return row.read(c);
  }
  return read_custom(c);
}

}  // namespace nngauge::dlc
