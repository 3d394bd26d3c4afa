// SPDX-License-Identifier: Apache-2.0
#include "calibration/validate.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "cli/bundled_devices.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/failed_input.h"
#include "cli/plots.h"
#include "cli/run_files.h"
#include "report/validation.h"

namespace nngauge {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--runs", "", "FILE", "table of measured runs (default: the bundled ones)", ValueKind::kFile},
    {"--kernels", "", "FILE", "table of kernels measured one by one on the same devices", ValueKind::kFile, "", true},
    {"--device", "-d", "D", "only this device; a bundled one or a profile file", ValueKind::kDevice},
    {"--setup", "-s", "S", "only this setup", ValueKind::kSetup},
    {"--split", "", "none|model|family",
     "none: score profiles as they are (default with --runs); model, family: refit without (default: model)",
     ValueKind::kWord, "none model family"},
    {"--predictor", "", "own|flops|class-sums",
     "whose errors: ours (default), latency in proportion to MACs, or least squares on sums by class of operator",
     ValueKind::kWord, "own flops class-sums"},
    {"--plot", "", "DIR", "write predicted.svg and intervals.svg to DIR, and plots as text to the terminal",
     ValueKind::kFile},
    {"--max-mape", "", "X", "exit 1 if the mean absolute error of any result, as a fraction, is above X",
     ValueKind::kText},
};

void print(const Session& session, const Validation& validation, std::span<const FailedInput> failures) {
  Console& console = session.console;
  switch (session.common.format) {
    case OutputFormat::kText:
      console.print(validation_text(validation, console.style()));
      break;
    case OutputFormat::kJson:
      console.print(validation_document(validation, failures));
      break;
    case OutputFormat::kCsv:
      console.print(table_csv(validation_table(validation)));
      break;
    case OutputFormat::kNdjson:
      console.print(validation_ndjson(validation));
      break;
  }
}

// A profile that was fitted on these runs may have another id than their device column: a table of one device is then
// taken as that device's.
void take_as_device(RunTable& table, const std::string& id) {
  std::set<std::string> devices;
  for (const Run& run : table.runs) devices.insert(run.device);
  if (devices.size() != 1) return;
  for (Run& run : table.runs) run.device = id;
}

bool any_above(const Validation& validation, const std::optional<double>& most) {
  for (const ValidationResult& result : validation.results) {
    if (most && result.scores.mape > *most) return true;
  }
  return false;
}

}  // namespace

const CommandSpec kValidateSpec{
    .name = "validate",
    .summary = "how wrong predictions are: scores against measured runs",
    .operands = "[--runs runs.csv]",
    .description =
        "The table has the header model,device,setup,latency_ms[,latency_std_ms][,energy_mj][,family]; `model` is a "
        "path\n"
        "relative to the table or the id of a bundled graph. Rows that cannot be used are errors; the others are "
        "scored. With --plot, predicted.svg shows each run predicted and measured, intervals.svg how often intervals "
        "hold.",
    .options = kOptions,
    .examples =
        "  nngauge validate --device pixel4\n"
        "  nngauge validate --runs runs.csv --device ./new.textproto --split none --max-mape 0.1",
    .most_operands = 0,
};

Result<int> run_validate(const Session& session) {
  const Arguments& arguments = session.arguments;
  const auto runs_path = arguments.value("--runs");
  NNGAUGE_TRY(const auto most_mape, arguments.number("--max-mape", 0));
  ValidateOptions options;
  options.split = runs_path ? Split::kNone : Split::kModel;
  options.only_plausible = runs_path.has_value();
  if (const auto split = arguments.value("--split")) options.split = find_split(*split).value_or(options.split);
  if (const auto name = arguments.value("--predictor")) {
    options.predictor = find_predictor(*name).value_or(options.predictor);
    if (options.predictor != Predictor::kOwn && options.split == Split::kNone)
      return make_error(ErrorCode::kUsage,
                        "--predictor " + *name + " has no profile to score; give --split model or family");
  }
  options.setup = arguments.value("--setup").value_or("");
  std::vector<DeviceProfile> profiles;
  if (const auto device = arguments.value("--device")) {
    NNGAUGE_TRY(profiles, select_devices({*device}));
    options.device = profiles.front().id;
  } else {
    NNGAUGE_TRY(profiles, bundled_devices());
  }
  auto loaded = runs_path ? load_runs(*runs_path) : bundled_runs();
  const std::string path = runs_path.value_or("bundled runs");
  if (!loaded) return end_with_failed_input(session, "validate", "results", {path, {}, loaded.error()});
  for (const std::string& kernels : arguments.values("--kernels")) NNGAUGE_CHECK(add_kernels(*loaded, kernels));
  if (runs_path && !options.device.empty()) take_as_device(loaded->table, options.device);
  const LoadedRuns& runs = *loaded;
  const auto validated = validate(runs.table, profiles, runs.load, options);
  if (!validated) return end_with_failed_input(session, "validate", "results", {path, {}, validated.error()});
  const Validation& validation = *validated;

  std::vector<Error> errors = runs.table.errors;
  errors.insert(errors.end(), validation.errors.begin(), validation.errors.end());
  const std::vector<FailedInput> failures = failed_rows(runs, errors);
  Outcome outcome{.used = validation.runs.size()};
  for (const FailedInput& failed : failures) {
    session.console.print_error(failed);
    outcome.count_failure(failed.error.code);
  }
  print(session, validation, failures);
  if (const auto folder = arguments.value("--plot")) NNGAUGE_CHECK(write_plots(session, validation.runs, *folder));
  if (any_above(validation, most_mape)) return int{kExitGateFailed};
  return int{exit_code(outcome)};
}

}  // namespace nngauge
