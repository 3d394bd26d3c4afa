// SPDX-License-Identifier: Apache-2.0
#include "parsers/onnx/elements.h"

#include <onnx/onnx_pb.h>

namespace nngauge::onnx_format {
namespace {

// A number of a typed integer field; unsigned 64-bit ones that do not fit stay what two's complement makes of them.
std::int64_t typed_int(DType dtype, const onnx::TensorProto& proto, int i) {
  switch (dtype) {
    case DType::kInt64:
      return proto.int64_data(i);
    case DType::kUInt32:
    case DType::kUInt64:
      return static_cast<std::int64_t>(proto.uint64_data(i));
    case DType::kBool:
      return proto.int32_data(i) != 0 ? 1 : 0;
    default:
      return proto.int32_data(i);
  }
}

double typed_real(DType dtype, const onnx::TensorProto& proto, int i) {
  switch (dtype) {
    case DType::kFloat16:
      return half_value(static_cast<std::uint16_t>(proto.int32_data(i)));
    case DType::kBFloat16:
      return bfloat_value(static_cast<std::uint16_t>(proto.int32_data(i)));
    case DType::kFloat32:
      return proto.float_data(i);
    default:
      return proto.double_data(i);
  }
}

}  // namespace

std::optional<Value> decode_typed(DType dtype, std::size_t elements, const onnx::TensorProto& proto) {
  if (!has_plain_value(dtype)) return std::nullopt;
  Value value;
  value.real = is_float(dtype);
  for (int i = 0; static_cast<std::size_t>(i) < elements; ++i) {
    if (value.real) value.reals.push_back(typed_real(dtype, proto, i));
    else value.ints.emplace_back(typed_int(dtype, proto, i));
  }
  return value;
}

}  // namespace nngauge::onnx_format
