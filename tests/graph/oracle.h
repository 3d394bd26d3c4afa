// SPDX-License-Identifier: Apache-2.0
// Owns: slow counts of multiply-accumulates: every one is visited by a loop and counted by one. Independent of the
// rules: nothing here multiplies extents.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nngauge::test {

struct OracleConv {
  std::int64_t batch = 1, in_channels = 1, out_channels = 1, groups = 1;
  struct Axis {
    std::int64_t in = 1, kernel = 1, stride = 1, dilation = 1, pad_begin = 0, pad_end = 0;
  };
  std::vector<Axis> axes;
};

// Positions at which a window may stand on the axis: it begins at -pad_begin and must end inside the padding.
std::vector<std::int64_t> window_starts(const OracleConv::Axis& axis);
std::uint64_t convolution_macs(const OracleConv& conv);
// Every input element is spread over every tap and every output channel of its group.
std::uint64_t transposed_convolution_macs(const OracleConv& conv);
std::uint64_t matmul_macs(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b);
// All combinations of the labels' values.
std::uint64_t einsum_macs(const std::map<char, std::int64_t>& labels);
// Every gate of every direction at every step reads the input and the previous state.
std::uint64_t recurrent_macs(std::int64_t steps, std::int64_t batch, std::int64_t directions, std::int64_t gates,
                             std::int64_t in, std::int64_t hidden);
std::uint64_t attention_macs(std::int64_t batch, std::int64_t heads, std::int64_t queries, std::int64_t keys,
                             std::int64_t key_size, std::int64_t value_size);

// One visit for each combination of 0 <= i < extents[n]: the loops that a formula stands for.
std::uint64_t loop_macs(const std::vector<std::int64_t>& extents);

}  // namespace nngauge::test
