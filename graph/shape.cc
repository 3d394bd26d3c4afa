// SPDX-License-Identifier: Apache-2.0
#include "graph/shape.h"

#include <algorithm>

namespace nngauge {

SymbolId SymbolTable::intern(std::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) return static_cast<SymbolId>(found - names_.begin());
  names_.emplace_back(name);
  return static_cast<SymbolId>(names_.size() - 1);
}

Dim Shape::at(std::int64_t axis) const {
  const auto rank = static_cast<std::int64_t>(dims_.size());
  if (axis < 0) axis += rank;
  if (!ranked_ || axis < 0 || axis >= rank) return Dim::unknown();
  return dims_[static_cast<std::size_t>(axis)];
}

bool Shape::is_static() const {
  return ranked_ && std::all_of(dims_.begin(), dims_.end(), [](Dim dim) { return dim.known(); });
}

std::optional<Count> Shape::elements() const {
  if (!is_static()) return std::nullopt;
  Count product = 1;
  bool empty = false;
  for (const Dim dim : dims_) {
    empty = empty || dim.value() == 0;
    product *= Count::from_signed(dim.value());
  }
  return empty ? Count(0) : product;
}

std::string shape_text(const Shape& shape, const SymbolTable& symbols) {
  if (!shape.ranked()) return "[?...]";
  std::string out = "[";
  for (const Dim dim : shape.dims()) {
    if (out.size() > 1) out += ",";
    out += dim.known() ? std::to_string(dim.value()) : dim.is_symbol() ? symbols.name(dim.symbol_id()) : "?";
  }
  return out + "]";
}

std::optional<std::vector<std::int64_t>> Value::known_ints() const {
  if (real) return std::nullopt;
  std::vector<std::int64_t> out;
  out.reserve(ints.size());
  for (const Dim element : ints) {
    if (!element.known()) return std::nullopt;
    out.push_back(element.value());
  }
  return out;
}

}  // namespace nngauge
