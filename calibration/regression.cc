// SPDX-License-Identifier: Apache-2.0
#include "calibration/regression.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "calibration/nnls.h"
#include "cost/price.h"

namespace nngauge {
namespace {

// Runs scatter about their fit by some 2 %, coefficients about the prior by some 60 %: (0.02 / 0.6)^2.
constexpr double kPriorWeight = 1e-3;
constexpr double kPerMilli = 1000;

// Six significant digits: what a profile keeps, so that a fit and the profile written of it predict the same.
double kept(double value) {
  std::array<char, 32> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, 5);
  double out = value;
  if (error == std::errc{}) std::from_chars(text.data(), end, out);
  return out;
}

FeatureVector total_features(const Sample& sample) {
  FeatureVector out{};
  for (const auto& [klass, sums] : sample.kernels->classes) {
    for (std::size_t f = 0; f < kFeatureCount; ++f) out[f] += sums.features[f];
  }
  return out;
}

double dot(const FeatureVector& a, const FeatureVector& b) {
  double sum = 0;
  for (std::size_t f = 0; f < kFeatureCount; ++f) sum += a[f] * b[f];
  return sum;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n == 0 ? 1 : n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

// The table's priors, or the mean of what similar devices have; scaled to the samples.
FeatureVector scaled_prior(const std::vector<FeatureVector>& rows, std::span<const Sample* const> samples,
                           const RegressionOptions& options) {
  FeatureVector prior{};
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    const FeatureInfo& info = feature_table()[f];
    prior[f] = options.precision == KernelPrecision::kInt8 ? info.prior_int8_us : info.prior_float_us;
    double sum = 0;
    std::size_t n = 0;
    for (const FittedMetric* metric : options.like) {
      for (const FeatureTerm& term : metric->terms) {
        if (term.feature == info.name && term.value > 0) sum += term.value, n += 1;
      }
    }
    if (n > 0) prior[f] = sum / static_cast<double>(n);
  }
  std::vector<double> ratios;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (const double priced = dot(rows[i], prior); priced > 0) ratios.push_back(samples[i]->measured / priced);
  }
  const double scale = median(std::move(ratios));
  for (double& value : prior) value *= scale;
  return prior;
}

std::vector<KernelSupport> collect_support(std::span<const Sample* const> samples, const FeatureVector& values) {
  std::map<std::string, KernelSupport> rows;
  std::map<std::string, std::set<std::string>> models;
  for (const Sample* sample : samples) {
    const double total = dot(total_features(*sample), values);
    for (const auto& [klass, sums] : sample->kernels->classes) {
      KernelSupport& row = rows[klass];
      row.kernel = klass;
      if (!models[klass].insert(sample->model()).second) continue;
      row.models += 1;
      row.kernels += sums.kernels;
      if (total > 0) row.mean_share += dot(sums.features, values) / total;
    }
  }
  std::vector<KernelSupport> out;
  for (auto& [klass, row] : rows) {
    row.mean_share = kept(row.mean_share / static_cast<double>(row.models));
    out.push_back(row);
  }
  return out;
}

Result<std::shared_ptr<const ModelKernels>> kernels_of(const Model& model, const std::string& setup) {
  NNGAUGE_TRY(const SetupName name, parse_setup_name(setup));
  const FusionRules* rules = find_fusion_rules(name.runtime + "-" + name.processor);
  if (!rules) return make_error(ErrorCode::kUnknownSetup, "setup " + setup + ": its runtime has no cost model");
  auto kernels = std::make_shared<ModelKernels>(model_kernels(model, *rules, kernel_precision(name.precision)));
  for (const std::string& reason : kernels->reasons) {
    if (!reason.empty()) return make_error(ErrorCode::kBadRuns, "the model has an operator without a cost: " + reason);
  }
  if (kernels->classes.empty()) return make_error(ErrorCode::kBadRuns, "the model has no operator that costs anything");
  return std::shared_ptr<const ModelKernels>(std::move(kernels));
}

}  // namespace

const std::string& split_key(const Sample& sample, Split split) {
  return split == Split::kFamily ? sample.family() : sample.model();
}

