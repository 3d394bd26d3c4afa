// SPDX-License-Identifier: Apache-2.0
// Owns: what a row of the mapping table (op_map.h) sees of a node, and how it fills the Op: attributes by type,
// operands by position, roles and order. The first error is kept; later reads then give defaults.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/onnx/constants.h"
#include "parsers/onnx/forward.h"
#include "parsers/onnx/node_view.h"

namespace nngauge::onnx_format {

class OpReader {
 public:
  // Builds the graph of an attribute, around which lies the node's own graph.
  using SubgraphReader = std::function<Result<GraphId>(const onnx::GraphProto&)>;

  // `derived`: per graph and tensor, whether it is a constant or comes from one through casts, reshapes and the like.
  OpReader(const NodeView& node, std::int64_t opset, const Model& model, GraphId graph,
           const std::vector<std::vector<bool>>& derived, Op& op, ConstantReader& constants, SubgraphReader subgraphs)
      : node_(node),
        opset_(opset),
        model_(model),
        graph_(static_cast<std::size_t>(graph)),
        derived_(derived),
        op_(op),
        constants_(constants),
        subgraphs_(std::move(subgraphs)) {}

  [[nodiscard]] Op& op() { return op_; }
  [[nodiscard]] std::int64_t opset() const { return opset_; }
  [[nodiscard]] const Status& status() const { return status_; }
  void fail(ErrorCode code, std::string message);

  // Attributes. A value of another type is kInvalidAttribute.
  [[nodiscard]] bool has(std::string_view name) const { return node_.find(name) != nullptr; }
  std::int64_t integer(std::string_view name, std::int64_t fallback);
  bool flag(std::string_view name, bool fallback = false) { return integer(name, fallback ? 1 : 0) != 0; }
  double real(std::string_view name, double fallback);
  std::string text(std::string_view name, std::string_view fallback = "");
  Ints ints(std::string_view name);
  std::vector<double> reals(std::string_view name);
  // A TensorProto.DataType; kUnknown for UNDEFINED and for types newer than we know.
  DType dtype(std::string_view name, DType fallback = DType::kUnknown);
  std::optional<Tensor> constant(std::string_view name);  // a tensor attribute
  // Reads the graph of the attribute; -1 where the node has none.
  GraphId graph(std::string_view name);

  // Operands by the position in the file, before arrange().
  [[nodiscard]] std::size_t input_count() const { return op_.inputs.size(); }
  [[nodiscard]] const Tensor* input(std::size_t i) const;
  [[nodiscard]] DType in_dtype(std::size_t i) const { return input(i) ? input(i)->dtype : DType::kUnknown; }
  [[nodiscard]] const Value* value(std::size_t i) const;
  // A constant, or derived from one.
  [[nodiscard]] bool stored(std::size_t i) const;
  [[nodiscard]] std::size_t output_count() const { return op_.outputs.size(); }

  void role(std::size_t i, OperandRole role);
  void roles_from(std::size_t first, OperandRole role);
  // `role` if the operand is stored, else it is data.
  void role_if_stored(std::size_t i, OperandRole role);
  // Puts operands into the order of the kind: those at `order` (-1: absent), then `quant` as quantisation operands.
  // Absent optional operands are written out before quantisation operands, so that positions keep their meaning.
  void arrange(std::initializer_list<int> order, std::initializer_list<int> quant = {});

 private:
  const onnx::AttributeProto* typed(std::string_view name, int type);

  const NodeView& node_;
  std::int64_t opset_;
  const Model& model_;
  std::size_t graph_;
  const std::vector<std::vector<bool>>& derived_;
  Op& op_;
  ConstantReader& constants_;
  SubgraphReader subgraphs_;
  Status status_ = ok();
};

}  // namespace nngauge::onnx_format
