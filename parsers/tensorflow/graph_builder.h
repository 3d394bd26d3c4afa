// SPDX-License-Identifier: Apache-2.0
// Owns: turning a GraphDef, the functions it calls and its variables into graphs of a Model. Calls are inlined, the
// branches and bodies of If, While and Case become inner graphs, control flow of version 1 (Switch, Merge) stays flat.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/tensorflow/body.h"
#include "parsers/tensorflow/constants.h"
#include "parsers/tensorflow/roots.h"
#include "parsers/tensorflow/variables.h"

namespace nngauge::tensorflow {

// A branch of a Switch that is never taken.
inline constexpr TensorId kDeadTensor = -2;

// Results of nodes by number: one per graph and one per call of a function.
struct Scope {
  const Body* body = nullptr;
  GraphId graph = 0;
  std::vector<std::vector<TensorId>> results;  // per node
  std::vector<std::size_t> wanted;             // per node: how many results somebody reads
  std::vector<TensorId> arguments;             // of a function, by position
  std::string prefix;                          // of names made by a call
  std::int32_t call_index = -1;                // node of the main graph that the call stands for; -1: no call
};

// An argument of a function that becomes an inner graph.
struct Argument {
  TensorId outer = kNoTensor;
  bool captured = false;  // read from the graph around it rather than handed over
};

class GraphBuilder {
 public:
  GraphBuilder(const Library& library, const Reduction* reduction, const Variables& variables, int producer,
               Model& model)
      : library_(library),
        reduction_(reduction),
        constants_(reduction),
        variables_(variables),
        producer_(producer),
        model_(model) {}

  // Builds model.graphs[0] with `roots` as results; `inputs` are nodes that are inputs even if nothing reads them.
  // Errors: kInvalidGraph (names that nothing defines, functions that call themselves), kCyclicGraph, kDamaged,
  // kInvalidAttribute, kTooLarge, with the node's place.
  Status build(const std::vector<Root>& roots, const std::vector<Root>& inputs);
  // The tensor of a result of the main graph; kNoTensor if it is not part of what was built.
  [[nodiscard]] TensorId find_result(int node, std::size_t result) const;

 private:
  Status build_nodes(Scope& scope, const std::vector<Root>& roots);
  Result<std::vector<int>> order_nodes(const Scope& scope, const std::vector<bool>& live) const;
  void count_wanted(Scope& scope, const std::vector<bool>& live, const std::vector<Root>& roots) const;
  Status build_node(Scope& scope, int index);
  Status build_constant(Scope& scope, int index);
  Status build_input(Scope& scope, int index);
  Status build_variable(Scope& scope, int index);
  Status build_op(Scope& scope, int index, std::vector<TensorId> inputs);
  Status build_call(Scope& scope, int index, const Body& callee, const std::vector<TensorId>& inputs);
  Status build_control(Scope& scope, int index, const std::vector<TensorId>& inputs);
  Status build_while(Scope& scope, int index, const std::vector<TensorId>& inputs);
  Status build_branches(Scope& scope, int index, const std::vector<TensorId>& inputs);
  Status build_switch(Scope& scope, int index, const std::vector<TensorId>& inputs);
  Status build_merge(Scope& scope, int index);
  Status build_loop_head(Scope& scope, int index, const std::vector<TensorId>& inputs);
  [[nodiscard]] Result<TensorId> condition_of(const Scope& scope, int index) const;
  Status build_each(Scope& scope, int index, const std::vector<TensorId>& inputs);
  Result<GraphId> build_inner(const Body& body, const std::vector<Argument>& arguments, GraphId parent,
                              const std::vector<bool>& kept_results, std::int32_t call_index);
  void add_captures(Op& op, const std::vector<Argument>& arguments) const;
  [[nodiscard]] Result<std::vector<Root>> roots_of(const Body& body) const;
  [[nodiscard]] Result<TensorId> returned(const Scope& scope, int result) const;
  Result<const Body*> function_of(const std::string& name) const;

  Result<TensorId> resolve(const Scope& scope, const InputRef& ref) const;
  Result<std::vector<TensorId>> resolve_inputs(const Scope& scope, int index) const;
  TensorId add_tensor(GraphId graph, Tensor tensor, TensorId origin = kNoTensor);
  TensorId add_result(const Scope& scope, int index, std::size_t result);
  Status spend(std::uint64_t name_bytes);
  Op make_op(const Scope& scope, int index) const;
  [[nodiscard]] TensorId origin(GraphId graph, TensorId id) const;
  [[nodiscard]] Graph& graph(GraphId id) { return model_.graphs[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const tf::NodeDef& node(const Scope& scope, int index) const;
  [[nodiscard]] std::string place(const Scope& scope, int index) const;

  const Library& library_;
  const Reduction* reduction_;
  ConstantReader constants_;
  const Variables& variables_;
  int producer_;  // version of what wrote the graph
  Model& model_;
  Scope main_;
  std::vector<std::vector<TensorId>> origins_;  // per graph, per tensor: the constant that it is a copy of
  std::vector<const Body*> calls_;              // active ones, outermost first
  std::unordered_map<std::string, TensorId> shared_variables_;
  std::uint64_t ops_ = 0, name_bytes_ = 0;
  bool told_loop_ = false, told_branches_ = false;
};

}  // namespace nngauge::tensorflow
