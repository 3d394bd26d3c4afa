// SPDX-License-Identifier: Apache-2.0
#include "calibration/fit.h"

#include <array>
#include <set>

#include "calibration/disturbed.h"
#include "calibration/plausible.h"
#include "calibration/regression.h"

namespace nngauge {
namespace {

// Runs of one device under the profile's id.
Result<RunTable> of_one_device(const RunTable& runs, const std::string& id) {
  std::set<std::string> devices;
  for (const Run& run : runs.runs) devices.insert(run.device);
  if (devices.empty()) return make_error(ErrorCode::kBadRuns, "no row can be used");
  if (devices.size() > 1 && id.empty()) {
    return make_error(ErrorCode::kBadRuns,
                      "the rows are of " + std::to_string(devices.size()) + " devices; say which with --device");
  }
  RunTable out = runs;
  if (devices.size() > 1 && !devices.contains(id)) {
    return make_error(ErrorCode::kBadRuns, "no row is of device \"" + id + "\"");
  }
  if (devices.size() == 1 && !id.empty()) {
    for (Run& run : out.runs) run.device = id;
    for (TimedKernel& run : out.timed_kernels) run.device = id;
  }
  return out;
}

struct Fitted {
  FittedMetric metric;
  SetupFit summary;
};

// The fits of all sets, each with its held-out residuals. nullopt: not of a device in `wanted`.
std::vector<std::optional<Fitted>> fit_all(const std::vector<SampleSet>& sets, const std::set<std::string>& wanted,
                                           const std::vector<DeviceProfile>& like) {
  std::vector<std::optional<Fitted>> out(sets.size());
  for (const std::vector<std::size_t>& members : populations_of(sets)) {
    std::vector<const SampleSet*> population;
    bool any = false;
    for (const std::size_t i : members) population.push_back(&sets[i]), any = any || wanted.contains(sets[i].device);
    if (!any) continue;
    const std::vector<std::optional<FittedMetric>> fits = fit_sets(population, {}, like);
    std::array<std::vector<std::vector<std::optional<Price>>>, 2> held_out;
    constexpr std::array kSplits = {Split::kModel, Split::kFamily};
    for (std::size_t k = 0; k < kSplits.size(); ++k) held_out[k] = predict_held_out(population, kSplits[k], like);
    for (std::size_t m = 0; m < members.size(); ++m) {
      const SampleSet& set = sets[members[m]];
      if (!wanted.contains(set.device) || !fits[m]) continue;
      Fitted fitted{*fits[m], {}};
      SetupFit& summary = fitted.summary;
      summary.setup = set.setup, summary.metric = set.metric, summary.runs = fitted.metric.runs;
      summary.models = fitted.metric.models, summary.families = fitted.metric.families;
      summary.seen_mape = fitted.metric.seen_mape;
      for (std::size_t k = 0; k < kSplits.size(); ++k) {
        if (kSplits[k] == Split::kFamily && summary.families == summary.models) continue;  // it would be the same again
        const auto quantiles = quantiles_of(ratios_of(set, held_out[k][m]), kSplits[k]);
        if (!quantiles) continue;
        fitted.metric.residuals.push_back(*quantiles);
        (k == 0 ? summary.held_out_model_mape : summary.held_out_family_mape) = quantiles->mape;
      }
      out[members[m]] = std::move(fitted);
    }
  }
  return out;
}

Result<Calibration> profile_of(const std::vector<SampleSet>& sets, std::vector<std::optional<Fitted>>& fits,
                               const std::string& device, const ProfileIdentity& identity) {
  Calibration out;
  DeviceProfile& profile = out.profile;
  profile.id = device;
  profile.description = identity.description, profile.soc = identity.soc, profile.cores = identity.cores;
  profile.licence = identity.licence, profile.date = identity.date, profile.gpu = identity.gpu;
  for (std::size_t i = 0; i < sets.size(); ++i) {  // sorted by setup, then metric
    if (sets[i].device != device || !fits[i]) continue;
    if (profile.setups.empty() || profile.setups.back().id != sets[i].setup) {
      profile.setups.push_back({sets[i].setup, false, identity.source, identity.runtime_version, {}, nullptr, nullptr});
    }
    profile.setups.back().metrics.push_back(std::move(fits[i]->metric));
    out.fits.push_back(std::move(fits[i]->summary));
  }
  if (profile.setups.empty()) return make_error(ErrorCode::kBadRuns, "no row of device \"" + device + "\" can be used");
  bool found = identity.default_setup.empty();
  for (SetupProfile& setup : profile.setups) {
    setup.is_default =
        identity.default_setup.empty() ? &setup == &profile.setups.front() : setup.id == identity.default_setup;
    found = found || setup.is_default;
  }
  if (!found) {
    return make_error(ErrorCode::kUnknownSetup, "no run is of the default setup \"" + identity.default_setup + "\"");
  }
  return out;
}

}  // namespace

Result<Calibration> calibrate(const RunTable& runs, const ModelLoader& load, const CalibrateOptions& options) {
  NNGAUGE_TRY(RunTable table, of_one_device(runs, options.identity.id));
  if (!options.identity.gpu.empty()) {
    for (const Run& run : table.runs) table.gpus.emplace(run.device, options.identity.gpu);
  }
  std::vector<Error> errors;
  std::vector<SampleSet> sets = collect_samples(table, load, errors);
  for (Error& error : drop_implausible(sets)) errors.push_back(std::move(error));
  for (Error& error : drop_disturbed(sets, options.like)) errors.push_back(std::move(error));
  if (sets.empty()) {
    Error error = errors.empty() ? make_error(ErrorCode::kBadRuns, "no row can be used") : errors.front();
    return error;
  }
  const std::string device = options.identity.id.empty() ? sets.front().device : options.identity.id;
  std::vector<std::optional<Fitted>> fits = fit_all(sets, {device}, options.like);
  NNGAUGE_TRY(Calibration out, profile_of(sets, fits, device, options.identity));
  out.errors = std::move(errors);
  return out;
}

Result<std::vector<Calibration>> calibrate_each(const RunTable& runs, const ModelLoader& load,
                                                std::span<const ProfileIdentity> identities) {
  std::vector<Error> errors;
  RunTable table = runs;
  for (const ProfileIdentity& identity : identities) {
    if (!identity.gpu.empty()) table.gpus.emplace(identity.id, identity.gpu);
  }
  const std::vector<SampleSet> sets = collect_samples(table, load, errors);
  std::set<std::string> wanted;
  for (const ProfileIdentity& identity : identities) wanted.insert(identity.id);
  std::vector<std::optional<Fitted>> fits = fit_all(sets, wanted, {});
  std::vector<Calibration> out;
  for (const ProfileIdentity& identity : identities) {
    NNGAUGE_TRY(Calibration one, profile_of(sets, fits, identity.id, identity));
    out.push_back(std::move(one));
  }
  if (!out.empty()) out.front().errors = std::move(errors);
  return out;
}

}  // namespace nngauge
