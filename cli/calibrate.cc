// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "base/text.h"
#include "calibration/fit.h"
#include "cli/bundled_devices.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/failed_input.h"
#include "cli/run_files.h"
#include "report/validation.h"

namespace nngauge {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--runs", "", "FILE", "table of measured runs", ValueKind::kFile},
    {"--device", "-d", "NEW", "id of the new device", ValueKind::kText},
    {"--like", "", "D|auto", "bundled device or profile file to start from; auto: all bundled ones", ValueKind::kDevice,
     "", true},
    {"--description", "", "TEXT", "what the device is", ValueKind::kText},
    {"--soc", "", "TEXT", "its chip", ValueKind::kText},
    {"--source", "", "TEXT", "who measured the runs, and when", ValueKind::kText},
};

Result<CalibrateOptions> calibrate_options(const Arguments& arguments) {
  CalibrateOptions out;
  out.identity.id = arguments.value("--device").value_or("");
  if (out.identity.id.find_first_of("/ \t\n") != std::string::npos) {
    return make_error(ErrorCode::kUsage,
                      "option --device: an id has no slash and no blank, unlike " + quoted(out.identity.id));
  }
  out.identity.description = arguments.value("--description").value_or("");
  out.identity.soc = arguments.value("--soc").value_or("");
  out.identity.source = arguments.value("--source").value_or("");
  std::vector<std::string> like = arguments.values("--like");
  for (std::string& name : like) {
    if (name == "auto") name = "all";
  }
  NNGAUGE_TRY(out.like, select_devices(like));
  return out;
}

void print(const Session& session, const Calibration& calibration, std::span<const FailedInput> failures) {
  Console& console = session.console;
  switch (session.common.format) {
    case OutputFormat::kText:
      console.print(calibration_text(calibration, console.style()));
      break;
    case OutputFormat::kCsv:
      console.print(table_csv(calibration_table(calibration)));
      break;
    case OutputFormat::kNdjson:
      console.print(table_ndjson(calibration_table(calibration)));
      break;
    case OutputFormat::kJson:
      console.print(calibration_document(calibration, failures));
      break;
  }
}

}  // namespace

const CommandSpec kCalibrateSpec{
    .name = "calibrate",
    .summary = "a device profile from measured runs, one upwards",
    .operands = "--runs runs.csv --device NEW -o NEW.textproto",
    .description =
        "The table is that of `nngauge validate`. The profile goes to the file of -o, how well it fits to standard "
        "output.\n"
        "It is used by its path: `nngauge predict --device ./NEW.textproto`.",
    .options = kOptions,
    .examples =
        "  nngauge calibrate --runs runs.csv --device myphone --like auto -o myphone.textproto\n"
        "  nngauge predict --device ./myphone.textproto model.tflite",
    .most_operands = 0,
    .output_is_artifact = true,
};

Result<int> run_calibrate(const Session& session) {
  const Arguments& arguments = session.arguments;
  const auto runs_path = arguments.value("--runs");
  if (!runs_path) return make_error(ErrorCode::kUsage, "option --runs is missing");
  if (!session.common.output_path) {
    return make_error(ErrorCode::kUsage, "option --output is missing: where the profile is to be written");
  }
  NNGAUGE_TRY(const CalibrateOptions options, calibrate_options(arguments));
  const auto runs = load_runs(*runs_path);
  if (!runs) return end_with_failed_input(session, "calibrate", "fits", {*runs_path, {}, runs.error()});
  const auto calibrated = calibrate(runs->table, runs->load, options);
  if (!calibrated) return end_with_failed_input(session, "calibrate", "fits", {*runs_path, {}, calibrated.error()});
  const Calibration& calibration = *calibrated;

  std::vector<Error> errors = runs->table.errors;
  errors.insert(errors.end(), calibration.errors.begin(), calibration.errors.end());
  const std::vector<FailedInput> failures = failed_rows(*runs, errors);
  Outcome outcome{.used = calibration.fits.size()};
  for (const FailedInput& failed : failures) {
    session.console.print_error(failed);
    outcome.count_failure(failed.error.code);
  }
  const auto written = write_file(*session.common.output_path, device_profile_text(calibration.profile));
  if (!written) return written.error().at(*session.common.output_path);
  print(session, calibration, failures);
  return int{exit_code(outcome)};
}

}  // namespace nngauge
