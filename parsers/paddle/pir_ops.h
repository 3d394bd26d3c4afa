// SPDX-License-Identifier: Apache-2.0
// Owns: how operators of Paddle's programs since version 3 are called in the older ones, which op_map.h knows: the
// names of the operator, of its operands by position, of its attributes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nngauge::paddle {

// Where an operand goes: to an attribute where it is a constant, else to a parameter. Empty: not wanted.
struct PirOperand {
  std::string attribute, parameter;
};

struct PirOp {
  std::string type;
  std::vector<PirOperand> operands;
  std::vector<std::string> results;
  std::vector<std::pair<std::string, std::string>> renamed;  // attributes, new name last
};

// An operator without a form of its own is called as ever, with the operands that op_map.h lists.
PirOp form_of(std::string_view type);

}  // namespace nngauge::paddle
