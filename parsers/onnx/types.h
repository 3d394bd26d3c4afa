// SPDX-License-Identifier: Apache-2.0
// Owns: ONNX's element types, types and shapes in our terms.
#pragma once

#include <cstdint>
#include <string_view>

#include "graph/graph.h"
#include "parsers/onnx/forward.h"

namespace nngauge::onnx_format {

// TensorProto.DataType -> DType; kUnknown for UNDEFINED and for numbers that we do not know.
DType dtype_of(std::int32_t data_type);

// Which TensorProto field holds elements of `dtype` where raw_data is absent, and how.
struct TypedStorage {
  std::uint32_t field = 0;  // 0: none
  int numbers_per_element = 1;
  int elements_per_number = 1;  // packed narrow types
  int fixed_bytes = 0;          // of a number on the wire; 0: varint
};
TypedStorage typed_storage(DType dtype);

// A type as a tensor's declared type: sequences, maps, optionals and opaque values are kVariant of unknown shape.
struct DeclaredType {
  DType dtype = DType::kUnknown;
  Shape shape;
};
DeclaredType declared_type(const onnx::TypeProto& type, SymbolTable& symbols);

// "" and "ai.onnx" are the same domain.
std::string_view canonical_domain(std::string_view domain);

// Names come from the file: broken UTF-8 is escaped, so that every report can print them.
std::string readable(std::string_view name);

}  // namespace nngauge::onnx_format
