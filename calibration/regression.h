// SPDX-License-Identifier: Apache-2.0
// Owns: the regression behind a fitted metric: rows of kernel features and measured costs -> coefficients, support, and
// predictions for rows left out. fit.h and validate.h both stand on it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "calibration/population.h"
#include "calibration/runs.h"
#include "calibration/validate.h"
#include "cost/device_profile.h"
#include "cost/kernel_features.h"
#include "cost/price.h"

namespace nngauge {

// A measured run of one metric, with its kernels.
struct Sample {
  const Run* run = nullptr;
  std::shared_ptr<const ModelKernels> kernels;
  double measured = 0;  // microseconds or microjoules
  [[nodiscard]] const std::string& model() const { return run->model; }
  [[nodiscard]] const std::string& family() const { return run->family.empty() ? run->model : run->family; }
};

// Samples of one device and setup.
struct SampleSet {
  std::string device, setup;
  Metric metric = Metric::kLatencyMs;
  std::vector<Sample> samples;
  std::vector<const TimedKernel*> timed_kernels = {};  // of the same device and setup; latency only
};

// Groups the usable rows by device, setup and metric, sorted; loads each model once. Rows that cannot be used, with
// their line, go to `errors`.
std::vector<SampleSet> collect_samples(const RunTable& runs, const ModelLoader& load, std::vector<Error>& errors);

// Sets that are fitted together: same runtime, processor, precision and metric, one thread or several (runtimes use
// other kernels and share work with several), whole models or operators. Indices into `sets`, each population in order.
std::vector<std::vector<std::size_t>> populations_of(std::span<const SampleSet> sets);

// What is left out of a fit: nothing, or all samples of one model or family.
struct LeftOut {
  Split split = Split::kNone;
  std::string key;
  [[nodiscard]] bool has(const Sample& sample) const;
  [[nodiscard]] bool has(const TimedKernel& run) const;
};

// The fits of one population, per set; nullopt where no sample is left. No residuals yet. With `like`, each set is
// drawn to what those devices have in common instead of to the other sets. The prior of a term is the reference of the
// feature table, scaled to the set's samples by the median of measured / prior prediction.
std::vector<std::optional<FittedMetric>> fit_sets(std::span<const SampleSet* const> sets, const LeftOut& without,
                                                  std::span<const DeviceProfile> like);

// Each sample predicted by a fit without its model or family: per set and sample; nullopt where nothing is left to fit.
std::vector<std::vector<std::optional<Price>>> predict_held_out(std::span<const SampleSet* const> sets, Split split,
                                                                std::span<const DeviceProfile> like);

// measured / predicted.
std::vector<std::optional<double>> ratios_of(const SampleSet& set, std::span<const std::optional<Price>> predicted);

// Quantiles of the known ratios; nullopt: fewer than five.
std::optional<ResidualQuantiles> quantiles_of(std::span<const std::optional<double>> ratios, Split split);

// What is known of a setup's factors on the reference prices before its runs: what the setups of the same kind of
// `like` have in common, or the reference.
// Those as fast as `samples` of the set say, with about as many threads, count most.
FactorPrior setup_prior(const SampleSet& set, std::span<const Sample* const> samples,
                        std::span<const DeviceProfile> like);
// The share of each feature in what a sample is expected to cost: a row of the equations, before it is measured.
FeatureVector cost_shares(const Sample& sample, const SampleSet& set, const FeatureVector& factors);

// What a sample costs by the reference prices times `factors`.
double reference_cost(const Sample& sample, const SampleSet& set, const FeatureVector& factors);

// What two samples must share to be left out together.
const std::string& split_key(const Sample& sample, Split split);

}  // namespace nngauge
