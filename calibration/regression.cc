// SPDX-License-Identifier: Apache-2.0
#include "calibration/regression.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "calibration/correction_fit.h"
#include "calibration/curve_fit.h"
#include "calibration/kept.h"
#include "calibration/log_population.h"
#include "calibration/population.h"
#include "calibration/reference.h"
#include "calibration/statistics.h"
#include "calibration/transfer.h"

namespace nngauge {
namespace {

// From so many on, runs left out say how wrong a profile is; before, what other phones were wrong by.
constexpr std::int64_t kManyRuns = 20;

// What a sample's kernels cost by class.
using Classes = std::map<std::string, ClassFeatures>;
using ClassesOf = std::function<const Classes&(const Sample&)>;

std::vector<KernelSupport> collect_support(std::span<const Sample* const> samples, const FeatureVector& values,
                                           const ClassesOf& classes) {
  std::map<std::string, KernelSupport> rows;
  std::map<std::string, std::set<std::string>> models;
  for (const Sample* sample : samples) {
    const double total = dot(total_features(classes(*sample)), values);
    for (const auto& [klass, sums] : classes(*sample)) {
      KernelSupport& row = rows[klass];
      row.kernel = klass;
      if (!models[klass].insert(sample->model()).second) continue;
      row.models += 1;
      row.kernels += sums.kernels;
      if (total <= 0) continue;
      const double share = dot(sums.features, values) / total;
      row.mean_share += share, row.max_share = std::max(row.max_share, share);
    }
  }
  std::vector<KernelSupport> out;
  for (auto& [klass, row] : rows) {
    row.mean_share = kept(row.mean_share / static_cast<double>(row.models)), row.max_share = kept(row.max_share);
    out.push_back(row);
  }
  return out;
}

// The samples of one set that a fit sees, and their equations.
struct Task {
  const SampleSet* set;
  std::vector<KernelCurve> curves;
  std::map<const ModelKernels*, Classes> priced;  // by the curves, where there are any
  std::vector<const Sample*> samples;
  std::vector<FeatureVector> features;
  FeatureVector prior{};
  Equations equations;

  Task(const SampleSet& all, const LeftOut& without, const FeatureVector& mean, std::vector<KernelCurve> lent)
      : set(&all), curves(all.timed_kernels.empty() ? std::move(lent) : own_curves(all, without)) {
    std::vector<FeatureVector> plain;  // without curves: how fast the device is
    for (const Sample& sample : all.samples) {
      if (!curves.empty() && !priced.contains(sample.kernels.get())) {
        priced.emplace(sample.kernels.get(), curve_classes(*sample.kernels, curves));
      }
      if (without.has(sample)) continue;
      samples.push_back(&sample);
      features.push_back(total_features(classes(sample)));
      plain.push_back(curves.empty() ? features.back() : total_features(sample.kernels->classes));
    }
    prior = scaled_reference(all, samples, plain, mean);
    if (!curves.empty()) prior[static_cast<std::size_t>(Feature::kKernelTime)] = all.timed_kernels.empty() ? pace() : 1;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      FeatureVector row{};
      for (std::size_t f = 0; f < kFeatureCount; ++f) row[f] = features[i][f] * prior[f] / samples[i]->measured;
      equations.push_back(row);
    }
  }

  [[nodiscard]] const Classes& classes(const Sample& sample) const {
    const auto found = priced.find(sample.kernels.get());
    return found == priced.end() ? sample.kernels->classes : found->second;
  }

 private:
  static std::vector<KernelCurve> own_curves(const SampleSet& set, const LeftOut& without) {
    std::vector<const TimedKernel*> seen;
    for (const TimedKernel* run : set.timed_kernels) {
      if (!without.has(*run)) seen.push_back(run);
    }
    return fit_curves(seen);
  }

