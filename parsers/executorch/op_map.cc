// SPDX-License-Identifier: Apache-2.0
#include "parsers/executorch/op_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

namespace nngauge::executorch {
namespace {

using K = OpKind;

std::optional<Ints> extents(const Tensor* tensor) {
  if (!tensor || !tensor->declared.is_static()) return std::nullopt;
  Ints out;
  for (const Dim dim : tensor->declared.dims()) out.push_back(dim.value());
  return out;
}

Status read_custom(CallContext& c) {
  c.op.kind = K::kCustom;
  c.op.inputs.clear();
  CustomAttrs attrs;
  attrs.name = c.name;
  c.op.attrs = std::move(attrs);
  for (const Argument& argument : c.args) {
    if (argument.tensor != kNoTensor) c.op.inputs.push_back({argument.tensor, OperandRole::kData});
    for (const TensorId id : argument.tensors) {
      if (id != kNoTensor) c.op.inputs.push_back({id, OperandRole::kData});
    }
  }
  return ok();
}

// Second results (places, saved means) are no work of their own.
void keep_first_result(CallContext& c) {
  if (c.op.outputs.size() > 1) c.op.outputs.erase(c.op.outputs.begin() + 1, c.op.outputs.end());
}

// --- convolutions, products -----------------------------------------------------------------------------------------

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

// aten::convolution(x, weight, bias, stride, padding, dilation, transposed, output_padding, groups)
Status read_convolution(CallContext& c) { return read_conv(c, {3, 4, 5, 8, 6, 7}); }
// …conv2d(x, weight, bias, stride, padding, dilation, groups …)
Status read_conv2d(CallContext& c) { return read_conv(c, {3, 4, 5, 6, {}, {}}); }
Status read_conv2d_nhwc(CallContext& c) { return read_conv(c, {3, 4, 5, 6, {}, {}, true}); }

Status read_product(CallContext& c, std::size_t left, std::size_t right, std::optional<std::size_t> bias) {
  c.op.kind = K::kMatMul;
  c.add(left);
  c.learned(right, OperandRole::kWeight);
  if (bias) c.learned(*bias, OperandRole::kBias);
  return ok();
}
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

// (table, indices …): our kind has the indices first.
Status read_embedding_at(CallContext& c, std::size_t indices) {
  c.add(indices);
  c.learned(0, OperandRole::kWeight);
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

// --- element-wise ---------------------------------------------------------------------------------------------------

Status read_unary(CallContext& c) {
  c.add(0);
  return ok();
}

void add_operand(CallContext& c, std::size_t i) {
  if (c.arg(i).is_number()) c.scalar(c.arg(i).number());
  else c.add(i);
}

// Either operand may be a number.
Status read_binary(CallContext& c) {
  add_operand(c, 0);
  add_operand(c, 1);
  return ok();
}
// aten::rsub(a, b): b - a
Status read_swapped(CallContext& c) {
  add_operand(c, 1);
  add_operand(c, 0);
  return ok();
}
Status read_where(CallContext& c) {
  for (std::size_t i = 0; i < 3; ++i) add_operand(c, i);
  return ok();
}
// (x, mask, value)
Status read_masked_fill(CallContext& c) {
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}, std::size_t{0}}) add_operand(c, i);
  return ok();
}

// (x, least, most)
Status read_clamp(CallContext& c) {
  const Argument &low = c.arg(1), &high = c.arg(2);
  const bool from_zero = low.is_number() && std::fabs(low.number()) <= 0;
  if (from_zero && high.is_number() && std::fabs(high.number() - 6) <= 0) c.op.kind = K::kRelu6;
  c.add(0);
  return ok();
}

Status read_prelu(CallContext& c) {
  c.add(0);
  c.learned(1, OperandRole::kWeight);
  return ok();
}

Status read_along_axis(CallContext& c) {
  c.add(0);
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, -1);
  c.op.attrs = attrs;
  return ok();
}

