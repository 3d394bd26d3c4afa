// SPDX-License-Identifier: Apache-2.0
// Owns: which elements of an axis a slice takes. Slice and StridedSlice are built on it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/ops/element_values.h"
#include "graph/shape.h"

namespace nngauge {

// `count` elements of an axis, from `start` in steps of `step`. Open where the slice's limits or the extent are.
struct AxisRange {
  std::optional<std::int64_t> start;  // unknown: which elements are taken is not known
  std::int64_t step = 1;
  Dim count;
};

// The whole axis.
inline AxisRange whole_axis(Dim extent) { return {0, 1, extent}; }

// start:end:step as Python and ONNX have it: negative limits count from the end, limits beyond it are clamped. An
// absent limit is the first or last element in the direction of the step. Requires step != 0.
// A start before the first element of a backward slice takes nothing in Python and TensorFlow, the first in ONNX.
enum class EarlyStart : std::uint8_t { kTakesNothing, kTakesFirst };
AxisRange slice_axis(Dim extent, std::optional<Dim> start, std::optional<Dim> end, std::int64_t step,
                     EarlyStart early = EarlyStart::kTakesNothing);

// The elements that the ranges (one per axis) take, in row-major order; nullopt where one is open.
std::optional<Value> take_ranges(const KnownTensor& x, const std::vector<AxisRange>& ranges);

}  // namespace nngauge