  // Measured / what lent curves say.
  [[nodiscard]] double pace() const {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double time = features[i][static_cast<std::size_t>(Feature::kKernelTime)];
      if (time > 0) ratios.push_back(samples[i]->measured / time);
    }
    return median(std::move(ratios), 1);
  }
};

// What the fit misses whole models by. ncnn's networks are hardly ever two of a kind: nothing is gained there.
ResidualCorrection correction_of(const Task& task, const PriceList& prices, std::span<const double> priced) {
  if (library_of(*task.set) == KernelLibrary::kNcnn) return {};
  std::vector<MissedNetwork> networks;
  for (std::size_t i = 0; i < priced.size(); ++i) {
    const Sample& sample = *task.samples[i];
    if (sample.run->ops) continue;
    networks.push_back(
        {share_roots(total_features(sample.kernels->classes), prices.priors()), 1 - priced[i] / sample.measured});
  }
  return fit_correction(networks);
}

// What samples show of the classes of kernels, or where they show less, what devices to start from do.
std::vector<KernelSupport> support_of(const Task& task, const FeatureVector& values, const LikeSetups& like) {
  const ClassesOf classes = [&](const Sample& sample) -> const Classes& { return task.classes(sample); };
  std::vector<KernelSupport> out = collect_support(task.samples, values, classes);
  for (const auto& [klass, row] : like.support) {
    const auto own =
        std::find_if(out.begin(), out.end(), [&](const KernelSupport& known) { return known.kernel == klass; });
    if (own == out.end()) out.push_back(row);
    else if (own->models < row.models) *own = row;
  }
  return out;
}

FittedMetric fitted_metric(Task& task, const FeatureVector& factors, const LikeSetups& like) {
  FittedMetric out;
  out.metric = task.set->metric;
  out.shrunk = in_logarithms(*task.set);
  out.basis = like.setups.empty() ? Basis::kRegression : Basis::kTransfer;
  out.runs = static_cast<std::int64_t>(task.samples.size());
  std::set<std::string> models, families;
  for (const Sample* sample : task.samples) models.insert(sample->model()), families.insert(sample->family());
  out.models = static_cast<std::int64_t>(models.size()), out.families = static_cast<std::int64_t>(families.size());
  FeatureVector values{};
  const KernelLibrary library = library_of(*task.set);
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    if (!has_features_of(library, feature_table()[f].library)) continue;
    values[f] = kept(factors[f] * task.prior[f]);
    if (is_gpu_feature(feature_table()[f].feature) && !on_gpu(*task.set)) continue;
    if (is_ncnn_gpu_feature(feature_table()[f].feature) && !on_ncnn_gpu(*task.set)) continue;
    out.terms.push_back({std::string(feature_table()[f].name), values[f], kept(task.prior[f])});
  }
  out.support = support_of(task, values, like);
  if (out.basis == Basis::kTransfer && out.runs < kManyRuns) {
    out.residuals.push_back(transfer_residuals(*task.set, like, out.runs));
  }
  const PriceList prices(out);
  std::vector<double> priced;
  for (const Sample* sample : task.samples) priced.push_back(prices.price(task.classes(*sample)).total());
  out.correction = correction_of(task, prices, priced);
  for (std::size_t i = 0; i < priced.size(); ++i) {
    const Sample& sample = *task.samples[i];
    out.seen_mape += std::abs(priced[i] * prices.correction(sample.kernels->classes) / sample.measured - 1);
  }
  if (!task.samples.empty()) out.seen_mape = kept(out.seen_mape / static_cast<double>(task.samples.size()));
  out.curves = std::move(task.curves);
  return out;
}

}  // namespace

