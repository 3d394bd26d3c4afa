// SPDX-License-Identifier: Apache-2.0
// Owns: which stored constants an operator learns, and where they are stored.
#pragma once

#include <compare>
#include <set>
#include <tuple>
#include <vector>

#include "graph/graph.h"

namespace nngauge {

// A tensor of a model: graph and tensor id.
struct TensorKey {
  GraphId graph = 0;
  TensorId tensor = kNoTensor;
  friend auto operator<=>(const TensorKey&, const TensorKey&) = default;
};

// Follows operands back to the stored constant they come from, through Dequantize, Densify, Transpose, Reshape, Cast …
// and through the captures of inner graphs.
class ConstantTracer {
 public:
  explicit ConstantTracer(const Model& model);
  // The stored constant that `key` is a form of; kNoTensor in `tensor` if it is computed from inputs.
  [[nodiscard]] TensorKey origin(TensorKey key) const;
  [[nodiscard]] const Tensor& tensor(TensorKey key) const;
  // True if every operand of the op is a form of a stored constant: it runs once at load, not per inference.
  [[nodiscard]] bool is_constant_op(GraphId graph, const Op& op) const;
  // The constants that `op` learns, each once, in operand order. Rules: docs/conventions.md, `params`.
  [[nodiscard]] std::vector<TensorKey> learned(GraphId graph, const Op& op) const;

 private:
  const Model& model_;
  std::vector<std::vector<OpId>> producer_;      // per graph, per tensor
  std::vector<std::vector<TensorId>> captured_;  // per graph, per tensor: the parent's tensor, or kNoTensor
};

// Hands out each constant to the first operator that asks: params once per tensor, bytes once per stored buffer.
class ConstantClaims {
 public:
  // Elements and bytes of `key` that nobody has claimed yet.
  struct Claim {
    Count params, bytes;
    bool known = true;  // false: the tensor's shape is open
  };
  Claim claim(const ConstantTracer& tracer, TensorKey key, std::int64_t logical_elements);

 private:
  std::set<TensorKey> tensors_;
  std::set<std::tuple<std::int32_t, std::uint64_t, std::uint64_t>> buffers_;
};

// Bytes that the constant takes in its file, or would take where it is stored nowhere. Overflowed if open.
Count stored_bytes(const Tensor& tensor);

}  // namespace nngauge
