// SPDX-License-Identifier: Apache-2.0
// Folding of element-wise functions: shape arithmetic in integers, scales in real numbers.
#include <cmath>
#include <limits>

#include "graph/ops/element_values.h"
#include "graph/ops/elementwise.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

using K = OpKind;
constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

// An extent that is open is still no negative number.
bool is_negative(Dim x) { return x.known() && x.value() < 0; }

Dim fold_add(Dim a, Dim b) {
  if (a.is(0)) return b;
  if (b.is(0)) return a;
  std::int64_t out = 0;
  if (!a.known() || !b.known() || __builtin_add_overflow(a.value(), b.value(), &out)) return Dim::unknown();
  return out;
}

Dim fold_subtract(Dim a, Dim b) {
  if (b.is(0)) return a;
  if (a.same_as(b)) return 0;
  std::int64_t out = 0;
  if (!a.known() || !b.known() || __builtin_sub_overflow(a.value(), b.value(), &out)) return Dim::unknown();
  return out;
}

Dim fold_multiply(Dim a, Dim b) {
  if (a.is(0) || b.is(0)) return 0;
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  std::int64_t out = 0;
  if (!a.known() || !b.known() || __builtin_mul_overflow(a.value(), b.value(), &out)) return Dim::unknown();
  return out;
}

// Quotient towards zero, or towards minus infinity.
Dim fold_divide(Dim a, Dim b, bool to_floor) {
  if (b.is(1)) return a;
  if (!a.known() || !b.known() || b.is(0)) return Dim::unknown();
  if (b.is(-1)) return fold_subtract(0, a);
  const std::int64_t quotient = a.value() / b.value();
  const bool inexact = a.value() % b.value() != 0;
  return to_floor && inexact && (a.value() < 0) != (b.value() < 0) ? quotient - 1 : quotient;
}

// Remainder with the sign of the divisor (to_floor), else only where both conventions agree.
Dim fold_remainder(Dim a, Dim b, bool to_floor) {
  if (b.is(1)) return 0;
  if (!a.known() || !b.known() || b.is(0)) return Dim::unknown();
  if (b.is(-1)) return 0;
  const std::int64_t rest = a.value() % b.value();
  if (rest == 0 || (rest < 0) == (b.value() < 0)) return rest;
  return to_floor ? Dim(rest + b.value()) : Dim::unknown();
}

Dim fold_power(Dim a, Dim b) {
  if (b.is(1)) return a;
  if (!a.known() || !b.known() || b.value() < 0) return Dim::unknown();
  Dim out = 1;
  Dim square = a;
  for (std::int64_t rest = b.value(); rest > 0; rest /= 2) {
    if (rest % 2 == 1) out = fold_multiply(out, square);
    if (rest > 1) square = fold_multiply(square, square);
    if (!out.known()) return out;
  }
  return out;
}

Dim fold_extreme(Dim a, Dim b, bool largest) {
  if (a.same_as(b)) return a;
  if (a.known() && b.known()) return largest == (a.value() > b.value()) ? a : b;
  const Dim known = a.known() ? a : b;
  const Dim open = a.known() ? b : a;
  if (open.is_symbol() && known.known() && known.value() <= 0) return largest ? open : known;
  return Dim::unknown();
}

// -1, 0, 1 as a is less than, equal to or greater than b; nullopt where nothing tells.
std::optional<int> compare(Dim a, Dim b) {
  if (a.same_as(b)) return 0;
  if (a.known() && b.known()) return a.value() < b.value() ? -1 : 1;
  if (a.is_symbol() && is_negative(b)) return 1;
  if (b.is_symbol() && is_negative(a)) return -1;
  return std::nullopt;
}

std::optional<int> compare(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::nullopt;
  return a < b ? -1 : (a > b ? 1 : 0);
}

std::optional<bool> holds(K kind, std::optional<int> order) {
  if (!order) return std::nullopt;
  switch (kind) {
    case K::kEqual:
      return *order == 0;
    case K::kNotEqual:
      return *order != 0;
    case K::kGreater:
      return *order > 0;
    case K::kGreaterEqual:
      return *order >= 0;
    case K::kLess:
      return *order < 0;
    case K::kLessEqual:
      return *order <= 0;
    default:
      return std::nullopt;
  }
}

