// SPDX-License-Identifier: Apache-2.0
#include "cli/failed_input.h"

#include "cli/exit_codes.h"
#include "report/document.h"

namespace nngauge {

int end_with_failed_input(const Session& session, std::string_view command, std::string_view list,
                          const FailedInput& failed) {
  Console& console = session.console;
  console.print_error(failed);
  if (session.common.format == OutputFormat::kJson) {
    console.print(document_opening(command, list) + document_closing(false, std::span(&failed, 1)));
  } else if (session.common.format == OutputFormat::kNdjson) {
    console.print(failed_input_line(failed));
  }
  return exit_code(failed.error);
}

}  // namespace nngauge
