// SPDX-License-Identifier: Apache-2.0
// Recurrent layers, their cells and wrappers, layers that work on each step.
#include <algorithm>
#include <array>

#include "parsers/keras/layers.h"

namespace nngauge::keras {
namespace {

// The places of the letters of a class: SimpleRNN, LSTMCell, CuDNNGRU.
OpKind recurrent_kind(const std::string& type) {
  if (type.find("LSTM") != std::string::npos) return OpKind::kLSTM;
  return type.find("GRU") != std::string::npos ? OpKind::kGRU : OpKind::kRNN;
}

// The last step of [batch, steps, units].
Made last_step(Layer& l, TensorId sequence) {
  Tensor last;
  last.dtype = DType::kInt64;
  last.declared = last.shape = Shape::scalar();
  last.is_constant = true;
  last.value = Value::of_ints({-1});
  AxisAttrs axis;
  axis.axis = 1;
  l.op.kind = OpKind::kGather;
  l.op.attrs = axis;
  l.op.inputs = {{sequence, OperandRole::kData}, {l.writer().add(std::move(last)), OperandRole::kConfig}};
  return l.emit();
}

// Kernel [in, gates x units], recurrent kernel [units, gates x units], bias: all steps, and the last states
// where they are wanted.
Result<std::vector<TensorId>> run_cell(Layer& l, TensorId x, const std::vector<TensorId>& states, bool keep_states) {
  const OpKind kind = recurrent_kind(l.type());
  const std::int64_t gates = kind == OpKind::kLSTM ? 4 : kind == OpKind::kGRU ? 3 : 1, units = l.integer("units");
  if (units < 1 || units > (1 << 24))
    return make_error(ErrorCode::kInvalidAttribute, "units is " + std::to_string(units));
  l.op.kind = kind;
  RecurrentAttrs attrs;
  attrs.hidden_size = units;
  attrs.time_major = false;
  l.op.attrs = attrs;
  const Dim in = l.shape(x).at(-1);
  l.op.inputs = {{x, OperandRole::kData}};
  NNGAUGE_CHECK(l.weight("kernel", OperandRole::kWeight, {in, gates * units}));
  NNGAUGE_CHECK(l.weight("recurrent_kernel", OperandRole::kWeight, {units, gates * units}));
  if (l.flag("use_bias", true)) {
    const bool both = kind == OpKind::kGRU && l.flag("reset_after", true);
    NNGAUGE_CHECK(l.weight("bias", OperandRole::kBias, both ? Shape{2, gates * units} : Shape{gates * units}));
  }
  for (const TensorId state : states) l.op.inputs.push_back({state, OperandRole::kState});
  return l.emit_all(!keep_states ? 1 : kind == OpKind::kLSTM ? 3 : 2);
}

// States that the layer is called with: a list of tensors behind the sequence.
std::vector<TensorId> given_states(const Layer& l, std::size_t most) {
  std::vector<TensorId> out;
  collect_tensors(l.argument(64, "initial_state"), out);
  if (out.empty() && !l.call().args.empty() && l.call().args[0].is_array()) {
    collect_tensors(l.call().args[0], out);
    if (!out.empty()) out.erase(out.begin());
  }
  if (out.size() > most) out.resize(most);
  return out;
}

Made finish(Layer& l, const std::vector<TensorId>& made) {
  if (l.flag("return_state", false)) {
    for (std::size_t i = 1; i < made.size(); ++i) l.also(made[i]);
  }
  return l.flag("return_sequences", false) ? Made(made[0]) : last_step(l, made[0]);
}

bool is_cell(const std::string& type) {
  return type == "LSTMCell" || type == "GRUCell" || type == "SimpleRNNCell" || type == "LSTM" || type == "GRU" ||
         type == "SimpleRNN" || type == "CuDNNLSTM" || type == "CuDNNGRU";
}

// The name that the file gives the n-th cell of a class.
std::string numbered(const std::string& type, std::size_t count) {
  const std::string snake = type == "LSTMCell" ? "lstm_cell" : type == "GRUCell" ? "gru_cell" : "simple_rnn_cell";
  return count == 0 ? snake : snake + "_" + std::to_string(count);
}

}  // namespace

Made recurrent(Layer& l) {
  NNGAUGE_TRY(const std::vector<TensorId> made,
              run_cell(l, l.input_id(0), given_states(l, 2), l.flag("return_state", false)));
  return finish(l, made);
}

// RNN: a cell, or several that feed each other in each step. Each one runs over the whole sequence here.
Made recurrent_cells(Layer& l) {
  const Json& cell = part_of(l.config(), "cell");
  std::vector<Json> cells = {cell};
  const Json& stacked = part_of(cell, "config");
  const bool several = class_of(cell) == "StackedRNNCells" && stacked.contains("cells") && stacked["cells"].is_array();
  if (several) cells = stacked["cells"].get<std::vector<Json>>();
  if (cells.empty() || !std::all_of(cells.begin(), cells.end(), [](const Json& one) { return is_cell(class_of(one)); }))
    return l.opaque();
  std::vector<TensorId> states = given_states(l, 2 * cells.size());
  std::vector<TensorId> made = {l.input_id(0)};
  std::array<std::size_t, 3> used = {};
  for (const Json& one : cells) {
    const std::string type = class_of(one);
    const OpKind kind = recurrent_kind(type);
    std::size_t& count = used[kind == OpKind::kLSTM ? 0 : kind == OpKind::kGRU ? 1 : 2];
    const Json& config = part_of(one, "config");
    const std::string own = config.contains("name") && config["name"].is_string() ? config["name"] : Json(type);
    const std::string folder = several ? numbered(type, count++) + "|" + own : "";
    Layer inner(l, folder, type, config, {made[0]});
    const std::size_t wanted = std::min<std::size_t>(kind == OpKind::kLSTM ? 2 : 1, states.size());
    const std::vector<TensorId> first(states.begin(), states.begin() + static_cast<std::ptrdiff_t>(wanted));
    states.erase(states.begin(), states.begin() + static_cast<std::ptrdiff_t>(wanted));
    NNGAUGE_TRY(std::vector<TensorId> next, run_cell(inner, made[0], first, l.flag("return_state", false)));
    made = std::move(next);
  }
  return finish(l, made);
}

// Two recurrent layers side by side.
Made bidirectional(Layer& l) {
  const Json& forward = part_of(l.config(), "layer");
  const Json& given = part_of(l.config(), "backward_layer");
  const Json& backward = given.empty() ? forward : given;
  if (part_of(forward, "config").empty() || part_of(backward, "config").empty()) return l.opaque();
  std::vector<TensorId> both, states;
  for (const bool second : {false, true}) {
    const Json& inner = second ? backward : forward;
    const Json& config = part_of(inner, "config");
    const std::string direction = second ? "backward" : "forward";
    const std::string own = config.contains("name") && config["name"].is_string() ? config["name"] : Json(direction);
    Layer one(l, direction + "_layer|" + direction + "_" + own + "|" + own, class_of(inner), config, {l.input_id(0)});
    NNGAUGE_TRY(const TensorId result, lower_layer(one));
    both.push_back(result);
    states.insert(states.end(), one.more().begin(), one.more().end());
  }
  const std::string mode = l.text("merge_mode", "concat");
  if (l.config().contains("merge_mode") && l.config()["merge_mode"].is_null()) {
    l.also(both[1]);
    for (const TensorId state : states) l.also(state);
    return both[0];
  }
  for (const TensorId state : states) l.also(state);
  if (mode == "concat") {
    AxisAttrs attrs;
    attrs.axis = -1;
    return l.emit(OpKind::kConcat, both, attrs);
  }
  return l.emit(mode == "mul" ? OpKind::kMul : mode == "ave" ? OpKind::kMeanN : OpKind::kAdd, both);
}

// The layer inside works on each step: dense layers and element-wise ones do so by themselves, others see steps as a
// batch.
Made time_distributed(Layer& l) {
  const Json& inner = part_of(l.config(), "layer");
  const std::string type = class_of(inner);
  const Json& config = part_of(inner, "config");
  if (type == "Dense" || type == "Activation" || type == "Dropout" || type == "ReLU" || type == "LayerNormalization") {
    Layer step(l, "", type, config, {l.input_id(0)});
    return lower_layer(step);
  }
  const Shape shape = l.in();
  if (type.empty() || !shape.ranked() || shape.rank() < 2) return l.opaque();
  const auto open = [](const std::vector<Dim>& dims) {
    return std::any_of(dims.begin(), dims.end(), [](Dim d) { return !d.known(); });
  };
  const std::vector<Dim> step_dims(shape.dims().begin() + 2, shape.dims().end());
  if (open(step_dims) || !shape[1].known()) return l.opaque();
  ReshapeAttrs steps;
  steps.has_shape = true;
  steps.shape = {-1};
  for (const Dim dim : step_dims) steps.shape.push_back(dim.value());
  NNGAUGE_TRY(const TensorId batch, l.emit(OpKind::kReshape, {l.input_id(0)}, steps));
  TensorId result = kNoTensor;
  if (is_model_class(type)) {
    NNGAUGE_TRY(const std::vector<TensorId> made, l.site().call_model(inner, {batch}));
    if (made.size() != 1) return l.opaque();
    result = made[0];
  } else {
    Layer step(l, "", type, config, {batch});
    NNGAUGE_TRY(result, lower_layer(step));
  }
  const Shape made = l.shape(result);
  if (!made.ranked() || made.rank() == 0 || open({made.dims().begin() + 1, made.dims().end()})) return result;
  steps.shape = {-1, shape[1].value()};
  for (std::size_t i = 1; i < made.rank(); ++i) steps.shape.push_back(made[i].value());
  return l.emit(OpKind::kReshape, {result}, std::move(steps));
}

namespace {

std::size_t conv_axes(const std::string& type) { return type.ends_with("1D") ? 1 : type.ends_with("3D") ? 3 : 2; }

ConvAttrs step_convolution(const Layer& l, std::size_t axes) {
  ConvAttrs attrs;
  attrs.layout = l.layout();
  attrs.filter_layout = FilterLayout::kSpatialInOut;
  attrs.padding = l.text("padding", "valid") == "same" ? PaddingMode::kSameUpper : PaddingMode::kValid;
  attrs.kernel = l.per_axis("kernel_size", axes, 1);
  attrs.strides = l.per_axis("strides", axes, 1);
  attrs.dilations = l.per_axis("dilation_rate", axes, 1);
  return attrs;
}

// One step: gates = conv(x) + conv(h); c' = f c + i tanh(g), h' = o tanh(c').
Status build_step(Layer& l, Site& body, const Shape& x_shape, DType dtype, const Shape& state_shape) {
  const std::size_t axes = conv_axes(l.type());
  const std::int64_t filters = l.integer("filters");
  constexpr std::array kConvs = {OpKind::kConv1D, OpKind::kConv2D, OpKind::kConv3D};
  GraphWriter& writer = body.writer;
  const TensorId h = writer.add_input("h", dtype, state_shape), c = writer.add_input("c", dtype, state_shape),
                 x = writer.add_input("x", dtype, x_shape);
  Layer step(body, l.type(), l.config(), l.name(), {x, h, c});
  step.set_scope(l.scope());
  ConvAttrs input = step_convolution(l, axes), recurrent_attrs = input;
  std::vector<Dim> kernel(input.kernel.begin(), input.kernel.end());
  kernel.push_back(step.channels());
  kernel.emplace_back(4 * filters);
  recurrent_attrs.padding = PaddingMode::kSameUpper;
  recurrent_attrs.strides.assign(axes, 1);
  step.op.kind = kConvs[axes - 1];
  step.op.attrs = std::move(input);
  step.op.inputs = {{x, OperandRole::kData}};
  NNGAUGE_CHECK(step.weight("kernel", OperandRole::kWeight, Shape(kernel)));
  kernel[axes] = filters;
  const TensorId recurrent_kernel = step.variable("recurrent_kernel", 1, Shape(kernel));
  if (l.flag("use_bias", true)) step.op.inputs.push_back({step.variable("bias", 2, {4 * filters}), OperandRole::kBias});
  NNGAUGE_TRY(TensorId gates, step.emit());
  step.op.kind = kConvs[axes - 1];
  step.op.attrs = std::move(recurrent_attrs);
  step.op.inputs = {{h, OperandRole::kData}, {recurrent_kernel, OperandRole::kWeight}};
  NNGAUGE_TRY(const TensorId from_state, step.emit());
  NNGAUGE_TRY(gates, step.emit(OpKind::kAdd, {gates, from_state}));
  SplitAttrs split;
  split.axis = l.layout() == DataLayout::kChannelsFirst ? 1 : -1;
  split.count = 4;
  NNGAUGE_TRY(std::vector<TensorId> parts, step.emit(OpKind::kSplit, {gates}, split, 4));
  for (const std::size_t gate : {0U, 1U, 3U}) {
    NNGAUGE_TRY(parts[gate], step.activate(parts[gate], l.text("recurrent_activation", "hard_sigmoid")));
  }
  NNGAUGE_TRY(parts[2], step.activate(parts[2], l.text("activation", "tanh")));
  NNGAUGE_TRY(const TensorId kept, step.emit(OpKind::kMul, {parts[1], c}));
  NNGAUGE_TRY(const TensorId added, step.emit(OpKind::kMul, {parts[0], parts[2]}));
  NNGAUGE_TRY(const TensorId cell, step.emit(OpKind::kAdd, {kept, added}));
  NNGAUGE_TRY(const TensorId shown, step.activate(cell, l.text("activation", "tanh")));
  NNGAUGE_TRY(const TensorId hidden, step.emit(OpKind::kMul, {parts[3], shown}));
  body.model.graphs[at(writer.graph_id())].outputs = {hidden, cell, hidden};
  return ok();
}

}  // namespace

// ConvLSTM: a loop over the steps, its state begins with zeros.
Made convolutional_recurrent(Layer& l) {
  const std::size_t axes = conv_axes(l.type());
  const Shape x = l.in();
  const std::int64_t filters = l.integer("filters");
  if (!x.ranked() || x.rank() != axes + 3) return l.opaque();
  if (filters < 1 || filters > (1 << 24))
    return make_error(ErrorCode::kInvalidAttribute, "filters is " + std::to_string(filters));
  Shape step = x;
  step.dims().erase(step.dims().begin() + 1);
  const DType dtype = l.writer().tensor(l.input_id(0)).dtype;
  const auto body_id = static_cast<GraphId>(l.site().model.graphs.size());
  l.site().model.graphs.emplace_back();
  l.site().model.graphs.back().name = l.name();
  l.site().model.graphs.back().parent = l.writer().graph_id();
  GraphWriter writer(l.site().model, body_id);
  Site body = {l.site().model, writer, l.site().weights, l.site().call_model, l.site().depth};
  // The state has the extents of what the convolution of a step makes.
  Shape state = Shape::of_rank(axes + 2);
  NNGAUGE_CHECK(build_step(l, body, step, dtype, state));
  const Graph& graph = l.site().model.graphs[at(body_id)];
  Shape gates = graph.tensors[at(graph.ops[0].outputs[0])].shape;
  if (!gates.ranked() || gates.rank() != axes + 2) return l.opaque();
  const std::size_t channel = l.layout() == DataLayout::kChannelsFirst ? 1 : gates.rank() - 1;
  gates[channel] = filters;
  for (std::size_t i = 1; i < gates.rank(); ++i) {
    if (!gates[i].known()) return l.opaque();
  }
  // zeros of [batch, …]
  NNGAUGE_TRY(const TensorId extents, l.emit(OpKind::kShape, {l.input_id(0)}));
  Tensor first;
  first.dtype = DType::kInt64;
  first.declared = first.shape = {1};
  first.is_constant = true;
  first.value = Value::of_ints({0});
  AxisAttrs axis;
  l.op.kind = OpKind::kGather;
  l.op.attrs = axis;
  l.op.inputs = {{extents, OperandRole::kData}, {l.writer().add(std::move(first)), OperandRole::kConfig}};
  NNGAUGE_TRY(const TensorId batch, l.emit());
  std::vector<std::int64_t> rest;
  for (std::size_t i = 1; i < gates.rank(); ++i) rest.push_back(gates[i].value());
  NNGAUGE_TRY(const TensorId target, l.emit(OpKind::kConcat, {batch, l.writer().add_integers(rest)}, axis));
  FillAttrs zeros;
  zeros.dtype = dtype;
  zeros.has_value = true;
  NNGAUGE_TRY(const TensorId state_id, l.emit(OpKind::kFill, {target}, zeros));
  ControlAttrs control;
  control.body_graph = body_id;
  control.scan_inputs = 1;
  control.scan_input_axes = {1};
  control.scan_output_axes = {1};
  NNGAUGE_TRY(const std::vector<TensorId> made,
              l.emit(OpKind::kScan, {state_id, state_id, l.input_id(0)}, std::move(control), 3));
  // Shapes of loops come later: these are told for the layers behind.
  Shape all = gates;
  all[0] = x[0];
  l.writer().tensor(made[0]).shape = l.writer().tensor(made[1]).shape = all;
  all.dims().insert(all.dims().begin() + 1, x[1]);
  l.writer().tensor(made[2]).shape = all;
  for (const TensorId id : made) l.writer().tensor(id).dtype = dtype;
  if (l.flag("return_state", false)) {
    l.also(made[0]);
    l.also(made[1]);
  }
  return l.flag("return_sequences", false) ? made[2] : made[0];
}

}  // namespace nngauge::keras
