// SPDX-License-Identifier: Apache-2.0
#include "parsers/zip_reader.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace nngauge {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                        kLocator64 = 0x07064b50;
constexpr std::uint32_t kIn64 = 0xffffffff;  // the number stands in the 64-bit extra field
constexpr std::size_t kMostMembers = 1'000'000;

Error damaged(const std::string& what) { return make_error(ErrorCode::kDamaged, "ZIP archive: " + what); }

// Little-endian numbers with a check of the end.
struct Reader {
  Bytes bytes;
  [[nodiscard]] bool has(std::uint64_t offset, std::uint64_t count) const {
    return offset <= bytes.size() && count <= bytes.size() - offset;
  }
  [[nodiscard]] std::uint64_t number(std::uint64_t offset, int count) const {
    std::uint64_t value = 0;
    for (int i = 0; i < count; ++i) value |= std::uint64_t{bytes[offset + static_cast<std::uint64_t>(i)]} << (8 * i);
    return value;
  }
  [[nodiscard]] std::uint16_t u16(std::uint64_t offset) const { return static_cast<std::uint16_t>(number(offset, 2)); }
  [[nodiscard]] std::uint32_t u32(std::uint64_t offset) const { return static_cast<std::uint32_t>(number(offset, 4)); }
  [[nodiscard]] std::uint64_t u64(std::uint64_t offset) const { return number(offset, 8); }
};

struct Central {
  std::uint64_t offset = 0, count = 0;
};

// The end record, searched from behind: a comment may follow it.
Result<Central> find_central(const Reader& r) {
  constexpr std::uint64_t kEndBytes = 22, kMostComment = 65535;
  const std::uint64_t size = r.bytes.size();
  if (size < kEndBytes) return damaged("the end record is missing");
  const std::uint64_t first = size - kEndBytes;
  const std::uint64_t last = first > kMostComment ? first - kMostComment : 0;
  for (std::uint64_t at = first + 1; at-- > last;) {
    if (r.u32(at) != kEnd) continue;
    Central out{r.u32(at + 16), r.u16(at + 10)};
    const bool wide = out.offset == kIn64 || out.count == 0xffff;
    if (!wide || at < 20 || r.u32(at - 20) != kLocator64) return out;
    const std::uint64_t end64 = r.u64(at - 20 + 8);
    if (!r.has(end64, 56) || r.u32(end64) != kEnd64) return damaged("the 64-bit end record is missing");
    return Central{r.u64(end64 + 48), r.u64(end64 + 32)};
  }
  return damaged("the end record is missing; the file may be cut short");
}

// 64-bit sizes and offset stand in extra field 1, in this order, those that do not fit 32 bits.
void read_wide(const Reader& r, std::uint64_t extra, std::uint64_t end, ZipRecord& member) {
  while (end - extra >= 4) {
    const std::uint16_t id = r.u16(extra);
    const std::uint64_t length = r.u16(extra + 2);
    extra += 4;
    if (length > end - extra) return;
    if (id == 1) {
      std::uint64_t at = extra;
      for (std::uint64_t* field : {&member.size_bytes, &member.stored_bytes, &member.header_offset}) {
        if (*field != kIn64 || at + 8 > extra + length) continue;
        *field = r.u64(at);
        at += 8;
      }
    }
    extra += length;
  }
}

}  // namespace

Result<ZipReader> ZipReader::open(Bytes bytes) {
  const Reader r{bytes};
  if (!r.has(0, 4) || r.u32(0) != kLocalHeader) return make_error(ErrorCode::kNotAModel, "no ZIP archive");
  ZipReader out(bytes);
  NNGAUGE_CHECK(out.read_members());
  return out;
}

