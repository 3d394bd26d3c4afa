// SPDX-License-Identifier: Apache-2.0
// Owns: the functions that TorchScript code calls: arithmetic of numbers and lists (scalars.cc), and operators on
// tensors (operators.cc, operators_*.cc), each with a row in a table.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/torchscript/interpreter.h"

namespace nngauge::torchscript {

// `name` without "torch." or "ops.": "conv2d", "quantized.linear_dynamic". Unknown functions on tensors become opaque
// operators. Errors: those of the shape rules; kShapeMismatch where the code itself raises.
Result<PyValue> call_operator(Interpreter& interpreter, const std::string& name, const Arguments& arguments);

// Functions of numbers, texts and lists. `known` says whether there is one of that name for these arguments.
Result<PyValue> call_scalar(Interpreter& interpreter, const std::string& name, const Arguments& arguments, bool& known);

// One call of an operator on tensors.
class Call {
 public:
  Call(Interpreter& interpreter, const std::string& name, const Arguments& arguments)
      : interpreter_(interpreter), name_(name), arguments_(arguments) {}
  Op op;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Arguments& arguments() const { return arguments_; }
  [[nodiscard]] PyValue get(std::size_t i, const std::string& name = "") const { return arguments_.get(i, name); }
  [[nodiscard]] std::int64_t integer(std::size_t i, const std::string& name, std::int64_t fallback = 0) const {
    return arguments_.integer(i, name, fallback);
  }
  // A list of integers; a single one counts `times` times. Unknown elements are -1 where `open_as` says nothing else.
  [[nodiscard]] std::vector<std::int64_t> integers(std::size_t i, const std::string& name = "",
                                                   std::size_t times = 1) const;
  // Whether all of them are known.
  [[nodiscard]] bool knows_integers(std::size_t i, const std::string& name = "") const;
  [[nodiscard]] bool has_tensor(std::size_t i) const { return arguments_.get(i).is_tensor(); }
  // Shape of tensor argument i; unknown rank where it is none.
  Result<Shape> shape(std::size_t i);
  Status input(std::size_t i, OperandRole role = OperandRole::kData);
  // A stored tensor has `role`, a computed one is data.
  Status learned(std::size_t i, OperandRole role, const std::string& name = "");
  void absent() { op.inputs.push_back({}); }
  void operand(TensorId id, OperandRole role = OperandRole::kData) { op.inputs.push_back({id, role}); }
  // An operand of an element-wise operator: a tensor, or a number as a scalar.
  Status operand_or_scalar(std::size_t i);
  Result<PyValue> emit();
  Result<PyValue> emit_list(std::size_t results);
  Result<TensorId> step(Op first);
  Result<PyValue> opaque(std::size_t results = 1);
  // If tensor argument i is a network input of unknown shape, asks for one of `extents`.
  // `through_all`: also where other operators than element-wise ones stand between.
  Status demand(std::size_t i, std::vector<std::int64_t> extents, bool through_all = false);
  [[nodiscard]] Interpreter& interpreter() { return interpreter_; }

 private:
  void name_op(Op& op) const;
  Interpreter& interpreter_;
  const std::string& name_;
  const Arguments& arguments_;
};

using Handler = Result<PyValue> (*)(Call&);
struct OperatorRow {
  std::string_view name;
  Handler handler;
};
std::span<const OperatorRow> layer_operators();
std::span<const OperatorRow> packed_operators();
std::span<const OperatorRow> elementwise_operators();
std::span<const OperatorRow> movement_operators();

}  // namespace nngauge::torchscript
