// SPDX-License-Identifier: Apache-2.0
// Owns: the keys and values that a language model keeps between tokens: which tensors they are, and what they take by
// the length of the context.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "graph/graph.h"

namespace nngauge {

// The contexts that reports give figures for, tokens.
inline constexpr std::uint64_t kContexts[] = {1024, 4096, 16384};

struct KvCache {
  std::size_t tensors = 0;
  std::uint64_t bytes = 0;                       // as the model's shapes stand; 0: nothing is kept yet
  std::optional<std::int64_t> tokens;            // that they have room for, where all have the same
  std::optional<std::uint64_t> bytes_per_token;  // nullopt: see reason
  std::string reason;
  // What a context of so many tokens takes; nullopt where bytes_per_token is unknown or the product does not fit 64
  // bits.
  [[nodiscard]] std::optional<std::uint64_t> bytes_for(std::uint64_t context) const;
};

// Inputs and kept tensors of the main graph that attention reads as state, or that are named as caches ("past",
// "cache", "kv") and go out again with the same extents but one. nullopt: the model has none. Shapes must be complete.
std::optional<KvCache> find_kv_cache(const Model& model);

}  // namespace nngauge