bool is_comparison(K kind) {
  return kind == K::kEqual || kind == K::kNotEqual || kind == K::kGreater || kind == K::kGreaterEqual ||
         kind == K::kLess || kind == K::kLessEqual;
}

Dim truth(std::optional<bool> value) { return value ? Dim(*value ? 1 : 0) : Dim::unknown(); }

Dim fold_logic(K kind, Dim a, Dim b) {
  if (kind == K::kLogicalAnd && (a.is(0) || b.is(0))) return 0;
  if (!a.known() || !b.known()) return Dim::unknown();
  const bool left = a.value() != 0;
  const bool right = b.value() != 0;
  if (kind == K::kLogicalAnd) return truth(left && right);
  return truth(kind == K::kLogicalOr ? left || right : left != right);
}

Value combine(K kind, const Value& a, const Value& b, DType dtype) {
  Value out;
  const bool real = a.real || b.real;
  out.real = real && !is_comparison(kind);
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (is_comparison(kind)) {
      const auto order = real ? compare(real_at(a, i), real_at(b, i)) : compare(a.ints[i], b.ints[i]);
      out.ints.push_back(truth(holds(kind, order)));
    } else if (real) {
      out.reals.push_back(rounded_to(dtype, combine_elements(kind, real_at(a, i), real_at(b, i))));
    } else {
      out.ints.push_back(fitted_to(dtype, combine_elements(kind, a.ints[i], b.ints[i])));
    }
  }
  return out;
}

Dim fold_unary(K kind, Dim x) {
  if ((kind == K::kAbs || kind == K::kRelu) && x.is_symbol()) return x;
  if (!x.known()) return Dim::unknown();
  switch (kind) {
    case K::kRelu:
      return x.value() < 0 ? 0 : x.value();
    case K::kAbs:
      return x.value() < 0 ? fold_subtract(0, x) : x;
    case K::kNeg:
      return fold_subtract(0, x);
    case K::kSign:
      return (x.value() > 0 ? 1 : 0) - (x.value() < 0 ? 1 : 0);
    case K::kSquare:
      return fold_multiply(x, x);
    case K::kLogicalNot:
      return x.value() == 0 ? 1 : 0;
    default:
      return Dim::unknown();
  }
}

double fold_unary(K kind, double x) {
  switch (kind) {
    case K::kRelu:
      return std::fmax(x, 0.0);
    case K::kAbs:
      return std::fabs(x);
    case K::kNeg:
      return -x;
    case K::kSign:
      return (x > 0 ? 1.0 : 0.0) - (x < 0 ? 1.0 : 0.0);
    case K::kSquare:
      return x * x;
    case K::kExp:
      return std::exp(x);
    case K::kLog:
      return std::log(x);
    case K::kSqrt:
      return std::sqrt(x);
    case K::kFloor:
      return std::floor(x);
    case K::kCeil:
      return std::ceil(x);
    case K::kRound:
      return std::nearbyint(x);  // halves go to the even neighbour
    case K::kReciprocal:
      return x == 0 ? kNotKnown : 1 / x;
    default:
      return kNotKnown;
  }
}

DType result_dtype(const RuleContext& c, std::size_t result) {
  return c.output(result) ? c.output(result)->dtype : DType::kUnknown;
}

}  // namespace

Dim combine_elements(K kind, Dim a, Dim b) {
  switch (kind) {
    case K::kAdd:
      return fold_add(a, b);
    case K::kSub:
      return fold_subtract(a, b);
    case K::kMul:
      return fold_multiply(a, b);
    case K::kDiv:
      return fold_divide(a, b, false);
    case K::kFloorDiv:
      return fold_divide(a, b, true);
    case K::kMod:
      return fold_remainder(a, b, false);
    case K::kFloorMod:
      return fold_remainder(a, b, true);
    case K::kPow:
      return fold_power(a, b);
    case K::kMaximum:
      return fold_extreme(a, b, true);
    case K::kMinimum:
      return fold_extreme(a, b, false);
    case K::kLogicalAnd:
    case K::kLogicalOr:
    case K::kLogicalXor:
      return fold_logic(kind, a, b);
    default:
      return Dim::unknown();
  }
}

