// SPDX-License-Identifier: Apache-2.0
#include "parsers/keras/layer.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace nngauge::keras {
namespace {

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

constexpr int kMostLevels = 16;
const Json kNoArgument;

}  // namespace

Json tensor_value(TensorId id) {
  Json::binary_t::container_type bytes(sizeof id);
  std::memcpy(bytes.data(), &id, sizeof id);
  return Json::binary(std::move(bytes));
}

TensorId as_tensor(const Json& value) {
  TensorId id = kNoTensor;
  if (!value.is_binary() || value.get_binary().size() != sizeof id) return kNoTensor;
  std::memcpy(&id, value.get_binary().data(), sizeof id);
  return id;
}

void collect_tensors(const Json& value, std::vector<TensorId>& out, int depth) {
  if (depth > kMostLevels) return;
  if (const TensorId id = as_tensor(value); id != kNoTensor) {
    out.push_back(id);
  } else if (value.is_array() || value.is_object()) {
    for (const Json& element : value) collect_tensors(element, out, depth + 1);
  }
}

Layer::Layer(Site& site, std::string type, const Json& config, std::string name, Call call)
    : site_(site), type_(std::move(type)), config_(config), name_(std::move(name)), call_(std::move(call)) {
  collect_tensors(call_.args, inputs_);
  collect_tensors(call_.kwargs, inputs_);
}

Layer::Layer(const Layer& outer, const std::string& folder, std::string type, const Json& config,
             std::vector<TensorId> inputs)
    : site_(outer.site_),
      scope_(outer.scope_),
      folder_(outer.folder_ + (folder.empty() ? "" : folder + "/")),
      type_(std::move(type)),
      config_(config),
      name_(outer.name_),
      inputs_(std::move(inputs)) {}

const Json& Layer::argument(std::size_t place, const char* argument_name) const {
  if (const auto named = call_.kwargs.find(argument_name); named != call_.kwargs.end()) return *named;
  if (place < call_.args.size()) return call_.args[place];
  const auto stated = config_.find(argument_name);
  return stated == config_.end() ? kNoArgument : *stated;
}

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

Shape Layer::in(std::size_t i) const { return shape(input_id(i)); }

Dim Layer::channels() const { return in().at(layout() == DataLayout::kChannelsFirst ? 1 : -1); }

TensorId Layer::variable(const std::string& weight_name, std::size_t position, const Shape& shape) {
  const Json& policy = config_.contains("dtype") ? config_["dtype"] : kNoArgument;
  DType dtype = DType::kFloat32;
  if (policy.is_string()) dtype = find_dtype(policy.get<std::string>()).value_or(dtype);
  if (policy.is_object() && policy.contains("config") && policy["config"].is_object()) {
    const Json& stated = policy["config"];
    const auto text_of = [&](const char* key) {
      return stated.contains(key) && stated[key].is_string() ? stated[key].get<std::string>() : std::string();
    };
    dtype = find_dtype(text_of("name")).value_or(dtype);
    const bool quantised = weight_name.ends_with("kernel") || weight_name.ends_with("embeddings");
    if (quantised && text_of("mode").starts_with("int4")) dtype = DType::kInt4;
    if (quantised && text_of("mode").starts_with("int8")) dtype = DType::kInt8;
  }
  return site_.weights.find(site_.writer, {scope_, name_, folder_ + weight_name, position}, shape, dtype);
}

Status Layer::weight(const std::string& weight_name, OperandRole role, const Shape& shape) {
  op.inputs.push_back({variable(weight_name, next_weight_++, shape), role});
  return ok();
}

Result<std::vector<TensorId>> Layer::emit_all(std::size_t results) {
  op.name = name_;
  op.source_op = type_;
  op.source.index = static_cast<std::int32_t>(site_.writer.op_count());
  auto made = site_.writer.emit(std::move(op), results);
  op = {};
  return made;
}

Result<TensorId> Layer::emit() {
  NNGAUGE_TRY(const std::vector<TensorId> made, emit_all(1));
  return made[0];
}

Result<std::vector<TensorId>> Layer::emit(OpKind kind, const std::vector<TensorId>& operands, Attributes attrs,
                                          std::size_t results) {
  op = {};
  op.kind = kind;
  op.attrs = std::move(attrs);
  for (const TensorId id : operands) op.inputs.push_back({id, OperandRole::kData});
  return emit_all(results);
}

Result<TensorId> Layer::emit(OpKind kind, const std::vector<TensorId>& operands, Attributes attrs) {
  NNGAUGE_TRY(const std::vector<TensorId> made, emit(kind, operands, std::move(attrs), 1));
  return made[0];
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
    Layer inner(*this, "", (*layer)["class_name"].get<std::string>(), (*layer)["config"], {x});
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
  for (const TensorId id : site_.weights.all(site_.writer, scope_, name_))
    op.inputs.push_back({id, is_float(site_.writer.tensor(id).dtype) ? OperandRole::kWeight : OperandRole::kConfig});
  auto made = emit_all(std::max<std::size_t>(expected_results_, 1));
  if (!made) return made.error();
  more_.assign(made->begin() + 1, made->end());
  return (*made)[0];
}

}  // namespace nngauge::keras
