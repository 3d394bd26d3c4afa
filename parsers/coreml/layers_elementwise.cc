// SPDX-License-Identifier: Apache-2.0
// Functions of elements, activations, reductions and other functions along an axis.
#include <fmt/format.h>

#include <array>
#include <tuple>

#include "parsers/coreml/layer_readers.h"

namespace nngauge::coreml {
namespace {

using K = OpKind;

// The layer's operator on `x`, or on its first blob.
Status emit_on(LayerView& v, K kind, TensorId x) {
  v.op.kind = kind;
  v.operand(x);
  return v.emit();
}

ScalarAttrs scalars(double alpha, double beta = 0) {
  ScalarAttrs attrs;
  attrs.alpha = alpha;
  attrs.beta = beta;
  return attrs;
}

// A vector over the channels that is laid over the picture: [channels, 1, 1].
Status channel_operand(LayerView& v, const Message& weights, OperandRole role, std::string_view what) {
  const Dim channels = v.shape().at(v.channel_axis());
  if (!channels.known()) return make_error(ErrorCode::kInvalidGraph, "the number of channels is not known");
  const bool last = v.channel_axis() == -1 || v.rank() == static_cast<std::size_t>(v.channel_axis() + 1);
  const std::uint64_t floats = weights.has(1) ? weights.find(1)->size / 4 : 0;
  if (floats == 1 && !channels.is(1)) return v.weight(weights, {1}, role, what);  // one for all
  return v.weight(weights, last ? Shape{channels} : Shape{channels, 1, 1}, role, what);
}

enum Activation : std::uint32_t {
  kLinear = 5,
  kRelu = 10,
  kLeaky = 15,
  kThresholded = 20,
  kPRelu = 25,
  kTanh = 30,
  kScaledTanh = 31,
  kSigmoid = 40,
  kHardSigmoid = 41,
  kElu = 50,
  kSoftsign = 60,
  kSoftplus = 70,
  kParametricSoftplus = 71
};

// alpha x + beta, as far as these change anything.
Status read_linear(LayerView& v, double alpha, double beta) {
  TensorId x = v.input(0);
  if (alpha != 1 || beta == 0) {
    v.op.kind = K::kMul;
    v.operand(x);
    v.scalar(alpha);
    if (beta == 0) return v.emit();
    NNGAUGE_TRY(x, v.step());
  }
  v.op.kind = K::kAdd;
  v.operand(x);
  v.scalar(beta);
  return v.emit();
}

// alpha log(1 + exp(beta x)), both per channel.
Status read_parametric_softplus(LayerView& v, const Message& kind) {
  TensorId x = v.input(0);
  v.op.kind = K::kMul;
  v.operand(x);
  NNGAUGE_CHECK(channel_operand(v, kind.child(2), OperandRole::kData, "beta"));
  NNGAUGE_TRY(x, v.step());
  v.op.kind = K::kSoftplus;
  v.operand(x);
  NNGAUGE_TRY(x, v.step());
  v.op.kind = K::kMul;
  v.operand(x);
  NNGAUGE_CHECK(channel_operand(v, kind.child(1), OperandRole::kData, "alpha"));
  return v.emit();
}

}  // namespace

Status read_function(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  return v.emit();
}

Status read_activation(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  std::uint32_t number = 0;
  WireReader reader = v.params.fields();
  for (WireField field; reader.next(field);) {
    if (field.type == WireType::kBytes) number = field.number;
  }
  const Message kind = v.params.child(number);
  const double alpha = kind.real(1), beta = kind.real(2);
  const TensorId x = number == 0 ? kNoTensor : v.input(0);
  switch (number) {
    case kLinear:
      return read_linear(v, alpha, beta);
    case kRelu:
      return emit_on(v, K::kRelu, x);
    case kLeaky:
      v.op.attrs = scalars(alpha);
      return emit_on(v, K::kLeakyRelu, x);
    case kThresholded:
      v.op.attrs = scalars(alpha);
      return emit_on(v, K::kThresholdedRelu, x);
    case kPRelu:
      v.op.kind = K::kPRelu;
      v.operand(x);
      NNGAUGE_CHECK(channel_operand(v, kind.child(1), OperandRole::kWeight, "alpha"));
      return v.emit();
    case kTanh:
      return emit_on(v, K::kTanh, x);
    case kScaledTanh: {
      v.op.kind = K::kMul;
      v.operand(x);
      v.scalar(beta);
      NNGAUGE_TRY(const TensorId scaled, v.step());
      v.op.kind = K::kTanh;
      v.operand(scaled);
      NNGAUGE_TRY(const TensorId y, v.step());
      v.op.kind = K::kMul;
      v.operand(y);
      v.scalar(alpha);
      return v.emit();
    }
    case kSigmoid:
      return emit_on(v, K::kSigmoid, x);
    case kHardSigmoid:
      v.op.attrs = scalars(alpha, beta);
      return emit_on(v, K::kHardSigmoid, x);
    case kElu:
      v.op.attrs = scalars(alpha);
      return emit_on(v, K::kElu, x);
    case kSoftsign:
      return emit_on(v, K::kSoftsign, x);
    case kSoftplus:
      return emit_on(v, K::kSoftplus, x);
    case kParametricSoftplus:
      return read_parametric_softplus(v, kind);
    default:
      v.op.source_op = fmt::format("activation kind {}", number);
      return read_custom(v);
  }
}

Status read_unary(LayerView& v) {
  enum : std::uint32_t { kType = 1, kAlpha = 2, kShift = 4, kScale = 5 };
  constexpr std::array kKinds = {K::kSqrt, K::kRsqrt, K::kReciprocal, K::kPow, K::kExp, K::kLog, K::kAbs, K::kMaximum};
  NNGAUGE_CHECK(v.needs(1));
  const std::int64_t type = v.params.integer(kType);
  if (type < 0 || type >= static_cast<std::int64_t>(kKinds.size()))
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("the function's type is {}", type));
  TensorId x = v.input(0);
  // f(scale x + shift); threshold has neither.
  for (const auto& [kind, number, neutral] : {std::tuple{K::kMul, kScale, 1.0}, std::tuple{K::kAdd, kShift, 0.0}}) {
    const double value = v.params.real(number, neutral);
    if (value == neutral || (kind == K::kMul && value == 0)) continue;
    v.op.kind = kind;
    v.operand(x);
    v.scalar(value);
    NNGAUGE_TRY(x, v.step());
  }
  v.op.kind = kKinds[static_cast<std::size_t>(type)];
  v.operand(x);
  if (v.op.kind == K::kPow || v.op.kind == K::kMaximum) v.scalar(v.params.real(kAlpha));
  return v.emit();
}

