// SPDX-License-Identifier: Apache-2.0
// Owns: element types of tensors and their sizes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/checked.h"

namespace nngauge {

// Rows in dtype.cc, in this order.
enum class DType : std::uint8_t {
  kUnknown,
  kFloat32,
  kFloat16,
  kBFloat16,
  kFloat64,
  kInt8,
  kUInt8,
  kInt16,
  kUInt16,
  kInt32,
  kUInt32,
  kInt64,
  kUInt64,
  kInt4,
  kUInt4,
  kInt2,
  kUInt2,
  kFloat8E4M3FN,
  kFloat8E4M3FNUZ,
  kFloat8E5M2,
  kFloat8E5M2FNUZ,
  kFloat8E8M0,
  kFloat6E2M3,
  kFloat6E3M2,
  kFloat4E2M1,
  kBool,
  kString,
  kComplex64,
  kComplex128,
  kResource,
  kVariant,
};
inline constexpr std::size_t kDTypeCount = static_cast<std::size_t>(DType::kVariant) + 1;

std::string_view dtype_name(DType dtype);  // "float32"; "unknown" for kUnknown
std::optional<DType> find_dtype(std::string_view name);
// Bits of one element; 0 where an element has no fixed size (strings, handles, unknown).
int dtype_bits(DType dtype);
bool is_float(DType dtype);    // any floating-point type, narrow ones among them
bool is_integer(DType dtype);  // any integer type, bool not among them
// Bytes that `elements` of `dtype` take when packed as the formats pack them: ceil(elements * bits / 8).
Count packed_bytes(DType dtype, Count elements);

}  // namespace nngauge
