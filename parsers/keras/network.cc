// SPDX-License-Identifier: Apache-2.0
#include "parsers/keras/network.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "base/text.h"
#include "parsers/keras/functions.h"
#include "parsers/keras/layers.h"

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

// With the name of the batch for an open first extent.
Shape with_batch(Shape shape, SymbolTable& symbols) {
  if (shape.ranked() && shape.rank() > 0 && shape[0] == Dim::unknown()) shape[0] = Dim::symbol(symbols.intern("batch"));
  return shape;
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
  std::int64_t place = 0;
};

std::optional<Reference> reference_of(const Json& list) {
  if (!list.is_array() || list.size() < 3 || !list[0].is_string() || !list[1].is_number_integer()) return std::nullopt;
  const bool placed = list[2].is_number_integer();
  return Reference{list[0].get<std::string>(), list[1].get<std::int64_t>(), placed ? list[2].get<std::int64_t>() : 0};
}

// Keras 3: {"class_name": "__keras_tensor__", "config": {"shape", "dtype", "keras_history"}}.
bool is_tensor(const Json& value) {
  return value.is_object() && text_of(member(value, "class_name")) == "__keras_tensor__";
}

// Keras 2 writes a reference as a list of three, in a node with the call's other arguments behind it.
bool is_listed(const Json& value) {
  return value.is_array() && (value.size() == 3 || value.size() == 4) && reference_of(value) &&
         value[2].is_number_integer();
}

// Constants as a call's first argument: ["_CONSTANT_VALUE", -1, 2.0, {…}].
bool is_constant(const Json& value) {
  return value.is_array() && value.size() >= 3 && value[0].is_string() && value[0] == "_CONSTANT_VALUE";
}

template <class Use>
void each_reference(const Json& value, int depth, const Use& use) {
  if (depth > kMostNesting) return;
  if (is_tensor(value)) {
    if (auto reference = reference_of(member(member(value, "config"), "keras_history")))
      use(*reference, member(value, "config"));
    return;
  }
  if (is_constant(value)) {
    for (std::size_t i = 3; i < value.size(); ++i) each_reference(value[i], depth + 1, use);
    return;
  }
  if (is_listed(value)) {
    use(*reference_of(value), Json());
    if (value.size() == 4) each_reference(value[3], depth + 1, use);
    return;
  }
  if (!value.is_array() && !value.is_object()) return;
  for (const Json& element : value) each_reference(element, depth + 1, use);
}

// The model's inputs and results: lists, or objects by name.
void collect_references(const Json& value, int depth, std::vector<Reference>& out) {
  each_reference(value, depth, [&](const Reference& reference, const Json&) { out.push_back(reference); });
}

// An operation of keras.ops stands among layers; it has no more in its configuration than its name and arguments.
bool is_operation(const Json& layer) {
  if (text_of(member(layer, "module")).find(".ops.") != std::string::npos) return true;
  const Json& config = member(layer, "config");
  return config.is_object() && !config.contains("trainable") && !config.contains("units") &&
         text_of(member(layer, "class_name")) != "TFOpLambda" &&
         is_known_function(function_name(text_of(member(layer, "class_name")))) && config.contains("name") &&
         member(layer, "inbound_nodes").is_array() && !member(layer, "inbound_nodes").empty() &&
         member(layer, "inbound_nodes")[0].is_object();
}

bool is_model(const Json& layer) {
  const Json& config = member(layer, "config");
  return is_model_class(text_of(member(layer, "class_name"))) ||
         (member(config, "layers").is_array() && !member(config, "input_layers").is_null());
}

// The type that a layer computes in: "mixed_float16" computes in float16.
DType compute_type(const Json& config) {
  const Json& policy = member(config, "dtype");
  const Json& stated = member(policy, "config");
  std::string name = text_of(policy);
  if (policy.is_object()) name = text_of(member(stated, "name"));
  if (policy.is_object() && name.empty()) name = text_of(member(stated, "source_name"));
  if (name.starts_with("mixed_")) name.erase(0, 6);
  const DType dtype = find_dtype(name).value_or(DType::kUnknown);
  return is_float(dtype) ? dtype : DType::kUnknown;
}

