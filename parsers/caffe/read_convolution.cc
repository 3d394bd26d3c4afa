// SPDX-License-Identifier: Apache-2.0
// Convolution, Deconvolution and their depthwise and deformable forms; locally connected layers.
#include <fmt/format.h>

#include <algorithm>

#include "caffe.pb.h"
#include "parsers/caffe/readers.h"

namespace nngauge::caffe_format {
namespace {

using Numbers = google::protobuf::RepeatedField<std::uint32_t>;

// One value for all axes or one for each.
Ints spread(LayerReader& r, const Numbers& given, std::size_t axes, std::int64_t fallback, const char* what) {
  if (given.empty()) return Ints(axes, fallback);
  if (given.size() == 1) return Ints(axes, given.Get(0));
  if (static_cast<std::size_t>(given.size()) != axes)
    r.fail(ErrorCode::kInvalidAttribute, fmt::format("{} has {} entries for {} axes", what, given.size(), axes));
  Ints out(given.begin(), given.end());
  out.resize(axes, fallback);
  return out;
}

struct Geometry {
  Ints kernel, strides, pads, dilations;
};

std::size_t spatial_axes(LayerReader& r, const caffe::ConvolutionParameter& param) {
  if (param.has_kernel_h() || param.has_kernel_w()) return 2;
  if (r.in(0).ranked() && r.in(0).rank() > 2) return r.in(0).rank() - 2;
  return param.kernel_size_size() > 1 ? static_cast<std::size_t>(param.kernel_size_size()) : 2;
}

Geometry geometry(LayerReader& r, const caffe::ConvolutionParameter& param, std::size_t axes) {
  Geometry g;
  if (param.has_kernel_h() || param.has_kernel_w()) {
    g.kernel = {param.kernel_h(), param.kernel_w()};
  } else if (param.kernel_size_size() > 0) {
    g.kernel = spread(r, param.kernel_size(), axes, 1, "kernel_size");
  } else {
    r.fail(ErrorCode::kInvalidAttribute, "kernel_size is missing");
  }
  const bool strides = param.has_stride_h() || param.has_stride_w();
  g.strides = strides ? Ints{param.has_stride_h() ? param.stride_h() : 1, param.has_stride_w() ? param.stride_w() : 1}
                      : spread(r, param.stride(), axes, 1, "stride");
  const bool pads = param.has_pad_h() || param.has_pad_w();
  g.pads = pads ? Ints{param.pad_h(), param.pad_w()} : spread(r, param.pad(), axes, 0, "pad");
  g.pads.insert(g.pads.end(), g.pads.begin(), g.pads.end());
  const bool dilations = param.has_dilation_h() || param.has_dilation_w();
  g.dilations = dilations
                    ? Ints{std::max<std::int64_t>(param.dilation_h(), 1), std::max<std::int64_t>(param.dilation_w(), 1)}
                    : spread(r, param.dilation(), axes, 1, "dilation");
  return g;
}

Dim per_group(Dim channels, std::int64_t groups) {
  return channels.known() && groups > 0 && channels.value() % groups == 0 ? Dim(channels.value() / groups)
                                                                          : Dim::unknown();
}

// Input channels, from the input or the stored filter.
Dim input_channels(LayerReader& r, std::int64_t groups, bool transposed) {
  if (r.channels().known()) return r.channels();
  const Blob* filter = r.builder().stored_blob(r.layer(), 0);
  if (filter == nullptr || filter->shape.rank() < 3) return Dim::unknown();
  const Dim stored = filter->shape[transposed ? 0 : 1];
  return transposed || !stored.known() || groups > 1'000'000 || stored.value() > 1'000'000
             ? stored
             : Dim(stored.value() * groups);
}

void add_convolution(LayerReader& r, bool transposed, bool depthwise) {
  const auto& param = r.layer().convolution_param();
  if (r.layer().top_size() != 1) return r.opaque(r.layer().type(), "one convolution of several pictures");
  const std::size_t axes = spatial_axes(r, param);
  if (param.axis() != 1 || axes < 1 || axes > 3)
    return r.opaque(r.layer().type(), fmt::format("a convolution over {} axes from axis {}", axes, param.axis() + 1));
  const Geometry g = geometry(r, param, axes);
  if (param.num_output() == 0) r.fail(ErrorCode::kInvalidAttribute, "num_output is missing or 0");
  if (param.group() == 0) r.fail(ErrorCode::kInvalidAttribute, "group is 0");
  if (r.failure()) return;
  ConvAttrs attrs;
  attrs.kernel = g.kernel, attrs.strides = g.strides, attrs.pads = g.pads, attrs.dilations = g.dilations;
  attrs.groups = param.group();
  attrs.num_output = param.num_output();
  const Dim channels = input_channels(r, attrs.groups, transposed);
  if (depthwise && attrs.groups == 1 && channels.known()) attrs.groups = channels.value();
  attrs.filter_layout = transposed ? FilterLayout::kInOutSpatial : FilterLayout::kOutInSpatial;
  std::vector<Dim> filter = {attrs.num_output, per_group(channels, attrs.groups)};
  if (transposed) filter = {channels, per_group(attrs.num_output, attrs.groups)};
  filter.insert(filter.end(), g.kernel.begin(), g.kernel.end());
  const bool each_channel = attrs.groups > 1 && channels.is(attrs.groups);
  const auto offset = static_cast<int>(axes) - 1;
  const OpKind first = transposed     ? OpKind::kConvTranspose1D
                       : each_channel ? OpKind::kDepthwiseConv1D
                                      : OpKind::kConv1D;
  r.op().kind = static_cast<OpKind>(static_cast<int>(first) + offset);
  r.op().attrs = attrs;
  r.bottom(0);
  r.weight(0, "weight", Shape(std::move(filter)), OperandRole::kWeight);
  if (param.bias_term()) r.weight(1, "bias", {attrs.num_output}, OperandRole::kBias);
}

}  // namespace

void read_convolution(LayerReader& r) { add_convolution(r, false, false); }
void read_deconvolution(LayerReader& r) { add_convolution(r, true, false); }
void read_depthwise(LayerReader& r) { add_convolution(r, false, true); }

// Bottoms: picture, offsets.
void read_deformable(LayerReader& r) {
  if (r.bottom_count() != 2) return r.opaque(r.layer().type(), "a deformable convolution without offsets of its own");
  add_convolution(r, false, false);
  if (r.failure() || r.op().inputs.size() < 2) return;
  r.op().kind = OpKind::kDeformConv2D;
  r.op().inputs.insert(r.op().inputs.begin() + 2, {r.bottom_id(1), OperandRole::kData});
}

namespace {

// A convolution computes the same number of products; its filter is seen without a shape, since the stored one holds
// one for each place.
void add_by_place(LayerReader& r, std::size_t index, const char* suffix, Shape expected, OperandRole role) {
  const Result<TensorId> stored = r.builder().weight(r.layer(), index, suffix, std::move(expected));
  if (!stored) return r.fail(stored.error());
  r.op().inputs.push_back({r.step(OpKind::kReshape, ReshapeAttrs{}, {{*stored, OperandRole::kData}}), role});
}

}  // namespace

// Filters of their own for each place: [outputs, taps, places], biases [outputs, places].
void read_local(LayerReader& r) {
  const auto& param = r.layer().local_param();
  if (param.num_output() == 0 || param.kernel_size() == 0 || param.stride() == 0)
    return r.fail(ErrorCode::kInvalidAttribute, "num_output, kernel_size or stride is missing or 0");
  const std::int64_t kernel = param.kernel_size(), stride = param.stride(), pad = param.pad();
  ConvAttrs attrs;
  attrs.kernel = {kernel, kernel};
  attrs.strides = {stride, stride};
  attrs.pads = Ints(4, pad);
  attrs.num_output = param.num_output();
  const Shape in = r.in(0);
  const auto places = [&](Dim extent) {
    const bool fits = extent.known() && extent.value() + 2 * pad >= kernel && extent.value() < (std::int64_t{1} << 30);
    return fits ? Dim((extent.value() + 2 * pad - kernel) / stride + 1) : Dim::unknown();
  };
  const auto too_small = [&](Dim extent) {
    return extent.known() && extent.value() < (std::int64_t{1} << 30) && extent.value() + 2 * pad < kernel;
  };
  if (too_small(in.at(2)) || too_small(in.at(3))) {
    return r.opaque(r.layer().type(),
                    fmt::format("a kernel of {} on an input of {} by {}: how a fork rounds that is its own", kernel,
                                in.at(2).value(), in.at(3).value()));
  }
  const Dim all = product_from({places(in.at(2)), places(in.at(3))}, 0);
  const Dim taps = kernel < 1'000'000 ? product_from({kernel * kernel, in.at(1)}, 0) : Dim::unknown();
  r.op().attrs = attrs;
  r.bottom(0);
  add_by_place(r, 0, "weight", {attrs.num_output, taps, all}, OperandRole::kWeight);
  if (param.bias_term()) add_by_place(r, 1, "bias", {attrs.num_output, all}, OperandRole::kBias);
}

}  // namespace nngauge::caffe_format
