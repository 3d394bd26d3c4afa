// SPDX-License-Identifier: Apache-2.0
#include "graph/shape_inference.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "graph/algorithms.h"
#include "graph/bindings.h"
#include "graph/op_table.h"
#include "graph/ops/movement.h"
#include "graph/ops/reduction.h"
#include "graph/remarks.h"
#include "graph/rule.h"
#include "graph/trip_count.h"

namespace nngauge {
namespace {

constexpr int kMaxNesting = 64;
// Inner graphs are inferred anew for each call with other shapes; a hostile model could make that exponential.
constexpr std::int64_t kMaxInferredOps = 20'000'000;

// What a caller gives to an inner graph: its inputs and captured tensors.
struct GraphArguments {
  std::vector<TensorInfo> inputs;
  std::vector<std::optional<Value>> values;
  friend bool same(const GraphArguments& a, const GraphArguments& b) {
    if (a.inputs.size() != b.inputs.size()) return false;
    for (std::size_t i = 0; i < a.inputs.size(); ++i) {
      if (a.inputs[i].dtype != b.inputs[i].dtype || !(a.inputs[i].shape == b.inputs[i].shape)) return false;
      const auto& left = a.values[i];
      const auto& right = b.values[i];
      if (left.has_value() != right.has_value()) return false;
      if (left && (left->real != right->real || left->ints != right->ints || left->reals != right->reals)) return false;
    }
    return true;
  }
};

// Where two shapes meet (branches of an If, trips of a loop): what both say.
Shape meet(const Shape& a, const Shape& b) {
  if (!a.ranked() || !b.ranked() || a.rank() != b.rank()) return Shape::unknown_rank();
  Shape out = a;
  for (std::size_t i = 0; i < out.rank(); ++i) {
    if (!a[i].same_as(b[i])) out[i] = Dim::unknown();
  }
  return out;
}

// The rule's shape, completed by what the file states where the rule does not know.
Shape complete(const Shape& inferred, const Shape& declared) {
  if (!inferred.ranked()) return declared;
  if (!declared.ranked() || declared.rank() != inferred.rank()) return inferred;
  Shape out = inferred;
  for (std::size_t i = 0; i < out.rank(); ++i) {
    if (!out[i].known() && (declared[i].known() || !out[i].is_symbol())) out[i] = declared[i];
  }
  return out;
}

class Inference {
 public:
  Inference(Model& model, const AppliedBindings& bindings)
      : model_(model),
        believe_declared_(!bindings.overridden),
        given_(bindings.given),
        done_(model.graphs.size()),
        active_(model.graphs.size(), false) {}

  // Infers graph `id`, unless it was inferred with the same arguments before.
  Status run(GraphId id, GraphArguments arguments, int depth) {
    if (active_[at(id)]) return make_error(ErrorCode::kCyclicGraph, "graph #" + std::to_string(id) + " calls itself");
    if (depth > kMaxNesting)
      return make_error(ErrorCode::kTooLarge, "graphs are nested more than " + std::to_string(kMaxNesting) + " deep");
    if (done_[at(id)] && same(*done_[at(id)], arguments)) return ok();
    Graph& graph = model_.graphs[at(id)];
    if (!done_[at(id)]) {
      NNGAUGE_TRY(const bool moved, order_ops(graph));
      if (moved && model_.order_is_binding) {
        return make_error(ErrorCode::kInvalidGraph,
                          "operators are listed before the operators that make their operands");
      }
      if (moved)
        model_.diagnostics.warn("unordered", graph_place(id),
                                "operators were not in topological order; they were sorted");
    }
    start(graph, arguments);
    active_[at(id)] = true;
    Status status = infer_ops(id, depth);
    active_[at(id)] = false;
    done_[at(id)] = std::move(arguments);
    return status;
  }

  [[nodiscard]] bool was_run(GraphId id) const { return done_[at(id)].has_value(); }

 private:
  std::string graph_place(GraphId id) const {
    return id == 0 ? "" : "graph #" + std::to_string(id) + " " + in_quotes(model_.graphs[at(id)].name);
  }

