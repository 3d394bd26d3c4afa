// SPDX-License-Identifier: Apache-2.0
// Owns: printing tables in the format that the user asked for.
#pragma once

#include <string_view>

#include "cli/commands.h"
#include "report/table.h"

namespace nngauge {

// `list` is the name of the rows in the JSON document.
Result<int> print_table(const Session& session, Table table, std::string_view command, std::string_view list);
// Several; CSV has the first alone, since its lines have other columns.
Result<int> print_tables(const Session& session, std::span<const NamedTable> tables, std::string_view command);

}  // namespace nngauge
