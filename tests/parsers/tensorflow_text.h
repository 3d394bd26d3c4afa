// SPDX-License-Identifier: Apache-2.0
// Owns: TensorFlow models for tests: graphs as protobuf text, and the few binary messages that have no text form here.
#pragma once

#include <string>

#include "cost/analysis.h"
#include "graph/graph.h"

namespace nngauge::test {

// Reads and completes a model in memory; requires that both work.
Model tf_model(const std::string& content);
// The error of reading or completing it, with its code.
std::string tf_error(const std::string& content);
// "Conv2D Relu …": kinds of the main graph's operators in order.
std::string kinds_of(const Graph& graph);

// A field of a serialised message: a number, or bytes.
std::string wire_number(unsigned field, std::uint64_t value);
std::string wire_bytes(unsigned field, const std::string& content);

// "node { name: … op: … input: … attr … }" with attributes written as `key: value-text` pairs.
std::string tf_node(const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
                    const std::vector<std::pair<std::string, std::string>>& attrs = {});
std::string tf_placeholder(const std::string& name, const std::vector<int>& dims);
std::string tf_floats(const std::string& name, const std::vector<int>& dims);  // a constant whose elements are all 0.5
std::string tf_ints(const std::string& name, const std::vector<int>& values);

}  // namespace nngauge::test
