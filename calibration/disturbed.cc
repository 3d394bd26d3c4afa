// SPDX-License-Identifier: Apache-2.0
#include "calibration/disturbed.h"

#include <algorithm>
#include <cmath>

#include "calibration/plausible.h"
#include "calibration/regression.h"
#include "calibration/statistics.h"

namespace nngauge {
namespace {

// A run alone is off by more than the others scatter, and by more than networks of new kinds are.
constexpr std::size_t kFewestForOutliers = 8, kFewestForDrift = 8;
constexpr double kOutlierFactor = 2, kOutlierScatters = 6, kLeastScatter = 0.06;
// Later runs are slower: ranks apart (standard scores of Mann and Whitney's U, 1947), by a tenth when all are fitted,
// and by more than a fifth when the fit has seen the earlier alone.
constexpr double kLeastScore = 3, kLeastRise = 0.1, kLeastForetold = 0.2, kLeastEach = 0.05, kShareSlower = 0.8;
constexpr std::size_t kLeastPart = 3, kLeastBefore = 4;

struct Judged {
  std::size_t sample;  // place in the set
  double log_ratio;    // of measured to fitted
};

// Runs of whole models, in order, by a fit of the samples that `seen` picks.
template <class Seen>
std::vector<Judged> judge(const SampleSet& set, std::span<const DeviceProfile> like, const Seen& seen) {
  SampleSet part = set;
  part.samples.clear();
  for (std::size_t i = 0; i < set.samples.size(); ++i) {
    if (seen(i)) part.samples.push_back(set.samples[i]);
  }
  const SampleSet* const one = &part;
  const std::vector<std::optional<FittedMetric>> fits = fit_sets({&one, 1}, {}, like);
  std::vector<Judged> out;
  if (fits.empty() || !fits.front()) return out;
  FittedMetric fit = *fits.front();
  fit.correction = {};  // it would explain away what disturbed the runs
  const PriceList prices(fit);
  for (std::size_t i = 0; i < set.samples.size(); ++i) {
    const Sample& sample = set.samples[i];
    if (sample.run->ops) continue;
    const double priced = prices.price(*sample.kernels).total();
    if (priced > 0) out.push_back({i, std::log(sample.measured / priced)});
  }
  return out;
}

Error complaint(const SampleSet& set, std::size_t sample, const std::string& what) {
  const std::string place = set.samples[sample].run->place() + ", column " + std::string(metric_name(set.metric));
  return make_error(ErrorCode::kBadRuns, what + "; it is left out").at(place);
}

// The sample that is farthest off, if it is too far.
std::optional<Judged> outlier(const std::vector<Judged>& runs) {
  if (runs.size() < kFewestForOutliers) return std::nullopt;
  std::vector<double> logs, off;
  for (const Judged& run : runs) logs.push_back(run.log_ratio);
  const double middle = median(logs);
  for (const double one : logs) off.push_back(std::abs(one - middle));
  const double scatter = std::max(1.4826 * median(off), kLeastScatter);
  const auto worst = static_cast<std::size_t>(std::max_element(off.begin(), off.end()) - off.begin());
  if (off[worst] < std::log(kOutlierFactor) || off[worst] < kOutlierScatters * scatter) return std::nullopt;
  return Judged{runs[worst].sample, runs[worst].log_ratio - middle};
}

void drop_outliers(SampleSet& set, std::span<const DeviceProfile> like, std::vector<Error>& errors) {
  const std::size_t most = set.samples.size() / 4;
  for (std::size_t dropped = 0; dropped < most; ++dropped) {
    const auto found = outlier(judge(set, like, [](std::size_t) { return true; }));
    if (!found) return;
    const double factor = std::exp(std::abs(found->log_ratio));
    errors.push_back(complaint(set, found->sample,
                               factor_text(factor) + " times as " + (found->log_ratio > 0 ? "much" : "little") +
                                   " as the other runs make likely"));
    set.samples.erase(set.samples.begin() + static_cast<std::ptrdiff_t>(found->sample));
  }
}

// Standard score of how far the ratios from the k-th on rank above those before it.
double rank_score(const std::vector<Judged>& runs, std::size_t k) {
  double above = 0;
  for (std::size_t a = k; a < runs.size(); ++a) {
    for (std::size_t b = 0; b < k; ++b) {
      above += runs[a].log_ratio > runs[b].log_ratio ? 1 : runs[a].log_ratio == runs[b].log_ratio ? 0.5 : 0;
    }
  }
  const double before = static_cast<double>(k), after = static_cast<double>(runs.size() - k);
  const double most = before * after;
  if (above == most && runs.size() < 12) return kLeastScore + above / most;  // so few cannot score more
  return (above - most / 2) / std::sqrt(most * (before + after + 1) / 12);
}

double median_between(const std::vector<Judged>& runs, std::size_t first, std::size_t last) {
  std::vector<double> logs;
  for (std::size_t i = first; i < last; ++i) logs.push_back(runs[i].log_ratio);
  return median(std::move(logs));
}

// The first run of those that a device which got slower made; nullopt: it did not.
std::optional<std::size_t> slower_from(const std::vector<Judged>& runs) {
  constexpr std::size_t kMostRuns = 2000, kPlaces = 60;  // ranks at every place would cost the cube
  if (runs.size() < kFewestForDrift || runs.size() > kMostRuns) return std::nullopt;
  const std::size_t step = std::max<std::size_t>(runs.size() / kPlaces, 1);
  std::optional<std::size_t> best;
  double most = kLeastScore;
  for (std::size_t k = std::max(kLeastPart, kLeastBefore); k + kLeastPart <= runs.size(); k += step) {
    const double score = rank_score(runs, k);
    const double rise = median_between(runs, k, runs.size()) - median_between(runs, 0, k);
    if (score > most && rise > kLeastRise) best = k, most = score;
  }
  return best;
}

void drop_throttled(SampleSet& set, std::span<const DeviceProfile> like, std::vector<Error>& errors) {
  const std::vector<Judged> all = judge(set, like, [](std::size_t) { return true; });
  const std::optional<std::size_t> start = slower_from(all);
  if (!start) return;
  const std::size_t first = all[*start].sample;
  const std::vector<Judged> foretold = judge(set, like, [&](std::size_t i) { return i < first; });
  if (foretold.size() != all.size()) return;
  const double before = median_between(foretold, 0, *start);
  const double rise = median_between(foretold, *start, foretold.size()) - before;
  std::size_t slower = 0;
  for (std::size_t i = *start; i < foretold.size(); ++i) slower += foretold[i].log_ratio - before > kLeastEach ? 1 : 0;
  if (rise < kLeastForetold) return;
  if (static_cast<double>(slower) < kShareSlower * static_cast<double>(foretold.size() - *start)) return;
  std::vector<bool> out(set.samples.size(), false);
  for (std::size_t i = *start; i < foretold.size(); ++i) {
    out[foretold[i].sample] = true;
    errors.push_back(complaint(set, foretold[i].sample,
                               factor_text(std::exp(foretold[i].log_ratio - before)) + " times as much as the " +
                                   std::to_string(*start) + " runs before line " +
                                   std::to_string(set.samples[first].run->line) +
                                   " make likely, and so are those around it: the device throttled"));
  }
  std::vector<Sample> kept;
  for (std::size_t i = 0; i < set.samples.size(); ++i) {
    if (!out[i]) kept.push_back(set.samples[i]);
  }
  set.samples = std::move(kept);
}

}  // namespace

std::vector<Error> drop_disturbed(std::vector<SampleSet>& sets, std::span<const DeviceProfile> like) {
  std::vector<Error> errors;
  for (SampleSet& set : sets) {
    if (set.metric != Metric::kLatencyMs) continue;
    // Where most rows are of single operators the fit is one of kernels, and says little of single whole runs.
    const auto parts = std::count_if(set.samples.begin(), set.samples.end(),
                                     [](const Sample& sample) { return sample.run->ops.has_value(); });
    if (2 * static_cast<std::size_t>(parts) > set.samples.size()) continue;
    drop_outliers(set, like, errors);
    drop_throttled(set, like, errors);
  }
  return errors;
}

}  // namespace nngauge
