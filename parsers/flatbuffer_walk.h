// SPDX-License-Identifier: Apache-2.0
// Owns: walking the tables of a FlatBuffer by its schema's type table: to say where a damaged one does not hold
// together, and to bring just the pages that hold tables into memory. Not here: verifying (flatbuffer.h).
#pragma once

#include <optional>

#include "base/error.h"
#include "base/file.h"

namespace flatbuffers {
struct TypeTable;
}

namespace nngauge {

struct FlatWalk {
  Bytes bytes;                 // the part that offsets reach
  std::size_t file_bytes = 0;  // named as the size of the file
  const flatbuffers::TypeTable* root = nullptr;
  std::size_t most_tables = 0;
  const MappedFile* bring_in_from = nullptr;  // where given, each page is brought in before it is read
};

// Walks the tables from the root in the order of their fields, to the first one that runs out of the bytes.
// Gives kDamaged with the path and the byte, or kTooLarge after `most_tables` tables; nothing where all is well.
std::optional<Error> find_flat_fault(const FlatWalk& walk);

}  // namespace nngauge
