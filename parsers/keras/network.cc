// SPDX-License-Identifier: Apache-2.0
#include "parsers/keras/network.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/text.h"

namespace nngauge::keras {
namespace {

constexpr int kMostNesting = 16;
constexpr std::size_t kMostOps = 200'000;

const Json& member(const Json& object, const char* key) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : ""; }

bool is_model_class(const std::string& type) {
  return type == "Sequential" || type == "Functional" || type == "Model" || type == "Network";
}

std::string name_of(const Json& layer) {
  const std::string name = text_of(member(member(layer, "config"), "name"));
  return name.empty() ? text_of(member(layer, "name")) : name;
}

// [None, 28, 28, 1]; unknown rank where it is no list.
Shape shape_of(const Json& extents) {
  if (!extents.is_array()) return {};
  std::vector<Dim> dims;
  for (const Json& extent : extents) {
    const bool known = extent.is_number_integer() && extent.get<std::int64_t>() >= 0;
    dims.push_back(known ? Dim(extent.get<std::int64_t>()) : Dim::unknown());
  }
  return Shape(std::move(dims));
}

// The shape that a layer is given as a network's first: with the batch, or without it in old files.
Shape stated_input(const Json& config) {
  for (const char* key : {"batch_input_shape", "batch_shape"}) {
    Shape shape = shape_of(member(config, key));
    if (shape.ranked()) return shape;
  }
  Shape shape = shape_of(member(config, "input_shape"));
  if (shape.ranked()) shape.dims().insert(shape.dims().begin(), Dim::unknown());
  return shape;
}

DType dtype_of(const Json& config) {
  const DType dtype = find_dtype(text_of(member(config, "dtype"))).value_or(DType::kFloat32);
  return dtype;
}

// One tensor that a layer makes: [name, call, place].
struct Reference {
  std::string layer;
  std::int64_t call = 0;
};

std::optional<Reference> reference_of(const Json& list) {
  if (!list.is_array() || list.size() < 3 || !list[0].is_string() || !list[1].is_number_integer()) return std::nullopt;
  return Reference{list[0].get<std::string>(), list[1].get<std::int64_t>()};
}

// All tensors named inside of a value of Keras 3: {"class_name": "__keras_tensor__", "config": {"keras_history": …}}.
void collect_tensors(const Json& value, int depth, std::vector<Reference>& out) {
  if (depth > kMostNesting) return;
  if (value.is_object() && text_of(member(value, "class_name")) == "__keras_tensor__") {
    if (auto reference = reference_of(member(member(value, "config"), "keras_history"))) out.push_back(*reference);
    return;
  }
  if (!value.is_array() && !value.is_object()) return;
  for (const Json& element : value) collect_tensors(element, depth + 1, out);
}

// Older forms: references lie in nested lists.
void collect_references(const Json& value, int depth, std::vector<Reference>& out) {
  if (depth > kMostNesting || !value.is_array()) return;
  if (auto reference = reference_of(value)) {
    out.push_back(*reference);
    return;
  }
  for (const Json& element : value) collect_references(element, depth + 1, out);
}

// The operands of one call of a layer.
std::vector<Reference> operands_of(const Json& node) {
  std::vector<Reference> out;
  if (node.is_object()) {
    collect_tensors(member(node, "args"), 0, out);
    collect_tensors(member(node, "kwargs"), 0, out);
  } else {
    collect_references(node, 0, out);
  }
  return out;
}

class Builder {
 public:
  Builder(Model& model, const WeightFinder& weights) : model_(model), writer_(model), weights_(weights) {}

  // Inputs of the whole model are made where `given` is null; of a nested one they are the operands.
  Result<std::vector<TensorId>> build(const Json& model, const std::vector<TensorId>* given, int depth) {
    if (depth > kMostNesting) return make_error(ErrorCode::kTooLarge, "models are nested too deeply");
    const Json& config = member(model, "config");
    if (text_of(member(model, "class_name")) == "Sequential") return build_sequential(model, config, given, depth);
    return build_functional(config, given, depth);
  }

 private:
  Result<TensorId> add_input(const Json& config, const std::string& name) {
    return writer_.add_input(name.empty() ? "input" : name, dtype_of(config), stated_input(config));
  }

  // The results of one layer for operands.
  Result<std::vector<TensorId>> call(const Json& layer, std::vector<TensorId> operands, int depth) {
    if (writer_.op_count() > kMostOps) return make_error(ErrorCode::kTooLarge, "the model has too many layers");
    const std::string type = text_of(member(layer, "class_name"));
    if (type.empty()) return make_error(ErrorCode::kDamaged, "a layer has no class");
    if (is_model_class(type)) return build(layer, &operands, depth + 1);
    static const Json kEmpty = Json::object();
    const Json& config = member(layer, "config").is_object() ? member(layer, "config") : kEmpty;
    Layer made(writer_, weights_, type, config, name_of(layer), std::move(operands));
    auto result = lower_layer(made);
    if (!result)
      return result.error().where.empty() ? result.error().at("layer " + in_quotes(name_of(layer))) : result.error();
    return std::vector<TensorId>{*result};
  }

