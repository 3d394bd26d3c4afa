// SPDX-License-Identifier: Apache-2.0
// Owns: access to the bytes of a TFLite file as FlatBuffers tables: whether they hold together, and if not, where.
// Not here: what the tables mean (reader.h).
#pragma once

#include "base/file.h"
#include "base/result.h"

namespace nngauge::tflite {

namespace fb {
struct Model;
}

struct Structure {
  const fb::Model* model = nullptr;  // into the bytes
  bool aligned = true;               // false: some number lies at an address that FlatBuffers does not allow
};

// Everything that the schema knows of lies inside the bytes. The identifier is not looked at.
// Errors: kDamaged with the path of the table or vector and its byte; kTooLarge where there are too many tables.
Result<Structure> open_structure(Bytes bytes);

// The same answer without the reason, cheap for bytes that are no FlatBuffer at all.
bool has_structure(Bytes bytes);

}  // namespace nngauge::tflite
