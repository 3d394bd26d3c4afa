// SPDX-License-Identifier: Apache-2.0
// Owns: how other tools count the same model: one table, a row a tool. Our own convention is in docs/conventions.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cost/analysis.h"
#include "graph/graph.h"

namespace nngauge {

// What one operator adds to a total of another tool. Terms are multiples of what we count exactly.
struct ConventionOp {
  const Model& model;
  const Graph& graph;
  const Op& op;
  const OpCost& cost;
};

// One number of another tool ("FLOPs", "macc"), summed over the operators of the main graph.
struct ConventionNumber {
  std::string_view name;
  MaybeCount (*of_op)(const ConventionOp&);  // nullopt: not known for this operator
};

struct Convention {
  std::string_view name;
  std::string_view meaning;  // one sentence: what is counted
  std::span<const ConventionNumber> numbers;
};

struct ConventionTotal {
  std::string name;
  MaybeCount value;          // the sum of what is known; nullopt where nothing is
  bool lower_bound = false;  // some operator is missing from it
};

std::span<const Convention> conventions();
// Errors: kUsage, with near matches.
Result<const Convention*> find_convention(std::string_view name);
std::vector<ConventionTotal> convention_totals(const Convention& convention, const Model& model,
                                               const Analysis& analysis);

}  // namespace nngauge
