// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <csignal>
#include <exception>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/help.h"

namespace nngauge {
namespace {

int fail(Console& console, const Error& error) {
  console.print_error({"", {}, error});
  return exit_code(error);
}

// An error of the command line names the command; others have a place of their own.
int fail_command(Console& console, const Command& command, const Error& error) {
  const bool usage = exit_code(error) == kExitUsage;
  return fail(console, usage ? error.at(command.spec.name) : error);
}

// Ends the output, whatever became of the command.
int finish(Console& console, int code) {
  const Status finished = console.finish();
  return finished ? code : fail(console, finished.error());
}

int run_command(const Command& command, std::span<const std::string> words, Console& console) {
  const auto arguments = parse_arguments(command.spec, words);
  if (!arguments) return fail_command(console, command, arguments.error());
  if (arguments->has("--help")) {
    console.print(help_text(command.spec));
    return finish(console, kExitDone);
  }
  if (arguments->has("--version")) {
    console.print(version_text());
    return finish(console, kExitDone);
  }
  const auto common = common_options_of(*arguments);
  if (!common) return fail_command(console, command, common.error());
  console.set_quiet(common->quiet);
  if (common->output_path && !command.spec.output_is_artifact) console.redirect_to(*common->output_path);
  const auto code = command.run({*arguments, *common, console});
  if (!code) return fail_command(console, command, code.error());
  return finish(console, *code);
}

int dispatch(std::span<const std::string> words, Console& console) {
  if (words.empty()) {
    console.print_to_stderr(overview_text());
    return fail(console, make_error(ErrorCode::kUsage, "no command is given"));
  }
  const std::string& first = words.front();
  if (first == "--help" || first == "-h") {
    console.print(overview_text());
    return finish(console, kExitDone);
  }
  if (first == "--version") {
    console.print(version_text());
    return finish(console, kExitDone);
  }
  if (const Command* command = find_command(first)) return run_command(*command, words.subspan(1), console);
  const bool is_option = first.starts_with('-');
  const std::string what = is_option ? "the command comes before option " + printable(first)
                                     : "unknown command " + in_quotes(first) + did_you_mean(first, command_names());
  return fail(console, make_error(ErrorCode::kUsage, what + "; `nngauge help` lists the commands"));
}

}  // namespace

int run(std::span<const std::string> words, std::FILE* out, std::FILE* err) {
  Console console(out, err);
  // The last line of defence: libraries may throw where we do not expect it (memory, for one).
  try {
    return dispatch(words, console);
  } catch (const std::exception& error) {
    return fail(console, make_error(ErrorCode::kInternal, error.what()));
  }
}

int run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is seen by the write that fails
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return run(words, stdout, stderr);
}

}  // namespace nngauge
