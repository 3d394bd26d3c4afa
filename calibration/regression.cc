// SPDX-License-Identifier: Apache-2.0
#include "calibration/regression.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "calibration/curve_fit.h"
#include "calibration/kept.h"
#include "calibration/log_population.h"
#include "calibration/population.h"
#include "calibration/statistics.h"
#include "cost/price.h"

namespace nngauge {
namespace {

constexpr double kPerMilli = 1000;
// How far a new device's speed may be from what the median of its runs says.
constexpr double kBetweenDevices = 0.1, kBetweenFarDevices = 0.3;
// Setups whose speeds differ by a factor of e^0.3, or whose threads by one, are half alike.
constexpr double kAlikeSpeed = 0.3, kAlikeThreads = 1, kLeastAlike = 0.02;
// From so many on, runs left out say how wrong a profile is; before, what other phones were wrong by.
constexpr std::int64_t kManyRuns = 20;
// Between devices whose kernels go equally well with the runs, one that is about as fast is taken.
constexpr double kPaceWeight = 0.05;

FeatureVector total_features(const std::map<std::string, ClassFeatures>& classes) {
  FeatureVector out{};
  for (const auto& [klass, sums] : classes) {
    for (std::size_t f = 0; f < kFeatureCount; ++f) out[f] += sums.features[f];
  }
  return out;
}

bool on_gpu(const SampleSet& set) {
  const Result<SetupName> name = parse_setup_name(set.setup);
  return name && name->processor == "gpu" && kernel_library(name->runtime) == KernelLibrary::kTflite;
}

bool on_ncnn_gpu(const SampleSet& set) {
  const Result<SetupName> name = parse_setup_name(set.setup);
  return name && name->processor == "gpu" && kernel_library(name->runtime) == KernelLibrary::kNcnn;
}

KernelPrecision precision_of(const SampleSet& set) {
  const Result<SetupName> name = parse_setup_name(set.setup);
  return name ? kernel_precision(name->precision) : KernelPrecision::kFloat;
}

KernelLibrary library_of(const SampleSet& set) {
  const Result<SetupName> name = parse_setup_name(set.setup);
  return kernel_library(name ? name->runtime + "-" + name->processor : "");
}

// ncnn's setups span cores of ten years and one to hundreds of threads, and prices of the Arm Compute Library lie far
// from those of a phone's core; those of others differ less, and some of their prices are 0.
bool in_logarithms(const SampleSet& set) { return library_of(set) != KernelLibrary::kTflite; }

FactorPrior reference_of(const SampleSet& set) {
  return in_logarithms(set) ? reference_log_prior() : reference_prior();
}

FactorPrior shared_prior(const SampleSet& set, std::span<const FeatureVector> factors, std::span<const double> weights,
                         double between) {
  return in_logarithms(set) ? log_prior_of(factors, weights, between) : prior_of(factors, weights, between);
}

FeatureVector reference_prices(const SampleSet& set) {
  const KernelPrecision precision = precision_of(set);
  FeatureVector out{};
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    out[f] = reference_price(feature_table()[f], precision, on_gpu(set));
  }
  return out;
}

// The reference prices, times the median of measured / priced by them.
FeatureVector scaled_reference(const SampleSet& set, std::span<const Sample* const> samples,
                               const std::vector<FeatureVector>& features, const FeatureVector& mean) {
  FeatureVector prior = reference_prices(set), expected{};
  for (std::size_t f = 0; f < kFeatureCount; ++f) expected[f] = prior[f] * mean[f];
  std::vector<double> ratios;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (const double priced = dot(features[i], expected); priced > 0) ratios.push_back(samples[i]->measured / priced);
  }
  const double scale = median(std::move(ratios), 1);
  for (double& value : prior) value *= scale;
  return prior;
}

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

