// SPDX-License-Identifier: Apache-2.0
// Normalisations, scales and shifts. Channels are the outermost axis of a blob, whatever its rank.
#include "parsers/ncnn/layers.h"

namespace nngauge::ncnn {
namespace {

// [channels, 1, …]: laid over a tensor of the rank of bottom 0 along its axis 1.
Shape along_channels(const LayerView& v, std::int64_t channels) {
  std::vector<Dim> dims = {channels};
  for (std::size_t i = 1; i < v.dims(0); ++i) dims.emplace_back(1);
  return Shape(std::move(dims));
}

}  // namespace

Status lower_batch_norm(LayerView& v) {
  v.op.kind = OpKind::kBatchNorm;
  v.op.attrs = NormAttrs();
  v.input(0);
  for (const Part part : {Part::kScale, Part::kShift, Part::kMean, Part::kVariance})
    NNGAUGE_CHECK(v.weight(part, OperandRole::kNorm, {v.integer(0)}));
  return ok();
}

Status lower_scale(LayerView& v) {
  v.input(0);
  if (v.integer(0) == kUnset) {  // the factors are the second operand
    v.op.kind = OpKind::kMul;
    BroadcastAttrs attrs;
    attrs.legacy = true;
    attrs.axis = 0;
    v.op.attrs = attrs;
    v.input(1);
    return ok();
  }
  if (v.integer(1) == 0) {
    v.op.kind = OpKind::kMul;
    return v.weight(Part::kScale, OperandRole::kNorm, along_channels(v, v.integer(0)));
  }
  v.op.kind = OpKind::kBatchNorm;
  v.op.attrs = NormAttrs();
  NNGAUGE_CHECK(v.weight(Part::kScale, OperandRole::kNorm, {v.integer(0)}));
  return v.weight(Part::kShift, OperandRole::kNorm, {v.integer(0)});
}

Status lower_bias(LayerView& v) {
  v.op.kind = OpKind::kBiasAdd;
  v.input(0);
  return v.weight(Part::kBias, OperandRole::kBias, along_channels(v, v.integer(0)));
}

Status lower_instance_norm(LayerView& v) {
  const bool grouped = v.layer().type == "GroupNorm";
  v.op.kind = grouped ? OpKind::kGroupNorm : OpKind::kInstanceNorm;
  NormAttrs attrs;
  if (grouped) attrs.groups = v.integer(0, 1);
  v.op.attrs = attrs;
  v.input(0);
  const std::int64_t channels = v.integer(grouped ? 1 : 0);
  NNGAUGE_CHECK(v.weight(Part::kScale, OperandRole::kNorm, {channels}));
  return v.weight(Part::kShift, OperandRole::kNorm, {channels});
}

// Over the innermost axis, or the two innermost ones where these make up the scale's extent.
Status lower_layer_norm(LayerView& v) {
  const bool rms = v.layer().type == "RMSNorm";
  v.op.kind = rms ? OpKind::kRMSNorm : OpKind::kLayerNorm;
  const std::int64_t size = v.integer(0);
  const Dim width = v.in(0).at(-1), height = v.in(0).at(-2);
  const bool plane = v.dims(0) == 3 && width.known() && height.known() && !width.is(size) && width.value() > 0 &&
                     size % width.value() == 0 && height.is(size / width.value());
  NormAttrs attrs;
  attrs.axis = plane ? -2 : -1;
  v.op.attrs = attrs;
  v.input(0);
  if (width.known() && !width.is(size) && !plane) {
    return make_error(ErrorCode::kShapeMismatch,
                      "normalises " + std::to_string(size) + " elements, a row has " + std::to_string(width.value()));
  }
  const Shape shape = plane ? Shape{height, width} : Shape{size};
  NNGAUGE_CHECK(v.weight(Part::kScale, OperandRole::kNorm, shape));
  return v.weight(Part::kShift, OperandRole::kNorm, shape);
}

Status lower_normalize(LayerView& v) {
  v.op.kind = OpKind::kL2Norm;
  const bool across_spatial = v.integer(0) != 0, across_channels = v.integer(4, 1) != 0;
  NormAttrs attrs;
  attrs.axis = 1;
  const auto rank = static_cast<std::int64_t>(v.dims(0)) + 1;
  for (std::int64_t axis = 1; axis < rank; ++axis) {
    if (axis == 1 ? across_channels : across_spatial) attrs.axes.push_back(axis);
  }
  v.op.attrs = std::move(attrs);
  v.input(0);
  const std::int64_t scales = v.integer(3);
  return scales > 0 ? v.weight(Part::kScale, OperandRole::kNorm, along_channels(v, scales)) : ok();
}

Status lower_mvn(LayerView& v) {
  v.op.kind = OpKind::kMeanVarianceNorm;
  NormAttrs attrs;
  attrs.across_channels = v.integer(1) != 0;
  v.op.attrs = attrs;
  v.input(0);
  return ok();
}

Status lower_lrn(LayerView& v) {
  v.op.kind = OpKind::kLocalResponseNorm;
  NormAttrs attrs;
  attrs.across_channels = v.integer(0) == 0;
  attrs.size = v.integer(1, 5);
  v.op.attrs = attrs;
  v.input(0);
  return ok();
}

}  // namespace nngauge::ncnn
