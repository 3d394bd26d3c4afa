// SPDX-License-Identifier: Apache-2.0
// Networks inside layers: branches of an If, bodies of a Loop and of a TensorIterator (whose number of turns is the
// extent of what it cuts into parts).
//
// What goes from turn to turn is a carried value, what is the same in all turns a capture. A Loop cuts and joins along
// an axis that stays with an extent of one; in ours that axis goes, so views stand in between.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "parsers/openvino/builder.h"

namespace nngauge::openvino {
namespace {

using K = OpKind;

Error invalid(std::string message) { return make_error(ErrorCode::kInvalidGraph, std::move(message)); }

AxesAttrs one_axis(std::int64_t axis) {
  AxesAttrs out;
  out.axes = {axis};
  out.has_axes = true;
  return out;
}

Tensor scalar_of(std::string name, DType dtype) {
  Tensor out;
  out.name = std::move(name);
  out.dtype = dtype;
  out.declared = out.shape = Shape::scalar();
  return out;
}

// The tensors that the ports of a layer are fed with.
class Outer {
 public:
  Outer(const Layer& layer, const std::vector<TensorId>& operands) {
    for (std::size_t i = 0; i < layer.inputs.size() && i < operands.size(); ++i)
      by_port_.emplace(layer.inputs[i].id, operands[i]);
  }
  [[nodiscard]] Result<TensorId> at(std::int64_t port) const {
    const auto found = by_port_.find(port);
    if (found == by_port_.end())
      return invalid(fmt::format("its map names the input port {}, which is not there", port));
    return found->second;
  }

 private:
  std::map<std::int64_t, TensorId> by_port_;
};

// What feeds the outputs of a layer, by port.
std::map<std::int64_t, const PortMap*> maps_of_outputs(const Layer& layer, std::string_view map) {
  std::map<std::int64_t, const PortMap*> out;
  for (const PortMap& each : layer.port_maps) {
    if (!each.is_input && each.body == map) out.emplace(each.external, &each);
  }
  return out;
}

}  // namespace

Result<Builder> Builder::build_body(const Layer& layer, std::string_view name) {
  const auto found =
      std::find_if(layer.bodies.begin(), layer.bodies.end(), [&](const Body& body) { return body.name == name; });
  if (found == layer.bodies.end()) return invalid(fmt::format("has no {}", name));
  const auto id = static_cast<GraphId>(model_.graphs.size());
  model_.graphs.emplace_back();
  model_.graphs.back().parent = id_;
  model_.graphs.back().name = layer.name;
  Builder inner(*found->net, model_, id, weights_, has_weights_);
  if (Status status = inner.build(); !status) return status.error();
  inner.graph().inputs.clear();
  inner.graph().outputs.clear();
  return inner;
}

Result<TensorId> Builder::parameter(const std::string& layer) const {
  const auto found = parameters_.find(layer);
  if (found == parameters_.end()) return invalid(fmt::format("layer {} inside is no Parameter", in_quotes(layer)));
  return found->second;
}

Result<TensorId> Builder::result(const std::string& layer) const {
  const auto found = results_.find(layer);
  if (found == results_.end()) return invalid(fmt::format("layer {} inside is no Result", in_quotes(layer)));
  return found->second;
}

// What graphs made since `first` read of this one are operands.
void Builder::add_captures(Op& op, std::size_t first) {
  std::set<TensorId> captured;
  for (std::size_t i = first; i < model_.graphs.size(); ++i) {
    if (model_.graphs[i].parent != id_) continue;
    for (const Capture& each : model_.graphs[i].captures) captured.insert(each.outer);
  }
  for (const TensorId id : captured) op.inputs.push_back({id, OperandRole::kCapture});
}

Status Builder::add_if(const Layer& layer, Op op, const std::vector<TensorId>& operands) {
  if (operands.empty()) return invalid("has no condition");
  const std::size_t first = model_.graphs.size();
  op.kind = K::kIf;
  op.inputs.push_back({operands[0], OperandRole::kData});
  ControlAttrs attrs;
  const Outer from(layer, operands);
  for (const auto& [body, map, target] : {std::tuple{"then_body", "then_port_map", &attrs.then_graph},
                                          std::tuple{"else_body", "else_port_map", &attrs.else_graph}}) {
    NNGAUGE_TRY(Builder inner, build_body(layer, body));
    *target = inner.id_;
    for (const PortMap& each : layer.port_maps) {
      if (!each.is_input || each.body != map) continue;
      NNGAUGE_TRY(const TensorId outer, from.at(each.external));
      NNGAUGE_TRY(const TensorId parameter, inner.parameter(each.internal));
      inner.capture(parameter, outer);
    }
    const auto made = maps_of_outputs(layer, map);
    for (const Port& port : layer.outputs) {
      const auto found = made.find(port.id);
      if (found == made.end()) return invalid(fmt::format("{} gives nothing to its output port {}", body, port.id));
      NNGAUGE_TRY(const TensorId result, inner.result(found->second->internal));
      inner.graph().outputs.push_back(result);
    }
  }
  op.attrs = std::move(attrs);
  add_captures(op, first);
  push(std::move(op));
  return ok();
}

// One Loop or TensorIterator while it is read.
class LoopBuilder {
 public:
  LoopBuilder(Builder& outer, Builder inner, const Layer& layer, Op op, const std::vector<TensorId>& operands)
      : outer_(outer),
        inner_(std::move(inner)),
        layer_(layer),
        op_(std::move(op)),
        operands_(operands),
        from_(layer, operands),
        gives_(maps_of_outputs(layer, "port_map")),
        iterates_(layer.type == "TensorIterator") {
    for (const auto& [result, parameter] : layer.back_edges) fed_back_.emplace(parameter, result);
  }

