// SPDX-License-Identifier: Apache-2.0
#include "graph/dtype.h"

#include <array>

namespace nngauge {
namespace {

enum class Family : std::uint8_t { kNone, kFloat, kInteger };

struct Row {
  DType dtype;
  std::string_view name;
  int bits;
  Family family;
};

// dtype, name, bits, family
constexpr std::array<Row, kDTypeCount> kRows = {{
    {DType::kUnknown, "unknown", 0, Family::kNone},
    {DType::kFloat32, "float32", 32, Family::kFloat},
    {DType::kFloat16, "float16", 16, Family::kFloat},
    {DType::kBFloat16, "bfloat16", 16, Family::kFloat},
    {DType::kFloat64, "float64", 64, Family::kFloat},
    {DType::kInt8, "int8", 8, Family::kInteger},
    {DType::kUInt8, "uint8", 8, Family::kInteger},
    {DType::kInt16, "int16", 16, Family::kInteger},
    {DType::kUInt16, "uint16", 16, Family::kInteger},
    {DType::kInt32, "int32", 32, Family::kInteger},
    {DType::kUInt32, "uint32", 32, Family::kInteger},
    {DType::kInt64, "int64", 64, Family::kInteger},
    {DType::kUInt64, "uint64", 64, Family::kInteger},
    {DType::kInt4, "int4", 4, Family::kInteger},
    {DType::kUInt4, "uint4", 4, Family::kInteger},
    {DType::kInt2, "int2", 2, Family::kInteger},
    {DType::kUInt2, "uint2", 2, Family::kInteger},
    {DType::kFloat8E4M3FN, "float8e4m3fn", 8, Family::kFloat},
    {DType::kFloat8E4M3FNUZ, "float8e4m3fnuz", 8, Family::kFloat},
    {DType::kFloat8E5M2, "float8e5m2", 8, Family::kFloat},
    {DType::kFloat8E5M2FNUZ, "float8e5m2fnuz", 8, Family::kFloat},
    {DType::kFloat8E8M0, "float8e8m0", 8, Family::kFloat},
    {DType::kFloat6E2M3, "float6e2m3", 6, Family::kFloat},
    {DType::kFloat6E3M2, "float6e3m2", 6, Family::kFloat},
    {DType::kFloat4E2M1, "float4e2m1", 4, Family::kFloat},
    {DType::kBool, "bool", 8, Family::kNone},
    {DType::kString, "string", 0, Family::kNone},
    {DType::kComplex64, "complex64", 64, Family::kNone},
    {DType::kComplex128, "complex128", 128, Family::kNone},
    {DType::kResource, "resource", 0, Family::kNone},
    {DType::kVariant, "variant", 0, Family::kNone},
}};

constexpr bool in_enumerator_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].dtype) != i) return false;
  }
  return true;
}
static_assert(in_enumerator_order());

constexpr const Row& row(DType dtype) { return kRows[static_cast<std::size_t>(dtype)]; }

}  // namespace

std::string_view dtype_name(DType dtype) { return row(dtype).name; }

std::optional<DType> find_dtype(std::string_view name) {
  for (const Row& candidate : kRows) {
    if (candidate.name == name) return candidate.dtype;
  }
  return std::nullopt;
}

int dtype_bits(DType dtype) { return row(dtype).bits; }
bool is_float(DType dtype) { return row(dtype).family == Family::kFloat; }
bool is_integer(DType dtype) { return row(dtype).family == Family::kInteger; }

Count packed_bytes(DType dtype, Count elements) {
  const auto bits = static_cast<std::uint64_t>(dtype_bits(dtype));
  if (bits % 8 == 0) return elements * (bits / 8);
  return (elements * bits + 7) / 8;
}

}  // namespace nngauge