Status read_broadcast(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_CHECK(v.harmonise());
  for (std::size_t i = 0; i < v.input_count(); ++i) v.input_operand(i);
  bool exact = false;
  for (std::size_t i = 0; i < v.input_count(); ++i) exact = exact || v.exact(i);
  return v.emit(exact);
}

// Several blobs, or one and a number.
Status read_add_multiply(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  if (v.input_count() == 1) {
    v.input_operand(0);
    v.scalar(v.params.real(1));
    return v.emit();
  }
  if (v.input_count() == 2) return read_broadcast(v);
  if (v.op.kind == K::kAdd) {
    v.op.kind = K::kAddN;
    return read_broadcast(v);
  }
  NNGAUGE_CHECK(v.harmonise());
  TensorId x = v.input(0);
  for (std::size_t i = 1; i + 1 < v.input_count(); ++i) {
    v.op.kind = K::kMul;
    v.operand(x);
    v.input_operand(i);
    NNGAUGE_TRY(x, v.step());
  }
  v.op.kind = K::kMul;
  v.operand(x);
  v.input_operand(v.input_count() - 1);
  return v.emit(v.all_exact());
}

namespace {

Status read_comparison(LayerView& v, std::uint32_t number) {
  NNGAUGE_CHECK(v.needs(1));
  if (v.input_count() > 1) return read_broadcast(v);
  v.input_operand(0);
  v.scalar(v.params.real(number));
  return v.emit();
}

}  // namespace

Status read_compare(LayerView& v) { return read_comparison(v, 1); }
Status read_compare_order(LayerView& v) { return read_comparison(v, 2); }

Status read_clip(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  v.op.attrs = scalars(v.params.real(1), v.params.real(2));
  return v.emit();
}

