// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <cstring>

#include "base/text.h"
#include "parsers/lookalike.h"

namespace nngauge {
namespace {

bool inside(Bytes file, std::uint64_t at, std::uint64_t length) {
  return at <= file.size() && length <= file.size() - at;
}

// A table whose vtable lies in the file, with slots that point into the table.
bool is_table(Bytes file, std::uint64_t at) {
  if (at < 8 || at % 4 != 0 || !inside(file, at, 4)) return false;
  const std::int64_t vtable =
      static_cast<std::int64_t>(at) - static_cast<std::int32_t>(number_at<std::uint32_t>(file, at));
  if (vtable < 4 || vtable % 2 != 0 || !inside(file, static_cast<std::uint64_t>(vtable), 4)) return false;
  const auto begin = static_cast<std::uint64_t>(vtable);
  const std::uint16_t bytes = number_at<std::uint16_t>(file, begin),
                      table_bytes = number_at<std::uint16_t>(file, begin + 2);
  if (bytes < 4 || bytes % 2 != 0 || table_bytes < 4 || !inside(file, begin, bytes) || !inside(file, at, table_bytes))
    return false;
  for (std::uint64_t slot = begin + 4; slot < begin + bytes; slot += 2) {
    if (number_at<std::uint16_t>(file, slot) >= table_bytes) return false;
  }
  return true;
}

}  // namespace

std::optional<Error> describe_flatbuffer(Bytes file) {
  if (file.size() < 16) return std::nullopt;
  const std::string_view mark = as_text(file.subspan(4, 4));
  const bool marked = std::all_of(mark.begin(), mark.end(), [](char c) {
    return std::isupper(static_cast<unsigned char>(c)) != 0 || std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
  const std::uint32_t root = number_at<std::uint32_t>(file, 0);
  // Offsets of roots are small: the root is written last, at the front of the file.
  constexpr std::uint32_t kFarthestRoot = 1U << 20U;
  if (root < 8 || root > kFarthestRoot) return std::nullopt;
  const bool sound = is_table(file, root);
  if (marked && sound) {
    return make_error(ErrorCode::kNotAModel,
                      "a FlatBuffers file of no known format (its identifier is " + in_quotes(mark) + ")");
  }
  if (marked && root % 4 == 0) {
    return make_error(ErrorCode::kDamaged, "what looks like a FlatBuffers file (identifier " + in_quotes(mark) +
                                               ") has no root table at byte " + std::to_string(root));
  }
  if (!sound) return std::nullopt;
  return make_error(ErrorCode::kNotAModel, "a FlatBuffers file without an identifier, of no known format");
}

}  // namespace nngauge
