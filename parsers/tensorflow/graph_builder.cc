// SPDX-License-Identifier: Apache-2.0
#include "parsers/tensorflow/graph_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "graph/op_table.h"
#include "graph_def.pb.h"
#include "parsers/copy_budget.h"
#include "parsers/tensorflow/op_map.h"

namespace nngauge::tensorflow {
namespace {

// What calls of functions may make of a file: a hostile one could double itself at every level.
constexpr std::size_t kMaxResults = 65536;

bool is_back_edge(const tf::NodeDef& from) { return from.op() == "NextIteration" || from.op() == "RefNextIteration"; }
bool is_merge(const tf::NodeDef& node) { return node.op() == "Merge" || node.op() == "RefMerge"; }

bool is_assignment(const tf::NodeDef& node) {
  return node.op() == "AssignVariableOp" || node.op() == "AssignAddVariableOp" || node.op() == "AssignSubVariableOp";
}

// Minima and maxima that quantised operators hand on beside their result.
bool is_limit(std::string_view results, std::size_t index) {
  for (; index > 0; --index) {
    const std::size_t space = results.find(' ');
    if (space == std::string_view::npos) return false;
    results.remove_prefix(space + 1);
  }
  const std::string_view word = results.substr(0, results.find(' '));
  return word.find("min") != std::string_view::npos || (word.find("max") != std::string_view::npos && word != "argmax");
}

}  // namespace

const tf::NodeDef& GraphBuilder::node(const Scope& scope, int index) const { return *scope.body->nodes[at(index)]; }

std::string GraphBuilder::place(const Scope& scope, int index) const {
  const tf::NodeDef& def = node(scope, index);
  std::string out = fmt::format("op #{} {} {}", index, printable(def.op()), in_quotes(def.name()));
  if (reduction_ && def.has_located() && def.located() < reduction_->places.size())
    out += fmt::format(" (byte 0x{:x})", reduction_->places[at(static_cast<std::int64_t>(def.located()))].offset);
  return out;
}

TensorId GraphBuilder::origin(GraphId id, TensorId tensor) const {
  return tensor < 0 ? kNoTensor : origins_[at(id)][at(tensor)];
}

TensorId GraphBuilder::add_tensor(GraphId id, Tensor tensor, TensorId origin) {
  const auto own = static_cast<TensorId>(graph(id).tensors.size());
  origins_[at(id)].push_back(tensor.is_constant ? own : origin);
  graph(id).tensors.push_back(std::move(tensor));
  return own;
}

Status GraphBuilder::spend(std::uint64_t name_bytes) {
  ++ops_;
  name_bytes_ += name_bytes;
  const std::uint64_t file_bytes = model_.files.front().size_bytes.value_or(0);
  const std::uint64_t most = most_called_ops(file_bytes);
  if (ops_ > most) {
    return make_error(ErrorCode::kTooLarge,
                      fmt::format("calls of functions make more than {} operators", with_thousands(most)));
  }
  if (name_bytes_ > most_called_name_bytes(file_bytes))
    return make_error(ErrorCode::kTooLarge, "names made by calls of functions are far longer than the file");
  return ok();
}

Status GraphBuilder::build(const std::vector<Root>& roots, const std::vector<Root>& inputs) {
  model_.graphs.emplace_back();
  origins_.emplace_back();
  main_.body = &library_.main();
  std::vector<Root> all = inputs;
  all.insert(all.end(), roots.begin(), roots.end());
  NNGAUGE_CHECK(build_nodes(main_, all));
  std::vector<TensorId>& outputs = graph(0).outputs;
  for (const Root& root : roots) {
    const TensorId tensor = find_result(root.node, root.result);
    if (tensor >= 0 && std::find(outputs.begin(), outputs.end(), tensor) == outputs.end()) outputs.push_back(tensor);
  }
  return ok();
}

TensorId GraphBuilder::find_result(int node, std::size_t result) const {
  const auto index = at(node);
  if (node < 0 || index >= main_.results.size() || result >= main_.results[index].size()) return kNoTensor;
  return main_.results[index][result];
}

// --- order and names -------------------------------------------------------------------------------------------------

// Operands before their readers, else as in the file. What a loop hands to its next trip orders nothing.
Result<std::vector<int>> GraphBuilder::order_nodes(const Scope& scope, const std::vector<bool>& live) const {
  enum class Mark : std::uint8_t { kNew, kOpen, kDone };
  const Body& body = *scope.body;
  std::vector<Mark> marks(body.nodes.size(), Mark::kNew);
  std::vector<int> order;
  std::vector<std::pair<int, int>> stack;  // node, operand to look at next
  for (std::size_t start = 0; start < body.nodes.size(); ++start) {
    if (!live[start] || marks[start] != Mark::kNew) continue;
    stack.emplace_back(static_cast<int>(start), 0);
    marks[start] = Mark::kOpen;
    while (!stack.empty()) {
      auto& [index, operand] = stack.back();
      const tf::NodeDef& def = *body.nodes[at(index)];
      if (operand == def.input_size()) {
        marks[at(index)] = Mark::kDone;
        order.push_back(index);
        stack.pop_back();
        continue;
      }
      const InputRef ref = parse_input(def.input(operand++));
      if (ref.control || (body.function && body.parameters.contains(ref.node))) continue;
      const int from = body.find(ref.node);
      if (from < 0 || marks[at(from)] == Mark::kDone || (is_merge(def) && is_back_edge(*body.nodes[at(from)])))
        continue;
      if (marks[at(from)] == Mark::kOpen) {
        return make_error(ErrorCode::kCyclicGraph,
                          fmt::format("nodes {} and {} wait for each other", in_quotes(body.nodes[at(from)]->name()),
                                      in_quotes(def.name())));
      }
      marks[at(from)] = Mark::kOpen;
      stack.emplace_back(from, 0);
    }
  }
  return order;
}

void GraphBuilder::count_wanted(Scope& scope, const std::vector<bool>& live, const std::vector<Root>& roots) const {
  const Body& body = *scope.body;
  scope.wanted.assign(body.nodes.size(), 0);
  const auto want = [&](int index, std::size_t result) {
    std::size_t& wanted = scope.wanted[at(index)];
    wanted = std::max(wanted, std::min(result + 1, kMaxResults));
  };
  for (const Root& root : roots) want(root.node, root.result);
  for (std::size_t i = 0; i < body.nodes.size(); ++i) {
    if (!live[i]) continue;
    for (const std::string& input : body.nodes[i]->input()) {
      const InputRef ref = parse_input(input);
      const int from = ref.control ? -1 : body.find(ref.node);
      if (from >= 0) want(from, library_.result_index(*body.nodes[at(from)], ref));
    }
  }
}

Result<TensorId> GraphBuilder::resolve(const Scope& scope, const InputRef& ref) const {
  const Body& body = *scope.body;
  if (body.function) {
    const auto parameter = body.parameters.find(ref.node);
    if (parameter != body.parameters.end()) return scope.arguments[at(parameter->second)];
  }
  const int from = body.find(ref.node);
  if (from < 0) return invalid_graph(fmt::format("operand {} is never defined", in_quotes(ref.node)));
  const std::size_t result = library_.result_index(*body.nodes[at(from)], ref);
  const std::vector<TensorId>& results = scope.results[at(from)];
  if (result >= results.size())
    return invalid_graph(fmt::format("operand {} has no result {}", in_quotes(ref.node), result));
  return results[result];
}

Result<std::vector<TensorId>> GraphBuilder::resolve_inputs(const Scope& scope, int index) const {
  std::vector<TensorId> out;
  for (const std::string& input : node(scope, index).input()) {
    const InputRef ref = parse_input(input);
    if (ref.control) continue;
    NNGAUGE_TRY(const TensorId id, resolve(scope, ref));
    out.push_back(id);
  }
  return out;
}

// --- nodes -----------------------------------------------------------------------------------------------------------

Status GraphBuilder::build_nodes(Scope& scope, const std::vector<Root>& roots) {
  const std::vector<bool> live = find_live_nodes(*scope.body, roots);
  scope.results.assign(scope.body->nodes.size(), {});
  count_wanted(scope, live, roots);
  NNGAUGE_TRY(const std::vector<int> order, order_nodes(scope, live));
  for (const int index : order) {
    if (auto status = build_node(scope, index); !status) return status.error().at(place(scope, index));
  }
  return ok();
}

Status GraphBuilder::build_node(Scope& scope, int index) {
  const tf::NodeDef& def = node(scope, index);
  const std::string& op = def.op();
  if (op.empty() || !is_valid_utf8(op))
    return make_error(ErrorCode::kDamaged, "the operator's name is empty or no UTF-8 text");
  NNGAUGE_CHECK(spend(scope.prefix.size() + def.name().size()));
  if (op == "NoOp") return ok();
  if (op == "Const") return build_constant(scope, index);
  if (is_variable_node(def)) return build_variable(scope, index);
  if (is_merge(def)) return build_merge(scope, index);
  NNGAUGE_TRY(std::vector<TensorId> inputs, resolve_inputs(scope, index));
  if (std::find(inputs.begin(), inputs.end(), kDeadTensor) != inputs.end()) {
    scope.results[at(index)].assign(std::max<std::size_t>(scope.wanted[at(index)], 1), kDeadTensor);
    return ok();
  }
  if (op == "_Retval" && inputs.size() == 1) {
    scope.results[at(index)] = inputs;
    return ok();
  }
  if (is_input_node(def)) {
    // A switch between training and inference has a default and is not fed.
    const TensorId known = inputs.empty() ? kNoTensor : origin(scope.graph, inputs[0]);
    if (known >= 0 && graph(scope.graph).tensors[at(known)].dtype == DType::kBool) {
      scope.results[at(index)] = {inputs[0]};
      return ok();
    }
    return build_input(scope, index);
  }
  if (const Body* callee = library_.callee(def)) return build_call(scope, index, *callee, inputs);
  if (op == "If" || op == "StatelessIf" || op == "Case" || op == "StatelessCase")
    return build_branches(scope, index, inputs);
  if (op == "While" || op == "StatelessWhile") return build_while(scope, index, inputs);
  if (op == "Switch" || op == "RefSwitch") return build_switch(scope, index, inputs);
  if (op == "IdentityN" || op == "ShapeN") return build_each(scope, index, inputs);
  return build_op(scope, index, std::move(inputs));
}

Status GraphBuilder::build_constant(Scope& scope, int index) {
  const tf::NodeDef& def = node(scope, index);
  const tf::TensorProto* value = NodeView(def).tensor("value");
  if (!value) return make_error(ErrorCode::kInvalidAttribute, "has no value");
  NNGAUGE_TRY(Tensor tensor, constants_.read(*value));
  tensor.name = scope.prefix + readable(def.name());
  scope.results[at(index)] = {add_tensor(scope.graph, std::move(tensor))};
  return ok();
}

// Until graphs of version 21 a scalar placeholder may stand for one whose shape nobody stated.
Status GraphBuilder::build_input(Scope& scope, int index) {
  constexpr int kLastVague = 21;
  const tf::NodeDef& def = node(scope, index);
  const NodeView view(def);
  std::vector<Shape> shapes = view.shapes(view.has("output_shapes") ? "output_shapes" : "_output_shapes");
  std::vector<DType> dtypes = view.dtypes("output_types");
  if (dtypes.empty()) dtypes = {view.dtype(view.has("dtype") ? "dtype" : "T")};
  if (auto stated = view.shape("shape")) {
    const bool vague = producer_ <= kLastVague && stated->ranked() && stated->rank() == 0;
    if (!vague || shapes.empty()) shapes = {vague ? Shape::unknown_rank() : *std::move(stated)};
  }
  for (std::size_t i = 0; i < dtypes.size(); ++i) {
    Tensor tensor;
    tensor.name = scope.prefix + readable(def.name());
    if (i > 0) tensor.name += ":" + std::to_string(i);
    tensor.dtype = dtypes[i];
    tensor.declared = i < shapes.size() ? std::move(shapes[i]) : Shape::unknown_rank();
    if (tensor.declared.ranked() && tensor.declared.rank() > 1 && tensor.declared[0] == Dim::unknown())
      tensor.declared[0] = Dim::symbol(model_.symbols.intern("batch"));
    tensor.shape = tensor.declared;
    const TensorId id = add_tensor(scope.graph, std::move(tensor));
    scope.results[at(index)].push_back(id);
    graph(scope.graph).inputs.push_back(id);
  }
  return ok();
}

Status GraphBuilder::build_variable(Scope& scope, int index) {
  const tf::NodeDef& def = node(scope, index);
  const NodeView view(def);
  const std::string shared = view.text("shared_name");
  const std::string& name = shared.empty() ? def.name() : shared;
  const std::string key = std::to_string(scope.graph) + "/" + name;
  if (const auto known = shared_variables_.find(key); known != shared_variables_.end()) {
    scope.results[at(index)] = {known->second};
    return ok();
  }
  Tensor tensor;
  tensor.is_constant = true;
  tensor.name = readable(name);
  tensor.dtype = view.dtype("dtype");
  tensor.declared = view.shape("shape").value_or(Shape::unknown_rank());
  tensor.shape = tensor.declared;
  if (auto status = variables_.locate(name, tensor); !status) return status.error().at("variable " + in_quotes(name));
  const TensorId id = add_tensor(scope.graph, std::move(tensor));
  shared_variables_.emplace(key, id);
  scope.results[at(index)] = {id};
  return ok();
}

TensorId GraphBuilder::add_result(const Scope& scope, int index, std::size_t result) {
  const tf::NodeDef& def = node(scope, index);
  const std::vector<Shape> shapes = NodeView(def).shapes("_output_shapes");
  Tensor tensor;
  tensor.name = scope.prefix + readable(def.name());
  if (result > 0) tensor.name += ":" + std::to_string(result);
  if (result < shapes.size()) tensor.declared = shapes[result];
  tensor.shape = tensor.declared;
  return add_tensor(scope.graph, std::move(tensor));
}

Op GraphBuilder::make_op(const Scope& scope, int index) const {
  const tf::NodeDef& def = node(scope, index);
  Op op;
  op.name = scope.prefix + readable(def.name());
  op.source_op = readable(def.op());
  op.source.index = scope.call_index >= 0 ? scope.call_index : index;
  if (reduction_ && def.has_located() && def.located() < reduction_->places.size())
    op.source.byte_offset = reduction_->places[at(static_cast<std::int64_t>(def.located()))].offset;
  return op;
}

Status GraphBuilder::build_op(Scope& scope, int index, std::vector<TensorId> inputs) {
  const tf::NodeDef& def = node(scope, index);
  Op op = make_op(scope, index);
  const std::size_t count =
      is_assignment(def) ? 0 : std::max({scope.wanted[at(index)], library_.result_count(def), std::size_t{1}});
  const OpRow* row = find_op_row(def.op());
  for (std::size_t i = 0; i < count; ++i) {
    const TensorId id = add_result(scope, index, i);
    op.outputs.push_back(id);
    if (i == 0 || !row || row->results.empty() || !is_limit(row->results, i)) continue;
    Tensor& limit = graph(scope.graph).tensors[at(id)];
    limit.dtype = DType::kFloat32;
    limit.declared = limit.shape = Shape::scalar();
  }
  scope.results[at(index)] = op.outputs;
  const NodeView view(def);
  OpContext context{view, graph(scope.graph), std::move(inputs),
                    op,   model_.diagnostics, [&](TensorId id) { return origin(scope.graph, id); }};
  NNGAUGE_CHECK(read_op(context));
  Graph& target = graph(scope.graph);
  const TensorId first = scope.results[at(index)].empty() ? kNoTensor : scope.results[at(index)][0];
  if (context.result_shape && first >= 0) {
    Tensor& result = target.tensors[at(first)];
    result.declared = result.shape = *context.result_shape;
  }
  const TensorId stored = op.inputs.empty() ? kNoTensor : origin(scope.graph, op.inputs[0].tensor);
  if (is_assignment(def) && stored >= 0) {
    Tensor& variable = target.tensors[at(stored)];
    variable.is_variable = true;
    variable.is_constant = false;
  }
  if (stored >= 0 && (op_info(op.kind).passes_weights || op.kind == OpKind::kFakeQuant)) {
    const bool copies = op.kind == OpKind::kIdentity;
    for (const TensorId id : op.outputs) {
      if (id >= 0) origins_[at(scope.graph)][at(id)] = copies ? stored : id;
    }
  }
  target.ops.push_back(std::move(op));
  return ok();
}

// One operator per operand whose result somebody reads.
Status GraphBuilder::build_each(Scope& scope, int index, const std::vector<TensorId>& inputs) {
  const tf::NodeDef& def = node(scope, index);
  auto& results = scope.results[at(index)];
  for (std::size_t i = 0; i < inputs.size() && i < std::max<std::size_t>(scope.wanted[at(index)], 1); ++i) {
    Op op = make_op(scope, index);
    const TensorId id = add_result(scope, index, i);
    results.push_back(id);
    op.outputs = {id};
    op.inputs = {{inputs[i], OperandRole::kData}};
    op.kind = def.op() == "ShapeN" ? OpKind::kShape : OpKind::kIdentity;
    if (op.kind == OpKind::kShape) {
      CastAttrs attrs;
      attrs.dtype = NodeView(def).dtype("out_type", DType::kInt32);
      op.attrs = attrs;
    } else {
      origins_[at(scope.graph)][at(id)] = origin(scope.graph, inputs[i]);
    }
    graph(scope.graph).ops.push_back(std::move(op));
  }
  return ok();
}

}  // namespace nngauge::tensorflow
