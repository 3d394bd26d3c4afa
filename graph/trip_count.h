// SPDX-License-Identifier: Apache-2.0
// Owns: how often a loop runs, where its own constants say so.
#pragma once

#include <optional>

#include "graph/graph.h"

namespace nngauge {

// Trips of a While, Loop or Scan op of `graph`; nullopt where data decide. Recognised: a constant trip count whose
// condition stays true; a counter that starts at a constant, moves by a constant and is compared with a constant.
// The shapes and values of the graphs must have been inferred.
std::optional<std::int64_t> find_trip_count(const Model& model, const Graph& graph, const Op& op);

}  // namespace nngauge
