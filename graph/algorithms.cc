// SPDX-License-Identifier: Apache-2.0
#include "graph/algorithms.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/graph/topological_sort.hpp>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

// An edge leads from an op to an op that makes one of its operands.
using Dependencies = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

Error invalid(const Op& op, OpId id, std::string what) {
  return make_error(ErrorCode::kInvalidGraph, std::move(what)).at(op_place(op, id));
}

bool valid_tensor(const Graph& graph, TensorId id) { return id >= 0 && at(id) < graph.tensors.size(); }

std::string tensor_place(const Graph& graph, TensorId id) {
  return "tensor #" + std::to_string(id) + " " + in_quotes(graph.tensors[at(id)].name);
}

Status check_ids(const Graph& graph) {
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    const auto id = static_cast<OpId>(i);
    for (const Operand& operand : op.inputs) {
      if (operand.tensor != kNoTensor && !valid_tensor(graph, operand.tensor)) {
        return invalid(
            op, id, "reads tensor #" + std::to_string(operand.tensor) + " of " + std::to_string(graph.tensors.size()));
      }
    }
    for (const TensorId result : op.outputs) {
      if (result != kNoTensor && !valid_tensor(graph, result)) {
        return invalid(op, id,
                       "writes tensor #" + std::to_string(result) + " of " + std::to_string(graph.tensors.size()));
      }
    }
  }
  for (const auto* list : {&graph.inputs, &graph.outputs}) {
    for (const TensorId id : *list) {
      if (!valid_tensor(graph, id)) {
        return make_error(ErrorCode::kInvalidGraph, "the graph's inputs or outputs name tensor #" + std::to_string(id) +
                                                        " of " + std::to_string(graph.tensors.size()));
      }
    }
  }
  return ok();
}

// Every tensor is made at most once, and every operand is made by something.
Status check_definitions(const Graph& graph) {
  std::vector<OpId> producer(graph.tensors.size(), -1);
  std::vector<bool> given(graph.tensors.size(), false);
  for (const TensorId id : graph.inputs) given[at(id)] = true;
  for (const Capture& capture : graph.captures) {
    if (valid_tensor(graph, capture.inner)) given[at(capture.inner)] = true;
  }
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    for (const TensorId result : graph.ops[i].outputs) {
      if (result == kNoTensor) continue;
      const Tensor& tensor = graph.tensors[at(result)];
      if (tensor.is_constant) {
        return invalid(graph.ops[i], static_cast<OpId>(i), "writes the constant " + tensor_place(graph, result));
      }
      if (producer[at(result)] >= 0 && !tensor.is_variable) {
        return invalid(graph.ops[i], static_cast<OpId>(i),
                       "writes " + tensor_place(graph, result) + ", which op #" + std::to_string(producer[at(result)]) +
                           " writes too");
      }
      producer[at(result)] = static_cast<OpId>(i);
    }
  }
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    for (const Operand& operand : graph.ops[i].inputs) {
      if (operand.tensor == kNoTensor) continue;
      const Tensor& tensor = graph.tensors[at(operand.tensor)];
      if (!tensor.is_constant && !tensor.is_variable && !given[at(operand.tensor)] &&
          producer[at(operand.tensor)] < 0) {
        return invalid(graph.ops[i], static_cast<OpId>(i),
                       "reads " + tensor_place(graph, operand.tensor) + ", which nothing makes");
      }
    }
  }
  return ok();
}

Dependencies dependencies(const Graph& graph, const Uses& uses) {
  Dependencies out(graph.ops.size());
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    for (const Operand& operand : graph.ops[i].inputs) {
      if (operand.tensor == kNoTensor || graph.tensors[at(operand.tensor)].is_variable) continue;
      const OpId producer = uses.producer[at(operand.tensor)];
      if (producer >= 0) boost::add_edge(i, at(producer), out);
    }
  }
  return out;
}

bool in_order(const Graph& graph, const Uses& uses) {
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    for (const Operand& operand : graph.ops[i].inputs) {
      if (operand.tensor == kNoTensor || graph.tensors[at(operand.tensor)].is_variable) continue;
      const OpId producer = uses.producer[at(operand.tensor)];
      if (producer >= 0 && at(producer) >= i) return false;
    }
  }
  return true;
}