void reduce_over(CallContext& c, Ints axes, bool keep_dims) {
  const Tensor* x = c.in(0);
  if (axes.empty() && x && x->declared.ranked()) {
    for (std::size_t i = 0; i < x->declared.rank(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  AxesAttrs attrs;
  attrs.axes = std::move(axes);
  attrs.has_axes = true;
  attrs.keep_dims = keep_dims;
  c.add(0);
  c.op.attrs = std::move(attrs);
  keep_first_result(c);
}

// (x, axes, keep_dims …), over all axes where none are given; (x, type) and (x) over all.
Status read_reduction(CallContext& c) {
  if (c.args.size() < 3) reduce_over(c, {}, false);
  else reduce_over(c, c.arg(1).ints, c.int_or(2, 0) != 0);
  return ok();
}

// aten::max(x), aten::max(x, axis, keep_dims), aten::max(x, y)
Status read_extreme(CallContext& c) {
  if (c.arg(1).tensor == kNoTensor) return read_reduction(c);
  c.op.kind = c.op.kind == K::kReduceMax ? K::kMaximum : K::kMinimum;
  return read_binary(c);
}

Status read_arg_extreme(CallContext& c) {
  if (c.arg(1).ints.empty()) return read_custom(c);
  c.add(0);
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, 0);
  attrs.keep_dims = c.int_or(2, 0) != 0;
  attrs.dtype = DType::kInt64;
  c.op.attrs = attrs;
  return ok();
}

// (x, k, axis …)
Status read_top_k(CallContext& c) {
  c.add(0);
  TopKAttrs attrs;
  attrs.k = c.int_or(1, 1);
  attrs.axis = c.int_or(2, -1);
  c.op.attrs = attrs;
  return ok();
}

// --- normalisation, pooling -----------------------------------------------------------------------------------------

// (x, scale, shift, mean, variance …)
Status read_batch_norm(CallContext& c) {
  c.add(0);
  for (std::size_t i = 1; i < 5; ++i) c.learned(i, OperandRole::kNorm);
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

// --- movement -------------------------------------------------------------------------------------------------------

// Moves or views x with the extents that the program states for the result.
Status read_view(CallContext& c) {
  const auto made = extents(c.out());
  if (!made) return read_custom(c);
  c.add(0);
  ReshapeAttrs attrs;
  attrs.shape = *made;
  attrs.has_shape = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_permute(CallContext& c) {
  c.add(0);
  c.op.attrs = TransposeAttrs{c.arg(1).ints};
  return ok();
}

// aten::transpose_copy(x, axis, axis), aten::t_copy(x)
Status read_swap(CallContext& c) {
  const Tensor* x = c.in(0);
  if (!x || !x->declared.ranked()) return read_custom(c);
  const auto rank = static_cast<std::int64_t>(x->declared.rank());
  if (rank < 2) return read_view(c);
  const std::int64_t a = c.int_or(1, 0), b = c.int_or(2, 1);
  if (a < -rank || a >= rank || b < -rank || b >= rank) {
    return make_error(ErrorCode::kInvalidAttribute, "exchanges axes " + std::to_string(a) + " and " +
                                                        std::to_string(b) + " of " + std::to_string(rank));
  }
  TransposeAttrs attrs;
  for (std::int64_t i = 0; i < rank; ++i) attrs.perm.push_back(i);
  std::swap(attrs.perm[static_cast<std::size_t>((a + rank) % rank)],
            attrs.perm[static_cast<std::size_t>((b + rank) % rank)]);
  c.add(0);
  c.op.attrs = std::move(attrs);
  return ok();
}

// A part of x with the stated extents; where it lies does not matter here.
Status read_slice(CallContext& c) {
  const auto in = extents(c.in(0)), made = extents(c.out());
  if (!in || !made || in->size() != made->size()) return read_custom(c);
  c.add(0);
  SliceAttrs attrs;
  attrs.onnx_form = true;
  attrs.starts.assign(made->size(), 0);
  attrs.ends = *made;
  for (std::size_t i = 0; i < made->size(); ++i) attrs.axes.push_back(static_cast<std::int64_t>(i));
  attrs.steps.assign(made->size(), 1);
  c.op.attrs = std::move(attrs);
  return ok();
}

// (x, axis, index): the axis vanishes
Status read_select(CallContext& c) {
  c.add(0);
  c.integers({c.int_or(2, 0)}, true);
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, 0);
  c.op.attrs = attrs;
  return ok();
}

// (x, axis, indices)
Status read_gather(CallContext& c) {
  c.add(0);
  c.add(2, OperandRole::kConfig);
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, 0);
  c.op.attrs = attrs;
  return ok();
}

// aten::index(x, [indices or nothing an axis]): one axis is gathered; several at once have no rule here.
Status read_index(CallContext& c) {
  const auto& given = c.arg(1).tensors;
  const auto is_given = [](TensorId id) { return id != kNoTensor; };
  if (std::count_if(given.begin(), given.end(), is_given) != 1) return read_custom(c);
  const auto place = std::find_if(given.begin(), given.end(), is_given);
  const Tensor* indices = c.tensor(*place);
  if (indices->dtype == DType::kBool) return read_custom(c);
  c.add(0);
  c.op.inputs.push_back({*place, OperandRole::kConfig});
  AxisAttrs attrs;
  attrs.axis = place - given.begin();
  c.op.attrs = attrs;
  return ok();
}

// (tensors, axis)
Status read_join(CallContext& c) {
  for (const TensorId id : c.arg(0).tensors) c.op.inputs.push_back({id, OperandRole::kData});
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, 0);
  c.op.attrs = attrs;
  return c.op.inputs.empty() ? read_custom(c) : ok();
}

// (x, lengths, axis): parts as long as the program states
Status read_split(CallContext& c) {
  SplitAttrs attrs;
  const Tensor* x = c.in(0);
  attrs.axis = c.int_or(2, 0);
  for (const TensorId id : c.op.outputs) {
    const auto part = extents(c.tensor(id));
    const auto rank = part ? static_cast<std::int64_t>(part->size()) : 0;
    const std::int64_t axis = attrs.axis < 0 ? attrs.axis + rank : attrs.axis;
    if (!x || axis < 0 || axis >= rank) return read_custom(c);
    attrs.sizes.push_back((*part)[static_cast<std::size_t>(axis)]);
  }
  c.add(0);
  c.op.attrs = std::move(attrs);
  return ok();
}

// (x, axis)
Status read_unbind(CallContext& c) {
  c.add(0);
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, 0);
  attrs.count = static_cast<std::int64_t>(c.op.outputs.size());
  c.op.attrs = attrs;
  return ok();
}

