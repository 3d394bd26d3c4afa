// SPDX-License-Identifier: Apache-2.0
// Owns: what plain and packed forms of layers share (operators_layers.cc, operators_packed.cc).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "parsers/torchscript/operators.h"

namespace nngauge::torchscript {

struct ConvArguments {
  std::vector<std::int64_t> stride, padding, dilation, output_padding;
  std::string padding_text;
  std::int64_t groups = 1;
  bool transposed = false;
};

// Arguments 0 to 2 of the call are the input, the filter and the bias. Errors: those of the shape rules.
Result<PyValue> convolve(Call& c, const ConvArguments& a);
Result<PyValue> linear(Call& c);

}  // namespace nngauge::torchscript