// Where the calls of a nested model are counted from: its first one may be the one that made it.
struct Offsets {
  std::int64_t nodes = 0, outputs = 0;
};

class Builder {
 public:
  Builder(Model& model, Weights& weights)
      : model_(model),
        writer_(model),
        site_{model, writer_, weights, [this](const Json& inner, const std::vector<TensorId>& operands) {
                return build(inner, &operands, kMostNesting / 2, name_of(inner) + "/");
              }} {}

  // Inputs of the whole model are made where `given` is null; of a nested one they are the operands.
  Result<std::vector<TensorId>> build(const Json& model, const std::vector<TensorId>* given, int depth,
                                      const std::string& scope) {
    if (depth > kMostNesting) return make_error(ErrorCode::kTooLarge, "models are nested too deeply");
    const Json& config = member(model, "config");
    if (text_of(member(model, "class_name")) == "Sequential")
      return build_sequential(model, config, given, depth, scope);
    if (member(config, "layers").is_array()) return build_functional(config, given, depth, scope);
    return make_error(ErrorCode::kWeightsOnly,
                      "the network of class " + in_quotes(text_of(member(model, "class_name"))) +
                          " stands in its Python code, not in the file; export it (model.export, TFLite, ONNX)");
  }

 private:
  Result<TensorId> add_input(const Json& config, const std::string& name) {
    Shape shape = with_batch(stated_input(config), model_.symbols);
    return writer_.add_input(name.empty() ? "input" : name, dtype_of(config), std::move(shape));
  }

  // Casts what a layer is called with to the type that it computes in.
  Status cast(Json& value, DType dtype, const std::string& name, int depth) {
    if (depth > kMostNesting) return ok();
    if (const TensorId id = as_tensor(value); id != kNoTensor) {
      const DType given = writer_.tensor(id).dtype;
      if (!is_float(given) || given == dtype) return ok();
      Op op;
      op.kind = OpKind::kCast;
      op.name = name;
      op.source_op = "autocast";
      op.source.index = static_cast<std::int32_t>(writer_.op_count());
      CastAttrs attrs;
      attrs.dtype = dtype;
      op.attrs = attrs;
      op.inputs = {{id, OperandRole::kData}};
      NNGAUGE_TRY(const TensorId made, writer_.emit(std::move(op)));
      value = tensor_value(made);
    } else if (value.is_array() || value.is_object()) {
      for (Json& element : value) NNGAUGE_CHECK(cast(element, dtype, name, depth + 1));
    }
    return ok();
  }

  // The results of one layer for a call; `wanted`: how many of them are read.
  Result<std::vector<TensorId>> call(const Json& layer, Call given, std::size_t wanted, int depth,
                                     const std::string& scope) {
    if (writer_.op_count() > kMostOps) return make_error(ErrorCode::kTooLarge, "the model has too many layers");
    const std::string type = text_of(member(layer, "class_name"));
    if (type.empty()) return make_error(ErrorCode::kDamaged, "a layer has no class");
    if (is_model(layer)) {
      std::vector<TensorId> operands;
      collect_tensors(given.args, operands);
      collect_tensors(given.kwargs, operands);
      return build(layer, &operands, depth + 1, scope + name_of(layer) + "/");
    }
    static const Json kEmpty = Json::object();
    const Json& config = member(layer, "config").is_object() ? member(layer, "config") : kEmpty;
    const bool operation = is_operation(layer);
    const DType dtype = operation ? DType::kUnknown : compute_type(config);
    if (dtype != DType::kUnknown && type != "TFOpLambda" && type != "SlicingOpLambda") {
      NNGAUGE_CHECK(cast(given.args, dtype, name_of(layer), 0));
      NNGAUGE_CHECK(cast(given.kwargs, dtype, name_of(layer), 0));
    }
    Layer made(site_, type, config, name_of(layer), std::move(given));
    made.set_scope(scope);
    made.expect_results(wanted);
    auto first = operation ? lower_function(made, function_name(type)) : lower_layer(made);
    if (!first)
      return first.error().where.empty() ? first.error().at("layer " + in_quotes(name_of(layer))) : first.error();
    std::vector<TensorId> results = {*first};
    results.insert(results.end(), made.more().begin(), made.more().end());
    if (results.size() < wanted) {  // of a form that is not known here: the others come from an opaque operator
      Layer rest(made, "", type, config, {*first});
      rest.expect_results(wanted - results.size());
      NNGAUGE_TRY(const TensorId other, rest.opaque());
      results.push_back(other);
      results.insert(results.end(), rest.more().begin(), rest.more().end());
    }
    return results;
  }

