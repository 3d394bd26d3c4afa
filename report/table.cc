// SPDX-License-Identifier: Apache-2.0
#include "report/table.h"

#include "base/text.h"
#include "report/document.h"
#include "report/json.h"

namespace nngauge {
namespace {

std::string cell_text(const Cell& cell) {
  if (const auto* truth = std::get_if<bool>(&cell)) return *truth ? "yes" : "no";
  if (const auto* count = std::get_if<std::uint64_t>(&cell)) return with_thousands(*count);
  if (const auto* number = std::get_if<double>(&cell)) return milliseconds(*number);
  if (const auto* word = std::get_if<std::string>(&cell)) return printable(*word);
  return "-";
}

std::string cell_csv(const Cell& cell) {
  if (const auto* truth = std::get_if<bool>(&cell)) return *truth ? "true" : "false";
  if (const auto* count = std::get_if<std::uint64_t>(&cell)) return std::to_string(*count);
  if (const auto* number = std::get_if<double>(&cell)) return shortest(*number);
  if (const auto* word = std::get_if<std::string>(&cell)) return csv_field(*word);
  return "";
}

Json cell_json(const Cell& cell) {
  if (const auto* truth = std::get_if<bool>(&cell)) return *truth;
  if (const auto* count = std::get_if<std::uint64_t>(&cell)) return *count;
  if (const auto* number = std::get_if<double>(&cell)) return json_number(*number);
  if (const auto* word = std::get_if<std::string>(&cell)) return *word;
  return nullptr;
}

Json row_json(const Table& table, const std::vector<Cell>& row) {
  Json out = Json::object();
  for (std::size_t i = 0; i < table.columns.size() && i < row.size(); ++i) {
    out[table.columns[i].key] = cell_json(row[i]);
  }
  return out;
}

}  // namespace

std::string table_text(const Table& table, std::string_view indent) {
  std::vector<TextTable::Column> columns;
  for (const TableColumn& column : table.columns) {
    if (column.title.empty()) continue;
    columns.push_back({column.title, column.is_number ? TextTable::Align::kRight : TextTable::Align::kLeft});
  }
  TextTable text(std::move(columns));
  for (const std::vector<Cell>& row : table.rows) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!table.columns[i].title.empty()) cells.push_back(cell_text(row[i]));
    }
    text.add_row(std::move(cells));
  }
  return text.text(indent);
}

std::string csv_header(const Table& table) {
  std::string out;
  for (const TableColumn& column : table.columns) out += (out.empty() ? "" : ",") + csv_field(column.key);
  return out + "\n";
}

std::string csv_rows(const Table& table) {
  std::string out;
  for (const std::vector<Cell>& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i == 0 ? "" : ",") + cell_csv(row[i]);
    out += "\n";
  }
  return out;
}

std::string table_csv(const Table& table) { return csv_header(table) + csv_rows(table); }

std::string tables_document(std::span<const NamedTable> tables, std::string_view command) {
  Json members = Json::object();
  for (const NamedTable& named : tables) {
    Json rows = Json::array();
    for (const std::vector<Cell>& row : named.table.rows) rows.push_back(row_json(named.table, row));
    members[std::string(named.list)] = std::move(rows);
  }
  return document_of(command, members);
}

std::string table_ndjson(const Table& table) {
  std::string out;
  for (const std::vector<Cell>& row : table.rows) out += json_text(row_json(table, row), -1) + "\n";
  return out;
}

}  // namespace nngauge
