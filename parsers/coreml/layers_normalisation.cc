// SPDX-License-Identifier: Apache-2.0
// Normalisations, learned scales and shifts.
#include <fmt/format.h>

#include "parsers/coreml/layer_readers.h"

namespace nngauge::coreml {
namespace {

using K = OpKind;

// The shape that a layer states for its weights, with axes of extent 1 put in front up to `rank`.
Result<Shape> stated(const Ints& extents, std::size_t rank) {
  std::vector<Dim> dims;
  for (const std::int64_t extent : extents) {
    if (extent < 1 || extent > (std::int64_t{1} << 40))
      return make_error(ErrorCode::kInvalidAttribute, fmt::format("an extent of the weights is {}", extent));
    dims.emplace_back(extent);
  }
  // One number for each channel of a blob of five axes.
  if (dims.size() == 1 && rank == 3) dims.insert(dims.end(), 2, Dim(1));
  return Shape(std::move(dims));
}

// A normalisation of the picture without weights.
Status emit_plain_norm(LayerView& v, NormAttrs attrs) {
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.picture());
  v.operand(x);
  v.op.attrs = std::move(attrs);
  return v.emit_picture();
}

bool is_per_channel(const LayerView& v, const Shape& shape) {
  const Dim channels = v.shape().at(v.channel_axis());
  const auto elements = shape.elements();
  return channels.known() && elements && *elements == Count::from_signed(channels.value()) && channels.value() > 1 &&
         (shape.rank() == 1 || shape[0] == channels);
}

}  // namespace

Status read_batchnorm(LayerView& v) {
  enum : std::uint32_t {
    kChannels = 1,
    kComputed = 5,
    kInstance = 6,
    kGamma = 15,
    kBeta = 16,
    kMean = 17,
    kVariance = 18
  };
  const Message& p = v.params;
  NNGAUGE_CHECK(v.needs(1));
  const std::int64_t channels = p.integer(kChannels);
  if (channels < 1 || channels > (std::int64_t{1} << 40))
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("the number of channels is {}", channels));
  const bool instance = p.flag(kInstance);
  const bool steps = !v.exact() && v.rank() == 3;
  NNGAUGE_TRY(const TensorId x, instance || v.exact() ? v.picture() : Result<TensorId>(v.input(0)));
  v.operand(x);
  NNGAUGE_CHECK(v.weight(p.child(kGamma), {channels}, OperandRole::kNorm, "gamma"));
  NNGAUGE_CHECK(v.weight(p.child(kBeta), {channels}, OperandRole::kNorm, "beta"));
  NormAttrs attrs;
  attrs.axis = 1;
  attrs.layout = steps && !instance ? DataLayout::kChannelsLast : DataLayout::kChannelsFirst;
  if (instance) {
    v.op.kind = K::kInstanceNorm;
  } else if (!p.flag(kComputed)) {
    NNGAUGE_CHECK(v.weight(p.child(kMean), {channels}, OperandRole::kNorm, "mean"));
    NNGAUGE_CHECK(v.weight(p.child(kVariance), {channels}, OperandRole::kNorm, "variance"));
  }
  v.op.attrs = std::move(attrs);
  return v.emit_picture();
}

Status read_mvn(LayerView& v) {
  NormAttrs attrs;
  attrs.across_channels = v.params.flag(1);
  return emit_plain_norm(v, std::move(attrs));
}

Status read_l2normalize(LayerView& v) {
  NormAttrs attrs;
  attrs.axes = {1, 2, 3};
  return emit_plain_norm(v, std::move(attrs));
}

// Over the channels.
Status read_softmax(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  AxisAttrs attrs;
  attrs.axis = v.channel_axis();
  v.op.attrs = attrs;
  return v.emit();
}

Status read_lrn(LayerView& v) {
  NormAttrs attrs;
  attrs.size = v.params.integer(3);
  return emit_plain_norm(v, std::move(attrs));
}

