// SPDX-License-Identifier: Apache-2.0
// Owns: measured runs beside the kernels of their models: samples, by device, setup and metric, and which of them are
// fitted together. Not here: the fit (regression.h).
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
#include "cost/model_kernels.h"

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

// What two samples must share to be left out together.
const std::string& split_key(const Sample& sample, Split split);

}  // namespace nngauge
