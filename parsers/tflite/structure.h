// SPDX-License-Identifier: Apache-2.0
// Owns: access to the bytes of a TFLite file as FlatBuffers tables: whether they hold together, and if not, where.
// Not here: what the tables mean (reader.h).
#pragma once

#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace nngauge::tflite {

namespace fb {
struct Model;
}

// The bytes at an address that numbers of eight bytes may have: themselves, or a copy where they lie elsewhere (a
// member of an archive that is not compressed).
class AlignedBytes {
 public:
  explicit AlignedBytes(Bytes bytes);
  [[nodiscard]] Bytes get() const { return bytes_; }

 private:
  std::vector<std::uint8_t> copy_;
  Bytes bytes_;
};

// The root table: everything that the schema knows of lies inside the bytes, at addresses that its type may have. The
// identifier is not looked at. `bytes` are aligned.
// Errors: kDamaged with the path of the table or vector and its byte; kTooLarge where there are too many tables.
Result<const fb::Model*> open_structure(Bytes bytes);

// Root offset and root vtable are plausible: sorts out nearly all files of other kinds, at any address.
bool has_root(Bytes bytes);
// As open_structure, without the reason.
bool has_structure(Bytes bytes);

}  // namespace nngauge::tflite
