// SPDX-License-Identifier: Apache-2.0
// Owns: types of layers to operators. Shapes of all results stand in the file, so a layer only needs those operands
// that say what it computes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "graph/graph.h"
#include "parsers/openvino/network.h"

namespace nngauge::openvino {

// A layer on its way to an operator.
struct LayerView {
  const Layer& layer;
  std::vector<TensorId> operands;  // by input port; kNoTensor where no edge comes in
  const Graph& graph;
  const std::unordered_map<TensorId, std::size_t>& makers;  // by tensor: the operator of the graph that makes it
  Op& op;
  // A constant of `extents` stored at the layer's blob of that name; kNoTensor where it has none.
  std::function<TensorId(const std::string&, Shape)> blob;
  // Results that the file lays out with other extents than the operator makes: seen with these, 0 as they are.
  std::vector<std::pair<std::size_t, Ints>> result_views;

  [[nodiscard]] Shape in(std::size_t i) const;
  // What the file states of a result.
  [[nodiscard]] Shape out(std::size_t i = 0) const;
  [[nodiscard]] DType out_dtype(std::size_t i = 0) const;
  // The elements of a stored operand; nothing where it is computed or absent.
  [[nodiscard]] std::optional<Ints> ints(std::size_t i) const;
  [[nodiscard]] std::vector<double> reals(std::size_t i) const;
  void operand(std::size_t i, OperandRole role = OperandRole::kData);
  void all(OperandRole rest = OperandRole::kData);  // the first as data
};

// Fills kind, operands and attributes. A type that is not known becomes an operator without a rule.
void read_layer(LayerView& v);

// Layers whose filters carry the groups as an axis of their own.
bool has_group_axis(std::string_view type);

}  // namespace nngauge::openvino
