// SPDX-License-Identifier: Apache-2.0
// Owns: what comes before a network's steady state, by stages: reading, parsing, packing, compiling, the first run; and
// how much memory it needs then. Not here: arenas (memory_planner.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cost/model_kernels.h"
#include "cost/predict.h"

namespace nngauge {

// How a runtime loads a network; every row says where its figures come from.
struct LoadRules {
  std::string runtime, processor;
  double base_ms = 0;                        // opening it
  double ms_per_mb = 0;                      // parsing, copying, packing a megabyte of weights
  double ms_per_kernel = 0;                  // compiling a kernel
  double read_mb_per_s = 0;                  // of a file that is not in the page cache
  double first_ms = 0, first_ms_per_mb = 0;  // how much longer the first inference takes
  double weight_copies = 0;                  // beside the file that is mapped
  bool winograd = false;                     // transformed copies of 3x3 weights
  bool im2col = false;                       // scratch of the largest convolution
  double base_mb = 0;                        // the runtime itself
  double spread = 2;                         // nine of ten lie within this factor
  std::string basis, source;
};
// runtime,processor,base_ms,… as data/load/runtimes.csv. Errors: kUsage with line and column.
Result<std::vector<LoadRules>> parse_load_rules(std::string_view csv);
// nullptr: nothing is known of that runtime.
const LoadRules* find_load_rules(const std::vector<LoadRules>& rules, const SetupName& setup);

struct LoadStage {
  std::string stage;  // "read", "open", "pack", "compile"
  double ms = 0;      // "read": of a file that is not in the page cache; else it takes none
};
struct LoadCost {
  std::vector<LoadStage> stages;
  double cold_ms = 0, warm_ms = 0;
};
LoadCost price_load(const LoadRules& rules, double weight_mb, std::size_t kernels);

// What the parts of the peak are, bytes.
struct PeakMemory {
  double weights = 0;  // mapped file and copies
  double arena = 0, scratch = 0, runtime = 0;
  [[nodiscard]] double total() const { return weights + arena + scratch + runtime; }
};
// Errors: kUnknown where an activation's size or the weights are not known.
Result<PeakMemory> peak_memory(const ModelFacts& facts, const LoadRules& rules);
// An app that takes a larger share of a device's memory is likely to be ended by the system: assumed.
inline constexpr double kMostRamShare = 0.25;

// Fills load, first inference and memory of `out`, whose latency is set.
void add_load(Prediction& out, const Model& model, const ModelKernels& kernels, const LoadRules* rules,
              const ModelFacts* facts, std::optional<double> ram_mb);

}  // namespace nngauge
