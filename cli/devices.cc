// SPDX-License-Identifier: Apache-2.0
#include "report/devices.h"

#include "cli/bundled_devices.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"

namespace nngauge {

const CommandSpec kDevicesSpec{
    .name = "devices",
    .summary = "devices and setups that predictions are made for, and how wrong those are",
    .operands = "[D]",
    .description =
        "D is the id of a bundled device or the path of a profile file. `held-out error` is the mean absolute error, "
        "as a\n"
        "share, on models (on whole families of models, where they are known) that the calibration had not seen.",
    .options = {},
    .examples = "  nngauge devices\n  nngauge devices pixel4",
    .most_operands = 1,
};

Result<int> run_devices(const Session& session) {
  const std::vector<std::string>& operands = session.arguments.operands;
  auto devices = operands.empty() ? bundled_devices() : select_devices(operands);
  if (!devices) return devices.error();
  Console& console = session.console;
  switch (session.common.format) {
    case OutputFormat::kText:
      console.print(operands.empty() || devices->size() != 1 ? devices_text(*devices, console.style())
                                                             : device_text(devices->front(), console.style()));
      break;
    case OutputFormat::kJson:
      console.print(devices_document(*devices));
      break;
    case OutputFormat::kNdjson:
      console.print(devices_ndjson(*devices));
      break;
    case OutputFormat::kCsv:
      console.print(table_csv(setups_table(*devices)));
      break;
  }
  return int{kExitDone};
}

}  // namespace nngauge