Status read_gelu(LayerView& v) {
  constexpr std::array kKinds = {K::kGelu, K::kFastGelu, K::kQuickGelu};
  NNGAUGE_CHECK(v.needs(1));
  const std::int64_t mode = v.params.integer(1);
  if (mode < 0 || mode > 2) return make_error(ErrorCode::kInvalidAttribute, fmt::format("the mode is {}", mode));
  return emit_on(v, kKinds[static_cast<std::size_t>(mode)], v.input(0));
}

Status read_select(LayerView& v) {
  NNGAUGE_CHECK(v.needs(3));
  return read_broadcast(v);
}

Status read_axis(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  AxisAttrs attrs;
  attrs.axis = v.axis(v.params.integer(1));
  v.op.attrs = attrs;
  return v.emit();
}

// Over channels, height and width, or some of them, which keep an extent of 1.
Status read_reduce(LayerView& v) {
  enum : std::uint32_t { kMode = 1, kAxis = 3 };
  constexpr std::array kKinds = {K::kReduceSum, K::kReduceMean, K::kReduceProd, K::kReduceLogSum, K::kReduceSumSquare,
                                 K::kReduceL1,  K::kReduceL2,   K::kReduceMax,  K::kReduceMin,    K::kArgMax};
  const std::array<Ints, 5> axes = {Ints{-3, -2, -1}, Ints{-2, -1}, Ints{-3}, Ints{-2}, Ints{-1}};
  NNGAUGE_CHECK(v.needs(1));
  const std::int64_t mode = v.params.integer(kMode), axis = v.params.integer(kAxis);
  if (mode < 0 || mode >= static_cast<std::int64_t>(kKinds.size()) || axis < 0 || axis >= 5)
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("the mode is {}, the axis {}", mode, axis));
  v.op.kind = kKinds[static_cast<std::size_t>(mode)];
  const Ints& over = axes[static_cast<std::size_t>(axis)];
  NNGAUGE_TRY(const TensorId x, v.exact() ? Result<TensorId>(v.input(0)) : v.picture());
  v.operand(x);
  if (v.op.kind == K::kArgMax) {
    if (over.size() != 1) return make_error(ErrorCode::kInvalidAttribute, "argmax over several axes");
    AxisAttrs attrs;
    attrs.axis = over[0];
    attrs.keep_dims = true;
    v.op.attrs = attrs;
  } else {
    AxesAttrs attrs;
    attrs.axes = over;
    attrs.has_axes = true;
    v.op.attrs = std::move(attrs);
  }
  return v.emit();
}

Status read_reduce_nd(LayerView& v) {
  enum : std::uint32_t { kAxes = 1, kKeep = 2, kAll = 3 };
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.exact() ? Result<TensorId>(v.input(0)) : v.picture());
  v.operand(x);
  AxesAttrs attrs;
  attrs.keep_dims = v.params.flag(kKeep);
  if (!v.params.flag(kAll)) {
    for (const std::int64_t axis : v.params.ints(kAxes, 16)) attrs.axes.push_back(v.axis(axis));
    attrs.has_axes = !attrs.axes.empty();
  }
  const bool keeps = attrs.keep_dims;
  v.op.attrs = std::move(attrs);
  return v.emit(v.exact() || !keeps);
}

Status read_arg_reduce(LayerView& v) {
  enum : std::uint32_t { kAxis = 1, kRemove = 2 };
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  AxisAttrs attrs;
  attrs.axis = v.axis(v.params.integer(kAxis));
  attrs.keep_dims = !v.params.flag(kRemove);
  v.op.attrs = attrs;
  return v.emit(v.exact() || !attrs.keep_dims);
}

Status read_top_k(LayerView& v) {
  enum : std::uint32_t { kAxis = 1, kK = 2 };
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  TopKAttrs attrs;
  attrs.axis = v.axis(v.params.integer(kAxis));
  if (v.input_count() > 1) v.input_operand(1, OperandRole::kConfig);
  else attrs.k = v.params.integer(kK);
  v.op.attrs = attrs;
  return v.emit();
}

Status read_arg_sort(LayerView& v) { return read_axis(v); }

}  // namespace nngauge::coreml
