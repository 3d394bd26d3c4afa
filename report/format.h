// SPDX-License-Identifier: Apache-2.0
// Owns: the output formats, how text is set off on a terminal, and small pieces that several reports print.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nngauge {

enum class OutputFormat : std::uint8_t { kText, kJson, kCsv, kNdjson };

// How text is set off. Without colour every function gives the text back as it is.
class Style {
 public:
  explicit Style(bool colour = false) : colour_(colour) {}
  [[nodiscard]] std::string bold(std::string_view text) const { return wrap("1", text); }
  [[nodiscard]] std::string dim(std::string_view text) const { return wrap("2", text); }
  [[nodiscard]] std::string warning(std::string_view text) const { return wrap("33", text); }
  [[nodiscard]] std::string error(std::string_view text) const { return wrap("31", text); }
  [[nodiscard]] std::string good(std::string_view text) const { return wrap("32", text); }

 private:
  [[nodiscard]] std::string wrap(std::string_view code, std::string_view text) const;
  bool colour_;
};

// "568,740,352", or "unknown".
std::string count_or_unknown(const std::optional<std::uint64_t>& value);
// 0.0312 -> "3.1 %"; a share of everything never rounds up to "100.0 %" unless it is 1, nor down to "0.0 %" unless 0.
std::string percent(double share);
std::string percent_or_blank(const std::optional<double>& share);
// Milliseconds with three significant digits: 0.0123 -> "0.0123", 54.12 -> "54.1", 1234.5 -> "1,235".
std::string milliseconds(double value);
// A field of a CSV line: quoted where it holds a comma, quote or line break (RFC 4180).
std::string csv_field(std::string_view text);
// `text` cut to `width` columns with an ellipsis in the middle, where names differ least.
std::string shortened(std::string_view text, std::size_t width);
// "1 operator", "2 operators".
std::string plural(std::uint64_t count, std::string_view singular, std::string_view plural_form = "");

}  // namespace nngauge
