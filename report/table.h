// SPDX-License-Identifier: Apache-2.0
// Owns: Table, rows of named cells that print as aligned text, CSV and JSON alike.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "report/format.h"

namespace nngauge {

// One cell: nothing known, a truth, a count, a measure, a word.
using Cell = std::variant<std::monostate, bool, std::uint64_t, double, std::string>;
inline Cell cell(const std::optional<double>& value) { return value ? Cell(*value) : Cell(); }

struct TableColumn {
  std::string key;         // in JSON and CSV: "latency_ms"
  std::string title;       // in text; empty: the column is left out of text
  bool is_number = false;  // set to the right
};

struct Table {
  std::vector<TableColumn> columns;
  std::vector<std::vector<Cell>> rows;
  void add(std::vector<Cell> row) { rows.push_back(std::move(row)); }
};

std::string table_text(const Table& table, std::string_view indent = "");
std::string table_csv(const Table& table);  // header line, then a line per row
std::string csv_header(const Table& table);
std::string csv_rows(const Table& table);
struct NamedTable {
  std::string_view list;  // the name of the rows in the JSON document
  Table table;
};
// The whole document of a command that lists tables: {"schema", "tool", "<list>": [rows], …, "errors": []}.
std::string tables_document(std::span<const NamedTable> tables, std::string_view command);
std::string table_ndjson(const Table& table);  // one object a line

}  // namespace nngauge
