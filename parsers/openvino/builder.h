// SPDX-License-Identifier: Apache-2.0
// Owns: one network as a graph: layers become operators, edges operands, constants ranges of the .bin; networks inside
// layers become graphs of their own (control.cc).
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "graph/graph.h"
#include "parsers/openvino/network.h"

namespace nngauge::openvino {

constexpr std::int32_t kWeights = 1;  // index of the .bin in Model::files

class Builder {
 public:
  // Fills graph `id` of the model, which is there and empty. `weights` are the bytes of the .bin.
  Builder(const Network& net, Model& model, GraphId id, Bytes weights, bool has_weights)
      : net_(net), model_(model), id_(id), weights_(weights), has_weights_(has_weights) {}

  // Errors, with the layer's place: kInvalidGraph, kDamaged, kTooLarge.
  Status build();
  // Before version 10 results are marked by nothing but that nobody reads them.
  void finish();

 private:
  using PortKey = std::pair<std::string, std::int64_t>;  // layer, port

  [[nodiscard]] Graph& graph() { return model_.graphs[static_cast<std::size_t>(id_)]; }
  [[nodiscard]] Tensor& tensor(TensorId id) { return graph().tensors[static_cast<std::size_t>(id)]; }
  TensorId add(Tensor tensor);

  void find_grouped();
  void add_results(const Layer& layer);
  Result<TensorId> operand(const Layer& layer, const Port& port);
  Status add_layer(const Layer& layer, std::int32_t index);
  Status add_input(const Layer& layer);
  Status add_constant(const Layer& layer);
  Status locate(Tensor& constant, std::uint64_t offset, std::uint64_t size);
  Result<TensorId> add_blob(const Layer& layer, const std::string& name, Shape shape);
  void push(Op op);
  // An operator at the same place in the file.
  static Op like(const Op& op, OpKind kind, TensorId x);

  // --- networks inside layers (control.cc) ---

  Result<Builder> build_body(const Layer& layer, std::string_view name);
  Result<TensorId> parameter(const std::string& layer) const;
  Result<TensorId> result(const std::string& layer) const;
  void capture(TensorId inner, TensorId outer) { graph().captures.push_back({inner, outer}); }
  Status add_if(const Layer& layer, Op op, const std::vector<TensorId>& operands);
  Status add_loop(const Layer& layer, Op op, const std::vector<TensorId>& operands);
  void add_captures(Op& op, std::size_t first);
  friend class LoopBuilder;

  const Network& net_;
  Model& model_;
  GraphId id_;
  Bytes weights_;
  bool has_weights_;
  std::map<PortKey, PortKey> sources_;  // who feeds an input port
  std::map<PortKey, TensorId> made_;
  std::unordered_map<TensorId, std::size_t> makers_;      // which operator makes a tensor
  std::map<std::string, TensorId> parameters_, results_;  // by layer
  std::set<std::string> ids_, joined_;
  std::set<TensorId> listed_, read_;
  std::vector<TensorId> ends_;
};

}  // namespace nngauge::openvino
