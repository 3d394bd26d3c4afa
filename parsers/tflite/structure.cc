// SPDX-License-Identifier: Apache-2.0
#include "parsers/tflite/structure.h"

#include <algorithm>
#include <cstring>

#include "parsers/tflite/fault.h"
#include "tflite_generated.h"

namespace nngauge::tflite {
namespace {

// Offsets of FlatBuffers are 31 bits; what lies behind that (weights of large models) is reached by Buffer.offset.
constexpr std::size_t kMostBytes = (std::size_t{1} << 31) - 2;
// A table takes at least four bytes of offset, unless tables are shared without end.
constexpr std::size_t kMostTables = 4'000'000;

flatbuffers::Verifier make_verifier(Bytes bytes) {
  flatbuffers::Verifier::Options options;
  options.max_tables = static_cast<flatbuffers::uoffset_t>(std::min(kMostTables, bytes.size() / 4 + 16));
  return flatbuffers::Verifier(bytes.data(), bytes.size(), options);
}

Bytes front(Bytes bytes) { return bytes.first(std::min(bytes.size(), kMostBytes)); }

template <class T>
T read(Bytes bytes, std::size_t at) {
  T out;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return out;
}

}  // namespace

AlignedBytes::AlignedBytes(Bytes bytes) : bytes_(bytes) {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) == 0) return;
  copy_.assign(bytes.begin(), bytes.end());
  bytes_ = copy_;
}

bool has_root(Bytes bytes) {
  if (bytes.size() < 16) return false;
  const std::size_t root = read<std::uint32_t>(bytes, 0);
  if (root % 4 != 0 || root < 4 || root > bytes.size() - 4) return false;
  const std::int64_t vtable = static_cast<std::int64_t>(root) - read<std::int32_t>(bytes, root);
  if (vtable < 4 || vtable % 2 != 0 || vtable + 4 > static_cast<std::int64_t>(bytes.size())) return false;
  const auto vtable_bytes = read<std::uint16_t>(bytes, static_cast<std::size_t>(vtable));
  return vtable_bytes >= 4 && vtable_bytes % 2 == 0 && vtable_bytes <= 256;
}

bool has_structure(Bytes bytes) {
  bytes = front(bytes);
  if (!has_root(bytes)) return false;
  auto verifier = make_verifier(bytes);
  return verifier.VerifyBuffer<fb::Model>(nullptr);
}

Result<const fb::Model*> open_structure(Bytes bytes) {
  const std::size_t file_bytes = bytes.size();
  bytes = front(bytes);
  if (bytes.size() >= 16) {
    auto verifier = make_verifier(bytes);
    if (verifier.VerifyBuffer<fb::Model>(nullptr)) return fb::GetModel(bytes.data());
  }
  return find_fault(bytes, file_bytes, fb::ModelTypeTable(), std::min(kMostTables, bytes.size() / 4 + 16));
}

}  // namespace nngauge::tflite