double combine_elements(K kind, double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return kNotKnown;
  switch (kind) {
    case K::kAdd:
      return a + b;
    case K::kSub:
      return a - b;
    case K::kMul:
      return a * b;
    case K::kDiv:
      return b == 0 ? kNotKnown : a / b;
    case K::kFloorDiv:
      return b == 0 ? kNotKnown : std::floor(a / b);
    case K::kMod:
      return b > 0 && a >= 0 ? std::fmod(a, b) : kNotKnown;
    case K::kFloorMod:
      return b == 0 ? kNotKnown : a - std::floor(a / b) * b;
    case K::kPow:
      return std::pow(a, b);
    case K::kMaximum:
      return std::fmax(a, b);
    case K::kMinimum:
      return std::fmin(a, b);
    default:
      return kNotKnown;
  }
}

std::optional<Value> fold_unary(const RuleContext& c, std::size_t result) {
  const Value* x = c.value(0);
  if (result != 0 || x == nullptr) return std::nullopt;
  Value out;
  out.real = x->real;
  const DType dtype = result_dtype(c, 0);
  for (const Dim element : x->ints) out.ints.push_back(fitted_to(dtype, fold_unary(c.kind(), element)));
  for (const double element : x->reals)
    out.reals.push_back(std::isnan(element) ? kNotKnown : rounded_to(dtype, fold_unary(c.kind(), element)));
  return out;
}

std::optional<Value> fold_clip(const RuleContext& c, std::size_t result) {
  const Value* x = c.value(0);
  if (result != 0 || x == nullptr) return std::nullopt;
  Value out = *x;
  const DType dtype = result_dtype(c, 0);
  for (const std::size_t limit : {std::size_t{1}, std::size_t{2}}) {
    const K kind = limit == 1 ? K::kMaximum : K::kMinimum;
    Value bound;
    if (c.has_input(limit)) {
      if (c.value(limit) == nullptr || c.value(limit)->size() != 1) return std::nullopt;
      bound = pick(*c.value(limit), std::vector<std::size_t>(x->size(), 0));
    } else if (std::holds_alternative<ScalarAttrs>(c.op().attrs)) {
      if (!x->real) return std::nullopt;
      const auto& limits = c.attrs<ScalarAttrs>();
      bound = Value::of_reals(std::vector<double>(x->size(), limit == 1 ? limits.alpha : limits.beta));
    } else {
      continue;
    }
    if (bound.real != out.real) return std::nullopt;
    out = combine(kind, out, bound, dtype);
  }
  return out;
}

std::optional<Value> fold_binary(const RuleContext& c, std::size_t result) {
  const std::size_t operands = data_operand_count(c);
  const auto extents = result_extents(c, 0);
  if (result != 0 || operands == 0 || !extents || c.attrs<BroadcastAttrs>().legacy) return std::nullopt;
  std::optional<Value> out;
  for (std::size_t i = 0; i < operands; ++i) {
    const auto operand = known_operand(c, i);
    if (!operand) return std::nullopt;
    auto next = broadcast_value(*operand, *extents);
    if (!next) return std::nullopt;
    out = out ? combine(c.kind(), *out, *next, result_dtype(c, 0)) : std::move(next);
  }
  return out;
}

std::optional<Value> fold_select(const RuleContext& c, std::size_t result) {
  const auto condition = known_operand(c, 0);
  const auto x = known_operand(c, 1);
  const auto y = known_operand(c, 2);
  const auto extents = result_extents(c, 0);
  if (result != 0 || !condition || !x || !y || !extents || condition->value->real || x->value->real != y->value->real)
    return std::nullopt;
  const auto chooses = broadcast_value(*condition, *extents);
  const auto yes = broadcast_value(*x, *extents);
  const auto no = broadcast_value(*y, *extents);
  if (!chooses || !yes || !no) return std::nullopt;
  Value out;
  out.real = yes->real;
  for (std::size_t i = 0; i < chooses->size(); ++i) {
    const Dim choice = chooses->ints[i];
    if (out.real) {
      const double left = yes->reals[i];
      const double right = no->reals[i];
      out.reals.push_back(choice.known() ? (choice.is(0) ? right : left) : (left == right ? left : kNotKnown));
    } else {
      const Dim left = yes->ints[i];
      const Dim right = no->ints[i];
      out.ints.push_back(choice.known() ? (choice.is(0) ? right : left)
                                        : (left.same_as(right) ? left : Dim::unknown()));
    }
  }
  return out;
}

}  // namespace nngauge
