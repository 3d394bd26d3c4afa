// SPDX-License-Identifier: Apache-2.0
// Owns: questions about the structure of a graph: order, cycles, reachability, components, who produces and consumes.
// Boost.Graph does the algorithms inside algorithms.cc; no type of it appears here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace nngauge {

// Who makes and who reads each tensor.
struct Uses {
  std::vector<OpId> producer;                // per tensor; -1: input, constant or nothing
  std::vector<std::vector<OpId>> consumers;  // per tensor, each op once, ascending
};
Uses find_uses(const Graph& graph);

// Checks ids, single definition, and sorts `graph.ops` so that every operand is made before it is read, keeping the
// file's order where that is already so. Errors: kInvalidGraph (bad id, defined twice, used but never defined),
// kCyclicGraph (names the ops on the cycle). Returns whether the file's order had to be changed.
Result<bool> order_ops(Graph& graph);

// Per op: true if some graph output, variable or op without results depends on it.
std::vector<bool> find_live_ops(const Graph& graph);
// Per op: the number of its weakly connected component, 0 upwards in the order of first appearance.
std::vector<int> find_components(const Graph& graph);
// One way of a flow network. Capacities of 0 and more; what is too large to be cut has kUncuttable.
struct FlowEdge {
  std::int32_t from = 0, to = 0;
  std::int64_t capacity = 0;
};
inline constexpr std::int64_t kUncuttable = std::int64_t{1} << 60;
struct MinCut {
  std::int64_t cost = 0;
  std::vector<bool> source_side;  // per node
};
// The cheapest set of edges without which nothing flows from `source` to `sink` (Goldberg and Tarjan's push-relabel);
// of several the one with the fewest nodes on the source's side. Nodes are numbers below `nodes`; `source` differs
// from `sink`. Capacities together stay below 2^62, those that cannot be cut apart.
MinCut find_min_cut(std::size_t nodes, std::span<const FlowEdge> edges, std::int32_t source, std::int32_t sink);

// Graphviz text of one graph.
std::string dot_text(const Model& model, const Graph& graph);

}  // namespace nngauge
