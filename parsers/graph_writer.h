// SPDX-License-Identifier: Apache-2.0
// Owns: building a graph for formats whose operators mean nothing without shapes: each operator's shape rule runs as
// soon as it is added, so that the reader can ask for the shape of any tensor. complete_model infers all again.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace nngauge {

class GraphWriter {
 public:
  // Writes into the graph `graph` of the model, which may get more graphs meanwhile.
  explicit GraphWriter(Model& model, GraphId graph = 0) : model_(model), graph_(static_cast<std::size_t>(graph)) {}

  TensorId add(Tensor tensor);
  TensorId add_input(std::string name, DType dtype, Shape shape);
  // A constant that is stored in the file.
  TensorId add_constant(std::string name, DType dtype, Shape shape, DataRef data);
  TensorId add_scalar(double value);
  TensorId add_integers(const std::vector<std::int64_t>& values);

  // Adds the operator with `results` new tensors as its results. Errors of the shape rule, with the operator's place.
  Result<std::vector<TensorId>> emit(Op op, std::size_t results);
  // The same with one result.
  Result<TensorId> emit(Op op);
  [[nodiscard]] const Tensor& tensor(TensorId id) const { return graph().tensors[static_cast<std::size_t>(id)]; }
  [[nodiscard]] Tensor& tensor(TensorId id) { return graph().tensors[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const Shape& shape(TensorId id) const { return tensor(id).shape; }
  [[nodiscard]] GraphId graph_id() const { return static_cast<GraphId>(graph_); }
  [[nodiscard]] std::size_t op_count() const { return graph().ops.size(); }

 private:
  [[nodiscard]] Graph& graph() { return model_.graphs[graph_]; }
  [[nodiscard]] const Graph& graph() const { return model_.graphs[graph_]; }

  Model& model_;
  std::size_t graph_;
};

}  // namespace nngauge
