// SPDX-License-Identifier: Apache-2.0
// Owns: following TorchScript code with tensors that have shapes but no elements: each operator on tensors becomes an
// operator of the graph, numbers are computed. Not here: what the operators are (operators.h).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "parsers/graph_writer.h"
#include "parsers/torchscript/source.h"
#include "parsers/torchscript/value.h"

namespace nngauge::torchscript {

// Arguments of a call.
struct Arguments {
  Items positional;
  std::map<std::string, PyValue> named;

  // Argument i, or the one of that name; None where there is neither.
  [[nodiscard]] PyValue get(std::size_t i, const std::string& name = "") const;
  [[nodiscard]] bool has(std::size_t i, const std::string& name = "") const;
  [[nodiscard]] std::int64_t integer(std::size_t i, const std::string& name, std::int64_t fallback) const;
  [[nodiscard]] bool flag(std::size_t i, const std::string& name, bool fallback) const;
};

// What an input must look like: an operator that reads it says so, and the code is followed anew.
struct Demand {
  TensorId input = kNoTensor;
  std::vector<std::int64_t> extents;  // -1: height, width or length, to be assumed
};

class Interpreter {
 public:
  using SourceFinder = std::function<Result<const SourceFile*>(const std::string& module)>;

  // `locate` gives the graph's constant for a stored tensor, `read_number` the value of one without axes.
  Interpreter(GraphWriter& writer, Arena& arena, SourceFinder sources, Items constants,
              std::function<Result<TensorId>(StoredTensor&)> locate,
              std::function<PyValue(const StoredTensor&)> read_number)
      : writer_(writer),
        arena_(arena),
        sources_(std::move(sources)),
        constants_(std::move(constants)),
        locate_(std::move(locate)),
        read_number_(std::move(read_number)) {}

  Result<PyValue> call_method(const PyValue& self, const std::string& name, Arguments arguments);
  // nullptr where the class has no such method.
  Result<const Function*> find_method(const PyValue& self, const std::string& name);
  Result<PyValue> attribute(const PyValue& object, const std::string& name);

  [[nodiscard]] GraphWriter& writer() { return writer_; }
  [[nodiscard]] Arena& arena() { return arena_; }
  // A tensor as an operand: constants are put into the graph when they are first used.
  Result<TensorId> tensor_id(const PyValue& value);
  PyValue tensor_value(TensorId id);
  // The number in a stored tensor without axes; anything else as it is.
  PyValue number_in(const PyValue& value) const;
  // The name of the operator that is being called, for Op::source_op.
  [[nodiscard]] const std::string& calling() const { return calling_; }
  [[nodiscard]] std::string scope() const;
  // Set by operators that need an input's shape.
  Demand demand;
  // Tensors with the unknown shape of an input, and that input.
  std::map<TensorId, TensorId> open_inputs;
  // Tensors that are computed from an input of unknown shape, and that input.
  std::map<TensorId, TensorId> origins;
  // Results that are nothing but forms of stored tensors.
  std::set<TensorId> derived;

 private:
  enum class Flow : std::uint8_t { kNext, kReturn, kBreak, kContinue };
  struct Frame {
    std::map<std::string, PyValue> variables;
    PyValue result;
  };

  Result<PyValue> call_function(const Function& function, Arguments arguments);
  Result<PyValue> call_named(const std::string& name, Arguments arguments);
  Result<Flow> run_block(const std::vector<Statement>& block, Frame& frame);
  Result<Flow> run(const Statement& statement, Frame& frame);
  Result<Flow> run_if(const Statement& statement, Frame& frame);
  Result<Flow> run_while(const Statement& statement, Frame& frame);
  Result<Flow> run_for(const Statement& statement, Frame& frame);
  Status assign(const Statement& statement, PyValue value, Frame& frame);
  Status assign_one(const Expr& target, PyValue value, Frame& frame);
  Result<PyValue> evaluate(const Expr& expr, Frame& frame);
  Result<PyValue> evaluate_call(const Expr& call, Frame& frame);
  Result<PyValue> evaluate_binary(const Expr& expr, Frame& frame);
  Result<PyValue> evaluate_special(const std::string& name, const Expr& call, Frame& frame, bool& known);
  Result<Arguments> evaluate_arguments(const Expr& call, Frame& frame);
  std::string dotted_name(const Expr& expr, const Frame& frame) const;
  Result<PyValue> restored_state(const PyValue& object);
  Status note_open_branch(const std::string& what);

  GraphWriter& writer_;
  Arena& arena_;
  SourceFinder sources_;
  Items constants_;
  std::function<Result<TensorId>(StoredTensor&)> locate_;
  std::function<PyValue(const StoredTensor&)> read_number_;
  std::string calling_;
  std::vector<std::string> path_;  // attributes from the model down to the module that runs
  int depth_ = 0;
  std::uint64_t steps_ = 0;
};

// True, false, or neither where it depends on what is not known.
std::optional<bool> truth(const PyValue& value);
// The class part and the module part of a dotted name.
std::pair<std::string, std::string> split_name(const std::string& dotted);

}  // namespace nngauge::torchscript
