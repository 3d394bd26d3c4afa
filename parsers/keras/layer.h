// SPDX-License-Identifier: Apache-2.0
// Owns: one Keras layer while it becomes operators: its configuration, operands, weights. layers.cc lists the classes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "parsers/graph_writer.h"
#include "parsers/keras/json.h"
#include "parsers/keras/weights.h"

namespace nngauge::keras {

class Layer;
// Puts the layers of a model that stands inside a layer in its place, for operands: a model in a TimeDistributed.
using ModelCaller =
    std::function<Result<std::vector<TensorId>>(const Json& model, const std::vector<TensorId>& operands)>;

// What all layers of a file share.
struct Site {
  Model& model;
  GraphWriter& writer;
  Weights& weights;
  ModelCaller call_model;
  int depth = 0;  // of layers within layers
};

// What a layer is called with. A tensor in it is a binary value, which no text holds; the rest is as the file has it.
struct Call {
  Json args = Json::array();
  Json kwargs = Json::object();
};
Json tensor_value(TensorId id);
// The tensor that a value is; kNoTensor for other values.
TensorId as_tensor(const Json& value);
// All tensors in a value, in their order; at most 16 levels deep.
void collect_tensors(const Json& value, std::vector<TensorId>& out, int depth = 0);

class Layer {
 public:
  Layer(Site& site, std::string type, const Json& config, std::string name, std::vector<TensorId> inputs)
      : site_(site), type_(std::move(type)), config_(config), name_(std::move(name)), inputs_(std::move(inputs)) {}
  // With the tensors of the call as inputs.
  Layer(Site& site, std::string type, const Json& config, std::string name, Call call);
  // A layer inside of `outer`: its variables stand below `folder` (WeightKey::name), empty for the layer's own ones.
  Layer(const Layer& outer, const std::string& folder, std::string type, const Json& config,
        std::vector<TensorId> inputs);
  Op op;

  [[nodiscard]] const std::string& type() const { return type_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Json& config() const { return config_; }
  [[nodiscard]] std::int64_t integer(const char* key, std::int64_t fallback = 0) const;
  [[nodiscard]] double real(const char* key, double fallback) const;
  [[nodiscard]] bool flag(const char* key, bool fallback) const;
  [[nodiscard]] std::string text(const char* key, const std::string& fallback = "") const;
  // One number per axis, or one for all of them.
  [[nodiscard]] std::vector<std::int64_t> per_axis(const char* key, std::size_t axes, std::int64_t fallback) const;
  [[nodiscard]] std::vector<std::int64_t> list(const char* key) const;
  [[nodiscard]] DataLayout layout() const {
    return text("data_format") == "channels_first" ? DataLayout::kChannelsFirst : DataLayout::kChannelsLast;
  }

  // The argument of the call by its name or, where it has none, by its place; else what the configuration has by the
  // name. Null where there is none.
  [[nodiscard]] const Json& argument(std::size_t place, const char* argument_name) const;
  [[nodiscard]] const Call& call() const { return call_; }

  [[nodiscard]] std::size_t input_count() const { return inputs_.size(); }
  [[nodiscard]] TensorId input_id(std::size_t i) const { return i < inputs_.size() ? inputs_[i] : kNoTensor; }
  [[nodiscard]] Shape in(std::size_t i = 0) const;
  [[nodiscard]] Shape shape(TensorId id) const { return id == kNoTensor ? Shape() : site_.writer.shape(id); }
  [[nodiscard]] Dim channels() const;  // of input 0, by the layout
  void input(std::size_t i, OperandRole role = OperandRole::kData) { op.inputs.push_back({input_id(i), role}); }
  void inputs() {
    for (std::size_t i = 0; i < inputs_.size(); ++i) input(i);
  }
  Status weight(const std::string& weight_name, OperandRole role, const Shape& shape);
  // The variable as a tensor. `position`: its place among the variables of the innermost layer.
  TensorId variable(const std::string& weight_name, std::size_t position, const Shape& shape);
  // Skips a variable that the layer does not have.
  void no_weight() { op.inputs.push_back({}); }
  // Emits `op` and begins another one; with the layer's activation behind it.
  Result<TensorId> emit();
  Result<TensorId> activate(TensorId x, const std::string& function);
  // Where the activation is a layer of its own (PReLU); null where it is a function.
  [[nodiscard]] const Json* activation_layer() const;
  Result<TensorId> emit_activated();
  Result<TensorId> opaque();
  // Emits the operator, its result becomes input 0.
  Status then();
  // Emits one operator with these operands and attributes; roles are kData.
  Result<TensorId> emit(OpKind kind, const std::vector<TensorId>& operands, Attributes attrs = NoAttrs{});
  // The same with `results` results.
  Result<std::vector<TensorId>> emit(OpKind kind, const std::vector<TensorId>& operands, Attributes attrs,
                                     std::size_t results);
  // Emits `op` with `results` results.
  Result<std::vector<TensorId>> emit_all(std::size_t results);
  // Results behind the first one, for layers with several.
  void also(TensorId id) { more_.push_back(id); }
  [[nodiscard]] const std::vector<TensorId>& more() const { return more_; }
  // How many results the rest of the model reads, where the file tells; else 1.
  void expect_results(std::size_t count) { expected_results_ = count; }
  [[nodiscard]] std::size_t expected_results() const { return expected_results_; }
  [[nodiscard]] GraphWriter& writer() { return site_.writer; }
  [[nodiscard]] Site& site() { return site_; }
  // The nested models that the layer stands in: "outer/inner/".
  void set_scope(std::string scope) { scope_ = std::move(scope); }
  [[nodiscard]] const std::string& scope() const { return scope_; }

 private:
  Site& site_;
  std::string scope_, folder_;
  std::string type_;
  const Json& config_;
  std::string name_;
  std::vector<TensorId> inputs_;
  Call call_;
  std::vector<TensorId> more_;
  std::size_t next_weight_ = 0;
  std::size_t expected_results_ = 1;
};

// The operators of one layer; its first result, others are in `more`. Classes that are not known become one opaque
// operator.
Result<TensorId> lower_layer(Layer& layer);

}  // namespace nngauge::keras
