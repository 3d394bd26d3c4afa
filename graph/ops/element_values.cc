// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/element_values.h"

#include <cmath>
#include <limits>

namespace nngauge {
namespace {

std::optional<Ints> small_extents(const Shape& shape) {
  const std::optional<Count> elements = shape.elements();
  if (!elements || elements->overflowed() || elements->value() > kMaxValueElements) return std::nullopt;
  Ints out;
  for (const Dim dim : shape.dims()) out.push_back(dim.value());
  return out;
}

}  // namespace

std::optional<KnownTensor> known_operand(const RuleContext& c, std::size_t i) {
  const Value* value = c.value(i);
  if (value == nullptr) return std::nullopt;
  std::optional<Ints> extents = small_extents(c.in(i));
  if (!extents || element_count(*extents) != value->size()) return std::nullopt;
  return KnownTensor{value, *std::move(extents)};
}

std::optional<Ints> result_extents(const RuleContext& c, std::size_t i) { return small_extents(c.out(i)); }

std::size_t element_count(const Ints& extents) {
  for (const std::int64_t extent : extents) {
    if (extent == 0) return 0;
  }
  std::size_t count = 1;
  for (const std::int64_t extent : extents) count *= static_cast<std::size_t>(extent);
  return count;
}

std::vector<std::size_t> row_major_strides(const Ints& extents) {
  std::vector<std::size_t> strides(extents.size(), 1);
  for (std::size_t axis = extents.size(); axis-- > 1;)
    strides[axis - 1] = strides[axis] * static_cast<std::size_t>(extents[axis]);
  return strides;
}

Value pick(const Value& value, const std::vector<std::size_t>& places) {
  Value out;
  out.real = value.real;
  for (const std::size_t place : places) {
    if (value.real) out.reals.push_back(value.reals[place]);
    else out.ints.push_back(value.ints[place]);
  }
  return out;
}

std::optional<std::vector<std::size_t>> broadcast_places(const Ints& from, const Ints& to) {
  if (from.size() > to.size()) return std::nullopt;
  const std::size_t lead = to.size() - from.size();
  const std::vector<std::size_t> strides = row_major_strides(from);
  for (std::size_t axis = 0; axis < from.size(); ++axis) {
    if (from[axis] != 1 && from[axis] != to[lead + axis]) return std::nullopt;
  }
  std::vector<std::size_t> places;
  for_each_position(to, [&](const Ints& position) {
    std::size_t place = 0;
    for (std::size_t axis = 0; axis < from.size(); ++axis) {
      if (from[axis] != 1) place += strides[axis] * static_cast<std::size_t>(position[lead + axis]);
    }
    places.push_back(place);
  });
  return places;
}

std::optional<Value> broadcast_value(const KnownTensor& operand, const Ints& to) {
  const auto places = broadcast_places(operand.extents, to);
  if (!places) return std::nullopt;
  return pick(*operand.value, *places);
}

double real_at(const Value& value, std::size_t i) {
  if (value.real) return value.reals[i];
  return value.ints[i].known() ? static_cast<double>(value.ints[i].value()) : std::numeric_limits<double>::quiet_NaN();
}

double rounded_to(DType dtype, double number) {
  if (!std::isfinite(number)) return std::numeric_limits<double>::quiet_NaN();
  if (dtype == DType::kFloat64) return number;
  if (std::fabs(number) > static_cast<double>(std::numeric_limits<float>::max()))
    return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(static_cast<float>(number));
}

Dim fitted_to(DType dtype, Dim number) {
  if (!number.known() || !is_integer(dtype)) return number;
  const int bits = dtype_bits(dtype);
  const bool is_unsigned = dtype == DType::kUInt8 || dtype == DType::kUInt16 || dtype == DType::kUInt32 ||
                           dtype == DType::kUInt64 || dtype == DType::kUInt4 || dtype == DType::kUInt2;
  if (is_unsigned) {
    if (number.value() < 0) return Dim::unknown();
    if (bits < 63 && (number.value() >> bits) != 0) return Dim::unknown();
    return number;
  }
  if (bits >= 64 || bits == 0) return number;
  const std::int64_t limit = std::int64_t{1} << (bits - 1);
  return number.value() >= -limit && number.value() < limit ? number : Dim::unknown();
}

}  // namespace nngauge
