// SPDX-License-Identifier: Apache-2.0
// The layer classes of Keras, one function each, listed at the end.
#include "parsers/keras/layers.h"

#include <algorithm>
#include <array>

#include "parsers/keras/functions.h"

namespace nngauge::keras {
namespace {

using K = OpKind;

constexpr int kMostLayersInside = 16;

std::size_t axes_of(const std::string& type) {
  if (type.find("1D") != std::string::npos) return 1;
  return type.find("3D") != std::string::npos ? 3 : 2;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

Shape kernel_shape(const std::vector<std::int64_t>& kernel, Dim first, Dim second) {
  std::vector<Dim> dims(kernel.begin(), kernel.end());
  dims.push_back(first);
  dims.push_back(second);
  return Shape(std::move(dims));
}

PaddingMode padding_of(const Layer& l) {
  return l.text("padding", "valid") == "same" ? PaddingMode::kSameUpper : PaddingMode::kValid;
}

ConvAttrs conv_attributes(const Layer& l, std::size_t axes) {
  ConvAttrs attrs;
  attrs.layout = l.layout();
  attrs.filter_layout = FilterLayout::kSpatialInOut;
  attrs.padding = padding_of(l);
  attrs.kernel = l.per_axis("kernel_size", axes, 1);
  attrs.strides = l.per_axis("strides", axes, 1);
  attrs.dilations = l.per_axis("dilation_rate", axes, 1);
  return attrs;
}

// --- convolutions ---------------------------------------------------------------------------------------------------

// A causal convolution is padded in front, so that no result sees a later input.
Status pad_causally(Layer& l, ConvAttrs& attrs) {
  if (l.text("padding") != "causal" || attrs.kernel.empty()) return ok();
  attrs.padding = PaddingMode::kExplicit;
  attrs.pads = {(attrs.kernel[0] - 1) * attrs.dilations[0], 0};
  return ok();
}

constexpr std::array kConvs = {K::kConv1D, K::kConv2D, K::kConv3D};

// The operator of a convolution with its weights and its activation.
Made emit_convolution(Layer& l, OpKind kind, ConvAttrs attrs, const char* kernel, const Shape& shape,
                      std::int64_t filters) {
  l.op.kind = kind;
  l.op.attrs = std::move(attrs);
  l.input(0);
  NNGAUGE_CHECK(l.weight(kernel, OperandRole::kWeight, shape));
  if (l.flag("use_bias", true)) NNGAUGE_CHECK(l.weight("bias", OperandRole::kBias, {filters}));
  return l.emit_activated();
}

Made conv(Layer& l) {
  const std::size_t axes = axes_of(l.type());
  ConvAttrs attrs = conv_attributes(l, axes);
  attrs.groups = std::max<std::int64_t>(l.integer("groups", 1), 1);
  NNGAUGE_CHECK(pad_causally(l, attrs));
  const std::int64_t filters = l.integer("filters");
  const Dim in = l.channels();
  const Dim seen = in.known() ? Dim(in.value() / attrs.groups) : in;
  const Shape shape = kernel_shape(attrs.kernel, seen, filters);
  return emit_convolution(l, kConvs[axes - 1], std::move(attrs), "kernel", shape, filters);
}

Made conv_transpose(Layer& l) {
  const std::size_t axes = axes_of(l.type());
  constexpr std::array kKinds = {K::kConvTranspose1D, K::kConvTranspose2D, K::kConvTranspose3D};
  ConvAttrs attrs = conv_attributes(l, axes);
  attrs.filter_layout = FilterLayout::kSpatialOutIn;
  attrs.output_padding = l.list("output_padding");
  const std::int64_t filters = l.integer("filters");
  const Shape shape = kernel_shape(attrs.kernel, filters, l.channels());
  return emit_convolution(l, kKinds[axes - 1], std::move(attrs), "kernel", shape, filters);
}

Status add_depthwise(Layer& l, std::size_t axes) {
  constexpr std::array kKinds = {K::kDepthwiseConv1D, K::kDepthwiseConv2D, K::kDepthwiseConv3D};
  ConvAttrs attrs = conv_attributes(l, axes);
  attrs.groups = 0;
  const Shape shape = kernel_shape(attrs.kernel, l.channels(), l.integer("depth_multiplier", 1));
  l.op.kind = kKinds[axes - 1];
  l.op.attrs = std::move(attrs);
  l.input(0);
  return l.weight("depthwise_kernel|kernel", OperandRole::kWeight, shape);
}

Made depthwise_conv(Layer& l) {
  const Dim in = l.channels();
  NNGAUGE_CHECK(add_depthwise(l, axes_of(l.type())));
  const Dim out = in.known() && in.value() < (1 << 24)
                      ? Dim(in.value() * std::clamp<std::int64_t>(l.integer("depth_multiplier", 1), 1, 1 << 20))
                      : Dim();
  if (l.flag("use_bias", true)) NNGAUGE_CHECK(l.weight("bias", OperandRole::kBias, {out}));
  return l.emit_activated();
}

// A depthwise convolution and one with a kernel of 1 behind it.
Made separable_conv(Layer& l) {
  const std::size_t axes = axes_of(l.type());
  NNGAUGE_CHECK(add_depthwise(l, axes));
  NNGAUGE_CHECK(l.then());
  ConvAttrs attrs;
  attrs.layout = l.layout();
  attrs.filter_layout = FilterLayout::kSpatialInOut;
  const std::int64_t filters = l.integer("filters");
  const Shape shape = kernel_shape(std::vector<std::int64_t>(axes, 1), l.channels(), filters);
  return emit_convolution(l, kConvs[axes - 1], std::move(attrs), "pointwise_kernel", shape, filters);
}

// --- products, tables, recurrent layers -----------------------------------------------------------------------------

Made dense(Layer& l) {
  const std::int64_t units = l.integer("units");
  l.op.kind = K::kDense;
  DenseAttrs attrs;
  attrs.keep_dims = true;
  l.op.attrs = attrs;
  const Dim in = l.in().at(-1);
  l.input(0);
  NNGAUGE_CHECK(l.weight("kernel", OperandRole::kWeight, {in, units}));
  if (l.flag("use_bias", true)) NNGAUGE_CHECK(l.weight("bias", OperandRole::kBias, {units}));
  return l.emit_activated();
}

Made embedding(Layer& l) {
  l.op.kind = K::kEmbeddingLookup;
  l.input(0);
  NNGAUGE_CHECK(l.weight("embeddings", OperandRole::kWeight, {l.integer("input_dim"), l.integer("output_dim")}));
  return l.emit();
}

// --- normalisation --------------------------------------------------------------------------------------------------

Made batch_norm(Layer& l) {
  const std::int64_t axis = first_axis(l, -1);
  l.op.kind = K::kBatchNorm;
  NormAttrs attrs;
  const bool first = axis == 1 && l.in().ranked() && l.in().rank() > 2;
  attrs.layout = first ? DataLayout::kChannelsFirst : DataLayout::kChannelsLast;
  l.op.attrs = attrs;
  const Dim channels = l.in().at(axis);
  l.input(0);
  const auto add = [&](const char* name, bool there) -> Status {
    if (there) return l.weight(name, OperandRole::kNorm, {channels});
    l.no_weight();
    return ok();
  };
  NNGAUGE_CHECK(add("gamma", l.flag("scale", true)));
  NNGAUGE_CHECK(add("beta", l.flag("center", true)));
  NNGAUGE_CHECK(add("moving_mean", true));
  NNGAUGE_CHECK(add("moving_variance", true));
  return l.emit();
}

Made layer_norm(Layer& l) {
  l.op.kind = K::kLayerNorm;
  NormAttrs attrs;
  attrs.axis = first_axis(l, -1);
  l.op.attrs = attrs;
  std::vector<Dim> extents;
  for (const std::int64_t axis : l.list("axis")) extents.push_back(l.in().at(axis));
  if (extents.empty()) extents.push_back(l.in().at(-1));
  l.input(0);
  if (l.flag("scale", true)) NNGAUGE_CHECK(l.weight("gamma", OperandRole::kNorm, Shape(extents)));
  if (l.flag("center", true)) NNGAUGE_CHECK(l.weight("beta", OperandRole::kNorm, Shape(extents)));
  return l.emit();
}

Made rms_norm(Layer& l) {
  l.op.kind = K::kRMSNorm;
  NormAttrs attrs;
  attrs.axis = first_axis(l, -1);
  l.op.attrs = attrs;
  const Dim extent = l.in().at(attrs.axis);
  l.input(0);
  NNGAUGE_CHECK(l.weight("scale", OperandRole::kNorm, {extent}));
  return l.emit();
}

Made unit_norm(Layer& l) {
  NormAttrs attrs;
  attrs.axis = first_axis(l, -1);
  return l.emit(K::kL2Norm, {l.input_id(0)}, attrs);
}

Made group_norm(Layer& l) {
  l.op.kind = K::kGroupNorm;
  NormAttrs attrs;
  const bool first = first_axis(l, -1) == 1 && l.in().ranked() && l.in().rank() > 2;
  attrs.layout = first ? DataLayout::kChannelsFirst : DataLayout::kChannelsLast;
  attrs.groups = l.integer("groups", 32);
  const Dim channels = l.in().at(first ? 1 : -1);
  if (attrs.groups == -1 && channels.known()) attrs.groups = channels.value();
  l.op.attrs = attrs;
  l.input(0);
  if (l.flag("scale", true)) NNGAUGE_CHECK(l.weight("gamma", OperandRole::kNorm, {channels}));
  if (l.flag("center", true)) NNGAUGE_CHECK(l.weight("beta", OperandRole::kNorm, {channels}));
  return l.emit();
}

// --- pooling --------------------------------------------------------------------------------------------------------

Made pool(Layer& l) {
  const std::size_t axes = axes_of(l.type());
  PoolAttrs attrs;
  attrs.layout = l.layout();
  attrs.padding = padding_of(l);
  attrs.kernel = l.per_axis("pool_size", axes, 2);
  attrs.strides = l.per_axis("strides", axes, 0);
  if (std::any_of(attrs.strides.begin(), attrs.strides.end(), [](std::int64_t s) { return s < 1; }))
    attrs.strides = attrs.kernel;
  l.op.kind = contains(l.type(), "Average") ? K::kAveragePool : K::kMaxPool;
  l.op.attrs = std::move(attrs);
  l.input(0);
  return l.emit();
}

Made global_pool(Layer& l) {
  l.op.kind = contains(l.type(), "Average") ? K::kGlobalAveragePool : K::kGlobalMaxPool;
  PoolAttrs attrs;
  attrs.layout = l.layout();
  attrs.drop_spatial = !l.flag("keepdims", false);
  l.op.attrs = std::move(attrs);
  l.input(0);
  return l.emit();
}

// --- activations ----------------------------------------------------------------------------------------------------

Made activation(Layer& l) { return l.activate(l.input_id(0), l.text("activation", "linear")); }

Made function(Layer& l, OpKind kind) {
  l.op.kind = kind;
  l.input(0);
  return l.emit();
}

Made relu(Layer& l) {
  const double most = l.real("max_value", 0), slope = l.real("negative_slope", 0);
  return function(l, most > 5.999 && most < 6.001 ? K::kRelu6
                     : most > 0                   ? K::kClip
                     : slope > 0                  ? K::kLeakyRelu
                                                  : K::kRelu);
}
Made leaky_relu(Layer& l) { return function(l, K::kLeakyRelu); }
Made elu(Layer& l) { return function(l, K::kElu); }
Made thresholded_relu(Layer& l) { return function(l, K::kThresholdedRelu); }
Made identity(Layer& l) { return function(l, contains(l.type(), "Dropout") ? K::kDropout : K::kIdentity); }

Made prelu(Layer& l) {
  std::vector<Dim> dims;
  const std::vector<std::int64_t> shared = l.list("shared_axes");
  for (std::size_t i = 1; l.in().ranked() && i < l.in().rank(); ++i) {
    const bool one = std::find(shared.begin(), shared.end(), static_cast<std::int64_t>(i)) != shared.end();
    dims.push_back(one ? Dim(1) : l.in()[i]);
  }
  l.op.kind = K::kPRelu;
  l.input(0);
  NNGAUGE_CHECK(l.weight("alpha", OperandRole::kWeight, l.in().ranked() ? Shape(std::move(dims)) : Shape()));
  return l.emit();
}

Made softmax(Layer& l) {
  l.op.kind = K::kSoftmax;
  AxisAttrs attrs;
  attrs.axis = first_axis(l, -1);
  l.op.attrs = attrs;
  l.input(0);
  return l.emit();
}

// --- joins ----------------------------------------------------------------------------------------------------------

Made merge(Layer& l) {
  const std::string& type = l.type();
  const bool pair = l.input_count() == 2;
  if (type == "Add") l.op.kind = pair ? K::kAdd : K::kAddN;
  else if (type == "Subtract") l.op.kind = K::kSub;
  else if (type == "Multiply") l.op.kind = K::kMul;
  else if (type == "Average") l.op.kind = K::kMeanN;
  else l.op.kind = type == "Maximum" ? K::kMaximum : K::kMinimum;
  if (l.op.kind == K::kMul && l.input_count() > 2) {  // one after the other
    TensorId product = l.input_id(0);
    for (std::size_t i = 1; i < l.input_count(); ++i) {
      l.op.kind = K::kMul;
      l.op.inputs = {{product, OperandRole::kData}, {l.input_id(i), OperandRole::kData}};
      NNGAUGE_TRY(product, l.emit());
    }
    return product;
  }
  l.inputs();
  return l.emit();
}

Made concatenate(Layer& l) {
  l.op.kind = K::kConcat;
  AxisAttrs attrs;
  attrs.axis = l.integer("axis", -1);
  l.op.attrs = attrs;
  l.inputs();
  return l.emit();
}

// --- movement -------------------------------------------------------------------------------------------------------

Made flatten(Layer& l) {
  l.op.kind = K::kFlatten;
  AxisAttrs attrs;
  attrs.axis = 1;
  l.op.attrs = attrs;
  l.input(0);
  return l.emit();
}

Made reshape(Layer& l) {
  l.op.kind = K::kReshape;
  ReshapeAttrs attrs;
  attrs.has_shape = true;
  attrs.zero_copies = true;
  attrs.shape = l.list("target_shape");
  attrs.shape.insert(attrs.shape.begin(), 0);  // the batch stays
  l.op.attrs = std::move(attrs);
  l.input(0);
  return l.emit();
}

Made permute(Layer& l) {
  l.op.kind = K::kTranspose;
  TransposeAttrs attrs;
  attrs.perm = l.list("dims");
  attrs.perm.insert(attrs.perm.begin(), 0);
  l.op.attrs = std::move(attrs);
  l.input(0);
  return l.emit();
}

Made repeat_vector(Layer& l) {
  l.op.kind = K::kUnsqueeze;
  AxesAttrs attrs;
  attrs.axes = {1};
  attrs.has_axes = true;
  l.op.attrs = std::move(attrs);
  l.input(0);
  NNGAUGE_CHECK(l.then());
  l.op.kind = K::kTile;
  l.input(0);
  l.op.inputs.push_back({l.writer().add_integers({1, l.integer("n", 1), 1}), OperandRole::kConfig});
  return l.emit();
}

// Amounts per spatial axis: one number, one an axis, or two an axis.
std::vector<std::int64_t> borders(const Layer& l, const char* key, std::size_t axes) {
  const std::vector<std::int64_t> given = l.list(key);
  if (given.size() == 2 * axes) return given;
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < axes; ++i) {
    const std::int64_t both = given.empty() ? 1 : given.size() == axes ? given[i] : given[0];
    out.push_back(both);
    out.push_back(both);
  }
  return out;
}

Made zero_padding(Layer& l) {
  const std::size_t axes = axes_of(l.type()), rank = axes + 2;
  const std::vector<std::int64_t> amounts = borders(l, "padding", axes);
  const std::size_t first = l.layout() == DataLayout::kChannelsFirst ? 2 : 1;
  PadAttrs attrs;
  attrs.pads.assign(2 * rank, 0);
  for (std::size_t i = 0; i < axes; ++i) {
    attrs.pads[first + i] = amounts[2 * i];
    attrs.pads[rank + first + i] = amounts[2 * i + 1];
  }
  l.op.kind = K::kPad;
  l.op.attrs = std::move(attrs);
  l.input(0);
  return l.emit();
}

Made cropping(Layer& l) {
  const std::size_t axes = axes_of(l.type());
  const std::vector<std::int64_t> amounts = borders(l, "cropping", axes);
  const std::int64_t first = l.layout() == DataLayout::kChannelsFirst ? 2 : 1;
  SliceAttrs attrs;
  attrs.onnx_form = true;
  for (std::size_t i = 0; i < axes; ++i) {
    attrs.axes.push_back(first + static_cast<std::int64_t>(i));
    attrs.starts.push_back(amounts[2 * i]);
    attrs.ends.push_back(amounts[2 * i + 1] == 0 ? std::int64_t{1} << 40 : -amounts[2 * i + 1]);
  }
  l.op.kind = K::kSlice;
  l.op.attrs = std::move(attrs);
  l.input(0);
  return l.emit();
}

Made up_sampling(Layer& l) {
  const std::size_t axes = axes_of(l.type());
  const std::string how = l.text("interpolation", "nearest");
  l.op.kind = how == "bilinear" ? K::kResizeBilinear : how == "bicubic" ? K::kResizeCubic : K::kResizeNearest;
  ResizeAttrs attrs;
  attrs.layout = l.layout();
  const std::int64_t first = attrs.layout == DataLayout::kChannelsFirst ? 2 : 1;
  const std::vector<std::int64_t> sizes = l.per_axis("size", axes, 2);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    attrs.scales.push_back(static_cast<double>(sizes[i]));
    attrs.axes.push_back(first + static_cast<std::int64_t>(i));
  }
  l.op.attrs = std::move(attrs);
  l.input(0);
  return l.emit();
}

Made resizing(Layer& l) {
  const std::string how = l.text("interpolation", "bilinear");
  l.op.kind = how == "nearest" ? K::kResizeNearest : how == "bicubic" ? K::kResizeCubic : K::kResizeBilinear;
  ResizeAttrs attrs;
  attrs.layout = l.layout();
  const std::int64_t first = attrs.layout == DataLayout::kChannelsFirst ? 2 : 1;
  attrs.axes = {first, first + 1};
  attrs.sizes = {l.integer("height"), l.integer("width")};
  l.op.attrs = std::move(attrs);
  l.input(0);
  return l.emit();
}

// --- others ----------------------------------------------------------------------------------------------------------

// SpectralNormalization: at inference the layer inside, with the same weights.
Made wrapped_layer(Layer& l) {
  const Json& inner = part_of(l.config(), "layer");
  if (class_of(inner).empty() || is_model_class(class_of(inner))) return l.opaque();
  Layer one(l, "", class_of(inner), part_of(inner, "config"), {l.input_id(0)});
  return lower_layer(one);
}

// ConvNeXt: a learned factor for each channel.
Made layer_scale(Layer& l) {
  const std::int64_t channels = l.integer("projection_dim");
  if (channels < 1) return l.opaque();
  return l.emit(K::kMul, {l.input_id(0), l.variable("gamma|Variable|variable", 0, {channels})});
}

// Inception-ResNet: a sum whose second operand is scaled.
Made scaled_sum(Layer& l) {
  if (l.input_count() != 2) return l.opaque();
  NNGAUGE_TRY(const TensorId scaled, l.emit(K::kMul, {l.input_id(1), l.writer().add_scalar(l.real("scale", 1))}));
  return l.emit(K::kAdd, {l.input_id(0), scaled});
}

// Products of the samples' vectors: axes of the first and of the second operand.
Made dot(Layer& l) {
  const Shape a = l.in(0), b = l.in(1);
  std::vector<std::int64_t> axes = l.list("axes");
  if (axes.size() == 1) axes.push_back(axes[0]);
  if (axes.size() != 2 || !a.ranked() || !b.ranked() || a.rank() + b.rank() > 20) return l.opaque();
  std::string first, second, result;
  for (std::size_t i = 0; i < a.rank(); ++i) first += static_cast<char>('a' + i);
  for (std::size_t i = 0; i < b.rank(); ++i) second += i == 0 ? 'a' : static_cast<char>('a' + a.rank() + i);
  const std::int64_t x = axes[0] < 0 ? axes[0] + static_cast<std::int64_t>(a.rank()) : axes[0];
  const std::int64_t y = axes[1] < 0 ? axes[1] + static_cast<std::int64_t>(b.rank()) : axes[1];
  if (x < 1 || y < 1 || x >= static_cast<std::int64_t>(a.rank()) || y >= static_cast<std::int64_t>(b.rank()))
    return l.opaque();
  second[at(y)] = first[at(x)];
  for (const char letter : first) {
    if (letter != first[at(x)]) result += letter;
  }
  for (const char letter : second.substr(1)) {
    if (letter != second[at(y)]) result += letter;
  }
  EinsumAttrs attrs;
  const bool vectors = result.size() == 1;
  attrs.equation = first + "," + second + "->" + result;
  NNGAUGE_TRY(const TensorId made, l.emit(K::kEinsum, {l.input_id(0), l.input_id(1)}, std::move(attrs)));
  if (!vectors) return made;
  AxesAttrs column;
  column.axes = {1};
  column.has_axes = true;
  return l.emit(K::kUnsqueeze, {made}, std::move(column));
}

// Windows whose extents follow from the result's.
Made adaptive_pool(Layer& l) {
  const std::size_t axes = axes_of(l.type());
  const std::vector<std::int64_t> wanted = l.per_axis("output_size", axes, 1);
  PoolAttrs attrs;
  attrs.layout = l.layout();
  const std::int64_t first = attrs.layout == DataLayout::kChannelsFirst ? 2 : 1;
  for (std::size_t i = 0; i < axes; ++i) {
    const Dim extent = l.in().at(first + static_cast<std::int64_t>(i));
    const std::int64_t count = i < wanted.size() ? wanted[i] : 0;
    if (!extent.known() || count < 1 || extent.value() < count) return l.opaque();
    attrs.strides.push_back(extent.value() / count);
    attrs.kernel.push_back(extent.value() - (count - 1) * attrs.strides.back());
  }
  return l.emit(contains(l.type(), "Average") ? K::kAveragePool : K::kMaxPool, {l.input_id(0)}, std::move(attrs));
}

// A function of TensorFlow by its full name, or an indexing.
Made tensorflow_function(Layer& l) {
  const std::string stated = l.text("function");
  return lower_function(l, function_name(stated.empty() ? "getitem" : stated));
}

struct Row {
  std::string_view type;
  Made (*lower)(Layer&);
};

constexpr std::array kRows = {
    Row{"Conv1D", conv},
    Row{"Conv2D", conv},
    Row{"Conv3D", conv},
    Row{"Convolution2D", conv},
    Row{"Conv1DTranspose", conv_transpose},
    Row{"Conv2DTranspose", conv_transpose},
    Row{"Conv3DTranspose", conv_transpose},
    Row{"DepthwiseConv1D", depthwise_conv},
    Row{"DepthwiseConv2D", depthwise_conv},
    Row{"SeparableConv1D", separable_conv},
    Row{"SeparableConv2D", separable_conv},
    Row{"Dense", dense},
    Row{"Embedding", embedding},
    Row{"LSTM", recurrent},
    Row{"GRU", recurrent},
    Row{"SimpleRNN", recurrent},
    Row{"CuDNNLSTM", recurrent},
    Row{"CuDNNGRU", recurrent},
    Row{"BatchNormalization", batch_norm},
    Row{"SyncBatchNormalization", batch_norm},
    Row{"LayerNormalization", layer_norm},
    Row{"GroupNormalization", group_norm},
    Row{"Rescaling", scale_and_shift},
    Row{"MaxPooling1D", pool},
    Row{"MaxPooling2D", pool},
    Row{"MaxPooling3D", pool},
    Row{"AveragePooling1D", pool},
    Row{"AveragePooling2D", pool},
    Row{"AveragePooling3D", pool},
    Row{"GlobalMaxPooling1D", global_pool},
    Row{"GlobalMaxPooling2D", global_pool},
    Row{"GlobalMaxPooling3D", global_pool},
    Row{"GlobalAveragePooling1D", global_pool},
    Row{"GlobalAveragePooling2D", global_pool},
    Row{"GlobalAveragePooling3D", global_pool},
    Row{"Activation", activation},
    Row{"ReLU", relu},
    Row{"LeakyReLU", leaky_relu},
    Row{"PReLU", prelu},
    Row{"ELU", elu},
    Row{"ThresholdedReLU", thresholded_relu},
    Row{"Softmax", softmax},
    Row{"Dropout", identity},
    Row{"SpatialDropout1D", identity},
    Row{"SpatialDropout2D", identity},
    Row{"SpatialDropout3D", identity},
    Row{"AlphaDropout", identity},
    Row{"GaussianDropout", identity},
    Row{"GaussianNoise", identity},
    Row{"ActivityRegularization", identity},
    Row{"Masking", identity},
    Row{"Identity", identity},
    Row{"RandomFlip", identity},
    Row{"RandomRotation", identity},
    Row{"RandomZoom", identity},
    Row{"RandomTranslation", identity},
    Row{"RandomContrast", identity},
    Row{"CutMix", identity},
    Row{"MixUp", identity},
    Row{"AugMix", identity},
    Row{"RandAugment", identity},
    Row{"RandomGaussianBlur", identity},
    Row{"RandomErasing", identity},
    Row{"RandomColorDegeneration", identity},
    Row{"RandomColorJitter", identity},
    Row{"RandomPerspective", identity},
    Row{"RandomShear", identity},
    Row{"RandomPosterization", identity},
    Row{"RandomInvert", identity},
    Row{"RandomGrayscale", identity},
    Row{"RandomSharpness", identity},
    Row{"RandomSaturation", identity},
    Row{"RandomHue", identity},
    Row{"RandomBrightness", identity},
    Row{"RandomWidth", identity},
    Row{"RandomHeight", identity},
    Row{"Add", merge},
    Row{"Subtract", merge},
    Row{"Multiply", merge},
    Row{"Average", merge},
    Row{"Maximum", merge},
    Row{"Minimum", merge},
    Row{"Concatenate", concatenate},
    Row{"Flatten", flatten},
    Row{"Reshape", reshape},
    Row{"Permute", permute},
    Row{"RepeatVector", repeat_vector},
    Row{"ZeroPadding1D", zero_padding},
    Row{"ZeroPadding2D", zero_padding},
    Row{"ZeroPadding3D", zero_padding},
    Row{"Cropping1D", cropping},
    Row{"Cropping2D", cropping},
    Row{"Cropping3D", cropping},
    Row{"UpSampling1D", up_sampling},
    Row{"UpSampling2D", up_sampling},
    Row{"UpSampling3D", up_sampling},
    Row{"Resizing", resizing},
    Row{"TimeDistributed", time_distributed},
    Row{"RNN", recurrent_cells},
    Row{"ConvLSTM1D", convolutional_recurrent},
    Row{"ConvLSTM2D", convolutional_recurrent},
    Row{"ConvLSTM3D", convolutional_recurrent},
    Row{"EinsumDense", einsum_dense},
    Row{"MultiHeadAttention", multi_head_attention},
    Row{"GroupQueryAttention", grouped_attention},
    Row{"GroupedQueryAttention", grouped_attention},
    Row{"Attention", dot_attention},
    Row{"AdditiveAttention", dot_attention},
    Row{"Dot", dot},
    Row{"UnitNormalization", unit_norm},
    Row{"RMSNormalization", rms_norm},
    Row{"SpectralNormalization", wrapped_layer},
    Row{"LayerScale", layer_scale},
    Row{"CustomScaleLayer", scaled_sum},
    Row{"StochasticDepth", identity},
    Row{"AdaptiveAveragePooling1D", adaptive_pool},
    Row{"AdaptiveAveragePooling2D", adaptive_pool},
    Row{"AdaptiveAveragePooling3D", adaptive_pool},
    Row{"AdaptiveMaxPooling1D", adaptive_pool},
    Row{"AdaptiveMaxPooling2D", adaptive_pool},
    Row{"AdaptiveMaxPooling3D", adaptive_pool},
    Row{"Normalization", normalise_features},
    Row{"CenterCrop", centre_crop},
    Row{"RandomCrop", centre_crop},
    Row{"CategoryEncoding", encode_category},
    Row{"Discretization", discretise},
    Row{"Hashing", look_up_index},
    Row{"IntegerLookup", look_up_index},
    Row{"StringLookup", look_up_index},
    Row{"TextVectorization", vectorise_text},
    Row{"TFOpLambda", tensorflow_function},
    Row{"SlicingOpLambda", tensorflow_function},
    Row{"Bidirectional", bidirectional},
};

}  // namespace