// (x, repeats)
Status read_repeat(CallContext& c) {
  const auto in = extents(c.in(0));
  const Ints& repeats = c.arg(1).ints;
  if (!in || in->size() != repeats.size()) return read_custom(c);
  c.add(0);
  c.integers(repeats);
  return ok();
}

// (x, pads from the last axis backwards …)
Status read_pad(CallContext& c) {
  const auto in = extents(c.in(0));
  const Ints& given = c.arg(1).ints;
  if (!in || given.size() % 2 != 0 || given.size() / 2 > in->size()) return read_custom(c);
  PadAttrs attrs;
  if (c.name.find("reflection") != std::string_view::npos) attrs.mode = PadMode::kReflect;
  if (c.name.find("replication") != std::string_view::npos) attrs.mode = PadMode::kEdge;
  attrs.pads.assign(2 * in->size(), 0);
  for (std::size_t i = 0; i < given.size() / 2; ++i) {
    attrs.pads[in->size() - 1 - i] = given[2 * i];
    attrs.pads[2 * in->size() - 1 - i] = given[2 * i + 1];
  }
  c.add(0);
  c.op.attrs = std::move(attrs);
  return ok();
}

// To the stated extents.
Status read_resize(CallContext& c) {
  const auto made = extents(c.out());
  if (!made || made->size() < 3) return read_custom(c);
  ResizeAttrs attrs;
  if (c.op.kind == K::kResizeBilinear) attrs.mode = ResizeMode::kLinear;
  if (c.op.kind == K::kResizeCubic) attrs.mode = ResizeMode::kCubic;
  for (std::size_t i = 2; i < made->size(); ++i) {
    attrs.axes.push_back(static_cast<std::int64_t>(i));
    attrs.sizes.push_back((*made)[i]);
  }
  c.add(0);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_shuffle(CallContext& c) {
  SpaceDepthAttrs attrs;
  attrs.block_size = std::max<std::int64_t>(c.int_or(1, 1), 1);
  c.add(0);
  c.op.attrs = attrs;
  return ok();
}

Status read_grid_sample(CallContext& c) {
  c.add(0);
  c.add(1);
  return ok();
}

Status read_flip(CallContext& c) {
  c.add(0);
  AxesAttrs attrs;
  attrs.has_axes = true;
  attrs.axes = c.arg(1).ints;
  c.op.attrs = std::move(attrs);
  return ok();
}

// A result made of nothing but its extents.
Status read_fill(CallContext& c) {
  const auto made = extents(c.out());
  if (!made) return read_custom(c);
  FillAttrs attrs;
  attrs.dtype = c.out()->dtype;
  attrs.has_shape = true;
  attrs.shape = *made;
  c.op.attrs = std::move(attrs);
  return ok();
}

// aten::copy_(x, y): x becomes y.
Status read_overwrite(CallContext& c) {
  c.add(1);
  return ok();
}

Status read_cast(CallContext& c) {
  c.add(0);
  if (c.out()) c.op.attrs = CastAttrs{c.out()->dtype};
  return ok();
}

Status read_quantise(CallContext& c) {
  c.add(0);
  QuantAttrs attrs;
  if (c.out()) attrs.dtype = c.out()->dtype;
  c.op.attrs = attrs;
  return ok();
}

struct Row {
  std::string_view name;
  K kind;
  Status (*read)(CallContext&);
};

// Kernels, without overload.
constexpr std::array kRows = {
    Row{"aten::convolution", K::kConv2D, read_convolution},
    Row{"aten::conv1d", K::kConv2D, read_conv2d},
    Row{"aten::conv2d", K::kConv2D, read_conv2d},
    Row{"cadence::quantized_conv", K::kConv2D, read_conv2d},
    Row{"cadence::quantized_conv2d", K::kConv2D, read_conv2d},
    Row{"cadence::quantized_conv2d_nchw", K::kConv2D, read_conv2d},
    Row{"cadence::conv2d", K::kConv2D, read_conv2d},
    Row{"cadence::quantized_conv2d_nhwc", K::kConv2D, read_conv2d_nhwc},
    Row{"aten::mm", K::kMatMul, read_matmul},
    Row{"aten::bmm", K::kMatMul, read_matmul},
    Row{"aten::matmul", K::kMatMul, read_matmul},
    Row{"aten::addmm", K::kMatMul, read_addmm},
    Row{"aten::baddbmm", K::kMatMul, read_addmm},
    Row{"aten::linear", K::kDense, read_linear},
    Row{"cadence::quantized_linear", K::kDense, read_linear},
    Row{"cadence::quantized_fully_connected", K::kDense, read_linear},
    Row{"cadence::linear", K::kDense, read_linear},
    Row{"aten::scaled_dot_product_attention", K::kAttention, read_attention},
    Row{"aten::_scaled_dot_product_flash_attention_for_cpu", K::kAttention, read_attention},
    Row{"aten::embedding", K::kEmbeddingLookup, read_embedding},
    Row{"quantized_decomposed::embedding_byte", K::kEmbeddingLookup, read_quantised_embedding},
    Row{"quantized_decomposed::embedding_4bit", K::kEmbeddingLookup, read_quantised_embedding},
    Row{"quantized_decomposed::embedding_2bit", K::kEmbeddingLookup, read_quantised_embedding},
    Row{"aten::add", K::kAdd, read_binary},
    Row{"aten::sub", K::kSub, read_binary},
    Row{"aten::mul", K::kMul, read_binary},
    Row{"aten::div", K::kDiv, read_binary},
    Row{"aten::pow", K::kPow, read_binary},
    Row{"aten::maximum", K::kMaximum, read_binary},
    Row{"aten::minimum", K::kMinimum, read_binary},
    Row{"aten::remainder", K::kFloorMod, read_binary},
    Row{"aten::fmod", K::kMod, read_binary},
    Row{"aten::floor_divide", K::kFloorDiv, read_binary},
    Row{"aten::atan2", K::kAtan2, read_binary},
    Row{"aten::eq", K::kEqual, read_binary},
    Row{"aten::ne", K::kNotEqual, read_binary},
    Row{"aten::gt", K::kGreater, read_binary},
    Row{"aten::ge", K::kGreaterEqual, read_binary},
    Row{"aten::lt", K::kLess, read_binary},
    Row{"aten::le", K::kLessEqual, read_binary},
    Row{"aten::logical_and", K::kLogicalAnd, read_binary},
    Row{"aten::logical_or", K::kLogicalOr, read_binary},
    Row{"aten::logical_xor", K::kLogicalXor, read_binary},
    Row{"aten::bitwise_and", K::kBitwiseAnd, read_binary},
    Row{"aten::bitwise_or", K::kBitwiseOr, read_binary},
    Row{"aten::rsub", K::kSub, read_swapped},
    Row{"aten::where", K::kSelect, read_where},
    Row{"aten::masked_fill", K::kSelect, read_masked_fill},
    Row{"aten::relu", K::kRelu, read_unary},
    Row{"aten::leaky_relu", K::kLeakyRelu, read_unary},
    Row{"aten::elu", K::kElu, read_unary},
    Row{"aten::sigmoid", K::kSigmoid, read_unary},
    Row{"aten::tanh", K::kTanh, read_unary},
    Row{"aten::gelu", K::kGelu, read_unary},
    Row{"aten::hardswish", K::kHardSwish, read_unary},
    Row{"aten::hardsigmoid", K::kHardSigmoid, read_unary},
    Row{"aten::silu", K::kSwish, read_unary},
    Row{"aten::mish", K::kMish, read_unary},
    Row{"aten::softplus", K::kSoftplus, read_unary},
    Row{"aten::exp", K::kExp, read_unary},
    Row{"aten::expm1", K::kExp, read_unary},
    Row{"aten::log", K::kLog, read_unary},
    Row{"aten::log2", K::kLog, read_unary},
    Row{"aten::log10", K::kLog, read_unary},
    Row{"aten::log1p", K::kLog, read_unary},
    Row{"aten::sqrt", K::kSqrt, read_unary},
    Row{"aten::rsqrt", K::kRsqrt, read_unary},
    Row{"aten::abs", K::kAbs, read_unary},
    Row{"aten::neg", K::kNeg, read_unary},
    Row{"aten::sign", K::kSign, read_unary},
    Row{"aten::square", K::kSquare, read_unary},
    Row{"aten::reciprocal", K::kReciprocal, read_unary},
    Row{"aten::sin", K::kSin, read_unary},
    Row{"aten::cos", K::kCos, read_unary},
    Row{"aten::tan", K::kTan, read_unary},
    Row{"aten::asin", K::kAsin, read_unary},
    Row{"aten::acos", K::kAcos, read_unary},
    Row{"aten::atan", K::kAtan, read_unary},
    Row{"aten::sinh", K::kSinh, read_unary},
    Row{"aten::cosh", K::kCosh, read_unary},
    Row{"aten::erf", K::kErf, read_unary},
    Row{"aten::floor", K::kFloor, read_unary},
    Row{"aten::ceil", K::kCeil, read_unary},
    Row{"aten::round", K::kRound, read_unary},
    Row{"aten::isnan", K::kIsNaN, read_unary},
    Row{"aten::isinf", K::kIsInf, read_unary},
    Row{"aten::logical_not", K::kLogicalNot, read_unary},
    Row{"aten::bitwise_not", K::kBitwiseNot, read_unary},
    Row{"aten::hardtanh", K::kClip, read_clamp},
    Row{"aten::clamp", K::kClip, read_clamp},
    Row{"aten::prelu", K::kPRelu, read_prelu},
    Row{"aten::_prelu_kernel", K::kPRelu, read_prelu},
    Row{"aten::_softmax", K::kSoftmax, read_along_axis},
    Row{"aten::softmax", K::kSoftmax, read_along_axis},
    Row{"aten::_log_softmax", K::kLogSoftmax, read_along_axis},
    Row{"aten::log_softmax", K::kLogSoftmax, read_along_axis},
    Row{"aten::cumsum", K::kCumSum, read_along_axis},
    Row{"aten::mean", K::kReduceMean, read_reduction},
    Row{"aten::sum", K::kReduceSum, read_reduction},
    Row{"aten::amax", K::kReduceMax, read_reduction},
    Row{"aten::amin", K::kReduceMin, read_reduction},
    Row{"aten::any", K::kReduceAny, read_reduction},
    Row{"aten::all", K::kReduceAll, read_reduction},
    Row{"aten::prod", K::kReduceProd, read_reduction},
    Row{"aten::max", K::kReduceMax, read_extreme},
    Row{"aten::min", K::kReduceMin, read_extreme},
    Row{"aten::argmax", K::kArgMax, read_arg_extreme},
    Row{"aten::argmin", K::kArgMin, read_arg_extreme},
    Row{"aten::topk", K::kTopK, read_top_k},
    Row{"aten::_native_batch_norm_legit_no_training", K::kBatchNorm, read_batch_norm},
    Row{"aten::native_batch_norm", K::kBatchNorm, read_batch_norm},
    Row{"aten::native_layer_norm", K::kLayerNorm, read_layer_norm},
    Row{"aten::rms_norm", K::kRMSNorm, read_rms_norm},
    Row{"aten::native_group_norm", K::kGroupNorm, read_group_norm},
    Row{"aten::max_pool2d_with_indices", K::kMaxPool, read_pool},
    Row{"aten::max_pool1d", K::kMaxPool, read_pool},
    Row{"aten::max_pool2d", K::kMaxPool, read_pool},
    Row{"aten::max_pool3d", K::kMaxPool, read_pool},
    Row{"aten::avg_pool1d", K::kAveragePool, read_pool},
    Row{"aten::avg_pool2d", K::kAveragePool, read_pool},
    Row{"aten::avg_pool3d", K::kAveragePool, read_pool},
    Row{"aten::_adaptive_avg_pool2d", K::kAveragePool, read_adaptive_pool},
    Row{"aten::_adaptive_avg_pool3d", K::kAveragePool, read_adaptive_pool},
    Row{"aten::adaptive_avg_pool1d", K::kAveragePool, read_adaptive_pool},
    Row{"aten::adaptive_max_pool2d", K::kMaxPool, read_adaptive_pool},
    Row{"aten::clone", K::kIdentity, read_unary},
    Row{"aten::alias_copy", K::kIdentity, read_unary},
    Row{"aten::detach_copy", K::kIdentity, read_unary},
    Row{"aten::lift_fresh_copy", K::kIdentity, read_unary},
    Row{"aten::copy", K::kIdentity, read_overwrite},
    Row{"aten::copy_", K::kIdentity, read_overwrite},
    Row{"dim_order_ops::_clone_dim_order", K::kIdentity, read_unary},
    Row{"aten::_to_copy", K::kCast, read_cast},
    Row{"dim_order_ops::_to_dim_order_copy", K::kCast, read_cast},
    Row{"aten::view_copy", K::kReshape, read_view},
    Row{"aten::_unsafe_view", K::kReshape, read_view},
    Row{"aten::squeeze_copy", K::kReshape, read_view},
    Row{"aten::unsqueeze_copy", K::kReshape, read_view},
    Row{"aten::_reshape_alias_copy", K::kReshape, read_view},
    Row{"executorch_prim::et_view", K::kReshape, read_view},
    Row{"aten::permute_copy", K::kTranspose, read_permute},
    Row{"aten::transpose_copy", K::kTranspose, read_swap},
    Row{"aten::t_copy", K::kTranspose, read_swap},
    Row{"aten::slice_copy", K::kSlice, read_slice},
    Row{"aten::narrow_copy", K::kSlice, read_slice},
    Row{"aten::select_copy", K::kGather, read_select},
    Row{"aten::index_select", K::kGather, read_gather},
    Row{"aten::gather", K::kGatherElements, read_gather},
    Row{"aten::index", K::kGather, read_index},
    Row{"aten::cat", K::kConcat, read_join},
    Row{"aten::stack", K::kStack, read_join},
    Row{"aten::split_copy", K::kSplit, read_split},
    Row{"aten::split_with_sizes_copy", K::kSplit, read_split},
    Row{"aten::unbind_copy", K::kUnstack, read_unbind},
    Row{"aten::expand_copy", K::kExpand, read_view},
    Row{"aten::repeat", K::kTile, read_repeat},
    Row{"aten::constant_pad_nd", K::kPad, read_pad},
    Row{"aten::reflection_pad1d", K::kPad, read_pad},
    Row{"aten::reflection_pad2d", K::kPad, read_pad},
    Row{"aten::reflection_pad3d", K::kPad, read_pad},
    Row{"aten::replication_pad1d", K::kPad, read_pad},
    Row{"aten::replication_pad2d", K::kPad, read_pad},
    Row{"aten::replication_pad3d", K::kPad, read_pad},
    Row{"aten::upsample_nearest1d", K::kResizeNearest, read_resize},
    Row{"aten::upsample_nearest2d", K::kResizeNearest, read_resize},
    Row{"aten::upsample_linear1d", K::kResizeBilinear, read_resize},
    Row{"aten::upsample_bilinear2d", K::kResizeBilinear, read_resize},
    Row{"aten::_upsample_bilinear2d_aa", K::kResizeBilinear, read_resize},
    Row{"aten::upsample_bicubic2d", K::kResizeCubic, read_resize},
    Row{"aten::pixel_shuffle", K::kDepthToSpace, read_shuffle},
    Row{"aten::pixel_unshuffle", K::kSpaceToDepth, read_shuffle},
    Row{"aten::grid_sampler_2d", K::kGridSample, read_grid_sample},
    Row{"aten::flip", K::kReverse, read_flip},
    Row{"aten::tril", K::kTrilu, read_unary},
    Row{"aten::triu", K::kTrilu, read_unary},
    Row{"aten::full", K::kFill, read_fill},
    Row{"aten::full_like", K::kFill, read_fill},
    Row{"aten::zeros", K::kFill, read_fill},
    Row{"aten::zeros_like", K::kFill, read_fill},
    Row{"aten::ones", K::kFill, read_fill},
    Row{"aten::ones_like", K::kFill, read_fill},
    Row{"aten::empty", K::kFill, read_fill},
    Row{"aten::scalar_tensor", K::kFill, read_fill},
    Row{"aten::arange", K::kFill, read_fill},
    Row{"quantized_decomposed::quantize_per_tensor", K::kQuantize, read_quantise},
    Row{"quantized_decomposed::dequantize_per_tensor", K::kDequantize, read_quantise},
    Row{"quantized_decomposed::quantize_per_channel", K::kQuantize, read_quantise},
    Row{"quantized_decomposed::dequantize_per_channel", K::kDequantize, read_quantise},
    Row{"quantized_decomposed::quantize_per_token", K::kQuantize, read_quantise},
    Row{"quantized_decomposed::dequantize_per_token", K::kDequantize, read_quantise},
    Row{"quantized_decomposed::dequantize_per_channel_group", K::kDequantize, read_quantise},
    Row{"cadence::quantize_per_tensor", K::kQuantize, read_quantise},
    Row{"cadence::dequantize_per_tensor", K::kDequantize, read_quantise},
};

}  // namespace