std::vector<std::optional<FittedMetric>> fit_sets(std::span<const SampleSet* const> sets, const LeftOut& without,
                                                  std::span<const DeviceProfile> like) {
  std::vector<Task> tasks;
  std::vector<LikeSetups> likes;
  std::vector<Equations> together;
  for (const SampleSet* set : sets) {
    std::vector<const Sample*> seen;
    for (const Sample& sample : set->samples) {
      if (!without.has(sample)) seen.push_back(&sample);
    }
    likes.push_back(find_like_setups(*set, seen, like));
    tasks.emplace_back(*set, without, setup_prior(*set, likes.back()).mean, lent_curves(*set, without, like));
    if (likes.back().setups.empty() && !seen.empty()) together.push_back(tasks.back().equations);
  }
  const bool logarithms = !sets.empty() && in_logarithms(*sets.front());  // a population is of one runtime
  const PopulationFit population = together.empty() ? PopulationFit{}
                                   : logarithms     ? fit_log_population(together)
                                                    : fit_population(together);
  std::vector<std::optional<FittedMetric>> out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    out.emplace_back();
    if (tasks[i].samples.empty()) continue;
    FeatureVector factors;
    if (likes[i].setups.empty()) {
      factors = population.factors[next++];
    } else {
      const FactorPrior prior = setup_prior(*tasks[i].set, likes[i]);
      factors = logarithms ? fit_with_log_prior(tasks[i].equations, prior) : fit_with_prior(tasks[i].equations, prior);
    }
    out.back() = fitted_metric(tasks[i], factors, likes[i]);
  }
  return out;
}

std::vector<std::vector<std::optional<Price>>> predict_held_out(std::span<const SampleSet* const> sets, Split split,
                                                                std::span<const DeviceProfile> like) {
  std::vector<std::vector<std::optional<Price>>> out;
  std::set<std::string> keys;
  for (const SampleSet* set : sets) {
    out.emplace_back(set->samples.size());
    for (const Sample& sample : set->samples) keys.insert(split_key(sample, split));
  }
  for (const std::string& key : keys) {
    const LeftOut without{split, key};
    const std::vector<std::optional<FittedMetric>> fits = fit_sets(sets, without, like);
    for (std::size_t s = 0; s < sets.size(); ++s) {
      if (!fits[s]) continue;
      const PriceList prices(*fits[s]);
      for (std::size_t i = 0; i < sets[s]->samples.size(); ++i) {
        const Sample& sample = sets[s]->samples[i];
        if (!without.has(sample)) continue;
        out[s][i] = prices.price(*sample.kernels);
      }
    }
  }
  return out;
}

std::vector<std::optional<double>> ratios_of(const SampleSet& set, std::span<const std::optional<Price>> predicted) {
  std::vector<std::optional<double>> out(set.samples.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (predicted[i] && predicted[i]->total() > 0) out[i] = set.samples[i].measured / predicted[i]->total();
  }
  return out;
}

std::optional<ResidualQuantiles> quantiles_of(std::span<const std::optional<double>> ratios, Split split) {
  std::vector<double> known;
  for (const std::optional<double>& ratio : ratios) {
    if (ratio) known.push_back(*ratio);
  }
  if (known.size() < 5) return std::nullopt;
  std::sort(known.begin(), known.end());
  // Ranks of a new observation among n old ones: (n + 1) q, between order statistics, never outside them.
  const auto n = static_cast<double>(known.size());
  const auto quantile = [&](double q) {
    const double rank = std::clamp((n + 1) * q - 1, 0.0, n - 1);
    const auto low = static_cast<std::size_t>(rank);
    const std::size_t high = std::min(low + 1, known.size() - 1);
    return known[low] + (rank - static_cast<double>(low)) * (known[high] - known[low]);
  };
  ResidualQuantiles out;
  out.split = std::string(split_name(split));
  out.runs = static_cast<std::int64_t>(known.size());
  out.p5 = kept(quantile(0.05)), out.p50 = kept(quantile(0.5)), out.p95 = kept(quantile(0.95));
  for (const double ratio : known) out.mape += std::abs(1 / ratio - 1);
  out.mape = kept(out.mape / n);
  return out;
}

}  // namespace nngauge
