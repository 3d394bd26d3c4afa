// SPDX-License-Identifier: Apache-2.0
// Owns: reading small tables: comma-separated values (RFC 4180) with a header, cells by column name.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nngauge {

// One line of a table, as its fields stand in it, without blanks around them.
struct CsvRecord {
  std::vector<std::string> fields;
  std::int64_t line = 0;    // of the text, from 1
  bool open_quote = false;  // a quoted field is not closed
};

// Columns may come in any order; empty lines and a byte order mark are skipped.
class CsvTable {
 public:
  // Complaints about cells carry `code`.
  CsvTable(std::string_view text, ErrorCode code);

  [[nodiscard]] bool empty() const { return !header_; }  // not even a header
  [[nodiscard]] bool has(const std::string& column) const { return columns_.contains(column); }
  [[nodiscard]] const std::vector<CsvRecord>& rows() const { return rows_; }
  // The columns that must be there, and at least one row. Errors name the first that is missing.
  [[nodiscard]] Status require(const std::vector<std::string>& columns) const;

  // A cell; empty where the column or the cell is missing.
  [[nodiscard]] std::string field(const CsvRecord& row, const std::string& column) const;
  // A cell that must not be empty.
  [[nodiscard]] Result<std::string> text(const CsvRecord& row, const std::string& column) const;
  // A finite number greater than 0, or 0 where `zero` allows it; nullopt: the cell is empty and not `needed`.
  [[nodiscard]] Result<std::optional<double>> number(const CsvRecord& row, const std::string& column, bool zero,
                                                     bool needed) const;
  // An error at a place of the table: "line 3, column latency_ms".
  [[nodiscard]] Error error_at(const CsvRecord& row, const std::string& column, std::string message) const;

 private:
  [[nodiscard]] Error bad(std::string where, std::string message) const;

  ErrorCode code_;
  std::optional<CsvRecord> header_;
  std::map<std::string, std::size_t> columns_;
  std::vector<CsvRecord> rows_;
};

}  // namespace nngauge
