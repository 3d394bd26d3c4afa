// SPDX-License-Identifier: Apache-2.0
#include "calibration/plausible.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nngauge {
namespace {

// Networks differ by up to about 4 in measured / priced by the reference; what is further off did not run alone.
constexpr double kFarOff = 10;
constexpr double kUnitLeast = 200, kUnitMost = 5000;  // off by a thousand, give or take what networks differ by
// Slowest and fastest of what was measured so far, against the reference core, with some to spare.
constexpr double kSlowest = 600, kFastest = 1.0 / 150;
constexpr std::size_t kFewest = 4;  // runs that say what is likely

std::string factor_text(double factor) {
  char text[32];
  std::snprintf(text, sizeof text, factor < 100 ? "%.2g" : "%.0f", factor);
  return text;
}

std::string column_of(const SampleSet& set) { return std::string(metric_name(set.metric)); }

std::string unit_hint(const SampleSet& set, bool too_large) {
  if (set.metric == Metric::kEnergyMj) return too_large ? "is it in microjoules?" : "is it in joules?";
  return too_large ? "is it in microseconds?" : "is it in seconds?";
}

// Measured / priced by the reference, of runs of whole models; 0: not to be judged.
double pace_of(const SampleSet& set, const Sample& sample) {
  if (sample.run->ops) return 0;
  FeatureVector ones;
  ones.fill(1);
  const double priced = reference_cost(sample, set, ones);
  return priced > 0 ? sample.measured / priced : 0;
}

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void check(SampleSet& set, std::vector<Error>& errors) {
  std::vector<double> paces, known;
  for (const Sample& sample : set.samples) {
    paces.push_back(pace_of(set, sample));
    if (paces.back() > 0) known.push_back(paces.back());
  }
  const double middle = median_of(known);
  if (middle > 0 && set.metric == Metric::kLatencyMs && (middle > kSlowest || middle < kFastest)) {
    const bool slow = middle > kSlowest;
    errors.push_back(make_error(ErrorCode::kBadRuns,
                                "line 1, column " + column_of(set) + ": the runs of " + set.device + " " + set.setup +
                                    " are " + factor_text(slow ? middle : 1 / middle) + " times as " +
                                    (slow ? "long" : "short") + " as on a fast phone; " + unit_hint(set, slow)));
    set.samples.clear();
    return;
  }
  if (known.size() < kFewest) return;
  std::vector<Sample> kept;
  for (std::size_t i = 0; i < paces.size(); ++i) {
    const double off = paces[i] > 0 ? paces[i] / middle : 1, factor = std::max(off, 1 / off);
    if (factor < kFarOff) {
      kept.push_back(std::move(set.samples[i]));
      continue;
    }
    const bool unit = factor >= kUnitLeast && factor <= kUnitMost;
    errors.push_back(make_error(ErrorCode::kBadRuns, "line " + std::to_string(set.samples[i].run->line) + ", column " +
                                                         column_of(set) + ": " + factor_text(factor) + " times as " +
                                                         (off > 1 ? "much" : "little") +
                                                         " as the other runs make likely; " +
                                                         (unit ? unit_hint(set, off > 1) : "it is left out")));
  }
  set.samples = std::move(kept);
}

}  // namespace

std::vector<Error> drop_implausible(std::vector<SampleSet>& sets) {
  std::vector<Error> errors;
  for (SampleSet& set : sets) check(set, errors);
  std::erase_if(sets, [](const SampleSet& set) { return set.samples.empty(); });
  return errors;
}

}  // namespace nngauge
