// SPDX-License-Identifier: Apache-2.0
// Owns: the one table from DLC layer types (SNPE's names of records 2 and 3, QNN's of record 4) to our kinds.
#pragma once

#include <string>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/dlc/net.h"

namespace nngauge::dlc {

// A layer while it becomes an operator. `op` has name, data operands in the layer's order, outputs.
struct LayerContext {
  const Layer& layer;
  Graph& graph;
  Op& op;
  Diagnostics& diagnostics;

  [[nodiscard]] Tensor* tensor(TensorId id) const {
    return id == kNoTensor ? nullptr : &graph.tensors[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] Tensor* input(std::size_t i) const {
    return i < op.inputs.size() ? tensor(op.inputs[i].tensor) : nullptr;
  }
  [[nodiscard]] Tensor* output(std::size_t i) const { return i < op.outputs.size() ? tensor(op.outputs[i]) : nullptr; }
  void set_role(std::size_t i, OperandRole role) const {
    if (i < op.inputs.size()) op.inputs[i].role = role;
  }
};

// Sets kind, attributes and roles. A type without a row becomes a Custom of its name with the shapes that the file
// states. Errors: kInvalidAttribute.
Status read_layer_type(LayerContext& c);

}  // namespace nngauge::dlc
