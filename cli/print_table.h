// SPDX-License-Identifier: Apache-2.0
// Owns: printing one table in the format that the user asked for.
#pragma once

#include <string_view>

#include "cli/commands.h"
#include "report/table.h"

namespace nngauge {

// `list` is the name of the rows in the JSON document.
Result<int> print_table(const Session& session, const Table& table, std::string_view command, std::string_view list);

}  // namespace nngauge
