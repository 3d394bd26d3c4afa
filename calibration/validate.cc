// SPDX-License-Identifier: Apache-2.0
#include "calibration/validate.h"

#include <array>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "calibration/baselines.h"
#include "calibration/plausible.h"
#include "calibration/regression.h"
#include "cost/price.h"

namespace nngauge {
namespace {

constexpr std::array<std::string_view, 3> kSplits = {"none", "model", "family"};
constexpr double kPerMilli = 1000;

struct MainKernel {
  std::string klass;
  double share = 0;
};

// By the reference prices, so that it depends on the model and the runtime alone.
MainKernel main_kernel(const SampleSet& set, const Sample& sample) {
  const auto name = parse_setup_name(set.setup);
  const KernelPrecision precision = kernel_precision(name ? name->precision : "");
  const bool gpu = name && name->processor == "gpu";
  MainKernel out;
  double most = 0, all = 0;
  for (const auto& [klass, sums] : sample.kernels->classes) {
    double cost = 0;
    for (const FeatureInfo& info : feature_table())
      cost += sums.features[static_cast<std::size_t>(info.feature)] * reference_price(info, precision, gpu);
    all += cost;
    if (cost > most) most = cost, out.klass = klass;
  }
  if (all > 0) out.share = most / all;
  return out;
}

ScoredRun scored(const SampleSet& set, const Sample& sample, const Price& price, const Spread& spread) {
  ScoredRun out;
  out.model = sample.run->model, out.device = set.device, out.setup = set.setup, out.family = sample.run->family;
  out.metric = set.metric;
  out.predicted = price.total() / kPerMilli, out.measured = sample.measured / kPerMilli;
  const PriceInterval interval = interval_of(price, spread);
  out.p5 = interval.p5 / kPerMilli, out.p95 = interval.p95 / kPerMilli;
  out.ape = std::abs(out.predicted / out.measured - 1);
  out.in_support = price.prior == 0;
  MainKernel kernel = main_kernel(set, sample);
  out.main_kernel = std::move(kernel.klass), out.main_share = kernel.share;
  return out;
}

std::vector<ScoredRun> score_profile(const SampleSet& set, const FittedMetric& metric) {
  std::vector<ScoredRun> out;
  const PriceList prices(metric);
  const Spread spread = spread_of(metric);
  for (const Sample& sample : set.samples) out.push_back(scored(set, sample, prices.price(*sample.kernels), spread));
  return out;
}

// Each model or family predicted by a fit without it; its interval from what the others missed when left out.
std::vector<ScoredRun> score_held_out(const SampleSet& set, std::span<const std::optional<Price>> predicted,
                                      Split split) {
  const std::vector<std::optional<double>> ratios = ratios_of(set, predicted);
  std::map<std::string, Spread> spreads;
  std::vector<ScoredRun> out;
  for (std::size_t i = 0; i < set.samples.size(); ++i) {
    if (!predicted[i]) continue;
    const std::string& key = split_key(set.samples[i], split);
    if (!spreads.contains(key)) {
      FittedMetric metric;
      std::vector<std::optional<double>> others = ratios;
      for (std::size_t j = 0; j < others.size(); ++j) {
        if (split_key(set.samples[j], split) == key) others[j].reset();
      }
      if (const auto quantiles = quantiles_of(others, split)) metric.residuals.push_back(*quantiles);
      spreads[key] = spread_of(metric);
    }
    out.push_back(scored(set, set.samples[i], *predicted[i], spreads[key]));
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

// The rows that the options ask for are there.
Status check_names(const RunTable& runs, const ValidateOptions& options) {
  std::set<std::string> devices, setups;
  for (const Run& run : runs.runs) {
    devices.insert(run.device);
    if (options.device.empty() || run.device == options.device) setups.insert(run.setup);
  }
  const auto check = [](const std::string& name, const std::set<std::string>& known, ErrorCode code,
                        const char* what) -> Status {
    if (name.empty() || known.contains(name)) return ok();
    const std::vector<std::string> ids(known.begin(), known.end());
    const std::vector<std::string> near = near_matches(name, ids);
    return make_error(code, std::string("no run is of ") + what + " " + in_quotes(name) +
                                (near.empty() ? "" : "; near ones: " + join(near, ", ")));
  };
  NNGAUGE_CHECK(check(options.device, devices, ErrorCode::kUnknownDevice, "device"));
  NNGAUGE_CHECK(check(options.setup, setups, ErrorCode::kUnknownSetup, "setup"));
  return ok();
}

bool asked_for(const SampleSet& set, const ValidateOptions& options) {
  return (options.device.empty() || set.device == options.device) &&
         (options.setup.empty() || set.setup == options.setup);
}

// Scores of all sets that are asked for, refitted: the sets of a population together, whether asked for or not.
std::vector<std::vector<ScoredRun>> refitted_scores(const std::vector<SampleSet>& sets, const ValidateOptions& options,
                                                    const ModelLoader& load, Validation& validation) {
  std::vector<std::vector<ScoredRun>> out(sets.size());
  if (options.predictor != Predictor::kOwn) {
    Baselines baselines(load);
    for (std::size_t i = 0; i < sets.size(); ++i) {
      if (!asked_for(sets[i], options)) continue;
      out[i] = score_held_out(sets[i], baselines.predict(sets[i], options.predictor, options.split), options.split);
    }
    return out;
  }
  for (const std::vector<std::size_t>& members : populations_of(sets)) {
    std::vector<const SampleSet*> population;
    bool any = false;
    for (const std::size_t i : members) population.push_back(&sets[i]), any = any || asked_for(sets[i], options);
    if (!any) continue;
    const auto predicted = predict_held_out(population, options.split, {});
    for (std::size_t m = 0; m < members.size(); ++m) {
      const SampleSet& set = sets[members[m]];
      if (!asked_for(set, options)) continue;
      out[members[m]] = score_held_out(set, predicted[m], options.split);
      if (out[members[m]].empty()) {
        validation.notes.push_back(set.device + " " + set.setup + " is not scored: without its " +
                                   std::string(split_name(options.split)) + " nothing is left to fit");
      }
    }
  }
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
  NNGAUGE_CHECK(check_names(runs, options));
  RunTable table = runs;
  for (const DeviceProfile& profile : profiles) {
    if (!profile.gpu.empty()) table.gpus.emplace(profile.id, profile.gpu);
  }
  if (options.split == Split::kNone) {  // a refit needs the other rows as well
    std::erase_if(table.runs, [&](const Run& run) {
      return (!options.device.empty() && run.device != options.device) ||
             (!options.setup.empty() && run.setup != options.setup);
    });
  }
  Validation out;
  out.split = options.split;
  std::vector<SampleSet> sets = collect_samples(table, load, out.errors);
  if (options.only_plausible) {
    for (Error& error : drop_implausible(sets)) out.errors.push_back(std::move(error));
  }
  std::vector<std::vector<ScoredRun>> refitted;
  if (options.split != Split::kNone) refitted = refitted_scores(sets, options, load, out);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const SampleSet& set = sets[i];
    std::vector<ScoredRun> rows;
    if (options.split == Split::kNone) {
      const SetupProfile* setup = find_setup(profiles, set);
      if (!setup) {
        out.errors.push_back(make_error(ErrorCode::kUnknownSetup, "no profile of device " + in_quotes(set.device) +
                                                                      " has a setup " + in_quotes(set.setup) +
                                                                      " with " + std::string(metric_name(set.metric))));
        continue;
      }
      rows = score_profile(set, *setup->find_metric(set.metric));
    } else {
      rows = refitted[i];
    }
    if (rows.empty()) continue;
    out.results.push_back({set.device, set.setup, set.metric, score(rows)});
    out.runs.insert(out.runs.end(), rows.begin(), rows.end());
  }
  if (out.results.empty()) {
    if (!out.errors.empty()) return out.errors.front();
    return make_error(ErrorCode::kBadRuns, out.notes.empty() ? "no row can be used" : out.notes.front());
  }
  return out;
}

}  // namespace nngauge
