// SPDX-License-Identifier: Apache-2.0
// Owns: the table from kernels (aten, quantized_decomposed, cadence …) to our kinds. Only .cc files of this folder
// include it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parsers/executorch/plan.h"

namespace nngauge::executorch {

// An argument of a kernel: a tensor, tensors, numbers, a text, or nothing.
struct Argument {
  TensorId tensor = kNoTensor;
  std::vector<TensorId> tensors;
  Ints ints;  // flags too
  std::vector<double> reals;
  std::string text;
  [[nodiscard]] bool is_number() const { return tensor == kNoTensor && ints.size() + reals.size() == 1; }
  [[nodiscard]] double number() const { return reals.empty() ? static_cast<double>(ints.at(0)) : reals[0]; }
};

// A kernel call while it becomes an operator. `op` has source_op, name and outputs.
struct CallContext {
  std::string_view name;    // without overload: "aten::add"
  std::string_view called;  // with it: "aten::add.out"
  const std::vector<Argument>& args;
  Plan& plan;
  Op& op;

  [[nodiscard]] const Tensor* tensor(TensorId id) const {
    return id == kNoTensor ? nullptr : &plan.graph().tensors[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] const Argument& arg(std::size_t i) const {
    static const Argument none;
    return i < args.size() ? args[i] : none;
  }
  [[nodiscard]] const Tensor* in(std::size_t i) const { return tensor(arg(i).tensor); }
  [[nodiscard]] const Tensor* out() const { return op.outputs.empty() ? nullptr : tensor(op.outputs[0]); }
  [[nodiscard]] std::int64_t int_or(std::size_t i, std::int64_t other) const {
    return arg(i).ints.size() == 1 ? arg(i).ints[0] : other;
  }
  [[nodiscard]] bool is_stored(TensorId id) const { return id != kNoTensor && tensor(id)->is_constant; }
  void add(std::size_t i, OperandRole role = OperandRole::kData) const { op.inputs.push_back({arg(i).tensor, role}); }
  // A stored tensor has `role`, a computed one is data; nothing where the argument is absent.
  void learned(std::size_t i, OperandRole role) const;
  // An operand that stands in the program as a number.
  void scalar(double value) const;
  void integers(const Ints& values, bool is_scalar = false) const;
};

// Sets kind, operands and attributes; a kernel without a row becomes a Custom with all its tensors.
Status read_kernel(CallContext& c);

}  // namespace nngauge::executorch
