// SPDX-License-Identifier: Apache-2.0
// Recurrent layers as ONNX has them, loops and branches.
#include <algorithm>
#include <optional>

#include "base/text.h"
#include "parsers/mnn/file_view.h"

namespace nngauge::mnn {
namespace {

using K = OpKind;

std::optional<TensorId> find_tensor(const Graph& graph, const std::string& name) {
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].name == name) return static_cast<TensorId>(i);
  }
  return std::nullopt;
}

// The branch's operands and results in the order of the operator's; what a branch does not read is there unread.
Status arrange_branch(const fb::IfParam& options, flatbuffers::uoffset_t branch, const Op& op, Graph& graph) {
  const auto name_of = [&](const fb::Names& names) {
    const std::size_t stored = length(names.data());
    return stored == 0 ? std::string()
                       : text_of(names.data()->Get(std::min(branch, static_cast<flatbuffers::uoffset_t>(stored - 1))));
  };
  std::vector<TensorId> inputs, outputs;
  for (std::size_t i = 1; i < op.inputs.size(); ++i) {
    std::optional<TensorId> known;
    if (i < length(options.inputs())) {
      const fb::Names& names = get(options.inputs(), i);
      for (flatbuffers::uoffset_t k = 0; !known && k < length(names.data()); ++k)
        known = find_tensor(graph, text_of(names.data()->Get(k)));
    }
    if (!known) {
      known = static_cast<TensorId>(graph.tensors.size());
      graph.tensors.emplace_back();
    }
    inputs.push_back(*known);
  }
  for (std::size_t i = 0; i < length(options.outputs()); ++i) {
    const std::string name = name_of(get(options.outputs(), i));
    const auto known = find_tensor(graph, name);
    if (!known) return make_error(ErrorCode::kInvalidGraph, "a branch makes no tensor " + in_quotes(name));
    outputs.push_back(*known);
  }
  graph.inputs = std::move(inputs);
  if (!outputs.empty()) graph.outputs = std::move(outputs);
  return ok();
}

}  // namespace

// Operands x, weights [directions, gates x hidden, in], recurrent weights, bias, first state (and cell).
Status read_recurrent(OpContext& c) {
  const auto* options = c.options<fb::Recurrent>();
  if (!options || c.op.inputs.size() < 3) return c.give_up("its weights are not operands");
  RecurrentAttrs attrs;
  attrs.hidden_size = options->outputs();
  attrs.onnx_outputs = true;
  if (const Tensor* weight = c.input(1); weight && weight->declared.ranked() && weight->declared.at(0).known())
    attrs.directions = weight->declared.at(0).value();
  c.set_role(1, OperandRole::kWeight);
  c.set_role(2, OperandRole::kWeight);
  c.set_role(3, OperandRole::kBias);
  for (std::size_t i = 4; i < c.op.inputs.size(); ++i) c.set_role(i, OperandRole::kState);
  c.op.attrs = attrs;
  return ok();
}

// ONNX's loop: operands number of trips, condition, carried…; the graphs are bound when all are read.
Status read_while(OpContext& c) {
  const auto* options = c.options<fb::WhileParam>();
  if (!options) return c.give_up("the graphs of the loop are not stated");
  c.op.attrs = ControlAttrs{};
  c.set_role(0, OperandRole::kConfig);
  c.set_role(1, OperandRole::kConfig);
  return ok();
}

Status read_if(OpContext& c) {
  if (!c.options<fb::IfParam>()) return c.give_up("the graphs of the branches are not stated");
  c.op.attrs = ControlAttrs{};
  c.set_role(0, OperandRole::kConfig);
  return ok();
}

Status bind_control(const ControlRequest& request, FileView& file) {
  Op& op = file.model.graphs[static_cast<std::size_t>(request.graph)].ops[request.op];
  const auto give_up = [&](const std::string& reason) {
    op.kind = K::kCustom;
    CustomAttrs attrs;
    attrs.domain = "mnn";
    attrs.name = op.source_op;
    op.attrs = std::move(attrs);
    file.model.diagnostics.warn("not-followed", op_place(op, op.source.index), reason);
    return ok();
  };
  const auto graph_of = [&](const flatbuffers::String* name) {
    const auto found = file.graph_ids.find(text_of(name));
    return found == file.graph_ids.end() ? std::int64_t{-1} : std::int64_t{found->second};
  };
  ControlAttrs attrs;
  if (const auto* loop = request.source.main_as_WhileParam()) {
    attrs.body_graph = graph_of(loop->body_graph());
    if (attrs.body_graph < 0) return give_up("there is no graph " + in_quotes(text_of(loop->body_graph())));
    if (loop->cond_graph()) return give_up("loops with a graph for their condition are not looked into");
    Graph& body = file.model.graphs[static_cast<std::size_t>(attrs.body_graph)];
    body.parent = request.graph;
    if (op.inputs.size() < 2 || body.inputs.size() != op.inputs.size() || body.outputs.size() != op.outputs.size() + 1)
      return give_up("the loop has " + std::to_string(op.inputs.size()) + " operands and " +
                     std::to_string(op.outputs.size()) + " results, its body takes " +
                     std::to_string(body.inputs.size()) + " and makes " + std::to_string(body.outputs.size()));
    op.attrs = std::move(attrs);
    return ok();
  }
  const auto* branches = request.source.main_as_IfParam();
  if (!branches) return ok();
  attrs.then_graph = graph_of(branches->then_graph());
  attrs.else_graph = graph_of(branches->else_graph());
  if (attrs.then_graph < 0 || attrs.else_graph < 0) return give_up("the graph of a branch is not in the file");
  const Op kept = op;  // the vector of graphs may move
  for (const flatbuffers::uoffset_t branch : {0U, 1U}) {
    std::int64_t& id = branch == 0 ? attrs.then_graph : attrs.else_graph;
    // A graph of its own for each that runs it: its operands stand in that one's order.
    NNGAUGE_CHECK(file.budget.spend(64 * (1 + file.model.graphs[static_cast<std::size_t>(id)].tensors.size() +
                                          file.model.graphs[static_cast<std::size_t>(id)].ops.size())));
    Graph own = file.model.graphs[static_cast<std::size_t>(id)];
    NNGAUGE_CHECK(arrange_branch(*branches, branch, kept, own));
    own.parent = request.graph;
    if (file.arranged.insert(id).second) {
      file.model.graphs[static_cast<std::size_t>(id)] = std::move(own);
      continue;
    }
    id = static_cast<std::int64_t>(file.model.graphs.size());
    file.model.graphs.push_back(std::move(own));
  }
  file.model.graphs[static_cast<std::size_t>(request.graph)].ops[request.op].attrs = std::move(attrs);
  return ok();
}

}  // namespace nngauge::mnn