// Names the ops of one cycle, in the order in which they feed each other.
Error cycle_error(const Graph& graph, const Dependencies& edges) {
  std::vector<int> component(boost::num_vertices(edges));
  const auto index = boost::get(boost::vertex_index, edges);
  boost::strong_components(edges, boost::make_iterator_property_map(component.begin(), index));
  std::vector<std::size_t> sizes(component.size() + 1, 0);
  for (const int c : component) ++sizes[at(c)];
  const auto depends_on_itself = [&](std::size_t v) {
    return sizes[at(component[v])] > 1 || boost::edge(v, v, edges).second;
  };
  std::size_t current = 0;
  while (!depends_on_itself(current)) ++current;
  // Walk producers inside the component until an op repeats.
  std::vector<std::size_t> path;
  std::vector<std::int64_t> seen_at(component.size(), -1);
  while (seen_at[current] < 0) {
    seen_at[current] = static_cast<std::int64_t>(path.size());
    path.push_back(current);
    for (const auto edge : boost::make_iterator_range(boost::out_edges(current, edges))) {
      const std::size_t next = boost::target(edge, edges);
      if (component[next] == component[current]) {
        current = next;
        break;
      }
    }
  }
  path.erase(path.begin(), path.begin() + seen_at[current]);
  std::reverse(path.begin(), path.end());
  constexpr std::size_t kMostNamed = 8;
  std::string names;
  for (std::size_t i = 0; i < std::min(path.size(), kMostNamed); ++i) {
    if (i > 0) names += " -> ";
    names += op_place(graph.ops[path[i]], static_cast<OpId>(path[i]));
  }
  if (path.size() > kMostNamed) names += " -> … (" + std::to_string(path.size()) + " ops)";
  return make_error(ErrorCode::kCyclicGraph, "operators depend on each other in a circle: " + names);
}

}  // namespace

Uses find_uses(const Graph& graph) {
  Uses uses;
  uses.producer.assign(graph.tensors.size(), -1);
  uses.consumers.resize(graph.tensors.size());
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const auto id = static_cast<OpId>(i);
    for (const TensorId result : graph.ops[i].outputs) {
      if (result != kNoTensor) uses.producer[at(result)] = id;
    }
    for (const Operand& operand : graph.ops[i].inputs) {
      if (operand.tensor == kNoTensor) continue;
      auto& consumers = uses.consumers[at(operand.tensor)];
      if (consumers.empty() || consumers.back() != id) consumers.push_back(id);
    }
  }
  return uses;
}

Result<bool> order_ops(Graph& graph) {
  NNGAUGE_CHECK(check_ids(graph));
  NNGAUGE_CHECK(check_definitions(graph));
  const Uses uses = find_uses(graph);
  if (in_order(graph, uses)) return false;
  const Dependencies edges = dependencies(graph, uses);
  // Depth first from op 0 upwards along operands: producers come first, and what was in order stays in order.
  std::vector<std::size_t> order;
  order.reserve(graph.ops.size());
  try {
    boost::topological_sort(edges, std::back_inserter(order));
  } catch (const boost::not_a_dag&) {
    return cycle_error(graph, edges);
  }
  std::vector<Op> sorted;
  sorted.reserve(order.size());
  for (const std::size_t i : order) sorted.push_back(std::move(graph.ops[i]));
  graph.ops = std::move(sorted);
  return true;
}

std::vector<bool> find_live_ops(const Graph& graph) {
  const Uses uses = find_uses(graph);
  const Dependencies edges = dependencies(graph, uses);
  std::vector<boost::default_color_type> colour(graph.ops.size(), boost::white_color);
  const auto index = boost::get(boost::vertex_index, edges);
  const auto colours = boost::make_iterator_property_map(colour.begin(), index);
  const auto visit = [&](OpId id) {
    if (id < 0 || colour[at(id)] != boost::white_color) return;
    boost::queue<std::size_t> buffer;
    boost::breadth_first_visit(edges, at(id), buffer, boost::default_bfs_visitor(), colours);
  };
  for (const TensorId output : graph.outputs) visit(uses.producer[at(output)]);
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    const bool writes_state = std::any_of(op.outputs.begin(), op.outputs.end(), [&](TensorId id) {
      return id != kNoTensor && graph.tensors[at(id)].is_variable;
    });
    if (op.outputs.empty() || writes_state) visit(static_cast<OpId>(i));
  }
  std::vector<bool> live(graph.ops.size());
  for (std::size_t i = 0; i < live.size(); ++i) live[i] = colour[i] != boost::white_color;
  return live;
}

