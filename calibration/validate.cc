// SPDX-License-Identifier: Apache-2.0
#include "calibration/validate.h"

#include <array>
#include <cmath>
#include <set>

#include "base/text.h"
#include "calibration/regression.h"
#include "cost/price.h"

namespace nngauge {
namespace {

constexpr std::array<std::string_view, 3> kSplits = {"none", "model", "family"};
constexpr double kPerMilli = 1000;

ScoredRun scored(const SampleSet& set, const Sample& sample, const Price& price, const Spread& spread) {
  ScoredRun out;
  out.model = sample.run->model, out.device = set.device, out.setup = set.setup, out.family = sample.run->family;
  out.metric = set.metric;
  out.predicted = price.total() / kPerMilli, out.measured = sample.measured / kPerMilli;
  out.p5 = (price.fitted * spread.low + price.prior / kPriorSpread) / kPerMilli;
  out.p95 = (price.fitted * spread.high + price.prior * kPriorSpread) / kPerMilli;
  out.ape = std::abs(out.predicted / out.measured - 1);
  out.in_support = price.prior == 0;
  return out;
}

std::vector<ScoredRun> score_profile(const SampleSet& set, const FittedMetric& metric) {
  std::vector<ScoredRun> out;
  const PriceList prices(metric);
  const Spread spread = spread_of(metric);
  for (const Sample& sample : set.samples)
    out.push_back(scored(set, sample, prices.price(sample.kernels->classes), spread));
  return out;
}

// Each model or family predicted by a fit without it; its interval from what the others missed when left out.
std::vector<ScoredRun> score_held_out(const SampleSet& set, Split split, std::vector<Error>& errors) {
  const RegressionOptions options = options_for(set, {});
  const std::vector<std::optional<double>> ratios = held_out_ratios(set.samples, set.metric, split, options);
  std::vector<std::optional<ScoredRun>> rows(set.samples.size());
  std::set<std::string> keys;
  for (const Sample& sample : set.samples) keys.insert(split_key(sample, split));
  for (const std::string& key : keys) {
    std::vector<const Sample*> rest;
    std::vector<std::optional<double>> others = ratios;
    for (std::size_t i = 0; i < set.samples.size(); ++i) {
      if (split_key(set.samples[i], split) == key) others[i].reset();
      else rest.push_back(&set.samples[i]);
    }
    if (rest.empty()) continue;
    FittedMetric metric = fit_samples(rest, set.metric, options);
    if (const auto quantiles = quantiles_of(others, split)) metric.residuals.push_back(*quantiles);
    const PriceList prices(metric);
    for (std::size_t i = 0; i < set.samples.size(); ++i) {
      if (split_key(set.samples[i], split) != key) continue;
      rows[i] = scored(set, set.samples[i], prices.price(set.samples[i].kernels->classes), spread_of(metric));
    }
  }
  std::vector<ScoredRun> out;
  for (std::optional<ScoredRun>& row : rows) {
    if (row) out.push_back(std::move(*row));
  }
  if (out.empty()) {
    errors.push_back(make_error(
        ErrorCode::kBadRuns,
        set.device + " " + set.setup + ": nothing is left to fit without the " + std::string(split_name(split))));
  }
  return out;
}

const SetupProfile* find_setup(std::span<const DeviceProfile> profiles, const SampleSet& set) {
  for (const DeviceProfile& profile : profiles) {
    if (profile.id != set.device) continue;
    for (const SetupProfile& setup : profile.setups) {
      if (setup.id == set.setup && setup.find_metric(set.metric)) return &setup;
    }
  }
  return nullptr;
}

// The rows that the options ask for.
Result<RunTable> selected(const RunTable& runs, const ValidateOptions& options) {
  std::set<std::string> devices, setups;
  RunTable out = runs;
  for (const Run& run : runs.runs) {
    devices.insert(run.device);
    if (options.device.empty() || run.device == options.device) setups.insert(run.setup);
  }
  const auto check = [](const std::string& name, const std::set<std::string>& known, ErrorCode code,
                        const char* what) -> Status {
    if (name.empty() || known.contains(name)) return ok();
    const std::vector<std::string> ids(known.begin(), known.end());
    const std::vector<std::string> near = near_matches(name, ids);
    return make_error(code, std::string("no run is of ") + what + " " + quoted(name) +
                                (near.empty() ? "" : "; near ones: " + join(near, ", ")));
  };
  NNGAUGE_CHECK(check(options.device, devices, ErrorCode::kUnknownDevice, "device"));
  NNGAUGE_CHECK(check(options.setup, setups, ErrorCode::kUnknownSetup, "setup"));
  std::erase_if(out.runs, [&](const Run& run) {
    return (!options.device.empty() && run.device != options.device) ||
           (!options.setup.empty() && run.setup != options.setup);
  });
  return out;
}

}  // namespace

std::string_view split_name(Split split) { return kSplits[static_cast<std::size_t>(split)]; }

std::optional<Split> find_split(std::string_view name) {
  for (const Split split : {Split::kNone, Split::kModel, Split::kFamily}) {
    if (split_name(split) == name) return split;
  }
  return std::nullopt;
}

Result<Validation> validate(const RunTable& runs, std::span<const DeviceProfile> profiles, const ModelLoader& load,
                            const ValidateOptions& options) {
  NNGAUGE_TRY(const RunTable table, selected(runs, options));
  Validation out;
  out.split = options.split;
  for (const SampleSet& set : collect_samples(table, load, out.errors)) {
    std::vector<ScoredRun> rows;
    if (options.split == Split::kNone) {
      const SetupProfile* setup = find_setup(profiles, set);
      if (!setup) {
        out.errors.push_back(make_error(ErrorCode::kUnknownSetup, "no profile of device " + quoted(set.device) +
                                                                      " has a setup " + quoted(set.setup) + " with " +
                                                                      std::string(metric_name(set.metric))));
        continue;
      }
      rows = score_profile(set, *setup->find_metric(set.metric));
    } else {
      rows = score_held_out(set, options.split, out.errors);
    }
    if (rows.empty()) continue;
    out.results.push_back({set.device, set.setup, set.metric, score(rows)});
    out.runs.insert(out.runs.end(), rows.begin(), rows.end());
  }
  if (out.results.empty()) {
    return out.errors.empty() ? make_error(ErrorCode::kBadRuns, "no row can be used") : out.errors.front();
  }
  return out;
}

}  // namespace nngauge
