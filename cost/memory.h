// SPDX-License-Identifier: Apache-2.0
// Owns: how much memory activations need: the peak of the live set, and arenas as several planners lay them out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace nngauge {

// One activation of the main graph: live from op `first` to op `last`, both included; graph inputs from the first op,
// graph outputs to the last.
struct Lifetime {
  TensorId tensor = kNoTensor;
  std::int64_t first = 0, last = 0;
  std::uint64_t bytes = 0;
};

struct MemoryPlan {
  std::string planner;  // "greedy-by-size"
  std::uint64_t arena_bytes = 0;
  std::vector<std::uint64_t> offsets;  // per lifetime
};

struct Memory {
  std::optional<std::uint64_t> peak_activation_bytes;  // nullopt: see reason
  std::string reason;
  OpId peak_op = -1;                                               // where the live set is largest
  std::vector<std::pair<TensorId, std::uint64_t>> peak_tensors;    // live there, largest first
  std::vector<std::pair<std::string, std::uint64_t>> arena_bytes;  // by planner; empty where the peak is unknown
};

// Lifetimes of all activations of `graph`. nullopt with a reason where a size is not known.
Result<std::vector<Lifetime>> activation_lifetimes(const Model& model, const Graph& graph);

// Peak and arenas (planners: memory_planner.h) of the main graph; inner graphs of control flow are not in them.
Memory measure_memory(const Model& model);

}  // namespace nngauge
