// SPDX-License-Identifier: Apache-2.0
// Owns: one Keras layer while it becomes operators: its configuration, operands, weights. layers.cc lists the classes.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "parsers/graph_writer.h"

namespace nngauge::keras {

using Json = nlohmann::json;

// Finds the stored weight of a layer by its name there ("kernel"), or gives a constant of `shape` that is stored
// nowhere. `position`: the place among the layer's variables.
using WeightFinder = std::function<Result<TensorId>(const std::string& layer, const std::string& weight,
                                                    std::size_t position, const Shape& shape)>;

class Layer {
 public:
  Layer(GraphWriter& writer, const WeightFinder& weights, std::string type, const Json& config, std::string name,
        std::vector<TensorId> inputs)
      : writer_(writer),
        weights_(weights),
        type_(std::move(type)),
        config_(config),
        name_(std::move(name)),
        inputs_(std::move(inputs)) {}
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

  [[nodiscard]] std::size_t input_count() const { return inputs_.size(); }
  [[nodiscard]] TensorId input_id(std::size_t i) const { return i < inputs_.size() ? inputs_[i] : kNoTensor; }
  [[nodiscard]] const Shape& in(std::size_t i = 0) const;
  [[nodiscard]] Dim channels() const;  // of input 0, by the layout
  void input(std::size_t i, OperandRole role = OperandRole::kData) { op.inputs.push_back({input_id(i), role}); }
  void inputs() {
    for (std::size_t i = 0; i < inputs_.size(); ++i) input(i);
  }
  Status weight(const std::string& weight_name, OperandRole role, const Shape& shape);
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
  [[nodiscard]] GraphWriter& writer() { return writer_; }
  [[nodiscard]] const WeightFinder& weights() const { return weights_; }

 private:
  GraphWriter& writer_;
  const WeightFinder& weights_;
  std::string type_;
  const Json& config_;
  std::string name_;
  std::vector<TensorId> inputs_;
  std::size_t next_weight_ = 0;
};

// The operators of one layer; its result. Classes that are not known become one opaque operator.
Result<TensorId> lower_layer(Layer& layer);

}  // namespace nngauge::keras
