// SPDX-License-Identifier: Apache-2.0
// Owns: the op table: what is true of every operator kind. Adding an op: enumerator in op_kind.h, row in op_table.cc,
// rules in ops/<family>.cc, cases in tests/graph. Formats map their operators to kinds in tables of their own.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "graph/op_kind.h"
#include "graph/rule.h"

namespace nngauge {

enum class OpCategory : std::uint8_t {
  kConvolution,
  kProduct,
  kRecurrent,
  kPooling,
  kNormalisation,
  kElementwise,
  kReduction,
  kMovement,
  kResampling,
  kGenerator,
  kTable,
  kQuantisation,
  kSignal,
  kDetection,
  kState,
  kControlFlow,
  kLoss,
  kOpaque,
};
std::string_view op_category_name(OpCategory category);

struct OpInfo {
  OpKind kind;
  std::string_view name;  // ours, the same for all formats: "Conv2D"
  OpCategory category;
  std::int8_t min_inputs;
  std::int8_t max_inputs;  // -1: any number. Quantisation and capture operands are not counted
  ShapeRule shape;
  WorkRule work;
  FoldRule fold;                   // nullptr: not folded
  std::uint8_t element_flops;      // element-wise kinds: arithmetic operations per result element
  std::uint8_t element_special;    // and special functions per result element
  bool is_view;                    // moves no data: read_bytes and write_bytes are 0
  bool passes_weights;             // a constant that goes through it is still its consumer's stored weight
  std::string_view opaque_reason;  // not empty: no rule can say what it costs, and why
};

const OpInfo& op_info(OpKind kind);
std::span<const OpInfo> op_table();
std::optional<OpKind> find_op_kind(std::string_view name);

}  // namespace nngauge
