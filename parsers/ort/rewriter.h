// SPDX-License-Identifier: Apache-2.0
// Owns: ONNX messages made of ORT's tables. Weights stay where they are: each tensor and node carries the mark of its
// place, as messages do that were reduced from a file of ONNX (parsers/protobuf_reduce.h).
#pragma once

#include <string>

#include "base/result.h"
#include "base/text.h"
#include "ort_generated.h"
#include "parsers/onnx/forward.h"
#include "parsers/protobuf_reduce.h"

namespace nngauge::ort {

template <class Vector>
std::size_t length(const Vector* vector) {
  return vector ? vector->size() : 0;
}
template <class T>
const T& get(const flatbuffers::Vector<flatbuffers::Offset<T>>* vector, std::size_t i) {
  return *vector->Get(static_cast<flatbuffers::uoffset_t>(i));
}
inline std::string text_of(const flatbuffers::String* string) {
  if (!string) return {};
  const std::string_view text = string->string_view();
  return is_valid_utf8(text) ? std::string(text) : printable(text);
}

struct Rewritten {
  Reduction places;           // without a message
  std::size_t elsewhere = 0;  // constants whose bytes lie in another file
};
// `aligned` holds `source`. Errors: kNotAModel (no graph), kTooLarge (graphs nested or shared without end).
Result<Rewritten> rewrite(const fb::Model& source, Bytes aligned, onnx::ModelProto& out);

}  // namespace nngauge::ort