  Status run(std::size_t first_graph) {
    NNGAUGE_CHECK(begin());
    for (const PortMap& map : layer_.port_maps) {
      if (map.is_input) NNGAUGE_CHECK(take(map));
    }
    for (const TensorId slice : slices_) inner_.graph().inputs.push_back(slice);
    for (const TensorId cut : cut_) op_.inputs.push_back({cut, OperandRole::kData});
    for (const std::string& result : carried_) {
      NNGAUGE_TRY(const TensorId id, inner_.result(result));
      inner_.graph().outputs.push_back(id);
    }
    std::vector<TensorId> results = carried_results();
    for (const Port& port : layer_.outputs) NNGAUGE_CHECK(give(port, results));
    auto& ops = inner_.graph().ops;
    ops.insert(ops.begin(), std::make_move_iterator(first_.begin()), std::make_move_iterator(first_.end()));
    attrs_.body_graph = inner_.id_;
    attrs_.scan_inputs = static_cast<std::int64_t>(slices_.size());
    op_.attrs = std::move(attrs_);
    op_.outputs = std::move(results);
    outer_.add_captures(op_, first_graph);
    outer_.push(std::move(op_));
    for (Op& tail : tails_) outer_.push(std::move(tail));
    return ok();
  }

 private:
  // A Loop has the number of turns and whether there is a first one in front, and both inside too.
  Status begin() {
    op_.kind = iterates_ ? K::kScan : K::kLoop;
    if (iterates_) return ok();
    if (operands_.size() < 2) return invalid("has no number of turns and no condition");
    const auto& value = outer_.tensor(operands_[0]).value;
    const auto turns = value ? value->known_ints() : std::nullopt;
    const bool endless = turns && turns->size() == 1 && turns->front() < 0;  // until the condition says so
    op_.inputs.push_back({endless ? kNoTensor : operands_[0], OperandRole::kConfig});
    op_.inputs.push_back({operands_[1], OperandRole::kData});
    iteration_ = inner_.add(scalar_of("iteration", DType::kInt64));
    const TensorId condition = inner_.add(scalar_of("condition", DType::kBool));
    inner_.graph().inputs = {iteration_, condition};
    TensorId goes_on = condition;
    for (const PortMap& map : layer_.port_maps) {
      if (map.is_input || map.purpose != "execution_condition") continue;
      NNGAUGE_TRY(goes_on, inner_.result(map.internal));
    }
    inner_.graph().outputs = {goes_on};
    return ok();
  }

  // An operator inside that makes `result` before all others.
  void before(Op op, TensorId result) {
    op.outputs = {result};
    first_.push_back(std::move(op));
  }

  Status take(const PortMap& map) {
    NNGAUGE_TRY(const TensorId parameter, inner_.parameter(map.internal));
    if (map.external < 0) {
      if (map.purpose == "current_iteration" && !iterates_) {
        ReshapeAttrs attrs;
        attrs.shape.assign(inner_.tensor(parameter).declared.ranked() ? inner_.tensor(parameter).declared.rank() : 0,
                           1);
        attrs.has_shape = true;
        Op view = Builder::like(op_, K::kReshape, iteration_);
        view.attrs = std::move(attrs);
        before(std::move(view), parameter);
      }
      return ok();
    }
    NNGAUGE_TRY(const TensorId outer, from_.at(map.external));
    if (map.axis) return cut(map, parameter, outer);
    const auto from = fed_back_.find(map.internal);
    if (from == fed_back_.end()) {
      inner_.capture(parameter, outer);
      return ok();
    }
    op_.inputs.push_back({outer, OperandRole::kData});
    inner_.graph().inputs.push_back(parameter);
    places_.emplace(from->second, carried_.size());
    carried_.push_back(from->second);
    return ok();
  }

