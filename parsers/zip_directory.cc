// SPDX-License-Identifier: Apache-2.0
#include "parsers/zip_directory.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/text.h"

namespace nngauge {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                        kEnd64Locator = 0x07064b50;
constexpr std::size_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22, kEnd64Bytes = 56, kLocatorBytes = 20;
constexpr std::size_t kLongestComment = 0xFFFF;
constexpr std::uint32_t kSee64 = 0xFFFFFFFF;  // the value stands in the ZIP64 field

template <class T>
T read(Bytes file, std::uint64_t at) {
  T out;
  std::memcpy(&out, file.data() + at, sizeof out);
  return out;
}

bool inside(Bytes file, std::uint64_t at, std::uint64_t length) {
  return at <= file.size() && length <= file.size() - at;
}

Error damaged(std::string message) { return make_error(ErrorCode::kDamaged, std::move(message)); }

struct Directory {
  std::uint64_t offset, size, entries;
};

Result<Directory> find_directory(Bytes file) {
  if (file.size() < kEndBytes) return damaged("the ZIP archive is cut off: it has no directory");
  const std::size_t lowest = file.size() - std::min(file.size(), kEndBytes + kLongestComment);
  for (std::size_t at = file.size() - kEndBytes + 1; at-- > lowest;) {
    if (read<std::uint32_t>(file, at) != kEnd) continue;
    Directory out{read<std::uint32_t>(file, at + 16), read<std::uint32_t>(file, at + 12),
                  read<std::uint16_t>(file, at + 10)};
    if (at < kLocatorBytes || read<std::uint32_t>(file, at - kLocatorBytes) != kEnd64Locator) return out;
    const auto end64 = read<std::uint64_t>(file, at - kLocatorBytes + 8);
    if (!inside(file, end64, kEnd64Bytes) || read<std::uint32_t>(file, end64) != kEnd64)
      return damaged("the ZIP64 directory is not where the archive says");
    return Directory{read<std::uint64_t>(file, end64 + 48), read<std::uint64_t>(file, end64 + 40),
                     read<std::uint64_t>(file, end64 + 32)};
  }
  return damaged("the ZIP archive is cut off: it has no directory");
}

// Takes the 64-bit values that stand in the extra field for those that do not fit, in their order.
void read_zip64(Bytes extra, std::uint64_t& size, std::uint64_t& stored, std::uint64_t& header) {
  while (extra.size() >= 4) {
    const auto tag = read<std::uint16_t>(extra, 0);
    const std::size_t length = std::min<std::size_t>(read<std::uint16_t>(extra, 2), extra.size() - 4);
    Bytes content = extra.subspan(4, length);
    if (tag == 1) {
      for (std::uint64_t* value : {&size, &stored, &header}) {
        if (*value != kSee64 || content.size() < 8) continue;
        *value = read<std::uint64_t>(content, 0);
        content = content.subspan(8);
      }
    }
    extra = extra.subspan(4 + length);
  }
}

// Where the content lies: the local header repeats the name and has an extra field of its own.
Status locate(Bytes file, std::uint64_t header, ZipMember& member) {
  const std::string place = "ZIP member " + quoted(member.name);
  if (!inside(file, header, kLocalBytes) || read<std::uint32_t>(file, header) != kLocalHeader)
    return damaged(place + " does not lie where the directory says");
  member.offset =
      header + kLocalBytes + read<std::uint16_t>(file, header + 26) + read<std::uint16_t>(file, header + 28);
  if (!inside(file, member.offset, member.stored_size)) {
    return damaged(place + " of " + std::to_string(member.stored_size) + " bytes runs past the end of the file at " +
                   std::to_string(file.size()) + " bytes");
  }
  return ok();
}

}  // namespace

bool starts_with_zip_member(Bytes file) {
  return file.size() >= kLocalBytes && read<std::uint32_t>(file, 0) == kLocalHeader;
}

std::string_view first_zip_member_name(Bytes file) {
  if (!starts_with_zip_member(file)) return "";
  const auto length = read<std::uint16_t>(file, 26);
  return inside(file, kLocalBytes, length) ? as_text(file.subspan(kLocalBytes, length)) : "";
}

Result<std::vector<ZipMember>> read_zip_directory(Bytes file) {
  NNGAUGE_TRY(const Directory directory, find_directory(file));
  if (!inside(file, directory.offset, directory.size) || directory.entries > directory.size / kCentralBytes)
    return damaged("the directory of the ZIP archive runs past the end of the file");
  std::vector<ZipMember> out;
  std::uint64_t at = directory.offset;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (!inside(file, at, kCentralBytes) || read<std::uint32_t>(file, at) != kCentralHeader)
      return damaged("entry #" + std::to_string(i) + " of the ZIP directory is broken");
    const auto name = read<std::uint16_t>(file, at + 28);
    const auto extra = read<std::uint16_t>(file, at + 30);
    const std::uint64_t next = at + kCentralBytes + name + std::uint64_t{extra} + read<std::uint16_t>(file, at + 32);
    if (next > file.size()) return damaged("entry #" + std::to_string(i) + " of the ZIP directory is broken");
    ZipMember member;
    member.name = as_text(file.subspan(at + kCentralBytes, name));
    member.encrypted = (read<std::uint16_t>(file, at + 8) & 1U) != 0;
    member.method = read<std::uint16_t>(file, at + 10);
    member.stored_size = read<std::uint32_t>(file, at + 20);
    member.size_bytes = read<std::uint32_t>(file, at + 24);
    std::uint64_t header = read<std::uint32_t>(file, at + 42);
    read_zip64(file.subspan(at + kCentralBytes + name, extra), member.size_bytes, member.stored_size, header);
    NNGAUGE_CHECK(locate(file, header, member));
    out.push_back(std::move(member));
    at = next;
  }
  return out;
}

}  // namespace nngauge
