// SPDX-License-Identifier: Apache-2.0
#include "calibration/transfer.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "calibration/kept.h"
#include "calibration/reference.h"
#include "calibration/statistics.h"
#include "cost/price.h"

namespace nngauge {
namespace {

// How far a new device's speed may be from what the median of its runs says.
constexpr double kBetweenDevices = 0.1, kBetweenFarDevices = 0.3;
// Setups whose speeds differ by a factor of e^0.3, or whose threads by one, are half alike.
constexpr double kAlikeSpeed = 0.3, kAlikeThreads = 1, kLeastAlike = 0.02;
// Between devices whose kernels go equally well with the runs, one that is about as fast is taken.
constexpr double kPaceWeight = 0.05;

double threads_of(const SampleSet& set) {
  const Result<SetupName> name = parse_setup_name(set.setup);
  return name ? static_cast<double>(thread_count(*name)) : 1;
}

bool same_kind(const SetupName& a, const SetupName& b) {
  return a.runtime == b.runtime && a.processor == b.processor &&
         kernel_precision(a.precision) == kernel_precision(b.precision) &&
         (thread_count(a) > 1) == (thread_count(b) > 1);
}

LikeSetup like_setup(const FittedMetric& metric, const SetupName& name, const FeatureVector& reference) {
  LikeSetup out;
  out.factors.fill(1);
  for (const FeatureTerm& term : metric.terms) {
    const std::optional<Feature> feature = find_feature(term.feature);
    if (!feature || term.prior <= 0) continue;
    out.factors[static_cast<std::size_t>(*feature)] = term.value / term.prior;
    out.scale = term.prior / reference[static_cast<std::size_t>(*feature)];
  }
  out.threads = static_cast<double>(thread_count(name));
  const Spread spread = spread_of(metric);
  out.half_width = metric.residuals.empty() ? 0 : std::log(spread.high / spread.low) / 2;
  return out;
}

// How badly another setup's factors explain the runs, whatever their scale: sum of squares of logarithms about their
// median, in units of what runs differ by between setups that are alike.
double unlikeness(const SampleSet& set, std::span<const Sample* const> samples,
                  const std::vector<FeatureVector>& features, const FeatureVector& factors) {
  constexpr double kAlikeRuns = 0.12;
  FeatureVector prices = reference_prices(set);
  for (std::size_t f = 0; f < kFeatureCount; ++f) prices[f] *= factors[f];
  std::vector<double> logs;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double priced = dot(features[i], prices);
    if (priced > 0) logs.push_back(std::log(samples[i]->measured / priced));
  }
  const double middle = median(logs);
  double sum = 0;
  for (const double value : logs) sum += (value - middle) * (value - middle);
  return sum / (kAlikeRuns * kAlikeRuns);
}

FactorPrior prior_of_all(const SampleSet& set, const LikeSetups& like, bool weighted) {
  std::vector<FeatureVector> factors;
  std::vector<double> weights;
  for (const LikeSetup& setup : like.setups) {
    factors.push_back(setup.factors), weights.push_back(weighted ? setup.weight : 1);
  }
  return shared_prior(set, factors, weights, in_logarithms(set) ? kBetweenFarDevices : kBetweenDevices);
}

// Setups of about the same speed and number of threads have cores and caches alike.
void weigh(LikeSetups& like, const SampleSet& set, std::span<const Sample* const> samples) {
  const FactorPrior all = prior_of_all(set, like, false);
  std::vector<FeatureVector> features;
  for (const Sample* sample : samples) features.push_back(total_features(sample->kernels->classes));
  const std::size_t any = 0;
  const double scale = scaled_reference(set, samples, features, all.mean)[any] / reference_prices(set)[any];
  for (LikeSetup& setup : like.setups) {
    const double faster = std::log(setup.scale / scale) / kAlikeSpeed;
    const double more = (setup.threads - threads_of(set)) / kAlikeThreads;
    const double unlike = in_logarithms(set) ? unlikeness(set, samples, features, setup.factors) : 0;
    setup.weight = kLeastAlike + std::exp(-(faster * faster + more * more + unlike) / 2);
  }
}

// How wrong a profile is that borrows from other devices, by its number of runs: each bundled phone in turn was fitted
// from 1, 3, 5, 10 and 20 of its runs with the others to start from; the error on the rest falls as a power of them.
ResidualQuantiles usual_residuals(std::int64_t runs) {
  constexpr double kErrorOfOne = 0.17, kPower = 0.43,
                   kHalfWidths = 2.4;  // 90 % of errors lie within 2.4 times the mean
  ResidualQuantiles out;
  out.split = "transfer", out.runs = runs;
  out.mape = kept(kErrorOfOne * std::pow(static_cast<double>(runs), -kPower));
  out.p5 = kept(1 / (1 + kHalfWidths * out.mape)), out.p50 = 1, out.p95 = kept(1 + kHalfWidths * out.mape);
  return out;
}

// The same where setups differ as much as those of ncnn do: how far those to start from are off on networks that they
// had not seen, for as many threads as the set has; a few runs are so many times as wide. The two constants were set on
// 45 of the bundled devices, each fitted from 1, 3, 5 and 10 of its runs with all others to start from.
std::optional<ResidualQuantiles> residuals_of_like(const LikeSetups& like, double threads, std::int64_t runs) {
  constexpr double kOfMany = 0.65, kOfOne = 1.3, kHalfWidths = 2.4, kOctave = 1;
  double sum = 0, weights = 0;
  for (const LikeSetup& setup : like.setups) {
    if (setup.half_width <= 0) continue;
    const double off = std::log2(std::max(setup.threads, 1.0) / std::max(threads, 1.0)) / kOctave;
    const double weight = kLeastAlike + std::exp(-off * off / 2);
    sum += weight * setup.half_width, weights += weight;
  }
  if (weights <= 0) return std::nullopt;
  const double half = sum / weights * (kOfMany + kOfOne / std::sqrt(static_cast<double>(runs)));
  ResidualQuantiles out;
  out.split = "transfer", out.runs = runs;
  out.mape = kept(half / kHalfWidths);
  out.p5 = kept(std::exp(-half)), out.p50 = 1, out.p95 = kept(std::exp(half));
  return out;
}

}  // namespace