  // Resets all shapes to the file's and puts the arguments in.
  void start(Graph& graph, const GraphArguments& arguments) {
    for (Tensor& tensor : graph.tensors) {
      tensor.shape = tensor.declared;
      if (!tensor.is_constant) tensor.value.reset();
    }
    std::vector<TensorId> targets = graph.inputs;
    for (const Capture& capture : graph.captures) targets.push_back(capture.inner);
    for (std::size_t i = 0; i < targets.size() && i < arguments.inputs.size(); ++i) {
      Tensor& tensor = graph.tensors[at(targets[i])];
      const TensorInfo& given = arguments.inputs[i];
      if (given.shape.ranked()) tensor.shape = given.shape;
      if (given.dtype != DType::kUnknown) tensor.dtype = given.dtype;
      if (arguments.values[i]) tensor.value = arguments.values[i];
    }
  }

  Status infer_ops(GraphId id, int depth) {
    Graph& graph = model_.graphs[at(id)];
    ops_left_ -= static_cast<std::int64_t>(graph.ops.size()) + 1;
    if (ops_left_ < 0) return make_error(ErrorCode::kTooLarge, "inner graphs are called too often to be followed");
    for (std::size_t i = 0; i < graph.ops.size(); ++i) {
      Status status = infer_op(graph, graph.ops[i], depth);
      if (!status) {
        Error error = status.error().at(op_place(graph.ops[i], static_cast<OpId>(i)));
        return id == 0 ? error : error.at(graph_place(id));
      }
    }
    return ok();
  }

  Status infer_op(Graph& graph, Op& op, int depth) {
    const OpInfo& info = op_info(op.kind);
    NNGAUGE_CHECK(check_arity(info, op));
    if (std::holds_alternative<ControlAttrs>(op.attrs)) return infer_control(graph, op, depth);
    const RuleContext context(model_, graph, op);
    Result<std::vector<TensorInfo>> infos = info.shape(context);
    if (!infos) {
      if (infos.error().code != ErrorCode::kUnknown) NNGAUGE_CHECK(tolerate(graph, op, infos.error()));
      give_up(graph, op);
      return ok();
    }
    for (std::size_t k = 0; k < op.outputs.size(); ++k) {
      if (op.outputs[k] == kNoTensor) continue;
      assign(graph.tensors[at(op.outputs[k])], k < infos->size() ? (*infos)[k] : TensorInfo{});
    }
    fold(graph, op, info);
    return ok();
  }

  static Status check_arity(const OpInfo& info, const Op& op) {
    std::size_t count = 0;
    for (const Operand& operand : op.inputs) {
      if (operand.role != OperandRole::kQuant && operand.role != OperandRole::kCapture) ++count;
    }
    std::size_t present = count;
    while (present > 0 && op.inputs[present - 1].tensor == kNoTensor) --present;
    if (present < at(info.min_inputs)) {
      return make_error(ErrorCode::kInvalidGraph,
                        "has " + std::to_string(present) + " operands, needs " + std::to_string(info.min_inputs));
    }
    if (info.max_inputs >= 0 && present > at(info.max_inputs)) {
      return make_error(ErrorCode::kInvalidGraph,
                        "has " + std::to_string(present) + " operands, takes " + std::to_string(info.max_inputs));
    }
    return ok();
  }

  void assign(Tensor& tensor, const TensorInfo& info) const {
    tensor.shape = believe_declared_ ? complete(info.shape, tensor.declared) : info.shape;
    // A list is of the type of its elements.
    const bool list = tensor.dtype == DType::kVariant && info.dtype != DType::kUnknown;
    if (tensor.dtype == DType::kUnknown || list) tensor.dtype = info.dtype;
    // The user's word fills what is open, and contradicts nothing (check_given).
    for (const GivenShape& given : given_) {
      if (&tensor == &model_.main().tensors[at(given.tensor)]) tensor.shape = complete(tensor.shape, given.shape);
    }
  }