Result<std::shared_ptr<const ModelKernels>> kernels_of(const Model& model, const std::string& setup,
                                                       const std::string& gpu) {
  NNGAUGE_TRY(const SetupName name, parse_setup_name(setup));
  const FusionRules* rules = find_fusion_rules(name.runtime + "-" + name.processor);
  if (!rules) return make_error(ErrorCode::kUnknownSetup, "setup " + setup + ": its runtime has no cost model");
  auto kernels =
      std::make_shared<ModelKernels>(model_kernels(model, *rules, KernelTarget{kernel_precision(name.precision), gpu}));
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
    const std::string place = run.place();
    auto model = models.find(run.model);
    if (model == models.end()) model = models.emplace(run.model, load(run.model)).first;
    if (!model->second) {
      errors.push_back(model->second.error().at(place));
      continue;
    }
    const Result<SetupName> name = parse_setup_name(run.setup);
    std::string shape = name ? name->runtime + "-" + name->processor + "-" + name->precision : run.setup;
    std::string gpu;
    if (const auto known = runs.gpus.find(run.device); name && name->processor == "gpu" && known != runs.gpus.end()) {
      gpu = known->second, shape += " " + gpu;
    }
    auto found = kernels.find({run.model, shape});
    if (found == kernels.end()) {
      found = kernels.emplace(std::pair(run.model, shape), kernels_of(**model->second, run.setup, gpu)).first;
    }
    if (!found->second) {
      errors.push_back(found->second.error().at(place));
      continue;
    }
    std::shared_ptr<const ModelKernels> shared = *found->second;
    if (run.ops) {
      shared = std::make_shared<const ModelKernels>(part_of(*shared, *run.ops));
      if (shared->classes.empty()) {
        errors.push_back(make_error(ErrorCode::kBadRuns, "the operators of column ops cost nothing").at(place));
        continue;
      }
    }
    const auto add = [&](Metric metric, double measured) {
      SampleSet& set = sets[{run.device, run.setup, metric}];
      set.device = run.device, set.setup = run.setup, set.metric = metric;
      set.samples.push_back({&run, shared, measured * kPerMilli});
    };
    add(Metric::kLatencyMs, run.latency_ms);
    if (run.energy_mj) add(Metric::kEnergyMj, *run.energy_mj);
  }
  for (const TimedKernel& run : runs.timed_kernels) {
    const auto set = sets.find({run.device, run.setup, Metric::kLatencyMs});
    if (set != sets.end()) set->second.timed_kernels.push_back(&run);
  }
  std::vector<SampleSet> out;
  for (auto& [key, set] : sets) out.push_back(std::move(set));
  return out;
}

std::vector<std::vector<std::size_t>> populations_of(std::span<const SampleSet> sets) {
  // A setup of few runs says little about what all have in common, and less of a runtime that was measured widely.
  constexpr std::size_t kManySamples = 30;
  // Where most rows are of single operators, prices are those of kernels alone: a population of their own.
  enum class Rows : std::uint8_t { kMany, kFew, kParts };
  std::map<std::tuple<std::string, bool, Rows, Metric>, std::vector<std::size_t>> out;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const Result<SetupName> name = parse_setup_name(sets[i].setup);
    // Whose delegate compiled a graph for a neural processor changes little of what the processor takes.
    const bool npu = library_of(sets[i]) == KernelLibrary::kNpu;
    const std::string runtime =
        name ? (npu ? "" : name->runtime + "-") + name->processor + "-" + name->precision : sets[i].setup;
    const bool few = library_of(sets[i]) == KernelLibrary::kTflite && sets[i].samples.size() < kManySamples;
    const auto parts = std::count_if(sets[i].samples.begin(), sets[i].samples.end(),
                                     [](const Sample& sample) { return sample.run->ops.has_value(); });
    const Rows rows = 2 * static_cast<std::size_t>(parts) > sets[i].samples.size() ? Rows::kParts
                      : few                                                        ? Rows::kFew
                                                                                   : Rows::kMany;
    out[{runtime, name && thread_count(*name) > 1, rows, sets[i].metric}].push_back(i);
  }
  std::vector<std::vector<std::size_t>> list;
  for (auto& [key, members] : out) list.push_back(std::move(members));
  return list;
}

bool LeftOut::has(const Sample& sample) const { return split != Split::kNone && split_key(sample, split) == key; }
bool LeftOut::has(const TimedKernel& run) const {
  return split != Split::kNone && (split == Split::kFamily ? run.family : run.model) == key;
}