Status ZipReader::read_members() {
  const Reader r{bytes_};
  NNGAUGE_TRY(const Central central, find_central(r));
  constexpr std::uint64_t kHeaderBytes = 46;
  if (central.count > kMostMembers)
    return make_error(ErrorCode::kTooLarge, "ZIP archive: " + std::to_string(central.count) + " members");
  std::uint64_t at = central.offset;
  for (std::uint64_t i = 0; i < central.count; ++i) {
    if (!r.has(at, kHeaderBytes) || r.u32(at) != kCentralHeader)
      return damaged("the directory ends after " + std::to_string(i) + " of " + std::to_string(central.count) +
                     " members");
    const std::uint64_t name = r.u16(at + 28), extra = r.u16(at + 30), comment = r.u16(at + 32);
    if (!r.has(at + kHeaderBytes, name + extra + comment)) return damaged("a member's entry reaches over the end");
    ZipRecord member;
    member.method = r.u16(at + 10);
    member.stored_bytes = r.u32(at + 20);
    member.size_bytes = r.u32(at + 24);
    member.header_offset = r.u32(at + 42);
    if ((r.u16(at + 8) & 1U) != 0) member.method = std::numeric_limits<std::uint16_t>::max();  // encrypted
    member.name = std::string(as_text(bytes_.subspan(at + kHeaderBytes, name)));
    read_wide(r, at + kHeaderBytes + name, at + kHeaderBytes + name + extra, member);
    members_.push_back(std::move(member));
    at += kHeaderBytes + name + extra + comment;
  }
  std::stable_sort(members_.begin(), members_.end(),
                   [](const ZipRecord& a, const ZipRecord& b) { return a.name < b.name; });
  return ok();
}

const ZipRecord* ZipReader::find(std::string_view name) const {
  const auto found = std::lower_bound(members_.begin(), members_.end(), name,
                                      [](const ZipRecord& member, std::string_view key) { return member.name < key; });
  return found != members_.end() && found->name == name ? &*found : nullptr;
}

Result<std::uint64_t> ZipReader::data_offset(const ZipRecord& member) const {
  const Reader r{bytes_};
  constexpr std::uint64_t kHeaderBytes = 30;
  const std::uint64_t at = member.header_offset;
  if (!r.has(at, kHeaderBytes) || r.u32(at) != kLocalHeader)
    return damaged("member " + quoted(member.name) + " has no header at byte " + std::to_string(at));
  const std::uint64_t data = at + kHeaderBytes + r.u16(at + 26) + r.u16(at + 28);
  if (!r.has(data, member.stored_bytes))
    return damaged("member " + quoted(member.name) + " reaches over the end of the file");
  return data;
}

Result<std::string> ZipReader::content(const ZipRecord& member, std::uint64_t limit) const {
  NNGAUGE_TRY(const std::uint64_t offset, data_offset(member));
  if (member.method == std::numeric_limits<std::uint16_t>::max())
    return make_error(ErrorCode::kEncrypted, "ZIP archive: member " + quoted(member.name) + " is encrypted");
  if (member.size_bytes > limit) {
    return make_error(ErrorCode::kTooLarge, "ZIP archive: member " + quoted(member.name) + " has " +
                                                with_thousands(member.size_bytes) + " bytes, at most " +
                                                with_thousands(limit) + " are read");
  }
  const Bytes stored = bytes_.subspan(offset, member.stored_bytes);
  if (member.method == 0) return std::string(as_text(stored));
  if (member.method != 8) {
    return make_error(ErrorCode::kUnsupportedVersion, "ZIP archive: member " + quoted(member.name) +
                                                          " is compressed by method " + std::to_string(member.method));
  }
  if (stored.size() > std::numeric_limits<uInt>::max()) return damaged("a compressed member is too large");
  // Deflate makes at most about 1,032 bytes of one: more is a lie that must not be believed with memory.
  constexpr std::uint64_t kMostRatio = 1100;
  if (member.size_bytes > kMostRatio * (stored.size() + 1))
    return damaged("member " + quoted(member.name) + " states a size that its data cannot have");
  std::string out(member.size_bytes, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return make_error(ErrorCode::kInternal, "zlib cannot start");
  stream.next_in = const_cast<Bytef*>(stored.data());  // zlib reads only
  stream.avail_in = static_cast<uInt>(stored.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(std::min<std::uint64_t>(out.size(), std::numeric_limits<uInt>::max()));
  const int status = inflate(&stream, Z_FINISH);
  const bool whole = status == Z_STREAM_END && stream.total_out == out.size();
  inflateEnd(&stream);
  if (!whole) return damaged("member " + quoted(member.name) + " cannot be inflated");
  return out;
}

}  // namespace nngauge