  // Parts of one element along the axis, turn by turn.
  Status cut(const PortMap& map, TensorId parameter, TensorId outer) {
    if (!iterates_) {
      Tensor whole;
      whole.name = outer_.tensor(outer).name;
      whole.dtype = outer_.tensor(outer).dtype;
      whole.declared = whole.shape = outer_.tensor(outer).declared;
      const TensorId inside = inner_.add(std::move(whole));
      inner_.capture(inside, outer);
      SliceAttrs attrs;
      attrs.onnx_form = true;
      attrs.axes = {*map.axis};
      attrs.starts = {0};
      attrs.ends = {map.part_size};
      Op slice = Builder::like(op_, K::kSlice, inside);
      slice.attrs = std::move(attrs);
      before(std::move(slice), parameter);
      return ok();
    }
    Tensor part;
    part.name = inner_.tensor(parameter).name;
    part.dtype = inner_.tensor(parameter).dtype;
    const TensorId slice = inner_.add(std::move(part));
    Op view = Builder::like(op_, K::kUnsqueeze, slice);
    view.attrs = one_axis(*map.axis);
    before(std::move(view), parameter);
    slices_.push_back(slice);
    cut_.push_back(outer);
    attrs_.scan_input_axes.push_back(*map.axis);
    return ok();
  }

  std::vector<TensorId> carried_results() {
    std::vector<TensorId> out;
    for (std::size_t k = 0; k < carried_.size(); ++k) {
      Tensor unused;
      unused.name = op_.name;
      out.push_back(outer_.add(std::move(unused)));
    }
    return out;
  }

  Status give(const Port& port, std::vector<TensorId>& results) {
    const TensorId made = outer_.made_[{layer_.id, port.id}];
    const auto found = gives_.find(port.id);
    if (found == gives_.end()) return invalid(fmt::format("its body gives nothing to its output port {}", port.id));
    const PortMap& map = *found->second;
    NNGAUGE_TRY(const TensorId inside, inner_.result(map.internal));
    if (map.axis) return join(map, inside, made, results);
    if (const auto carried = places_.find(map.internal); carried != places_.end()) {
      TensorId& result = results[carried->second];
      if (taken_.insert(carried->second).second) {
        result = made;
        return ok();
      }
      tails_.push_back(Builder::like(op_, K::kIdentity, result));
    } else {
      // The last of all turns.
      results.push_back(stack(inside));
      tails_.push_back(Builder::like(op_, K::kGather, results.back()));
      Tensor last = scalar_of("last", DType::kInt64);
      last.is_constant = true;
      last.value = Value::of_ints({Dim(-1)});
      tails_.back().inputs.push_back({outer_.add(std::move(last)), OperandRole::kConfig});
      tails_.back().attrs = AxisAttrs{};
    }
    tails_.back().outputs = {made};
    return ok();
  }

  // A further result of the body, of all turns along a new first axis.
  TensorId stack(TensorId inside) {
    inner_.graph().outputs.push_back(inside);
    attrs_.scan_output_axes.push_back(0);
    Tensor all;
    all.name = op_.name;
    all.dtype = inner_.tensor(inside).dtype;
    return outer_.add(std::move(all));
  }

  // The parts of all turns along the axis.
  Status join(const PortMap& map, TensorId inside, TensorId made, std::vector<TensorId>& results) {
    Tensor part;
    part.name = inner_.tensor(inside).name;
    part.dtype = inner_.tensor(inside).dtype;
    const auto rank = static_cast<std::int64_t>(inner_.tensor(inside).declared.rank());
    const std::int64_t axis = *map.axis + (*map.axis < 0 ? rank : 0);
    Op view = Builder::like(op_, K::kSqueeze, inside);
    view.attrs = one_axis(axis);
    const TensorId squeezed = inner_.add(std::move(part));
    view.outputs = {squeezed};
    inner_.graph().ops.push_back(std::move(view));
    const TensorId all = stack(squeezed);
    if (iterates_) attrs_.scan_output_axes.back() = axis;
    if (iterates_ || axis == 0) {
      results.push_back(made);
      return ok();
    }
    results.push_back(all);
    TransposeAttrs attrs;  // the first axis goes to its place
    for (std::int64_t i = 1; i < rank; ++i) attrs.perm.push_back(i);
    attrs.perm.insert(attrs.perm.begin() + std::clamp<std::int64_t>(axis, 0, rank - 1), 0);
    tails_.push_back(Builder::like(op_, K::kTranspose, all));
    tails_.back().attrs = std::move(attrs);
    tails_.back().outputs = {made};
    return ok();
  }

  Builder& outer_;
  Builder inner_;
  const Layer& layer_;
  Op op_;
  const std::vector<TensorId>& operands_;
  Outer from_;
  std::map<std::int64_t, const PortMap*> gives_;
  std::map<std::string, std::string> fed_back_;  // parameter inside -> result of the turn before
  bool iterates_;
  ControlAttrs attrs_;
  TensorId iteration_ = kNoTensor;
  std::vector<std::string> carried_;           // results inside, in the order of the carried parameters
  std::map<std::string, std::size_t> places_;  // of results inside among these
  std::set<std::size_t> taken_;
  std::vector<TensorId> slices_, cut_;
  std::vector<Op> first_;  // operators inside before all others
  std::vector<Op> tails_;  // operators behind the loop
};

Status Builder::add_loop(const Layer& layer, Op op, const std::vector<TensorId>& operands) {
  const std::size_t first = model_.graphs.size();
  NNGAUGE_TRY(Builder inner, build_body(layer, "body"));
  return LoopBuilder(*this, std::move(inner), layer, std::move(op), operands).run(first);
}

}  // namespace nngauge::openvino
