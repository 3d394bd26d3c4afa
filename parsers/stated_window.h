// SPDX-License-Identifier: Apache-2.0
// Owns: padding of a sliding window from the result that a file states, for formats whose padding rules are not
// published in full but whose results are.
#pragma once

#include <cstdint>

namespace nngauge {

struct StatedWindow {
  std::int64_t in = 0, out = 0;  // stated extents
  std::int64_t kernel = 1, stride = 1, dilation = 1;
  std::int64_t pad_begin = 0, pad_end = 0;
};

// Where the stated padding does not lead to the stated result by rounding down, changes it so that it does: the end
// grows or shrinks; without stated padding both sides share, the odd one at the end. Numbers that cannot be are left
// alone.
void fit_padding(StatedWindow& window);

}  // namespace nngauge