void CallContext::learned(std::size_t i, OperandRole role) const {
  const TensorId id = arg(i).tensor;
  if (id != kNoTensor) op.inputs.push_back({id, is_stored(id) ? role : OperandRole::kData});
}

void CallContext::scalar(double value) const {
  Tensor number;
  number.name = op.name + "/scalar";
  number.dtype = DType::kFloat32;
  number.is_constant = true;
  number.declared = number.shape = Shape::scalar();
  number.value = Value::of_reals({value});
  op.inputs.push_back({plan.add(std::move(number)), OperandRole::kData});
}

void CallContext::integers(const Ints& values, bool is_scalar) const {
  Tensor numbers;
  numbers.name = op.name + "/integers";
  numbers.dtype = DType::kInt64;
  numbers.is_constant = true;
  numbers.declared = numbers.shape = is_scalar ? Shape::scalar() : Shape{static_cast<std::int64_t>(values.size())};
  numbers.value = Value::of_ints(std::vector<Dim>(values.begin(), values.end()));
  op.inputs.push_back({plan.add(std::move(numbers)), OperandRole::kConfig});
}

Status read_kernel(CallContext& c) {
  static const auto* const kByName = [] {
    auto* out = new std::unordered_map<std::string_view, const Row*>;
    for (const Row& row : kRows) out->emplace(row.name, &row);
    return out;
  }();
  const auto found = kByName->find(c.name);
  if (found == kByName->end()) return read_custom(c);
  c.op.kind = found->second->kind;
  return found->second->read(c);
}

}  // namespace nngauge::executorch
