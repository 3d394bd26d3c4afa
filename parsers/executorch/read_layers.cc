// SPDX-License-Identifier: Apache-2.0
// Convolutions, products, normalisation, pooling.
#include <algorithm>
#include <cmath>
#include <optional>

#include "parsers/executorch/readers.h"

namespace nngauge::executorch {
namespace {

using K = OpKind;

// One entry an axis: PyTorch lets one number stand for all.
Ints per_axis(Ints given, std::size_t axes, std::int64_t other) {
  if (given.empty()) given = {other};
  if (given.size() == 1) given.resize(axes, given[0]);
  return given;
}

Ints both_ends(Ints pads) {
  const Ints ends = pads;
  pads.insert(pads.end(), ends.begin(), ends.end());
  return pads;
}

struct ConvPlaces {
  std::size_t stride, padding, dilation, groups;
  std::optional<std::size_t> transposed, output_padding;
  bool channels_last = false;
};

Status read_conv(CallContext& c, const ConvPlaces& places) {
  const Tensor* weight = c.in(1);
  const std::size_t rank = weight && weight->declared.ranked() ? weight->declared.rank() : 0;
  if (rank < 3 || rank > 5) return read_custom(c);
  const std::size_t axes = rank - 2;
  const bool transposed = places.transposed && c.int_or(*places.transposed, 0) != 0;
  ConvAttrs attrs;
  attrs.strides = per_axis(c.arg(places.stride).ints, axes, 1);
  attrs.dilations = per_axis(c.arg(places.dilation).ints, axes, 1);
  attrs.pads = both_ends(per_axis(c.arg(places.padding).ints, axes, 0));
  attrs.groups = std::max<std::int64_t>(c.int_or(places.groups, 1), 1);
  if (places.channels_last) {
    attrs.layout = DataLayout::kChannelsLast;
    attrs.filter_layout = FilterLayout::kOutSpatialIn;
  }
  if (transposed) {
    attrs.filter_layout = FilterLayout::kInOutSpatial;
    attrs.output_padding = per_axis(c.arg(*places.output_padding).ints, axes, 0);
  }
  static constexpr std::array kPlain = {K::kConv1D, K::kConv2D, K::kConv3D};
  static constexpr std::array kDepthwise = {K::kDepthwiseConv1D, K::kDepthwiseConv2D, K::kDepthwiseConv3D};
  static constexpr std::array kTransposed = {K::kConvTranspose1D, K::kConvTranspose2D, K::kConvTranspose3D};
  const Tensor* x = c.in(0);
  const bool one_a_channel =
      !places.channels_last && x && x->declared.at(1).is(attrs.groups) && attrs.groups > 1 && weight->declared[1].is(1);
  c.op.kind = (transposed ? kTransposed : one_a_channel ? kDepthwise : kPlain)[axes - 1];
  c.add(0);
  c.add(1, OperandRole::kWeight);
  c.learned(2, OperandRole::kBias);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_product(CallContext& c, std::size_t left, std::size_t right, std::optional<std::size_t> bias) {
  c.op.kind = K::kMatMul;
  c.add(left);
  c.learned(right, OperandRole::kWeight);
  if (bias) c.learned(*bias, OperandRole::kBias);
  return ok();
}

// (table, indices …): our kind has the indices first.
Status read_embedding_at(CallContext& c, std::size_t indices) {
  c.add(indices);
  c.learned(0, OperandRole::kWeight);
  return ok();
}

}  // namespace

// aten::convolution(x, weight, bias, stride, padding, dilation, transposed, output_padding, groups)
Status read_convolution(CallContext& c) { return read_conv(c, {3, 4, 5, 8, 6, 7}); }

// …conv2d(x, weight, bias, stride, padding, dilation, groups …)
Status read_conv2d(CallContext& c) { return read_conv(c, {3, 4, 5, 6, {}, {}}); }

Status read_conv2d_nhwc(CallContext& c) { return read_conv(c, {3, 4, 5, 6, {}, {}, true}); }

Status read_matmul(CallContext& c) { return read_product(c, 0, 1, {}); }

// aten::addmm(bias, a, b)
Status read_addmm(CallContext& c) { return read_product(c, 1, 2, 0); }

// (x, weight [out, in], bias …)
Status read_linear(CallContext& c) {
  c.op.kind = K::kDense;
  DenseAttrs attrs;
  attrs.transpose_b = attrs.keep_dims = true;
  c.add(0);
  c.add(1, OperandRole::kWeight);
  c.learned(2, OperandRole::kBias);
  c.op.attrs = attrs;
  return ok();
}

// (query, key, value, mask …), each [batch, heads, steps, size]
Status read_attention(CallContext& c) {
  const Tensor* query = c.in(0);
  if (!query || !query->declared.ranked() || query->declared.rank() != 4) return read_custom(c);
  AttentionAttrs attrs;
  attrs.num_heads = query->declared[1].value();
  if (const Tensor* key = c.in(1); key && key->declared.ranked() && key->declared.rank() == 4)
    attrs.kv_num_heads = key->declared[1].value();
  for (std::size_t i = 0; i < 3; ++i) c.add(i);
  if (c.arg(3).tensor != kNoTensor) c.add(3, OperandRole::kConfig);
  c.op.attrs = attrs;
  return ok();
}

// llama::custom_sdpa(query, keys, values …) and llama::sdpa_with_kv_cache(query, key, value, keys, values …): all
// [batch, steps, heads, size], the keys and values those of all steps that a cache holds.
Status read_cached_attention(CallContext& c) {
  const std::size_t first = c.name == "llama::custom_sdpa" ? 1 : 3;
  const auto query = extents(c.in(0)), keys = extents(c.in(first));
  const auto whole = [&](const std::optional<Ints>& shape) { return shape && shape->size() == 4; };
  if (!whole(query) || !whole(keys)) return read_custom(c);
  const auto rows = [&](TensorId from, const Ints& shape) {
    Op op = c.op;
    op.kind = K::kReshape;
    op.inputs = {{from, OperandRole::kData}};
    ReshapeAttrs attrs;
    attrs.shape = {shape[0], shape[1], shape[2] * shape[3]};
    attrs.has_shape = true;
    op.attrs = std::move(attrs);
    Tensor made;
    made.name = c.op.name;
    made.dtype = c.tensor(from)->dtype;
    op.outputs = {c.plan.add(std::move(made))};
    c.plan.graph().ops.push_back(op);
    return op.outputs[0];
  };
  for (const auto& [i, shape] : {std::pair{std::size_t{0}, *query}, {first, *keys}, {first + 1, *keys}}) {
    if (c.arg(i).tensor == kNoTensor) return read_custom(c);
    c.op.inputs.push_back({rows(c.arg(i).tensor, shape), OperandRole::kData});
  }
  AttentionAttrs attrs;
  attrs.num_heads = (*query)[2];
  attrs.kv_num_heads = (*keys)[2];
  c.op.attrs = attrs;
  return ok();
}

Status read_embedding(CallContext& c) { return read_embedding_at(c, 1); }

// (table, scales, zero points, least, most, indices): two elements of the table share a byte where results are wider.
Status read_quantised_embedding(CallContext& c) {
  NNGAUGE_CHECK(read_embedding_at(c, 5));
  const auto table = extents(c.in(0)), made = extents(c.out());
  if (!table || !made || table->size() != 2 || made->empty() || !c.is_stored(c.arg(0).tensor)) return ok();
  const std::int64_t packed = table->back();
  if (packed < 1 || made->back() % packed != 0 || (made->back() / packed != 2 && made->back() / packed != 4))
    return ok();
  Tensor& stored = c.plan.graph().tensors[static_cast<std::size_t>(c.arg(0).tensor)];
  stored.dtype = made->back() / packed == 2 ? DType::kInt4 : DType::kInt2;
  stored.declared = stored.shape = {table->front(), made->back()};
  return ok();
}

// (x, scale, shift, mean, variance …); without the last two each picture is normalised by its own.
Status read_batch_norm(CallContext& c) {
  const bool own = c.arg(3).tensor == kNoTensor;
  if (own) c.op.kind = K::kInstanceNorm;
  c.add(0);
  for (std::size_t i = 1; i < (own ? 3 : 5); ++i) c.learned(i, OperandRole::kNorm);
  keep_first_result(c);
  return ok();
}

// (x, extents, scale, shift …)
Status read_layer_norm(CallContext& c) {
  c.add(0);
  for (std::size_t i = 2; i < 4; ++i) c.learned(i, OperandRole::kNorm);
  NormAttrs attrs;
  attrs.axis = -static_cast<std::int64_t>(std::max<std::size_t>(c.arg(1).ints.size(), 1));
  c.op.attrs = std::move(attrs);
  keep_first_result(c);
  return ok();
}

// (x, extents, scale …)
Status read_rms_norm(CallContext& c) {
  c.add(0);
  c.learned(2, OperandRole::kNorm);
  c.op.attrs = NormAttrs();
  return ok();
}

// aten::native_group_norm(x, scale, shift, batch, channels, positions, groups …)
Status read_group_norm(CallContext& c) {
  c.add(0);
  for (std::size_t i = 1; i < 3; ++i) c.learned(i, OperandRole::kNorm);
  NormAttrs attrs;
  attrs.groups = c.int_or(6, 1);
  c.op.attrs = std::move(attrs);
  keep_first_result(c);
  return ok();
}

// (x, kernel, stride, padding, dilation or ceil_mode …)
Status read_pool(CallContext& c) {
  c.add(0);
  const std::size_t axes = c.name.find("1d") != std::string_view::npos   ? 1
                           : c.name.find("3d") != std::string_view::npos ? 3
                                                                         : 2;
  PoolAttrs attrs;
  const bool is_max = c.op.kind == K::kMaxPool;
  attrs.kernel = per_axis(c.arg(1).ints, axes, 1);
  attrs.strides = c.arg(2).ints.empty() ? attrs.kernel : per_axis(c.arg(2).ints, axes, 1);
  attrs.pads = both_ends(per_axis(c.arg(3).ints, axes, 0));
  if (is_max) attrs.dilations = per_axis(c.arg(4).ints, axes, 1);
  attrs.ceil_mode = c.int_or(is_max ? 5 : 4, 0) != 0;
  attrs.count_include_pad = !is_max && c.int_or(5, 1) != 0;
  c.op.attrs = std::move(attrs);
  keep_first_result(c);
  return ok();
}

// To stated extents; windows of the largest extent stand for all.
Status read_adaptive_pool(CallContext& c) {
  const auto in = extents(c.in(0)), made = extents(c.out());
  if (!in || !made || in->size() != made->size() || in->size() < 3) return read_custom(c);
  PoolAttrs attrs;
  for (std::size_t i = 2; i < in->size(); ++i) {
    const std::int64_t from = (*in)[i], to = (*made)[i];
    if (to < 1 || from < to) return read_custom(c);
    attrs.strides.push_back(from / to);
    attrs.kernel.push_back(from - (to - 1) * attrs.strides.back());
  }
  c.add(0);
  c.op.attrs = std::move(attrs);
  return ok();
}

}  // namespace nngauge::executorch
