// SPDX-License-Identifier: Apache-2.0
// Owns: the table of commands. Adding one: a file with its spec and its function, and a row in commands.cc.
#pragma once

#include <span>

#include "cli/console.h"
#include "cli/options.h"

namespace nngauge {

// What a command works with.
struct Session {
  const Arguments& arguments;
  const CommonOptions& common;
  Console& console;
};

struct Command {
  const CommandSpec& spec;
  // The exit code, or an error of the command as a whole. Errors of inputs are printed by the command.
  Result<int> (*run)(const Session&);
};

std::span<const Command> commands();
const Command* find_command(std::string_view name);
std::vector<std::string> command_names();

// cli/<command>.cc, one each.
extern const CommandSpec kInspectSpec, kPredictSpec, kValidateSpec, kCalibrateSpec, kDevicesSpec, kExplainSpec,
    kScenarioSpec, kOffloadSpec, kExportSpec, kOpsSpec, kFormatsSpec, kErrorsSpec, kConventionsSpec, kCompletionSpec,
    kHelpSpec;
Result<int> run_inspect(const Session&);
Result<int> run_predict(const Session&);
Result<int> run_validate(const Session&);
Result<int> run_calibrate(const Session&);
Result<int> run_devices(const Session&);
Result<int> run_explain(const Session&);
Result<int> run_scenario(const Session&);
Result<int> run_offload(const Session&);
Result<int> run_export(const Session&);
Result<int> run_ops(const Session&);
Result<int> run_formats(const Session&);
Result<int> run_errors(const Session&);
Result<int> run_conventions(const Session&);
Result<int> run_completion(const Session&);
Result<int> run_help(const Session&);

}  // namespace nngauge
