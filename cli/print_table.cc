// SPDX-License-Identifier: Apache-2.0
#include "cli/print_table.h"

#include "cli/exit_codes.h"

namespace nngauge {

Result<int> print_table(const Session& session, Table table, std::string_view command, std::string_view list) {
  const NamedTable named{list, std::move(table)};
  return print_tables(session, {&named, 1}, command);
}

Result<int> print_tables(const Session& session, std::span<const NamedTable> tables, std::string_view command) {
  switch (session.common.format) {
    case OutputFormat::kText:
      for (const NamedTable& named : tables)
        session.console.print((&named == tables.data() ? "" : "\n") + table_text(named.table));
      break;
    case OutputFormat::kJson:
      session.console.print(tables_document(tables, command));
      break;
    case OutputFormat::kCsv:
      session.console.print(table_csv(tables.front().table));
      break;
    case OutputFormat::kNdjson:
      for (const NamedTable& named : tables) session.console.print(table_ndjson(named.table));
      break;
  }
  return int{kExitDone};
}

}  // namespace nngauge
