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
  explicit GraphWriter(Model& model) : model_(model), graph_(model.main()) {}

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
  [[nodiscard]] const Tensor& tensor(TensorId id) const { return graph_.tensors[static_cast<std::size_t>(id)]; }
  [[nodiscard]] Tensor& tensor(TensorId id) { return graph_.tensors[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const Shape& shape(TensorId id) const { return tensor(id).shape; }
  [[nodiscard]] std::size_t op_count() const { return graph_.ops.size(); }

 private:
  Model& model_;
  Graph& graph_;
};

}  // namespace nngauge
