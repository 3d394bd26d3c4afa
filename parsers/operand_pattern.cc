// SPDX-License-Identifier: Apache-2.0
#include "parsers/operand_pattern.h"

#include <cctype>

namespace nngauge {

OperandRole role_of(char letter) {
  switch (letter) {
    case 'w':
      return OperandRole::kWeight;
    case 'b':
      return OperandRole::kBias;
    case 'n':
      return OperandRole::kNorm;
    case 's':
      return OperandRole::kState;
    case 'c':
      return OperandRole::kConfig;
    case 'q':
      return OperandRole::kQuant;
    default:
      return OperandRole::kData;
  }
}

std::vector<Operand> arrange_operands(std::span<const TensorId> inputs, std::string_view pattern) {
  std::vector<Operand> out;
  std::vector<bool> taken(inputs.size(), false);
  std::size_t next = 0;
  OperandRole role = OperandRole::kData;
  const auto take = [&](std::size_t place) {
    out.push_back({place < inputs.size() ? inputs[place] : kNoTensor, role});
    if (place < inputs.size()) taken[place] = true;
  };
  bool repeats = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    std::size_t place = next;
    if (std::isdigit(static_cast<unsigned char>(pattern[i]))) place = static_cast<std::size_t>(pattern[i++] - '0');
    if (pattern[i] == '_') {
      out.push_back({kNoTensor, OperandRole::kConfig});
      continue;
    }
    repeats = pattern[i] == '*';
    if (repeats) break;
    next = place + 1;
    if (pattern[i] == '-') {
      if (place < inputs.size()) taken[place] = true;
      continue;
    }
    role = role_of(pattern[i]);
    take(place);
  }
  if (!repeats) role = OperandRole::kData;
  for (std::size_t place = 0; place < inputs.size(); ++place) {
    if (!taken[place]) take(place);
  }
  while (!out.empty() && out.back().tensor == kNoTensor) out.pop_back();
  return out;
}

}  // namespace nngauge
