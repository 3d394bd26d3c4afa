// SPDX-License-Identifier: Apache-2.0
#include "calibration/suggest.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "calibration/population.h"
#include "calibration/reference.h"
#include "calibration/transfer.h"

namespace nngauge {
namespace {

constexpr double kNoise = 0.03;  // of a run about what its kernels cost

using Covariance = std::vector<FeatureVector>;

FeatureVector times(const Covariance& covariance, const FeatureVector& row) {
  FeatureVector out{};
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    for (std::size_t j = 0; j < kFeatureCount; ++j) out[i] += covariance[i][j] * row[j];
  }
  return out;
}

// What is known after one more run with these shares (the rank-one form of Bayesian linear regression).
void observe(Covariance& covariance, const FeatureVector& row) {
  const FeatureVector along = times(covariance, row);
  const double variance = dot(row, along) + kNoise * kNoise;
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    for (std::size_t j = 0; j < kFeatureCount; ++j) covariance[i][j] -= along[i] * along[j] / variance;
  }
}

double mean_spread(const Covariance& covariance, const std::vector<FeatureVector>& rows) {
  double sum = 0;
  for (const FeatureVector& row : rows) sum += std::sqrt(std::max(dot(row, times(covariance, row)), 0.0));
  return rows.empty() ? 0 : sum / static_cast<double>(rows.size());
}

// How far all predictions narrow, in variance, when this one is measured.
double gain(const Covariance& covariance, const FeatureVector& row, const std::vector<FeatureVector>& rows) {
  const FeatureVector along = times(covariance, row);
  double sum = 0;
  for (const FeatureVector& other : rows) sum += dot(other, along) * dot(other, along);
  return sum / (dot(row, along) + kNoise * kNoise);
}

// Runs of every candidate on one setup; only their kernels matter.
std::vector<SampleSet> candidate_sets(const SampleSet& set, std::span<const std::string> candidates,
                                      const ModelLoader& load, RunTable& table) {
  for (const std::string& model : candidates) {
    Run run;
    run.model = model, run.device = set.device, run.setup = set.setup, run.latency_ms = 1;
    table.runs.push_back(std::move(run));
  }
  std::vector<Error> passed_over;
  return collect_samples(table, load, passed_over);
}

void suggest_for(const SampleSet& set, const SampleSet& all, std::size_t count, std::span<const DeviceProfile> like,
                 std::vector<Suggestion>& out) {
  std::vector<const Sample*> samples;
  for (const Sample& sample : set.samples) samples.push_back(&sample);
  const FactorPrior prior = setup_prior(set, find_like_setups(set, samples, like));
  Covariance covariance = prior.covariance;
  std::vector<FeatureVector> rows;
  for (const Sample& sample : all.samples) rows.push_back(cost_shares(sample, set, prior.mean));
  std::vector<bool> known(rows.size(), false);
  for (const Sample& sample : set.samples) observe(covariance, cost_shares(sample, set, prior.mean));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const Sample& sample : set.samples) known[i] = known[i] || sample.model() == all.samples[i].model();
  }
  for (std::size_t n = 0; n < count; ++n) {
    std::size_t best = rows.size();
    double most = -1;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (known[i]) continue;
      if (const double g = gain(covariance, rows[i], rows); g > most) most = g, best = i;
    }
    if (best == rows.size()) break;
    known[best] = true;
    Suggestion suggestion{set.setup, all.samples[best].model(), mean_spread(covariance, rows), 0};
    observe(covariance, rows[best]);
    suggestion.spread_after = mean_spread(covariance, rows);
    out.push_back(std::move(suggestion));
  }
}

}  // namespace

Result<std::vector<Suggestion>> suggest_models(const RunTable& runs, const ModelLoader& load, const std::string& device,
                                               std::span<const std::string> candidates, std::size_t count,
                                               std::span<const DeviceProfile> like) {
  std::vector<Error> errors;
  std::vector<Suggestion> out;
  const std::vector<SampleSet> sets = collect_samples(runs, load, errors);
  std::set<std::string> devices;  // a table of one device is that device's, whatever it is called
  for (const SampleSet& set : sets) devices.insert(set.device);
  bool any = false;
  for (const SampleSet& set : sets) {
    if (set.metric != Metric::kLatencyMs || (devices.size() > 1 && !device.empty() && set.device != device)) continue;
    any = true;
    RunTable table;  // the samples point into it
    const std::vector<SampleSet> all = candidate_sets(set, candidates, load, table);
    if (!all.empty()) suggest_for(set, all.front(), count, like, out);
  }
  if (!any) return errors.empty() ? make_error(ErrorCode::kBadRuns, "no row can be used") : errors.front();
  return out;
}

}  // namespace nngauge
