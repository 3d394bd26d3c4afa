// SPDX-License-Identifier: Apache-2.0
#include "calibration/fit.h"

#include <set>

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
  // A table of several devices: the rows of the one asked for. Of one device: all, whatever it is called.
  if (devices.size() > 1) {
    std::erase_if(out.runs, [&](const Run& run) { return run.device != id; });
    if (out.runs.empty()) return make_error(ErrorCode::kBadRuns, "no row is of device \"" + id + "\"");
  } else if (!id.empty()) {
    for (Run& run : out.runs) run.device = id;
  }
  return out;
}

struct Fitted {
  FittedMetric metric;
  SetupFit summary;
};

Fitted fit_set(const SampleSet& set, const std::vector<DeviceProfile>& like) {
  const RegressionOptions options = options_for(set, like);
  std::vector<const Sample*> all;
  for (const Sample& sample : set.samples) all.push_back(&sample);
  Fitted out{fit_samples(all, set.metric, options), {}};
  SetupFit& summary = out.summary;
  summary.setup = set.setup, summary.metric = set.metric, summary.runs = out.metric.runs;
  summary.models = out.metric.models, summary.families = out.metric.families, summary.seen_mape = out.metric.seen_mape;
  for (const Split split : {Split::kModel, Split::kFamily}) {
    if (split == Split::kFamily && out.metric.families == out.metric.models) continue;  // it would be the same again
    const auto quantiles = quantiles_of(held_out_ratios(set.samples, set.metric, split, options), split);
    if (!quantiles) continue;
    out.metric.residuals.push_back(*quantiles);
    (split == Split::kModel ? summary.held_out_model_mape : summary.held_out_family_mape) = quantiles->mape;
  }
  return out;
}

}  // namespace

Result<Calibration> calibrate(const RunTable& runs, const ModelLoader& load, const CalibrateOptions& options) {
  NNGAUGE_TRY(const RunTable table, of_one_device(runs, options.identity.id));
  Calibration out;
  const std::vector<SampleSet> sets = collect_samples(table, load, out.errors);
  if (sets.empty()) {
    Error error = out.errors.empty() ? make_error(ErrorCode::kBadRuns, "no row can be used") : out.errors.front();
    return error;
  }
  const ProfileIdentity& identity = options.identity;
  DeviceProfile& profile = out.profile;
  profile.id = identity.id.empty() ? sets.front().device : identity.id;
  profile.description = identity.description, profile.soc = identity.soc, profile.cores = identity.cores;
  profile.licence = identity.licence, profile.date = identity.date;
  for (const SampleSet& set : sets) {  // sorted by setup, then metric
    if (profile.setups.empty() || profile.setups.back().id != set.setup) {
      profile.setups.push_back({set.setup, false, identity.source, identity.runtime_version, {}});
    }
    Fitted fitted = fit_set(set, options.like);
    profile.setups.back().metrics.push_back(std::move(fitted.metric));
    out.fits.push_back(std::move(fitted.summary));
  }
  bool found = identity.default_setup.empty();
  for (SetupProfile& setup : profile.setups) {
    setup.is_default =
        identity.default_setup.empty() ? &setup == &profile.setups.front() : setup.id == identity.default_setup;
    found = found || setup.is_default;
  }
  if (!found)
    return make_error(ErrorCode::kUnknownSetup, "no run is of the default setup \"" + identity.default_setup + "\"");
  return out;
}

}  // namespace nngauge
