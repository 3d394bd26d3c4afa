// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace nngauge {
namespace {

// In the order that `nngauge help` lists them.
const Command kCommands[] = {
    // clang-format off
    {kInspectSpec, run_inspect},
    {kPredictSpec, run_predict},
    {kExplainSpec, run_explain},
    {kDevicesSpec, run_devices},
    {kValidateSpec, run_validate},
    {kCalibrateSpec, run_calibrate},
    {kScenarioSpec, run_scenario},
    {kOffloadSpec, run_offload},
    {kExportSpec, run_export},
    {kOpsSpec, run_ops},
    {kFormatsSpec, run_formats},
    {kConventionsSpec, run_conventions},
    {kErrorsSpec, run_errors},
    {kCompletionSpec, run_completion},
    {kHelpSpec, run_help},
    // clang-format on
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  for (const Command& command : kCommands) {
    if (command.spec.name == name) return &command;
  }
  return nullptr;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.spec.name);
  return names;
}

}  // namespace nngauge
