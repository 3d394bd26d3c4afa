// SPDX-License-Identifier: Apache-2.0
// Branches, loops, and layers whose work is not told.
//
// Inner networks speak to the one around by the names of blobs: what a branch writes can be read after it, what the
// body of a loop writes over a blob from outside is there at the next turn. Here such blobs are results and carried
// values.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "parsers/coreml/layer_readers.h"
#include "parsers/coreml/weights.h"

namespace nngauge::coreml {
namespace {

using K = OpKind;

bool around(Scope& scope, NetworkBuilder& builder, const std::string& name) {
  return builder.resolve(name, scope) != nullptr;
}

// What graphs made since `first` read of the graph around them are operands.
void add_captures(LayerView& v, std::size_t first) {
  std::vector<TensorId> captured;
  const Model& model = v.model();
  for (std::size_t i = first; i < model.graphs.size(); ++i) {
    if (model.graphs[i].parent != v.scope().graph) continue;
    for (const Capture& capture : model.graphs[i].captures) captured.push_back(capture.outer);
  }
  std::sort(captured.begin(), captured.end());
  captured.erase(std::unique(captured.begin(), captured.end()), captured.end());
  for (const TensorId id : captured) v.operand(id, OperandRole::kCapture);
}

bool exact_of(LayerView& v, Scope& scope, const std::string& name) {
  const Blob* blob = v.builder().resolve(name, scope);
  return blob != nullptr && blob->exact;
}

// Adds the control operator; its results take the names.
Status emit_results(LayerView& v, const std::vector<std::string>& names, const std::vector<bool>& exact) {
  NNGAUGE_TRY(const std::vector<TensorId> results, v.writer().emit(std::move(v.op), names.size()));
  v.output_names = names;
  for (std::size_t k = 0; k < names.size(); ++k) {
    Tensor& tensor = v.writer().tensor(results[k]);
    tensor.name = names[k];
    tensor.dtype = DType::kFloat32;
    NNGAUGE_CHECK(v.output(k, {results[k], exact[k]}));
  }
  return ok();
}

// Makes the carried blobs inputs of a loop's inner graph.
void bind_carried(LayerView& v, Scope& inner, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const Blob outer = *v.resolve(name);
    Tensor tensor = v.writer().tensor(outer.id);
    tensor.is_constant = false;
    tensor.data = {};
    tensor.value.reset();
    Graph& graph = v.model().graphs[at(inner.graph)];
    graph.tensors.push_back(std::move(tensor));
    const auto id = static_cast<TensorId>(graph.tensors.size() - 1);
    graph.inputs.push_back(id);
    inner.blobs[name] = {id, outer.exact};
  }
}

// Names that the layers of a network write, inner networks included.
void written_names(const Message& network, std::set<std::string>& out, int depth) {
  constexpr int kMostNesting = 48;
  if (depth > kMostNesting) return;
  network.each(1, [&](const WireField& field) {
    const Message layer = network.of(field);
    layer.each(3, [&](const WireField& name) {
      out.insert(readable(as_text(network.file().bytes.subspan(name.payload, name.size))));
    });
    const Message branch = layer.child(605), loop = layer.child(615);
    for (const std::uint32_t part : {1U, 2U}) written_names(branch.child(part), out, depth + 1);
    for (const std::uint32_t part : {3U, 4U}) written_names(loop.child(part), out, depth + 1);
  });
}

}  // namespace

Status read_branch(LayerView& v) {
  enum : std::uint32_t { kThen = 1, kElse = 2 };
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  const std::size_t first = v.model().graphs.size();
  Scope then_scope = v.builder().inner_scope(v.scope());
  NNGAUGE_CHECK(v.builder().build_layers(v.params.child(kThen), then_scope, v.depth + 1));
  Scope else_scope = v.builder().inner_scope(v.scope());
  NNGAUGE_CHECK(v.builder().build_layers(v.params.child(kElse), else_scope, v.depth + 1));
  std::set<std::string> shared;
  std::vector<bool> exact;
  for (const auto* written : {&then_scope.written, &else_scope.written}) {
    for (const std::string& name : *written) {
      const bool both = then_scope.written.contains(name) && else_scope.written.contains(name);
      if (!both && !around(v.scope(), v.builder(), name)) continue;  // inside one branch only
      shared.insert(name);
    }
  }
  const std::vector<std::string> names(shared.begin(), shared.end());
  for (const std::string& name : names) exact.push_back(exact_of(v, then_scope, name));
  NNGAUGE_CHECK(v.builder().set_outputs(then_scope, names));
  NNGAUGE_CHECK(v.builder().set_outputs(else_scope, names));
  ControlAttrs attrs;
  attrs.then_graph = then_scope.graph;
  attrs.else_graph = else_scope.graph;
  v.op.attrs = attrs;
  add_captures(v, first);
  return emit_results(v, names, exact);
}