  // No rule can tell: the file's own shapes stand, if they may be believed.
  void give_up(Graph& graph, const Op& op) const {
    for (const TensorId result : op.outputs) {
      if (result != kNoTensor) assign(graph.tensors[at(result)], {});
    }
  }

  // Axes that do not fit: runtimes that trust the file's own shape of the result run such models.
  Status tolerate(const Graph& graph, const Op& op, const Error& error) const {
    const ShapeRule rule = op_info(op.kind).shape;
    const bool about_axes = error.code == ErrorCode::kShapeMismatch || error.code == ErrorCode::kInvalidAttribute;
    if (!about_axes || (rule != shape_squeeze && rule != shape_reduce)) return error;
    const bool stated =
        op.outputs.size() == 1 && op.outputs[0] != kNoTensor && graph.tensors[at(op.outputs[0])].declared.ranked();
    if (!stated) return error;
    const auto id = static_cast<OpId>(&op - graph.ops.data());
    model_.diagnostics.warn(std::string(error_code_info(error.code).name), op_place(op, id),
                            error.message + "; its result is taken to be as the file states it");
    return ok();
  }

  void fold(Graph& graph, const Op& op, const OpInfo& info) const {
    if (info.fold == nullptr) return;
    for (std::size_t k = 0; k < op.outputs.size(); ++k) {
      if (op.outputs[k] == kNoTensor) continue;
      Tensor& result = graph.tensors[at(op.outputs[k])];
      const std::optional<Count> elements = result.shape.elements();
      if (elements && (elements->overflowed() || elements->value() > kMaxValueElements)) continue;
      std::optional<Value> value = info.fold(RuleContext(model_, graph, op), k);
      if (value && (!elements || value->size() == elements->value())) result.value = std::move(value);
    }
  }

  // --- control flow -------------------------------------------------------------------------------------------------

  static std::vector<TensorId> operands(const Op& op) {
    std::vector<TensorId> out;
    for (const Operand& operand : op.inputs) {
      if (operand.role != OperandRole::kCapture) out.push_back(operand.tensor);
    }
    return out;
  }

  static void add_argument(GraphArguments& arguments, const Graph& graph, TensorId id) {
    if (id == kNoTensor) {
      arguments.inputs.push_back({});
      arguments.values.emplace_back();
      return;
    }
    const Tensor& tensor = graph.tensors[at(id)];
    arguments.inputs.push_back({tensor.dtype, tensor.shape});
    arguments.values.push_back(tensor.value);
  }

  // Runs an inner graph with `ids` of `graph` as inputs; captures are looked up in `graph`.
  Status run_inner(const Graph& graph, GraphId inner, GraphArguments arguments, int depth) {
    if (inner < 0 || at(inner) >= model_.graphs.size()) {
      return make_error(ErrorCode::kInvalidGraph,
                        "calls graph #" + std::to_string(inner) + " of " + std::to_string(model_.graphs.size()));
    }
    const Graph& target = model_.graphs[at(inner)];
    arguments.inputs.resize(target.inputs.size());
    arguments.values.resize(target.inputs.size());
    for (const Capture& capture : target.captures) add_argument(arguments, graph, capture.outer);
    return run(inner, std::move(arguments), depth + 1);
  }

  GraphArguments arguments_of(const Graph& graph, const std::vector<TensorId>& ids) const {
    GraphArguments out;
    for (const TensorId id : ids) add_argument(out, graph, id);
    return out;
  }

  std::vector<TensorInfo> results_of(GraphId id) const {
    std::vector<TensorInfo> out;
    const Graph& graph = model_.graphs[at(id)];
    for (const TensorId result : graph.outputs)
      out.push_back({graph.tensors[at(result)].dtype, graph.tensors[at(result)].shape});
    return out;
  }

  void assign_all(Graph& graph, const Op& op, const std::vector<TensorInfo>& infos) const {
    for (std::size_t k = 0; k < op.outputs.size(); ++k) {
      if (op.outputs[k] != kNoTensor)
        assign(graph.tensors[at(op.outputs[k])], k < infos.size() ? infos[k] : TensorInfo{});
    }
  }

