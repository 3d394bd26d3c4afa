// SPDX-License-Identifier: Apache-2.0
// Folding of concatenation, splitting, stacking, tiling, expansion.
#include <algorithm>

#include "graph/ops/element_values.h"
#include "graph/ops/joining.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

// All given operands, if every one is known and all are integers or all real numbers.
std::optional<std::vector<KnownTensor>> known_operands(const RuleContext& c) {
  std::vector<KnownTensor> out;
  for (std::size_t i = 0; i < data_operand_count(c); ++i) {
    if (!c.has_input(i)) continue;
    auto operand = known_operand(c, i);
    if (!operand || (!out.empty() && out.front().value->real != operand->value->real)) return std::nullopt;
    out.push_back(*std::move(operand));
  }
  if (out.empty()) return std::nullopt;
  return out;
}

void append(Value& out, const Value& from, std::size_t place) {
  if (out.real) out.reals.push_back(from.reals[place]);
  else out.ints.push_back(from.ints[place]);
}

// Product of extents before an axis.
std::size_t outer_count(const Ints& extents, std::size_t axis) {
  return element_count(Ints(extents.begin(), extents.begin() + static_cast<std::ptrdiff_t>(axis)));
}

// Lays blocks of the operands after one another: of operand i, one outermost index after the other.
Value interleave(const std::vector<KnownTensor>& operands, std::size_t outer) {
  Value out;
  out.real = operands.front().value->real;
  for (std::size_t n = 0; n < outer; ++n) {
    for (const KnownTensor& operand : operands) {
      const std::size_t block = operand.value->size() / outer;
      for (std::size_t k = 0; k < block; ++k) append(out, *operand.value, n * block + k);
    }
  }
  return out;
}

// Elements [first, first + count) of an axis.
Value take_range(const KnownTensor& x, std::size_t axis, std::int64_t first, std::int64_t count) {
  Value out;
  out.real = x.value->real;
  std::size_t next = 0;
  for_each_position(x.extents, [&](const Ints& position) {
    if (position[axis] >= first && position[axis] < first + count) append(out, *x.value, next);
    ++next;
  });
  return out;
}

}  // namespace

std::optional<Value> fold_concat(const RuleContext& c, std::size_t result) {
  const auto operands = known_operands(c);
  if (result != 0 || !operands) return std::nullopt;
  const auto axis = normalise_axis(c.attrs<AxisAttrs>().axis, operands->front().extents.size());
  if (!axis) return std::nullopt;
  const std::size_t outer = outer_count(operands->front().extents, *axis);
  for (const KnownTensor& operand : *operands) {
    if (operand.extents.size() <= *axis || outer_count(operand.extents, *axis) != outer) return std::nullopt;
  }
  return interleave(*operands, outer);
}

std::optional<Value> fold_stack(const RuleContext& c, std::size_t result) {
  const auto operands = known_operands(c);
  if (result != 0 || !operands) return std::nullopt;
  const Ints& extents = operands->front().extents;
  const auto axis = normalise_axis(c.attrs<AxisAttrs>().axis, extents.size() + 1);
  const bool alike = std::all_of(operands->begin(), operands->end(),
                                 [&](const KnownTensor& operand) { return operand.extents == extents; });
  if (!axis || !alike) return std::nullopt;
  return interleave(*operands, outer_count(extents, *axis));
}

std::optional<Value> fold_split(const RuleContext& c, std::size_t result) {
  const auto x = known_operand(c, 0);
  if (!x) return std::nullopt;
  const auto axis = normalise_axis(c.attrs<SplitAttrs>().axis, x->extents.size());
  if (!axis) return std::nullopt;
  std::int64_t first = 0;
  for (std::size_t i = 0; i <= result; ++i) {
    const Dim part = c.out(i).at(static_cast<std::int64_t>(*axis));
    if (!part.known() || part.value() < 0 || part.value() > x->extents[*axis] - first) return std::nullopt;
    if (i == result) return take_range(*x, *axis, first, part.value());
    first += part.value();
  }
  return std::nullopt;
}

std::optional<Value> fold_unstack(const RuleContext& c, std::size_t result) {
  const auto x = known_operand(c, 0);
  if (!x) return std::nullopt;
  const auto axis = normalise_axis(c.attrs<AxisAttrs>().axis, x->extents.size());
  if (!axis || static_cast<std::int64_t>(result) >= x->extents[*axis]) return std::nullopt;
  return take_range(*x, *axis, static_cast<std::int64_t>(result), 1);
}

std::optional<Value> fold_tile(const RuleContext& c, std::size_t result) {
  const auto x = known_operand(c, 0);
  const auto extents = result_extents(c, 0);
  if (result != 0 || !x || !extents || extents->size() != x->extents.size()) return std::nullopt;
  const std::vector<std::size_t> strides = row_major_strides(x->extents);
  std::vector<std::size_t> places;
  for_each_position(*extents, [&](const Ints& position) {
    std::size_t place = 0;
    for (std::size_t i = 0; i < position.size(); ++i)
      place += strides[i] * static_cast<std::size_t>(position[i] % x->extents[i]);
    places.push_back(place);
  });
  return pick(*x->value, places);
}

std::optional<Value> fold_expand(const RuleContext& c, std::size_t result) {
  const auto x = known_operand(c, 0);
  const auto extents = result_extents(c, 0);
  if (result != 0 || !x || !extents) return std::nullopt;
  return broadcast_value(*x, *extents);
}

}  // namespace nngauge
