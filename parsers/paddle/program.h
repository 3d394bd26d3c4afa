// SPDX-License-Identifier: Apache-2.0
// Owns: a Paddle program as plain values, whichever file it comes from (.pdmodel, .nb).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/attributes.h"
#include "graph/graph.h"

namespace nngauge::paddle {

struct Attr {
  std::int64_t integer = 0;  // numbers and flags
  double real = 0;
  std::string text;
  Ints ints;
  std::vector<double> reals;
};

struct ProgramBlock;

struct ProgramOp {
  std::string type;
  std::map<std::string, std::vector<std::string>, std::less<>> inputs, outputs;  // by parameter
  std::map<std::string, Attr, std::less<>> attrs;
  DType result = DType::kUnknown;    // element type of the results, where the operator itself tells it
  std::vector<ProgramBlock> blocks;  // what it runs: the branches of `if`, the body of `while`

  [[nodiscard]] const Attr* find(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t fallback) const;
  [[nodiscard]] bool flag(std::string_view name, bool fallback = false) const;
  [[nodiscard]] double real(std::string_view name, double fallback) const;
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] Ints ints(std::string_view name) const;
  [[nodiscard]] std::vector<double> reals(std::string_view name) const;
  // First argument of a parameter; empty where there is none.
  [[nodiscard]] std::string input(std::string_view parameter) const;
};

struct ProgramVar {
  std::string name;
  DType dtype = DType::kUnknown;
  Shape shape;
  bool is_tensor = true;
  bool persistable = false;
  DataRef data;                // of a parameter, where it is known
  std::optional<Value> value;  // of a small constant that the program itself holds
};

// A list of operators that another one runs. Names mean what they mean outside, unless they are defined here.
struct ProgramBlock {
  std::vector<std::string> arguments;
  std::vector<ProgramVar> vars;
  std::vector<ProgramOp> ops;
  std::vector<std::string> results;
};

struct Program {
  std::vector<ProgramVar> vars;  // of the main block
  std::vector<ProgramOp> ops;
  std::size_t blocks = 1;
};

// Paddle's VarType numbers of element types.
DType dtype_of(std::int64_t type);

// Turns the program into graphs[0] of `model`. Errors: kInvalidGraph, kInvalidAttribute, with the operator's place.
Status build_graph(const Program& program, Model& model);

}  // namespace nngauge::paddle
