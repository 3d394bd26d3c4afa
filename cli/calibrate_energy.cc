// SPDX-License-Identifier: Apache-2.0
#include "cli/calibrate_energy.h"

#include <map>

#include "base/file.h"
#include "base/text.h"
#include "calibration/power_fit.h"
#include "calibration/surface_fit.h"
#include "cli/exit_codes.h"
#include "cli/failed_input.h"
#include "cli/plots.h"
#include "cli/print_table.h"

namespace nngauge {
namespace {

// Rows of one device by setup. Errors: kUsage where there are several devices and none is named.
template <class Run>
Result<std::map<std::string, std::vector<Run>>> by_setup(const std::vector<Run>& runs, std::string& device) {
  std::map<std::string, std::vector<Run>> out;
  if (device.empty()) device = runs.front().device;
  for (const Run& run : runs) {
    if (run.device == device) out[run.setup].push_back(run);
  }
  if (out.empty()) return usage_error("no row is of device " + in_quotes(device));
  return out;
}

Table table_of() {
  return {{{"setup", "setup"},
           {"measured", "measured", true},
           {"held_out_error", "held-out error", true},
           {"worst_model_error", "worst network", true},
           {"interval_coverage", "interval covers", true}},
          {}};
}

// What the fits of all setups are worth.
struct Outcomes {
  Table table = table_of();
  std::vector<ScoredRun> held_out;
  void add(std::vector<ScoredRun> runs, const std::string& device, const std::string& setup) {
    for (ScoredRun& run : runs) run.device = device, run.setup = setup;
    held_out.insert(held_out.end(), runs.begin(), runs.end());
  }
};

Status fit_kernels(const std::vector<KernelRun>& runs, const std::string& source, EnergyProfile& profile,
                   Outcomes& outcomes) {
  NNGAUGE_TRY(const auto setups, by_setup(runs, profile.device));
  for (const auto& [setup, rows] : setups) {
    auto fitted = fit_surface(rows);
    if (!fitted) return fitted.error().at("setup " + setup);
    outcomes.table.add(
        {setup, static_cast<std::uint64_t>(rows.size()), fitted->median_error, Cell(), fitted->coverage});
    outcomes.add(std::move(fitted->held_out), profile.device, setup);
    profile.setups.push_back(
        {setup, EnergyScope::kNotStated, Basis::kRegression, source, "", std::move(fitted->surface), std::nullopt});
  }
  return ok();
}

Status fit_powers(const std::vector<PowerRun>& runs, const std::string& source, std::optional<double> idle_mw,
                  EnergyProfile& profile, Outcomes& outcomes) {
  NNGAUGE_TRY(const auto setups, by_setup(runs, profile.device));
  for (const auto& [setup, rows] : setups) {
    auto fitted = fit_power(rows, idle_mw);
    if (!fitted) return fitted.error().at("setup " + setup);
    const bool scored = fitted->law.held_out_mape.has_value();
    outcomes.add(std::move(fitted->held_out), profile.device, setup);
    outcomes.table.add({setup, static_cast<std::uint64_t>(rows.size()), scored ? Cell(fitted->mean_error) : Cell(),
                        scored ? Cell(fitted->worst_model_error) : Cell(), scored ? Cell(fitted->coverage) : Cell()});
    profile.setups.push_back(
        {setup, EnergyScope::kWholeDevice, Basis::kRegression, source, "", std::nullopt, std::move(fitted->law)});
  }
  return ok();
}

}  // namespace

Result<int> run_calibrate_energy(const Session& session) {
  const Arguments& arguments = session.arguments;
  const auto kernels = arguments.value("--kernel-runs"), powers = arguments.value("--power-runs");
  if (kernels && powers) return usage_error("options --kernel-runs and --power-runs exclude each other");
  if (!session.common.output_path) return usage_error("option --output is missing: where the profile is to be written");
  NNGAUGE_TRY(const auto idle, arguments.number("--idle-mw", 0));
  const std::string path = kernels ? *kernels : *powers;
  const auto file = MappedFile::open(path);
  if (!file) return end_with_failed_input(session, "calibrate", "fits", {path, {}, file.error()});
  const std::string source = arguments.value("--source").value_or("");
  EnergyProfile profile;
  profile.device = arguments.value("--device").value_or("");
  Outcomes outcomes;
  Status done = ok();
  if (kernels) {
    const auto runs = parse_kernel_runs(as_text((*file)->bytes()));
    done = runs ? fit_kernels(*runs, source, profile, outcomes) : Status(runs.error());
  } else {
    const auto runs = parse_power_runs(as_text((*file)->bytes()));
    done = runs ? fit_powers(*runs, source, idle, profile, outcomes) : Status(runs.error());
  }
  if (!done) return end_with_failed_input(session, "calibrate", "fits", {path, {}, done.error()});
  const auto written = write_file(*session.common.output_path, energy_profile_text(profile));
  if (!written) return written.error().at(*session.common.output_path);
  if (const auto folder = arguments.value("--plot")) NNGAUGE_CHECK(write_plots(session, outcomes.held_out, *folder));
  return print_table(session, outcomes.table, "calibrate", "fits");
}

}  // namespace nngauge
