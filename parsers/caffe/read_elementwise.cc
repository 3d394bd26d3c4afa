// SPDX-License-Identifier: Apache-2.0
// Functions of single elements.
#include <algorithm>
#include <cmath>

#include "caffe.pb.h"
#include "parsers/caffe/readers.h"

namespace nngauge::caffe_format {
namespace {

bool is_one(double value) { return !(value < 1 || value > 1); }
bool is_zero(double value) { return !(value < 0 || value > 0); }

void scalar(LayerReader& r, const char* suffix, double value) { r.constant(suffix, Value::of_reals({value})); }

// x scale + shift, as steps before the operator where they change anything. Adds the result as its first operand.
void add_linear(LayerReader& r, double scale, double shift) {
  TensorId x = r.bottom_id(0);
  std::vector<Operand> kept = std::move(r.op().inputs);
  const auto apply = [&](OpKind kind, const char* suffix, double value) {
    r.op().inputs.clear();
    scalar(r, suffix, value);
    x = r.step(kind, BroadcastAttrs{}, {{x, OperandRole::kData}, r.op().inputs.back()});
  };
  if (!is_one(scale)) apply(OpKind::kMul, "scale", scale);
  if (!is_zero(shift)) apply(OpKind::kAdd, "shift", shift);
  r.op().inputs = std::move(kept);
  r.op().inputs.push_back({x, OperandRole::kData});
}

// Caffe's base: e where it is -1.
double log_base(double base) { return base > 0 ? std::log(base) : 1; }

}  // namespace

void read_same(LayerReader& r) { r.bottom(0); }

void read_relu(LayerReader& r) {
  r.bottom(0);
  const double slope = static_cast<double>(r.layer().relu_param().negative_slope());
  if (is_zero(slope)) return;
  r.op().kind = OpKind::kLeakyRelu;
  ScalarAttrs attrs;
  attrs.alpha = slope;
  r.op().attrs = attrs;
}

void read_prelu(LayerReader& r) {
  r.bottom(0);
  r.weight(0, "slope", r.layer().prelu_param().channel_shared() ? Shape{1} : Shape{r.channels()}, OperandRole::kWeight);
}

void read_elu(LayerReader& r) {
  r.bottom(0);
  ScalarAttrs attrs;
  attrs.alpha = static_cast<double>(r.layer().elu_param().alpha());
  r.op().attrs = attrs;
}

void read_eltwise(LayerReader& r) {
  const auto& param = r.layer().eltwise_param();
  const std::string& word = param.operation_word();
  const bool product = word == "PROD" || (word.empty() && param.operation() == 0);
  const bool maximum = word == "MAX" || (word.empty() && param.operation() == 2);
  const std::size_t count = r.bottom_count();
  if (count < 2) {
    r.op().kind = OpKind::kIdentity;
    return r.bottom(0);
  }
  if (maximum) {
    r.op().kind = OpKind::kMaximum;
    return r.all_bottoms();
  }
  if (product) {
    r.op().kind = OpKind::kMul;
    TensorId left = r.bottom_id(0);
    for (std::size_t i = 1; i + 1 < count; ++i)
      left = r.step(OpKind::kMul, NoAttrs{}, {{left, OperandRole::kData}, {r.bottom_id(i), OperandRole::kData}});
    r.op().inputs = {{left, OperandRole::kData}, {r.bottom_id(count - 1), OperandRole::kData}};
    return;
  }
  std::vector<Operand> terms;
  bool difference = false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = static_cast<int>(i);
    const double factor = index < param.coeff_size() ? static_cast<double>(param.coeff(index)) : 1;
    if (is_one(factor)) {
      terms.push_back({r.bottom_id(i), OperandRole::kData});
    } else if (count == 2 && i == 1 && is_one(-factor)) {
      difference = true;
      terms.push_back({r.bottom_id(i), OperandRole::kData});
    } else {
      scalar(r, "coefficient", factor);
      const Operand constant = r.op().inputs.back();
      r.op().inputs.clear();
      terms.push_back(
          {r.step(OpKind::kMul, NoAttrs{}, {{r.bottom_id(i), OperandRole::kData}, constant}), OperandRole::kData});
    }
  }
  r.op().kind = difference ? OpKind::kSub : count == 2 ? OpKind::kAdd : OpKind::kAddN;
  r.op().inputs = std::move(terms);
}

// (shift + scale x) ^ power
void read_power(LayerReader& r) {
  const auto& param = r.layer().power_param();
  const double power = static_cast<double>(param.power()), scale = static_cast<double>(param.scale()),
               shift = static_cast<double>(param.shift());
  if (!is_one(power)) {
    add_linear(r, scale, shift);
    const bool square = !(power < 2 || power > 2);
    r.op().kind = square ? OpKind::kSquare : OpKind::kPow;
    if (!square) scalar(r, "power", power);
  } else if (!is_zero(shift)) {
    r.op().kind = OpKind::kAdd;
    add_linear(r, scale, 0);
    scalar(r, "shift", shift);
  } else if (!is_one(scale)) {
    r.op().kind = OpKind::kMul;
    r.bottom(0);
    scalar(r, "scale", scale);
  } else {
    r.op().kind = OpKind::kIdentity;
    r.bottom(0);
  }
}

// base ^ (shift + scale x)
void read_exp(LayerReader& r) {
  const auto& param = r.layer().exp_param();
  const double base = log_base(static_cast<double>(param.base()));
  add_linear(r, base * static_cast<double>(param.scale()), base * static_cast<double>(param.shift()));
}

// log_base(shift + scale x)
void read_log(LayerReader& r) {
  const auto& param = r.layer().log_param();
  add_linear(r, static_cast<double>(param.scale()), static_cast<double>(param.shift()));
}

void read_threshold(LayerReader& r) {
  r.bottom(0);
  scalar(r, "threshold", static_cast<double>(r.layer().threshold_param().threshold()));
}

// Bottoms a [N, C], x, y: a x + y.
void read_axpy(LayerReader& r) {
  if (r.bottom_count() < 3) return r.fail(ErrorCode::kInvalidGraph, "has fewer than 3 bottoms");
  BroadcastAttrs attrs;
  attrs.legacy = true;
  attrs.axis = 0;
  const Shape scale = r.in(0);
  if (scale.ranked() && scale.rank() == r.in(1).rank()) attrs = {};
  const TensorId scaled =
      r.step(OpKind::kMul, attrs, {{r.bottom_id(1), OperandRole::kData}, {r.bottom_id(0), OperandRole::kData}});
  r.op().inputs = {{scaled, OperandRole::kData}, {r.bottom_id(2), OperandRole::kData}};
}

void read_softmax(LayerReader& r) {
  AxisAttrs attrs;
  attrs.axis = r.layer().softmax_param().axis();
  r.op().attrs = attrs;
  r.bottom(0);
}

// Keeps the k largest elements, makes the others 0.
void read_largest(LayerReader& r) {
  r.opaque(r.layer().type(), "how the largest elements are found is a fork's own");
  r.declare_top(r.in(0));
}

}  // namespace nngauge::caffe_format
