// SPDX-License-Identifier: Apache-2.0
#include "cost/sums.h"

namespace nngauge {

void PartialSum::add(const PartialSum& other, std::uint64_t times) {
  sum_ += other.sum_ * times;
  any_known_ = any_known_ || other.any_known_;
  missing_ = missing_ || other.missing_;
}

std::optional<std::uint64_t> PartialSum::value() const {
  // Parts that are known to be nothing say nothing of a sum from which others are missing.
  if (missing_ && (!any_known_ || sum_.value() == 0)) return std::nullopt;
  return sum_.value();
}

}  // namespace nngauge
