// SPDX-License-Identifier: Apache-2.0
// Owns: how much a reader may copy out of a file whose tables may share their content.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace nngauge {

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
