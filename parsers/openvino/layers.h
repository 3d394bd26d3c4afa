// SPDX-License-Identifier: Apache-2.0
// Owns: types of layers to operators. Shapes of all results stand in the file, so a layer only needs those operands
// that say what it computes.
#pragma once

#include <functional>
#include <string>

#include "graph/graph.h"
#include "parsers/openvino/network.h"

namespace nngauge::openvino {

// A layer on its way to an operator.
struct LayerView {
  const Layer& layer;
  std::vector<TensorId> operands;  // by input port; kNoTensor where no edge comes in
  const Graph& graph;
  Op& op;
  // A constant of `extents` stored at the layer's blob of that name; kNoTensor where it has none.
  std::function<TensorId(const std::string&, Shape)> blob;

  [[nodiscard]] Shape in(std::size_t i) const;
  void operand(std::size_t i, OperandRole role = OperandRole::kData);
  void all(OperandRole rest = OperandRole::kData);  // the first as data
};

// Fills kind, operands and attributes. A type that is not known becomes an operator without a rule.
void read_layer(LayerView& v);

// Layers whose filters carry the groups as an axis of their own.
bool has_group_axis(std::string_view type);

}  // namespace nngauge::openvino
