// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <algorithm>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"

namespace nngauge {

const CommandSpec kHelpSpec{
    .name = "help",
    .summary = "the list of commands, or the help of one",
    .operands = "[COMMAND]",
    .description = "",
    .options = {},
    .most_operands = 1,
};

std::string version_text() { return "nngauge " + std::string(tool_version()) + "\n"; }

std::string overview_text() {
  std::string out =
      "nngauge - counts what neural networks of mobile apps do, and predicts what they cost on phones\n\n"
      "Usage: nngauge COMMAND [options] [PATH...]\n\nCommands:\n";
  std::size_t width = 0;
  for (const Command& command : commands()) width = std::max(width, command.spec.name.size());
  for (const Command& command : commands()) {
    out += "  " + std::string(command.spec.name) + std::string(width - command.spec.name.size() + 2, ' ') +
           std::string(command.spec.summary) + "\n";
  }
  return out +
         "\n`nngauge COMMAND --help` tells the options of a command.\n"
         "Exit codes: 0 done, 1 a gate failed, 2 usage, 3 no input could be used, 4 some inputs could not be used,\n"
         "70 a defect of nngauge.\n";
}

Result<int> run_help(const Session& session) {
  if (session.arguments.operands.empty()) {
    session.console.print(overview_text());
    return int{kExitDone};
  }
  const std::string& name = session.arguments.operands.front();
  const Command* command = find_command(name);
  if (!command) {
    return make_error(ErrorCode::kUsage, "unknown command " + in_quotes(name) + did_you_mean(name, command_names()));
  }
  session.console.print(help_text(command->spec));
  return int{kExitDone};
}

}  // namespace nngauge
