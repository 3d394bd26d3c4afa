// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/pool_geometry.h"

#include <string>

#include "graph/ops/checks.h"

namespace nngauge {
namespace {

bool is_global(OpKind kind) {
  return kind == OpKind::kGlobalMaxPool || kind == OpKind::kGlobalAveragePool || kind == OpKind::kGlobalLpPool;
}

Status read_picture(const RuleContext& c, PoolGeometry& g) {
  const Shape& in = c.in(0);
  NNGAUGE_CHECK(check_rank(c, in, g.spatial.size() + 2, "input"));
  const bool first = g.layout == DataLayout::kChannelsFirst;
  g.batch = in.at(0);
  g.channels = in.at(first ? 1 : -1);
  for (std::size_t i = 0; i < g.spatial.size(); ++i) {
    g.spatial[i].in = in.at(static_cast<std::int64_t>(i) + (first ? 2 : 1));
  }
  return ok();
}

Result<PoolGeometry> global_geometry(const RuleContext& c, PoolGeometry g) {
  const Shape& in = c.in(0);
  if (!in.ranked()) return unknown("the rank of the input is not known");
  if (in.rank() < 2) {
    return make_error(ErrorCode::kShapeMismatch, "input " + c.text(in) + " has no batch and channels");
  }
  g.global = true;
  g.spatial.resize(in.rank() - 2);
  NNGAUGE_CHECK(read_picture(c, g));
  for (WindowAxis& axis : g.spatial) {
    axis.kernel = axis.in;
    axis.out = 1;
  }
  return g;
}

Result<PoolGeometry> window_geometry(const RuleContext& c, PoolGeometry g) {
  const auto& attrs = c.attrs<PoolAttrs>();
  const std::size_t axes = attrs.kernel.size();
  if (axes == 0) return make_error(ErrorCode::kInvalidAttribute, "the kernel is not given");
  NNGAUGE_TRY(const Ints kernel, per_axis(attrs.kernel, axes, 1, 1, "kernel"));
  NNGAUGE_TRY(const Ints strides, per_axis(attrs.strides, axes, 1, 1, "stride"));
  NNGAUGE_TRY(const Ints dilations, per_axis(attrs.dilations, axes, 1, 1, "dilation"));
  NNGAUGE_TRY(const Ints pads, padding_of(attrs.pads, axes, 0));
  g.spatial.resize(axes);
  NNGAUGE_CHECK(read_picture(c, g));
  const bool keep = attrs.keep_outer_window;
  const WindowEnd end = attrs.ceil_mode ? keep ? WindowEnd::kCeilUnbounded : WindowEnd::kCeil
                        : keep          ? WindowEnd::kTruncate
                                        : WindowEnd::kFloor;
  for (std::size_t i = 0; i < axes; ++i) {
    WindowAxis& axis = g.spatial[i];
    axis.kernel = kernel[i];
    axis.stride = strides[i];
    axis.dilation = dilations[i];
    axis.pad_begin = pads[i];
    axis.pad_end = pads[axes + i];
    NNGAUGE_CHECK(place_window(axis, attrs.padding, end));
  }
  return g;
}

}  // namespace

Shape PoolGeometry::output_shape() const {
  std::vector<Dim> dims = {batch};
  if (layout == DataLayout::kChannelsFirst) dims.push_back(channels);
  for (const WindowAxis& axis : spatial) dims.push_back(axis.out);
  if (layout == DataLayout::kChannelsLast) dims.push_back(channels);
  return Shape(std::move(dims));
}

Result<PoolGeometry> infer_pool_geometry(const RuleContext& c) {
  PoolGeometry g;
  g.layout = c.attrs<PoolAttrs>().layout;
  return is_global(c.kind()) ? global_geometry(c, std::move(g)) : window_geometry(c, std::move(g));
}

Result<PoolGeometry> pool_geometry(const RuleContext& c) {
  NNGAUGE_TRY(PoolGeometry g, infer_pool_geometry(c));
  const Shape& out = c.out(0);
  if (!out.ranked() || out.rank() != g.spatial.size() + 2) return g;
  const bool first = g.layout == DataLayout::kChannelsFirst;
  const auto fill = [](Dim& dim, Dim known) {
    if (!dim.known() && known.known()) dim = known;
  };
  fill(g.batch, out[0]);
  fill(g.channels, out.at(first ? 1 : -1));
  for (std::size_t i = 0; i < g.spatial.size(); ++i) fill(g.spatial[i].out, out[i + (first ? 2 : 1)]);
  return g;
}

}  // namespace nngauge
