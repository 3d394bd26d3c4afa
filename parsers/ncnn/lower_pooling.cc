// SPDX-License-Identifier: Apache-2.0
// Pooling of one to three axes, pyramids, statistics, regions.
#include <algorithm>

#include "parsers/ncnn/layers.h"

namespace nngauge::ncnn {
namespace {

std::size_t axes_of(const std::string& type) { return type.ends_with("3D") ? 3 : type.ends_with("1D") ? 1 : 2; }

// One entry per axis, outermost first; what is not stated is as for the width.
Ints per_axis(const LayerView& v, std::size_t axes, int width_key, int height_key, int depth_key,
              std::int64_t fallback) {
  const std::int64_t width = v.integer(width_key, fallback);
  Ints out;
  if (axes == 3) out.push_back(v.integer(depth_key, width));
  if (axes >= 2) out.push_back(v.integer(height_key, width));
  out.push_back(width);
  return out;
}

// Windows that split each axis into a given number of parts: stride floor(in / out), the kernel covers the rest. Where
// `out` does not divide `in`, windows differ by one element; this one is the largest.
Status lower_adaptive(LayerView& v, std::size_t axes, bool average) {
  const Ints outs = per_axis(v, axes, 8, 18, 28, 0);
  PoolAttrs attrs;
  for (std::size_t i = 0; i < axes; ++i) {
    const Dim in = v.in(0).at(static_cast<std::int64_t>(i) - static_cast<std::int64_t>(axes));
    if (!in.known()) {
      v.opaque();
      return ok();
    }
    const std::int64_t out = outs[i] == kUnset ? in.value() : outs[i];
    if (out < 1 || out > in.value()) {
      return make_error(out < 1 ? ErrorCode::kInvalidAttribute : ErrorCode::kShapeMismatch,
                        "an axis of " + std::to_string(in.value()) + " is pooled to " + std::to_string(out));
    }
    const std::int64_t stride = in.value() / out;
    attrs.strides.push_back(stride);
    attrs.kernel.push_back(in.value() - (out - 1) * stride);
  }
  v.op.kind = average ? OpKind::kAveragePool : OpKind::kMaxPool;
  v.op.attrs = std::move(attrs);
  return ok();
}

}  // namespace

Status lower_pooling(LayerView& v) {
  const std::size_t axes = axes_of(v.layer().type);
  const bool average = v.integer(0) == 1;
  v.input(0);
  if (v.integer(4) != 0) {
    v.op.kind = average ? OpKind::kGlobalAveragePool : OpKind::kGlobalMaxPool;
    PoolAttrs attrs;
    attrs.drop_spatial = true;
    v.op.attrs = std::move(attrs);
    return ok();
  }
  if (v.integer(7) != 0) return lower_adaptive(v, axes, average);
  PoolAttrs attrs;
  attrs.kernel = per_axis(v, axes, 1, 11, 21, 0);
  attrs.strides = per_axis(v, axes, 2, 12, 22, 1);
  const std::int64_t left = v.integer(3), right = v.integer(14, left), top = v.integer(13, left),
                     bottom = v.integer(15, top), front = v.integer(23, left), behind = v.integer(16, front);
  if (axes == 3) attrs.pads = {front, top, left, behind, bottom, right};
  else if (axes == 2) attrs.pads = {top, left, bottom, right};
  else attrs.pads = {left, right};
  attrs.count_include_pad = v.integer(6) != 0;
  switch (v.integer(5)) {
    case 0:  // padded at the end up to a whole window
      attrs.ceil_mode = attrs.keep_outer_window = true;
      break;
    case 1:
      break;
    case 2:
      attrs.padding = PaddingMode::kSameUpper;
      break;
    case 3:
      attrs.padding = PaddingMode::kSameLower;
      break;
    default:
      return make_error(ErrorCode::kInvalidAttribute, "pad_mode is " + std::to_string(v.integer(5)));
  }
  v.op.kind = average ? OpKind::kAveragePool : OpKind::kMaxPool;
  v.op.attrs = std::move(attrs);
  return ok();
}

// Pools over 1, 2 x 2, 4 x 4 … parts of the picture, all in one vector.
Status lower_spp(LayerView& v) {
  const std::int64_t levels = std::clamp<std::int64_t>(v.integer(1, 1), 0, 16);
  std::int64_t parts = 0;
  for (std::int64_t level = 0; level < levels; ++level) parts += std::int64_t{1} << (2 * level);
  const Dim channels = v.in(0).at(1);
  const bool small = channels.known() && channels.value() < (1 << 24);
  v.opaque({{v.batch(), small ? Dim(channels.value() * parts) : Dim::unknown()}});
  return ok();
}

Status lower_statistics_pooling(LayerView& v) {
  const Dim channels = v.in(0).at(1);
  const bool small = channels.known() && channels.value() < (1 << 24);
  const std::int64_t statistics = v.integer(0) != 0 ? 2 : 1;
  v.opaque({{v.batch(), small ? Dim(channels.value() * statistics) : Dim::unknown()}});
  return ok();
}

// One region at a time, so the result has as many maps as the input.
Status lower_roi(LayerView& v) {
  const bool position_sensitive = v.layer().type == "PSROIPooling";
  CustomAttrs attrs;
  attrs.pooled_width = v.integer(0);
  attrs.pooled_height = v.integer(1);
  if (position_sensitive) {
    v.opaque({{1, v.integer(3), attrs.pooled_height, attrs.pooled_width}});
    return ok();
  }
  v.op.kind = v.layer().type == "ROIAlign" ? OpKind::kRoiAlign : OpKind::kMaxRoiPool;
  if (v.layer().type == "ROIAlign") attrs.sampling_ratio = v.integer(3);
  v.op.attrs = std::move(attrs);
  v.inputs_from(0);
  return ok();
}

}  // namespace nngauge::ncnn
