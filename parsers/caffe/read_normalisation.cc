// SPDX-License-Identifier: Apache-2.0
// Normalisations, learned scales and shifts.
#include <fmt/format.h>

#include "caffe.pb.h"
#include "parsers/caffe/readers.h"

namespace nngauge::caffe_format {
namespace {

// Extents of the axes [axis, axis + count) of bottom 0; count -1: to the end.
Shape covered_axes(const Shape& in, std::int64_t axis, std::int64_t count) {
  if (!in.ranked()) return {};
  const auto rank = static_cast<std::int64_t>(in.rank());
  if (axis < 0) axis += rank;
  const std::int64_t last = count < 0 ? rank : axis + count;
  if (axis < 0 || last > rank) return {};
  return Shape(std::vector<Dim>(in.dims().begin() + axis, in.dims().begin() + last));
}

BroadcastAttrs laid_from(const Shape& in, std::int64_t axis) {
  BroadcastAttrs attrs;
  attrs.legacy = true;
  attrs.axis = axis < 0 && in.ranked() ? axis + static_cast<std::int64_t>(in.rank()) : axis;
  return attrs;
}

}  // namespace

// Blobs: mean, variance, the factor that both are divided by (not learned); NVIDIA's fork: scale, shift.
void read_batch_norm(LayerReader& r) {
  const Dim channels = r.in(0).ranked() && r.in(0).rank() == 1 ? Dim(1) : r.channels();
  const bool affine = r.layer().batch_norm_param().scale_bias() || r.builder().stored_count(r.layer()).value_or(0) >= 5;
  r.bottom(0);
  if (affine) {
    r.weight(3, "scale", {channels}, OperandRole::kNorm);
    r.weight(4, "shift", {channels}, OperandRole::kNorm);
  } else {
    r.absent();
    r.absent();
  }
  r.weight(0, "mean", {channels}, OperandRole::kNorm);
  r.weight(1, "variance", {channels}, OperandRole::kNorm);
}

// SegNet's: scale, shift; others add mean and variance.
void read_bn(LayerReader& r) {
  r.bottom(0);
  r.weight(0, "scale", {r.channels()}, OperandRole::kNorm);
  r.weight(1, "shift", {r.channels()}, OperandRole::kNorm);
  if (r.builder().stored_count(r.layer()).value_or(0) < 4) return;
  r.weight(2, "mean", {r.channels()}, OperandRole::kNorm);
  r.weight(3, "variance", {r.channels()}, OperandRole::kNorm);
}

void read_scale(LayerReader& r) {
  const auto& param = r.layer().scale_param();
  const Shape in = r.in(0);
  const bool learned = r.bottom_count() == 1;
  const Shape scale = learned ? covered_axes(in, param.axis(), param.num_axes()) : r.in(1);
  if (learned && param.axis() == 1 && param.num_axes() == 1 && param.bias_term()) {
    r.bottom(0);
    r.weight(0, "scale", {r.channels()}, OperandRole::kNorm);
    return r.weight(1, "shift", {r.channels()}, OperandRole::kNorm);
  }
  r.op().kind = OpKind::kMul;
  r.op().attrs = laid_from(in, param.axis());
  r.bottom(0);
  if (learned) r.weight(0, "scale", scale, OperandRole::kNorm);
  else r.bottom(1);
  if (!param.bias_term() || r.failure()) return;
  const TensorId scaled = r.step(OpKind::kMul, r.op().attrs, r.op().inputs);
  r.op().kind = OpKind::kAdd;
  r.op().inputs = {{scaled, OperandRole::kData}};
  r.weight(learned ? 1 : 0, "shift", scale, OperandRole::kNorm);
}

void read_bias(LayerReader& r) {
  const auto& param = r.layer().bias_param();
  const Shape in = r.in(0);
  r.bottom(0);
  if (r.bottom_count() > 1) {
    r.op().kind = OpKind::kAdd;
    r.op().attrs = laid_from(in, param.axis());
    return r.bottom(1);
  }
  const bool channels = param.axis() == 1 && param.num_axes() == 1;
  r.op().kind = channels ? OpKind::kBiasAdd : OpKind::kAdd;
  if (!channels) r.op().attrs = laid_from(in, param.axis());
  r.weight(0, "bias", covered_axes(in, param.axis(), param.num_axes()), OperandRole::kBias);
}

void read_lrn(LayerReader& r) {
  const auto& param = r.layer().lrn_param();
  NormAttrs attrs;
  attrs.size = param.local_size();
  attrs.across_channels = param.norm_region_word() != "WITHIN_CHANNEL" && param.norm_region() != 1;
  r.op().attrs = attrs;
  r.bottom(0);
}

// An early name of the normalisation within each channel.
void read_lrn_map(LayerReader& r) {
  read_lrn(r);
  std::get<NormAttrs>(r.op().attrs).across_channels = false;
}

void read_mvn(LayerReader& r) {
  NormAttrs attrs;
  attrs.across_channels = r.layer().mvn_param().across_channels();
  r.op().attrs = attrs;
  r.bottom(0);
}

// Divided by the norm over the channels, at each place or over the whole picture, then scaled.
void read_normalize(LayerReader& r) {
  const auto& param = r.layer().norm_param();
  NormAttrs attrs;
  attrs.axis = 1;
  if (param.across_spatial()) attrs.axes = {1, 2, 3};
  else attrs.axes = {1};
  r.op().attrs = attrs;
  r.bottom(0);
  r.weight(0, "scale", param.channel_shared() ? Shape{1} : Shape{r.channels()}, OperandRole::kNorm);
}

}  // namespace nngauge::caffe_format
