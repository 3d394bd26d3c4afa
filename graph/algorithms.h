// SPDX-License-Identifier: Apache-2.0
// Owns: questions about the structure of a graph: order, cycles, reachability, components, who produces and consumes.
// Boost.Graph does the algorithms inside algorithms.cc; no type of it appears here.
#pragma once

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
// Graphviz text of one graph.
std::string dot_text(const Model& model, const Graph& graph);

}  // namespace nngauge