  // Model::graphs never grows during inference, so the references stay valid.
  Status infer_control(Graph& graph, Op& op, int depth) {
    auto& control = std::get<ControlAttrs>(op.attrs);
    switch (op.kind) {
      case OpKind::kIf:
        return infer_branches(graph, op, {control.then_graph, control.else_graph}, depth);
      case OpKind::kCase:
        return infer_branches(graph, op, control.branches, depth);
      case OpKind::kWhile:
        return infer_while(graph, op, control, depth);
      case OpKind::kLoop:
        return infer_loop(graph, op, control, depth);
      case OpKind::kScan:
        return infer_scan(graph, op, control, depth);
      case OpKind::kCall:
      case OpKind::kComposite:
      case OpKind::kCallOnce:
        return infer_call(graph, op, control, depth);
      default:
        return infer_opaque_body(graph, op, control, depth);
    }
  }

  // The branch that the known elements of the condition or index choose; nullopt where they are open.
  static std::optional<std::size_t> taken_branch(const Graph& graph, const Op& op, std::size_t count) {
    if (op.inputs.empty() || op.inputs[0].tensor == kNoTensor || count == 0) return std::nullopt;
    const std::optional<Value>& value = graph.tensors[at(op.inputs[0].tensor)].value;
    const auto ints = value ? value->known_ints() : std::nullopt;
    if (!ints || ints->size() != 1) return std::nullopt;
    if (op.kind == OpKind::kIf) return ints->front() != 0 ? 0 : 1;
    const bool listed = ints->front() >= 0 && ints->front() < static_cast<std::int64_t>(count);
    return listed ? static_cast<std::size_t>(ints->front()) : count - 1;
  }

  // Results have the shapes of the branch that is taken, where that is known, else what all branches agree on.
  // A branch that is never taken may be wrong: exporters leave those of other ranks behind.
  Status infer_branches(Graph& graph, const Op& op, const Ints& branches, int depth) {
    const std::optional<std::size_t> taken = taken_branch(graph, op, branches.size());
    std::vector<TensorId> ids = operands(op);
    if (!ids.empty()) ids.erase(ids.begin());  // the condition or index
    std::vector<TensorInfo> merged;
    bool first = true;
    for (std::size_t i = 0; i < branches.size(); ++i) {
      if (branches[i] < 0) continue;
      const auto inner = static_cast<GraphId>(branches[i]);
      const Status status = run_inner(graph, inner, arguments_of(graph, ids), depth);
      if (taken && *taken != i) continue;
      if (!status) return status;
      const std::vector<TensorInfo> results = results_of(inner);
      if (first) merged = results;
      for (std::size_t k = 0; !first && k < std::min(merged.size(), results.size()); ++k) {
        merged[k].shape = meet(merged[k].shape, results[k].shape);
      }
      first = false;
    }
    assign_all(graph, op, merged);
    return ok();
  }

  // A variable that every trip leaves as it was.
  bool hands_on(GraphId body, std::size_t input, std::size_t result) const {
    const Graph& graph = model_.graphs[at(body)];
    return input < graph.inputs.size() && result < graph.outputs.size() && graph.inputs[input] == graph.outputs[result];
  }

  // Runs a loop body until the shapes of its carried variables no longer change.
  // `carried`: arguments of the body by position; `first_result`: the body result that feeds argument `first_carried`.
  Status settle(const Graph& graph, GraphId body, GraphArguments& arguments, std::size_t first_carried,
                std::size_t first_result, std::size_t count, int depth) {
    for (int round = 0; round < 3; ++round) {
      // What a trip computes is not known to the next one.
      for (std::size_t k = 0; k < count && first_carried + k < arguments.values.size(); ++k) {
        if (!hands_on(body, first_carried + k, first_result + k)) arguments.values[first_carried + k].reset();
      }
      NNGAUGE_CHECK(run_inner(graph, body, arguments, depth));
      const std::vector<TensorInfo> results = results_of(body);
      bool changed = false;
      for (std::size_t k = 0; k < count; ++k) {
        if (first_result + k >= results.size() || first_carried + k >= arguments.inputs.size()) break;
        Shape& shape = arguments.inputs[first_carried + k].shape;
        const Shape met = meet(shape, results[first_result + k].shape);
        if (!(met == shape)) {
          shape = met;
          changed = true;
        }
      }
      if (!changed) return ok();
    }
    return ok();
  }

