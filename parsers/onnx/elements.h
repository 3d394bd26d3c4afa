// SPDX-License-Identifier: Apache-2.0
// Owns: reading the elements of small constants out of raw bytes or ONNX's typed fields.
#pragma once

#include <cstdint>
#include <optional>

#include "base/file.h"
#include "graph/shape.h"
#include "parsers/onnx/forward.h"

namespace nngauge::onnx_format {

// Elements with a plain value: integers of 8 bits and more, bools, floating point of 16 bits and more.
bool has_plain_value(DType dtype);

// `elements` elements of `dtype` packed little-endian in `bytes`, which must be long enough.
std::optional<Value> decode_raw(DType dtype, std::size_t elements, Bytes bytes);

// The same from float_data, int32_data …, which must hold as many numbers.
std::optional<Value> decode_typed(DType dtype, std::size_t elements, const onnx::TensorProto& proto);

}  // namespace nngauge::onnx_format
