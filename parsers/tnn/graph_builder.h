// SPDX-License-Identifier: Apache-2.0
// Owns: layers of a TNN network to operators. Extents of weights that the text does not state follow from the shapes
// before them, which are inferred by the rules of the op table on the way.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/shape_inference.h"
#include "parsers/tnn/structure.h"
#include "parsers/tnn/weights.h"

namespace nngauge::tnn {

class GraphBuilder {
 public:
  // All references must outlive the builder; `bindings` may be null.
  GraphBuilder(Model& model, const Structure& structure, const Weights& weights, const Bindings* bindings)
      : model_(model), structure_(structure), weights_(weights), bindings_(bindings) {}

  // Errors, with the layer: kInvalidGraph, kInvalidAttribute, kShapeMismatch.
  Status build();

  // --- for readers of layers (layers.cc)
  // ------------------------------------------------------------------------------

  [[nodiscard]] const Layer& layer() const { return *layer_; }
  [[nodiscard]] Op& op() { return op_; }
  [[nodiscard]] Shape in(std::size_t i) const;
  // Sums of products: wider integers than the factors; float where the input is.
  [[nodiscard]] DType bias_type() const;
  [[nodiscard]] std::size_t input_count() const { return inputs_.size(); }
  void input(std::size_t i) { op_.inputs.push_back({inputs_.at(i), OperandRole::kData}); }
  void all_inputs();
  void absent() { op_.inputs.push_back({}); }
  // Block `index` of the layer's weights. Errors: kShapeMismatch.
  Status weight(std::size_t index, const char* suffix, Shape expected, OperandRole role, DType otherwise);
  // How many elements a block holds; 0 where there is none.
  [[nodiscard]] std::uint64_t stored_elements(std::size_t index) const;
  void warn(const std::string& code, const std::string& message);

 private:
  void declare_inputs();
  Status add_layer(std::size_t index);
  void infer();
  TensorId add_tensor(std::string name, DType dtype, Shape declared);
  Tensor& tensor(TensorId id) { return model_.main().tensors[static_cast<std::size_t>(id)]; }

  Model& model_;
  const Structure& structure_;
  const Weights& weights_;
  const Bindings* bindings_;
  const Layer* layer_ = nullptr;
  Op op_;
  std::vector<TensorId> inputs_;
  std::map<std::string, TensorId, std::less<>> blobs_;
};

// Fills the operator of builder.layer(). A type that is not known becomes an operator without a rule.
Status read_layer(GraphBuilder& builder);

}  // namespace nngauge::tnn
