// SPDX-License-Identifier: Apache-2.0
// Calls of functions, branches and loops.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "graph_def.pb.h"
#include "parsers/tensorflow/graph_builder.h"
#include "parsers/tensorflow/op_map.h"

namespace nngauge::tensorflow {
namespace {

constexpr std::size_t kMaxCallDepth = 64;
// Larger values are not copied into graphs that capture them: there may be many of these.
constexpr std::size_t kMaxCapturedElements = 64;

// What the function's result `result` refers to; empty where it names none.
std::string_view returned_name(const Body& body, int result) {
  const auto& signature = body.function->signature();
  if (result >= signature.output_arg_size()) return {};
  const auto found = body.function->ret().find(signature.output_arg(result).name());
  return found == body.function->ret().end() ? std::string_view() : std::string_view(found->second);
}

// Whether a loop's body hands argument `position` on as it is.
bool is_invariant(const Body& body, int position) {
  InputRef ref = parse_input(returned_name(body, position));
  for (std::size_t hops = 0; hops <= body.nodes.size(); ++hops) {
    const auto parameter = body.parameters.find(ref.node);
    if (parameter != body.parameters.end()) return parameter->second == position;
    const int from = body.find(ref.node);
    if (from < 0 || body.nodes[at(from)]->op() != "Identity" || body.nodes[at(from)]->input_size() == 0) return false;
    ref = parse_input(body.nodes[at(from)]->input(0));
  }
  return false;
}

}  // namespace

Result<const Body*> GraphBuilder::function_of(const std::string& name) const {
  const Body* body = library_.find(name);
  if (!body) return invalid_graph("function " + in_quotes(name) + " is not in the library");
  return body;
}

// The results of a function, and the variables that it assigns.
Result<std::vector<Root>> GraphBuilder::roots_of(const Body& body) const {
  std::vector<Root> out;
  const int count = body.function->signature().output_arg_size();
  for (int i = 0; i < count; ++i) {
    const InputRef ref = parse_input(returned_name(body, i));
    if (body.parameters.contains(ref.node)) continue;
    const int from = body.find(ref.node);
    if (from < 0) return invalid_graph(fmt::format("result {} of the function is never defined", i));
    out.push_back({from, library_.result_index(*body.nodes[at(from)], ref)});
  }
  for (std::size_t i = 0; i < body.nodes.size(); ++i) {
    const std::string& op = body.nodes[i]->op();
    if (op == "AssignVariableOp" || op == "AssignAddVariableOp" || op == "AssignSubVariableOp")
      out.push_back({static_cast<int>(i), 0});
  }
  return out;
}

Result<TensorId> GraphBuilder::returned(const Scope& scope, int result) const {
  return resolve(scope, parse_input(returned_name(*scope.body, result)));
}

Status GraphBuilder::build_call(Scope& scope, int index, const Body& callee, const std::vector<TensorId>& inputs) {
  const std::string& name = callee.function->signature().name();
  if (std::find(calls_.begin(), calls_.end(), &callee) != calls_.end())
    return invalid_graph("function " + in_quotes(name) + " calls itself");
  if (calls_.size() >= kMaxCallDepth)
    return make_error(ErrorCode::kTooLarge, "calls of functions are nested deeper than 64 levels");
  if (inputs.size() < callee.parameters.size()) {
    return invalid_graph(fmt::format("function {} takes {} arguments, is given {}", in_quotes(name),
                                     callee.parameters.size(), inputs.size()));
  }
  Scope inner;
  inner.body = &callee;
  inner.graph = scope.graph;
  inner.arguments = inputs;
  inner.prefix = scope.prefix + node(scope, index).name() + "/";
  inner.call_index = scope.call_index >= 0 ? scope.call_index : index;
  NNGAUGE_TRY(const std::vector<Root> roots, roots_of(callee));
  calls_.push_back(&callee);
  Status status = build_nodes(inner, roots);
  calls_.pop_back();
  NNGAUGE_CHECK(std::move(status));
  for (int i = 0; i < callee.function->signature().output_arg_size(); ++i) {
    NNGAUGE_TRY(const TensorId id, returned(inner, i));
    scope.results[at(index)].push_back(id);
  }
  return ok();
}

Result<GraphId> GraphBuilder::build_inner(const Body& body, const std::vector<Argument>& arguments, GraphId parent,
                                          const std::vector<bool>& kept_results, std::int32_t call_index) {
  const auto& signature = body.function->signature();
  if (std::find(calls_.begin(), calls_.end(), &body) != calls_.end())
    return invalid_graph("function " + in_quotes(signature.name()) + " calls itself");
  if (calls_.size() >= kMaxCallDepth)
    return make_error(ErrorCode::kTooLarge, "calls of functions are nested deeper than 64 levels");
  if (arguments.size() < body.parameters.size()) {
    return invalid_graph(fmt::format("function {} takes {} arguments, is given {}", in_quotes(signature.name()),
                                     body.parameters.size(), arguments.size()));
  }
  const auto id = static_cast<GraphId>(model_.graphs.size());
  model_.graphs.emplace_back();
  origins_.emplace_back();
  graph(id).name = printable(signature.name());
  graph(id).parent = parent;
  Scope inner;
  inner.body = &body;
  inner.graph = id;
  inner.call_index = call_index;
  for (std::size_t i = 0; i < arguments.size() && i < at(signature.input_arg_size()); ++i) {
    NNGAUGE_CHECK(spend(0));
    if (arguments[i].captured) {
      Tensor tensor = graph(parent).tensors[at(arguments[i].outer)];
      tensor.is_constant = false;
      tensor.data = {};
      const TensorId known = origin(parent, arguments[i].outer);
      tensor.value = graph(parent).tensors[at(known)].value;
      if (tensor.value && tensor.value->size() > kMaxCapturedElements) tensor.value.reset();
      const auto own = static_cast<TensorId>(graph(id).tensors.size());
      inner.arguments.push_back(add_tensor(id, std::move(tensor), own));
      graph(id).captures.push_back({own, arguments[i].outer});
      continue;
    }
    Tensor tensor;
    const auto& arg = signature.input_arg(static_cast<int>(i));
    tensor.name = printable(arg.name());
    tensor.dtype = dtype_of(arg.type());
    inner.arguments.push_back(add_tensor(id, std::move(tensor)));
    graph(id).inputs.push_back(inner.arguments.back());
  }
  NNGAUGE_TRY(const std::vector<Root> roots, roots_of(body));
  calls_.push_back(&body);
  Status status = build_nodes(inner, roots);
  calls_.pop_back();
  NNGAUGE_CHECK(std::move(status));
  for (int i = 0; i < signature.output_arg_size(); ++i) {
    if (at(i) < kept_results.size() && !kept_results[at(i)]) continue;
    NNGAUGE_TRY(const TensorId result, returned(inner, i));
    if (result < 0)
      return invalid_graph(fmt::format("result {} of function {} is never made", i, in_quotes(signature.name())));
    graph(id).outputs.push_back(result);
  }
  return id;
}

void GraphBuilder::add_captures(Op& op, const std::vector<Argument>& arguments) const {
  std::vector<TensorId> captured;
  for (const Argument& argument : arguments) {
    if (argument.captured) captured.push_back(argument.outer);
  }
  std::sort(captured.begin(), captured.end());
  captured.erase(std::unique(captured.begin(), captured.end()), captured.end());
  for (const TensorId id : captured) op.inputs.push_back({id, OperandRole::kCapture});
}

Status GraphBuilder::build_branches(Scope& scope, int index, const std::vector<TensorId>& inputs) {
  const tf::NodeDef& def = node(scope, index);
  const NodeView view(def);
  if (inputs.empty()) return invalid_graph("has no condition");
  const bool is_case = def.op().ends_with("Case");
  const std::vector<std::string> names =
      is_case ? view.functions("branches")
              : std::vector<std::string>{view.function("then_branch"), view.function("else_branch")};
  std::vector<Argument> arguments;
  for (std::size_t i = 1; i < inputs.size(); ++i) arguments.push_back({inputs[i], origin(scope.graph, inputs[i]) >= 0});
  Op op = make_op(scope, index);
  op.kind = is_case ? OpKind::kCase : OpKind::kIf;
  op.inputs = {{inputs[0], OperandRole::kData}};
  for (const Argument& argument : arguments) {
    if (!argument.captured) op.inputs.push_back({argument.outer, OperandRole::kData});
  }
  add_captures(op, arguments);
  ControlAttrs attrs;
  for (const std::string& name : names) {
    NNGAUGE_TRY(const Body* body, function_of(name));
    NNGAUGE_TRY(const GraphId inner, build_inner(*body, arguments, scope.graph, {}, op.source.index));
    attrs.branches.push_back(inner);
  }
  if (!is_case) {
    attrs.then_graph = attrs.branches[0];
    attrs.else_graph = attrs.branches[1];
    attrs.branches.clear();
  }
  const std::size_t count = std::max(scope.wanted[at(index)], library_.result_count(def));
  for (std::size_t i = 0; i < count; ++i) op.outputs.push_back(add_result(scope, index, i));
  scope.results[at(index)] = op.outputs;
  op.attrs = std::move(attrs);
  graph(scope.graph).ops.push_back(std::move(op));
  return ok();
}

// Constants that every trip reads unchanged are captured, so that what is computed with them counts as weights.
Status GraphBuilder::build_while(Scope& scope, int index, const std::vector<TensorId>& inputs) {
  const NodeView view(node(scope, index));
  NNGAUGE_TRY(const Body* condition, function_of(view.function("cond")));
  NNGAUGE_TRY(const Body* body, function_of(view.function("body")));
  std::vector<Argument> arguments;
  std::vector<bool> carried;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool captured = origin(scope.graph, inputs[i]) >= 0 && is_invariant(*body, static_cast<int>(i));
    arguments.push_back({inputs[i], captured});
    carried.push_back(!captured);
  }
  Op op = make_op(scope, index);
  op.kind = OpKind::kWhile;
  ControlAttrs attrs;
  NNGAUGE_TRY(attrs.cond_graph, build_inner(*condition, arguments, scope.graph, {}, op.source.index));
  NNGAUGE_TRY(attrs.body_graph, build_inner(*body, arguments, scope.graph, carried, op.source.index));
  op.attrs = std::move(attrs);
  std::vector<TensorId> results;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (arguments[i].captured) {
      results.push_back(inputs[i]);
      continue;
    }
    op.inputs.push_back({inputs[i], OperandRole::kData});
    op.outputs.push_back(add_result(scope, index, i));
    results.push_back(op.outputs.back());
  }
  add_captures(op, arguments);
  scope.results[at(index)] = std::move(results);
  graph(scope.graph).ops.push_back(std::move(op));
  return ok();
}

