// SPDX-License-Identifier: Apache-2.0
#include "parsers/elements.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace nngauge {
namespace {

template <class T>
T load(const std::uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// One element as an integer; only for integer types and bool.
std::int64_t load_int(DType dtype, const std::uint8_t* at) {
  switch (dtype) {
    case DType::kBool:
      return *at != 0 ? 1 : 0;
    case DType::kInt8:
      return load<std::int8_t>(at);
    case DType::kUInt8:
      return *at;
    case DType::kInt16:
      return load<std::int16_t>(at);
    case DType::kUInt16:
      return load<std::uint16_t>(at);
    case DType::kInt32:
      return load<std::int32_t>(at);
    case DType::kUInt32:
      return load<std::uint32_t>(at);
    default:
      return load<std::int64_t>(at);
  }
}

double load_real(DType dtype, const std::uint8_t* at) {
  switch (dtype) {
    case DType::kFloat16:
      return half_value(load<std::uint16_t>(at));
    case DType::kBFloat16:
      return bfloat_value(load<std::uint16_t>(at));
    case DType::kFloat32:
      return load<float>(at);
    default:
      return load<double>(at);
  }
}

bool is_plain_integer(DType dtype) { return dtype == DType::kBool || (is_integer(dtype) && dtype_bits(dtype) >= 8); }
bool is_plain_real(DType dtype) { return is_float(dtype) && dtype_bits(dtype) >= 16; }

}  // namespace

double half_value(std::uint16_t bits) {
  const int exponent = (bits >> 10U) & 0x1f;
  const int fraction = bits & 0x3ff;
  double magnitude = 0;
  if (exponent == 0x1f) magnitude = fraction != 0 ? std::nan("") : HUGE_VAL;
  else if (exponent == 0) magnitude = std::ldexp(fraction, -24);
  else magnitude = std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

double bfloat_value(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16U); }

bool has_plain_value(DType dtype) { return is_plain_integer(dtype) || is_plain_real(dtype); }

std::optional<Value> decode_raw(DType dtype, std::size_t elements, Bytes bytes) {
  if (!has_plain_value(dtype)) return std::nullopt;
  const auto size = static_cast<std::size_t>(dtype_bits(dtype)) / 8;
  Value value;
  value.real = is_plain_real(dtype);
  for (std::size_t i = 0; i < elements; ++i) {
    if (value.real) value.reals.push_back(load_real(dtype, bytes.data() + i * size));
    else value.ints.emplace_back(load_int(dtype, bytes.data() + i * size));
  }
  return value;
}

}  // namespace nngauge
