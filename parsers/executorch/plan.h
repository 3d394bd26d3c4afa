// SPDX-License-Identifier: Apache-2.0
// Owns: one method of a program while it becomes a graph: its values, and the tensor that each holds at the moment.
// Only .cc files of this folder include it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "parsers/executorch/program.h"

namespace nngauge::executorch {

DType dtype_of(int scalar_type);

class Plan {
 public:
  Plan(Program& program, const fb::ExecutionPlan& tables) : program_(program), tables_(tables) {}

  // The graph of the method. Errors: kDamaged, kInvalidGraph, kTooLarge, kOverflow, with the place.
  Result<Graph> read();

  [[nodiscard]] Program& program() { return program_; }
  [[nodiscard]] const fb::ExecutionPlan& tables() const { return tables_; }
  [[nodiscard]] Graph& graph() { return graph_; }
  // The newest content of value `index`; kNoTensor where the value is none. Errors: kInvalidGraph.
  [[nodiscard]] Result<TensorId> tensor_at(std::int32_t index, std::string_view what) const;
  // The same for an operand: a tensor that nothing has made holds what lies in its memory. Programs leave out what only
  // gives a tensor other extents and lay both into one place.
  [[nodiscard]] Result<TensorId> operand_at(std::int32_t index, std::string_view what);
  [[nodiscard]] bool is_defined(TensorId id) const { return defined_[static_cast<std::size_t>(id)]; }
  // The tensor that value `index`, which holds one, holds once an operator has written it.
  TensorId define(std::int32_t index);
  // A stored tensor; one for all that have the same bytes, type and extents.
  TensorId stored(const Tensor& tensor);
  TensorId add(Tensor tensor);  // one that is there before the operators run, or is made right away

 private:
  Status read_values();
  Status read_tensor(const fb::Tensor& source, std::size_t index);
  Status locate(const fb::Tensor& source, std::uint64_t bytes, Tensor& tensor);
  Status read_ends();
  void become_state(TensorId id);
  // Makes the tensor out of what lies in its memory, where that fits.
  bool view_memory(std::int32_t index, TensorId id);
  Status read_chain(const fb::Chain& chain);
  Status read_instruction(const fb::Instruction& instruction, Op& op);
  Status read_call(const fb::KernelCall& call, Op& op);
  Status read_delegate(const fb::DelegateCall& call, Op op);
  Status move(const fb::MoveCall& call);

  Program& program_;
  const fb::ExecutionPlan& tables_;
  Graph graph_;
  std::vector<TensorId> tensors_;  // by value
  std::vector<bool> defined_;      // by tensor
  std::map<std::tuple<std::int32_t, std::uint64_t, std::uint64_t, DType, std::string>, TensorId> stored_;
  using Place = std::pair<std::uint32_t, std::uint64_t>;  // memory, offset
  std::vector<std::optional<Place>> places_;              // by value
  std::map<Place, std::int32_t> written_;                 // the value written there last
};

// What a delegate call hands over, and where it stands.
struct DelegateCall {
  Plan& plan;
  std::vector<std::int32_t> values;  // its arguments that are tensors: operands, then results
  Op op;                             // place and name set
  DataRef blob;
};

// The operators inside the blob of the XNNPACK backend; false where it is none that is known.
// Errors: kDamaged, kInvalidGraph with the place.
Result<bool> read_xnnpack(const DelegateCall& call);

}  // namespace nngauge::executorch