// Where the condition is a constant only one side lives: a switch between training and inference.
Status GraphBuilder::build_switch(Scope& scope, int index, const std::vector<TensorId>& inputs) {
  if (inputs.size() != 2) return invalid_graph(fmt::format("has {} operands, needs 2", inputs.size()));
  const TensorId known = origin(scope.graph, inputs[1]);
  const std::optional<Value>* value = known >= 0 ? &graph(scope.graph).tensors[at(known)].value : nullptr;
  const auto ints = value && *value ? (*value)->known_ints() : std::nullopt;
  if (ints && ints->size() == 1) {
    const bool taken = ints->front() != 0;
    scope.results[at(index)] = {taken ? kDeadTensor : inputs[0], taken ? inputs[0] : kDeadTensor};
    return ok();
  }
  return build_op(scope, index, inputs);
}

Status GraphBuilder::build_merge(Scope& scope, int index) {
  const tf::NodeDef& def = node(scope, index);
  std::vector<TensorId> inputs;
  bool loops = false;
  std::int64_t taken = 0, number = 0;
  for (const std::string& input : def.input()) {
    const InputRef ref = parse_input(input);
    if (ref.control) continue;
    const int from = scope.body->find(ref.node);
    const bool back = from >= 0 && node(scope, from).op().ends_with("NextIteration");
    loops = loops || back;
    ++number;
    if (back) continue;
    NNGAUGE_TRY(const TensorId id, resolve(scope, ref));
    if (id == kDeadTensor) continue;
    inputs.push_back(id);
    taken = number - 1;
  }
  auto& results = scope.results[at(index)];
  if (inputs.empty()) {
    results.assign(2, kDeadTensor);
    return ok();
  }
  if (inputs.size() == 1 && !loops) {
    Tensor chosen;
    chosen.is_constant = true;
    chosen.name = scope.prefix + printable(def.name()) + ":1";
    chosen.dtype = DType::kInt32;
    chosen.declared = chosen.shape = Shape::scalar();
    chosen.value = Value::of_ints({Dim(taken)});
    results = {inputs[0]};
    if (scope.wanted[at(index)] > 1) results.push_back(add_tensor(scope.graph, std::move(chosen)));
    return ok();
  }
  if (loops) return build_loop_head(scope, index, inputs);
  NNGAUGE_TRY(const TensorId condition, condition_of(scope, index));
  if (!told_branches_)
    model_.diagnostics.note("both-branches", place(scope, index),
                            "branches in control flow of version 1 meet here: all of them are counted");
  told_branches_ = true;
  if (inputs.size() == 2 && condition >= 0) {
    inputs.insert(inputs.begin(), condition);
    return build_op(scope, index, inputs);
  }
  // Which of its operands comes is not known, nor is the shape; it computes nothing.
  Op op = make_op(scope, index);
  op.kind = OpKind::kSequenceConstruct;
  for (const TensorId id : inputs) op.inputs.push_back({id, OperandRole::kData});
  for (std::size_t i = 0; i < std::max<std::size_t>(scope.wanted[at(index)], 1); ++i)
    op.outputs.push_back(add_result(scope, index, i));
  results = op.outputs;
  graph(scope.graph).ops.push_back(std::move(op));
  return ok();
}

