// SPDX-License-Identifier: Apache-2.0
// Owns: what a model will cost on one setup of a device: latency, energy where it was measured, interval, basis, support.
// A prediction follows from the graph and the profile alone: names, paths and hashes are never looked at.
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
  OpId index = -1;                       // op of the main graph
  std::int32_t group = -1;               // kernel group; ops of one group run as one kernel
  std::optional<double> latency_ms;      // of the group, at its anchor; 0 at the other ops of the group and for views
  std::optional<double> energy_mj;
  Basis basis = Basis::kRegression;
  std::string reason;                    // why there is no latency
  Basis energy_basis = Basis::kRegression;
};

// What the energy of a prediction stands on and holds.
struct EnergyDetail {
  EnergyScope scope = EnergyScope::kNotStated;
  Basis basis = Basis::kRegression;
  std::string source;
  std::optional<double> idle_mw;             // of the device; nullopt: not known apart
  std::optional<Estimate> incremental_mj;    // on top of idling; nullopt: not known apart
  std::optional<double> held_out_error;      // median or mean error as the profile states it
  std::vector<std::string> notes;            // one sentence each
};

struct CalibrationSummary {
  std::string source;
  std::int64_t runs = 0;
  std::optional<double> held_out_mape;   // leave one family out where the runs name families, else leave one model out
};

struct Prediction {
  std::string device, setup;
  std::optional<Estimate> latency_ms;    // nullopt: no operator has a cost; see latency_reason
  std::string latency_reason;
  std::optional<Estimate> energy_mj;
  std::optional<double> power_mw;
  std::string energy_reason;             // why energy is absent
  EnergyDetail energy;                   // where it is there
  std::optional<Estimate> load_ms, first_inference_ms;
  std::optional<std::uint64_t> peak_memory_bytes;
  std::string load_reason;               // why load, first inference and memory are absent
  Basis basis = Basis::kRegression;      // of the largest share of the latency
  std::vector<std::pair<Basis, double>> basis_share;  // of the latency, largest first
  bool in_support = true;
  std::vector<std::string> support_notes;  // one sentence per kind of kernel that is out of support
  bool lower_bound = false;              // some operator has no cost; see unknown_ops
  CalibrationSummary calibration;
  std::vector<UnknownOp> unknown_ops;
  std::vector<LayerPrediction> layers;   // one per op of the main graph
  std::string what_if;                   // "int8": priced as if converted to that precision; empty: as it is
};

// Prices a completed model (complete_model has run). Errors: kUnknown where the setup's runtime has no cost model.
Result<Prediction> predict(const Model& model, const DeviceProfile& device, const SetupProfile& setup);

}  // namespace nngauge
