// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "base/text.h"
#include "calibration/fit.h"
#include "calibration/identities.h"
#include "calibration/suggest.h"
#include "cli/bundled_devices.h"
#include "cli/calibrate_energy.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/failed_input.h"
#include "cli/run_files.h"
#include "report/validation.h"

namespace nngauge {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--runs", "", "FILE", "table of measured runs, or a log by operator", ValueKind::kFile, "", true},
    {"--kernels", "", "FILE", "table of kernels measured one by one on the same devices", ValueKind::kFile, "", true},
    {"--device", "-d", "NEW", "id of the new device", ValueKind::kText},
    {"--setup", "-s", "S", "setup of runs and logs that name none (tflite-cpu-4threads-fp32)", ValueKind::kText},
    {"--model", "-m", "M", "network of a log that names none: a path, or the id of a bundled graph", ValueKind::kText},
    {"--like", "", "D|auto", "bundled device or profile file to start from; auto: all bundled ones", ValueKind::kDevice,
     "", true},
    {"--description", "", "TEXT", "what the device is", ValueKind::kText},
    {"--soc", "", "TEXT", "its chip", ValueKind::kText},
    {"--gpu", "", "TEXT", "its GPU (\"Adreno 640\"), which decides between kernels", ValueKind::kText},
    {"--source", "", "TEXT", "who measured the runs, and when", ValueKind::kText},
    {"--suggest", "", "N", "name the N bundled models whose measurement would narrow predictions most",
     ValueKind::kText},
    {"--devices", "", "FILE",
     "fit every device of this table (device,description,soc,cores,source,licence) together; -o names a folder",
     ValueKind::kFile},
    {"--kernel-runs", "", "FILE", "table of measured energies of single convolutions: an energy profile",
     ValueKind::kFile},
    {"--power-runs", "", "FILE", "table of measured power of whole inferences: an energy profile", ValueKind::kFile},
    {"--plot", "", "DIR", "with energies: write predicted.svg and intervals.svg of held-out runs to DIR",
     ValueKind::kFile},
    {"--idle-mw", "", "P", "with --power-runs: what the device draws without work", ValueKind::kText},
};

Result<CalibrateOptions> calibrate_options(const Arguments& arguments) {
  CalibrateOptions out;
  out.identity.id = arguments.value("--device").value_or("");
  if (out.identity.id.find_first_of("/ \t\n") != std::string::npos) {
    return make_error(ErrorCode::kUsage,
                      "option --device: an id has no slash and no blank, unlike " + in_quotes(out.identity.id));
  }
  out.identity.description = arguments.value("--description").value_or("");
  out.identity.soc = arguments.value("--soc").value_or("");
  out.identity.gpu = arguments.value("--gpu").value_or("");
  out.identity.source = arguments.value("--source").value_or("");
  std::vector<std::string> like = arguments.values("--like");
  for (std::string& name : like) {
    if (name == "auto") name = "all";
  }
  NNGAUGE_TRY(out.like, select_devices(like));
  return out;
}

void print(const Session& session, std::span<const Calibration> calibrations, std::span<const FailedInput> failures) {
  Console& console = session.console;
  switch (session.common.format) {
    case OutputFormat::kText:
      for (const Calibration& one : calibrations) {
        console.print(calibration_text(one, console.style()) + (calibrations.size() > 1 ? "\n" : ""));
      }
      break;
    case OutputFormat::kCsv:
      console.print(table_csv(calibration_table(calibrations)));
      break;
    case OutputFormat::kNdjson:
      console.print(table_ndjson(calibration_table(calibrations)));
      break;
    case OutputFormat::kJson:
      console.print(calibration_document(calibrations, failures));
      break;
  }
}

// Fits all devices of the table --devices together and writes each into the folder of -o.
Result<int> run_each(const Session& session, const std::string& devices_path, const LoadedRuns& runs) {
  if (session.arguments.value("--device")) {
    return make_error(ErrorCode::kUsage, "options --device and --devices: give one of them");
  }
  const auto file = MappedFile::open(devices_path);
  if (!file) return end_with_failed_input(session, "calibrate", "fits", {devices_path, {}, file.error()});
  const auto identities = parse_identities(as_text((*file)->bytes()));
  if (!identities) return end_with_failed_input(session, "calibrate", "fits", {devices_path, {}, identities.error()});
  const auto fitted = calibrate_each(runs.table, runs.load, *identities);
  if (!fitted) return end_with_failed_input(session, "calibrate", "fits", {runs.path, {}, fitted.error()});
  std::vector<Error> errors = runs.table.errors;
  Outcome outcome;
  for (const Calibration& one : *fitted) {
    errors.insert(errors.end(), one.errors.begin(), one.errors.end());
    outcome.used += one.fits.size();
    const std::string path = *session.common.output_path + "/" + one.profile.id + ".textproto";
    const auto written = write_file(path, device_profile_text(one.profile));
    if (!written) return written.error().at(path);
  }
  const std::vector<FailedInput> failures = failed_rows(runs, errors);
  for (const FailedInput& failed : failures) {
    session.console.print_error(failed);
    outcome.count_failure(failed.error.code);
  }
  print(session, *fitted, failures);
  return int{exit_code(outcome)};
}

