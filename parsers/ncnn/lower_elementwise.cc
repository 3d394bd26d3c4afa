// SPDX-License-Identifier: Apache-2.0
// Element-wise functions of one and two operands, functions along an axis, quantisation.
#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "parsers/ncnn/layers.h"

namespace nngauge::ncnn {
namespace {

using K = OpKind;

Error bad_type(const char* what, std::int64_t value) {
  return make_error(ErrorCode::kInvalidAttribute, std::string(what) + " is " + std::to_string(value));
}

// Layers that are one function without further ado.
struct Function {
  std::string_view type;
  OpKind kind;
};
constexpr std::array kFunctions = {
    Function{"AbsVal", K::kAbs},        Function{"BNLL", K::kSoftplus},
    Function{"ELU", K::kElu},           Function{"Exp", K::kExp},
    Function{"Log", K::kLog},           Function{"Sigmoid", K::kSigmoid},
    Function{"TanH", K::kTanh},         Function{"HardSigmoid", K::kHardSigmoid},
    Function{"SELU", K::kSelu},         Function{"HardSwish", K::kHardSwish},
    Function{"Mish", K::kMish},         Function{"Swish", K::kSwish},
    Function{"Softplus", K::kSoftplus}, Function{"Erf", K::kErf},
    Function{"CELU", K::kCelu},         Function{"Shrink", K::kShrink},
    Function{"Clip", K::kClip},         Function{"CumulativeSum", K::kCumSum},
};

constexpr std::array kUnary = {K::kAbs,  K::kNeg,        K::kFloor, K::kCeil, K::kSquare, K::kSqrt, K::kRsqrt,
                               K::kExp,  K::kLog,        K::kSin,   K::kCos,  K::kTan,    K::kAsin, K::kAcos,
                               K::kAtan, K::kReciprocal, K::kTanh,  K::kLog,  K::kRound,  K::kFloor};

struct Binary {
  OpKind kind;
  bool swapped;  // the second operand comes first
};
constexpr std::array kBinary = {Binary{K::kAdd, false}, Binary{K::kSub, false},     Binary{K::kMul, false},
                                Binary{K::kDiv, false}, Binary{K::kMaximum, false}, Binary{K::kMinimum, false},
                                Binary{K::kPow, false}, Binary{K::kSub, true},      Binary{K::kDiv, true},
                                Binary{K::kPow, true},  Binary{K::kAtan2, false},   Binary{K::kAtan2, true}};

constexpr std::array kReductions = {K::kReduceSum, K::kReduceL1,     K::kReduceSumSquare, K::kReduceMean,
                                    K::kReduceMax, K::kReduceMin,    K::kReduceProd,      K::kReduceL1,
                                    K::kReduceL2,  K::kReduceLogSum, K::kReduceLogSumExp};

// Blobs of different rank: the smaller one is laid along the outer axes of the larger, unless it is a vector that
// only fits the innermost axis.
bool is_laid_outside(const LayerView& v) {
  const std::size_t a = v.dims(0), b = v.dims(1);
  if (a == 0 || b == 0 || a == b) return false;
  const std::size_t narrow = a < b ? 0 : 1;
  const Shape& small = v.in(narrow);
  const Shape& large = v.in(1 - narrow);
  if (v.dims(narrow) > 1) return true;
  const bool fits_outer = !small[1].known() || !large[1].known() || small[1].is(large[1].value()) || small[1].is(1);
  return fits_outer;
}

}  // namespace

Status lower_function(LayerView& v) {
  const std::string& type = v.layer().type;
  for (const Function& function : kFunctions) {
    if (function.type == type) v.op.kind = function.kind;
  }
  if (type == "CumulativeSum") {
    AxisAttrs attrs;
    attrs.axis = tensor_axis(v.integer(0));
    v.op.attrs = attrs;
  }
  v.input(0);
  return ok();
}

Status lower_unary(LayerView& v) {
  if (v.layer().type == "GELU") {
    v.op.kind = v.integer(0) != 0 ? K::kFastGelu : K::kGelu;
  } else {
    const std::int64_t type = v.integer(0);
    if (type < 0 || type >= static_cast<std::int64_t>(kUnary.size())) return bad_type("the unary operation", type);
    v.op.kind = kUnary[static_cast<std::size_t>(type)];
  }
  v.input(0);
  return ok();
}

Status lower_relu(LayerView& v) {
  const double slope = v.layer().real(0, 0);
  v.op.kind = std::fabs(slope) > 0 ? K::kLeakyRelu : K::kRelu;
  if (v.op.kind == K::kLeakyRelu) {
    ScalarAttrs attrs;
    attrs.alpha = slope;
    v.op.attrs = attrs;
  }
  v.input(0);
  return ok();
}

Status lower_prelu(LayerView& v) {
  v.op.kind = K::kPRelu;
  v.input(0);
  std::vector<Dim> dims = {v.integer(0)};
  for (std::size_t i = 1; i < v.dims(0); ++i) dims.emplace_back(1);
  return v.weight(Part::kWeight, OperandRole::kWeight, Shape(std::move(dims)));
}

Status lower_binary(LayerView& v) {
  const std::int64_t type = v.integer(0);
  if (type < 0 || type >= static_cast<std::int64_t>(kBinary.size())) return bad_type("the binary operation", type);
  const Binary binary = kBinary[static_cast<std::size_t>(type)];
  v.op.kind = binary.kind;
  if (v.bottoms() < 2 || v.integer(1) != 0) {
    const TensorId scalar = v.scalar(v.layer().real(2, 0));
    if (binary.swapped) v.operand(scalar);
    v.input(0);
    if (!binary.swapped) v.operand(scalar);
    return ok();
  }
  v.input(binary.swapped ? 1 : 0);
  v.input(binary.swapped ? 0 : 1);
  if (is_laid_outside(v)) {
    BroadcastAttrs attrs;
    attrs.legacy = true;
    attrs.axis = 0;
    v.op.attrs = attrs;
  }
  return ok();
}

Status lower_eltwise(LayerView& v) {
  const std::int64_t type = v.integer(0);
  const bool pair = v.bottoms() == 2;
  switch (type) {
    case 0:
      v.op.kind = K::kMul;
      break;
    case 1:
      v.op.kind = pair ? K::kAdd : K::kAddN;
      break;
    case 2:
      v.op.kind = K::kMaximum;
      break;
    default:
      return bad_type("the element-wise operation", type);
  }
  if (type != 0 || v.bottoms() <= 2) {
    v.inputs_from(0);
    return ok();
  }
  // A product of several: one after the other.
  v.input(0);
  for (std::size_t i = 1; i + 1 < v.bottoms(); ++i) {
    Op product;
    product.kind = K::kMul;
    v.input(i);
    product.inputs = std::move(v.op.inputs);
    NNGAUGE_TRY(const TensorId partial, v.step(std::move(product)));
    v.op.inputs = {{partial, OperandRole::kData}};
  }
  v.input(v.bottoms() - 1);
  return ok();
}

// (shift + scale x) ^ power
Status lower_power(LayerView& v) {
  const double power = v.layer().real(0, 1), factor = v.layer().real(1, 1), shift = v.layer().real(2, 0);
  const auto is = [](double a, double b) { return std::fabs(a - b) <= 0; };
  v.input(0);
  struct Step {
    OpKind kind;
    double value;
  };
  std::vector<Step> steps;
  if (!is(factor, 1)) steps.push_back({K::kMul, factor});
  if (!is(shift, 0)) steps.push_back({K::kAdd, shift});
  if (!is(power, 1)) steps.push_back({K::kPow, power});
  if (steps.empty()) steps.push_back({K::kMul, 1});
  for (std::size_t i = 0; i < steps.size(); ++i) {
    v.operand(v.scalar(steps[i].value));
    if (i + 1 == steps.size()) {
      v.op.kind = steps[i].kind;
      return ok();
    }
    Op step;
    step.kind = steps[i].kind;
    step.inputs = std::move(v.op.inputs);
    NNGAUGE_TRY(const TensorId result, v.step(std::move(step)));
    v.op.inputs = {{result, OperandRole::kData}};
  }
  return ok();
}

Status lower_threshold(LayerView& v) {
  v.op.kind = K::kGreater;
  v.input(0);
  v.operand(v.scalar(v.layer().real(0, 0)));
  return ok();
}

// The first half times the sigmoid of the second.
Status lower_glu(LayerView& v) {
  const std::int64_t axis = tensor_axis(v.integer(0));
  const Dim extent = v.in(0).at(axis);
  if (!extent.known()) {
    v.opaque();
    return ok();
  }
  if (extent.value() % 2 != 0)
    return make_error(ErrorCode::kShapeMismatch, "an axis of " + std::to_string(extent.value()) + " has no halves");
  const auto half = [&](std::int64_t first) -> Result<TensorId> {
    Op slice;
    slice.kind = K::kSlice;
    SliceAttrs attrs;
    attrs.onnx_form = true;
    attrs.axes = {axis};
    attrs.starts = {first};
    attrs.ends = {first + extent.value() / 2};
    slice.attrs = attrs;
    v.op.inputs.clear();
    v.input(0);
    slice.inputs = std::move(v.op.inputs);
    v.op.inputs.clear();
    return v.step(std::move(slice));
  };
  NNGAUGE_TRY(const TensorId value, half(0));
  NNGAUGE_TRY(const TensorId gate, half(extent.value() / 2));
  Op sigmoid;
  sigmoid.kind = K::kSigmoid;
  sigmoid.inputs = {{gate, OperandRole::kData}};
  NNGAUGE_TRY(const TensorId opened, v.step(std::move(sigmoid)));
  v.op.kind = K::kMul;
  v.op.inputs = {{value, OperandRole::kData}, {opened, OperandRole::kData}};
  return ok();
}

Status lower_softmax(LayerView& v) {
  v.op.kind = K::kSoftmax;
  AxisAttrs attrs;
  attrs.axis = tensor_axis(v.integer(0));
  v.op.attrs = attrs;
  v.input(0);
  return ok();
}

Status lower_reduction(LayerView& v) {
  const std::int64_t type = v.integer(0);
  if (type < 0 || type >= static_cast<std::int64_t>(kReductions.size())) return bad_type("the reduction", type);
  v.op.kind = kReductions[static_cast<std::size_t>(type)];
  AxesAttrs attrs;
  attrs.has_axes = true;
  attrs.keep_dims = v.integer(4) != 0;
  const auto rank = static_cast<std::int64_t>(v.dims(0)) + 1;
  if (v.integer(1, 1) == 0) {
    for (const std::int64_t axis : v.layer().integers(3)) attrs.axes.push_back(tensor_axis(axis));
  }
  const bool all = attrs.axes.empty();
  for (std::int64_t axis = 1; all && axis < rank; ++axis) attrs.axes.push_back(axis);
  // A blob always has an axis: a single number stands in a vector.
  if (all && !attrs.keep_dims && rank > 1) {
    v.input(0);
    Op sum;
    sum.kind = v.op.kind;
    attrs.keep_dims = true;
    sum.attrs = attrs;
    if (rank == 2) {
      v.op.attrs = attrs;
      return ok();
    }
    sum.inputs = std::move(v.op.inputs);
    v.op.inputs.clear();
    NNGAUGE_TRY(const TensorId result, v.step(std::move(sum)));
    v.op.kind = K::kFlatten;
    AxisAttrs flat;
    flat.axis = 1;
    v.op.attrs = flat;
    v.op.inputs = {{result, OperandRole::kData}};
    return ok();
  }
  v.op.attrs = std::move(attrs);
  v.input(0);
  return ok();
}

// The largest elements of the whole blob, with their values where asked for.
Status lower_arg_max(LayerView& v) {
  const std::int64_t k = v.integer(1, 1);
  const bool values = v.integer(0) != 0;
  if (v.dims(0) != 1 || values) {
    v.opaque({values ? Shape{v.batch(), 2, k} : Shape{v.batch(), k}});
    return ok();
  }
  v.op.kind = K::kTopK;
  TopKAttrs attrs;
  attrs.k = k;
  v.op.attrs = attrs;
  v.input(0);
  return ok();
}

Status lower_rotary_embed(LayerView& v) {
  v.op.kind = K::kRotaryEmbedding;
  v.input(0);
  v.inputs_from(1, OperandRole::kConfig);
  return ok();
}

Status lower_quantisation(LayerView& v) {
  const std::string& type = v.layer().type;
  v.op.kind = type == "Dequantize" ? K::kDequantize : K::kQuantize;
  QuantAttrs attrs;
  attrs.dtype = type == "Dequantize" ? DType::kFloat32 : DType::kInt8;
  v.op.attrs = attrs;
  v.input(0);
  for (const Part part : {Part::kScale, Part::kInputScale, Part::kOutputScale}) {
    if (const WeightBlob* blob = v.find(part))
      NNGAUGE_CHECK(v.weight(part, OperandRole::kQuant, {static_cast<std::int64_t>(blob->elements)}));
  }
  if (const WeightBlob* blob = v.find(Part::kShift))
    NNGAUGE_CHECK(v.weight(Part::kShift, OperandRole::kQuant, {static_cast<std::int64_t>(blob->elements)}));
  return ok();
}

}  // namespace nngauge::ncnn
