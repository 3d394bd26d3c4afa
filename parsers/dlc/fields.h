// SPDX-License-Identifier: Apache-2.0
// Owns: copying fields out of the FlatBuffers of record versions 3 and 4, within the budget of copies.
#pragma once

#include <string>
#include <vector>

#include "base/text.h"
#include "parsers/copy_budget.h"
#include "parsers/flatbuffer_fields.h"

namespace nngauge::dlc {

inline std::string text_of(const flatbuffers::String* string) { return string ? printable(string->string_view()) : ""; }

template <class T>
Result<Ints> ints_of(const flatbuffers::Vector<T>* vector, CopyBudget& budget) {
  NNGAUGE_CHECK(budget.spend(length(vector)));
  return nngauge::ints_of(vector);
}

inline Status read_names(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* names, CopyBudget& budget,
                         std::vector<std::string>& out) {
  for (std::size_t i = 0; i < length(names); ++i) {
    NNGAUGE_CHECK(budget.spend(8 + get(names, i).size()));
    out.push_back(text_of(&get(names, i)));
  }
  return ok();
}

}  // namespace nngauge::dlc
