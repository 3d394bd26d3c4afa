// SPDX-License-Identifier: Apache-2.0
// Owns: the one table that maps ONNX operators (domain, op type) to our kinds and to what reads their attributes.
#pragma once

#include <span>
#include <string_view>

#include "graph/op_kind.h"
#include "parsers/onnx/op_reader.h"

namespace nngauge::onnx_format {

// Fills the attributes, roles and operand order of an op whose kind, operands (in the file's order, all as data) and
// results are set. May choose a nearer kind (Conv -> DepthwiseConv1D).
using ReadOp = void (*)(OpReader&);

struct OpRow {
  std::string_view domain;  // "" is the default one
  std::string_view name;
  OpKind kind;
  ReadOp read;
};

std::span<const OpRow> op_rows();
// The row of an operator; nullptr where the table has none.
const OpRow* find_op_row(std::string_view domain, std::string_view name);

}  // namespace nngauge::onnx_format
