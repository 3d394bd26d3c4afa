// SPDX-License-Identifier: Apache-2.0
#include "parsers/tflite/structure.h"

#include <algorithm>

#include "parsers/tflite/fault.h"
#include "tflite_generated.h"

namespace nngauge::tflite {
namespace {

// Offsets of FlatBuffers are 31 bits; what lies behind that (weights of large models) is reached by Buffer.offset.
constexpr std::size_t kMostBytes = (std::size_t{1} << 31) - 2;
// A table takes at least four bytes of offset, unless tables are shared without end.
constexpr std::size_t kMostTables = 4'000'000;

flatbuffers::Verifier make_verifier(Bytes bytes, bool check_alignment) {
  flatbuffers::Verifier::Options options;
  options.max_tables = static_cast<flatbuffers::uoffset_t>(std::min(kMostTables, bytes.size() / 4 + 16));
  options.check_alignment = check_alignment;
  return flatbuffers::Verifier(bytes.data(), bytes.size(), options);
}

Bytes front(Bytes bytes) { return bytes.first(std::min(bytes.size(), kMostBytes)); }

// Root offset and root vtable are plausible; sorts out nearly all files of other kinds.
bool has_root(Bytes bytes) {
  if (bytes.size() < 16) return false;
  const std::size_t root = flatbuffers::ReadScalar<flatbuffers::uoffset_t>(bytes.data());
  if (root % 4 != 0 || root < 4 || root > bytes.size() - 4) return false;
  const std::int64_t vtable =
      static_cast<std::int64_t>(root) - flatbuffers::ReadScalar<flatbuffers::soffset_t>(bytes.data() + root);
  if (vtable < 4 || vtable % 2 != 0 || vtable + 4 > static_cast<std::int64_t>(bytes.size())) return false;
  const auto vtable_bytes = flatbuffers::ReadScalar<flatbuffers::voffset_t>(bytes.data() + vtable);
  return vtable_bytes >= 4 && vtable_bytes % 2 == 0 && vtable_bytes <= 256;
}

}  // namespace

bool has_structure(Bytes bytes) {
  bytes = front(bytes);
  if (!has_root(bytes)) return false;
  auto verifier = make_verifier(bytes, false);
  return verifier.VerifyBuffer<fb::Model>(nullptr);
}

Result<Structure> open_structure(Bytes bytes) {
  const std::size_t file_bytes = bytes.size();
  bytes = front(bytes);
  if (bytes.size() >= 16) {
    auto strict = make_verifier(bytes, true);
    if (strict.VerifyBuffer<fb::Model>(nullptr)) return Structure{fb::GetModel(bytes.data()), true};
    auto lenient = make_verifier(bytes, false);
    if (lenient.VerifyBuffer<fb::Model>(nullptr)) return Structure{fb::GetModel(bytes.data()), false};
  }
  return find_fault(bytes, file_bytes, fb::ModelTypeTable(), std::min(kMostTables, bytes.size() / 4 + 16));
}

}  // namespace nngauge::tflite
