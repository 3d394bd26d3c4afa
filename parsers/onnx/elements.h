// SPDX-License-Identifier: Apache-2.0
// Owns: reading the elements of small constants out of ONNX's typed fields.
// Not here: raw bytes (parsers/elements.h).
#pragma once

#include <cstdint>
#include <optional>

#include "graph/shape.h"
#include "parsers/elements.h"
#include "parsers/onnx/forward.h"

namespace nngauge::onnx_format {

// `elements` elements of `dtype` from float_data, int32_data …, which must hold as many numbers.
std::optional<Value> decode_typed(DType dtype, std::size_t elements, const onnx::TensorProto& proto);

}  // namespace nngauge::onnx_format