  // Extents that are open before the first trip and that every trip makes the same: a list that is filled.
  static bool fill_open(std::vector<TensorInfo>& carried, const std::vector<TensorInfo>& before,
                        const std::vector<TensorInfo>& made) {
    bool changed = false;
    for (std::size_t k = 0; k < carried.size() && k < made.size(); ++k) {
      Shape& shape = carried[k].shape;
      const auto fits = [&](const Shape& other) { return other.ranked() && other.rank() == shape.rank(); };
      if (!shape.ranked() || !fits(before[k].shape) || !fits(made[k].shape)) continue;
      for (std::size_t i = 0; i < shape.rank(); ++i) {
        if (before[k].shape[i].known() || shape[i].known() || !made[k].shape[i].known()) continue;
        shape[i] = made[k].shape[i];
        changed = true;
      }
    }
    return changed;
  }

  // An empty list takes the room of what a loop puts into it.
  static void tell_lists(Graph& graph, const std::vector<TensorId>& ids, const std::vector<TensorInfo>& carried) {
    for (Op& made : graph.ops) {
      if (made.kind != OpKind::kSequenceEmpty) continue;
      for (std::size_t k = 0; k < ids.size() && k < carried.size(); ++k) {
        const bool here = std::find(made.outputs.begin(), made.outputs.end(), ids[k]) != made.outputs.end();
        if (here && ids[k] != kNoTensor && carried[k].shape.is_static()) {
          graph.tensors[at(ids[k])].shape = carried[k].shape;
          DType& dtype = graph.tensors[at(ids[k])].dtype;
          if (dtype == DType::kUnknown || dtype == DType::kVariant) dtype = carried[k].dtype;
        }
      }
    }
  }

  Status infer_while(Graph& graph, Op& op, ControlAttrs& control, int depth) {
    GraphArguments arguments = arguments_of(graph, operands(op));
    const std::size_t count = arguments.inputs.size();
    const std::vector<TensorInfo> before = arguments.inputs;
    const auto body = static_cast<GraphId>(control.body_graph);
    NNGAUGE_CHECK(settle(graph, body, arguments, 0, 0, count, depth));
    if (fill_open(arguments.inputs, before, results_of(body))) {
      NNGAUGE_CHECK(run_inner(graph, body, arguments, depth));
      tell_lists(graph, operands(op), arguments.inputs);
    }
    NNGAUGE_CHECK(run_inner(graph, static_cast<GraphId>(control.cond_graph), arguments, depth));
    control.trip_count = find_trip_count(model_, graph, op).value_or(-1);
    assign_all(graph, op, arguments.inputs);
    return ok();
  }

  // ONNX Loop: operands M, cond, carried…; body inputs iteration, cond, carried…; results cond, carried…, scanned….
  Status infer_loop(Graph& graph, Op& op, ControlAttrs& control, int depth) {
    const std::vector<TensorId> ids = operands(op);
    if (ids.size() < 2)
      return make_error(ErrorCode::kInvalidGraph, "a Loop needs a trip count and a condition operand");
    const std::size_t carried = ids.size() - 2;
    GraphArguments arguments;
    arguments.inputs = {{DType::kInt64, Shape::scalar()}, {DType::kBool, Shape::scalar()}};
    arguments.values.resize(2);
    for (std::size_t i = 2; i < ids.size(); ++i) add_argument(arguments, graph, ids[i]);
    const auto body = static_cast<GraphId>(control.body_graph);
    NNGAUGE_CHECK(settle(graph, body, arguments, 2, 1, carried, depth));
    control.trip_count = find_trip_count(model_, graph, op).value_or(-1);
    std::vector<TensorInfo> results(arguments.inputs.begin() + 2, arguments.inputs.end());
    const std::vector<TensorInfo> made = results_of(body);
    for (std::size_t k = 0; k < carried && k + 1 < made.size(); ++k) {
      if (results[k].dtype == DType::kUnknown) results[k].dtype = made[k + 1].dtype;
    }
    for (std::size_t k = 1 + carried; k < made.size(); ++k) results.push_back(stacked(made[k], 0, trip_dim(control)));
    assign_all(graph, op, results);
    return ok();
  }

