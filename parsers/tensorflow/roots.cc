// SPDX-License-Identifier: Apache-2.0
#include "parsers/tensorflow/roots.h"

#include <algorithm>
#include <array>

#include "graph_def.pb.h"
#include "parsers/tensorflow/op_map.h"

namespace nngauge::tensorflow {
namespace {

using Names = std::string_view;

template <std::size_t N>
bool one_of(const std::array<Names, N>& names, Names op) {
  return std::find(names.begin(), names.end(), op) != names.end();
}

constexpr std::array<Names, 7> kInputs = {"Placeholder",     "PlaceholderV2", "PlaceholderWithDefault", "_Arg",
                                          "IteratorGetNext", "IteratorV2",    "QueueDequeueV2"};
constexpr std::array<Names, 5> kVariables = {"VariableV2", "Variable", "VarHandleOp", "AutoReloadVariable",
                                             "TemporaryVariable"};
constexpr std::array<Names, 22> kTraining = {"NoOp",
                                             "Assert",
                                             "Assign",
                                             "AssignAdd",
                                             "AssignSub",
                                             "AssignVariableOp",
                                             "AssignAddVariableOp",
                                             "AssignSubVariableOp",
                                             "MergeV2Checkpoints",
                                             "ShardedFilename",
                                             "VarIsInitializedOp",
                                             "IsVariableInitialized",
                                             "InitializeTable",
                                             "InitializeTableV2",
                                             "InitializeTableFromTextFileV2",
                                             "LookupTableImportV2",
                                             "PrintV2",
                                             "ScatterAdd",
                                             "ScatterUpdate",
                                             "ResourceScatterAdd",
                                             "ResourceScatterUpdate",
                                             "DestroyResourceOp"};

bool is_loss(Names op) {
  return op == "SoftmaxCrossEntropyWithLogits" || op == "SparseSoftmaxCrossEntropyWithLogits" || op == "CTCLoss" ||
         op == "L2Loss";
}

// Per node: whether data of a node that `is_source` picks flow into it.
template <class IsSource>
std::vector<bool> reached_from(const Body& body, IsSource is_source) {
  const std::size_t count = body.nodes.size();
  std::vector<std::vector<int>> consumers(count);
  std::vector<int> open;
  std::vector<bool> reached(count, false);
  for (std::size_t i = 0; i < count; ++i) {
    for (const std::string& input : body.nodes[i]->input()) {
      const InputRef ref = parse_input(input);
      const int from = ref.control ? -1 : body.find(ref.node);
      if (from >= 0) consumers[static_cast<std::size_t>(from)].push_back(static_cast<int>(i));
    }
    if (!is_source(*body.nodes[i])) continue;
    reached[i] = true;
    open.push_back(static_cast<int>(i));
  }
  while (!open.empty()) {
    const auto at = static_cast<std::size_t>(open.back());
    open.pop_back();
    for (const int next : consumers[at]) {
      if (reached[static_cast<std::size_t>(next)]) continue;
      reached[static_cast<std::size_t>(next)] = true;
      open.push_back(next);
    }
  }
  return reached;
}

void add_results(const Library& library, int index, std::vector<Root>& roots) {
  const std::size_t count =
      std::max<std::size_t>(library.result_count(*library.main().nodes[static_cast<std::size_t>(index)]), 1);
  for (std::size_t i = 0; i < count; ++i) roots.push_back({index, i});
}

}  // namespace

bool is_input_node(const tf::NodeDef& node) { return one_of(kInputs, node.op()); }
bool is_variable_node(const tf::NodeDef& node) { return one_of(kVariables, node.op()); }

bool makes_no_op(const tf::NodeDef& node) {
  return node.op() == "Const" || node.op() == "NoOp" || is_input_node(node) || is_variable_node(node);
}

bool serves_training(const Library& library, const tf::NodeDef& node) {
  const std::string& op = node.op();
  if (one_of(kTraining, op) || is_training_op(op) || op.starts_with("Save") || op.starts_with("Restore") ||
      op.ends_with("Summary") || op.ends_with("SummaryV2") || op.starts_with("Queue") || op.starts_with("Write")) {
    return true;
  }
  if (node.name().starts_with("gradients/") || node.name().find("/gradients/") != std::string::npos) return true;
  const Body* called = library.callee(node);
  return called && library.saves(*called);
}

std::vector<Root> find_roots(const Library& library) {
  const Body& body = library.main();
  const std::size_t count = body.nodes.size();
  // Who only serves training consumes nothing that counts.
  std::vector<int> consumers(count, 0);
  std::vector<bool> feeds_loss(count, false);
  bool has_results = false;
  for (const tf::NodeDef* node : body.nodes) {
    has_results = has_results || node->op() == "_Retval";
    const bool training = serves_training(library, *node);
    for (const std::string& input : node->input()) {
      const InputRef ref = parse_input(input);
      const int from = ref.control ? -1 : body.find(ref.node);
      if (from < 0) continue;
      if (!training) ++consumers[static_cast<std::size_t>(from)];
      if (is_loss(node->op())) feeds_loss[static_cast<std::size_t>(from)] = true;
    }
  }
  const std::vector<bool> fed = reached_from(body, is_input_node);
  const std::vector<bool> after_loss = reached_from(body, [](const tf::NodeDef& node) { return is_loss(node.op()); });
  std::vector<Root> results, losses, logits, unfed, inputs;
  for (std::size_t i = 0; i < count; ++i) {
    const tf::NodeDef& node = *body.nodes[i];
    const int index = static_cast<int>(i);
    if (feeds_loss[i] && fed[i] && !after_loss[i] && !is_input_node(node)) logits.push_back({index, 0});
    if (consumers[i] > 0 || serves_training(library, node)) continue;
    if (has_results && node.op() != "_Retval") continue;
    if (is_input_node(node)) inputs.push_back({index, 0});
    else if (fed[i]) add_results(library, index, after_loss[i] ? losses : results);
    else if (!makes_no_op(node) && node.op() != "ReadVariableOp") add_results(library, index, unfed);
  }
  for (const std::vector<Root>* roots : {&results, &logits, &losses, &unfed}) {
    if (!roots->empty()) return *roots;
  }
  return inputs;
}

std::vector<bool> find_live_nodes(const Body& body, const std::vector<Root>& roots) {
  std::vector<bool> live(body.nodes.size(), false);
  std::vector<int> open;
  const auto reach = [&](int node) {
    if (node < 0 || live[static_cast<std::size_t>(node)]) return;
    live[static_cast<std::size_t>(node)] = true;
    open.push_back(node);
  };
  for (const Root& root : roots) reach(root.node);
  while (!open.empty()) {
    const tf::NodeDef& node = *body.nodes[static_cast<std::size_t>(open.back())];
    open.pop_back();
    for (const std::string& input : node.input()) {
      const InputRef ref = parse_input(input);
      if (!ref.control) reach(body.find(ref.node));
    }
  }
  return live;
}

}  // namespace nngauge::tensorflow