const Json& part_of(const Json& config, const char* key) {
  static const Json kNone = Json::object();
  if (!config.is_object()) return kNone;
  const auto found = config.find(key);
  return found != config.end() && found->is_object() ? *found : kNone;
}

std::string class_of(const Json& layer) {
  if (!layer.is_object() || !layer.contains("class_name") || !layer["class_name"].is_string()) return "";
  const std::string type = layer["class_name"].get<std::string>();
  return type.substr(type.rfind('>') == std::string::npos ? 0 : type.rfind('>') + 1);
}

bool is_model_class(const std::string& type) {
  return type == "Sequential" || type == "Functional" || type == "Model" || type == "Network";
}

std::int64_t first_axis(const Layer& l, std::int64_t fallback) {
  const std::vector<std::int64_t> axes = l.list("axis");
  return axes.empty() ? fallback : axes[0];
}

Result<TensorId> lower_layer(Layer& layer) {
  if (layer.site().depth > kMostLayersInside) return make_error(ErrorCode::kTooLarge, "layers are nested too deeply");
  // Classes of packages: "keras.layers>Conv2D", "Custom>MyLayer".
  const std::string type =
      layer.type().substr(layer.type().rfind('>') == std::string::npos ? 0 : layer.type().rfind('>') + 1);
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.type == type; });
  if (row == kRows.end() || layer.input_id(0) == kNoTensor) return layer.opaque();
  ++layer.site().depth;
  Result<TensorId> result = row->lower(layer);
  --layer.site().depth;
  return result;
}

}  // namespace nngauge::keras
