// SPDX-License-Identifier: Apache-2.0
#include "parsers/tensorflow/bundle.h"

#include <fmt/format.h>

#include "graph_def.pb.h"
#include "parsers/protobuf_wire.h"
#include "parsers/tensorflow/node_view.h"

namespace nngauge::tensorflow {
namespace {

constexpr std::size_t kFooterBytes = 48;
constexpr std::size_t kTrailerBytes = 5;  // of a block: compression, checksum
constexpr std::uint64_t kMagic = 0xdb4775248b80fb57;
constexpr std::uint64_t kMostBytes = 256U << 20U;  // of an index: entries take some 60 bytes each

struct Range {
  std::uint64_t offset = 0, size = 0;
};

Error damaged_at(std::uint64_t at, std::string message) {
  return make_error(ErrorCode::kDamaged, std::move(message)).at("byte " + std::to_string(at));
}

std::uint64_t little_endian(Bytes bytes, std::size_t at, std::size_t size) {
  std::uint64_t out = 0;
  for (std::size_t i = size; i > 0; --i) out = (out << 8U) | bytes[at + i - 1];
  return out;
}

// A varint at `at`, before `end`; false where it does not end.
bool take_varint(Bytes bytes, std::uint64_t& at, std::uint64_t end, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && at < end; shift += 7) {
    const std::uint8_t byte = bytes[static_cast<std::size_t>(at++)];
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) == 0) return true;
  }
  return false;
}

bool take_range(Bytes bytes, std::uint64_t& at, std::uint64_t end, Range& out) {
  return take_varint(bytes, at, end, out.offset) && take_varint(bytes, at, end, out.size);
}

// Calls visit(key, where the value lies) for each pair of a block.
template <class Visit>
Status walk_block(Bytes file, Range block, Visit visit) {
  if (block.offset > file.size() || block.size < 4 || block.size + kTrailerBytes > file.size() - block.offset)
    return damaged_at(block.offset, "a block does not lie inside the file");
  const std::uint64_t end = block.offset + block.size;
  if (file[static_cast<std::size_t>(end)] != 0)
    return make_error(ErrorCode::kUnsupportedVersion, "the table's blocks are compressed");
  const std::uint64_t restarts = little_endian(file, static_cast<std::size_t>(end - 4), 4);
  if (restarts > (block.size - 4) / 4) return damaged_at(end - 4, "the restarts of a block do not fit into it");
  const std::uint64_t pairs_end = end - 4 - 4 * restarts;
  std::string key;
  for (std::uint64_t at = block.offset; at < pairs_end;) {
    const std::uint64_t start = at;
    std::uint64_t shared = 0, own = 0, size = 0;
    if (!take_varint(file, at, pairs_end, shared) || !take_varint(file, at, pairs_end, own) ||
        !take_varint(file, at, pairs_end, size) || shared > key.size() || own > pairs_end - at ||
        size > pairs_end - at - own) {
      return damaged_at(start, "an entry does not lie inside its block");
    }
    key.resize(static_cast<std::size_t>(shared));
    key += as_text(file.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(own)));
    NNGAUGE_CHECK(visit(key, Range{at + own, size}));
    at += own + size;
  }
  return ok();
}

template <class Message>
bool parse(Bytes file, Range range, Message& message) {
  constexpr std::uint64_t kMost = 1U << 20U;
  return range.size <= kMost && message.ParseFromArray(file.data() + range.offset, static_cast<int>(range.size));
}

Status take_entry(Bytes file, const std::string& key, Range value, Bundle& out) {
  if (key.empty()) {
    tf::BundleHeaderProto header;
    if (!parse(file, value, header)) return damaged_at(value.offset, "the header cannot be read");
    if (header.endianness() != 0) return make_error(ErrorCode::kUnsupportedVersion, "the data are big-endian");
    out.shards = header.num_shards();
    return ok();
  }
  tf::BundleEntryProto proto;
  if (!parse(file, value, proto) || proto.offset() < 0 || proto.size() < 0)
    return damaged_at(value.offset, "an entry cannot be read");
  BundleEntry entry;
  entry.dtype = dtype_of(proto.dtype());
  entry.shape = shape_of(proto.shape());
  entry.shard = proto.shard_id();
  entry.offset = static_cast<std::uint64_t>(proto.offset());
  entry.size_bytes = static_cast<std::uint64_t>(proto.size());
  out.entries[key] = std::move(entry);
  return ok();
}

}  // namespace

bool is_bundle_index(Bytes file) {
  return file.size() >= kFooterBytes && little_endian(file, file.size() - 8, 8) == kMagic;
}

Result<Bundle> read_bundle(Bytes file) {
  if (!is_bundle_index(file)) return make_error(ErrorCode::kDamaged, "the table has no footer");
  if (file.size() > kMostBytes) return make_error(ErrorCode::kTooLarge, "the table is larger than 256 MB");
  std::uint64_t at = file.size() - kFooterBytes;
  const std::uint64_t footer = at;
  Range meta, index;
  if (!take_range(file, at, file.size() - 8, meta) || !take_range(file, at, file.size() - 8, index))
    return damaged_at(footer, "the footer cannot be read");
  Bundle out;
  std::uint64_t left = file.size();  // blocks do not overlap: more bytes than the file has are a trick
  NNGAUGE_CHECK(walk_block(file, index, [&](const std::string&, Range value) -> Status {
    Range block;
    std::uint64_t position = value.offset;
    if (!take_range(file, position, value.offset + value.size, block))
      return damaged_at(value.offset, "the place of a block cannot be read");
    if (block.size > left) return damaged_at(value.offset, "blocks overlap");
    left -= block.size;
    return walk_block(file, block,
                      [&](const std::string& key, Range entry) { return take_entry(file, key, entry, out); });
  }));
  return out;
}

std::string shard_name(const std::string& prefix, std::int32_t shard, std::int32_t shards) {
  return fmt::format("{}.data-{:05}-of-{:05}", prefix, shard, shards);
}

// A string tensor: the lengths as varints, a checksum of them, then the strings.
std::unordered_map<std::string, std::string> read_object_graph(Bytes stored) {
  std::unordered_map<std::string, std::string> out;
  constexpr std::uint64_t kChecksumBytes = 4;
  std::uint64_t at = 0, size = 0;
  if (!take_varint(stored, at, stored.size(), size) || stored.size() - at < kChecksumBytes ||
      size != stored.size() - at - kChecksumBytes || size > kMostBytes) {
    return out;
  }
  tf::TrackableObjectGraph graph;
  if (!graph.ParseFromArray(stored.data() + at + kChecksumBytes, static_cast<int>(size))) return out;
  for (const auto& node : graph.nodes()) {
    for (const auto& attribute : node.attributes()) {
      if (!attribute.full_name().empty()) out[attribute.full_name()] = attribute.checkpoint_key();
    }
  }
  return out;
}

}  // namespace nngauge::tensorflow