namespace {

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

// What devices to start from say: the factors of their setups of the same kind, and what they have measured.
struct Similar {
  std::vector<FeatureVector> factors;
  std::vector<double> scales;  // what the reference prices were multiplied by
  std::vector<double> threads;
  std::vector<double> half_widths;  // of the 90 % interval of measured / predicted, logarithms; 0: not known
  std::map<std::string, KernelSupport> support;
};

Similar similar_setups(const SampleSet& set, std::span<const DeviceProfile> like) {
  Similar out;
  const Result<SetupName> name = parse_setup_name(set.setup);
  if (!name) return out;
  const FeatureVector reference = reference_prices(set);
  for (const DeviceProfile& profile : like) {
    for (const SetupProfile& setup : profile.setups) {
      const Result<SetupName> other = parse_setup_name(setup.id);
      const FittedMetric* metric = setup.find_metric(set.metric);
      if (!metric || !other || other->runtime != name->runtime || other->processor != name->processor ||
          kernel_precision(other->precision) != kernel_precision(name->precision) ||
          (thread_count(*other) > 1) != (thread_count(*name) > 1)) {
        continue;
      }
      FeatureVector factors;
      factors.fill(1);
      double scale = 1;
      for (const FeatureTerm& term : metric->terms) {
        const std::optional<Feature> feature = find_feature(term.feature);
        if (!feature || term.prior <= 0) continue;
        factors[static_cast<std::size_t>(*feature)] = term.value / term.prior;
        scale = term.prior / reference[static_cast<std::size_t>(*feature)];
      }
      out.factors.push_back(factors), out.scales.push_back(scale);
      out.threads.push_back(static_cast<double>(thread_count(*other)));
      const Spread spread = spread_of(*metric);
      out.half_widths.push_back(metric->residuals.empty() ? 0 : std::log(spread.high / spread.low) / 2);
      for (const KernelSupport& row : metric->support) {
        KernelSupport& known = out.support[row.kernel];
        if (known.models < row.models) known = row;
      }
    }
  }
  return out;
}

// How wrong a profile is that borrows from other devices, by its number of runs: each bundled phone in turn was fitted
// from 1, 3, 5, 10 and 20 of its runs with the others to start from; the error on the rest falls as a power of them.
ResidualQuantiles transfer_residuals(std::int64_t runs) {
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
std::optional<ResidualQuantiles> spread_of_similar(const Similar& similar, double threads, std::int64_t runs) {
  constexpr double kOfMany = 0.65, kOfOne = 1.3, kHalfWidths = 2.4, kOctave = 1;
  double sum = 0, weights = 0;
  for (std::size_t i = 0; i < similar.half_widths.size(); ++i) {
    if (similar.half_widths[i] <= 0) continue;
    const double off = std::log2(std::max(similar.threads[i], 1.0) / std::max(threads, 1.0)) / kOctave;
    const double weight = kLeastAlike + std::exp(-off * off / 2);
    sum += weight * similar.half_widths[i], weights += weight;
  }
  if (weights <= 0) return std::nullopt;
  const double half = sum / weights * (kOfMany + kOfOne / std::sqrt(static_cast<double>(runs)));
  ResidualQuantiles out;
  out.split = "transfer", out.runs = runs;
  out.mape = kept(half / kHalfWidths);
  out.p5 = kept(std::exp(-half)), out.p50 = 1, out.p95 = kept(std::exp(half));
  return out;
}

FittedMetric fitted_metric(Task& task, const FeatureVector& factors, const Similar& similar) {
  FittedMetric out;
  out.metric = task.set->metric;
  out.shrunk = in_logarithms(*task.set);
  out.basis = similar.factors.empty() ? Basis::kRegression : Basis::kTransfer;
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
  const ClassesOf classes = [&](const Sample& sample) -> const Classes& { return task.classes(sample); };
  out.support = collect_support(task.samples, values, classes);
  for (const auto& [klass, row] : similar.support) {  // what the device did not show, similar ones did
    const auto own = std::find_if(out.support.begin(), out.support.end(),
                                  [&](const KernelSupport& known) { return known.kernel == klass; });
    if (own == out.support.end()) out.support.push_back(row);
    else if (own->models < row.models) *own = row;
  }
  if (out.basis == Basis::kTransfer && out.runs < kManyRuns) {
    const Result<SetupName> name = parse_setup_name(task.set->setup);
    const double threads = name ? static_cast<double>(thread_count(*name)) : 1;
    std::optional<ResidualQuantiles> spread;
    if (in_logarithms(*task.set)) spread = spread_of_similar(similar, threads, out.runs);
    out.residuals.push_back(spread ? *spread : transfer_residuals(out.runs));
  }
  const PriceList prices(out);
  for (const Sample* sample : task.samples) {
    out.seen_mape += std::abs(prices.price(task.classes(*sample)).total() / sample->measured - 1);
  }
  if (!task.samples.empty()) out.seen_mape = kept(out.seen_mape / static_cast<double>(task.samples.size()));
  out.curves = std::move(task.curves);
  return out;
}

}  // namespace

namespace {

// The curves of the device whose kernels' times go best with the runs: the least spread of measured / said.
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

}  // namespace

std::vector<std::optional<FittedMetric>> fit_sets(std::span<const SampleSet* const> sets, const LeftOut& without,
                                                  std::span<const DeviceProfile> like) {
  std::vector<Task> tasks;
  std::vector<Similar> similar;
  std::vector<std::optional<FactorPrior>> priors;
  for (const SampleSet* set : sets) {
    similar.push_back(similar_setups(*set, like));
    priors.emplace_back();
    if (!similar.back().factors.empty()) priors.back() = FactorPrior{};
    if (priors.back()) {
      std::vector<const Sample*> seen;
      for (const Sample& sample : set->samples) {
        if (!without.has(sample)) seen.push_back(&sample);
      }
      priors.back() = setup_prior(*set, seen, like);
    }
    tasks.emplace_back(*set, without, priors.back() ? priors.back()->mean : reference_of(*set).mean,
                       lent_curves(*set, without, like));
  }
  std::vector<Equations> together;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!priors[i] && !tasks[i].samples.empty()) together.push_back(tasks[i].equations);
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
    const FeatureVector factors = !priors[i]   ? population.factors[next++]
                                  : logarithms ? fit_with_log_prior(tasks[i].equations, *priors[i])
                                               : fit_with_prior(tasks[i].equations, *priors[i]);
    out.back() = fitted_metric(tasks[i], factors, similar[i]);
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

FactorPrior setup_prior(const SampleSet& set, std::span<const Sample* const> samples,
                        std::span<const DeviceProfile> like) {
  const Similar similar = similar_setups(set, like);
  if (similar.factors.empty()) return reference_of(set);
  std::vector<double> weights(similar.factors.size(), 1.0);
  const double between = in_logarithms(set) ? kBetweenFarDevices : kBetweenDevices;
  if (!samples.empty()) {
    // Setups of about the same speed and number of threads have cores and caches alike.
    const FactorPrior all = shared_prior(set, similar.factors, weights, between);
    std::vector<FeatureVector> features;
    for (const Sample* sample : samples) features.push_back(total_features(sample->kernels->classes));
    const std::size_t any = 0;
    const double scale = scaled_reference(set, samples, features, all.mean)[any] / reference_prices(set)[any];
    const Result<SetupName> name = parse_setup_name(set.setup);
    const double threads = name ? static_cast<double>(thread_count(*name)) : 1;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double faster = std::log(similar.scales[i] / scale) / kAlikeSpeed;
      const double more = (similar.threads[i] - threads) / kAlikeThreads;
      const double unlike = in_logarithms(set) ? unlikeness(set, samples, features, similar.factors[i]) : 0;
      weights[i] = kLeastAlike + std::exp(-(faster * faster + more * more + unlike) / 2);
    }
  }
  return shared_prior(set, similar.factors, weights, between);
}

FeatureVector cost_shares(const Sample& sample, const SampleSet& set, const FeatureVector& factors) {
  const FeatureVector features = total_features(sample.kernels->classes), prices = reference_prices(set);
  FeatureVector out{};
  double total = 0;
  for (std::size_t f = 0; f < kFeatureCount; ++f) out[f] = features[f] * prices[f], total += out[f] * factors[f];
  for (double& value : out) value = total > 0 ? value / total : 0;
  return out;
}

double reference_cost(const Sample& sample, const SampleSet& set, const FeatureVector& factors) {
  const FeatureVector features = total_features(sample.kernels->classes), prices = reference_prices(set);
  double out = 0;
  for (std::size_t f = 0; f < kFeatureCount; ++f) out += features[f] * prices[f] * factors[f];
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
