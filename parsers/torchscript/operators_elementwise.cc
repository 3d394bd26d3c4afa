// SPDX-License-Identifier: Apache-2.0
// Element-wise functions of one and two tensors, functions along an axis, reductions.
#include <algorithm>
#include <array>
#include <cmath>

#include "parsers/torchscript/operators.h"

namespace nngauge::torchscript {
namespace {

using K = OpKind;
using Made = Result<PyValue>;

struct Name {
  std::string_view name;
  OpKind kind;
};

constexpr std::array kUnary = {
    Name{"relu", K::kRelu},
    Name{"relu6", K::kRelu6},
    Name{"leaky_relu", K::kLeakyRelu},
    Name{"elu", K::kElu},
    Name{"selu", K::kSelu},
    Name{"celu", K::kCelu},
    Name{"sigmoid", K::kSigmoid},
    Name{"log_sigmoid", K::kSoftplus},
    Name{"hardsigmoid", K::kHardSigmoid},
    Name{"hardswish", K::kHardSwish},
    Name{"silu", K::kSwish},
    Name{"mish", K::kMish},
    Name{"gelu", K::kGelu},
    Name{"softplus", K::kSoftplus},
    Name{"softsign", K::kSoftsign},
    Name{"tanh", K::kTanh},
    Name{"erf", K::kErf},
    Name{"exp", K::kExp},
    Name{"log", K::kLog},
    Name{"log2", K::kLog},
    Name{"log10", K::kLog},
    Name{"log1p", K::kLog},
    Name{"expm1", K::kExp},
    Name{"sqrt", K::kSqrt},
    Name{"rsqrt", K::kRsqrt},
    Name{"square", K::kSquare},
    Name{"abs", K::kAbs},
    Name{"neg", K::kNeg},
    Name{"sign", K::kSign},
    Name{"floor", K::kFloor},
    Name{"ceil", K::kCeil},
    Name{"round", K::kRound},
    Name{"reciprocal", K::kReciprocal},
    Name{"sin", K::kSin},
    Name{"cos", K::kCos},
    Name{"tan", K::kTan},
    Name{"asin", K::kAsin},
    Name{"acos", K::kAcos},
    Name{"atan", K::kAtan},
    Name{"sinh", K::kSinh},
    Name{"cosh", K::kCosh},
    Name{"logical_not", K::kLogicalNot},
    Name{"bitwise_not", K::kBitwiseNot},
    Name{"isnan", K::kIsNaN},
    Name{"isinf", K::kIsInf},
    Name{"clamp", K::kClip},
    Name{"clamp_min", K::kClip},
    Name{"clamp_max", K::kClip},
    Name{"hardtanh", K::kClip},
    Name{"threshold", K::kThresholdedRelu},
    Name{"__not__", K::kLogicalNot},
};

constexpr std::array kBinary = {
    Name{"add", K::kAdd},
    Name{"sub", K::kSub},
    Name{"mul", K::kMul},
    Name{"div", K::kDiv},
    Name{"true_divide", K::kDiv},
    Name{"pow", K::kPow},
    Name{"rsub", K::kSub},
    Name{"remainder", K::kFloorMod},
    Name{"fmod", K::kMod},
    Name{"floor_divide", K::kFloorDiv},
    Name{"floordiv", K::kFloorDiv},
    Name{"maximum", K::kMaximum},
    Name{"minimum", K::kMinimum},
    Name{"atan2", K::kAtan2},
    Name{"eq", K::kEqual},
    Name{"ne", K::kNotEqual},
    Name{"lt", K::kLess},
    Name{"le", K::kLessEqual},
    Name{"gt", K::kGreater},
    Name{"ge", K::kGreaterEqual},
    Name{"logical_and", K::kLogicalAnd},
    Name{"logical_or", K::kLogicalOr},
    Name{"logical_xor", K::kLogicalXor},
    Name{"__and__", K::kLogicalAnd},
    Name{"__or__", K::kLogicalOr},
    Name{"bitwise_and", K::kBitwiseAnd},
    Name{"bitwise_or", K::kBitwiseOr},
    Name{"_add_relu", K::kAdd},
    Name{"quantized.add", K::kAdd},
    Name{"quantized.mul", K::kMul},
    Name{"quantized.add_relu", K::kAdd},
};

constexpr std::array kReductions = {
    Name{"sum", K::kReduceSum},  Name{"mean", K::kReduceMean}, Name{"amax", K::kReduceMax},
    Name{"amin", K::kReduceMin}, Name{"prod", K::kReduceProd}, Name{"logsumexp", K::kReduceLogSumExp},
    Name{"any", K::kReduceAny},  Name{"all", K::kReduceAll},   Name{"max", K::kReduceMax},
    Name{"min", K::kReduceMin},
};

std::string base_name(const std::string& name) {
  const bool in_place = name.size() > 1 && name.back() == '_' && !name.ends_with("__");
  return in_place ? name.substr(0, name.size() - 1) : name;
}

template <std::size_t N>
OpKind kind_of(const std::array<Name, N>& names, const std::string& name) {
  const std::string base = base_name(name);
  const auto found = std::find_if(names.begin(), names.end(), [&](const Name& n) { return n.name == base; });
  return found == names.end() ? K::kCustom : found->kind;
}

Made unary(Call& c) {
  c.op.kind = kind_of(kUnary, c.name());
  if (c.op.kind == K::kClip) {
    const PyValue low = c.get(1, "min"), high = c.get(2, "max");
    const bool six =
        low.is_number() && high.is_number() && std::fabs(low.number()) <= 0 && std::fabs(high.number() - 6) <= 0;
    if (six) c.op.kind = K::kRelu6;
  }
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

// alpha scales the second operand; 1 nearly always.
Made binary(Call& c) {
  const std::string base = base_name(c.name());
  c.op.kind = kind_of(kBinary, c.name());
  if (base.ends_with("_relu")) c.op.activation = FusedActivation::kRelu;
  const bool swapped = base == "rsub";
  NNGAUGE_CHECK(c.operand_or_scalar(swapped ? 1 : 0));
  NNGAUGE_CHECK(c.operand_or_scalar(swapped ? 0 : 1));
  return c.emit();
}

Made prelu(Call& c) {
  c.op.kind = K::kPRelu;
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_CHECK(c.learned(1, OperandRole::kWeight));
  return c.emit();
}

Made select_where(Call& c) {
  if (!c.arguments().has(1)) return c.opaque();
  c.op.kind = K::kSelect;
  for (std::size_t i = 0; i < 3; ++i) NNGAUGE_CHECK(c.operand_or_scalar(i));
  return c.emit();
}

// x, mask, value
Made masked_fill(Call& c) {
  c.op.kind = K::kSelect;
  NNGAUGE_CHECK(c.operand_or_scalar(1));
  NNGAUGE_CHECK(c.operand_or_scalar(2));
  NNGAUGE_CHECK(c.operand_or_scalar(0));
  return c.emit();
}

Made along_axis(Call& c) {
  const std::string base = base_name(c.name());
  c.op.kind = base == "log_softmax" ? K::kLogSoftmax : base == "cumsum" ? K::kCumSum : K::kSoftmax;
  AxisAttrs attrs;
  attrs.axis = c.integer(1, "dim", -1);
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made reduce(Call& c, std::size_t results) {
  c.op.kind = kind_of(kReductions, c.name());
  AxesAttrs attrs;
  attrs.has_axes = true;
  attrs.axes = c.integers(1, "dim");
  attrs.keep_dims = c.arguments().flag(2, "keepdim", false);
  if (attrs.axes.empty()) {
    NNGAUGE_TRY(const Shape x, c.shape(0));
    for (std::size_t i = 0; i < x.rank() && x.ranked(); ++i) attrs.axes.push_back(static_cast<std::int64_t>(i));
    attrs.keep_dims = false;
  }
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return results == 1 ? c.emit() : c.emit_list(results);
}

Made reduction(Call& c) {
  // mean(x, dtype) has a type where others have axes.
  return reduce(c, 1);
}

// max(x), max(x, y), max(x, dim, keepdim) with values and places
Made extreme(Call& c) {
  if (c.has_tensor(1)) {
    c.op.kind = base_name(c.name()) == "max" ? K::kMaximum : K::kMinimum;
    NNGAUGE_CHECK(c.input(0));
    NNGAUGE_CHECK(c.input(1));
    return c.emit();
  }
  return reduce(c, c.arguments().has(1, "dim") ? 2 : 1);
}

Made arg_extreme(Call& c) {
  if (c.get(1, "dim").kind != Kind::kInt) return c.opaque();
  c.op.kind = c.name() == "argmax" ? K::kArgMax : K::kArgMin;
  AxisAttrs attrs;
  attrs.axis = c.integer(1, "dim", 0);
  attrs.keep_dims = c.arguments().flag(2, "keepdim", false);
  attrs.dtype = DType::kInt64;
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made top_k(Call& c) {
  c.op.kind = K::kTopK;
  TopKAttrs attrs;
  attrs.k = c.integer(1, "k", 1);
  attrs.axis = c.integer(2, "dim", -1);
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  return c.emit_list(2);
}

// x, p, dims, keepdim
Made norm(Call& c) {
  c.op.kind = c.get(1).is_number() && std::fabs(c.get(1).number() - 1) <= 0 ? K::kReduceL1 : K::kReduceL2;
  AxesAttrs attrs;
  attrs.has_axes = true;
  attrs.axes = c.integers(2, "dim");
  attrs.keep_dims = c.arguments().flag(3, "keepdim", false);
  if (attrs.axes.empty()) {
    NNGAUGE_TRY(const Shape x, c.shape(0));
    for (std::size_t i = 0; x.ranked() && i < x.rank(); ++i) attrs.axes.push_back(static_cast<std::int64_t>(i));
  }
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

// The norm of the difference along the last axis.
Made pairwise_distance(Call& c) {
  Op difference;
  difference.kind = K::kSub;
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_CHECK(c.input(1));
  difference.inputs = std::move(c.op.inputs);
  c.op.inputs.clear();
  NNGAUGE_TRY(const TensorId x, c.step(std::move(difference)));
  const PyValue p = c.get(2, "p");
  c.op.kind = p.is_number() && std::fabs(p.number() - 1) <= 0 ? K::kReduceL1 : K::kReduceL2;
  AxesAttrs attrs;
  attrs.has_axes = true;
  attrs.axes = {-1};
  attrs.keep_dims = c.arguments().flag(4, "keepdim", false);
  c.op.attrs = std::move(attrs);
  c.operand(x);
  return c.emit();
}

template <std::size_t N, Made (*Handle)(Call&)>
constexpr std::array<OperatorRow, N> rows_of(const std::array<Name, N>& names) {
  std::array<OperatorRow, N> out{};
  for (std::size_t i = 0; i < N; ++i) out[i] = {names[i].name, Handle};
  return out;
}

constexpr std::array kOthers = {
    OperatorRow{"prelu", prelu},
    OperatorRow{"where", select_where},
    OperatorRow{"masked_fill", masked_fill},
    OperatorRow{"softmax", along_axis},
    OperatorRow{"_softmax", along_axis},
    OperatorRow{"log_softmax", along_axis},
    OperatorRow{"cumsum", along_axis},
    OperatorRow{"argmax", arg_extreme},
    OperatorRow{"argmin", arg_extreme},
    OperatorRow{"topk", top_k},
    OperatorRow{"norm", norm},
    OperatorRow{"linalg_vector_norm", norm},
    OperatorRow{"pairwise_distance", pairwise_distance},
};

constexpr auto kUnaryRows = rows_of<kUnary.size(), unary>(kUnary);
constexpr auto kBinaryRows = rows_of<kBinary.size(), binary>(kBinary);
constexpr auto kReductionRows = rows_of<kReductions.size(), reduction>(kReductions);

std::vector<OperatorRow> all_rows() {
  std::vector<OperatorRow> out(kUnaryRows.begin(), kUnaryRows.end());
  out.insert(out.end(), kBinaryRows.begin(), kBinaryRows.end());
  for (const OperatorRow& row : kReductionRows) {
    const bool both = row.name == "max" || row.name == "min";
    out.push_back({row.name, both ? extreme : row.handler});
  }
  out.insert(out.end(), kOthers.begin(), kOthers.end());
  return out;
}

}  // namespace

std::span<const OperatorRow> elementwise_operators() {
  static const std::vector<OperatorRow> kRows = all_rows();
  return kRows;
}

}  // namespace nngauge::torchscript