LikeSetups find_like_setups(const SampleSet& set, std::span<const Sample* const> samples,
                            std::span<const DeviceProfile> like) {
  LikeSetups out;
  const Result<SetupName> name = parse_setup_name(set.setup);
  if (!name) return out;
  const FeatureVector reference = reference_prices(set);
  for (const DeviceProfile& profile : like) {
    for (const SetupProfile& setup : profile.setups) {
      const Result<SetupName> other = parse_setup_name(setup.id);
      const FittedMetric* metric = setup.find_metric(set.metric);
      if (!metric || !other || !same_kind(*other, *name)) continue;
      out.setups.push_back(like_setup(*metric, *other, reference));
      for (const KernelSupport& row : metric->support) {
        KernelSupport& known = out.support[row.kernel];
        if (known.models < row.models) known = row;
      }
    }
  }
  if (!samples.empty() && !out.setups.empty()) weigh(out, set, samples);
  return out;
}

FactorPrior setup_prior(const SampleSet& set, const LikeSetups& like) {
  return like.setups.empty() ? reference_of(set) : prior_of_all(set, like, true);
}

std::vector<KernelCurve> lent_curves(const SampleSet& set, const LeftOut& without,
                                     std::span<const DeviceProfile> like) {
  std::vector<KernelCurve> best;
  double least = 0;
  if (!set.timed_kernels.empty()) return best;
  for (const DeviceProfile& profile : like) {
    for (const SetupProfile& setup : profile.setups) {
      const FittedMetric* metric = setup.id == set.setup ? setup.find_metric(set.metric) : nullptr;
      if (!metric || metric->curves.empty()) continue;
      std::vector<double> logs, off;
      for (const Sample& sample : set.samples) {
        if (without.has(sample)) continue;
        const FeatureVector totals = total_features(curve_classes(*sample.kernels, metric->curves));
        const double time = totals[static_cast<std::size_t>(Feature::kKernelTime)];
        if (time > 0) logs.push_back(std::log(sample.measured / time));
      }
      const double middle = median(logs, 1);
      for (const double one : logs) off.push_back(std::abs(one - middle));
      const double score = median(off, 1) + kPaceWeight * std::abs(middle);
      if (best.empty() || score < least) best = metric->curves, least = score;
    }
  }
  return best;
}

ResidualQuantiles transfer_residuals(const SampleSet& set, const LikeSetups& like, std::int64_t runs) {
  if (!in_logarithms(set)) return usual_residuals(runs);
  const std::optional<ResidualQuantiles> spread = residuals_of_like(like, threads_of(set), runs);
  return spread ? *spread : usual_residuals(runs);
}

}  // namespace nngauge