// With a condition a While; without one the body runs the stated number of times.
Status read_loop(LayerView& v) {
  enum : std::uint32_t { kMost = 1, kCondition = 2, kConditionNetwork = 3, kBody = 4 };
  const Message body = v.params.child(kBody), condition = v.params.child(kConditionNetwork);
  const std::string decides = readable(v.params.text(kCondition));
  std::set<std::string> written;
  std::vector<std::string> carried;
  written_names(condition, written, 0);
  written_names(body, written, 0);
  if (!decides.empty()) written.insert(decides);
  for (const std::string& name : written) {
    if (around(v.scope(), v.builder(), name)) carried.push_back(name);
  }
  std::vector<bool> exact;
  for (const std::string& name : carried) exact.push_back(exact_of(v, v.scope(), name));
  const std::size_t first = v.model().graphs.size();
  ControlAttrs attrs;
  const std::int64_t most = v.params.integer(kMost);
  if (decides.empty()) {
    v.op.kind = K::kLoop;
    v.integers({most});
    v.absent();
    Scope scope = v.builder().inner_scope(v.scope());
    attrs.body_graph = scope.graph;
    Graph& graph = v.model().graphs[at(scope.graph)];
    for (const auto& [name, dtype] : {std::pair{"iteration", DType::kInt64}, std::pair{"condition", DType::kBool}}) {
      Tensor tensor;
      tensor.name = name;
      tensor.dtype = dtype;
      tensor.declared = tensor.shape = Shape::scalar();
      graph.tensors.push_back(std::move(tensor));
      graph.inputs.push_back(static_cast<TensorId>(graph.tensors.size() - 1));
    }
    bind_carried(v, scope, carried);
    NNGAUGE_CHECK(v.builder().build_layers(body, scope, v.depth + 1));
    Graph& built = v.model().graphs[at(scope.graph)];
    built.outputs.push_back(built.inputs[1]);
    NNGAUGE_CHECK(v.builder().set_outputs(scope, carried));
  } else {
    v.op.kind = K::kWhile;
    Scope test = v.builder().inner_scope(v.scope());
    bind_carried(v, test, carried);
    NNGAUGE_CHECK(v.builder().build_layers(condition, test, v.depth + 1));
    NNGAUGE_CHECK(v.builder().set_outputs(test, {decides}));
    Scope scope = v.builder().inner_scope(v.scope());
    bind_carried(v, scope, carried);
    // What the test writes the body may read.
    NNGAUGE_CHECK(v.builder().build_layers(condition, scope, v.depth + 1));
    NNGAUGE_CHECK(v.builder().build_layers(body, scope, v.depth + 1));
    NNGAUGE_CHECK(v.builder().set_outputs(scope, carried));
    attrs.cond_graph = test.graph;
    attrs.body_graph = scope.graph;
  }
  for (const std::string& name : carried) v.operand(v.resolve(name)->id);
  v.op.attrs = std::move(attrs);
  add_captures(v, first);
  return emit_results(v, carried, exact);
}

// Leaving a loop early, or going on to its next turn: nothing is computed.
Status read_loop_exit(LayerView& v) {
  v.model().diagnostics.note("loop-left-early", op_place(v.op, 0),
                             "the loop may be left here; its turns are counted as if it were not");
  return ok();
}

Status read_custom(LayerView& v) {
  enum : std::uint32_t { kClass = 10, kWeights = 20 };
  for (std::size_t i = 0; i < v.input_count(); ++i) {
    if (v.op.inputs.size() <= i) v.input_operand(i);
  }
  const bool custom = v.op.source_op == "custom";
  CustomAttrs attrs;
  attrs.name = custom ? readable(v.params.text(kClass)) : v.op.source_op;
  if (custom && !attrs.name.empty()) v.op.source_op = attrs.name;
  v.op.kind = K::kCustom;
  v.op.attrs = attrs;
  if (!custom) return v.emit(v.all_exact());
  Status status = ok();
  v.params.each(kWeights, [&](const WireField& field) {
    if (!status) return;
    // Nothing tells the shape: as many elements as are there.
    const Message weights = v.params.of(field);
    const auto floats = weights.find(1), halves = weights.find(2);
    const std::uint64_t elements = floats ? floats->size / 4 : halves ? halves->size / 2 : 0;
    if (elements > 0)
      status = v.weight(weights, {static_cast<std::int64_t>(elements)}, OperandRole::kWeight, "weights");
  });
  NNGAUGE_CHECK(status);
  return v.emit(v.all_exact());
}

}  // namespace nngauge::coreml
