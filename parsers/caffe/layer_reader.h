// SPDX-License-Identifier: Apache-2.0
// Owns: what the reader of one type of layer works with: the layer, shapes of its bottoms, its weights, the operator
// that it fills. Not here: the list of types (layer_map.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "parsers/caffe/forward.h"
#include "parsers/caffe/graph_builder.h"

namespace nngauge::caffe_format {

class LayerReader {
 public:
  LayerReader(GraphBuilder& builder, const caffe::LayerParameter& layer, std::vector<TensorId> bottoms, Op& op)
      : builder_(builder), layer_(layer), bottoms_(std::move(bottoms)), op_(op) {}

  [[nodiscard]] const caffe::LayerParameter& layer() const { return layer_; }
  [[nodiscard]] Op& op() { return op_; }
  [[nodiscard]] GraphBuilder& builder() { return builder_; }

  [[nodiscard]] std::size_t bottom_count() const { return bottoms_.size(); }
  // Shape of bottom i as far as it is known here; unknown rank where there is none.
  [[nodiscard]] Shape in(std::size_t i) const;  // a copy: tensors move as others are added
  [[nodiscard]] Dim channels() const { return in(0).at(1); }

  // Adds operands to the operator.
  void bottom(std::size_t i, OperandRole role = OperandRole::kData);
  void all_bottoms();
  void absent() { op_.inputs.push_back({}); }
  // The learned blob `index`; `suffix` names the tensor.
  void weight(std::size_t index, const char* suffix, Shape expected, OperandRole role = OperandRole::kWeight);
  // A small constant that is not learned.
  void constant(const char* suffix, Value value);

  // An operator before the layer's own, with one result.
  TensorId step(OpKind kind, Attributes attrs, std::vector<Operand> inputs);
  [[nodiscard]] TensorId bottom_id(std::size_t i) const { return i < bottoms_.size() ? bottoms_[i] : kNoTensor; }

  // Shape of a top that no rule gives.
  void declare_top(Shape shape) { declared_tops_.push_back(std::move(shape)); }
  [[nodiscard]] const std::vector<Shape>& declared_tops() const { return declared_tops_; }

  // The layer cannot be read. The first failure counts.
  void fail(ErrorCode code, std::string message);
  void fail(const Error& error);
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  // Becomes an operator without a rule.
  void opaque(std::string name, const std::string& reason);

 private:
  GraphBuilder& builder_;
  const caffe::LayerParameter& layer_;
  std::vector<TensorId> bottoms_;
  Op& op_;
  std::vector<Shape> declared_tops_;
  std::optional<Error> failure_;
};

// The extents of a message BlobShape; negative ones are an error of the caller's.
std::vector<Dim> dims_of(const caffe::BlobShape& shape);
// Product of the extents from `axis` on (negative: from the end); unknown where one is.
Dim product_from(const Shape& shape, std::int64_t axis);

}  // namespace nngauge::caffe_format
