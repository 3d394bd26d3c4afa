// SPDX-License-Identifier: Apache-2.0
#include "tests/graph/oracle.h"

#include <functional>

namespace nngauge::test {
namespace {

// Calls `visit` once for each combination of 0 <= index[i] < extents[i].
void for_each_index(const std::vector<std::int64_t>& extents, const std::function<void()>& visit,
                    std::size_t axis = 0) {
  if (axis == extents.size()) {
    visit();
    return;
  }
  for (std::int64_t i = 0; i < extents[axis]; ++i) for_each_index(extents, visit, axis + 1);
}

std::uint64_t count_indices(const std::vector<std::int64_t>& extents) {
  std::uint64_t count = 0;
  for_each_index(extents, [&] { ++count; });
  return count;
}

// Pairs of an input and an output channel that stand in the same group.
std::int64_t connected_channels(const OracleConv& conv) {
  std::int64_t pairs = 0;
  for (std::int64_t in = 0; in < conv.in_channels; ++in) {
    for (std::int64_t out = 0; out < conv.out_channels; ++out) {
      if (in * conv.groups / conv.in_channels == out * conv.groups / conv.out_channels) ++pairs;
    }
  }
  return pairs;
}

}  // namespace

std::vector<std::int64_t> window_starts(const OracleConv::Axis& axis) {
  std::vector<std::int64_t> starts;
  for (std::int64_t start = -axis.pad_begin;; start += axis.stride) {
    std::int64_t last = start;
    for (std::int64_t tap = 1; tap < axis.kernel; ++tap) last += axis.dilation;
    if (last >= axis.in + axis.pad_end) return starts;
    starts.push_back(start);
  }
}

std::uint64_t loop_macs(const std::vector<std::int64_t>& extents) { return count_indices(extents); }

std::uint64_t convolution_macs(const OracleConv& conv) {
  std::vector<std::int64_t> extents = {conv.batch, connected_channels(conv)};
  for (const auto& axis : conv.axes) {
    extents.push_back(static_cast<std::int64_t>(window_starts(axis).size()));
    extents.push_back(axis.kernel);
  }
  return count_indices(extents);
}

std::uint64_t transposed_convolution_macs(const OracleConv& conv) {
  std::vector<std::int64_t> extents = {conv.batch, connected_channels(conv)};
  for (const auto& axis : conv.axes) {
    extents.push_back(axis.in);
    extents.push_back(axis.kernel);
  }
  return count_indices(extents);
}

std::uint64_t matmul_macs(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  // Row vectors on the left, columns on the right; batch axes aligned at the end.
  std::vector<std::int64_t> left = a, right = b;
  if (left.size() == 1) left.insert(left.begin(), 1);
  if (right.size() == 1) right.push_back(1);
  std::vector<std::int64_t> extents = {left[left.size() - 2], left.back(), right.back()};
  while (left.size() < right.size()) left.insert(left.begin(), 1);
  while (right.size() < left.size()) right.insert(right.begin(), 1);
  for (std::size_t i = 0; i + 2 < left.size(); ++i) extents.push_back(left[i] == 1 ? right[i] : left[i]);
  return count_indices(extents);
}

std::uint64_t einsum_macs(const std::map<char, std::int64_t>& labels) {
  std::vector<std::int64_t> extents;
  for (const auto& [label, extent] : labels) extents.push_back(extent);
  return count_indices(extents);
}

std::uint64_t recurrent_macs(std::int64_t steps, std::int64_t batch, std::int64_t directions, std::int64_t gates,
                             std::int64_t in, std::int64_t hidden) {
  return count_indices({steps, batch, directions, gates, hidden, in}) +
         count_indices({steps, batch, directions, gates, hidden, hidden});
}

std::uint64_t attention_macs(std::int64_t batch, std::int64_t heads, std::int64_t queries, std::int64_t keys,
                             std::int64_t key_size, std::int64_t value_size) {
  return count_indices({batch, heads, queries, keys, key_size}) +
         count_indices({batch, heads, queries, keys, value_size});
}

}  // namespace nngauge::test
