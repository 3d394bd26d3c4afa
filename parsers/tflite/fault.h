// SPDX-License-Identifier: Apache-2.0
// Owns: saying where a FlatBuffer does not hold together, once a verifier has said that it does not.
#pragma once

#include "base/error.h"
#include "base/file.h"

namespace flatbuffers {
struct TypeTable;
}

namespace nngauge::tflite {

// Walks the tables from the root as `root_type` describes them, in the order of their fields, to the first one that
// runs out of the bytes. `file_bytes` is named as the size of the file. Errors: always one; kDamaged with the path and
// the byte, or kTooLarge after `most_tables` tables.
Error find_fault(Bytes bytes, std::size_t file_bytes, const flatbuffers::TypeTable* root_type, std::size_t most_tables);

}  // namespace nngauge::tflite
