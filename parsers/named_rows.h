// SPDX-License-Identifier: Apache-2.0
// Owns: tables of rows with a `name`, sorted by it, and finding one by bisection.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace nngauge {

// For a static_assert beside the table: each name greater than the one before.
template <class Row, std::size_t N>
constexpr bool sorted_by_name(const Row (&rows)[N]) {
  for (std::size_t i = 1; i < N; ++i) {
    if (!(std::string_view(rows[i - 1].name) < std::string_view(rows[i].name))) return false;
  }
  return true;
}

// nullptr: no row has that name.
template <class Row, std::size_t N>
const Row* find_by_name(const Row (&rows)[N], std::string_view name) {
  const auto before = [](const Row& row, std::string_view wanted) { return std::string_view(row.name) < wanted; };
  const Row* row = std::lower_bound(std::begin(rows), std::end(rows), name, before);
  return row != std::end(rows) && row->name == name ? row : nullptr;
}

}  // namespace nngauge
