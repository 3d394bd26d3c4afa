// SPDX-License-Identifier: Apache-2.0
// Owns: one-operator models for the tests of rules, made in a line or two.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "graph/rule.h"

namespace nngauge::test {

// A model with one operator:
//   OneOp op(OpKind::kConv2D, ConvAttrs{...});
//   op.input({1, 3, 8, 8}).weight({4, 3, 3, 3}).bias({4});
//   op.shape() -> "[1,4,6,6]"; op.macs() -> 1 * 4 * 6 * 6 * 3 * 3 * 3
class OneOp {
 public:
  explicit OneOp(OpKind kind, Attributes attrs = {}, std::size_t results = 1);

  // Operands in the order of the kind.
  OneOp& input(Shape shape, OperandRole role = OperandRole::kData, DType dtype = DType::kFloat32);
  OneOp& weight(Shape shape) { return constant(std::move(shape), OperandRole::kWeight); }
  OneOp& bias(Shape shape) { return constant(std::move(shape), OperandRole::kBias); }
  OneOp& norm(Shape shape) { return constant(std::move(shape), OperandRole::kNorm); }
  OneOp& state(Shape shape) { return input(std::move(shape), OperandRole::kState); }
  OneOp& constant(Shape shape, OperandRole role, DType dtype = DType::kFloat32);
  OneOp& ints(std::vector<std::int64_t> elements);  // a constant int64 vector with known elements
  OneOp& scalar_int(std::int64_t element);          // a constant int64 scalar
  OneOp& reals(std::vector<double> elements);       // a constant float32 vector with known elements
  OneOp& absent();                                  // an optional operand that is not given
  Dim symbol(std::string_view name) { return Dim::symbol(model_.symbols.intern(name)); }

  // Runs the shape rule of the op table and keeps its results in the graph.
  Result<std::vector<TensorInfo>> infer();
  // After infer(): the work rule of the op table.
  Result<Work> work();
  // infer() and the shape of result i as text; the error's text where the rule refuses.
  std::string shape(std::size_t i = 0);
  DType dtype(std::size_t i = 0);
  // infer() and work(): fails the running test where a rule refuses.
  Work must_work();
  std::uint64_t macs() { return must_work().macs.value(); }
  std::uint64_t flops() { return must_work().flops.value(); }
  std::uint64_t special() { return must_work().special.value(); }
  // The error's text of infer(), or of work() where infer() passes; "" where both pass.
  std::string error();
  Explanation explain();
  // The elements of result i that the folding rule finds.
  std::optional<Value> fold(std::size_t i = 0);

  Op& op() { return model_.main().ops.front(); }
  Model& model() { return model_; }
  [[nodiscard]] RuleContext context(Explanation* explanation = nullptr) const {
    return RuleContext(model_, model_.main(), model_.main().ops.front(), explanation);
  }

 private:
  OneOp& add(Tensor tensor, OperandRole role);
  Model model_;
};

}  // namespace nngauge::test