// Over the last axes, as many as the stated shape has.
Status read_layer_normalization(LayerView& v) {
  enum : std::uint32_t { kShape = 1, kGamma = 3, kBeta = 4 };
  NNGAUGE_CHECK(v.needs(1));
  const Ints extents = v.params.ints(kShape, 16);
  NNGAUGE_TRY(const Shape shape, stated(extents, 0));
  if (extents.empty()) return make_error(ErrorCode::kInvalidAttribute, "the normalised shape is empty");
  NNGAUGE_TRY(const TensorId x, v.exact() ? Result<TensorId>(v.input(0)) : v.picture());
  v.operand(x);
  if (v.params.has(kGamma)) {
    NNGAUGE_CHECK(v.weight(v.params.child(kGamma), shape, OperandRole::kNorm, "gamma"));
  } else {
    v.absent();
  }
  if (v.params.has(kBeta)) {
    NNGAUGE_CHECK(v.weight(v.params.child(kBeta), shape, OperandRole::kNorm, "beta"));
  }
  NormAttrs attrs;
  attrs.axis = -static_cast<std::int64_t>(extents.size());
  v.op.attrs = std::move(attrs);
  return v.emit();
}

// A learned scale, and a shift: the arithmetic of a batch normalisation, where both are per channel.
Status read_scale(LayerView& v) {
  enum : std::uint32_t { kScaleShape = 1, kScale = 2, kHasBias = 3, kBiasShape = 4, kBias = 5 };
  const Message& p = v.params;
  NNGAUGE_CHECK(v.needs(1));
  const bool has_bias = p.flag(kHasBias);
  NNGAUGE_TRY(const Shape scale, stated(p.ints(kScaleShape, 16), 0));
  NNGAUGE_TRY(const Shape bias, has_bias ? stated(p.ints(kBiasShape, 16), 0) : Result<Shape>(Shape::scalar()));
  const bool steps = !v.exact() && v.rank() == 3;
  const bool plain = !v.exact() || v.rank() == 4;
  if (plain && is_per_channel(v, scale) && (!has_bias || is_per_channel(v, bias))) {
    const Dim channels = v.shape().at(v.channel_axis());
    v.input_operand(0);
    NNGAUGE_CHECK(v.weight(p.child(kScale), {channels}, OperandRole::kNorm, "scale"));
    if (has_bias) {
      NNGAUGE_CHECK(v.weight(p.child(kBias), {channels}, OperandRole::kNorm, "bias"));
    }
    NormAttrs attrs;
    attrs.axis = 1;
    attrs.layout = steps ? DataLayout::kChannelsLast : DataLayout::kChannelsFirst;
    v.op.attrs = std::move(attrs);
    return v.emit();
  }
  NNGAUGE_TRY(const TensorId x, v.exact() ? Result<TensorId>(v.input(0)) : v.picture());
  v.op.kind = K::kMul;
  v.operand(x);
  NNGAUGE_TRY(const Shape laid_scale, stated(p.ints(kScaleShape, 16), v.rank() >= 3 ? 3 : 0));
  NNGAUGE_CHECK(v.weight(p.child(kScale), laid_scale, OperandRole::kData, "scale"));
  if (!has_bias) return v.emit();
  NNGAUGE_TRY(const TensorId scaled, v.step());
  v.op.kind = K::kAdd;
  v.operand(scaled);
  NNGAUGE_TRY(const Shape laid_bias, stated(p.ints(kBiasShape, 16), v.rank() >= 3 ? 3 : 0));
  NNGAUGE_CHECK(v.weight(p.child(kBias), laid_bias, OperandRole::kData, "bias"));
  return v.emit();
}

Status read_bias(LayerView& v) {
  enum : std::uint32_t { kShape = 1, kBias = 2 };
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.exact() ? Result<TensorId>(v.input(0)) : v.picture());
  v.operand(x);
  NNGAUGE_TRY(const Shape shape, stated(v.params.ints(kShape, 16), v.rank() >= 3 ? 3 : 0));
  NNGAUGE_CHECK(v.weight(v.params.child(kBias), shape, OperandRole::kData, "bias"));
  return v.emit();
}

}  // namespace nngauge::coreml
