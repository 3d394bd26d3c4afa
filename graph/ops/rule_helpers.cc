// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/rule_helpers.h"

#include <algorithm>

namespace nngauge {
namespace {

// The extent that two aligned ones broadcast to; nullopt where they cannot.
std::optional<Dim> broadcast_dims(Dim a, Dim b) {
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  if (a.known() && b.known()) return a.value() == b.value() ? std::optional(a) : std::nullopt;
  if (a.known()) return a;
  if (b.known()) return b;
  return a.same_as(b) ? a : Dim::unknown();
}

}  // namespace

Result<std::size_t> normalise_axis(std::int64_t axis, std::size_t rank) {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "axis " + std::to_string(axis) + " is out of range for rank " + std::to_string(rank));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

Result<std::vector<std::size_t>> normalise_axes(std::span<const std::int64_t> axes, std::size_t rank) {
  std::vector<std::size_t> out;
  std::vector<bool> seen(rank, false);
  for (const std::int64_t axis : axes) {
    NNGAUGE_TRY(const std::size_t index, normalise_axis(axis, rank));
    if (seen[index])
      return make_error(ErrorCode::kInvalidAttribute, "axis " + std::to_string(axis) + " is named twice");
    seen[index] = true;
    out.push_back(index);
  }
  return out;
}

Result<Dim> add_dims(Dim a, Dim b) {
  if (a.is(0)) return b;
  if (b.is(0)) return a;
  if (!a.known() || !b.known()) return Dim::unknown();
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a.value(), b.value(), &sum))
    return make_error(ErrorCode::kOverflow, "a sum of extents does not fit 64 bits");
  return Dim(sum);
}

Result<Dim> multiply_dims(Dim a, Dim b) {
  if (a.is(0) || b.is(0)) return Dim(0);
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  if (!a.known() || !b.known()) return Dim::unknown();
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a.value(), b.value(), &product))
    return make_error(ErrorCode::kOverflow, "a product of extents does not fit 64 bits");
  return Dim(product);
}

Result<Dim> product_of(std::span<const Dim> dims) {
  if (std::any_of(dims.begin(), dims.end(), [](Dim dim) { return dim.is(0); })) return Dim(0);
  Dim product = 1;
  for (const Dim dim : dims) {
    NNGAUGE_TRY(product, multiply_dims(product, dim));
  }
  return product;
}

Result<Dim> product_of(const Shape& shape, std::size_t from, std::size_t to) {
  return product_of(std::span<const Dim>(shape.dims()).subspan(from, to - from));
}

Result<Dim> divide_exactly(Dim a, std::int64_t b, const std::string& what) {
  if (b == 1) return a;
  if (!a.known()) return Dim::unknown();
  if (a.value() % b != 0) {
    return make_error(ErrorCode::kShapeMismatch,
                      what + " " + std::to_string(a.value()) + " is no multiple of " + std::to_string(b));
  }
  return Dim(a.value() / b);
}

Result<Dim> merge_dims(Dim a, Dim b, const std::string& what) {
  if (a.known() && b.known() && a.value() != b.value()) {
    return make_error(ErrorCode::kShapeMismatch,
                      what + " is " + std::to_string(a.value()) + " and " + std::to_string(b.value()));
  }
  if (a.known()) return a;
  if (b.known()) return b;
  return a.is_symbol() ? a : b;
}

std::string dim_text(const RuleContext& c, Dim dim) {
  if (dim.known()) return std::to_string(dim.value());
  return dim.is_symbol() ? c.model().symbols.name(dim.symbol_id()) : "?";
}

Result<Shape> broadcast_shapes(const RuleContext& c, const Shape& a, const Shape& b) {
  if (!a.ranked() || !b.ranked()) return Shape::unknown_rank();
  const std::size_t rank = std::max(a.rank(), b.rank());
  Shape out = Shape::of_rank(rank);
  for (std::size_t from_end = 1; from_end <= rank; ++from_end) {
    const Dim left = from_end <= a.rank() ? a[a.rank() - from_end] : Dim(1);
    const Dim right = from_end <= b.rank() ? b[b.rank() - from_end] : Dim(1);
    const std::optional<Dim> dim = broadcast_dims(left, right);
    if (!dim) {
      return make_error(ErrorCode::kShapeMismatch,
                        "operand shapes " + c.text(a) + " and " + c.text(b) + " cannot be broadcast");
    }
    out[rank - from_end] = *dim;
  }
  return out;
}

Result<Shape> broadcast_operands(const RuleContext& c, std::size_t first, std::size_t last) {
  Shape out = Shape::scalar();
  for (std::size_t i = first; i < last; ++i) {
    if (!c.has_input(i)) continue;
    NNGAUGE_TRY(out, broadcast_shapes(c, out, c.in(i)));
  }
  return out;
}

std::optional<std::vector<Dim>> operand_dims(const RuleContext& c, std::size_t i) {
  const Value* value = c.value(i);
  if (value == nullptr || value->real) return std::nullopt;
  return value->ints;
}

std::optional<Ints> operand_ints(const RuleContext& c, std::size_t i) {
  const Value* value = c.value(i);
  return value == nullptr ? std::nullopt : value->known_ints();
}

std::optional<std::int64_t> operand_int(const RuleContext& c, std::size_t i) {
  const std::optional<Ints> elements = operand_ints(c, i);
  if (!elements || elements->size() != 1) return std::nullopt;
  return elements->front();
}

std::optional<std::size_t> operand_length(const RuleContext& c, std::size_t i) {
  if (const Value* value = c.value(i)) return value->size();
  const std::optional<Count> elements = c.in(i).elements();
  if (!elements || elements->overflowed()) return std::nullopt;
  return static_cast<std::size_t>(elements->value());
}

Result<Ints> ints_of(const RuleContext& c, std::size_t i, const Ints& attribute, const std::string& what) {
  if (!c.has_input(i)) return attribute;
  std::optional<Ints> elements = operand_ints(c, i);
  if (!elements) return unknown("the elements of the " + what + " operand are not known");
  return *std::move(elements);
}

std::size_t data_operand_count(const RuleContext& c) {
  std::size_t count = c.input_count();
  while (count > 0) {
    const OperandRole role = c.op().inputs[count - 1].role;
    if (role != OperandRole::kQuant && role != OperandRole::kCapture) break;
    --count;
  }
  return count;
}

Infos same_for_all(const RuleContext& c, const TensorInfo& info) { return Infos(c.output_count(), info); }

}  // namespace nngauge