  static Dim trip_dim(const ControlAttrs& control) {
    return control.trip_count >= 0 ? Dim(control.trip_count) : Dim::unknown();
  }

  // `info` with an extent put in before `axis`.
  static TensorInfo stacked(TensorInfo info, std::int64_t axis, Dim extent) {
    if (!info.shape.ranked()) return info;
    auto& dims = info.shape.dims();
    const auto rank = static_cast<std::int64_t>(dims.size());
    if (axis < 0) axis += rank + 1;
    dims.insert(dims.begin() + std::clamp<std::int64_t>(axis, 0, rank), extent);
    return info;
  }

  Status infer_scan(Graph& graph, Op& op, ControlAttrs& control, int depth) {
    const std::vector<TensorId> ids = operands(op);
    const auto scans = at(std::max<std::int64_t>(control.scan_inputs, 0));
    if (scans == 0 || scans > ids.size()) {
      return make_error(ErrorCode::kInvalidAttribute, "num_scan_inputs is " + std::to_string(control.scan_inputs) +
                                                          ", the Scan has " + std::to_string(ids.size()) + " operands");
    }
    if (!control.scan_input_axes.empty() && control.scan_input_axes.size() != scans) {
      return make_error(ErrorCode::kInvalidAttribute,
                        "scan_input_axes has " + std::to_string(control.scan_input_axes.size()) + " entries for " +
                            std::to_string(scans) + " scanned operands");
    }
    const std::size_t states = ids.size() - scans;
    GraphArguments arguments = arguments_of(graph, ids);
    for (std::size_t k = 0; k < scans; ++k) {
      const std::int64_t axis = control.scan_input_axes.empty() ? 0 : control.scan_input_axes[k];
      NNGAUGE_CHECK(drop_axis(arguments.inputs[states + k].shape, axis));
      arguments.values[states + k].reset();
    }
    const auto body = static_cast<GraphId>(control.body_graph);
    control.trip_count = find_trip_count(model_, graph, op).value_or(-1);
    NNGAUGE_CHECK(settle(graph, body, arguments, 0, 0, states, depth));
    std::vector<TensorInfo> results = results_of(body);
    for (std::size_t k = states; k < results.size(); ++k) {
      const std::size_t scan = k - states;
      const std::int64_t axis = scan < control.scan_output_axes.size() ? control.scan_output_axes[scan] : 0;
      results[k] = stacked(results[k], axis, trip_dim(control));
    }
    assign_all(graph, op, results);
    return ok();
  }

  static Status drop_axis(Shape& shape, std::int64_t axis) {
    if (!shape.ranked()) return ok();
    const auto rank = static_cast<std::int64_t>(shape.rank());
    if (axis < -rank || axis >= rank) {
      return make_error(ErrorCode::kInvalidAttribute,
                        "scan axis " + std::to_string(axis) + " of an operand of rank " + std::to_string(rank));
    }
    shape.dims().erase(shape.dims().begin() + (axis < 0 ? axis + rank : axis));
    return ok();
  }

  Status infer_call(Graph& graph, const Op& op, const ControlAttrs& control, int depth) {
    const auto inner = static_cast<GraphId>(control.then_graph);
    if (inner < 0) {
      give_up(graph, op);
      return ok();
    }
    NNGAUGE_CHECK(run_inner(graph, inner, arguments_of(graph, operands(op)), depth));
    assign_all(graph, op, results_of(inner));
    return ok();
  }

