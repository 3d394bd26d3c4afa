// SPDX-License-Identifier: Apache-2.0
// Owns: what the reduction (protobuf_reduce.h) must know of ONNX's messages: where bulk lies and what is of no use.
// Field numbers: onnx.in.proto of the ONNX project.
#pragma once

#include <cstdint>
#include <span>

#include "parsers/protobuf_reduce.h"

namespace nngauge::onnx_format {

inline constexpr std::uint8_t kModelMessage = 0;

// Fields of TensorProto that hold elements.
enum TensorField : std::uint32_t {
  kFloatData = 4,
  kInt32Data = 5,
  kStringData = 6,
  kInt64Data = 7,
  kRawData = 9,
  kDoubleData = 10,
  kUInt64Data = 11,
};

std::span<const SchemaMessage> schema();

}  // namespace nngauge::onnx_format
