// SPDX-License-Identifier: Apache-2.0
// Functions that multiply: products, windows; and pictures made larger or smaller.
#include <algorithm>
#include <optional>

#include "parsers/keras/function_readers.h"

namespace nngauge::keras::function {
namespace {

using K = OpKind;

}  // namespace

Lowered matmul(Layer& l, OpKind) {
  MatMulAttrs attrs;
  const TensorId a = first_operand(l), b = operand_of(l, argument_of(l, 1, {"x2", "b", "y"}));
  if (b == kNoTensor) return l.opaque();
  const auto flag = [&](const char* name) {
    const Json& value = l.argument(64, name);
    return value.is_boolean() && value.get<bool>();
  };
  attrs.transpose_a = flag("transpose_a") || flag("adjoint_a");
  attrs.transpose_b = flag("transpose_b") || flag("adjoint_b");
  return l.emit(K::kMatMul, {a, b}, attrs);
}

Lowered einsum(Layer& l, OpKind) {
  const Json& equation = argument_of(l, 0, {"subscripts", "equation"});
  if (!equation.is_string() || l.input_count() == 0) return l.opaque();
  EinsumAttrs attrs;
  attrs.equation = equation.get<std::string>();
  std::vector<TensorId> operands;
  for (std::size_t i = 0; i < l.input_count(); ++i) operands.push_back(l.input_id(i));
  return l.emit(K::kEinsum, operands, std::move(attrs));
}

namespace {

// Contracts the named axes, as an einsum.
Lowered tensordot(Layer& l, TensorId a, TensorId b, Ints left, Ints right) {
  const std::int64_t ranks[] = {rank_of(l.shape(a)), rank_of(l.shape(b))};
  if (ranks[0] < 0 || ranks[1] < 0 || ranks[0] + ranks[1] > 26 || left.size() != right.size()) return l.opaque();
  std::string first, second, result;
  for (std::int64_t i = 0; i < ranks[0]; ++i) first += static_cast<char>('a' + i);
  for (std::int64_t i = 0; i < ranks[1]; ++i) second += static_cast<char>('a' + ranks[0] + i);
  result = first + second;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const std::int64_t x = left[i] < 0 ? left[i] + ranks[0] : left[i],
                       y = right[i] < 0 ? right[i] + ranks[1] : right[i];
    if (x < 0 || y < 0 || x >= ranks[0] || y >= ranks[1]) return l.opaque();
    std::erase(result, first[at(x)]);
    std::erase(result, second[at(y)]);
    second[at(y)] = first[at(x)];
  }
  EinsumAttrs attrs;
  attrs.equation = first + "," + second + "->" + result;
  return l.emit(K::kEinsum, {a, b}, std::move(attrs));
}

}  // namespace

Lowered tensordot_function(Layer& l, OpKind) {
  const TensorId a = first_operand(l), b = operand_of(l, argument_of(l, 1, {"x2", "b"}));
  const Json& axes = argument_of(l, 2, {"axes"});
  if (b == kNoTensor) return l.opaque();
  Ints left, right;
  if (const auto count = integer_of(axes)) {
    for (std::int64_t i = 0; i < *count && i < 26; ++i) {
      left.push_back(i - *count);
      right.push_back(i);
    }
  } else if (axes.is_array() && axes.size() == 2) {
    left = integers_of(axes[0]).value_or(Ints());
    right = integers_of(axes[1]).value_or(Ints());
  }
  return tensordot(l, a, b, std::move(left), std::move(right));
}

Lowered dot(Layer& l, OpKind) {
  const TensorId a = first_operand(l), b = operand_of(l, argument_of(l, 1, {"x2"}));
  if (b == kNoTensor) return l.opaque();
  if (rank_of(l.shape(a)) == 0 || rank_of(l.shape(b)) == 0) return l.emit(K::kMul, {a, b});
  return tensordot(l, a, b, {-1}, {rank_of(l.shape(b)) == 1 ? 0 : -2});
}

Lowered outer(Layer& l, OpKind) {
  const TensorId a = first_operand(l), b = operand_of(l, argument_of(l, 1, {"x2"}));
  if (b == kNoTensor || rank_of(l.shape(a)) != 1 || rank_of(l.shape(b)) != 1) return l.opaque();
  return tensordot(l, a, b, {}, {});
}

// keras.ops.dot_product_attention: query, key, value [batch, length, heads, size].
Lowered attention(Layer& l, OpKind) {
  const TensorId query = first_operand(l), key = operand_of(l, argument_of(l, 1, {"key"})),
                 value = operand_of(l, argument_of(l, 2, {"value"}));
  if (key == kNoTensor || value == kNoTensor) return l.opaque();
  const std::string before = "btnh,bsnh->bnts", behind = "bnts,bsnh->btnh";
  EinsumAttrs scores, result;
  scores.equation = before;
  result.equation = behind;
  NNGAUGE_TRY(TensorId made, l.emit(K::kEinsum, {query, key}, std::move(scores)));
  NNGAUGE_TRY(made, with_scalar(l, made, K::kMul, 1));
  const TensorId bias = operand_of(l, argument_of(l, 3, {"bias"}));
  if (bias != kNoTensor) {
    NNGAUGE_TRY(made, l.emit(K::kAdd, {made, bias}));
  }
  NNGAUGE_TRY(made, l.emit(K::kSoftmax, {made}, on_axis(-1)));
  return l.emit(K::kEinsum, {made, value}, std::move(result));
}

