// SPDX-License-Identifier: Apache-2.0
// Owns: reading fields of FlatBuffers tables that may be absent: vectors, tables in vectors, strings.
// Not here: whether the bytes hold together (flatbuffer.h).
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <string>

#include "base/text.h"
#include "graph/attributes.h"

namespace nngauge {

template <class Vector>
std::size_t length(const Vector* vector) {
  return vector ? vector->size() : 0;
}

template <class T>
const T& get(const flatbuffers::Vector<flatbuffers::Offset<T>>* vector, std::size_t i) {
  return *vector->Get(static_cast<flatbuffers::uoffset_t>(i));
}

template <class T>
Ints ints_of(const flatbuffers::Vector<T>* vector) {
  return vector ? Ints(vector->begin(), vector->end()) : Ints();
}

// A string of the file as valid UTF-8; "" where it is absent.
inline std::string text_of(const flatbuffers::String* string) {
  if (!string) return {};
  const std::string_view text = string->string_view();
  return is_valid_utf8(text) ? std::string(text) : printable(text);
}

}  // namespace nngauge
