// SPDX-License-Identifier: Apache-2.0
// Owns: the nodes of a graph or of a function's body, found by name, and what a reference to a result means.
#pragma once

#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "parsers/tensorflow/forward.h"

namespace nngauge::tensorflow {

// "node", "node:1", "node:values:1" (in bodies of functions), "^node" (order only).
struct InputRef {
  std::string_view node;
  std::string_view result;  // its name; empty where the reference has only a number
  std::int64_t number = 0;  // of the result, or of the tensor in a result that is a list
  bool control = false;
};
InputRef parse_input(std::string_view text);

struct Body {
  std::vector<const tf::NodeDef*> nodes;
  std::unordered_map<std::string_view, int> by_name;
  const tf::FunctionDef* function = nullptr;             // null: the main graph
  std::unordered_map<std::string_view, int> parameters;  // of the function: position by name

  [[nodiscard]] int find(std::string_view name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? -1 : found->second;
  }
};

// All functions of a graph's library and the main graph. The messages must outlive it.
class Library {
 public:
  // Errors: kInvalidGraph for a name that two nodes or two functions have.
  Status add(const tf::GraphDef& graph);

  [[nodiscard]] const Body& main() const { return main_; }
  // nullptr if there is no such function.
  [[nodiscard]] const Body* find(std::string_view name) const;
  // The function that a node calls by its operator or its attribute f; nullptr for other nodes.
  [[nodiscard]] const Body* callee(const tf::NodeDef& node) const;
  // Whether the function, or one that it calls, saves or restores variables.
  [[nodiscard]] bool saves(const Body& body) const;

  // Place among the node's results. `result` and `number` as in InputRef.
  [[nodiscard]] std::size_t result_index(const tf::NodeDef& node, const InputRef& ref) const;
  // How many results the node has by its own attributes, as far as they are known to be several; else 1.
  [[nodiscard]] std::size_t result_count(const tf::NodeDef& node) const;

 private:
  Body main_;
  std::unordered_map<std::string_view, Body> functions_;
};

}  // namespace nngauge::tensorflow
