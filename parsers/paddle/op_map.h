// SPDX-License-Identifier: Apache-2.0
// Owns: the one table from Paddle's operators to our kinds: kind, parameters in our order with their roles, the
// results, who reads the attributes.
#pragma once

#include <string_view>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/paddle/program.h"

namespace nngauge::paddle {

// An operator while it is read.
struct OpContext {
  const ProgramOp& source;
  Graph& graph;
  Op& op;  // kind, operands and results are set
  Diagnostics& diagnostics;

  // Our operand i; nullptr where it is absent.
  [[nodiscard]] const Tensor* input(std::size_t i) const {
    return i < op.inputs.size() && op.inputs[i].tensor != kNoTensor
               ? &graph.tensors[static_cast<std::size_t>(op.inputs[i].tensor)]
               : nullptr;
  }
  [[nodiscard]] const Tensor* output(std::size_t i) const {
    return i < op.outputs.size() && op.outputs[i] != kNoTensor ? &graph.tensors[static_cast<std::size_t>(op.outputs[i])]
                                                               : nullptr;
  }
  // Its meaning cannot be told: it becomes a Custom of its own name, with a remark.
  void give_up(const std::string& reason) const;
  // A scalar constant that stands for an attribute, as a further operand; or a list of integers.
  void add_scalar(double value) const;
  void add_integers(const Ints& values) const;
  // Emits an operator in front of this one, with a result of these extents; gives that tensor.
  TensorId step(OpKind kind, Attributes attrs, std::vector<Operand> inputs, Shape shape = Shape()) const;
};

using AttributeReader = Status (*)(OpContext&);

struct OpRow {
  std::string_view name;
  OpKind kind;
  // "Input:x Filter:w Bias:b": parameters in our order with their roles (parsers/operand_pattern.h); a parameter with
  // several arguments gives several operands, `_` is an absent one.
  std::string_view inputs;
  std::string_view outputs;  // parameters in our order
  AttributeReader read;
};

// nullptr for operators without a row.
const OpRow* find_op_row(std::string_view type);

}  // namespace nngauge::paddle
