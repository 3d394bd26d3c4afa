// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/dims.h"

#include <limits>
#include <string>

namespace nngauge {
namespace {

Error too_large() { return make_error(ErrorCode::kOverflow, "an extent does not fit 64 bits"); }

std::string text(const RuleContext& c, Dim dim) {
  return dim.known() ? std::to_string(dim.value()) : dim.is_symbol() ? c.model().symbols.name(dim.symbol_id()) : "?";
}

}  // namespace

Result<Dim> multiply(Dim a, Dim b) {
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  if (a.is(0) || b.is(0)) return Dim(0);
  if (!a.known() || !b.known()) return Dim::unknown();
  std::int64_t out = 0;
  if (__builtin_mul_overflow(a.value(), b.value(), &out)) return too_large();
  return Dim(out);
}

Result<Dim> add(Dim a, Dim b) {
  if (a.is(0)) return b;
  if (b.is(0)) return a;
  if (!a.known() || !b.known()) return Dim::unknown();
  std::int64_t out = 0;
  if (__builtin_add_overflow(a.value(), b.value(), &out)) return too_large();
  return Dim(out);
}

Result<Dim> product(const Shape& shape, std::size_t begin, std::size_t end) {
  Dim out = 1;
  for (std::size_t i = begin; i < end; ++i) {
    NNGAUGE_TRY(out, multiply(out, shape[i]));
  }
  return out;
}

Result<Dim> agree(const RuleContext& c, Dim a, Dim b, std::string_view what) {
  if (!may_equal(a, b)) {
    return make_error(ErrorCode::kShapeMismatch,
                      std::string(what) + ": " + text(c, a) + " and " + text(c, b) + " differ");
  }
  return a.known() ? a : b.known() ? b : a.is_symbol() ? a : b;
}

Status check_rank(const RuleContext& c, const Shape& shape, std::size_t rank, std::string_view what) {
  if (!shape.ranked() || shape.rank() == rank) return ok();
  return make_error(ErrorCode::kShapeMismatch, std::string(what) + " " + c.text(shape) + " has " +
                                                   std::to_string(shape.rank()) + " axes, needs " +
                                                   std::to_string(rank));
}

Result<Ints> per_axis(const Ints& given, std::size_t axes, std::int64_t fallback, std::int64_t least,
                      std::string_view what) {
  if (given.empty()) return Ints(axes, fallback);
  if (given.size() != axes) {
    return make_error(ErrorCode::kInvalidAttribute, std::string(what) + " has " + std::to_string(given.size()) +
                                                        " entries, needs " + std::to_string(axes));
  }
  for (const std::int64_t entry : given) {
    if (entry < least || entry > std::numeric_limits<std::int32_t>::max()) {
      return make_error(ErrorCode::kInvalidAttribute, std::string(what) + " is " + std::to_string(entry));
    }
  }
  return given;
}

Status check_vector(const RuleContext& c, std::size_t operand, Dim channels, std::string_view what) {
  if (!c.has_input(operand)) return ok();
  const std::optional<Count> elements = c.in(operand).elements();
  if (!elements || !channels.known() || *elements == Count::from_signed(channels.value())) return ok();
  return make_error(ErrorCode::kShapeMismatch, std::string(what) + " has shape " + c.text(c.in(operand)) + ", needs " +
                                                   std::to_string(channels.value()) + " elements");
}

Status check_bias_type(const RuleContext& c, std::size_t operand) {
  const DType bias = c.in_dtype(operand);
  if (!is_integer(bias)) return ok();
  if (is_float(c.in_dtype(0)) || dtype_bits(bias) < 16) {
    return make_error(ErrorCode::kShapeMismatch, "bias is " + std::string(dtype_name(bias)) + ", input is " +
                                                     std::string(dtype_name(c.in_dtype(0))));
  }
  return ok();
}

std::vector<TensorInfo> results(const RuleContext& c, std::vector<TensorInfo> infos) {
  infos.resize(c.output_count());
  return infos;
}

}  // namespace nngauge
