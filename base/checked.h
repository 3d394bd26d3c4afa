// SPDX-License-Identifier: Apache-2.0
// Owns: Count, a 64-bit count that remembers overflow instead of wrapping.
#pragma once

#include <compare>
#include <cstdint>

namespace nngauge {

// A non-negative 64-bit count (elements, MACs, bytes). Sums and products that do not fit set `overflowed` and stay so;
// such a count must be reported, never printed.
class Count {
 public:
  constexpr Count() = default;
  constexpr Count(std::uint64_t value) : value_(value) {}
  // A negative number is no count.
  static constexpr Count from_signed(std::int64_t value) {
    Count out;
    if (value < 0) out.overflowed_ = true;
    else out.value_ = static_cast<std::uint64_t>(value);
    return out;
  }

  [[nodiscard]] constexpr bool overflowed() const { return overflowed_; }
  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }

  constexpr Count& operator+=(Count other) {
    overflowed_ = overflowed_ || other.overflowed_ || __builtin_add_overflow(value_, other.value_, &value_);
    return *this;
  }
  constexpr Count& operator*=(Count other) {
    overflowed_ = overflowed_ || other.overflowed_ || __builtin_mul_overflow(value_, other.value_, &value_);
    return *this;
  }
  friend constexpr Count operator+(Count a, Count b) { return a += b; }
  friend constexpr Count operator*(Count a, Count b) { return a *= b; }
  // Division by zero has no count.
  friend constexpr Count operator/(Count a, Count b) {
    if (b.value_ == 0) a.overflowed_ = true;
    else a.value_ /= b.value_;
    a.overflowed_ = a.overflowed_ || b.overflowed_;
    return a;
  }
  friend constexpr bool operator==(Count a, Count b) = default;

 private:
  std::uint64_t value_ = 0;
  bool overflowed_ = false;
};

}  // namespace nngauge
