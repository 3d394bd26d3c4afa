// SPDX-License-Identifier: Apache-2.0
#include "data/bundled.h"

#include <span>

extern "C" {
#include "bundled_symbols.inc"
}

namespace nngauge {
namespace {

struct Row {
  std::string_view name;
  const unsigned char* begin;
  const unsigned char* end;
};

std::span<const Row> rows() {
  // The last row is empty so that the list is never.
  static const Row kRows[] = {
#include "bundled_table.inc"
      {"", nullptr, nullptr},
  };
  return std::span(kRows).first(std::size(kRows) - 1);
}

}  // namespace

std::optional<Bytes> find_bundled(std::string_view name) {
  for (const Row& row : rows()) {
    if (row.name == name) return Bytes(row.begin, row.end);
  }
  return std::nullopt;
}

std::vector<std::string_view> list_bundled(std::string_view prefix) {
  std::vector<std::string_view> out;
  for (const Row& row : rows()) {
    if (row.name.starts_with(prefix)) out.push_back(row.name);
  }
  return out;
}

}  // namespace nngauge
