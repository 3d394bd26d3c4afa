// SPDX-License-Identifier: Apache-2.0
#include "calibration/kept.h"

#include <array>
#include <charconv>

namespace nngauge {

double kept(double value) {
  std::array<char, 32> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, 5);
  double out = value;
  if (error == std::errc{}) std::from_chars(text.data(), end, out);
  return out;
}

}  // namespace nngauge