  Result<std::vector<TensorId>> build_sequential(const Json& model, const Json& config,
                                                 const std::vector<TensorId>* given, int depth,
                                                 const std::string& scope) {
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
        shape = with_batch(std::move(shape), model_.symbols);
        current = {writer_.add_input(input ? name_of(layer) : "input", dtype_of(layer_config), std::move(shape))};
      }
      if (input) continue;
      Call next;
      for (const TensorId id : current) next.args.push_back(tensor_value(id));
      NNGAUGE_TRY(current, call(layer, std::move(next), 1, depth, scope));
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

  struct Stated {
    Shape shape;
    DType dtype = DType::kUnknown;
  };
  // What one functional model has made so far.
  struct Scope {
    std::string name;
    std::map<std::pair<std::string, std::int64_t>, std::vector<TensorId>> made;
    std::map<std::string, Offsets> offsets;  // of nested models
    std::map<std::pair<std::string, std::int64_t>, std::size_t> wanted;
    std::map<std::tuple<std::string, std::int64_t, std::int64_t>, Stated> stated;
  };
  struct Open {
    const Json* layer;
    const Json* node;
    std::string name;
    std::int64_t call;
    std::vector<Reference> operands;
  };

  static TensorId find(const Scope& scope, const Reference& reference, bool output) {
    const auto offset = scope.offsets.find(reference.layer);
    std::int64_t call = reference.call;
    if (offset != scope.offsets.end()) call -= output ? offset->second.outputs : offset->second.nodes;
    const auto made = scope.made.find({reference.layer, call});
    if (made == scope.made.end() || reference.place < 0 ||
        reference.place >= static_cast<std::int64_t>(made->second.size()))
      return kNoTensor;
    return made->second[at(reference.place)];
  }

  // How many results of each call are read, their stated shapes, and from where calls of nested models are counted.
  static void note_references(const Json& layers, const Json& config, Scope& scope) {
    std::map<std::string, std::int64_t> least;
    const auto note = [&](const Reference& reference, const Json& stated) {
      if (const auto found = least.emplace(reference.layer, reference.call); !found.second)
        found.first->second = std::min(found.first->second, reference.call);
      if (reference.place < 0 || reference.place > kMostResults) return;
      std::size_t& wanted = scope.wanted[{reference.layer, reference.call}];
      wanted = std::max(wanted, static_cast<std::size_t>(reference.place) + 1);
      if (stated.is_object()) {
        scope.stated[{reference.layer, reference.call, reference.place}] = {
            shape_of(member(stated, "shape")), find_dtype(text_of(member(stated, "dtype"))).value_or(DType::kUnknown)};
      }
    };
    for (const Json& layer : layers) each_reference(member(layer, "inbound_nodes"), 0, note);
    std::vector<Reference> outputs;
    collect_references(member(config, "output_layers"), 0, outputs);
    for (const Reference& output : outputs) {
      if (output.place < 0 || output.place > kMostResults) continue;
      std::size_t& wanted = scope.wanted[{output.layer, output.call}];
      wanted = std::max(wanted, static_cast<std::size_t>(output.place) + 1);
    }
    for (const Json& layer : layers) {
      if (!is_model(layer)) continue;
      const Json& nodes = member(layer, "inbound_nodes");
      const std::string name = name_of(layer);
      Offsets offsets;
      if (nodes.is_array() && !nodes.empty() && nodes[0].is_object()) {
        offsets.outputs = text_of(member(layer, "class_name")) == "Sequential" ? 0 : 1;
      } else {
        for (const Reference& output : outputs) {
          if (output.layer != name) continue;
          const auto found = least.emplace(name, output.call).first;
          found->second = std::min(found->second, output.call);
        }
        offsets.nodes = offsets.outputs = least.count(name) != 0 && least[name] == 0 ? 0 : 1;
      }
      scope.offsets[name] = offsets;
    }
  }