Result<int> run_suggest(const Session& session, const LoadedRuns& runs, const CalibrateOptions& options, double count) {
  const auto found = suggest_models(runs.table, runs.load, options.identity.id, bundled_graph_ids(),
                                    static_cast<std::size_t>(count), options.like);
  if (!found) return end_with_failed_input(session, "calibrate", "suggestions", {runs.path, {}, found.error()});
  Outcome outcome{.used = found->size()};
  const std::vector<FailedInput> failures = failed_rows(runs, runs.table.errors);
  for (const FailedInput& failed : failures) {
    session.console.print_error(failed);
    outcome.count_failure(failed.error.code);
  }
  switch (session.common.format) {
    case OutputFormat::kText:
      session.console.print(suggestions_text(*found, session.console.style()));
      break;
    case OutputFormat::kCsv:
      session.console.print(table_csv(suggestions_table(*found)));
      break;
    case OutputFormat::kNdjson:
      session.console.print(table_ndjson(suggestions_table(*found)));
      break;
    case OutputFormat::kJson:
      session.console.print(suggestions_document(*found, failures));
      break;
  }
  return int{exit_code(outcome)};
}

}  // namespace

const CommandSpec kCalibrateSpec{
    .name = "calibrate",
    .summary = "a device profile from measured runs, one upwards",
    .operands = "--runs runs.csv --device NEW -o NEW.textproto",
    .description =
        "The table is that of `nngauge validate`. Logs by operator are read as well (TFLite's benchmark_model, ncnn's "
        "layers,\nbenchncnn, tables with model, index, op and a time): their rows are matched with the network's "
        "kernels.\nThe profile goes to the file of -o, how well it fits to standard output.\n"
        "With --suggest nothing is written: the runs so far and the devices of --like decide which models come next.\n"
        "It is used by its path: `nngauge predict --device ./NEW.textproto`.",
    .options = kOptions,
    .examples =
        "  nngauge calibrate --runs runs.csv --device myphone --like auto -o myphone.textproto\n"
        "  nngauge calibrate --runs runs.csv --device myphone --like auto --suggest 5\n"
        "  nngauge predict --device ./myphone.textproto model.tflite",
    .most_operands = 0,
    .output_is_artifact = true,
};

Result<int> run_calibrate(const Session& session) {
  const Arguments& arguments = session.arguments;
  if (arguments.has("--kernel-runs") || arguments.has("--power-runs")) return run_calibrate_energy(session);
  const std::vector<std::string> runs_paths = arguments.values("--runs");
  if (runs_paths.empty()) return make_error(ErrorCode::kUsage, "option --runs is missing");
  NNGAUGE_TRY(const auto suggest, arguments.number("--suggest", 1));
  if (!suggest && !session.common.output_path) {
    return make_error(ErrorCode::kUsage, "option --output is missing: where the profile is to be written");
  }
  NNGAUGE_TRY(const CalibrateOptions options, calibrate_options(arguments));
  const RunDefaults defaults{arguments.value("--model").value_or(""), arguments.value("--device").value_or(""),
                             arguments.value("--setup").value_or("")};
  auto runs = load_runs(runs_paths.front(), defaults);
  if (!runs) return end_with_failed_input(session, "calibrate", "fits", {runs_paths.front(), {}, runs.error()});
  for (std::size_t i = 1; i < runs_paths.size(); ++i) {
    const Status added = add_runs(*runs, runs_paths[i], defaults);
    if (!added) return end_with_failed_input(session, "calibrate", "fits", {runs_paths[i], {}, added.error()});
  }
  for (const std::string& kernels : arguments.values("--kernels")) NNGAUGE_CHECK(add_kernels(*runs, kernels));
  if (suggest) return run_suggest(session, *runs, options, std::min(*suggest, 1000.0));
  if (const auto devices = arguments.value("--devices")) return run_each(session, *devices, *runs);
  const auto calibrated = calibrate(runs->table, runs->load, options);
  if (!calibrated)
    return end_with_failed_input(session, "calibrate", "fits", {runs_paths.front(), {}, calibrated.error()});
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
  print(session, {&calibration, 1}, failures);
  return int{exit_code(outcome)};
}

}  // namespace nngauge