namespace {

DataLayout layout_of(const Layer& l) {
  const Json& format = argument_of(l, 64, {"data_format"});
  return format.is_string() && (format == "channels_first" || format.get<std::string>().starts_with("NC"))
             ? DataLayout::kChannelsFirst
             : DataLayout::kChannelsLast;
}

// Numbers per spatial axis; TensorFlow also states those of batch and channels.
Ints spatial(const Layer& l, const Json& value, std::size_t axes, DataLayout layout) {
  Ints out = integers_of(value).value_or(Ints());
  if (out.size() == axes + 2) {
    const std::ptrdiff_t first = layout == DataLayout::kChannelsFirst ? 2 : 1;
    out = Ints(out.begin() + first, out.begin() + first + static_cast<std::ptrdiff_t>(axes));
  }
  if (out.size() == 1) out.assign(axes, out[0]);
  (void)l;
  return out;
}

PaddingMode padding_of(const Layer& l) {
  const Json& padding = argument_of(l, 64, {"padding"});
  return padding == "same" || padding == "SAME" ? PaddingMode::kSameUpper : PaddingMode::kValid;
}

}  // namespace

Lowered convolution(Layer& l, OpKind kind) {
  const TensorId x = first_operand(l), filter = operand_of(l, argument_of(l, 1, {"kernel", "filters", "filter"}));
  const std::int64_t rank = rank_of(l.shape(x));
  if (filter == kNoTensor || rank < 3 || rank > 5) return l.opaque();
  const std::size_t axes = at(rank) - 2;
  constexpr std::array kConvs = {K::kConv1D, K::kConv2D, K::kConv3D};
  constexpr std::array kDepthwise = {K::kDepthwiseConv1D, K::kDepthwiseConv2D, K::kDepthwiseConv3D};
  constexpr std::array kTransposed = {K::kConvTranspose1D, K::kConvTranspose2D, K::kConvTranspose3D};
  ConvAttrs attrs;
  attrs.layout = layout_of(l);
  attrs.filter_layout = kind == K::kConvTranspose2D ? FilterLayout::kSpatialOutIn : FilterLayout::kSpatialInOut;
  attrs.padding = padding_of(l);
  attrs.strides = spatial(l, argument_of(l, 64, {"strides"}), axes, attrs.layout);
  attrs.dilations = spatial(l, argument_of(l, 64, {"dilation_rate", "dilations"}), axes, attrs.layout);
  if (kind == K::kDepthwiseConv2D) attrs.groups = 0;
  l.op.kind = kind == K::kConv2D            ? kConvs[axes - 1]
              : kind == K::kDepthwiseConv2D ? kDepthwise[axes - 1]
                                            : kTransposed[axes - 1];
  l.op.attrs = std::move(attrs);
  l.op.inputs = {{x, OperandRole::kData}, {filter, OperandRole::kWeight}};
  return l.emit();
}

Lowered pool(Layer& l, OpKind kind) {
  const TensorId x = first_operand(l);
  const std::int64_t rank = rank_of(l.shape(x));
  if (rank < 3 || rank > 5) return l.opaque();
  const std::size_t axes = at(rank) - 2;
  PoolAttrs attrs;
  attrs.layout = layout_of(l);
  attrs.padding = padding_of(l);
  attrs.kernel = spatial(l, argument_of(l, 1, {"pool_size", "ksize"}), axes, attrs.layout);
  attrs.strides = spatial(l, argument_of(l, 2, {"strides"}), axes, attrs.layout);
  if (attrs.strides.empty()) attrs.strides = attrs.kernel;
  return l.emit(kind, {x}, std::move(attrs));
}

Lowered resize(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  const Json& method = argument_of(l, 2, {"interpolation", "method"});
  const std::string how = method.is_string() ? method.get<std::string>() : "bilinear";
  ResizeAttrs attrs;
  attrs.layout = layout_of(l);
  const auto sizes = integers_of(argument_of(l, 1, {"size"}));
  if (!sizes || sizes->size() != 2) return l.opaque();
  attrs.sizes = *sizes;
  const std::int64_t first = attrs.layout == DataLayout::kChannelsFirst ? 2 : 1;
  attrs.axes = {first, first + 1};
  if (rank_of(l.shape(x)) == 3) attrs.axes = {first - 1, first};
  return l.emit(how == "nearest"   ? K::kResizeNearest
                : how == "bicubic" ? K::kResizeCubic
                                   : K::kResizeBilinear,
                {x}, std::move(attrs));
}

Lowered space_depth(Layer& l, OpKind kind) {
  SpaceDepthAttrs attrs;
  attrs.block_size = integer_of(argument_of(l, 1, {"block_size"})).value_or(1);
  attrs.layout = layout_of(l);
  return l.emit(kind, {first_operand(l)}, attrs);
}

}  // namespace nngauge::keras::function
