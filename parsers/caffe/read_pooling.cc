// SPDX-License-Identifier: Apache-2.0
// Pooling of windows, of pyramids and of regions; unpooling.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "caffe.pb.h"
#include "parsers/caffe/readers.h"

namespace nngauge::caffe_format {
namespace {

enum class Pool { kMax, kAverage };

// Stochastic pooling is an average, weighted by the values, at inference.
template <class Param>
Pool pool_of(const Param& param) {
  if (param.has_pool_word()) return param.pool_word() == "MAX" ? Pool::kMax : Pool::kAverage;
  return param.pool() == 0 ? Pool::kMax : Pool::kAverage;
}

PoolAttrs window(LayerReader& r, const caffe::PoolingParameter& param) {
  PoolAttrs attrs;
  const bool sides = param.has_kernel_h() || param.has_kernel_w();
  attrs.kernel = sides ? Ints{param.kernel_h(), param.kernel_w()} : Ints{param.kernel_size(), param.kernel_size()};
  if (attrs.kernel[0] == 0 || attrs.kernel[1] == 0) r.fail(ErrorCode::kInvalidAttribute, "kernel_size is missing or 0");
  const bool strides = param.has_stride_h() || param.has_stride_w();
  attrs.strides = strides
                      ? Ints{param.has_stride_h() ? param.stride_h() : 1, param.has_stride_w() ? param.stride_w() : 1}
                      : Ints{param.stride(), param.stride()};
  const bool pads = param.has_pad_h() || param.has_pad_w();
  attrs.pads = pads ? Ints{param.pad_h(), param.pad_w(), param.pad_h(), param.pad_w()} : Ints(4, param.pad());
  attrs.count_include_pad = true;
  const bool floor = param.round_mode() == 1 || param.round_mode_word() == "FLOOR" || !param.ceil_mode();
  attrs.ceil_mode = !floor;
  // The last window is taken back only where there is padding.
  attrs.keep_outer_window = attrs.ceil_mode && attrs.pads[0] == 0 && attrs.pads[1] == 0;
  return attrs;
}

}  // namespace

void read_pooling(LayerReader& r) {
  const auto& param = r.layer().pooling_param();
  const bool max = pool_of(param) == Pool::kMax;
  r.bottom(0);
  if (param.global_pooling()) {
    r.op().kind = max ? OpKind::kGlobalMaxPool : OpKind::kGlobalAveragePool;
    return;
  }
  r.op().kind = max ? OpKind::kMaxPool : OpKind::kAveragePool;
  r.op().attrs = window(r, param);
}

// Pools of 1, 2, 4 … bins a side, each flattened, joined: what Caffe builds of it.
void read_spp(LayerReader& r) {
  const auto& param = r.layer().spp_param();
  const bool max = pool_of(param) == Pool::kMax;
  Ints bins(param.spatial_bin().begin(), param.spatial_bin().end());
  constexpr std::uint32_t kMostLevels = 12;
  for (std::uint32_t level = 0; bins.empty() || (param.spatial_bin_size() == 0 && level < param.pyramid_height());
       ++level) {
    if (param.pyramid_height() == 0 || param.pyramid_height() > kMostLevels)
      return r.fail(ErrorCode::kInvalidAttribute, fmt::format("pyramid_height is {}", param.pyramid_height()));
    bins.push_back(std::int64_t{1} << level);
  }
  const Dim height = r.in(0).at(2), width = r.in(0).at(3);
  constexpr std::int64_t kMostExtent = std::int64_t{1} << 40;
  if (!height.known() || !width.known() || height.value() > kMostExtent || width.value() > kMostExtent ||
      bins.size() > kMostLevels)
    return r.opaque(r.layer().type(), "the extents that a pyramid is laid over are not known");
  std::vector<Operand> parts;
  for (const std::int64_t count : bins) {
    if (count < 1) return r.fail(ErrorCode::kInvalidAttribute, fmt::format("a level has {} bins", count));
    PoolAttrs attrs;
    for (const Dim extent : {height, width}) {
      const std::int64_t kernel = extent.value() / count + (extent.value() % count != 0 ? 1 : 0);
      attrs.kernel.push_back(kernel);
      attrs.pads.push_back((kernel * count - extent.value() + 1) / 2);
    }
    attrs.strides = attrs.kernel;
    attrs.pads.insert(attrs.pads.end(), {attrs.pads[0], attrs.pads[1]});
    attrs.ceil_mode = true;
    attrs.keep_outer_window = attrs.pads[0] == 0 && attrs.pads[1] == 0;
    attrs.count_include_pad = true;
    const TensorId pooled =
        r.step(max ? OpKind::kMaxPool : OpKind::kAveragePool, attrs, {{r.bottom_id(0), OperandRole::kData}});
    AxisAttrs flatten;
    flatten.axis = 1;
    parts.push_back({r.step(OpKind::kFlatten, flatten, {{pooled, OperandRole::kData}}), OperandRole::kData});
  }
  AxisAttrs concat;
  concat.axis = 1;
  r.op().kind = OpKind::kConcat;
  r.op().attrs = concat;
  r.op().inputs = std::move(parts);
}

// Values go back to where a pooling found them: bottoms are values and places.
void read_unpooling(LayerReader& r) {
  PoolAttrs attrs = window(r, r.layer().pooling_param());
  if (r.bottom_count() < 2) return r.opaque(r.layer().type(), "unpooling without the places of a pooling");
  r.op().attrs = attrs;
  r.bottom(0);
  r.bottom(1);
}

// One name, two layers: SegNet's unpooling with places, darknet's repetition of pixels.
void read_upsample(LayerReader& r) {
  const auto& param = r.layer().upsample_param();
  const Shape in = r.in(0);
  const double scale = param.has_scale() ? param.scale() : param.has_stride() ? param.stride() : 2;
  if (!(scale >= 1 && scale <= 1024)) return r.fail(ErrorCode::kInvalidAttribute, fmt::format("scale is {}", scale));
  const auto side = [&](Dim extent, std::uint32_t stated, std::uint32_t own_scale, bool pad_out) {
    if (stated > 0) return Dim(std::int64_t{stated});
    if (!extent.known() || extent.value() > (std::int64_t{1} << 40)) return Dim::unknown();
    const double factor = own_scale > 0 && own_scale <= 1024 ? own_scale : scale;
    return Dim(static_cast<std::int64_t>(std::floor(static_cast<double>(extent.value()) * factor)) - (pad_out ? 1 : 0));
  };
  const Dim height =
      side(in.at(2), param.upsample_h() > 0 ? param.upsample_h() : param.height(), param.scale_h(), param.pad_out_h());
  const Dim width =
      side(in.at(3), param.upsample_w() > 0 ? param.upsample_w() : param.width(), param.scale_w(), param.pad_out_w());
  r.bottom(0);
  if (r.bottom_count() >= 2) {
    r.op().kind = OpKind::kMaxUnpool;
    PoolAttrs attrs;
    attrs.kernel = attrs.strides = {2, 2};
    r.op().attrs = attrs;
    r.bottom(1);
    r.constant("shape", Value::of_ints({in.at(0), in.at(1), height, width}));
    return;
  }
  r.op().kind = OpKind::kResizeNearest;
  ResizeAttrs attrs;
  if (height.known() && width.known()) attrs.sizes = {height.value(), width.value()};
  else attrs.scales = {scale, scale};
  r.op().attrs = attrs;
}

namespace {

// Regions are [count, 5]; old files give them two further axes of extent 1.
void add_regions(LayerReader& r) {
  const Shape regions = r.in(1);
  if (!regions.ranked() || regions.rank() == 2) return r.bottom(1);
  ReshapeAttrs attrs;
  attrs.has_shape = true;
  attrs.shape = {-1, 5};
  r.op().inputs.push_back(
      {r.step(OpKind::kReshape, attrs, {{r.bottom_id(1), OperandRole::kData}}), OperandRole::kData});
}

template <class Param>
void add_pooled(LayerReader& r, const Param& param, std::int64_t samples) {
  CustomAttrs attrs;
  attrs.pooled_height = param.pooled_h();
  attrs.pooled_width = param.pooled_w();
  attrs.sampling_ratio = samples;
  r.op().attrs = attrs;
  r.bottom(0);
  add_regions(r);
}

}  // namespace

void read_roi_pooling(LayerReader& r) { add_pooled(r, r.layer().roi_pooling_param(), 0); }
void read_roi_align(LayerReader& r) {
  add_pooled(r, r.layer().roi_align_param(), r.layer().roi_align_param().sample_num());
}

// Each cell of a region averages its own group of channels.
void read_psroi_pooling(LayerReader& r) {
  const auto& param = r.layer().psroi_pooling_param();
  r.opaque(r.layer().type(), "how large the regions are stands in the data");
  r.declare_top({r.in(1).at(0), param.output_dim(), param.group_size(), param.group_size()});
}

}  // namespace nngauge::caffe_format
