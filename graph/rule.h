// SPDX-License-Identifier: Apache-2.0
// Owns: what a rule of the op table sees (RuleContext) and gives (TensorInfo, Work).
// Rules are pure functions of one operator and its operands; they read no other operator.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/checked.h"
#include "base/result.h"
#include "graph/graph.h"

namespace nngauge {

// Type and shape of one result.
struct TensorInfo {
  DType dtype = DType::kUnknown;
  Shape shape;
};

// What one execution of an operator computes. Conventions: docs/conventions.md.
struct Work {
  Count macs, flops, special;
  bool lower_bound = false;
  std::string reason;  // why it is a lower bound; empty if exact
};

// Lines of text that say how a number came about; filled only when somebody asks (`nngauge explain`).
using Explanation = std::vector<std::string>;

class RuleContext {
 public:
  RuleContext(const Model& model, const Graph& graph, const Op& op, Explanation* explanation = nullptr)
      : model_(model), graph_(graph), op_(op), explanation_(explanation) {}

  [[nodiscard]] const Model& model() const { return model_; }
  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] const Op& op() const { return op_; }
  [[nodiscard]] OpKind kind() const { return op_.kind; }

  // Attributes of type A; the defaults of A where the reader gave none.
  template <class A>
  [[nodiscard]] const A& attrs() const {
    static const A defaults;
    const A* given = std::get_if<A>(&op_.attrs);
    return given ? *given : defaults;
  }

  // Operands by position in the order of the kind. An absent one has no tensor.
  [[nodiscard]] std::size_t input_count() const { return op_.inputs.size(); }
  [[nodiscard]] bool has_input(std::size_t i) const {
    return i < op_.inputs.size() && op_.inputs[i].tensor != kNoTensor;
  }
  [[nodiscard]] const Tensor* input(std::size_t i) const {
    return has_input(i) ? &graph_.tensors[static_cast<std::size_t>(op_.inputs[i].tensor)] : nullptr;
  }
  // Shape of operand i; unknown rank where it is absent.
  [[nodiscard]] const Shape& in(std::size_t i) const;
  [[nodiscard]] DType in_dtype(std::size_t i) const { return has_input(i) ? input(i)->dtype : DType::kUnknown; }
  // Elements of operand i where they are known (constants, folded shape arithmetic).
  [[nodiscard]] const Value* value(std::size_t i) const;

  [[nodiscard]] std::size_t output_count() const { return op_.outputs.size(); }
  [[nodiscard]] const Tensor* output(std::size_t i) const {
    return i < op_.outputs.size() && op_.outputs[i] != kNoTensor
               ? &graph_.tensors[static_cast<std::size_t>(op_.outputs[i])]
               : nullptr;
  }
  [[nodiscard]] const Shape& out(std::size_t i) const;

  // Elements of operand or result i. Errors: kUnknown naming what is open ("extent seq of operand 0 is not known").
  [[nodiscard]] Result<Count> in_elements(std::size_t i) const;
  [[nodiscard]] Result<Count> out_elements(std::size_t i) const;
  // The extent as a count. Errors: kUnknown, naming `what` and the symbol.
  [[nodiscard]] Result<Count> extent(Dim dim, std::string_view what) const;

  [[nodiscard]] std::string text(const Shape& shape) const { return shape_text(shape, model_.symbols); }

  [[nodiscard]] bool explaining() const { return explanation_ != nullptr; }
  void explain(std::string line) const {
    if (explanation_) explanation_->push_back(std::move(line));
  }

 private:
  const Model& model_;
  const Graph& graph_;
  const Op& op_;
  Explanation* explanation_;
};

// A product with named factors: its count, and for `explain` the text "macs = H_out 112 x W_out 112 x … = 10,838,016".
class Product {
 public:
  Product(const RuleContext& context, std::string_view name) : context_(context), name_(name) {}
  Product& times(std::string_view label, Count factor);
  // The product; tells the explanation, once.
  Count value();

 private:
  const RuleContext& context_;
  std::string_view name_;
  std::string text_;
  Count product_ = 1;
};

using ShapeRule = Result<std::vector<TensorInfo>> (*)(const RuleContext&);
using WorkRule = Result<Work> (*)(const RuleContext&);
// The elements of one result where operands' elements are known; nullopt otherwise. Never fails. Asked for each wanted
// result once its shape is inferred.
using FoldRule = std::optional<Value> (*)(const RuleContext&, std::size_t result);

}  // namespace nngauge