  // A call's argument with its tensors put in; references have been found to be made.
  static Json resolve(const Json& value, const Scope& scope, int depth) {
    if (depth > kMostNesting) return Json();
    if (is_tensor(value)) {
      const auto reference = reference_of(member(member(value, "config"), "keras_history"));
      return reference ? tensor_value(find(scope, *reference, false)) : Json();
    }
    if (is_listed(value) && value.size() == 3) return tensor_value(find(scope, *reference_of(value), false));
    if (value.is_object() && text_of(member(value, "class_name")) == "__tuple__")
      return resolve(member(value, "items"), scope, depth + 1);
    if (value.is_object() && value.contains("class_name")) return value;
    if (value.is_array() && !value.empty() && (value[0].is_array() || value[0].is_object() || value[0].is_string())) {
      Json out = Json::array();
      for (const Json& element : value) out.push_back(resolve(element, scope, depth + 1));
      return out;
    }
    if (value.is_array()) {
      Json out = value;
      for (Json& element : out) {
        if (element.is_array() || element.is_object()) element = resolve(element, scope, depth + 1);
      }
      return out;
    }
    if (value.is_object()) {
      Json out = Json::object();
      for (const auto& [key, element] : value.items()) out[key] = resolve(element, scope, depth + 1);
      return out;
    }
    return value;
  }

  static Call call_of(const Json& node, const Scope& scope) {
    Call out;
    if (node.is_object()) {
      out.args = resolve(member(node, "args"), scope, 0);
      out.kwargs = resolve(member(node, "kwargs"), scope, 0);
      if (!out.args.is_array()) out.args = Json::array({out.args});
      if (!out.kwargs.is_object()) out.kwargs = Json::object();
      return out;
    }
    // Keras 2: the first argument, a tensor or a list of them, each with the call's other arguments behind it.
    const auto first = [&](const Json& one) -> Json {
      if (one.size() > 3 && one[3].is_object()) out.kwargs.update(resolve(one[3], scope, 0));
      return is_constant(one) ? one[2] : tensor_value(find(scope, *reference_of(one), false));
    };
    if (is_constant(node) || is_listed(node)) {
      out.args.push_back(first(node));
      return out;
    }
    Json list = Json::array();
    for (const Json& one : node) {
      if (is_constant(one) || is_listed(one)) list.push_back(first(one));
    }
    if (list.size() == 1) out.args.push_back(list[0]);
    else out.args.push_back(list);
    return out;
  }

  Result<std::vector<TensorId>> build_functional(const Json& config, const std::vector<TensorId>* given, int depth,
                                                 const std::string& scope_name) {
    const Json& layers = member(config, "layers");
    if (!layers.is_array() || layers.empty()) return make_error(ErrorCode::kDamaged, "a model has no layers");
    Scope scope;
    scope.name = scope_name;
    note_references(layers, config, scope);
    NNGAUGE_CHECK(make_inputs(layers, config, given, scope));
    // Layers are listed in any order: rounds until nothing more can be called.
    std::vector<Open> open;
    for (const Json& layer : layers) {
      const Json& nodes = member(layer, "inbound_nodes");
      std::int64_t count = 0;
      if (!nodes.is_array() || text_of(member(layer, "class_name")) == "InputLayer") continue;
      for (const Json& node : nodes) {
        std::vector<Reference> operands;
        collect_references(node, 0, operands);
        open.push_back({&layer, &node, name_of(layer), count++, std::move(operands)});
      }
    }
    while (!open.empty()) {
      std::vector<Open> waiting;
      for (Open& one : open) {
        const bool ready = std::all_of(one.operands.begin(), one.operands.end(), [&](const Reference& reference) {
          return find(scope, reference, false) != kNoTensor;
        });
        if (!ready) {
          waiting.push_back(std::move(one));
          continue;
        }
        NNGAUGE_CHECK(make_call(one, depth, scope));
      }
      if (waiting.size() == open.size()) {
        return make_error(ErrorCode::kInvalidGraph,
                          "layer " + in_quotes(waiting[0].name) + " reads a layer that is never called");
      }
      open = std::move(waiting);
    }
    return results_of(config, scope);
  }

