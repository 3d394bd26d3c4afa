// SPDX-License-Identifier: Apache-2.0
// Owns: building the graph layer by layer. What an ncnn layer computes depends on the rank of its blobs, so each
// operator's shape rule runs as soon as the operator stands. Blobs have no batch axis; tensors have one in front.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "graph/shape_inference.h"
#include "parsers/ncnn/inputs.h"
#include "parsers/ncnn/param.h"
#include "parsers/ncnn/weights.h"

namespace nngauge::ncnn {

class Lowering;

// One layer while it becomes an operator: its keys, operands with their shapes so far, its weights.
class LayerView {
 public:
  LayerView(Lowering& lowering, const Layer& layer, const std::vector<WeightBlob>& blobs)
      : lowering_(lowering), layer_(layer), blobs_(blobs) {}

  [[nodiscard]] const Layer& layer() const { return layer_; }
  [[nodiscard]] std::int64_t integer(int key, std::int64_t fallback = 0) const { return layer_.integer(key, fallback); }
  Op op;  // what the handler fills

  [[nodiscard]] std::size_t bottoms() const { return layer_.bottoms.size(); }
  // Shape of bottom i with the batch in front; unknown rank where there is no such bottom.
  [[nodiscard]] const Shape& in(std::size_t i) const;
  // Axes of blob i without the batch; 0 where the rank is not known.
  [[nodiscard]] std::size_t dims(std::size_t i) const { return in(i).ranked() ? in(i).rank() - 1 : 0; }
  [[nodiscard]] Dim batch() const;
  // Element i of a constant bottom is a stored blob of data.
  [[nodiscard]] bool is_constant(std::size_t i) const;

  void input(std::size_t bottom, OperandRole role = OperandRole::kData);
  void inputs_from(std::size_t first, OperandRole role = OperandRole::kData);
  void absent() { op.inputs.push_back({}); }
  // The n-th blob of that part as an operand of `shape`; nothing where the layer has none.
  // Errors: kInvalidAttribute where the elements do not fit the shape.
  Status weight(Part part, OperandRole role, Shape shape, std::size_t n = 0);
  [[nodiscard]] const WeightBlob* find(Part part, std::size_t n = 0) const;
  void operand(TensorId tensor, OperandRole role = OperandRole::kData) { op.inputs.push_back({tensor, role}); }
  TensorId scalar(double value);
  TensorId integers(const std::vector<std::int64_t>& values);
  TensorId places(Shape shape);  // a constant with places of elements, whose values nobody needs
  // Emits an operator of its own in front of this one and gives its result: layers that do several things at once.
  Result<TensorId> step(Op first);
  [[nodiscard]] const Shape& shape_of(TensorId tensor) const;
  // Fills op.activation from keys 9 and 10.
  void activation(int type_key, int params_key);
  // Nobody knows what it costs; its results have these shapes, if any.
  void opaque(std::vector<Shape> results = {});
  void declare(std::size_t top, Shape shape);

 private:
  Lowering& lowering_;
  const Layer& layer_;
  const std::vector<WeightBlob>& blobs_;
};

// An extent that was assumed, and of which input.
struct AssumedInput {
  TensorId tensor = kNoTensor;
  std::vector<AssumedDim> extents;
};

class Lowering {
 public:
  Lowering(Model& model, const ParamFile& param, const std::vector<std::vector<WeightBlob>>& weights,
           const Bindings* bindings, InputSizes sizes);

  // Builds model.main(). Errors of layers carry their place.
  Status run();
  [[nodiscard]] const std::vector<AssumedInput>& assumed() const { return assumed_; }
  // Whether a spatial extent was assumed from InputSizes, so that other sizes are worth a try.
  [[nodiscard]] bool used_size() const { return used_size_; }

 private:
  friend class LayerView;
  Tensor& tensor(TensorId id) { return graph_.tensors[static_cast<std::size_t>(id)]; }
  TensorId add_tensor(Tensor tensor);
  Status lower(std::size_t index);
  Status lower_input(const Layer& layer);
  Status lower_memory(const Layer& layer, const std::vector<WeightBlob>& blobs);
  Status emit(Op op);
  void resolve_operands(std::size_t index);
  void resolve(TensorId root, const GuessedShape& guess);
  std::optional<std::int64_t> given_extent(TensorId input, const std::string& extent);
  void take_bound_shape(TensorId id, const std::vector<std::int64_t>& extents, std::size_t rank);
  void finish();

  Model& model_;
  Graph& graph_;
  const ParamFile& param_;
  const std::vector<std::vector<WeightBlob>>& weights_;
  const Bindings* bindings_;
  InputSizes sizes_;
  std::vector<TensorId> blob_tensors_;  // by blob
  std::vector<TensorId> open_root_;     // by tensor: the input of unknown shape that it has the shape of
  std::vector<AssumedInput> assumed_;
  std::vector<std::vector<std::size_t>> readers_;  // by blob: layers that read it
  bool used_size_ = false;
};

}  // namespace nngauge::ncnn