  // Ops with a small function inside (Reduce, Sort, SequenceMap): their results come from the op's own rule.
  Status infer_opaque_body(Graph& graph, const Op& op, const ControlAttrs& control, int depth) {
    if (control.body_graph >= 0) {
      GraphArguments arguments;
      NNGAUGE_CHECK(run_inner(graph, static_cast<GraphId>(control.body_graph), arguments, depth));
    }
    const Result<std::vector<TensorInfo>> infos = op_info(op.kind).shape(RuleContext(model_, graph, op));
    if (infos) assign_all(graph, op, *infos);
    else if (infos.error().code == ErrorCode::kUnknown) give_up(graph, op);
    else return infos.error();
    return ok();
  }

  Model& model_;
  bool believe_declared_;
  const std::vector<GivenShape>& given_;
  std::vector<std::optional<GraphArguments>> done_;  // per graph: the arguments of its last run
  std::vector<bool> active_;
  std::int64_t ops_left_ = kMaxInferredOps;
};

GraphArguments declared_inputs(const Graph& graph) {
  GraphArguments out;
  for (const TensorId id : graph.inputs)
    out.inputs.push_back({graph.tensors[at(id)].dtype, graph.tensors[at(id)].declared});
  out.values.resize(out.inputs.size());
  return out;
}

}  // namespace

namespace {

// A shape that the user gave to a result has to agree with what its operator makes.
Status check_given(Model& model, const AppliedBindings& bindings) {
  for (const GivenShape& given : bindings.given) {
    const Tensor& tensor = model.main().tensors[at(given.tensor)];
    if (tensor.shape == given.shape) continue;
    const std::string message = "--input " + printable(tensor.name) + ": " + shape_text(given.shape, model.symbols) +
                                " is given, its operator makes " + shape_text(tensor.shape, model.symbols);
    if (bindings.strict) return make_error(ErrorCode::kUsage, message);
    model.diagnostics.warn("unused-binding", "", message);
  }
  return ok();
}

Status infer_all(Model& model, const AppliedBindings& bindings) {
  Inference inference(model, bindings);
  NNGAUGE_CHECK(inference.run(0, declared_inputs(model.main()), 0));
  NNGAUGE_CHECK(check_given(model, bindings));
  // Further entry points: graphs that nothing calls.
  for (std::size_t id = 1; id < model.graphs.size(); ++id) {
    const auto graph = static_cast<GraphId>(id);
    if (!inference.was_run(graph)) NNGAUGE_CHECK(inference.run(graph, declared_inputs(model.graphs[id]), 0));
  }
  return ok();
}

bool is_about_shapes(const Error& error) {
  return error.code == ErrorCode::kShapeMismatch || error.code == ErrorCode::kInvalidAttribute;
}

}  // namespace

Status complete_model(Model& model, const Bindings& bindings) {
  if (model.graphs.empty()) return make_error(ErrorCode::kInvalidGraph, "the model has no graph");
  for (const Graph& graph : model.graphs) {
    for (const TensorId id : graph.inputs) {
      if (id < 0 || at(id) >= graph.tensors.size()) {
        return make_error(ErrorCode::kInvalidGraph, "a graph input names tensor #" + std::to_string(id) + " of " +
                                                        std::to_string(graph.tensors.size()));
      }
    }
  }
  NNGAUGE_TRY(const AppliedBindings applied, apply_bindings(model, bindings));
  const std::vector<AssumedExtent> assumed = assume_batch(model);
  Status status = infer_all(model, applied);
  if (!status && !assumed.empty() && is_about_shapes(status.error())) {
    // Perhaps the assumption is wrong, not the model: then it does without.
    restore_extents(model, assumed);
    if (const Status again = infer_all(model, applied); !again) return status;
    model.diagnostics.warn("batch-not-1", "",
                           "with 1 for the open batch the shapes do not fit: " + status.error().text());
  } else if (!status) {
    return status;
  }
  report_open_dims(model);
  remark_on_shapes(model);
  return ok();
}

}  // namespace nngauge
