// SPDX-License-Identifier: Apache-2.0
// Owns: the notation by which tables of operators say in what order and which role a file's operands stand.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace nngauge {

// The role that a letter of a table stands for: x data, w weight, b bias, n normalisation, s state, c config,
// q quantisation. Others are data.
OperandRole role_of(char letter);

// Our operands in order, one letter each for its role (role_of). A letter takes the file's next operand, or the one
// whose number stands before it ("2x1w3b0c").
// `-` drops it (the reader has put its value into the attributes), `_` is an absent operand, `*` repeats the letter
// before it for all that are left. Operands beyond the pattern are data.
std::vector<Operand> arrange_operands(std::span<const TensorId> inputs, std::string_view pattern);

}  // namespace nngauge
