// SPDX-License-Identifier: Apache-2.0
// Owns: what nngauge counts of a completed model: per operator, in total, by kind, by precision, and how much is known.
// Not here: memory (memory.h), time and energy (predict.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "graph/rule.h"

namespace nngauge {

enum class CostStatus : std::uint8_t { kExact, kLowerBound, kUnknown };
std::string_view cost_status_name(CostStatus status);  // "exact", "lower-bound", "unknown"

using MaybeCount = std::optional<std::uint64_t>;  // nullopt: not known

// The numbers of one operator of the file. Fused activation included. Weights stand at the first operator that reads
// them.
struct OpCost {
  MaybeCount macs, flops, special;
  MaybeCount params, weight_bytes;     // of the constants first claimed here; 0 where it has none
  MaybeCount read_bytes, write_bytes;  // before fusion; views move nothing
  CostStatus status = CostStatus::kExact;
  std::string reason;  // why not exact
};

struct Totals {
  std::uint64_t ops = 0;  // operators of the main graph
  MaybeCount macs, flops, special, params, weight_bytes, read_bytes, write_bytes;
};

struct UnknownOp {
  std::string op;  // "CUSTOM:Foo", or our name of the kind
  std::uint64_t count = 0;
  std::string reason;
};

struct Coverage {
  double ops = 1.0;  // share of operators whose work is known (exact or lower bound)
  bool exact = true;
  std::vector<std::string> lower_bound;  // names of the totals that are lower bounds
  std::vector<UnknownOp> unknown_ops;
};

struct KindCount {
  std::string op;
  std::uint64_t count = 0;
  MaybeCount macs, flops, params;
};

struct Precision {
  std::vector<std::pair<DType, std::uint64_t>> weight_bytes;      // by stored type, enumerator order
  std::vector<std::pair<DType, std::uint64_t>> activation_bytes;  // sum of activation tensors, by type
  std::string klass;  // fp32|fp16|bf16|int8|dynamic-int8|dynamic-int4|int16x8|mixed|none|…
};

// An inner graph that a control-flow operator runs: If branches, loop bodies, calls.
struct SubgraphCost {
  OpId op = -1;  // in the main graph (or in the graph that holds it)
  GraphId graph = -1;
  std::string role;         // "then", "else", "cond", "body", "call"
  std::uint64_t trips = 1;  // how often its numbers entered the total
  bool chosen = true;       // If: the dearer branch
  Totals totals;
};

struct Analysis {
  Totals totals;
  std::vector<OpCost> ops;  // one per op of the main graph
  Coverage coverage;
  std::vector<KindCount> histogram;  // most frequent first, then by name
  Precision precision;
  std::vector<SubgraphCost> subgraphs;
};

// Counts everything. Errors: kOverflow with the op's place.
Result<Analysis> analyse(const Model& model);

// Lines that say how the numbers of op `id` of the main graph came about: formula, numbers put in, result.
Result<std::vector<std::string>> explain_op(const Model& model, OpId id);

}  // namespace nngauge
