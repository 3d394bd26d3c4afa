// SPDX-License-Identifier: Apache-2.0
// Owns: the subset of Python that TorchScript archives keep code in, as a tree. Not here: what it computes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace nngauge::torchscript {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Expr {
  enum class Kind : std::uint8_t {
    kNone,
    kBool,
    kInt,
    kReal,
    kText,
    kName,
    kAttribute,  // args[0] . text
    kCall,       // args[0] (args[1…], keywords)
    kSubscript,  // args[0] [args[1]]
    kSlice,      // args: start, end, step; absent ones are null
    kList,
    kTuple,
    kDict,    // keys and values in turn
    kUnary,   // text args[0]
    kBinary,  // args[0] text args[1]
    kChoice,  // args[1] if args[0] else args[2]
  };
  Kind kind = Kind::kNone;
  std::string text;
  std::int64_t integer = 0;
  double real = 0;
  std::vector<ExprPtr> args;
  std::vector<std::pair<std::string, ExprPtr>> keywords;
};

struct Statement {
  enum class Kind : std::uint8_t { kAssign, kExpr, kIf, kWhile, kFor, kReturn, kPass, kBreak, kContinue };
  Kind kind = Kind::kPass;
  std::vector<ExprPtr> targets;  // of an assignment, a for
  bool unpacks = false;          // a, b, = …
  ExprPtr value;                 // may be null
  std::vector<Statement> body, otherwise;
  std::size_t line = 0;
};

struct Parameter {
  std::string name;
  std::string type;  // "Tensor", "Optional[…", as far as its first word tells
  ExprPtr fallback;  // null: none
};

struct Function {
  std::string name;
  std::vector<Parameter> parameters;
  std::vector<Statement> body;
};

struct Class {
  std::map<std::string, Function> methods;
  std::map<std::string, ExprPtr> constants;
};

struct SourceFile {
  std::map<std::string, Function> functions;
  std::map<std::string, Class> classes;
};

// Errors: kDamaged with the line, kTooLarge.
Result<SourceFile> parse_source(std::string_view text);

}  // namespace nngauge::torchscript
