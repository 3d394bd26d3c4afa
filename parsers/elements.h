// SPDX-License-Identifier: Apache-2.0
// Owns: reading the elements of small constants out of raw bytes, the same for every format.
#pragma once

#include <cstdint>
#include <optional>

#include "base/file.h"
#include "graph/shape.h"

namespace nngauge {

// Elements with a plain value: integers of 8 bits and more, bools, floating point of 16 bits and more.
bool has_plain_value(DType dtype);

// `elements` elements of `dtype` packed little-endian in `bytes`, which must be long enough.
std::optional<Value> decode_raw(DType dtype, std::size_t elements, Bytes bytes);

// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
double half_value(std::uint16_t bits);
// bfloat16: the upper half of a binary32.
double bfloat_value(std::uint16_t bits);

}  // namespace nngauge
