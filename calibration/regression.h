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
#include "calibration/runs.h"
#include "calibration/validate.h"
#include "cost/device_profile.h"
#include "cost/kernel_features.h"

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
};

// Groups the usable rows by device, setup and metric, sorted; loads each model once. Rows that cannot be used, with
// their line, go to `errors`.
std::vector<SampleSet> collect_samples(const RunTable& runs, const ModelLoader& load, std::vector<Error>& errors);

struct RegressionOptions {
  KernelPrecision precision = KernelPrecision::kFloat;
  std::vector<const FittedMetric*> like;  // coefficients to start from instead of the prior table
};

// Minimises sum (predicted / measured - 1)^2 + kPriorWeight sum (value / prior - 1)^2 with values >= 0. The prior is
// first scaled to the samples by the median of measured / prior prediction. No residuals yet.
FittedMetric fit_samples(std::span<const Sample* const> samples, Metric metric, const RegressionOptions& options);

// measured / predicted of each sample, predicted by a fit without its model or family; nullopt where nothing is left.
std::vector<std::optional<double>> held_out_ratios(const std::vector<Sample>& samples, Metric metric, Split split,
                                                   const RegressionOptions& options);

// Quantiles of the known ratios; nullopt: fewer than five.
std::optional<ResidualQuantiles> quantiles_of(std::span<const std::optional<double>> ratios, Split split);

// What two samples must share to be left out together.
const std::string& split_key(const Sample& sample, Split split);

RegressionOptions options_for(const SampleSet& set, const std::vector<DeviceProfile>& like);

}  // namespace nngauge
