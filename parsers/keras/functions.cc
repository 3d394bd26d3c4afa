// SPDX-License-Identifier: Apache-2.0
// Functions by their names in keras.ops and in TensorFlow; arguments by their names in both.
#include "parsers/keras/functions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "parsers/keras/arguments.h"

namespace nngauge::keras {
namespace {

using K = OpKind;
using Lowered = Result<TensorId>;

std::int64_t rank_of(const Shape& shape) { return shape.ranked() ? static_cast<std::int64_t>(shape.rank()) : -1; }

AxisAttrs on_axis(std::int64_t axis) {
  AxisAttrs attrs;
  attrs.axis = axis;
  return attrs;
}

// The first argument, under any of the names that functions give it.
TensorId first_operand(Layer& l) {
  if (!l.call().args.empty()) return operand_of(l, l.call().args[0]);
  for (const char* name : {"x", "x1", "input", "inputs", "input_tensor", "tensor", "a", "features", "logits", "value",
                           "images", "params", "condition", "t"}) {
    const Json& value = l.argument(64, name);
    if (!value.is_null()) return operand_of(l, value);
  }
  return l.input_id(0);
}

const Json& argument_of(const Layer& l, std::size_t place, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const Json& value = l.argument(64, name);
    if (!value.is_null()) return value;
  }
  return l.argument(place, "");
}

Lowered unary(Layer& l, OpKind kind) { return l.emit(kind, {first_operand(l)}); }

Lowered binary(Layer& l, OpKind kind) {
  const TensorId a = first_operand(l);
  const TensorId b = operand_of(l, argument_of(l, 1, {"y", "x2", "b", "other"}));
  if (a == kNoTensor || b == kNoTensor) return l.opaque();
  return l.emit(kind, {a, b});
}

Lowered along_axis(Layer& l, OpKind kind) {
  const Json& axis = argument_of(l, 1, {"axis"});
  return l.emit(kind, {first_operand(l)}, on_axis(integer_of(axis).value_or(-1)));
}

// Sum, mean … over the axes that are named, or over all.
Lowered reduce(Layer& l, TensorId x, OpKind kind, const Json& axis, bool keep) {
  AxesAttrs attrs;
  attrs.has_axes = true;
  attrs.keep_dims = keep;
  if (const auto axes = integers_of(axis)) {
    attrs.axes = *axes;
  } else {
    if (!l.shape(x).ranked()) return l.opaque();
    for (std::int64_t i = 0; i < rank_of(l.shape(x)); ++i) attrs.axes.push_back(i);
  }
  return l.emit(kind, {x}, std::move(attrs));
}

bool keeps(const Layer& l) {
  const Json& keep = argument_of(l, 2, {"keepdims", "keep_dims"});
  return keep.is_boolean() && keep.get<bool>();
}

Lowered reduction(Layer& l, OpKind kind) {
  return reduce(l, first_operand(l), kind, argument_of(l, 1, {"axis"}), keeps(l));
}

// mean((x - mean(x))^2), and the root of it
Lowered variance(Layer& l, OpKind kind) {
  const TensorId x = first_operand(l);
  const Json& axis = argument_of(l, 1, {"axis"});
  NNGAUGE_TRY(const TensorId mean, reduce(l, x, K::kReduceMean, axis, true));
  NNGAUGE_TRY(const TensorId squares, l.emit(K::kSquaredDifference, {x, mean}));
  NNGAUGE_TRY(const TensorId result, reduce(l, squares, K::kReduceMean, axis, keeps(l)));
  return kind == K::kSqrt ? l.emit(K::kSqrt, {result}) : Lowered(result);
}

Lowered moments(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  const Json& axis = argument_of(l, 1, {"axes", "axis"});
  NNGAUGE_TRY(const TensorId mean, reduce(l, x, K::kReduceMean, axis, keeps(l)));
  NNGAUGE_TRY(const TensorId kept, reduce(l, x, K::kReduceMean, axis, true));
  NNGAUGE_TRY(const TensorId squares, l.emit(K::kSquaredDifference, {x, kept}));
  NNGAUGE_TRY(const TensorId variance_id, reduce(l, squares, K::kReduceMean, axis, keeps(l)));
  l.also(variance_id);
  return mean;
}

Lowered arg_reduction(Layer& l, OpKind kind) {
  AxisAttrs attrs = on_axis(0);
  const Json& axis = argument_of(l, 1, {"axis"});
  TensorId x = first_operand(l);
  attrs.keep_dims = keeps(l);
  attrs.dtype = DType::kInt32;
  if (const auto stated = integer_of(axis)) {
    attrs.axis = *stated;
  } else {  // of all elements
    ReshapeAttrs flat;
    flat.has_shape = true;
    flat.shape = {-1};
    NNGAUGE_TRY(x, l.emit(K::kReshape, {x}, std::move(flat)));
  }
  return l.emit(kind, {x}, attrs);
}

// A function of two steps: log(1 + x), exp(x) - 1, log(sigmoid(x)) …
Lowered with_scalar(Layer& l, TensorId x, OpKind kind, double scalar) {
  return l.emit(kind, {x, l.writer().add_scalar(scalar)});
}
Lowered log1p(Layer& l, OpKind) {
  NNGAUGE_TRY(const TensorId x, with_scalar(l, first_operand(l), K::kAdd, 1));
  return l.emit(K::kLog, {x});
}
Lowered expm1(Layer& l, OpKind) {
  NNGAUGE_TRY(const TensorId x, l.emit(K::kExp, {first_operand(l)}));
  return with_scalar(l, x, K::kSub, 1);
}
Lowered log_sigmoid(Layer& l, OpKind) {
  NNGAUGE_TRY(const TensorId x, l.emit(K::kSigmoid, {first_operand(l)}));
  return l.emit(K::kLog, {x});
}
Lowered tanh_shrink(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  NNGAUGE_TRY(const TensorId y, l.emit(K::kTanh, {x}));
  return l.emit(K::kSub, {x, y});
}
// x times the sigmoid of its other half
Lowered glu(Layer& l, OpKind) {
  SplitAttrs split;
  split.axis = integer_of(argument_of(l, 1, {"axis"})).value_or(-1);
  split.count = 2;
  NNGAUGE_TRY(const std::vector<TensorId> halves, l.emit(K::kSplit, {first_operand(l)}, split, 2));
  NNGAUGE_TRY(const TensorId gate, l.emit(K::kSigmoid, {halves[1]}));
  return l.emit(K::kMul, {halves[0], gate});
}

// relu(x, negative_slope, max_value) of Keras' backend
Lowered relu(Layer& l, OpKind) {
  const Json& most = argument_of(l, 64, {"max_value"});
  const double limit = most.is_number() ? most.get<double>() : 0;
  const Json& slope = argument_of(l, 64, {"negative_slope", "alpha"});
  const TensorId x = first_operand(l);
  if (limit > 5.999 && limit < 6.001) return l.emit(K::kRelu6, {x});
  if (limit > 0) return l.emit(K::kClip, {x});
  return l.emit(slope.is_number() && slope.get<double>() > 0 ? K::kLeakyRelu : K::kRelu, {x});
}

Lowered gelu(Layer& l, OpKind) { return l.emit(K::kGelu, {first_operand(l)}); }

Lowered clip(Layer& l, OpKind) { return l.emit(K::kClip, {first_operand(l)}); }

Lowered normalize(Layer& l, OpKind) {
  NormAttrs attrs;
  attrs.axis = -1;
  if (const auto axes = integers_of(argument_of(l, 1, {"axis"})); axes && !axes->empty()) {
    attrs.axis = axes->front();
    attrs.axes = *axes;
  }
  return l.emit(K::kL2Norm, {first_operand(l)}, std::move(attrs));
}

Lowered norm(Layer& l, OpKind) {
  return reduce(l, first_operand(l), K::kReduceL2, argument_of(l, 64, {"axis"}), keeps(l));
}

Lowered layer_norm(Layer& l, OpKind kind) {
  NormAttrs attrs;
  attrs.axis = -1;
  if (const auto axes = integers_of(argument_of(l, 64, {"axis"})); axes && !axes->empty()) attrs.axis = axes->front();
  l.op.kind = kind;
  l.op.attrs = attrs;
  l.op.inputs = {{first_operand(l), OperandRole::kData}};
  for (const Json* one : {&argument_of(l, 1, {"gamma", "scale"}), &argument_of(l, 2, {"beta", "offset"})}) {
    const TensorId id = operand_of(l, *one);
    if (id != kNoTensor && (kind == K::kLayerNorm || l.op.inputs.size() < 2))
      l.op.inputs.push_back({id, OperandRole::kNorm});
  }
  return l.emit();
}

// --- shapes ---------------------------------------------------------------------------------------------------------

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

Lowered transpose_by(Layer& l, TensorId x, Ints perm) {
  TransposeAttrs attrs;
  attrs.perm = std::move(perm);
  return l.emit(K::kTranspose, {x}, std::move(attrs));
}

Lowered transpose(Layer& l, OpKind) {
  return transpose_by(l, first_operand(l), integers_of(argument_of(l, 1, {"axes", "perm"})).value_or(Ints()));
}

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

Lowered several(Layer& l, const std::vector<TensorId>& made) {
  for (std::size_t i = 1; i < made.size(); ++i) l.also(made[i]);
  return made[0];
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

Lowered part(Layer& l, TensorId x, std::int64_t axis, std::int64_t start, std::int64_t end) {
  SliceAttrs attrs;
  attrs.onnx_form = true;
  attrs.axes = {axis};
  attrs.starts = {start};
  attrs.ends = {end};
  return l.emit(K::kSlice, {x}, std::move(attrs));
}

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

// --- products -------------------------------------------------------------------------------------------------------

Lowered matmul(Layer& l, OpKind) {
  MatMulAttrs attrs;
  const TensorId a = first_operand(l), b = operand_of(l, argument_of(l, 1, {"x2", "b", "y"}));
  if (b == kNoTensor) return l.opaque();
  const auto flag = [&](const char* name) {
    const Json& value = l.argument(64, name);
    return value.is_boolean() && value.get<bool>();
  };
  attrs.transpose_a = flag("transpose_a") || flag("adjoint_a");
  attrs.transpose_b = flag("transpose_b") || flag("adjoint_b");
  return l.emit(K::kMatMul, {a, b}, attrs);
}

Lowered einsum(Layer& l, OpKind) {
  const Json& equation = argument_of(l, 0, {"subscripts", "equation"});
  if (!equation.is_string() || l.input_count() == 0) return l.opaque();
  EinsumAttrs attrs;
  attrs.equation = equation.get<std::string>();
  std::vector<TensorId> operands;
  for (std::size_t i = 0; i < l.input_count(); ++i) operands.push_back(l.input_id(i));
  return l.emit(K::kEinsum, operands, std::move(attrs));
}

// Contracts the named axes, as an einsum.
Lowered tensordot(Layer& l, TensorId a, TensorId b, Ints left, Ints right) {
  const std::int64_t ranks[] = {rank_of(l.shape(a)), rank_of(l.shape(b))};
  if (ranks[0] < 0 || ranks[1] < 0 || ranks[0] + ranks[1] > 26 || left.size() != right.size()) return l.opaque();
  std::string first, second, result;
  for (std::int64_t i = 0; i < ranks[0]; ++i) first += static_cast<char>('a' + i);
  for (std::int64_t i = 0; i < ranks[1]; ++i) second += static_cast<char>('a' + ranks[0] + i);
  result = first + second;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const std::int64_t x = left[i] < 0 ? left[i] + ranks[0] : left[i],
                       y = right[i] < 0 ? right[i] + ranks[1] : right[i];
    if (x < 0 || y < 0 || x >= ranks[0] || y >= ranks[1]) return l.opaque();
    std::erase(result, first[at(x)]);
    std::erase(result, second[at(y)]);
    second[at(y)] = first[at(x)];
  }
  EinsumAttrs attrs;
  attrs.equation = first + "," + second + "->" + result;
  return l.emit(K::kEinsum, {a, b}, std::move(attrs));
}

Lowered tensordot_function(Layer& l, OpKind) {
  const TensorId a = first_operand(l), b = operand_of(l, argument_of(l, 1, {"x2", "b"}));
  const Json& axes = argument_of(l, 2, {"axes"});
  if (b == kNoTensor) return l.opaque();
  Ints left, right;
  if (const auto count = integer_of(axes)) {
    for (std::int64_t i = 0; i < *count && i < 26; ++i) {
      left.push_back(i - *count);
      right.push_back(i);
    }
  } else if (axes.is_array() && axes.size() == 2) {
    left = integers_of(axes[0]).value_or(Ints());
    right = integers_of(axes[1]).value_or(Ints());
  }
  return tensordot(l, a, b, std::move(left), std::move(right));
}

Lowered dot(Layer& l, OpKind) {
  const TensorId a = first_operand(l), b = operand_of(l, argument_of(l, 1, {"x2"}));
  if (b == kNoTensor) return l.opaque();
  if (rank_of(l.shape(a)) == 0 || rank_of(l.shape(b)) == 0) return l.emit(K::kMul, {a, b});
  return tensordot(l, a, b, {-1}, {rank_of(l.shape(b)) == 1 ? 0 : -2});
}

Lowered outer(Layer& l, OpKind) {
  const TensorId a = first_operand(l), b = operand_of(l, argument_of(l, 1, {"x2"}));
  if (b == kNoTensor || rank_of(l.shape(a)) != 1 || rank_of(l.shape(b)) != 1) return l.opaque();
  return tensordot(l, a, b, {}, {});
}

// keras.ops.dot_product_attention: query, key, value [batch, length, heads, size].
Lowered attention(Layer& l, OpKind) {
  const TensorId query = first_operand(l), key = operand_of(l, argument_of(l, 1, {"key"})),
                 value = operand_of(l, argument_of(l, 2, {"value"}));
  if (key == kNoTensor || value == kNoTensor) return l.opaque();
  const std::string before = "btnh,bsnh->bnts", behind = "bnts,bsnh->btnh";
  EinsumAttrs scores, result;
  scores.equation = before;
  result.equation = behind;
  NNGAUGE_TRY(TensorId made, l.emit(K::kEinsum, {query, key}, std::move(scores)));
  NNGAUGE_TRY(made, with_scalar(l, made, K::kMul, 1));
  const TensorId bias = operand_of(l, argument_of(l, 3, {"bias"}));
  if (bias != kNoTensor) {
    NNGAUGE_TRY(made, l.emit(K::kAdd, {made, bias}));
  }
  NNGAUGE_TRY(made, l.emit(K::kSoftmax, {made}, on_axis(-1)));
  return l.emit(K::kEinsum, {made, value}, std::move(result));
}

DataLayout layout_of(const Layer& l) {
  const Json& format = argument_of(l, 64, {"data_format"});
  return format.is_string() && (format == "channels_first" || format.get<std::string>().starts_with("NC"))
             ? DataLayout::kChannelsFirst
             : DataLayout::kChannelsLast;
}

// Numbers per spatial axis; TensorFlow also states those of batch and channels.
Ints spatial(const Layer& l, const Json& value, std::size_t axes, DataLayout layout) {
  Ints out = integers_of(value).value_or(Ints());
  if (out.size() == axes + 2) {
    const std::ptrdiff_t first = layout == DataLayout::kChannelsFirst ? 2 : 1;
    out = Ints(out.begin() + first, out.begin() + first + static_cast<std::ptrdiff_t>(axes));
  }
  if (out.size() == 1) out.assign(axes, out[0]);
  (void)l;
  return out;
}

PaddingMode padding_of(const Layer& l) {
  const Json& padding = argument_of(l, 64, {"padding"});
  return padding == "same" || padding == "SAME" ? PaddingMode::kSameUpper : PaddingMode::kValid;
}

Lowered convolution(Layer& l, OpKind kind) {
  const TensorId x = first_operand(l), filter = operand_of(l, argument_of(l, 1, {"kernel", "filters", "filter"}));
  const std::int64_t rank = rank_of(l.shape(x));
  if (filter == kNoTensor || rank < 3 || rank > 5) return l.opaque();
  const std::size_t axes = at(rank) - 2;
  constexpr std::array kConvs = {K::kConv1D, K::kConv2D, K::kConv3D};
  constexpr std::array kDepthwise = {K::kDepthwiseConv1D, K::kDepthwiseConv2D, K::kDepthwiseConv3D};
  constexpr std::array kTransposed = {K::kConvTranspose1D, K::kConvTranspose2D, K::kConvTranspose3D};
  ConvAttrs attrs;
  attrs.layout = layout_of(l);
  attrs.filter_layout = kind == K::kConvTranspose2D ? FilterLayout::kSpatialOutIn : FilterLayout::kSpatialInOut;
  attrs.padding = padding_of(l);
  attrs.strides = spatial(l, argument_of(l, 64, {"strides"}), axes, attrs.layout);
  attrs.dilations = spatial(l, argument_of(l, 64, {"dilation_rate", "dilations"}), axes, attrs.layout);
  if (kind == K::kDepthwiseConv2D) attrs.groups = 0;
  l.op.kind = kind == K::kConv2D            ? kConvs[axes - 1]
              : kind == K::kDepthwiseConv2D ? kDepthwise[axes - 1]
                                            : kTransposed[axes - 1];
  l.op.attrs = std::move(attrs);
  l.op.inputs = {{x, OperandRole::kData}, {filter, OperandRole::kWeight}};
  return l.emit();
}

Lowered pool(Layer& l, OpKind kind) {
  const TensorId x = first_operand(l);
  const std::int64_t rank = rank_of(l.shape(x));
  if (rank < 3 || rank > 5) return l.opaque();
  const std::size_t axes = at(rank) - 2;
  PoolAttrs attrs;
  attrs.layout = layout_of(l);
  attrs.padding = padding_of(l);
  attrs.kernel = spatial(l, argument_of(l, 1, {"pool_size", "ksize"}), axes, attrs.layout);
  attrs.strides = spatial(l, argument_of(l, 2, {"strides"}), axes, attrs.layout);
  if (attrs.strides.empty()) attrs.strides = attrs.kernel;
  return l.emit(kind, {x}, std::move(attrs));
}

Lowered resize(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  const Json& method = argument_of(l, 2, {"interpolation", "method"});
  const std::string how = method.is_string() ? method.get<std::string>() : "bilinear";
  ResizeAttrs attrs;
  attrs.layout = layout_of(l);
  const auto sizes = integers_of(argument_of(l, 1, {"size"}));
  if (!sizes || sizes->size() != 2) return l.opaque();
  attrs.sizes = *sizes;
  const std::int64_t first = attrs.layout == DataLayout::kChannelsFirst ? 2 : 1;
  attrs.axes = {first, first + 1};
  if (rank_of(l.shape(x)) == 3) attrs.axes = {first - 1, first};
  return l.emit(how == "nearest"   ? K::kResizeNearest
                : how == "bicubic" ? K::kResizeCubic
                                   : K::kResizeBilinear,
                {x}, std::move(attrs));
}

Lowered space_depth(Layer& l, OpKind kind) {
  SpaceDepthAttrs attrs;
  attrs.block_size = integer_of(argument_of(l, 1, {"block_size"})).value_or(1);
  attrs.layout = layout_of(l);
  return l.emit(kind, {first_operand(l)}, attrs);
}

Lowered sort(Layer& l, OpKind kind) {
  return l.emit(kind, {first_operand(l)}, on_axis(integer_of(argument_of(l, 1, {"axis"})).value_or(-1)));
}

// The second result of a sort.
Lowered arg_sort(Layer& l, OpKind) {
  const TensorId x = first_operand(l);
  TopKAttrs attrs;
  attrs.axis = integer_of(argument_of(l, 1, {"axis"})).value_or(-1);
  const Dim extent = l.shape(x).at(attrs.axis);
  if (!extent.known()) return l.opaque();
  attrs.k = extent.value();
  NNGAUGE_TRY(const std::vector<TensorId> made, l.emit(K::kTopK, {x}, attrs, 2));
  return made[1];
}

Lowered add_n(Layer& l, OpKind kind) {
  std::vector<TensorId> operands;
  collect_tensors(l.call().args, operands);
  return operands.empty() ? l.opaque() : l.emit(kind, operands);
}

struct Row {
  std::string_view names;  // with spaces between
  Lowered (*lower)(Layer&, OpKind);
  OpKind kind;
};

constexpr std::array kRows = {
    Row{"relu", relu, K::kRelu},
    Row{"relu6", unary, K::kRelu6},
    Row{"leaky_relu", unary, K::kLeakyRelu},
    Row{"elu", unary, K::kElu},
    Row{"selu", unary, K::kSelu},
    Row{"celu", unary, K::kCelu},
    Row{"sigmoid", unary, K::kSigmoid},
    Row{"log_sigmoid logsigmoid", log_sigmoid, K::kLog},
    Row{"hard_sigmoid", unary, K::kHardSigmoid},
    Row{"hard_silu hard_swish", unary, K::kHardSwish},
    Row{"hard_tanh", unary, K::kReluN1To1},
    Row{"hard_shrink soft_shrink threshold", unary, K::kShrink},
    Row{"silu swish", unary, K::kSwish},
    Row{"mish", unary, K::kMish},
    Row{"gelu", gelu, K::kGelu},
    Row{"glu", glu, K::kMul},
    Row{"softplus", unary, K::kSoftplus},
    Row{"softsign soft_sign", unary, K::kSoftsign},
    Row{"tanh_shrink", tanh_shrink, K::kTanh},
    Row{"tanh", unary, K::kTanh},
    Row{"erf", unary, K::kErf},
    Row{"exp", unary, K::kExp},
    Row{"expm1", expm1, K::kExp},
    Row{"log", unary, K::kLog},
    Row{"log1p", log1p, K::kLog},
    Row{"sqrt", unary, K::kSqrt},
    Row{"rsqrt", unary, K::kRsqrt},
    Row{"square", unary, K::kSquare},
    Row{"abs absolute", unary, K::kAbs},
    Row{"negative neg", unary, K::kNeg},
    Row{"sign", unary, K::kSign},
    Row{"floor", unary, K::kFloor},
    Row{"ceil", unary, K::kCeil},
    Row{"round", unary, K::kRound},
    Row{"reciprocal", unary, K::kReciprocal},
    Row{"sin", unary, K::kSin},
    Row{"cos", unary, K::kCos},
    Row{"tan", unary, K::kTan},
    Row{"arcsin asin", unary, K::kAsin},
    Row{"arccos acos", unary, K::kAcos},
    Row{"arctan atan", unary, K::kAtan},
    Row{"sinh", unary, K::kSinh},
    Row{"cosh", unary, K::kCosh},
    Row{"arcsinh asinh", unary, K::kAsinh},
    Row{"arccosh acosh", unary, K::kAcosh},
    Row{"arctanh atanh", unary, K::kAtanh},
    Row{"isnan is_nan", unary, K::kIsNaN},
    Row{"isinf is_inf", unary, K::kIsInf},
    Row{"logical_not", unary, K::kLogicalNot},
    Row{"identity stop_gradient copy ensure_shape convert_to_tensor", pass, K::kIdentity},
    Row{"softmax", along_axis, K::kSoftmax},
    Row{"log_softmax", along_axis, K::kLogSoftmax},
    Row{"cumsum", along_axis, K::kCumSum},
    Row{"add radd", binary, K::kAdd},
    Row{"bias_add", binary, K::kBiasAdd},
    Row{"subtract sub rsub", binary, K::kSub},
    Row{"multiply mul rmul", binary, K::kMul},
    Row{"divide true_divide truediv div realdiv rtruediv divide_no_nan", binary, K::kDiv},
    Row{"power pow rpow", binary, K::kPow},
    Row{"maximum", binary, K::kMaximum},
    Row{"minimum", binary, K::kMinimum},
    Row{"mod floormod floor_mod", binary, K::kFloorMod},
    Row{"floor_divide floordiv", binary, K::kFloorDiv},
    Row{"squared_difference", binary, K::kSquaredDifference},
    Row{"arctan2 atan2", binary, K::kAtan2},
    Row{"equal eq", binary, K::kEqual},
    Row{"not_equal ne", binary, K::kNotEqual},
    Row{"greater gt", binary, K::kGreater},
    Row{"greater_equal ge", binary, K::kGreaterEqual},
    Row{"less lt", binary, K::kLess},
    Row{"less_equal le", binary, K::kLessEqual},
    Row{"logical_and", binary, K::kLogicalAnd},
    Row{"logical_or", binary, K::kLogicalOr},
    Row{"logical_xor", binary, K::kLogicalXor},
    Row{"add_n", add_n, K::kAddN},
    Row{"sum reduce_sum", reduction, K::kReduceSum},
    Row{"mean reduce_mean average", reduction, K::kReduceMean},
    Row{"max amax reduce_max", reduction, K::kReduceMax},
    Row{"min amin reduce_min", reduction, K::kReduceMin},
    Row{"prod reduce_prod", reduction, K::kReduceProd},
    Row{"any reduce_any", reduction, K::kReduceAny},
    Row{"all reduce_all", reduction, K::kReduceAll},
    Row{"logsumexp reduce_logsumexp", reduction, K::kReduceLogSumExp},
    Row{"norm", norm, K::kReduceL2},
    Row{"var reduce_variance", variance, K::kReduceMean},
    Row{"std reduce_std", variance, K::kSqrt},
    Row{"moments", moments, K::kReduceMean},
    Row{"argmax arg_max", arg_reduction, K::kArgMax},
    Row{"argmin arg_min", arg_reduction, K::kArgMin},
    Row{"clip clip_by_value", clip, K::kClip},
    Row{"normalize l2_normalize", normalize, K::kL2Norm},
    Row{"layer_norm layer_normalization", layer_norm, K::kLayerNorm},
    Row{"rms_norm rms_normalization", layer_norm, K::kRMSNorm},
    Row{"reshape", reshape, K::kReshape},
    Row{"ravel", flatten, K::kReshape},
    Row{"transpose permute_dimensions", transpose, K::kTranspose},
    Row{"swapaxes", swap_axes, K::kTranspose},
    Row{"moveaxis", move_axis, K::kTranspose},
    Row{"expand_dims", axes_view, K::kUnsqueeze},
    Row{"squeeze", axes_view, K::kSqueeze},
    Row{"concatenate concat", concat, K::kConcat},
    Row{"hstack", hstack, K::kConcat},
    Row{"vstack", vstack, K::kConcat},
    Row{"stack", stack, K::kStack},
    Row{"split array_split", split, K::kSplit},
    Row{"unstack", unstack, K::kUnstack},
    Row{"tile", tile, K::kTile},
    Row{"repeat", repeat, K::kGather},
    Row{"broadcast_to", broadcast_to, K::kExpand},
    Row{"pad", pad, K::kPad},
    Row{"flip reverse", flip, K::kReverse},
    Row{"roll", roll, K::kConcat},
    Row{"diff", diff, K::kSub},
    Row{"get_item getitem strided_slice", get_item, K::kStridedSlice},
    Row{"take gather", gather, K::kGather},
    Row{"take_along_axis", gather, K::kGatherElements},
    Row{"cast", cast, K::kCast},
    Row{"where select", select, K::kSelect},
    Row{"one_hot", one_hot, K::kOneHot},
    Row{"top_k", top_k, K::kTopK},
    Row{"sort", sort, K::kSort},
    Row{"argsort", arg_sort, K::kTopK},
    Row{"zeros_like ones_like full_like", fill_like, K::kZerosLike},
    Row{"shape", shape_function, K::kShape},
    Row{"size", shape_function, K::kSize},
    Row{"rank ndim", shape_function, K::kRank},
    Row{"tril triu", unary, K::kTrilu},
    Row{"matmul", matmul, K::kMatMul},
    Row{"einsum", einsum, K::kEinsum},
    Row{"tensordot", tensordot_function, K::kEinsum},
    Row{"dot", dot, K::kEinsum},
    Row{"outer", outer, K::kEinsum},
    Row{"dot_product_attention", attention, K::kEinsum},
    Row{"conv conv1d conv2d conv3d convolution", convolution, K::kConv2D},
    Row{"depthwise_conv depthwise_conv2d", convolution, K::kDepthwiseConv2D},
    Row{"conv_transpose conv2d_transpose", convolution, K::kConvTranspose2D},
    Row{"max_pool max_pool2d", pool, K::kMaxPool},
    Row{"average_pool avg_pool avg_pool2d", pool, K::kAveragePool},
    Row{"resize", resize, K::kResizeBilinear},
    Row{"depth_to_space", space_depth, K::kDepthToSpace},
    Row{"space_to_depth", space_depth, K::kSpaceToDepth},
};

bool lists(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    if (names.substr(0, end) == name) return true;
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return false;
}

const Row* find_row(const std::string& function) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return lists(r.names, function); });
  return row == kRows.end() ? nullptr : &*row;
}

}  // namespace

std::string function_name(const std::string& name) {
  const std::string last = name.substr(name.rfind('.') == std::string::npos ? 0 : name.rfind('.') + 1);
  std::string out;
  for (std::size_t i = 0; i < last.size(); ++i) {
    const auto here = static_cast<unsigned char>(last[i]);
    const bool upper = std::isupper(here) != 0;
    const bool new_word = upper && i > 0 && std::islower(static_cast<unsigned char>(last[i - 1])) != 0;
    const bool last_of_capitals = upper && i > 0 && i + 1 < last.size() &&
                                  std::islower(static_cast<unsigned char>(last[i + 1])) != 0 && last[i - 1] != '_';
    if (new_word || last_of_capitals) out += '_';
    out += static_cast<char>(std::tolower(here));
  }
  return out;
}

bool is_known_function(const std::string& function) { return find_row(function) != nullptr; }

Result<TensorId> lower_function(Layer& layer, const std::string& function) {
  const Row* row = find_row(function);
  if (!row || layer.input_count() == 0) return layer.opaque();
  return row->lower(layer, row->kind);
}

}  // namespace nngauge::keras
