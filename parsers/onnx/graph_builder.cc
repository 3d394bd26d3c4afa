// SPDX-License-Identifier: Apache-2.0
#include "parsers/onnx/graph_builder.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>

#include "base/text.h"
#include "graph/op_table.h"
#include "parsers/copy_budget.h"
#include "parsers/onnx/op_map.h"
#include "parsers/onnx/types.h"

namespace nngauge::onnx_format {
namespace {

constexpr std::size_t kMaxCallDepth = 64;
// Larger values are not copied into graphs that capture them: there may be many of these.
constexpr std::size_t kMaxCapturedElements = 64;

bool is_constant_node(const onnx::NodeProto& node) {
  return node.op_type() == "Constant" && canonical_domain(node.domain()).empty();
}

// pnnx writes the inputs and outputs of a graph as nodes.
bool is_input_node(const onnx::NodeProto& node) { return node.op_type() == "pnnx.Input" && node.input_size() == 0; }
bool is_output_node(const onnx::NodeProto& node) { return node.op_type() == "pnnx.Output" && node.output_size() == 0; }

// "Conv", "com.microsoft.FusedConv": how the file calls the operator.
std::string source_name(const onnx::NodeProto& node) {
  const std::string_view domain = canonical_domain(node.domain());
  return readable(domain.empty() ? node.op_type() : std::string(domain) + "." + node.op_type());
}

template <class Imports>
Opsets opsets_of(const Imports& imports) {
  Opsets out;
  for (const auto& import : imports) out[std::string(canonical_domain(import.domain()))] = import.version();
  return out;
}

// The type that a quantised operator gives, which many files do not state: that of the zero points, or int32.
DType quantised_result(const Op& op, const onnx::NodeProto& node, const Graph& graph) {
  const std::string& type = node.op_type();
  if (type == "ConvInteger" || type == "MatMulInteger" || type == "MatMulInteger16") return DType::kInt32;
  constexpr int kGemmResultZero = 8;
  const bool gemm = type == "QGemm" && node.input_size() > kGemmResultZero && !node.input(kGemmResultZero).empty();
  if (!gemm && !type.starts_with("QLinear")) return DType::kUnknown;
  for (auto operand = op.inputs.rbegin(); operand != op.inputs.rend(); ++operand) {
    if (operand->role != OperandRole::kQuant || operand->tensor == kNoTensor) continue;
    const DType dtype = graph.tensors[at(operand->tensor)].dtype;
    if (is_integer(dtype)) return dtype;
  }
  return DType::kUnknown;
}

}  // namespace

Opsets read_opsets(const onnx::ModelProto& proto) { return opsets_of(proto.opset_import()); }
Opsets read_opsets(const onnx::FunctionProto& proto) { return opsets_of(proto.opset_import()); }

GraphBuilder::GraphBuilder(const ModelSource& source, const onnx::ModelProto& proto, const Reduction& reduction,
                           Model& model)
    : source_(source),
      proto_(proto),
      reduction_(reduction),
      model_(model),
      constants_(source, reduction, model.files, model.diagnostics),
      opsets_(read_opsets(proto)) {}

Status GraphBuilder::build() {
  for (const auto& function : proto_.functions()) NNGAUGE_CHECK(functions_.add(function));
  NNGAUGE_TRY(const GraphId main, build_graph(proto_.graph(), nullptr));
  static_cast<void>(main);
  return ok();
}

std::int64_t GraphBuilder::opset(const Scope& scope, std::string_view domain) const {
  for (const Opsets* opsets : {scope.opsets, &opsets_}) {
    if (const auto found = opsets->find(std::string(domain)); found != opsets->end()) return found->second;
  }
  return 1;
}

std::uint64_t GraphBuilder::offset_of(const onnx::NodeProto& node) const {
  const std::int64_t mark = mark_of(node);
  const bool known = mark >= 0 && static_cast<std::size_t>(mark) < reduction_.places.size();
  return known ? reduction_.places[static_cast<std::size_t>(mark)].offset : 0;
}

std::string GraphBuilder::place(const onnx::NodeProto& node, std::int32_t index) const {
  std::string out = fmt::format("op #{} {}", index, source_name(node));
  const std::string& name = !node.name().empty() || node.output_size() == 0 ? node.name() : node.output(0);
  if (!name.empty()) out += " " + in_quotes(name);
  return out + fmt::format(" (byte 0x{:x})", offset_of(node));
}

TensorId GraphBuilder::add_tensor(Tensor tensor, GraphId id, bool derived) {
  graph(id).tensors.push_back(std::move(tensor));
  derived_[at(id)].push_back(derived);
  return static_cast<TensorId>(graph(id).tensors.size() - 1);
}

Status GraphBuilder::define(std::string_view name, Tensor tensor, Scope& scope) {
  if (!scope.names.emplace(name, static_cast<TensorId>(graph(scope.graph).tensors.size())).second) {
    return invalid_graph(fmt::format("tensor {} is defined twice", in_quotes(name)));
  }
  tensor.name = scope.prefix + readable(name);
  const bool constant = tensor.is_constant;
  add_tensor(std::move(tensor), scope.graph, constant);
  return ok();
}

TensorId GraphBuilder::resolve(std::string_view name, Scope& scope) {
  if (const auto own = scope.names.find(name); own != scope.names.end()) return own->second;
  if (scope.outer == nullptr) return kNoTensor;
  const TensorId outer = resolve(name, *scope.outer);
  if (outer == kNoTensor) return kNoTensor;
  // The inner tensor is a stand-in: the stored constant, if it is one, is that of the outer graph.
  const GraphId parent = scope.outer->graph;
  Tensor inner = graph(parent).tensors[at(outer)];
  inner.is_constant = false;
  inner.data = {};
  if (inner.value && inner.value->size() > kMaxCapturedElements) inner.value.reset();
  const TensorId id = add_tensor(std::move(inner), scope.graph, derived_[at(parent)][at(outer)]);
  graph(scope.graph).captures.push_back({id, outer});
  scope.names.emplace(name, id);
  return id;
}

Result<GraphId> GraphBuilder::build_graph(const onnx::GraphProto& proto, Scope* outer) {
  const auto id = static_cast<GraphId>(model_.graphs.size());
  model_.graphs.emplace_back();
  derived_.emplace_back();
  graph(id).name = readable(proto.name());
  graph(id).parent = outer != nullptr ? outer->graph : -1;

  Scope scope;
  scope.graph = id;
  scope.outer = outer;
  scope.attributes = outer != nullptr ? outer->attributes : nullptr;
  scope.opsets = outer != nullptr ? outer->opsets : &opsets_;
  scope.call_index = outer != nullptr ? outer->call_index : -1;
  const auto nodes = static_cast<std::size_t>(proto.node_size());
  const std::size_t tensors = nodes + static_cast<std::size_t>(proto.initializer_size() + proto.input_size());
  scope.names.reserve(tensors);
  graph(id).tensors.reserve(tensors);
  graph(id).ops.reserve(nodes);

  NNGAUGE_CHECK(define_constants(proto, scope));
  NNGAUGE_CHECK(define_inputs(proto, scope, outer == nullptr));
  scope.first_result = static_cast<TensorId>(graph(id).tensors.size());
  std::int32_t index = 0;
  for (const auto& node : proto.node()) {
    if (auto status = define_outputs(node, scope); !status) return status.error().at(place(node, index));
    ++index;
  }
  for (const auto& info : proto.value_info()) declare(info, scope);
  for (const auto& info : proto.output()) declare(info, scope);
  index = 0;
  for (const auto& node : proto.node()) {
    if (auto status = build_node(node, scope.call_index >= 0 ? scope.call_index : index, scope); !status) {
      return status.error().at(place(node, index));
    }
    ++index;
  }
  for (const auto& info : proto.output()) {
    const TensorId output = resolve(info.name(), scope);
    if (output == kNoTensor)
      return invalid_graph(fmt::format("output {} of the graph is never defined", in_quotes(info.name())));
    graph(id).outputs.push_back(output);
  }
  return id;
}

Status GraphBuilder::define_constants(const onnx::GraphProto& proto, Scope& scope) {
  const auto add = [&](const std::string& name, Result<Tensor> tensor) -> Status {
    const std::string where = "initializer " + in_quotes(name);
    if (!tensor) return tensor.error().at(where);
    if (auto status = define(name, *std::move(tensor), scope); !status) return status.error().at(where);
    return ok();
  };
  for (const auto& tensor : proto.initializer()) NNGAUGE_CHECK(add(tensor.name(), constants_.read(tensor)));
  for (const auto& sparse : proto.sparse_initializer()) {
    NNGAUGE_CHECK(add(sparse.values().name(), constants_.read_sparse(sparse)));
  }
  return ok();
}

// Before IR version 4 every initialiser was an input too; since then one that is gives a default. Both are constants.
Status GraphBuilder::define_inputs(const onnx::GraphProto& proto, Scope& scope, bool is_main) {
  for (const auto& input : proto.input()) {
    if (const auto known = scope.names.find(input.name()); known != scope.names.end()) {
      if (graph(scope.graph).tensors[at(known->second)].is_constant) continue;
      return invalid_graph(fmt::format("input {} of the graph is listed twice", in_quotes(input.name())));
    }
    DeclaredType type = declared_type(input.type(), model_.symbols);
    // An open first axis of an input is the batch, unless it has a name of its own or is the only one.
    if (is_main && type.shape.ranked() && type.shape.rank() > 1 && type.shape[0] == Dim::unknown()) {
      type.shape[0] = Dim::symbol(model_.symbols.intern("batch"));
    }
    Tensor tensor;
    tensor.dtype = type.dtype;
    tensor.declared = type.shape;
    tensor.shape = type.shape;
    NNGAUGE_CHECK(define(input.name(), std::move(tensor), scope));
    graph(scope.graph).inputs.push_back(scope.names.at(input.name()));
  }
  return ok();
}

Status GraphBuilder::define_outputs(const onnx::NodeProto& node, Scope& scope) {
  if (is_constant_node(node)) {
    if (node.output_size() == 0 || node.output(0).empty()) return ok();  // nobody can read it
    const NodeView view(node, scope.attributes);
    const onnx::AttributeProto* value = nullptr;
    for (const auto& attribute : node.attribute()) {
      if (value == nullptr && attribute.name().starts_with("value")) value = view.resolve(attribute);
      if (value == nullptr && attribute.name() == "sparse_value") value = view.resolve(attribute);
    }
    if (value == nullptr) return make_error(ErrorCode::kInvalidAttribute, "Constant has no value");
    NNGAUGE_TRY(Tensor tensor, constants_.read_attribute(*value));
    return define(node.output(0), std::move(tensor), scope);
  }
  for (const std::string& output : node.output()) {
    if (output.empty()) continue;
    if (overwrites(node, output, scope)) scope.overwritten.insert(&output);
    else NNGAUGE_CHECK(define(output, Tensor{}, scope));
  }
  return ok();
}

// A node that writes a result over its own operand, which some exporters do: not allowed, but its meaning is clear.
// Nodes before it read the old tensor, nodes after it the new one.
bool GraphBuilder::overwrites(const onnx::NodeProto& node, const std::string& output, const Scope& scope) {
  return scope.names.contains(output) &&
         std::find(node.input().begin(), node.input().end(), output) != node.input().end();
}

void GraphBuilder::declare(const onnx::ValueInfoProto& info, Scope& scope) {
  const auto found = scope.names.find(info.name());
  if (found == scope.names.end() || !info.has_type()) return;
  Tensor& tensor = graph(scope.graph).tensors[at(found->second)];
  if (tensor.is_constant || found->second < scope.first_result) return;
  DeclaredType type = declared_type(info.type(), model_.symbols);
  if (type.dtype != DType::kUnknown) tensor.dtype = type.dtype;
  if (!type.shape.ranked()) return;
  tensor.declared = type.shape;
  tensor.shape = std::move(type.shape);
}

Status GraphBuilder::build_node(const onnx::NodeProto& node, std::int32_t index, Scope& scope) {
  if (is_constant_node(node)) return ok();
  if (is_input_node(node) || is_output_node(node)) return bind_ends(node, scope);
  if (!is_valid_utf8(node.op_type()) || node.op_type().empty()) {
    return make_error(ErrorCode::kDamaged, "the operator's type is empty or no UTF-8 text");
  }
  if (const Function* function = functions_.find(node)) return inline_call(node, *function, index, scope);
  return build_op(node, index, scope);
}

Status GraphBuilder::bind_ends(const onnx::NodeProto& node, Scope& scope) {
  for (const std::string& name : node.output()) {
    if (!name.empty()) graph(scope.graph).inputs.push_back(scope.names.at(name));
  }
  for (const std::string& name : node.input()) {
    const TensorId id = resolve(name, scope);
    if (id == kNoTensor) return invalid_graph(fmt::format("output {} of the graph is never defined", in_quotes(name)));
    graph(scope.graph).outputs.push_back(id);
  }
  return ok();
}

Status GraphBuilder::build_op(const onnx::NodeProto& node, std::int32_t index, Scope& scope) {
  if (!calls_.empty() && ++expanded_ops_ > most_called_ops(source_.bytes.size())) {
    return make_error(ErrorCode::kTooLarge, fmt::format("calls of functions make more than {} operators",
                                                        with_thousands(most_called_ops(source_.bytes.size()))));
  }
  Op op;
  const std::string_view domain = canonical_domain(node.domain());
  const OpRow* row = find_op_row(domain, node.op_type());
  op.kind = row != nullptr ? row->kind : OpKind::kCustom;
  op.source_op = source_name(node);
  op.source = {index, offset_of(node)};
  for (int i = 0; i < node.input_size(); ++i) {
    const std::string& name = node.input(i);
    const TensorId id = name.empty() ? kNoTensor : resolve(name, scope);
    if (id == kNoTensor && !name.empty())
      return invalid_graph(fmt::format("operand {} {} is never defined", i, in_quotes(name)));
    op.inputs.push_back({id, OperandRole::kData});
  }
  while (!op.inputs.empty() && op.inputs.back().tensor == kNoTensor) op.inputs.pop_back();
  for (const std::string& name : node.output()) {
    if (scope.overwritten.contains(&name)) {
      Tensor tensor;
      tensor.name = scope.prefix + readable(name);
      scope.names[name] = add_tensor(std::move(tensor), scope.graph, false);
      model_.diagnostics.warn("tensor-overwritten", place(node, index),
                              fmt::format("the result {} replaces the operand of that name", in_quotes(name)));
    }
    op.outputs.push_back(name.empty() ? kNoTensor : scope.names.at(name));
  }
  while (!op.outputs.empty() && op.outputs.back() == kNoTensor) op.outputs.pop_back();
  op.name = readable(node.name());
  if (!op.name.empty()) op.name = scope.prefix + op.name;
  else if (!op.outputs.empty() && op.outputs[0] != kNoTensor)
    op.name = graph(scope.graph).tensors[at(op.outputs[0])].name;

  const std::size_t first_graph = model_.graphs.size();
  if (row != nullptr) {
    const NodeView view(node, scope.attributes);
    OpReader reader(view, opset(scope, domain), model_, scope.graph, derived_, op, constants_,
                    [&](const onnx::GraphProto& body) { return build_graph(body, &scope); });
    row->read(reader);
    if (!reader.status()) return reader.status().error();
    const DType dtype = quantised_result(op, node, graph(scope.graph));
    if (dtype != DType::kUnknown && !op.outputs.empty() && op.outputs[0] != kNoTensor) {
      Tensor& result = graph(scope.graph).tensors[at(op.outputs[0])];
      if (result.dtype == DType::kUnknown) result.dtype = dtype;
    }
  }
  add_captures(op, first_graph, scope.graph);
  if (!op_info(op.kind).opaque_reason.empty() && std::holds_alternative<NoAttrs>(op.attrs)) {
    CustomAttrs attrs;
    attrs.domain = readable(domain);
    attrs.name = readable(node.op_type());
    op.attrs = attrs;
  }
  const bool derived = op_info(op.kind).passes_weights && !op.inputs.empty() && op.inputs[0].tensor != kNoTensor &&
                       derived_[at(scope.graph)][at(op.inputs[0].tensor)];
  if (derived && !op.outputs.empty() && op.outputs[0] != kNoTensor) derived_[at(scope.graph)][at(op.outputs[0])] = true;
  graph(scope.graph).ops.push_back(std::move(op));
  return ok();
}

// What the graphs of a control-flow operator read from around them are operands of it.
void GraphBuilder::add_captures(Op& op, std::size_t first_graph, GraphId parent) {
  std::vector<TensorId> captured;
  for (std::size_t i = first_graph; i < model_.graphs.size(); ++i) {
    if (model_.graphs[i].parent != parent) continue;
    for (const Capture& capture : model_.graphs[i].captures) captured.push_back(capture.outer);
  }
  std::sort(captured.begin(), captured.end());
  captured.erase(std::unique(captured.begin(), captured.end()), captured.end());
  for (const TensorId id : captured) op.inputs.push_back({id, OperandRole::kCapture});
}

Status GraphBuilder::inline_call(const onnx::NodeProto& node, const Function& function, std::int32_t index,
                                 Scope& caller) {
  const onnx::FunctionProto& proto = *function.proto;
  if (std::find(calls_.begin(), calls_.end(), &function) != calls_.end()) {
    return invalid_graph(fmt::format("function {} calls itself", in_quotes(proto.name())));
  }
  if (calls_.size() >= kMaxCallDepth)
    return make_error(ErrorCode::kTooLarge, "calls of functions are nested deeper than 64 levels");
  const AttributeBindings bindings = FunctionTable::bind(function, NodeView(node, caller.attributes));
  Scope scope;
  scope.graph = caller.graph;
  scope.attributes = &bindings;
  scope.opsets = &function.opsets;
  scope.call_index = index;
  const std::string& call = !node.name().empty() || node.output_size() == 0 ? node.name() : node.output(0);
  scope.prefix = caller.prefix + readable(call) + "/";
  expanded_name_bytes_ += scope.prefix.size() * static_cast<std::size_t>(proto.node_size() + 1);
  if (expanded_name_bytes_ > most_called_name_bytes(source_.bytes.size())) {
    return make_error(ErrorCode::kTooLarge, "names made by calls of functions are far longer than the file");
  }
  calls_.push_back(&function);
  NNGAUGE_CHECK(bind_formals(node, proto, caller, scope));
  for (const auto& inner : proto.node()) {
    if (auto status = build_node(inner, index, scope); !status) return status.error().at(place(inner, index));
  }
  calls_.pop_back();
  return ok();
}

// Formal names become the caller's tensors; results of the body's nodes are defined.
Status GraphBuilder::bind_formals(const onnx::NodeProto& node, const onnx::FunctionProto& function, Scope& caller,
                                  Scope& scope) {
  if (node.input_size() > function.input_size() || node.output_size() > function.output_size()) {
    return invalid_graph(fmt::format("a call with {} operands and {} results of function {}, which has {} and {}",
                                     node.input_size(), node.output_size(), in_quotes(function.name()),
                                     function.input_size(), function.output_size()));
  }
  for (int i = 0; i < function.input_size(); ++i) {
    const bool given = i < node.input_size() && !node.input(i).empty();
    const TensorId id = given ? resolve(node.input(i), caller) : kNoTensor;
    if (given && id == kNoTensor)
      return invalid_graph(fmt::format("operand {} {} is never defined", i, in_quotes(node.input(i))));
    if (!scope.names.emplace(function.input(i), id).second) {
      return invalid_graph(fmt::format("input {} of function {} is listed twice", in_quotes(function.input(i)),
                                       in_quotes(function.name())));
    }
  }
  std::unordered_map<std::string_view, TensorId> results;  // formal results that the caller wants
  for (int i = 0; i < node.output_size(); ++i) {
    if (!node.output(i).empty()) results.emplace(function.output(i), caller.names.at(node.output(i)));
  }
  for (const auto& inner : function.node()) {
    for (const std::string& name : inner.output()) {
      const auto wanted = results.find(name);
      if (name.empty() || wanted == results.end()) continue;
      if (!scope.names.emplace(name, wanted->second).second)
        return invalid_graph(fmt::format("tensor {} is defined twice", in_quotes(name)));
    }
  }
  for (const auto& inner : function.node()) NNGAUGE_CHECK(define_in_call(inner, results, scope));
  // A result that is an input as it came: the caller's tensor still needs a producer.
  for (const auto& [name, id] : results) {
    const TensorId source = resolve(name, scope);
    if (source == id) continue;
    if (source == kNoTensor)
      return invalid_graph(
          fmt::format("output {} of function {} is never defined", in_quotes(name), in_quotes(function.name())));
    Op copy;
    copy.kind = OpKind::kIdentity;
    copy.name = graph(scope.graph).tensors[at(id)].name;
    copy.source_op = source_name(node);
    copy.source = {scope.call_index, offset_of(node)};
    copy.inputs = {{source, OperandRole::kData}};
    copy.outputs = {id};
    graph(scope.graph).ops.push_back(std::move(copy));
  }
  return ok();
}

// Defines the results of a node of a function's body, except for those that are the caller's tensors.
Status GraphBuilder::define_in_call(const onnx::NodeProto& node,
                                    const std::unordered_map<std::string_view, TensorId>& results, Scope& scope) {
  const bool to_caller = node.output_size() == 1 && results.contains(node.output(0));
  if (is_constant_node(node) && to_caller) {
    Scope apart;
    apart.graph = scope.graph;
    apart.attributes = scope.attributes;
    const TensorId result = scope.names.at(node.output(0));
    NNGAUGE_CHECK(define_outputs(node, apart));
    Tensor constant = std::move(graph(scope.graph).tensors.back());
    graph(scope.graph).tensors.pop_back();
    derived_[at(scope.graph)].pop_back();
    constant.name = graph(scope.graph).tensors[at(result)].name;
    graph(scope.graph).tensors[at(result)] = std::move(constant);
    derived_[at(scope.graph)][at(result)] = true;
    return ok();
  }
  if (is_constant_node(node)) return define_outputs(node, scope);
  for (const std::string& name : node.output()) {
    if (name.empty() || results.contains(name)) continue;
    NNGAUGE_CHECK(define(name, Tensor{}, scope));
  }
  return ok();
}

}  // namespace nngauge::onnx_format
