// SPDX-License-Identifier: Apache-2.0
// Owns: how much of a container is unpacked at most. The defaults keep any input, a ZIP bomb too, below 10 s of work
// and 256 MB + 20 times its own size of memory.
#pragma once

#include <algorithm>
#include <cstdint>

namespace nngauge {

struct ContainerLimits {
  int depth = 4;                                          // containers in containers; 1: none inside the first
  std::uint64_t members = 100'000;                        // of one container
  std::uint64_t unpacked_bytes = std::uint64_t{1} << 30;  // of one input, all its members together
  std::uint64_t ratio = 250;                              // unpacked to packed, of members above kRatioFrom
  std::uint64_t memory_bytes = 0;                         // unpacked at one time; 0: follows from the input's size

  static constexpr std::uint64_t kRatioFrom = std::uint64_t{32} << 20;

  // What may be unpacked at one time of an input of this size.
  [[nodiscard]] constexpr std::uint64_t memory_for(std::uint64_t input_bytes) const {
    if (memory_bytes != 0) return memory_bytes;
    constexpr std::uint64_t kBase = std::uint64_t{96} << 20, kTimes = 8;
    constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
    return kBase + kTimes * std::min(input_bytes, kMost);
  }
};

}  // namespace nngauge
