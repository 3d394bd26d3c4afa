// SPDX-License-Identifier: Apache-2.0
// Owns: Dim (an integer that may be unknown or a named symbol), Shape, and Value (the elements of a small constant).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/checked.h"
#include "graph/dtype.h"

namespace nngauge {

// Index into SymbolTable.
using SymbolId = std::int32_t;

// An integer that is known, unknown, or unknown but named. As an extent of a shape a known one is never negative;
// as an element of a Value it may be.
class Dim {
 public:
  constexpr Dim() = default;  // unknown, without a name
  constexpr Dim(std::int64_t value) : value_(value), tag_(kKnown) {}
  static constexpr Dim unknown() { return {}; }
  static constexpr Dim symbol(SymbolId id) {
    Dim out;
    out.tag_ = id;
    return out;
  }

  [[nodiscard]] constexpr bool known() const { return tag_ == kKnown; }
  [[nodiscard]] constexpr bool is_symbol() const { return tag_ >= 0; }
  [[nodiscard]] constexpr std::int64_t value() const { return value_; }  // only if known()
  [[nodiscard]] constexpr SymbolId symbol_id() const { return tag_; }    // only if is_symbol()
  [[nodiscard]] constexpr bool is(std::int64_t value) const { return known() && value_ == value; }
  // Equal means certainly the same number: both known and equal, or the same symbol.
  [[nodiscard]] constexpr bool same_as(Dim other) const {
    return tag_ == other.tag_ && tag_ != kUnknown && value_ == other.value_;
  }
  friend constexpr bool operator==(Dim a, Dim b) = default;  // representation equality, for containers and tests

 private:
  static constexpr std::int32_t kUnknown = -1;
  static constexpr std::int32_t kKnown = -2;
  std::int64_t value_ = 0;
  std::int32_t tag_ = kUnknown;
};

// Names of open extents ("batch", "seq") of one model.
class SymbolTable {
 public:
  SymbolId intern(std::string_view name);
  [[nodiscard]] const std::string& name(SymbolId id) const { return names_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] std::size_t size() const { return names_.size(); }

 private:
  std::vector<std::string> names_;
};

// Extents of a tensor, or unknown rank.
class Shape {
 public:
  Shape() = default;  // unknown rank
  explicit Shape(std::vector<Dim> dims) : ranked_(true), dims_(std::move(dims)) {}
  Shape(std::initializer_list<Dim> dims) : ranked_(true), dims_(dims) {}
  static Shape unknown_rank() { return {}; }
  static Shape scalar() { return Shape(std::vector<Dim>{}); }
  static Shape of_rank(std::size_t rank) { return Shape(std::vector<Dim>(rank)); }

  [[nodiscard]] bool ranked() const { return ranked_; }
  [[nodiscard]] std::size_t rank() const { return dims_.size(); }  // only if ranked()
  [[nodiscard]] const std::vector<Dim>& dims() const { return dims_; }
  [[nodiscard]] std::vector<Dim>& dims() { return dims_; }
  [[nodiscard]] Dim operator[](std::size_t i) const { return dims_[i]; }
  [[nodiscard]] Dim& operator[](std::size_t i) { return dims_[i]; }
  // The extent at `axis`, negative axes from the end; unknown where rank or axis do not allow it.
  [[nodiscard]] Dim at(std::int64_t axis) const;
  // Rank known and every extent known.
  [[nodiscard]] bool is_static() const;
  // Product of all extents; nullopt unless static. May be overflowed().
  [[nodiscard]] std::optional<Count> elements() const;
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  bool ranked_ = false;
  std::vector<Dim> dims_;
};

// "[1,224,224,3]", "[batch,?,3]", "[?...]" for unknown rank, "[]" for a scalar.
std::string shape_text(const Shape& shape, const SymbolTable& symbols);

// The elements of a small constant (or of a tensor that shape arithmetic computes), in row-major order.
// Integers and bools stand in `ints`, floating-point numbers in `reals`, where NaN stands for one that is not known.
struct Value {
  bool real = false;
  std::vector<Dim> ints;
  std::vector<double> reals;

  static Value of_ints(std::vector<Dim> elements) { return {false, std::move(elements), {}}; }
  static Value of_reals(std::vector<double> elements) { return {true, {}, std::move(elements)}; }
  [[nodiscard]] std::size_t size() const { return real ? reals.size() : ints.size(); }
  // All elements as known integers; nullopt if one is unknown or they are reals.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> known_ints() const;
};

// Constants with more elements than this are not kept as values.
inline constexpr std::size_t kMaxValueElements = 1024;

}  // namespace nngauge
