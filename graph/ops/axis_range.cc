// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/axis_range.h"

#include <algorithm>

namespace nngauge {
namespace {

// A limit as a place in [lowest, highest], negative ones counted from the end.
std::int64_t clamp_limit(std::int64_t limit, std::int64_t extent, std::int64_t lowest, std::int64_t highest) {
  if (limit < 0) limit = limit < -extent ? lowest : limit + extent;
  return std::clamp(limit, lowest, highest);
}

// Elements from start towards end (not included) in steps of `step`, whichever its sign.
std::int64_t step_count(std::int64_t start, std::int64_t end, std::int64_t step) {
  const std::int64_t distance = step > 0 ? end - start : start - end;
  if (distance <= 0) return 0;
  const std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(distance) - 1) / stride) + 1;
}

// Limits that take a whole axis whose extent is open: from 0 to something that no extent exceeds, or to the extent
// itself.
bool takes_open_axis(Dim extent, std::optional<Dim> start, std::optional<Dim> end) {
  constexpr std::int64_t kBeyondAll = 0x7fffffff;  // exporters write INT32_MAX and INT64_MAX
  const bool from_first = !start || start->is(0);
  const bool to_last = !end || end->same_as(extent) || (end->known() && end->value() >= kBeyondAll);
  return from_first && to_last;
}

}  // namespace

AxisRange slice_axis(Dim extent, std::optional<Dim> start, std::optional<Dim> end, std::int64_t step,
                     EarlyStart early) {
  AxisRange out;
  out.step = step;
  if (!extent.known()) {
    if (step == 1 && takes_open_axis(extent, start, end)) return whole_axis(extent);
    if (step == -1 && !start && !end) out.count = extent;
    return out;
  }
  if ((start && !start->known()) || (end && !end->known())) return out;
  const std::int64_t n = extent.value();
  if (n == 0) return {0, step, 0};
  const std::int64_t lowest = step > 0 ? 0 : -1;
  const std::int64_t highest = step > 0 ? n : n - 1;
  const std::int64_t lowest_start = early == EarlyStart::kTakesFirst ? 0 : lowest;
  const std::int64_t first = start ? clamp_limit(start->value(), n, lowest_start, highest) : (step > 0 ? 0 : highest);
  const std::int64_t last = end ? clamp_limit(end->value(), n, lowest, highest) : (step > 0 ? n : -1);
  out.start = first;
  out.count = step_count(first, last, step);
  return out;
}

std::optional<Value> take_ranges(const KnownTensor& x, const std::vector<AxisRange>& ranges) {
  if (ranges.size() != x.extents.size()) return std::nullopt;
  Ints extents;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const AxisRange& range = ranges[i];
    if (!range.start || !range.count.known() || range.count.value() > x.extents[i]) return std::nullopt;
    extents.push_back(range.count.value());
  }
  const std::vector<std::size_t> strides = row_major_strides(x.extents);
  std::vector<std::size_t> places;
  for_each_position(extents, [&](const Ints& position) {
    std::size_t place = 0;
    for (std::size_t i = 0; i < ranges.size(); ++i)
      place += strides[i] * static_cast<std::size_t>(*ranges[i].start + position[i] * ranges[i].step);
    places.push_back(place);
  });
  return pick(*x.value, places);
}

}  // namespace nngauge
