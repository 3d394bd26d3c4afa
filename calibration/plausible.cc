// SPDX-License-Identifier: Apache-2.0
#include "calibration/plausible.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "calibration/reference.h"
#include "calibration/statistics.h"

namespace nngauge {
namespace {

// Networks differ by up to about 4 in measured / priced by the reference; what is further off did not run alone.
constexpr double kFarOff = 10;
constexpr double kUnitLeast = 200, kUnitMost = 5000;  // off by a thousand, give or take what networks differ by
// Slowest and fastest of what was measured so far, against the reference core, with some to spare.
constexpr double kSlowest = 600, kFastest = 1.0 / 150;
constexpr std::size_t kFewest = 4;  // runs that say what is likely

std::string column_of(const SampleSet& set) { return std::string(metric_name(set.metric)); }

std::string unit_hint(const SampleSet& set, bool too_large) {
  if (set.metric == Metric::kEnergyMj) return too_large ? "is it in microjoules?" : "is it in joules?";
  return too_large ? "is it in microseconds?" : "is it in seconds?";
}

double priced_by_reference(const SampleSet& set, const Sample& sample) {
  FeatureVector ones;
  ones.fill(1);
  return reference_cost(sample, set, ones);
}

// Measured / priced by the reference, of runs of whole models; 0: not to be judged.
double pace_of(const SampleSet& set, const Sample& sample) {
  if (sample.run->ops) return 0;
  const double priced = priced_by_reference(set, sample);
  return priced > 0 ? sample.measured / priced : 0;
}

bool off_by_unit(double factor) { return factor >= kUnitLeast && factor <= kUnitMost; }

Error complaint(const SampleSet& set, const Sample& sample, const std::string& what) {
  return make_error(ErrorCode::kBadRuns, sample.run->place() + ", column " + column_of(set) + ": " + what);
}

// Runs of parts of models: the references of single kernels are rough, and short kernels say nothing.
struct Part {
  std::size_t sample;
  double priced, measured;
};

std::vector<Part> parts_of(const SampleSet& set) {
  std::vector<Part> out;
  for (std::size_t i = 0; i < set.samples.size(); ++i) {
    const Sample& sample = set.samples[i];
    if (!sample.run->ops) continue;
    if (const double priced = priced_by_reference(set, sample); priced > 0) out.push_back({i, priced, sample.measured});
  }
  return out;
}

// The pace of the parts, those that take long counting most: half of what is priced is faster.
double pace_of_parts(std::vector<Part> parts) {
  std::sort(parts.begin(), parts.end(),
            [](const Part& a, const Part& b) { return a.measured * b.priced < b.measured * a.priced; });
  double all = 0, sum = 0;
  for (const Part& part : parts) all += part.priced;
  for (const Part& part : parts) {
    if ((sum += part.priced) >= all / 2) return part.measured / part.priced;
  }
  return 0;
}

// `whole`: the pace of the set's runs of whole models; 0: it has none.
void check_parts(SampleSet& set, double whole, std::vector<Error>& errors) {
  constexpr double kLeastShare = 0.02, kFarOffPart = 30;
  const std::vector<Part> parts = parts_of(set);
  const double pace = pace_of_parts(parts);
  if (pace <= 0 || set.metric != Metric::kLatencyMs) return;
  std::vector<bool> out(set.samples.size(), false);
  const double likely = whole > 0 ? whole : pace > kSlowest || pace < kFastest ? 1 : pace;
  if (const double factor = std::max(pace / likely, likely / pace); off_by_unit(factor) || (whole <= 0 && factor > 1)) {
    const bool slow = pace > likely;
    errors.push_back(complaint(set, set.samples[parts.front().sample],
                               "the operators of " + set.device + " " + set.setup + " take " + factor_text(factor) +
                                   " times as " + (slow ? "long" : "short") + " as " +
                                   (whole > 0 ? "its whole runs make likely; " : "on a fast phone; ") +
                                   unit_hint(set, slow)));
    for (const Part& part : parts) out[part.sample] = true;
  } else {
    std::map<std::string, double> totals;  // per model
    for (const Part& part : parts) totals[set.samples[part.sample].model()] += part.priced * pace;
    for (const Part& part : parts) {
      const Sample& sample = set.samples[part.sample];
      const double expected = part.priced * pace, off = part.measured / expected;
      const double longest = std::max(part.measured, expected), times = std::max(off, 1 / off);
      if (times < kFarOffPart || longest < kLeastShare * totals[sample.model()]) continue;
      out[part.sample] = true;
      errors.push_back(complaint(set, sample,
                                 factor_text(times) + " times as " + (off > 1 ? "much" : "little") +
                                     " as the other operators make likely; " +
                                     (off_by_unit(times) ? unit_hint(set, off > 1) : "it is left out")));
    }
  }
  std::vector<Sample> left;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!out[i]) left.push_back(std::move(set.samples[i]));
  }
  set.samples = std::move(left);
}

// The pace of the runs of whole models that are kept; 0: none.
double check(SampleSet& set, std::vector<Error>& errors) {
  std::vector<double> paces, known;
  for (const Sample& sample : set.samples) {
    paces.push_back(pace_of(set, sample));
    if (paces.back() > 0) known.push_back(paces.back());
  }
  const double middle = upper_median(known);
  if (middle > 0 && set.metric == Metric::kLatencyMs && (middle > kSlowest || middle < kFastest)) {
    const bool slow = middle > kSlowest;
    errors.push_back(make_error(ErrorCode::kBadRuns,
                                "line 1, column " + column_of(set) + ": the runs of " + set.device + " " + set.setup +
                                    " are " + factor_text(slow ? middle : 1 / middle) + " times as " +
                                    (slow ? "long" : "short") + " as on a fast phone; " + unit_hint(set, slow)));
    std::erase_if(set.samples, [](const Sample& sample) { return !sample.run->ops; });
    return 0;
  }
  if (known.size() < kFewest) return middle;
  std::vector<Sample> kept;
  for (std::size_t i = 0; i < paces.size(); ++i) {
    const double off = paces[i] > 0 ? paces[i] / middle : 1, factor = std::max(off, 1 / off);
    if (factor < kFarOff) {
      kept.push_back(std::move(set.samples[i]));
      continue;
    }
    errors.push_back(complaint(set, set.samples[i],
                               factor_text(factor) + " times as " + (off > 1 ? "much" : "little") +
                                   " as the other runs make likely; " +
                                   (off_by_unit(factor) ? unit_hint(set, off > 1) : "it is left out")));
  }
  set.samples = std::move(kept);
  return middle;
}

}  // namespace

std::string factor_text(double factor) {
  char text[32];
  std::snprintf(text, sizeof text, factor < 100 ? "%.2g" : "%.0f", factor);
  return text;
}

std::vector<Error> drop_implausible(std::vector<SampleSet>& sets) {
  std::vector<Error> errors;
  for (SampleSet& set : sets) check_parts(set, check(set, errors), errors);
  std::erase_if(sets, [](const SampleSet& set) { return set.samples.empty(); });
  return errors;
}

}  // namespace nngauge
