// SPDX-License-Identifier: Apache-2.0
// Owns: a device profile in memory, its text form (device_profile.proto, protobuf text format), and finding one by
// name. calibration/ writes profiles, predict.h reads them. Not here: how coefficients come about (calibration/fit.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "cost/kernel_curve.h"
#include "cost/residual_correction.h"

namespace nngauge {

enum class Metric : std::uint8_t { kLatencyMs, kEnergyMj };
std::string_view metric_name(Metric metric);  // "latency_ms", "energy_mj"

// Where an estimate comes from, best first.
enum class Basis : std::uint8_t { kMeasuredTable, kRegression, kTransfer, kRoofline };
std::string_view basis_name(Basis basis);  // "measured-table", "regression", "transfer", "roofline"

// The parts of `<runtime>-<processor>[-<placement>][-<precision>]`.
struct SetupName {
  std::string runtime;    // "tflite"
  std::string processor;  // "cpu", "gpu", "npu"
  std::string placement;  // "1large1med", "4threads", "big"; may be empty
  std::string precision;  // "fp32", "fp16", "int8"; may be empty
};
// Errors: kUsage where the text has not that form.
Result<SetupName> parse_setup_name(std::string_view id);
// How many threads a placement names: the sum of its numbers ("1large1med": 2); 1 where it has none.
std::int64_t thread_count(const SetupName& name);

// One linear term of a fitted cost.
struct FeatureTerm {
  std::string feature;  // name in features.h
  double value = 0;     // cost per unit of the feature: microseconds, or microjoules
  double prior = 0;     // what it was drawn towards; prices what the calibration has hardly seen
};

// What a calibration has seen of one kind of kernel.
struct KernelSupport {
  std::string kernel;        // kernel class of kernel_features.h: "conv-1x1"
  std::int64_t models = 0;   // distinct models that have one
  std::int64_t kernels = 0;  // kernels in all
  double mean_share = 0;     // of the predicted cost of the models that have one
  double max_share = 0;      // the largest of these; 0: not known
};

// Quantiles of measured / predicted of runs that the fit had not seen.
struct ResidualQuantiles {
  std::string split;  // "model", "family", "transfer"
  std::int64_t runs = 0;
  double p5 = 1, p50 = 1, p95 = 1;
  double mape = 0;
};

// One fitted metric of a setup.
struct FittedMetric {
  Metric metric = Metric::kLatencyMs;
  Basis basis = Basis::kRegression;
  std::int64_t runs = 0;  // rows that it was fitted on
  std::int64_t models = 0;
  std::int64_t families = 0;
  double seen_mape = 0;  // of the rows it was fitted on
  bool shrunk = false;   // values are drawn to what others make likely, and price what was hardly seen as well
  std::vector<FeatureTerm> terms;
  std::vector<KernelSupport> support;
  std::vector<ResidualQuantiles> residuals;  // held out: by model, by family
  std::vector<KernelCurve> curves = {};      // of runtimes that were measured kernel by kernel
  ResidualCorrection correction = {};        // by what networks of like composition were mispriced

  [[nodiscard]] const ResidualQuantiles* find_residuals(std::string_view split) const;
  [[nodiscard]] const KernelSupport* find_support(std::string_view kernel) const;
};

struct SetupEnergy;  // energy_profile.h
struct LoadRules;    // load.h

struct SetupProfile {
  std::string id;  // "tflite-cpu-1large-fp32"
  bool is_default = false;
  std::string source;           // of the runs: "qed-usc/mobile-ml-benchmark @40ba833a, MIT"
  std::string runtime_version;  // empty: not stated by the source
  std::vector<FittedMetric> metrics;
  std::shared_ptr<const SetupEnergy> energy;  // of an energy profile; nullptr: none is known
  std::shared_ptr<const LoadRules> load;      // of the runtime; nullptr: none is known

  [[nodiscard]] const FittedMetric* find_metric(Metric metric) const;
};

struct DeviceProfile {
  std::int64_t version = 1;  // of the schema
  std::string id;            // "pixel4"
  std::string description;
  std::string soc;
  std::string cores;
  std::string licence;           // of the data that it was fitted on
  std::string date;              // of the measurements, as the source states it; may be empty
  std::optional<double> ram_mb;  // memory of the device, where that is known
  std::vector<SetupProfile> setups;
  std::string gpu = {};  // "Adreno 640"; may be empty

  // The setup marked as default, else the first; nullptr only if there is none.
  [[nodiscard]] const SetupProfile* default_setup() const;
};

// Errors: kBadProfile, with the line and column in the text.
Result<DeviceProfile> parse_device_profile(std::string_view text);
// The same profile in protobuf's binary form. Errors: kBadProfile.
Result<DeviceProfile> decode_device_profile(Bytes encoded);
// The same profile gives the same bytes; doubles read back as they were.
std::string device_profile_text(const DeviceProfile& profile);

// A profile that is part of the program: its id and binary form.
struct BundledProfile {
  std::string_view id;
  Bytes encoded;
};
// `name` is the id of a bundled device or the path of a profile file (it has a slash or ends in .textproto).
// Errors: kUnknownDevice with the near ids, kUnreadable, kBadProfile.
Result<DeviceProfile> find_device(const std::string& name, std::span<const BundledProfile> bundled);

// The setups of `profile` that `names` ask for, in that order, each once; "all" stands for all of them;
// no names: the default. Errors: kUnknownSetup with the near ids.
Result<std::vector<const SetupProfile*>> select_setups(const DeviceProfile& profile,
                                                       const std::vector<std::string>& names);

}  // namespace nngauge
