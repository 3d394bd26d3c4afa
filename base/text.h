// SPDX-License-Identifier: Apache-2.0
// Owns: numbers and names as people read them: digit groups, SI units, near matches, aligned tables.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nngauge {

// 568740352 -> "568,740,352".
std::string with_thousands(std::uint64_t value);
// 568740352 -> "568.7 M"; three to four significant digits, factors of 1000; unit is appended: si(x, "MAC") -> "568.7
// MMAC".
std::string si(double value, std::string_view unit = "");
// 16927904 -> "16.93 MB" (decimal).
std::string bytes_text(double bytes);
// Shortest decimal that reads back as the same double; "null" is never printed here.
std::string shortest(double value);
// printf's %.*f without locale.
std::string fixed(double value, int decimals);
std::string in_quotes(std::string_view text);   // "text" with control characters as \xNN
std::string lower_case(std::string_view text);  // ASCII letters
std::string printable(std::string_view text);   // control characters and broken UTF-8 as \xNN, for messages
std::string join(std::span<const std::string> parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
bool is_valid_utf8(std::string_view text);

// Up to `most` candidates nearest to `word` by edit distance, nearest first; far ones are left out.
std::vector<std::string> near_matches(std::string_view word, std::span<const std::string> candidates,
                                      std::size_t most = 3);

// Rows of cells printed as aligned columns. Numbers go right, words left.
class TextTable {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add_row(std::vector<std::string> cells);
  void add_rule();  // a line of dashes
  [[nodiscard]] std::string text(std::string_view indent = "") const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // an empty row is a rule
};

}  // namespace nngauge
