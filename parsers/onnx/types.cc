// SPDX-License-Identifier: Apache-2.0
#include "parsers/onnx/types.h"

#include <onnx/onnx_pb.h>

#include <array>

#include "base/text.h"
#include "parsers/onnx/schema.h"

namespace nngauge::onnx_format {
namespace {

// By TensorProto.DataType.
constexpr std::array kDTypes = {
    DType::kUnknown,        DType::kFloat32,  DType::kUInt8,        DType::kInt8,           DType::kUInt16,
    DType::kInt16,          DType::kInt32,    DType::kInt64,        DType::kString,         DType::kBool,
    DType::kFloat16,        DType::kFloat64,  DType::kUInt32,       DType::kUInt64,         DType::kComplex64,
    DType::kComplex128,     DType::kBFloat16, DType::kFloat8E4M3FN, DType::kFloat8E4M3FNUZ, DType::kFloat8E5M2,
    DType::kFloat8E5M2FNUZ, DType::kUInt4,    DType::kInt4,         DType::kFloat4E2M1,     DType::kFloat8E8M0,
    DType::kUInt2,          DType::kInt2,     DType::kFloat6E2M3,   DType::kFloat6E3M2,
};
static_assert(kDTypes.size() == 29);

Shape declared_shape(const onnx::TensorShapeProto& shape, SymbolTable& symbols) {
  std::vector<Dim> dims;
  dims.reserve(static_cast<std::size_t>(shape.dim_size()));
  for (const auto& dim : shape.dim()) {
    if (dim.has_dim_value() && dim.dim_value() > 0) dims.emplace_back(dim.dim_value());
    else if (dim.has_dim_param() && !dim.dim_param().empty())
      dims.push_back(Dim::symbol(symbols.intern(readable(dim.dim_param()))));
    else dims.push_back(Dim::unknown());
  }
  return Shape(std::move(dims));
}

}  // namespace

DType dtype_of(std::int32_t data_type) {
  const auto index = static_cast<std::size_t>(data_type);
  return data_type >= 0 && index < kDTypes.size() ? kDTypes[index] : DType::kUnknown;
}

TypedStorage typed_storage(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return {kFloatData, 1, 1, 4};
    case DType::kComplex64:
      return {kFloatData, 2, 1, 4};
    case DType::kFloat64:
      return {kDoubleData, 1, 1, 8};
    case DType::kComplex128:
      return {kDoubleData, 2, 1, 8};
    case DType::kInt64:
      return {kInt64Data, 1, 1, 0};
    case DType::kUInt32:
    case DType::kUInt64:
      return {kUInt64Data, 1, 1, 0};
    case DType::kString:
      return {kStringData, 1, 1, 0};
    case DType::kInt4:
    case DType::kUInt4:
    case DType::kFloat4E2M1:
      return {kInt32Data, 1, 2, 0};
    case DType::kInt2:
    case DType::kUInt2:
      return {kInt32Data, 1, 4, 0};
    case DType::kUnknown:
    case DType::kResource:
    case DType::kVariant:
      return {};
    default:
      return {kInt32Data, 1, 1, 0};
  }
}

DeclaredType declared_type(const onnx::TypeProto& type, SymbolTable& symbols) {
  DeclaredType out;
  if (type.has_tensor_type()) {
    out.dtype = dtype_of(type.tensor_type().elem_type());
    if (type.tensor_type().has_shape()) out.shape = declared_shape(type.tensor_type().shape(), symbols);
  } else if (type.has_sparse_tensor_type()) {
    out.dtype = dtype_of(type.sparse_tensor_type().elem_type());
    if (type.sparse_tensor_type().has_shape()) out.shape = declared_shape(type.sparse_tensor_type().shape(), symbols);
  } else if (type.value_case() != onnx::TypeProto::VALUE_NOT_SET) {
    out.dtype = DType::kVariant;
  }
  return out;
}

std::string_view canonical_domain(std::string_view domain) { return domain == "ai.onnx" ? std::string_view() : domain; }

std::string readable(std::string_view name) { return is_valid_utf8(name) ? std::string(name) : printable(name); }

}  // namespace nngauge::onnx_format
