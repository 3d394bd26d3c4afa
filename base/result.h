// SPDX-License-Identifier: Apache-2.0
// Owns: Result<T>, a value or an Error, with the names of std::expected (C++23, not in g++ 12).
#pragma once

#include <cassert>
#include <utility>
#include <variant>

#include "base/error.h"

namespace nngauge {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  [[nodiscard]] const T& value() const& {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T& value() & {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    assert(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  [[nodiscard]] const Error& error() const {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] T value_or(T other) const { return has_value() ? value() : std::move(other); }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
// An operation that returns nothing but may fail.
using Status = Result<Done>;
inline Status ok() { return Done{}; }

}  // namespace nngauge

#define NNGAUGE_CONCAT_INNER(a, b) a##b
#define NNGAUGE_CONCAT(a, b) NNGAUGE_CONCAT_INNER(a, b)

// NNGAUGE_TRY(auto x, f()): x is the value of f(), or the enclosing function returns its error.
#define NNGAUGE_TRY(declaration, expression)                                        \
  auto NNGAUGE_CONCAT(result_, __LINE__) = (expression);                            \
  if (!NNGAUGE_CONCAT(result_, __LINE__)) return NNGAUGE_CONCAT(result_, __LINE__).error(); \
  declaration = std::move(NNGAUGE_CONCAT(result_, __LINE__)).value()

// NNGAUGE_CHECK(f()): the enclosing function returns the error of f(), if it has one.
#define NNGAUGE_CHECK(expression) \
  if (auto check_result = (expression); !check_result) return check_result.error()
