// SPDX-License-Identifier: Apache-2.0
#include "cli/print_table.h"

#include "cli/exit_codes.h"

namespace nngauge {

Result<int> print_table(const Session& session, const Table& table, std::string_view command, std::string_view list) {
  switch (session.common.format) {
    case OutputFormat::kText:
      session.console.print(table_text(table));
      break;
    case OutputFormat::kJson:
      session.console.print(table_document(table, command, list));
      break;
    case OutputFormat::kCsv:
      session.console.print(table_csv(table));
      break;
    case OutputFormat::kNdjson:
      session.console.print(table_ndjson(table));
      break;
  }
  return int{kExitDone};
}

}  // namespace nngauge