std::vector<SampleSet> collect_samples(const RunTable& runs, const ModelLoader& load, std::vector<Error>& errors) {
  std::map<std::string, Result<std::shared_ptr<const Model>>> models;
  std::map<std::pair<std::string, std::string>, Result<std::shared_ptr<const ModelKernels>>>
      kernels;  // model, shape of setup
  std::map<std::tuple<std::string, std::string, Metric>, SampleSet> sets;
  for (const Run& run : runs.runs) {
    const std::string place = "line " + std::to_string(run.line);
    auto model = models.find(run.model);
    if (model == models.end()) model = models.emplace(run.model, load(run.model)).first;
    if (!model->second) {
      errors.push_back(model->second.error().at(place));
      continue;
    }
    const Result<SetupName> name = parse_setup_name(run.setup);
    const std::string shape = name ? name->runtime + "-" + name->processor + "-" + name->precision : run.setup;
    auto found = kernels.find({run.model, shape});
    if (found == kernels.end()) {
      found = kernels.emplace(std::pair(run.model, shape), kernels_of(**model->second, run.setup)).first;
    }
    if (!found->second) {
      errors.push_back(found->second.error().at(place));
      continue;
    }
    const auto add = [&](Metric metric, double measured) {
      SampleSet& set = sets[{run.device, run.setup, metric}];
      set.device = run.device, set.setup = run.setup, set.metric = metric;
      set.samples.push_back({&run, *found->second, measured * kPerMilli});
    };
    add(Metric::kLatencyMs, run.latency_ms);
    if (run.energy_mj) add(Metric::kEnergyMj, *run.energy_mj);
  }
  std::vector<SampleSet> out;
  for (auto& [key, set] : sets) out.push_back(std::move(set));
  return out;
}

FittedMetric fit_samples(std::span<const Sample* const> samples, Metric metric, const RegressionOptions& options) {
  std::vector<FeatureVector> features;
  for (const Sample* sample : samples) features.push_back(total_features(*sample));
  const FeatureVector prior = scaled_prior(features, samples, options);

  // Unknowns are value / prior.
  std::vector<std::vector<double>> a;
  std::vector<double> b;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    std::vector<double> row(kFeatureCount);
    for (std::size_t f = 0; f < kFeatureCount; ++f) row[f] = features[i][f] * prior[f] / samples[i]->measured;
    a.push_back(std::move(row));
    b.push_back(1);
  }
  const double weight = std::sqrt(kPriorWeight);
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    std::vector<double> row(kFeatureCount, 0.0);
    row[f] = weight;
    a.push_back(std::move(row));
    b.push_back(weight);
  }
  const std::vector<double> factors = solve_nnls(a, b);

  FittedMetric out;
  out.metric = metric;
  out.basis = options.like.empty() ? Basis::kRegression : Basis::kTransfer;
  out.runs = static_cast<std::int64_t>(samples.size());
  std::set<std::string> models, families;
  for (const Sample* sample : samples) models.insert(sample->model()), families.insert(sample->family());
  out.models = static_cast<std::int64_t>(models.size()), out.families = static_cast<std::int64_t>(families.size());
  FeatureVector values{};
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    values[f] = kept(factors[f] * prior[f]);
    out.terms.push_back({std::string(feature_table()[f].name), values[f], kept(prior[f])});
  }
  out.support = collect_support(samples, values);
  const PriceList prices(out);
  for (const Sample* sample : samples) {
    out.seen_mape += std::abs(prices.price(sample->kernels->classes).total() / sample->measured - 1);
  }
  if (!samples.empty()) out.seen_mape = kept(out.seen_mape / static_cast<double>(samples.size()));
  return out;
}

std::vector<std::optional<double>> held_out_ratios(const std::vector<Sample>& samples, Metric metric, Split split,
                                                   const RegressionOptions& options) {
  std::vector<std::optional<double>> out(samples.size());
  std::set<std::string> keys;
  for (const Sample& sample : samples) keys.insert(split_key(sample, split));
  for (const std::string& key : keys) {
    std::vector<const Sample*> rest;
    for (const Sample& sample : samples) {
      if (split_key(sample, split) != key) rest.push_back(&sample);
    }
    if (rest.empty()) continue;
    const FittedMetric fitted = fit_samples(rest, metric, options);
    const PriceList prices(fitted);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (split_key(samples[i], split) != key) continue;
      const double predicted = prices.price(samples[i].kernels->classes).total();
      if (predicted > 0) out[i] = samples[i].measured / predicted;
    }
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

RegressionOptions options_for(const SampleSet& set, const std::vector<DeviceProfile>& like) {
  RegressionOptions out;
  const Result<SetupName> name = parse_setup_name(set.setup);
  if (name) out.precision = kernel_precision(name->precision);
  for (const DeviceProfile& profile : like) {
    const SetupProfile* chosen = nullptr;
    for (const SetupProfile& setup : profile.setups) {
      const Result<SetupName> other = parse_setup_name(setup.id);
      if (!name || !other || other->runtime != name->runtime || other->processor != name->processor ||
          kernel_precision(other->precision) != out.precision || !setup.find_metric(set.metric)) {
        continue;
      }
      if (!chosen || setup.id == set.setup) chosen = &setup;
    }
    if (chosen) out.like.push_back(chosen->find_metric(set.metric));
  }
  return out;
}

}  // namespace nngauge
