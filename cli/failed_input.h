// SPDX-License-Identifier: Apache-2.0
// Owns: ending a command whose only input could not be used.
#pragma once

#include <string>
#include <string_view>

#include "cli/commands.h"

namespace nngauge {

// Prints the error to standard error, and in JSON a document whose list `list` is empty. Gives the exit code.
int end_with_failed_input(const Session& session, std::string_view command, std::string_view list,
                          const FailedInput& failed);

}  // namespace nngauge
