// SPDX-License-Identifier: Apache-2.0
#include "parsers/containers/zip.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "base/text.h"

namespace nngauge::zip {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                        kEnd64Locator = 0x07064b50;
constexpr std::uint64_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22, kEnd64Bytes = 56, kLocatorBytes = 20;
constexpr std::uint64_t kLongestComment = 0xffff;
constexpr std::uint32_t kSee64 = 0xffffffff;  // the value stands in the ZIP64 field

// Little-endian numbers of a file; the caller has checked that they lie in it.
struct Numbers {
  Bytes file;
  [[nodiscard]] bool has(std::uint64_t at, std::uint64_t count) const {
    return at <= file.size() && count <= file.size() - at;
  }
  [[nodiscard]] std::uint64_t read(std::uint64_t at, unsigned count) const {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i) value |= std::uint64_t{file[at + i]} << (8U * i);
    return value;
  }
  [[nodiscard]] std::uint16_t u16(std::uint64_t at) const { return static_cast<std::uint16_t>(read(at, 2)); }
  [[nodiscard]] std::uint32_t u32(std::uint64_t at) const { return static_cast<std::uint32_t>(read(at, 4)); }
  [[nodiscard]] std::uint64_t u64(std::uint64_t at) const { return read(at, 8); }
};

// The end record, searched from behind since a comment may follow it.
std::optional<std::uint64_t> find_end(const Numbers& n) {
  if (n.file.size() < kEndBytes) return std::nullopt;
  const std::uint64_t last = n.file.size() - kEndBytes;
  const std::uint64_t first = last - std::min(last, kLongestComment);
  for (std::uint64_t at = last + 1; at-- > first;) {
    if (n.file[at] == 'P' && n.u32(at) == kEnd && n.has(at + kEndBytes, n.u16(at + 20))) return at;
  }
  return std::nullopt;
}

struct Directory {
  std::uint64_t offset, size, entries;
  std::uint64_t shift;  // bytes before the archive: offsets in it are too small by this
};

Result<Directory> find_directory(const Numbers& n) {
  const auto end = find_end(n);
  if (!end) return damaged("the ZIP archive is cut short: its directory is missing");
  Directory out{n.u32(*end + 16), n.u32(*end + 12), n.u16(*end + 10), 0};
  std::uint64_t directory_end = *end;
  if (*end >= kLocatorBytes && n.u32(*end - kLocatorBytes) == kEnd64Locator) {
    const std::uint64_t locator = *end - kLocatorBytes;
    std::uint64_t end64 = n.u64(locator + 8);
    // With bytes before the archive, the record still stands right before its locator.
    if (!n.has(end64, kEnd64Bytes) || n.u32(end64) != kEnd64) end64 = locator - std::min(locator, kEnd64Bytes);
    if (!n.has(end64, kEnd64Bytes) || n.u32(end64) != kEnd64)
      return damaged("the ZIP64 directory is not where the archive says");
    out = {n.u64(end64 + 48), n.u64(end64 + 40), n.u64(end64 + 32), 0};
    directory_end = end64;
  }
  if (out.size > directory_end || out.offset > directory_end - out.size)
    return damaged("the directory of the ZIP archive runs past the end of the file");
  out.shift = directory_end - out.size - out.offset;
  out.offset += out.shift;
  return out;
}

// The 64-bit values of the extra field, in their order, for those that do not fit 32 bits.
void read_zip64(const Numbers& n, std::uint64_t at, std::uint64_t end, ArchiveMember& member) {
  while (end - at >= 4) {
    const std::uint16_t tag = n.u16(at);
    const std::uint64_t length = std::min<std::uint64_t>(n.u16(at + 2), end - at - 4);
    at += 4;
    if (tag == 1) {
      std::uint64_t value = at;
      for (std::uint64_t* field : {&member.size_bytes, &member.packed_bytes, &member.header_offset}) {
        if (*field != kSee64 || value + 8 > at + length) continue;
        *field = n.u64(value);
        value += 8;
      }
    }
    at += length;
  }
}

}  // namespace

bool starts_as_zip(Bytes file) {
  const Numbers n{file};
  return (n.has(0, kLocalBytes) && n.u32(0) == kLocalHeader) || (n.has(0, kEndBytes) && n.u32(0) == kEnd);
}

std::uint64_t shifted_start(Bytes file) {
  constexpr std::uint64_t kFarthest = 4096;
  const Numbers n{file};
  std::uint64_t at = 0;
  while (at < kFarthest && n.has(at, 1) && file[at] == 0) ++at;
  const bool begins = at > 0 && n.has(at, kLocalBytes) && n.u32(at) == kLocalHeader && n.u16(at + 26) > 0;
  return begins ? at : 0;
}

std::string_view first_member_name(Bytes file) {
  const Numbers n{file};
  if (!n.has(0, kLocalBytes) || n.u32(0) != kLocalHeader) return "";
  const std::uint64_t length = n.u16(26);
  return n.has(kLocalBytes, length) ? as_text(file.subspan(kLocalBytes, length)) : "";
}

