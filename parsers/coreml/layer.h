// SPDX-License-Identifier: Apache-2.0
// Owns: a layer while it is read: its parameters, its blobs in the forms that operators take (network.h), the operators
// that stand for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/coreml/message.h"
#include "parsers/coreml/network.h"

namespace nngauge::coreml {

class LayerView {
 public:
  LayerView(NetworkBuilder& builder, Scope& scope, const Message& layer, const Message& own_params, int nesting)
      : params(own_params),
        depth(nesting),
        builder_(builder),
        scope_(scope),
        layer_(layer),
        writer_(builder.model(), scope.graph) {}

  const Message params;  // of the layer's kind
  const int depth;
  // The operator that stands for the layer: kind, name, source are set. emit() takes operands and attributes from it.
  Op op;
  std::vector<std::string> output_names;

  // Resolves the layer's inputs. Errors: kInvalidGraph.
  Status find_operands(std::uint32_t inputs, std::uint32_t outputs, std::uint32_t output_tensors);

  [[nodiscard]] std::size_t input_count() const { return inputs_.size(); }
  [[nodiscard]] bool exact(std::size_t i = 0) const { return i < inputs_.size() && inputs_[i].exact; }
  [[nodiscard]] bool all_exact() const;
  [[nodiscard]] const Shape& shape(std::size_t i = 0) const;
  [[nodiscard]] TensorId input(std::size_t i) const { return inputs_[i].id; }
  [[nodiscard]] std::size_t rank(std::size_t i = 0) const { return shape(i).ranked() ? shape(i).rank() : 0; }

  // Errors: kInvalidGraph "has 1 inputs, needs 2".
  Status needs(std::size_t inputs) const;
  // Adds operands to `op`.
  void operand(TensorId id, OperandRole role = OperandRole::kData) { op.inputs.push_back({id, role}); }
  void input_operand(std::size_t i, OperandRole role = OperandRole::kData) { operand(inputs_[i].id, role); }
  void absent() { operand(kNoTensor); }
  void scalar(double value) { operand(writer_.add_scalar(value), OperandRole::kConfig); }
  void integers(const Ints& values) { operand(writer_.add_integers(values), OperandRole::kConfig); }
  // Errors: those of read_weights.
  Status weight(const Message& weights, const Shape& shape, OperandRole role, std::string_view what);

  // Input i in a form: as a picture [n, c, h, w]; its rows [n, c]; steps [steps, batch, c]. A view is put in between
  // where the blob has another form.
  Result<TensorId> picture(std::size_t i = 0);
  Result<TensorId> rows(std::size_t i = 0);
  Result<TensorId> steps(std::size_t i = 0);
  // All axes that the format gives the blob: a folded one gets five.
  Result<TensorId> own_axes(std::size_t i = 0);
  // Brings folded inputs of different forms to one form.
  Status harmonise();
  // Puts a view in front of a tensor; 0 copies an extent, -1 takes the rest.
  Result<TensorId> reshape(TensorId x, Ints target);

  // The axis of channels of input i in the form that it has.
  [[nodiscard]] std::int64_t channel_axis(std::size_t i = 0) const;
  // An axis that counts sequence, batch, channel, height, width as 0 to 4, for input i as it stands.
  [[nodiscard]] std::int64_t axis(std::int64_t stated, std::size_t i = 0) const;

  // Adds `op` with the layer's outputs as its results; `op` is then empty again, but for kind, names and source.
  Status emit(bool exact);
  Status emit() { return emit(exact(0)); }
  // The same for an operator on picture(): its result gets the axes of input 0 back.
  Status emit_picture();
  // Adds `op` with one result that a further operator of the layer takes; `op` as above.
  Result<TensorId> step();
  // Makes a tensor the layer's output k.
  Status output(std::size_t k, Blob blob);
  // Says the extents of output k where no rule will know them.
  void declare(std::size_t k, Shape shape);

  [[nodiscard]] NetworkBuilder& builder() { return builder_; }
  [[nodiscard]] Scope& scope() { return scope_; }
  [[nodiscard]] GraphWriter& writer() { return writer_; }
  [[nodiscard]] Model& model() { return builder_.model(); }
  // The blob of any name that the layer sees.
  const Blob* resolve(std::string_view name) { return builder_.resolve(name, scope_); }

 private:
  // Kind, names and source of `op`.
  [[nodiscard]] Op names_only() const;

  NetworkBuilder& builder_;
  Scope& scope_;
  const Message layer_;
  GraphWriter writer_;
  std::vector<Blob> inputs_;
  std::vector<Shape> declared_;  // per output, as the file or declare() says
};

}  // namespace nngauge::coreml
