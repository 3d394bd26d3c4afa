// SPDX-License-Identifier: Apache-2.0
// Owns: sums that know how much of them is known.
#pragma once

#include <cstdint>
#include <optional>

#include "base/checked.h"

namespace nngauge {

// A total over operators: the sum of what is known, and whether anything is missing.
class PartialSum {
 public:
  void add(Count count) { sum_ += count, any_known_ = true; }
  void add_lower_bound(Count count) { add(count), missing_ = true; }
  void add_missing() { missing_ = true; }
  // Adds all of another sum, `times` over.
  void add(const PartialSum& other, std::uint64_t times);

  [[nodiscard]] bool overflowed() const { return sum_.overflowed(); }
  // The sum; nullopt where nothing of it is known.
  [[nodiscard]] std::optional<std::uint64_t> value() const;
  [[nodiscard]] bool is_lower_bound() const { return missing_; }

 private:
  Count sum_;
  bool any_known_ = false;
  bool missing_ = false;
};

}  // namespace nngauge
