// SPDX-License-Identifier: Apache-2.0
#include "parsers/flatbuffer.h"

#include <algorithm>
#include <cstring>

#include "flatbuffers/flatbuffers.h"
#include "parsers/flatbuffer_walk.h"

namespace nngauge {
namespace {

// Offsets of FlatBuffers are 31 bits; what lies behind that (weights of large models) is reached by other means.
constexpr std::size_t kMostBytes = (std::size_t{1} << 31) - 2;
// A table takes at least four bytes of offset, unless tables are shared without end.
constexpr std::size_t kMostTables = 4'000'000;

Bytes front(Bytes bytes) { return bytes.first(std::min(bytes.size(), kMostBytes)); }

std::size_t most_tables(Bytes bytes) { return std::min(kMostTables, bytes.size() / 4 + 16); }

FlatWalk walk_of(const FlatSchema& schema, Bytes bytes, const MappedFile* mapping) {
  FlatWalk walk;
  walk.bytes = front(bytes);
  walk.file_bytes = bytes.size();
  walk.root = schema.root();
  walk.most_tables = most_tables(walk.bytes);
  walk.bring_in_from = mapping;
  return walk;
}

// The walk stops at the first fault; the verifier then meets the same one.
void bring_in_tables(const FlatSchema& schema, Bytes bytes, const MappedFile* mapping) {
  if (mapping && bytes.size() >= MappedFile::kLarge) (void)find_flat_fault(walk_of(schema, bytes, mapping));
}

bool verify(const FlatSchema& schema, Bytes bytes) {
  bytes = front(bytes);
  if (bytes.size() < 16) return false;
  flatbuffers::Verifier::Options options;
  options.max_tables = static_cast<flatbuffers::uoffset_t>(most_tables(bytes));
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), options);
  return schema.verify(verifier);
}

}  // namespace

AlignedBytes::AlignedBytes(Bytes bytes) : bytes_(bytes) {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) == 0) return;
  copy_.assign(bytes.begin(), bytes.end());
  bytes_ = copy_;
}

std::string_view flat_identifier(Bytes bytes) { return bytes.size() < 8 ? "" : as_text(bytes.subspan(4, 4)); }

bool has_flat_root(Bytes bytes) {
  if (bytes.size() < 16) return false;
  const std::size_t root = number_at<std::uint32_t>(bytes, 0);
  if (root % 4 != 0 || root < 4 || root > bytes.size() - 4) return false;
  const std::int64_t vtable = static_cast<std::int64_t>(root) - number_at<std::int32_t>(bytes, root);
  if (vtable < 4 || vtable % 2 != 0 || vtable + 4 > static_cast<std::int64_t>(bytes.size())) return false;
  const auto vtable_bytes = number_at<std::uint16_t>(bytes, static_cast<std::size_t>(vtable));
  return vtable_bytes >= 4 && vtable_bytes % 2 == 0 && vtable_bytes <= 256;
}

bool has_flat_structure(const FlatSchema& schema, Bytes bytes, const MappedFile* mapping) {
  if (!has_flat_root(front(bytes))) return false;
  bring_in_tables(schema, bytes, mapping);
  return verify(schema, bytes);
}

Status check_flat_structure(const FlatSchema& schema, Bytes bytes, const MappedFile* mapping) {
  bring_in_tables(schema, bytes, mapping);
  if (verify(schema, bytes)) return ok();
  if (std::optional<Error> fault = find_flat_fault(walk_of(schema, bytes, nullptr))) return *fault;
  return make_error(ErrorCode::kDamaged, "tables or vectors overlap the end of the file");
}

}  // namespace nngauge
