// SPDX-License-Identifier: Apache-2.0
// Owns: what a model will cost on one setup of a device: latency, energy where it was measured, interval, basis,
// support. A prediction follows from the graph and the profile alone: names, paths and hashes are never looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cost/analysis.h"
#include "cost/device_profile.h"
#include "cost/energy_profile.h"
#include "graph/graph.h"

namespace nngauge {

// p5 to p95 is a 90 % interval for the mean of a new series of runs.
struct Estimate {
  double value = 0, p5 = 0, p95 = 0;
};

struct LayerPrediction {
  OpId index = -1;                   // op of the main graph
  std::int32_t group = -1;           // kernel group; ops of one group run as one kernel
  std::optional<double> latency_ms;  // of the group, at its anchor; 0 at the other ops of the group and for views
  std::optional<double> energy_mj;
  Basis basis = Basis::kRegression;
  std::string reason;  // why there is no latency
  Basis energy_basis = Basis::kRegression;
};

// What the energy of a prediction stands on and holds.
struct EnergyDetail {
  EnergyScope scope = EnergyScope::kNotStated;
  Basis basis = Basis::kRegression;
  std::string source;
  std::optional<double> idle_mw;           // of the device; nullopt: not known apart
  std::optional<Estimate> incremental_mj;  // on top of idling; nullopt: not known apart
  std::optional<double> held_out_error;    // median or mean error as the profile states it
  std::vector<std::string> notes;          // one sentence each
};

// What loading and memory stand on.
struct LoadDetail {
  std::vector<std::pair<std::string, double>> stages;  // "read", "open", "pack", "compile" and milliseconds
  double warm_ms = 0;                                  // load_ms without "read": the file is in the page cache
  double weights_bytes = 0, arena_bytes = 0, scratch_bytes = 0, runtime_bytes = 0;  // of the peak
  std::optional<double> ram_share;  // the peak as a share of the device's memory
  std::string basis, source;
};

class KernelCache;  // kernel_cache.h

// What of a model's memory does not depend on a setup; computed once for many predictions.
struct ModelFacts {
  std::optional<double> weight_bytes, arena_bytes;
  std::string reason;  // why one of them is not known
  // Of the largest convolution as a matrix, and of all 3x3 weights transformed; in elements of floats and of integers.
  double im2col_bytes = 0, winograd_bytes = 0;
};
ModelFacts facts_of(const Model& model);

// What is asked beside model and setup.
struct PredictContext {
  OperatingPoint point;
  const ModelFacts* facts = nullptr;  // of the model; nullptr: predict() computes them
  KernelCache* kernels = nullptr;     // of the model; nullptr: predict() computes them
};

struct CalibrationSummary {
  std::string source;
  std::int64_t runs = 0;
  std::optional<double> held_out_mape;  // leave one family out where the runs name families, else leave one model out
};

struct Prediction {
  std::string device, setup;
  OperatingPoint point;                // where clocks were asked for
  std::optional<Estimate> latency_ms;  // nullopt: no operator has a cost; see latency_reason
  std::string latency_reason;
  std::optional<Estimate> energy_mj;
  std::optional<double> power_mw;
  std::string energy_reason;  // why energy is absent
  EnergyDetail energy;        // where it is there
  std::optional<Estimate> load_ms, first_inference_ms;
  std::optional<std::uint64_t> peak_memory_bytes;
  LoadDetail load;                                    // where they are there
  std::string load_reason;                            // why load, first inference and memory are absent
  Basis basis = Basis::kRegression;                   // of the largest share of the latency
  std::vector<std::pair<Basis, double>> basis_share;  // of the latency, largest first
  bool in_support = true;
  std::vector<std::string> support_notes;  // one sentence per kind of kernel that is out of support
  bool lower_bound = false;                // some operator has no cost; see unknown_ops
  CalibrationSummary calibration;
  std::vector<UnknownOp> unknown_ops;
  std::vector<LayerPrediction> layers;  // one per op of the main graph
  std::string what_if;                  // "int8": priced as if converted to that precision; empty: as it is
};

// Prices a completed model (complete_model has run). Errors: kUnknown where the setup's runtime has no cost model, or
// where clocks are asked for and the setup has none.
Result<Prediction> predict(const Model& model, const DeviceProfile& device, const SetupProfile& setup,
                           const PredictContext& context = {});

}  // namespace nngauge