// What the first trip gets stands for what all get; the body is part of the graph.
Status GraphBuilder::build_loop_head(Scope& scope, int index, const std::vector<TensorId>& inputs) {
  if (!told_loop_)
    model_.diagnostics.warn("loop-once", place(scope, index),
                            "a loop in control flow of version 1: its body is counted once");
  told_loop_ = true;
  Op op = make_op(scope, index);
  op.kind = OpKind::kIdentity;
  op.inputs = {{inputs[0], OperandRole::kData}};
  op.outputs = {add_result(scope, index, 0)};
  scope.results[at(index)] = op.outputs;
  if (scope.wanted[at(index)] > 1) scope.results[at(index)].push_back(add_result(scope, index, 1));
  graph(scope.graph).ops.push_back(std::move(op));
  return ok();
}

// What the nearest Switch before a Merge decides by; kNoTensor where there is none.
Result<TensorId> GraphBuilder::condition_of(const Scope& scope, int index) const {
  std::vector<int> open = {index};
  std::vector<bool> seen(scope.body->nodes.size(), false);
  for (std::size_t next = 0; next < open.size(); ++next) {
    for (const std::string& input : node(scope, open[next]).input()) {
      const int from = scope.body->find(parse_input(input).node);
      if (from < 0 || seen[at(from)]) continue;
      seen[at(from)] = true;
      const tf::NodeDef& def = node(scope, from);
      if (def.op().ends_with("Switch") && def.input_size() > 1) return resolve(scope, parse_input(def.input(1)));
      open.push_back(from);
    }
  }
  return kNoTensor;
}

}  // namespace nngauge::tensorflow
