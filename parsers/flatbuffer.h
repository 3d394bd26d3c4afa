// SPDX-License-Identifier: Apache-2.0
// Owns: access to the bytes of a file as FlatBuffers tables of any schema: whether they hold together, and if not,
// where. Not here: what the tables mean (the readers of TFLite, MNN, ORT, ExecuTorch …).
#pragma once

#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace flatbuffers {
struct TypeTable;
class Verifier;
}  // namespace flatbuffers

namespace nngauge {

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

// What a schema's generated header gives: the fields of its root table, and the check that they lie inside the bytes.
struct FlatSchema {
  const flatbuffers::TypeTable* (*root)();
  bool (*verify)(flatbuffers::Verifier&);
};

// Checks that everything the schema knows of lies inside the bytes, at addresses that its type may have. The
// identifier is not looked at. `bytes` are aligned. Of a large mapped file only the pages that hold tables and names
// are brought in.
// Errors: kDamaged with the path of the table or vector and its byte; kTooLarge where there are too many tables.
Status check_flat_structure(const FlatSchema& schema, Bytes bytes, const MappedFile* mapping = nullptr);

// Root offset and root vtable are plausible: sorts out nearly all files of other kinds, at any address.
bool has_flat_root(Bytes bytes);
// As check_flat_structure, without the reason.
bool has_flat_structure(const FlatSchema& schema, Bytes bytes, const MappedFile* mapping = nullptr);

// The four bytes behind the root offset, which name the schema in most files; "" where there are too few bytes.
std::string_view flat_identifier(Bytes bytes);

}  // namespace nngauge
