// SPDX-License-Identifier: Apache-2.0
// Owns: what the parts of the TFLite reader share: the file's tables, the model in the making, the budget of copies.
// Only .cc files of this folder include it; it brings the FlatBuffers accessors.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/file.h"
#include "base/result.h"
#include "graph/graph.h"
#include "parsers/copy_budget.h"
#include "parsers/flatbuffer_fields.h"
#include "tflite_generated.h"

namespace nngauge::tflite {

struct FileView {
  Bytes bytes;
  const MappedFile* mapping = nullptr;  // that the bytes lie in, if they do
  const fb::Model* source = nullptr;
  Model* model = nullptr;
  CopyBudget budget{0, 2};
  std::unordered_map<std::uint32_t, DataRef> external;  // by ExternalBuffer.id

  [[nodiscard]] std::uint64_t offset_of(const void* place) const {
    return static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(place) - bytes.data());
  }
};

DType dtype_of(fb::TensorType type);

// --- tensors.cc ---
// Adds the tensors of `source` to `graph`; constants are located, small ones decoded.
// Errors: kDamaged where data lies outside the file or is shorter than its shape; kInvalidGraph for negative extents.
Status read_tensors(FileView& file, const fb::SubGraph& source, Graph& graph);
// The bytes of Buffer `index` (with `offset` and `size`, for large files); size 0 where it holds nothing.
Result<DataRef> locate_buffer(const FileView& file, std::uint32_t index);
// Checks that [offset, offset + size) lies in the file.
Status check_range(const FileView& file, std::uint64_t offset, std::uint64_t size);

// --- operators.cc ---
// Adds the operators of `source` to `graph`, whose tensors are there.
Status read_operators(FileView& file, const fb::SubGraph& source, Graph& graph);

}  // namespace nngauge::tflite
