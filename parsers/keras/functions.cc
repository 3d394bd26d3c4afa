// SPDX-License-Identifier: Apache-2.0
// Functions by their names in keras.ops and in TensorFlow; arguments by their names in both.
#include "parsers/keras/functions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "parsers/keras/function_readers.h"

namespace nngauge::keras {
namespace function {

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

Lowered several(Layer& l, const std::vector<TensorId>& made) {
  for (std::size_t i = 1; i < made.size(); ++i) l.also(made[i]);
  return made[0];
}

Lowered with_scalar(Layer& l, TensorId x, OpKind kind, double scalar) {
  return l.emit(kind, {x, l.writer().add_scalar(scalar)});
}

}  // namespace function

namespace {

using K = OpKind;
using namespace function;

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
