// SPDX-License-Identifier: Apache-2.0
// Owns: what folding rules need: known operands, positions in row-major order, numbers rounded as their type rounds
// them. Not here: the folding rules themselves (each family's file).
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "graph/attributes.h"
#include "graph/rule.h"

namespace nngauge {

// A tensor whose elements (some of them possibly unknown) and extents are at hand.
struct KnownTensor {
  const Value* value = nullptr;
  Ints extents;
};

// Operand i, if its elements are kept and its shape is static and agrees with their number.
std::optional<KnownTensor> known_operand(const RuleContext& c, std::size_t i);
// Extents of result i, if static and of at most kMaxValueElements elements.
std::optional<Ints> result_extents(const RuleContext& c, std::size_t i);
// Product of extents that are known to be small.
std::size_t element_count(const Ints& extents);
// Distance in elements between neighbours along each axis.
std::vector<std::size_t> row_major_strides(const Ints& extents);

// Calls visit(position) for every position in row-major order.
template <class Visit>
void for_each_position(const Ints& extents, Visit visit) {
  Ints position(extents.size(), 0);
  const std::size_t count = element_count(extents);
  for (std::size_t n = 0; n < count; ++n) {
    visit(static_cast<const Ints&>(position));
    for (std::size_t axis = extents.size(); axis-- > 0;) {
      if (++position[axis] < extents[axis]) break;
      position[axis] = 0;
    }
  }
}

// The elements at the given places.
Value pick(const Value& value, const std::vector<std::size_t>& places);
// Per element of a result with extents `to`: where an operand with extents `from` broadcast to it is read.
// nullopt if it cannot be broadcast.
std::optional<std::vector<std::size_t>> broadcast_places(const Ints& from, const Ints& to);
// `operand` broadcast to `to`.
std::optional<Value> broadcast_value(const KnownTensor& operand, const Ints& to);

// Element i as a real number; NaN where it is not known.
double real_at(const Value& value, std::size_t i);
// `number` as a tensor of that type holds it: float32 and narrower are rounded to float32. NaN if it does not fit.
double rounded_to(DType dtype, double number);
// `number`, or unknown if the integer type cannot hold it (it would wrap).
Dim fitted_to(DType dtype, Dim number);

}  // namespace nngauge
