// SPDX-License-Identifier: Apache-2.0
// Owns: laying activations out in one arena, as the planners of mobile runtimes do.
// Sources: greedy by size and by breadth: Pisarchyk and Lee, "Efficient memory management for deep neural net
// inference", 2020 (TensorFlow Lite uses the first); first fit in order of first use: linear scan of register
// allocators.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cost/memory.h"

namespace nngauge {

// "greedy-by-size", "greedy-by-breadth", "first-fit", "lower-bound".
std::vector<std::string_view> memory_planners();

// Lays lifetimes out in one arena; offsets are multiples of `alignment_bytes`. "lower-bound" is the largest sum of
// live bytes: no plan can be smaller, and it has no offsets. nullopt where the model is too large for the planner
// (more than about 10^8 comparisons) or sizes do not fit 64 bits. `planner` must be one of memory_planners().
std::optional<MemoryPlan> plan_memory(std::string_view planner, const std::vector<Lifetime>& lifetimes,
                                      std::uint64_t alignment_bytes = 64);

}  // namespace nngauge
