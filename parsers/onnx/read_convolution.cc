// SPDX-License-Identifier: Apache-2.0
// Convolutions and pooling: ONNX's and those of com.microsoft.
#include <fmt/format.h>

#include "base/text.h"
#include "parsers/onnx/readers.h"

namespace nngauge::onnx_format {
namespace {

PaddingMode padding_mode(OpReader& r) {
  const std::string mode = r.text("auto_pad", "NOTSET");
  if (mode == "SAME_UPPER") return PaddingMode::kSameUpper;
  if (mode == "SAME_LOWER") return PaddingMode::kSameLower;
  if (mode == "VALID") return PaddingMode::kValid;
  if (mode != "NOTSET" && !mode.empty()) {
    r.fail(ErrorCode::kInvalidAttribute,
           fmt::format("auto_pad is {}, not NOTSET, SAME_UPPER, SAME_LOWER or VALID", in_quotes(mode)));
  }
  return PaddingMode::kExplicit;
}

// All begins, then all ends. Early exporters wrote one number an axis for both.
Ints read_pads(OpReader& r, const Ints& kernel) {
  const Ints written = r.ints("pads");
  Ints pads = written;
  const bool halves = r.opset() < 7 && written.size() == kernel.size();
  if (halves) pads.insert(pads.end(), written.begin(), written.end());
  return pads;
}

// Spatial axes, from whatever tells: the filter, the kernel, the strides, the picture. 0 where nothing does.
std::size_t spatial_rank(OpReader& r, const ConvAttrs& attrs, std::size_t filter) {
  const Tensor* weights = r.input(filter);
  if (weights != nullptr && weights->declared.ranked() && weights->declared.rank() > 2)
    return weights->declared.rank() - 2;
  for (const Ints* list : {&attrs.kernel, &attrs.strides, &attrs.dilations}) {
    if (!list->empty()) return list->size();
  }
  if (!attrs.pads.empty()) return attrs.pads.size() / 2;
  const Tensor* picture = r.input(0);
  return picture != nullptr && picture->declared.ranked() && picture->declared.rank() > 2 ? picture->declared.rank() - 2
                                                                                          : 0;
}

ConvAttrs conv_attrs(OpReader& r) {
  ConvAttrs attrs;
  attrs.padding = padding_mode(r);
  attrs.kernel = r.ints("kernel_shape");
  attrs.strides = r.ints("strides");
  attrs.dilations = r.ints("dilations");
  attrs.pads = read_pads(r, attrs.kernel);
  attrs.groups = r.integer("group", 1);
  return attrs;
}

bool is_depthwise(OpReader& r, const ConvAttrs& attrs, std::size_t filter) {
  const Tensor* weights = r.input(filter);
  if (weights == nullptr || !weights->declared.ranked() || attrs.groups <= 1) return false;
  return weights->declared.at(attrs.filter_layout == FilterLayout::kOutSpatialIn ? -1 : 1).is(1);
}

void choose_conv_kind(OpReader& r, const ConvAttrs& attrs, std::size_t filter) {
  static constexpr OpKind kPlain[] = {OpKind::kConv1D, OpKind::kConv2D, OpKind::kConv3D};
  static constexpr OpKind kDepthwise[] = {OpKind::kDepthwiseConv1D, OpKind::kDepthwiseConv2D, OpKind::kDepthwiseConv3D};
  const std::size_t rank = spatial_rank(r, attrs, filter);
  const std::size_t index = rank == 0 ? 1 : std::min<std::size_t>(rank, 3) - 1;
  r.op().kind = (is_depthwise(r, attrs, filter) ? kDepthwise : kPlain)[index];
}

// Operands of convolutions are weights and biases whoever makes them.
void conv_roles(OpReader& r) {
  r.role(1, OperandRole::kWeight);
  r.role(2, OperandRole::kBias);
}

PoolAttrs pool_attrs(OpReader& r) {
  PoolAttrs attrs;
  attrs.padding = padding_mode(r);
  attrs.kernel = r.ints("kernel_shape");
  attrs.strides = r.ints("strides");
  attrs.dilations = r.ints("dilations");
  attrs.pads = read_pads(r, attrs.kernel);
  attrs.ceil_mode = r.flag("ceil_mode");
  attrs.count_include_pad = r.flag("count_include_pad");
  if (attrs.kernel.empty()) r.fail(ErrorCode::kInvalidAttribute, "attribute \"kernel_shape\" is missing");
  return attrs;
}

DataLayout layout_of(bool channels_last) {
  return channels_last ? DataLayout::kChannelsLast : DataLayout::kChannelsFirst;
}

}  // namespace

FusedActivation fused_activation(std::string_view name) {
  if (name.empty()) return FusedActivation::kNone;
  if (name == "Relu") return FusedActivation::kRelu;
  if (name == "Tanh") return FusedActivation::kTanh;
  if (name == "Sigmoid") return FusedActivation::kSigmoid;
  return FusedActivation::kOther;
}

void read_conv(OpReader& r) {
  const ConvAttrs attrs = conv_attrs(r);
  choose_conv_kind(r, attrs, 1);
  conv_roles(r);
  r.op().attrs = attrs;
}

void read_fused_conv(OpReader& r) {
  read_conv(r);
  r.op().activation = fused_activation(r.text("activation"));
}

// Channels last. Writers disagree on the order of the filter's axes; the picture's channels tell, where they are known.
void read_nhwc_conv(OpReader& r) {
  ConvAttrs attrs = conv_attrs(r);
  attrs.layout = DataLayout::kChannelsLast;
  const Tensor* picture = r.input(0);
  const Tensor* weights = r.input(1);
  if (picture != nullptr && weights != nullptr && weights->declared.ranked()) {
    const Dim channels = picture->declared.at(-1);
    const Dim second = weights->declared.at(1);
    const Dim last = weights->declared.at(-1);
    const auto fits = [&](Dim extent) {
      return channels.known() && extent.known() && attrs.groups > 0 && channels.value() % attrs.groups == 0 &&
             extent.value() == channels.value() / attrs.groups;
    };
    if (!fits(second) && fits(last)) attrs.filter_layout = FilterLayout::kOutSpatialIn;
  }
  choose_conv_kind(r, attrs, 1);
  conv_roles(r);
  r.op().activation = fused_activation(r.text("activation"));
  r.op().attrs = attrs;
}

void read_qlinear_conv(OpReader& r) {
  ConvAttrs attrs = conv_attrs(r);
  attrs.layout = layout_of(r.flag("channels_last"));
  choose_conv_kind(r, attrs, 3);
  r.arrange({0, 3, 8}, {1, 2, 4, 5, 6, 7});
  conv_roles(r);
  r.op().attrs = attrs;
}

void read_conv_integer(OpReader& r) {
  const ConvAttrs attrs = conv_attrs(r);
  choose_conv_kind(r, attrs, 1);
  r.arrange({0, 1}, {2, 3});
  r.role(1, OperandRole::kWeight);
  r.op().attrs = attrs;
}

void read_conv_transpose(OpReader& r) {
  static constexpr OpKind kKinds[] = {OpKind::kConvTranspose1D, OpKind::kConvTranspose2D, OpKind::kConvTranspose3D};
  ConvAttrs attrs = conv_attrs(r);
  attrs.filter_layout = FilterLayout::kInOutSpatial;
  attrs.output_padding = r.ints("output_padding");
  attrs.output_shape = r.ints("output_shape");
  const std::size_t rank = spatial_rank(r, attrs, 1);
  r.op().kind = kKinds[rank == 0 ? 1 : std::min<std::size_t>(rank, 3) - 1];
  // Some writers put the full shape there; only the spatial part of it is of use.
  if (rank > 0 && attrs.output_shape.size() == rank + 2)
    attrs.output_shape.erase(attrs.output_shape.begin(), attrs.output_shape.begin() + 2);
  conv_roles(r);
  r.op().attrs = attrs;
}

// X, W, offset, B?, mask?
void read_deform_conv(OpReader& r) {
  r.role(1, OperandRole::kWeight);
  r.role(3, OperandRole::kBias);
  r.op().attrs = conv_attrs(r);
}

void read_pool(OpReader& r) { r.op().attrs = pool_attrs(r); }

void read_nhwc_pool(OpReader& r) {
  PoolAttrs attrs = pool_attrs(r);
  attrs.layout = DataLayout::kChannelsLast;
  r.op().attrs = attrs;
}

void read_qlinear_pool(OpReader& r) {
  PoolAttrs attrs = pool_attrs(r);
  attrs.layout = layout_of(r.flag("channels_last"));
  r.arrange({0}, {1, 2, 3, 4});
  r.op().attrs = attrs;
}

void read_global_pool(OpReader& r) { r.op().attrs = PoolAttrs(); }

void read_qlinear_global_pool(OpReader& r) {
  PoolAttrs attrs;
  attrs.layout = layout_of(r.flag("channels_last"));
  r.arrange({0}, {1, 2, 3, 4});
  r.op().attrs = attrs;
}

void read_max_roi_pool(OpReader& r) {
  CustomAttrs attrs;
  const Ints pooled = r.ints("pooled_shape");
  if (pooled.size() != 2) return r.fail(ErrorCode::kInvalidAttribute, "attribute \"pooled_shape\" has not two extents");
  attrs.pooled_height = pooled[0];
  attrs.pooled_width = pooled[1];
  r.role(1, OperandRole::kData);
  r.op().attrs = attrs;
}

void read_roi_align(OpReader& r) {
  CustomAttrs attrs;
  attrs.pooled_height = r.integer("output_height", 1);
  attrs.pooled_width = r.integer("output_width", 1);
  attrs.sampling_ratio = r.integer("sampling_ratio", 0);
  r.role(2, OperandRole::kConfig);
  r.op().attrs = attrs;
}

}  // namespace nngauge::onnx_format
