// SPDX-License-Identifier: Apache-2.0
// Convolutions of one to three axes, plain, grouped, transposed, deformable.
#include <algorithm>

#include "parsers/ncnn/layers.h"

namespace nngauge::ncnn {
namespace {

constexpr std::int64_t kSameUpper = -233, kSameLower = -234;

// The geometry keys of a layer type, outermost axis first. Keys of the width hold for all axes that state nothing.
struct Window {
  std::size_t axes = 2;
  Ints kernel, dilations, strides;
  Ints begins, ends;
};

std::size_t axes_of(const std::string& type) { return type.ends_with("3D") ? 3 : type.ends_with("1D") ? 1 : 2; }

Window read_window(const LayerView& v) {
  Window w;
  const std::string& type = v.layer().type;
  w.axes = type == "DeformableConv2D" ? 2 : axes_of(type);
  const auto both = [&](int width_key, int height_key, int depth_key, std::int64_t fallback) {
    const std::int64_t width = v.integer(width_key, fallback);
    Ints out;
    if (w.axes == 3) out.push_back(v.integer(depth_key, width));
    if (w.axes >= 2) out.push_back(v.integer(height_key, width));
    out.push_back(width);
    return out;
  };
  w.kernel = both(1, 11, 21, 0);
  w.dilations = both(2, 12, 22, 1);
  w.strides = both(3, 13, 23, 1);
  const std::int64_t left = v.integer(4, 0), right = v.integer(15, left);
  const std::int64_t top = v.integer(14, left), bottom = v.integer(16, top);
  const std::int64_t front = v.integer(24, left), behind = v.integer(17, front);
  if (w.axes == 3) w.begins.push_back(front), w.ends.push_back(behind);
  if (w.axes >= 2) w.begins.push_back(top), w.ends.push_back(bottom);
  w.begins.push_back(left), w.ends.push_back(right);
  return w;
}

bool all_are(const Ints& values, std::int64_t what) {
  return std::all_of(values.begin(), values.end(), [&](std::int64_t value) { return value == what; });
}

ConvAttrs attributes_of(const Window& w) {
  ConvAttrs attrs;
  attrs.kernel = w.kernel;
  attrs.dilations = w.dilations;
  attrs.strides = w.strides;
  Ints pads = w.begins;
  pads.insert(pads.end(), w.ends.begin(), w.ends.end());
  if (all_are(pads, kSameUpper)) attrs.padding = PaddingMode::kSameUpper;
  else if (all_are(pads, kSameLower)) attrs.padding = PaddingMode::kSameLower;
  else attrs.pads = std::move(pads);
  return attrs;
}

// Stored elements / (outputs x taps): the channels that one output sees.
Result<std::int64_t> channels_seen(const LayerView& v, const Window& w, std::int64_t outputs) {
  const std::int64_t stored = v.integer(6);
  Count taps = Count::from_signed(outputs);
  for (const std::int64_t extent : w.kernel) taps *= Count::from_signed(extent);
  const bool bad = taps.overflowed() || taps.value() == 0 || stored < 1;
  if (bad || static_cast<std::uint64_t>(stored) % taps.value() != 0) {
    std::string kernel;
    for (const std::int64_t extent : w.kernel) kernel += " x " + std::to_string(extent);
    return make_error(ErrorCode::kInvalidAttribute, "weight_data_size " + std::to_string(stored) +
                                                        " is no multiple of " + std::to_string(outputs) + kernel);
  }
  return stored / static_cast<std::int64_t>(taps.value());
}

OpKind plain_kind(std::size_t axes, bool depthwise) {
  constexpr OpKind kPlain[] = {OpKind::kConv1D, OpKind::kConv2D, OpKind::kConv3D};
  constexpr OpKind kDepthwise[] = {OpKind::kDepthwiseConv1D, OpKind::kDepthwiseConv2D, OpKind::kDepthwiseConv3D};
  return (depthwise ? kDepthwise : kPlain)[axes - 1];
}

Shape filter_shape(std::int64_t first, std::int64_t second, const Ints& kernel) {
  std::vector<Dim> dims = {first, second};
  dims.insert(dims.end(), kernel.begin(), kernel.end());
  return Shape(std::move(dims));
}

Status add_bias_and_scales(LayerView& v) {
  const std::int64_t outputs = v.integer(0);
  NNGAUGE_CHECK(v.weight(Part::kBias, OperandRole::kBias, {outputs}));
  for (const Part part : {Part::kWeightScale, Part::kInputScale, Part::kOutputScale}) {
    if (const WeightBlob* blob = v.find(part))
      NNGAUGE_CHECK(v.weight(part, OperandRole::kQuant, {static_cast<std::int64_t>(blob->elements)}));
  }
  return ok();
}

Result<std::int64_t> groups_of(const LayerView& v) {
  const std::int64_t groups = v.integer(7, 1);
  if (groups < 1 || v.integer(0) < 1 || v.integer(0) % groups != 0) {
    return make_error(ErrorCode::kInvalidAttribute,
                      std::to_string(groups) + " groups do not divide " + std::to_string(v.integer(0)) + " outputs");
  }
  return groups;
}

// A picture without channels is a picture with one.
Status add_channel_axis(LayerView& v, std::size_t axes) {
  if (v.dims(0) != axes || axes < 2) {
    v.input(0);
    return ok();
  }
  Op unsqueeze;
  unsqueeze.kind = OpKind::kUnsqueeze;
  AxesAttrs attrs;
  attrs.axes = {1};
  attrs.has_axes = true;
  unsqueeze.attrs = attrs;
  v.input(0);
  unsqueeze.inputs = std::move(v.op.inputs);
  v.op.inputs.clear();
  NNGAUGE_TRY(const TensorId picture, v.step(std::move(unsqueeze)));
  v.operand(picture);
  return ok();
}

// A 1x1 convolution of a vector is a dense layer.
Status lower_as_dense(LayerView& v, std::int64_t seen) {
  v.op.kind = OpKind::kDense;
  DenseAttrs attrs;
  attrs.transpose_b = true;
  attrs.flatten_axis = 1;
  v.op.attrs = attrs;
  v.input(0);
  NNGAUGE_CHECK(v.weight(Part::kWeight, OperandRole::kWeight, {v.integer(0), seen}));
  return add_bias_and_scales(v);
}

}  // namespace

Status lower_convolution(LayerView& v) {
  v.activation(9, 10);
  if (v.integer(19) != 0) {
    v.opaque();  // the filter is computed; its extents are known to nobody
    return ok();
  }
  const Window w = read_window(v);
  NNGAUGE_TRY(const std::int64_t groups, groups_of(v));
  NNGAUGE_TRY(const std::int64_t seen, channels_seen(v, w, v.integer(0)));
  if (w.axes == 2 && v.dims(0) == 1 && all_are(w.kernel, 1) && groups == 1) return lower_as_dense(v, seen);
  const bool depthwise = groups > 1 && seen == 1;
  v.op.kind = plain_kind(w.axes, depthwise);
  ConvAttrs attrs = attributes_of(w);
  attrs.groups = groups;
  v.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(add_channel_axis(v, w.axes));
  NNGAUGE_CHECK(v.weight(Part::kWeight, OperandRole::kWeight, filter_shape(v.integer(0), seen, w.kernel)));
  return add_bias_and_scales(v);
}

Status lower_deconvolution(LayerView& v) {
  v.activation(9, 10);
  if (v.integer(28) != 0) {
    v.opaque();
    return ok();
  }
  const Window w = read_window(v);
  NNGAUGE_TRY(const std::int64_t groups, groups_of(v));
  const std::int64_t outputs = v.integer(0) / groups;
  // Stored elements / (outputs of a group x taps): all channels of the input, group by group.
  NNGAUGE_TRY(const std::int64_t channels, channels_seen(v, w, outputs));
  constexpr OpKind kKinds[] = {OpKind::kConvTranspose1D, OpKind::kConvTranspose2D, OpKind::kConvTranspose3D};
  v.op.kind = kKinds[w.axes - 1];
  ConvAttrs attrs = attributes_of(w);
  attrs.groups = groups;
  const std::int64_t extra = v.integer(18), extra_height = v.integer(19, extra), extra_depth = v.integer(20, extra);
  if (w.axes == 3) attrs.output_padding = {extra_depth, extra_height, extra};
  else if (w.axes == 2) attrs.output_padding = {extra_height, extra};
  else attrs.output_padding = {extra};
  // In three axes keys 20 and further are taken by the depth.
  const std::int64_t width = w.axes < 3 ? v.integer(20) : v.integer(25);
  const std::int64_t height = w.axes < 3 ? v.integer(21, width) : v.integer(26);
  if (w.axes == 2 && width > 0 && height > 0) attrs.output_shape = {height, width};
  if (w.axes == 1 && width > 0) attrs.output_shape = {width};
  // "Same" padding only cuts to a stated size; without one nothing is cut.
  if (attrs.padding != PaddingMode::kExplicit) attrs.padding = PaddingMode::kExplicit;
  v.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(add_channel_axis(v, w.axes));
  NNGAUGE_CHECK(v.weight(Part::kWeight, OperandRole::kWeight, filter_shape(outputs, channels, w.kernel)));
  return add_bias_and_scales(v);
}

Status lower_deformable(LayerView& v) {
  v.activation(9, 10);
  const Window w = read_window(v);
  NNGAUGE_TRY(const std::int64_t seen, channels_seen(v, w, v.integer(0)));
  v.op.kind = OpKind::kDeformConv2D;
  v.op.attrs = attributes_of(w);
  v.input(0);
  NNGAUGE_CHECK(v.weight(Part::kWeight, OperandRole::kWeight, filter_shape(v.integer(0), seen, w.kernel)));
  v.input(1);
  if (!v.find(Part::kBias)) v.absent();
  NNGAUGE_CHECK(v.weight(Part::kBias, OperandRole::kBias, {v.integer(0)}));
  if (v.bottoms() > 2) v.input(2);
  return ok();
}

}  // namespace nngauge::ncnn
