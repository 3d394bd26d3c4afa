// SPDX-License-Identifier: Apache-2.0
// Owns: how much a reader may make of a file whose tables may share their content, or whose functions may be called
// again and again.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace nngauge {

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
inline constexpr std::uint64_t kCalledOps = 2'000;  // an input of functions that call functions takes milliseconds
#else
inline constexpr std::uint64_t kCalledOps = 100'000;
#endif

// How many operators calls of functions may make, and how long their names may be in all. An operator takes about 1.5
// kB until it is reported, so this stays below what an input may take: 256 MB and 20 times its size.
constexpr std::uint64_t most_called_ops(std::uint64_t file_bytes) { return kCalledOps + file_bytes / 80; }
constexpr std::uint64_t most_called_name_bytes(std::uint64_t file_bytes) { return (64U << 20U) + file_bytes; }

// Vectors and names may be shared by many tables, so copying them all could take far more memory than the file:
// copies are limited to some times the file's size.
class CopyBudget {
 public:
  CopyBudget(std::uint64_t file_bytes, std::uint64_t times) : left_(times * file_bytes + (1U << 20)) {}
  // Errors: kTooLarge.
  Status spend(std::uint64_t elements) {
    if (elements > left_) return make_error(ErrorCode::kTooLarge, "tables share their content more often than is sane");
    left_ -= elements;
    return ok();
  }

 private:
  std::uint64_t left_;
};

}  // namespace nngauge
