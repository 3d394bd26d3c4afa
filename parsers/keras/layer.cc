// SPDX-License-Identifier: Apache-2.0
#include "parsers/keras/layer.h"

#include <array>

namespace nngauge::keras {
namespace {

const Shape kUnknownShape;

std::int64_t as_integer(const Json& value, std::int64_t fallback) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  return fallback;
}

struct Function {
  std::string_view name;
  OpKind kind;
};
constexpr std::array kFunctions = {
    Function{"relu", OpKind::kRelu},
    Function{"relu6", OpKind::kRelu6},
    Function{"sigmoid", OpKind::kSigmoid},
    Function{"tanh", OpKind::kTanh},
    Function{"softmax", OpKind::kSoftmax},
    Function{"log_softmax", OpKind::kLogSoftmax},
    Function{"elu", OpKind::kElu},
    Function{"selu", OpKind::kSelu},
    Function{"softplus", OpKind::kSoftplus},
    Function{"softsign", OpKind::kSoftsign},
    Function{"swish", OpKind::kSwish},
    Function{"silu", OpKind::kSwish},
    Function{"gelu", OpKind::kGelu},
    Function{"mish", OpKind::kMish},
    Function{"hard_sigmoid", OpKind::kHardSigmoid},
    Function{"hard_swish", OpKind::kHardSwish},
    Function{"hard_silu", OpKind::kHardSwish},
    Function{"exponential", OpKind::kExp},
    Function{"leaky_relu", OpKind::kLeakyRelu},
};

// What an operator can do by the way, as TFLite's conversion makes of it.
FusedActivation fused(const std::string& function) {
  if (function == "relu") return FusedActivation::kRelu;
  if (function == "relu6") return FusedActivation::kRelu6;
  return FusedActivation::kNone;
}

}  // namespace

std::int64_t Layer::integer(const char* key, std::int64_t fallback) const {
  const auto found = config_.find(key);
  return found == config_.end() ? fallback : as_integer(*found, fallback);
}

double Layer::real(const char* key, double fallback) const {
  const auto found = config_.find(key);
  return found != config_.end() && found->is_number() ? found->get<double>() : fallback;
}

bool Layer::flag(const char* key, bool fallback) const { return integer(key, fallback ? 1 : 0) != 0; }

std::string Layer::text(const char* key, const std::string& fallback) const {
  const auto found = config_.find(key);
  if (found == config_.end()) return fallback;
  if (found->is_string()) return found->get<std::string>();
  // Functions may be objects that name their class.
  if (found->is_object() && found->contains("config") && (*found)["config"].is_string())
    return (*found)["config"].get<std::string>();
  if (found->is_object() && found->contains("class_name") && (*found)["class_name"].is_string())
    return (*found)["class_name"].get<std::string>();
  return fallback;
}

std::vector<std::int64_t> Layer::list(const char* key) const {
  std::vector<std::int64_t> out;
  const auto found = config_.find(key);
  if (found == config_.end()) return out;
  if (!found->is_array()) {
    if (found->is_number_integer()) out.push_back(found->get<std::int64_t>());
    return out;
  }
  for (const Json& element : *found) {
    if (element.is_array()) {
      for (const Json& inner : element) out.push_back(as_integer(inner, -1));
    } else {
      out.push_back(as_integer(element, -1));
    }
  }
  return out;
}

std::vector<std::int64_t> Layer::per_axis(const char* key, std::size_t axes, std::int64_t fallback) const {
  std::vector<std::int64_t> out = list(key);
  if (out.empty()) out.assign(axes, fallback);
  if (out.size() == 1) out.assign(axes, out[0]);
  return out;
}

const Shape& Layer::in(std::size_t i) const {
  return input_id(i) == kNoTensor ? kUnknownShape : writer_.shape(input_id(i));
}

Dim Layer::channels() const { return in().at(layout() == DataLayout::kChannelsFirst ? 1 : -1); }

Status Layer::weight(const std::string& weight_name, OperandRole role, const Shape& shape) {
  NNGAUGE_TRY(const TensorId id, weights_(name_, weight_name, next_weight_++, shape));
  op.inputs.push_back({id, role});
  return ok();
}

Result<TensorId> Layer::emit() {
  op.name = name_;
  op.source_op = type_;
  op.source.index = static_cast<std::int32_t>(writer_.op_count());
  auto result = writer_.emit(std::move(op));
  op = {};
  return result;
}

Status Layer::then() {
  NNGAUGE_TRY(const TensorId result, emit());
  inputs_ = {result};
  return ok();
}

const Json* Layer::activation_layer() const {
  const auto found = config_.find("activation");
  if (found == config_.end() || !found->is_object()) return nullptr;
  const bool layer = found->contains("class_name") && (*found)["class_name"].is_string() && found->contains("config") &&
                     (*found)["config"].is_object();
  return layer ? &*found : nullptr;
}

Result<TensorId> Layer::activate(TensorId x, const std::string& function) {
  if (const Json* layer = activation_layer()) {
    Layer inner(writer_, weights_, (*layer)["class_name"].get<std::string>(), (*layer)["config"], name_, {x});
    return lower_layer(inner);
  }
  if (function.empty() || function == "linear") return x;
  op.kind = OpKind::kCustom;
  for (const Function& row : kFunctions) {
    if (row.name == function) op.kind = row.kind;
  }
  if (op.kind == OpKind::kSoftmax || op.kind == OpKind::kLogSoftmax) {
    AxisAttrs attrs;
    attrs.axis = -1;
    op.attrs = attrs;
  } else if (op.kind == OpKind::kCustom) {
    CustomAttrs attrs;
    attrs.domain = "keras";
    attrs.name = function;
    op.attrs = attrs;
  }
  op.inputs = {{x, OperandRole::kData}};
  return emit();
}

Result<TensorId> Layer::emit_activated() {
  const std::string function = text("activation");
  op.activation = fused(function);
  const bool done = op.activation != FusedActivation::kNone;
  NNGAUGE_TRY(const TensorId result, emit());
  return done ? Result<TensorId>(result) : activate(result, function);
}

Result<TensorId> Layer::opaque() {
  op = {};
  op.kind = OpKind::kCustom;
  CustomAttrs attrs;
  attrs.domain = "keras";
  attrs.name = type_;
  op.attrs = attrs;
  inputs();
  return emit();
}

}  // namespace nngauge::keras
