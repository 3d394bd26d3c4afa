// SPDX-License-Identifier: Apache-2.0
// Owns: reading fields of FlatBuffers tables that may be absent: vectors, tables in vectors, strings.
// Not here: whether the bytes hold together (flatbuffer.h).
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstring>
#include <string>
#include <vector>

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

// Element i of a vector of numbers. A damaged file may put numbers of eight bytes at any multiple of four, where the
// library's own accessors must not be used.
template <class T>
T number_of(const flatbuffers::Vector<T>* vector, std::size_t i) {
  T out;
  std::memcpy(&out, vector->Data() + i * sizeof(T), sizeof out);
  return out;
}

// All of them as integers, or as they are.
template <class T>
Ints ints_of(const flatbuffers::Vector<T>* vector) {
  Ints out(length(vector));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::int64_t>(number_of(vector, i));
  return out;
}
template <class T>
std::vector<T> numbers_of(const flatbuffers::Vector<T>* vector) {
  std::vector<T> out(length(vector));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = number_of(vector, i);
  return out;
}

// A string of the file as valid UTF-8; "" where it is absent.
inline std::string text_of(const flatbuffers::String* string) {
  if (!string) return {};
  const std::string_view text = string->string_view();
  return is_valid_utf8(text) ? std::string(text) : printable(text);
}

}  // namespace nngauge