bool has_directory(Bytes file) {
  const Numbers n{file};
  const auto directory = find_directory(n);
  return directory &&
         (directory->entries == 0 || (n.has(directory->offset, 4) && n.u32(directory->offset) == kCentralHeader));
}

Result<std::vector<ArchiveMember>> read_directory(Bytes file, std::uint64_t most_members) {
  const Numbers n{file};
  NNGAUGE_TRY(const Directory directory, find_directory(n));
  if (directory.entries > directory.size / kCentralBytes)
    return damaged(fmt::format("the ZIP directory states {} members in {} bytes", directory.entries, directory.size));
  if (directory.entries > most_members) {
    return make_error(ErrorCode::kTooLarge,
                      fmt::format("the archive has {} members, the limit is {} (--max-members)",
                                  with_thousands(directory.entries), with_thousands(most_members)));
  }
  std::vector<ArchiveMember> out;
  std::uint64_t at = directory.offset;
  std::uint64_t packed = 0;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (!n.has(at, kCentralBytes) || n.u32(at) != kCentralHeader)
      return damaged(fmt::format("entry #{} of the ZIP directory is broken", i));
    const std::uint64_t name = n.u16(at + 28), extra = n.u16(at + 30), comment = n.u16(at + 32);
    if (!n.has(at + kCentralBytes, name + extra + comment))
      return damaged(fmt::format("entry #{} of the ZIP directory is broken", i));
    ArchiveMember member;
    member.name = as_text(file.subspan(at + kCentralBytes, name));
    member.encrypted = (n.u16(at + 8) & 1U) != 0;
    member.method = n.u16(at + 10);
    member.packed_bytes = n.u32(at + 20);
    member.size_bytes = n.u32(at + 24);
    member.header_offset = n.u32(at + 42);
    read_zip64(n, at + kCentralBytes + name, at + kCentralBytes + name + extra, member);
    if (member.header_offset > file.size() || member.packed_bytes > file.size())
      return damaged("ZIP member " + in_quotes(member.name) + " does not lie in the file");
    member.header_offset += directory.shift;
    // Members that share their bytes are how a small file claims to hold more than its ratio allows.
    packed += member.packed_bytes;
    if (packed > file.size()) return damaged("the members of the ZIP archive overlap");
    at += kCentralBytes + name + extra + comment;
    const bool folder = member.name.empty() || member.name.back() == '/' || member.name.back() == '\\';
    if (!folder) out.push_back(std::move(member));
  }
  return out;
}

Result<std::uint64_t> content_offset(Bytes file, const ArchiveMember& member) {
  const Numbers n{file};
  const std::string place = "ZIP member " + in_quotes(member.name);
  if (!n.has(member.header_offset, kLocalBytes) || n.u32(member.header_offset) != kLocalHeader)
    return damaged(place + " does not lie where the directory says");
  const std::uint64_t offset =
      member.header_offset + kLocalBytes + n.u16(member.header_offset + 26) + n.u16(member.header_offset + 28);
  if (!n.has(offset, member.packed_bytes)) {
    return damaged(fmt::format("{} of {} bytes runs past the end of the file at {} bytes", place,
                               with_thousands(member.packed_bytes), with_thousands(file.size())));
  }
  return offset;
}

namespace {
Error not_the_size() { return damaged("the packed content cannot be unpacked to the size that the archive states"); }
}  // namespace

Status inflate(Bytes packed, std::span<std::uint8_t> out) {
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decompressor(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (!decompressor) return make_error(ErrorCode::kTooLarge, "libdeflate has no memory");
  std::size_t read = 0, written = 0;
  const libdeflate_result result = libdeflate_deflate_decompress_ex(decompressor.get(), packed.data(), packed.size(),
                                                                    out.data(), out.size(), &read, &written);
  if (result != LIBDEFLATE_SUCCESS || written != out.size()) return not_the_size();
  return ok();
}

Result<std::size_t> inflate_head(Bytes packed, std::span<std::uint8_t> out) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return make_error(ErrorCode::kTooLarge, "zlib has no memory");
  constexpr std::size_t kPiece = std::size_t{1} << 30;  // zlib counts in 32 bits
  stream.next_in = const_cast<Bytef*>(packed.data());   // zlib reads only
  stream.avail_in = static_cast<uInt>(std::min(kPiece, packed.size()));
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(std::min(kPiece, out.size()));
  const uInt room = stream.avail_out;
  const int status = room == 0 ? Z_STREAM_END : ::inflate(&stream, Z_NO_FLUSH);
  inflateEnd(&stream);
  if (status != Z_OK && status != Z_BUF_ERROR && status != Z_STREAM_END) return not_the_size();
  return std::size_t{room - stream.avail_out};
}

}  // namespace nngauge::zip
