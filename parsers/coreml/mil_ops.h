// SPDX-License-Identifier: Apache-2.0
// Owns: the one table from operations of ML programs to our kinds: operands in our order with their roles, and who
// reads the arguments.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/coreml/mil.h"
#include "parsers/coreml/mil_builder.h"

namespace nngauge::coreml {

// An operation while it is read.
class MilView {
 public:
  MilView(MilBuilder& builder, MilScope& scope, const MilOp& operation)
      : source(operation), builder_(builder), scope_(scope) {}

  const MilOp& source;
  Op op;                                       // kind, names and operands are set; readers add attributes
  std::vector<Op> tails;                       // operators that follow, each on the result of the one before
  std::size_t most_results = ~std::size_t{0};  // further ones are defined by the reader

  // Arguments by name; the fallback where there are none or where they are computed.
  [[nodiscard]] bool has(std::string_view key) const { return source.find(key) != nullptr; }
  [[nodiscard]] const MilValue* value(std::string_view key) const;
  [[nodiscard]] std::optional<Ints> ints(std::string_view key) const;
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t fallback) const;
  [[nodiscard]] bool flag(std::string_view key, bool fallback = false) const {
    return integer(key, fallback ? 1 : 0) != 0;
  }
  [[nodiscard]] double real(std::string_view key, double fallback) const;
  [[nodiscard]] std::vector<double> reals(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;

  // Adds the tensors of an argument as operands; an absent one where there is none and `keep_place` is set.
  Status operand(std::string_view key, OperandRole role, bool keep_place = false);
  TensorId integers(const Ints& values);
  TensorId scalar(double value);
  // A further operator on the result.
  Op& then(OpKind kind);

  // Operand i as it stands now.
  [[nodiscard]] const Tensor* input(std::size_t i) const;
  [[nodiscard]] const Shape& shape(std::size_t i) const;
  [[nodiscard]] std::size_t rank(std::size_t i = 0) const { return shape(i).ranked() ? shape(i).rank() : 0; }
  // A stored constant, or made of one by constexpr operations.
  [[nodiscard]] bool stored(std::size_t i) const { return input(i) != nullptr && input(i)->is_constant; }
  // What the file states of result i.
  [[nodiscard]] const MilType& stated(std::size_t i) const;

  // The operation as a Custom of its own name.
  void give_up();

  [[nodiscard]] MilBuilder& builder() { return builder_; }
  [[nodiscard]] MilScope& scope() { return scope_; }

 private:
  MilBuilder& builder_;
  MilScope& scope_;
};

using ReadMil = Status (*)(MilView&);

struct MilRow {
  std::string_view name;
  OpKind kind;
  // "x:x weight:w bias:b": arguments in our order with their roles (parsers/operand_pattern.h); a `?` after the role
  // keeps the place of one that is absent. Several tensors of an argument give several operands.
  std::string_view inputs;
  ReadMil read;
};

// nullptr for operations without a row.
const MilRow* find_mil_row(std::string_view type);

// A constexpr operation: its results are constants of the type that is stored. False for other operations.
Result<bool> read_constexpr(const MilOp& op, MilBuilder& builder, MilScope& scope);

}  // namespace nngauge::coreml
