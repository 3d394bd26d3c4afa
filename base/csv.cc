// SPDX-License-Identifier: Apache-2.0
#include "base/csv.h"

#include <charconv>
#include <cmath>

#include "base/text.h"

namespace nngauge {
namespace {

// Reads one record from `csv` at `i`; `line` counts the lines passed.
CsvRecord read_record(std::string_view csv, std::size_t& i, std::int64_t& line) {
  CsvRecord record;
  record.line = line;
  std::string field;
  bool quoted_field = false, ended = false;
  while (i < csv.size() && !ended) {
    const char ch = csv[i++];
    if (ch == '\n') line += 1;
    if (quoted_field) {
      if (ch != '"') field += ch;
      else if (i < csv.size() && csv[i] == '"') field += csv[i++];
      else quoted_field = false;
    } else if (ch == '"' && trim(field).empty()) {
      field.clear();
      quoted_field = true;
    } else if (ch == ',') {
      record.fields.push_back(std::move(field));
      field.clear();
    } else if (ch == '\n') {
      ended = true;
    } else if (ch != '\r') {
      field += ch;
    }
  }
  record.open_quote = quoted_field;
  record.fields.push_back(std::move(field));
  for (std::string& text : record.fields) text = std::string(trim(text));
  return record;
}

std::optional<double> find_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string place(const CsvRecord& row) { return "line " + std::to_string(row.line); }

}  // namespace

CsvTable::CsvTable(std::string_view text, ErrorCode code) : code_(code) {
  std::size_t i = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  std::int64_t line = 1;
  while (i < text.size()) {
    CsvRecord record = read_record(text, i, line);
    if (record.fields.size() == 1 && record.fields[0].empty()) continue;
    if (header_) rows_.push_back(std::move(record));
    else header_ = std::move(record);
  }
  if (!header_) return;
  for (std::size_t c = 0; c < header_->fields.size(); ++c) columns_.emplace(header_->fields[c], c);
}

Error CsvTable::bad(std::string where, std::string message) const {
  Error error = make_error(code_, std::move(message));
  error.where = std::move(where);
  return error;
}

Error CsvTable::error_at(const CsvRecord& row, const std::string& column, std::string message) const {
  return bad(place(row) + (column.empty() ? "" : ", column " + column), std::move(message));
}

Status CsvTable::require(const std::vector<std::string>& columns) const {
  if (!header_) return bad("line 1", "the table is empty; its header is " + join(columns, ","));
  for (const std::string& column : columns) {
    if (!has(column)) return bad(place(*header_), "the header has no column " + column);
  }
  if (rows_.empty()) return bad("line 2", "the table has a header but no rows");
  return ok();
}

std::string CsvTable::field(const CsvRecord& row, const std::string& column) const {
  const auto found = columns_.find(column);
  return found == columns_.end() || found->second >= row.fields.size() ? "" : row.fields[found->second];
}

Result<std::string> CsvTable::text(const CsvRecord& row, const std::string& column) const {
  if (row.open_quote) return error_at(row, "", "a quoted field is not closed");
  std::string value = field(row, column);
  if (value.empty()) return error_at(row, column, "no " + column + " is given");
  return value;
}

Result<std::optional<double>> CsvTable::number(const CsvRecord& row, const std::string& column, bool zero,
                                               bool needed) const {
  const std::string given = field(row, column);
  if (given.empty() && !needed) return std::optional<double>();
  if (given.empty()) return error_at(row, column, "no " + column + " is given");
  const std::optional<double> value = find_number(given);
  if (!value) return error_at(row, column, in_quotes(given) + " is not a number");
  if (*value < 0 || (*value == 0 && !zero)) {
    return error_at(row, column, given + (zero ? " is negative" : " is not greater than 0"));
  }
  return value;
}

}  // namespace nngauge
