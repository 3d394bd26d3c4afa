// SPDX-License-Identifier: Apache-2.0
// Functions that change shapes, pick and join elements.
#include <algorithm>
#include <optional>

#include "parsers/keras/function_readers.h"

namespace nngauge::keras::function {
namespace {

using K = OpKind;

}  // namespace

Lowered reshape(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  const Json& shape = argument_of(l, 1, {"shape", "newshape"});
  ReshapeAttrs attrs;
  if (const auto stated = integers_of(shape)) {
    attrs.has_shape = true;
    attrs.shape = *stated;
    return l.emit(K::kReshape, {x}, std::move(attrs));
  }
  const TensorId computed = shape_operand(l, shape);
  if (computed == kNoTensor) return l.opaque();
  l.op.kind = K::kReshape;
  l.op.inputs = {{x, OperandRole::kData}, {computed, OperandRole::kConfig}};
  return l.emit();
}

namespace {

Lowered transpose_by(Layer& l, TensorId x, Ints perm) {
  TransposeAttrs attrs;
  attrs.perm = std::move(perm);
  return l.emit(K::kTranspose, {x}, std::move(attrs));
}

}  // namespace

Lowered transpose(Layer& l, OpKind) {
  return transpose_by(l, first_operand(l), integers_of(argument_of(l, 1, {"axes", "perm"})).value_or(Ints()));
}

namespace {

// The permutation that brings axis `from` to `to`; empty where an axis does not fit.
Ints moved(std::int64_t rank, std::int64_t from, std::int64_t to, bool swap) {
  if (from < 0) from += rank;
  if (to < 0) to += rank;
  if (rank < 1 || from < 0 || to < 0 || from >= rank || to >= rank) return {};
  Ints perm;
  for (std::int64_t i = 0; i < rank; ++i) perm.push_back(i);
  if (swap) {
    std::swap(perm[at(from)], perm[at(to)]);
    return perm;
  }
  perm.erase(perm.begin() + from);
  perm.insert(perm.begin() + to, from);
  return perm;
}

}  // namespace

Lowered swap_axes(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  const auto a = integer_of(argument_of(l, 1, {"axis1"})), b = integer_of(argument_of(l, 2, {"axis2"}));
  const Ints perm = a && b ? moved(rank_of(l.shape(x)), *a, *b, true) : Ints();
  return perm.empty() ? l.opaque() : transpose_by(l, x, perm);
}

Lowered move_axis(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  const auto from = integers_of(argument_of(l, 1, {"source"})), to = integers_of(argument_of(l, 2, {"destination"}));
  if (!from || !to || from->size() != 1 || to->size() != 1) return l.opaque();
  const Ints perm = moved(rank_of(l.shape(x)), (*from)[0], (*to)[0], false);
  return perm.empty() ? l.opaque() : transpose_by(l, x, perm);
}

Lowered axes_view(Layer& l, OpKind kind) {
  AxesAttrs attrs;
  attrs.has_axes = true;
  const TensorId x = first_operand(l);
  if (const auto axes = integers_of(argument_of(l, 1, {"axis"}))) {
    attrs.axes = *axes;
  } else if (kind == K::kSqueeze && l.shape(x).is_static()) {
    for (std::size_t i = 0; i < l.shape(x).rank(); ++i) {
      if (l.shape(x)[i].is(1)) attrs.axes.push_back(static_cast<std::int64_t>(i));
    }
  } else {
    return l.opaque();
  }
  return l.emit(kind, {x}, std::move(attrs));
}

Lowered flatten(Layer& l, OpKind) {
  ReshapeAttrs attrs;
  attrs.has_shape = true;
  attrs.shape = {-1};
  return l.emit(K::kReshape, {first_operand(l)}, std::move(attrs));
}

Lowered concat(Layer& l, OpKind) {
  std::vector<TensorId> operands;
  for (const Json& one : elements_of(argument_of(l, 0, {"xs", "values", "arrays"})))
    operands.push_back(operand_of(l, one));
  if (operands.empty() || std::find(operands.begin(), operands.end(), kNoTensor) != operands.end()) return l.opaque();
  return l.emit(K::kConcat, operands, on_axis(integer_of(argument_of(l, 1, {"axis"})).value_or(0)));
}
Lowered hstack(Layer& l, OpKind) {
  std::vector<TensorId> operands;
  collect_tensors(l.call().args, operands);
  if (operands.empty()) return l.opaque();
  return l.emit(K::kConcat, operands, on_axis(rank_of(l.shape(operands[0])) == 1 ? 0 : 1));
}
Lowered vstack(Layer& l, OpKind) {
  std::vector<TensorId> operands;
  collect_tensors(l.call().args, operands);
  if (operands.empty() || rank_of(l.shape(operands[0])) < 2) return l.opaque();
  return l.emit(K::kConcat, operands, on_axis(0));
}

Lowered stack(Layer& l, OpKind) {
  std::vector<TensorId> operands;
  for (const Json& one : elements_of(argument_of(l, 0, {"x", "values", "arrays"})))
    operands.push_back(operand_of(l, one));
  if (operands.empty() || std::find(operands.begin(), operands.end(), kNoTensor) != operands.end()) return l.opaque();
  return l.emit(K::kStack, operands, on_axis(integer_of(argument_of(l, 1, {"axis"})).value_or(0)));
}

constexpr std::int64_t kMostParts = 4096;

Lowered split(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  const Json& how = argument_of(l, 1, {"indices_or_sections", "num_or_size_splits"});
  const bool positions = !argument_of(l, 64, {"indices_or_sections"}).is_null();
  SplitAttrs attrs;
  attrs.axis = integer_of(argument_of(l, 2, {"axis"})).value_or(0);
  if (const auto parts = integer_of(how)) {
    attrs.count = *parts;
  } else if (auto stated = integers_of(how)) {
    if (positions) {  // where parts begin
      const Dim extent = l.shape(x).at(attrs.axis);
      if (!extent.known()) return l.opaque();
      stated->push_back(extent.value());
      for (std::size_t i = stated->size() - 1; i > 0; --i) (*stated)[i] -= (*stated)[i - 1];
    }
    attrs.sizes = *stated;
    attrs.count = static_cast<std::int64_t>(stated->size());
  }
  if (attrs.count < 1 || attrs.count > kMostParts) return l.opaque();
  const auto count = static_cast<std::size_t>(attrs.count);
  NNGAUGE_TRY(const std::vector<TensorId> made, l.emit(K::kSplit, {x}, std::move(attrs), count));
  return several(l, made);
}

Lowered unstack(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  AxisAttrs attrs = on_axis(integer_of(argument_of(l, 2, {"axis"})).value_or(0));
  const Dim extent = l.shape(x).at(attrs.axis);
  attrs.count = integer_of(argument_of(l, 1, {"num"})).value_or(extent.known() ? extent.value() : 0);
  if (attrs.count < 1 || attrs.count > kMostParts) return l.opaque();
  NNGAUGE_TRY(const std::vector<TensorId> made, l.emit(K::kUnstack, {x}, attrs, at(attrs.count)));
  return several(l, made);
}

Lowered tile(Layer& l, OpKind) {
  const auto times = integers_of(argument_of(l, 1, {"repeats", "multiples"}));
  if (!times) return l.opaque();
  const TensorId x = first_operand(l);
  l.op.kind = K::kTile;
  l.op.inputs = {{x, OperandRole::kData}, {l.writer().add_integers(*times), OperandRole::kConfig}};
  return l.emit();
}

// Each element several times: a gather along the axis.
Lowered repeat(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  const auto times = integer_of(argument_of(l, 1, {"repeats"})), axis = integer_of(argument_of(l, 2, {"axis"}));
  if (!times || !axis || *times < 0 || *times > (1 << 20)) return l.opaque();
  const Dim extent = l.shape(x).at(*axis);
  if (!extent.known() || extent.value() > (1 << 20)) return l.opaque();
  Tensor places;
  places.name = l.name() + "/places";
  places.dtype = DType::kInt32;
  places.declared = places.shape = {extent.value() * *times};
  places.is_constant = true;
  l.op.kind = K::kGather;
  l.op.attrs = on_axis(*axis);
  l.op.inputs = {{x, OperandRole::kData}, {l.writer().add(std::move(places)), OperandRole::kConfig}};
  return l.emit();
}

Lowered broadcast_to(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  const TensorId shape = shape_operand(l, argument_of(l, 1, {"shape"}));
  if (shape == kNoTensor) return l.opaque();
  l.op.kind = K::kExpand;
  l.op.inputs = {{x, OperandRole::kData}, {shape, OperandRole::kConfig}};
  return l.emit();
}

Lowered pad(Layer& l, OpKind) {
  const auto amounts = integers_of(argument_of(l, 1, {"pad_width", "paddings"}));
  if (!amounts || amounts->size() % 2 != 0) return l.opaque();
  PadAttrs attrs;
  for (const std::size_t side : {0U, 1U}) {
    for (std::size_t i = side; i < amounts->size(); i += 2) attrs.pads.push_back((*amounts)[i]);
  }
  const Json& mode = argument_of(l, 2, {"mode"});
  std::string how = mode.is_string() ? mode.get<std::string>() : "constant";
  std::transform(how.begin(), how.end(), how.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (how == "reflect") attrs.mode = PadMode::kReflect;
  if (how == "symmetric") attrs.mode = PadMode::kSymmetric;
  return l.emit(K::kPad, {first_operand(l)}, std::move(attrs));
}

Lowered flip(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  AxesAttrs attrs;
  attrs.has_axes = true;
  if (const auto axes = integers_of(argument_of(l, 1, {"axis"}))) attrs.axes = *axes;
  else
    for (std::int64_t i = 0; i < rank_of(l.shape(x)); ++i) attrs.axes.push_back(i);
  return l.emit(K::kReverse, {x}, std::move(attrs));
}

namespace {

Lowered part(Layer& l, TensorId x, std::int64_t axis, std::int64_t start, std::int64_t end) {
  SliceAttrs attrs;
  attrs.onnx_form = true;
  attrs.axes = {axis};
  attrs.starts = {start};
  attrs.ends = {end};
  return l.emit(K::kSlice, {x}, std::move(attrs));
}

}  // namespace

constexpr std::int64_t kToTheEnd = std::int64_t{1} << 40;

// Both parts change places.
Lowered roll(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  const auto shift = integer_of(argument_of(l, 1, {"shift"})), axis = integer_of(argument_of(l, 2, {"axis"}));
  if (!shift || !axis) return l.opaque();
  const Dim extent = l.shape(x).at(*axis);
  if (!extent.known() || extent.value() == 0) return l.opaque();
  const std::int64_t cut = ((-*shift % extent.value()) + extent.value()) % extent.value();
  NNGAUGE_TRY(const TensorId back, part(l, x, *axis, cut, kToTheEnd));
  NNGAUGE_TRY(const TensorId front, part(l, x, *axis, 0, cut));
  return l.emit(K::kConcat, {back, front}, on_axis(*axis));
}

// Differences of neighbours.
Lowered diff(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  const std::int64_t axis = integer_of(argument_of(l, 2, {"axis"})).value_or(-1);
  if (integer_of(argument_of(l, 1, {"n"})).value_or(1) != 1) return l.opaque();
  NNGAUGE_TRY(const TensorId next, part(l, x, axis, 1, kToTheEnd));
  NNGAUGE_TRY(const TensorId here, part(l, x, axis, 0, -1));
  return l.emit(K::kSub, {next, here});
}

// x[key]: integers, slices, an ellipsis, new axes.
Lowered get_item(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  Json key = argument_of(l, 1, {"key", "slice_spec"});
  if (!key.is_array()) key = Json::array({key});
  SliceAttrs attrs;
  std::size_t place = 0;
  for (const Json& one : key) {
    const std::int64_t bit = std::int64_t{1} << place;
    std::int64_t start = 0, end = 0, step = 1;
    if (one.is_null() || is_named(one, "__newaxis__")) {
      attrs.new_axis_mask |= bit;
    } else if (is_named(one, "__ellipsis__")) {
      attrs.ellipsis_mask |= bit;
    } else if (const auto index = integer_of(one)) {
      start = *index;
      end = start + 1;
      attrs.shrink_axis_mask |= bit;
    } else if (const auto slice = slice_of(one)) {
      step = slice->step.value_or(1);
      if (slice->start) start = *slice->start;
      else attrs.begin_mask |= bit;
      if (slice->stop) end = *slice->stop;
      else attrs.end_mask |= bit;
    } else {
      return l.opaque();
    }
    attrs.starts.push_back(start);
    attrs.ends.push_back(end);
    attrs.steps.push_back(step);
    if (++place > 60) return l.opaque();
  }
  return l.emit(K::kStridedSlice, {x}, std::move(attrs));
}

Lowered gather(Layer& l, OpKind kind) {
  const TensorId x = first_operand(l), places = operand_of(l, argument_of(l, 1, {"indices"}));
  if (places == kNoTensor) return l.opaque();
  AxisAttrs attrs = on_axis(integer_of(argument_of(l, 64, {"axis"})).value_or(kind == K::kGatherElements ? -1 : 0));
  attrs.batch_dims = integer_of(argument_of(l, 64, {"batch_dims"})).value_or(0);
  l.op.kind = kind;
  l.op.attrs = attrs;
  l.op.inputs = {{x, OperandRole::kData}, {places, OperandRole::kData}};
  return l.emit();
}

Lowered cast(Layer& l, OpKind) {
  CastAttrs attrs;
  const Json& dtype = argument_of(l, 1, {"dtype"});
  attrs.dtype = dtype.is_string() ? find_dtype(dtype.get<std::string>()).value_or(DType::kUnknown) : DType::kUnknown;
  if (attrs.dtype == DType::kUnknown) return l.opaque();
  return l.emit(K::kCast, {first_operand(l)}, attrs);
}

Lowered select(Layer& l, OpKind) {
  const TensorId condition = operand_of(l, argument_of(l, 0, {"condition"}));
  const TensorId a = operand_of(l, argument_of(l, 1, {"x1", "x"})), b = operand_of(l, argument_of(l, 2, {"x2", "y"}));
  if (condition == kNoTensor || a == kNoTensor || b == kNoTensor) return l.opaque();
  return l.emit(K::kSelect, {condition, a, b});
}

Lowered one_hot(Layer& l, OpKind) {
  const auto depth = integer_of(argument_of(l, 1, {"num_classes", "depth"}));
  if (!depth || *depth < 0) return l.opaque();
  const TensorId x = first_operand(l);
  AxisAttrs attrs = on_axis(integer_of(argument_of(l, 64, {"axis"})).value_or(-1));
  attrs.count = *depth;
  attrs.dtype = DType::kFloat32;
  Tensor count;
  count.dtype = DType::kInt32;
  count.declared = count.shape = Shape::scalar();
  count.is_constant = true;
  count.value = Value::of_ints({*depth});
  l.op.kind = K::kOneHot;
  l.op.attrs = attrs;
  l.op.inputs = {{x, OperandRole::kData}, {l.writer().add(std::move(count)), OperandRole::kConfig}};
  return l.emit();
}

Lowered top_k(Layer& l, OpKind) {
  TopKAttrs attrs;
  attrs.k = integer_of(argument_of(l, 1, {"k"})).value_or(1);
  NNGAUGE_TRY(const std::vector<TensorId> made, l.emit(K::kTopK, {first_operand(l)}, attrs, 2));
  return several(l, made);
}

Lowered fill_like(Layer& l, OpKind kind) { return l.emit(kind, {first_operand(l)}); }

Lowered shape_function(Layer& l, OpKind kind) { return l.emit(kind, {first_operand(l)}); }

Lowered pass(Layer& l, OpKind) { return l.emit(K::kIdentity, {first_operand(l)}); }

}  // namespace nngauge::keras::function
