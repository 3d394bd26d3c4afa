// SPDX-License-Identifier: Apache-2.0
// Owns: which results of a graph its user wants: those of a signature, else what inference ends in. Saving, restoring,
// initialising and training hang on the same graph and are no part of it.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"
#include "parsers/tensorflow/body.h"

namespace nngauge::tensorflow {

struct Root {
  int node = 0;
  std::size_t result = 0;
};

// Results that inference ends in, in the order of the graph.
std::vector<Root> find_roots(const Library& library);

// Nodes that the roots depend on through data.
std::vector<bool> find_live_nodes(const Body& body, const std::vector<Root>& roots);

// Takes part in no inference: saving, assigning, summaries, gradients.
bool serves_training(const Library& library, const tf::NodeDef& node);

// Makes no operator of its own: constants, inputs, variables, order.
bool makes_no_op(const tf::NodeDef& node);
bool is_input_node(const tf::NodeDef& node);
bool is_variable_node(const tf::NodeDef& node);

}  // namespace nngauge::tensorflow