  // In the order that the model states.
  Status make_inputs(const Json& layers, const Json& config, const std::vector<TensorId>* given, Scope& scope) {
    std::vector<Reference> inputs;
    collect_references(member(config, "input_layers"), 0, inputs);
    std::map<std::string, const Json*> listed;
    for (const Json& layer : layers) {
      if (text_of(member(layer, "class_name")) != "InputLayer") continue;
      listed.emplace(name_of(layer), &layer);
      inputs.push_back({name_of(layer), 0, 0});
    }
    std::size_t next = 0;
    for (const Reference& input : inputs) {
      if (scope.made.count({input.layer, 0}) != 0) continue;
      if (given && next < given->size()) {
        scope.made[{input.layer, 0}] = {(*given)[next++]};
        continue;
      }
      const auto layer = listed.find(input.layer);
      if (layer == listed.end()) continue;
      NNGAUGE_TRY(const TensorId id, add_input(member(*layer->second, "config"), input.layer));
      scope.made[{input.layer, 0}] = {id};
    }
    return ok();
  }

  Status make_call(const Open& one, int depth, Scope& scope) {
    const auto offset = scope.offsets.find(one.name);
    const std::int64_t stated_call = one.call + (offset == scope.offsets.end() ? 0 : offset->second.nodes);
    const auto wanted = scope.wanted.find({one.name, stated_call});
    NNGAUGE_TRY(std::vector<TensorId> results,
                call(*one.layer, call_of(*one.node, scope), wanted == scope.wanted.end() ? 1 : wanted->second, depth,
                     scope.name));
    // An open first extent is the batch where an operand has it.
    const bool batched = std::any_of(one.operands.begin(), one.operands.end(), [&](const Reference& reference) {
      const Dim first = writer_.shape(find(scope, reference, false)).at(0);
      return first.is_symbol() && model_.symbols.name(first.symbol_id()) == "batch";
    });
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto stated = scope.stated.find({one.name, stated_call, static_cast<std::int64_t>(i)});
      if (stated == scope.stated.end()) continue;
      Stated told = stated->second;
      if (batched) told.shape = with_batch(std::move(told.shape), model_.symbols);
      believe(writer_.tensor(results[i]), told);
    }
    scope.made[{one.name, one.call}] = std::move(results);
    return ok();
  }

  // What the file says of a result, where no rule tells it.
  static void believe(Tensor& tensor, const Stated& stated) {
    if (!tensor.shape.ranked() && stated.shape.ranked()) tensor.declared = tensor.shape = stated.shape;
    if (tensor.dtype == DType::kUnknown) tensor.dtype = stated.dtype;
  }

  static Result<std::vector<TensorId>> results_of(const Json& config, const Scope& scope) {
    std::vector<Reference> outputs;
    collect_references(member(config, "output_layers"), 0, outputs);
    std::vector<TensorId> out;
    for (const Reference& output : outputs) {
      const TensorId id = find(scope, output, true);
      if (id == kNoTensor) {
        return make_error(ErrorCode::kInvalidGraph,
                          "the model's result " + in_quotes(output.layer) + " is made by no layer");
      }
      out.push_back(id);
    }
    if (out.empty()) return make_error(ErrorCode::kInvalidGraph, "the model states no result");
    return out;
  }

  static constexpr std::int64_t kMostResults = 4096;

  Model& model_;
  GraphWriter writer_;
  Site site_;
};

}  // namespace

Status build_network(Model& model, const Json& config, Weights& weights) {
  Builder builder(model, weights);
  NNGAUGE_TRY(const std::vector<TensorId> outputs, builder.build(config, nullptr, 0, ""));
  for (const TensorId id : outputs) {
    if (std::find(model.main().outputs.begin(), model.main().outputs.end(), id) == model.main().outputs.end())
      model.main().outputs.push_back(id);
  }
  return ok();
}

}  // namespace nngauge::keras