std::vector<int> find_components(const Graph& graph) {
  using Undirected = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;
  const Uses uses = find_uses(graph);
  Undirected edges(graph.ops.size());
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    for (const Operand& operand : graph.ops[i].inputs) {
      if (operand.tensor == kNoTensor) continue;
      const OpId producer = uses.producer[at(operand.tensor)];
      if (producer >= 0) boost::add_edge(i, at(producer), edges);
    }
  }
  std::vector<int> component(graph.ops.size());
  if (!component.empty()) {
    boost::connected_components(
        edges, boost::make_iterator_property_map(component.begin(), boost::get(boost::vertex_index, edges)));
  }
  return component;
}

MinCut find_min_cut(std::size_t nodes, std::span<const FlowEdge> edges, std::int32_t source, std::int32_t sink) {
  using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
  using Flow = boost::adjacency_list<
      boost::vecS, boost::vecS, boost::directedS, boost::no_property,
      boost::property<boost::edge_capacity_t, std::int64_t,
                      boost::property<boost::edge_residual_capacity_t, std::int64_t,
                                      boost::property<boost::edge_reverse_t, Traits::edge_descriptor>>>>;
  Flow flow(nodes);
  const auto capacity = boost::get(boost::edge_capacity, flow);
  const auto residual = boost::get(boost::edge_residual_capacity, flow);
  const auto reverse = boost::get(boost::edge_reverse, flow);
  for (const FlowEdge& edge : edges) {
    const auto there =
        boost::add_edge(static_cast<std::size_t>(edge.from), static_cast<std::size_t>(edge.to), flow).first;
    const auto back =
        boost::add_edge(static_cast<std::size_t>(edge.to), static_cast<std::size_t>(edge.from), flow).first;
    capacity[there] = edge.capacity, capacity[back] = 0;
    reverse[there] = back, reverse[back] = there;
  }
  MinCut out;
  out.cost = boost::push_relabel_max_flow(flow, static_cast<std::size_t>(source), static_cast<std::size_t>(sink));
  // What the source still reaches.
  out.source_side.assign(nodes, false);
  std::vector<std::size_t> open = {static_cast<std::size_t>(source)};
  out.source_side[open.front()] = true;
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    for (auto [it, end] = boost::out_edges(node, flow); it != end; ++it) {
      const std::size_t next = boost::target(*it, flow);
      if (residual[*it] <= 0 || out.source_side[next]) continue;
      out.source_side[next] = true;
      open.push_back(next);
    }
  }
  return out;
}

std::string dot_text(const Model& model, const Graph& graph) {
  const Uses uses = find_uses(graph);
  const auto label = [&](TensorId id) {
    const Tensor& tensor = graph.tensors[at(id)];
    return printable(tensor.name) + "\\n" + std::string(dtype_name(tensor.dtype)) + " " +
           shape_text(tensor.shape, model.symbols);
  };
  const auto escape = [](std::string text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"') text.insert(i++, 1, '\\');
    }
    return text;
  };
  std::string out = "digraph \"" + escape(printable(graph.name)) + "\" {\n  rankdir=TB;\n  node [shape=box];\n";
  for (const TensorId id : graph.inputs) {
    out += "  t" + std::to_string(id) + " [shape=ellipse, label=\"" + escape(label(id)) + "\"];\n";
  }
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    out += "  op" + std::to_string(i) + " [label=\"" + std::string(op_info(op.kind).name) + "\\n" +
           escape(printable(op.name)) + "\"];\n";
    for (const Operand& operand : op.inputs) {
      if (operand.tensor == kNoTensor || graph.tensors[at(operand.tensor)].is_constant) continue;
      const OpId producer = uses.producer[at(operand.tensor)];
      const std::string from = producer >= 0 ? "op" + std::to_string(producer) : "t" + std::to_string(operand.tensor);
      out += "  " + from + " -> op" + std::to_string(i) + " [label=\"" +
             escape(shape_text(graph.tensors[at(operand.tensor)].shape, model.symbols)) + "\"];\n";
    }
  }
  for (const TensorId id : graph.outputs) {
    out += "  out" + std::to_string(id) + " [shape=ellipse, label=\"" + escape(label(id)) + "\"];\n";
    if (uses.producer[at(id)] >= 0) {
      out += "  op" + std::to_string(uses.producer[at(id)]) + " -> out" + std::to_string(id) + ";\n";
    }
  }
  return out + "}\n";
}

}  // namespace nngauge