  Result<std::vector<TensorId>> build_sequential(const Json& model, const Json& config,
                                                 const std::vector<TensorId>* given, int depth) {
    const Json& layers = config.is_array() ? config : member(config, "layers");
    if (!layers.is_array() || layers.empty())
      return make_error(ErrorCode::kDamaged, "a sequential model has no layers");
    std::vector<TensorId> current = given ? *given : std::vector<TensorId>();
    for (const Json& layer : layers) {
      const Json& layer_config = member(layer, "config");
      const bool input = text_of(member(layer, "class_name")) == "InputLayer";
      if (current.empty()) {
        Shape shape = first_shape(layer, config);
        if (!shape.ranked()) shape = shape_of(member(member(model, "build_config"), "input_shape"));
        if (!shape.ranked()) shape = shape_of(member(config, "build_input_shape"));
        current = {writer_.add_input(input ? name_of(layer) : "input", dtype_of(layer_config), std::move(shape))};
      }
      if (input) continue;
      NNGAUGE_TRY(current, call(layer, current, depth));
    }
    return current;
  }

  // The input's shape may stand in the first layer, or in the first layer of a nested model.
  static Shape first_shape(const Json& layer, const Json&, int depth = 0) {
    const Json& config = member(layer, "config");
    Shape shape = stated_input(config);
    if (shape.ranked() || depth > kMostNesting) return shape;
    const Json& layers = config.is_array() ? config : member(config, "layers");
    if (layers.is_array() && !layers.empty()) return first_shape(layers[0], config, depth + 1);
    const Json& inner = member(config, "layer");
    return inner.is_object() ? first_shape(inner, config, depth + 1) : shape;
  }

  using Made = std::map<std::pair<std::string, std::int64_t>, std::vector<TensorId>>;

  Result<std::vector<TensorId>> build_functional(const Json& config, const std::vector<TensorId>* given, int depth) {
    const Json& layers = member(config, "layers");
    if (!layers.is_array() || layers.empty()) return make_error(ErrorCode::kDamaged, "a model has no layers");
    Made made;
    std::size_t next_input = 0;
    std::vector<Reference> inputs;
    collect_references(member(config, "input_layers"), 0, inputs);
    if (given) {
      for (const Reference& input : inputs) {
        if (next_input < given->size()) made[{input.layer, 0}] = {(*given)[next_input++]};
      }
    }
    // Layers are listed in any order: rounds until nothing more can be called.
    struct Open {
      const Json* layer;
      const Json* node;
      std::string name;
      std::int64_t call;
    };
    std::vector<Open> open;
    for (const Json& layer : layers) {
      const std::string name = name_of(layer);
      if (text_of(member(layer, "class_name")) == "InputLayer") {
        if (made.count({name, 0}) != 0) continue;
        NNGAUGE_TRY(const TensorId id, add_input(member(layer, "config"), name));
        made[{name, 0}] = {id};
        continue;
      }
      const Json& nodes = member(layer, "inbound_nodes");
      std::int64_t count = 0;
      if (!nodes.is_array()) continue;
      for (const Json& node : nodes) open.push_back({&layer, &node, name, count++});
    }
    while (!open.empty()) {
      std::vector<Open> waiting;
      for (const Open& one : open) {
        NNGAUGE_TRY(const bool done, try_call(*one.layer, *one.node, one.name, one.call, depth, made));
        if (!done) waiting.push_back(one);
      }
      if (waiting.size() == open.size()) {
        return make_error(ErrorCode::kInvalidGraph,
                          "layer " + in_quotes(waiting[0].name) + " reads a layer that is never called");
      }
      open = std::move(waiting);
    }
    return results_of(config, made);
  }

  static Result<bool> missing() { return false; }

  Result<bool> try_call(const Json& layer, const Json& node, const std::string& name, std::int64_t index, int depth,
                        Made& made) {
    std::vector<TensorId> operands;
    for (const Reference& reference : operands_of(node)) {
      const auto found = made.find({reference.layer, reference.call});
      if (found == made.end()) return missing();
      operands.insert(operands.end(), found->second.begin(), found->second.end());
    }
    NNGAUGE_TRY(std::vector<TensorId> results, call(layer, std::move(operands), depth));
    // Of a nested model the first call stands in its own file already: calls count from 1 there.
    if (is_model_class(text_of(member(layer, "class_name")))) made[{name, index + 1}] = results;
    made[{name, index}] = std::move(results);
    return true;
  }

  static Result<std::vector<TensorId>> results_of(const Json& config, const Made& made) {
    std::vector<Reference> outputs;
    collect_references(member(config, "output_layers"), 0, outputs);
    std::vector<TensorId> out;
    for (const Reference& output : outputs) {
      const auto found = made.find({output.layer, output.call});
      if (found == made.end()) {
        return make_error(ErrorCode::kInvalidGraph,
                          "the model's result " + in_quotes(output.layer) + " is made by no layer");
      }
      out.insert(out.end(), found->second.begin(), found->second.end());
    }
    if (out.empty()) return make_error(ErrorCode::kInvalidGraph, "the model states no result");
    return out;
  }

  Model& model_;
  GraphWriter writer_;
  const WeightFinder& weights_;
};

}  // namespace

Status build_network(Model& model, const Json& config, const WeightFinder& weights) {
  Builder builder(model, weights);
  NNGAUGE_TRY(const std::vector<TensorId> outputs, builder.build(config, nullptr, 0));
  for (const TensorId id : outputs) {
    if (std::find(model.main().outputs.begin(), model.main().outputs.end(), id) == model.main().outputs.end())
      model.main().outputs.push_back(id);
  }
  return ok();
}

}  // namespace nngauge::keras
