// SPDX-License-Identifier: Apache-2.0
#include "parsers/containers/stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/text.h"

namespace nngauge::stream {
namespace {

using namespace std::string_view_literals;
using Reader = std::unique_ptr<struct archive, decltype(&archive_read_free)>;

struct Compression {
  std::string_view magic, name;
  int (*support)(struct archive*);
};

constexpr std::array kCompressions = {
    Compression{"\x1f\x8b\x08"sv, "gzip", archive_read_support_filter_gzip},
    Compression{"\xfd"
                "7zXZ\0"sv,
                "xz", archive_read_support_filter_xz},
    Compression{"\x28\xb5\x2f\xfd"sv, "zstd", archive_read_support_filter_zstd},
    Compression{"BZh"sv, "bzip2", archive_read_support_filter_bzip2},
    Compression{"\x04\x22\x4d\x18"sv, "lz4", archive_read_support_filter_lz4},
};

const Compression* find_compression(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  for (const Compression& row : kCompressions) {
    if (text.starts_with(row.magic)) return &row;
  }
  return nullptr;
}

std::string reason(struct archive* reader) {
  const char* text = archive_error_string(reader);
  return text == nullptr ? "no reason is given" : printable(text);
}

Error too_large(std::uint64_t most_bytes) {
  return make_error(ErrorCode::kTooLarge,
                    fmt::format("it unpacks to more than {}, the limit (--max-unpacked-bytes, --max-memory-bytes)",
                                bytes_text(static_cast<double>(most_bytes))));
}

Error bad_ratio(const ContainerLimits& limits) {
  return make_error(ErrorCode::kTooLarge,
                    fmt::format("it unpacks to more than {} times its size, the limit (--max-ratio)", limits.ratio));
}

constexpr std::size_t kTarBlock = 512;

}  // namespace

std::string_view compression(Bytes bytes) {
  const Compression* row = find_compression(bytes);
  return row == nullptr ? "" : row->name;
}

Result<Buffer> unpack(Bytes bytes, const ContainerLimits& limits, std::uint64_t most_bytes) {
  const Compression* row = find_compression(bytes);
  const Reader reader(archive_read_new(), &archive_read_free);
  if (row == nullptr || !reader) return make_error(ErrorCode::kInternal, "no reader of this compression");
  // A warning means that libarchive would start a program of the system: not for files of strangers.
  if (row->support(reader.get()) != ARCHIVE_OK) {
    return make_error(ErrorCode::kUnsupportedVersion, std::string(row->name) + " is not supported by this libarchive");
  }
  struct archive_entry* entry = nullptr;
  if (archive_read_support_format_raw(reader.get()) != ARCHIVE_OK ||
      archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
    return make_error(ErrorCode::kDamaged, fmt::format("the {} stream is broken: {}", row->name, reason(reader.get())));
  }
  Buffer out;
  std::uint64_t used = 0;
  while (true) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(reader.get(), &block, &size, &offset);
    if (status == ARCHIVE_EOF) break;
    if (status != ARCHIVE_OK) {
      return make_error(ErrorCode::kDamaged, fmt::format("the {} stream is broken after {}: {}", row->name,
                                                         bytes_text(static_cast<double>(used)), reason(reader.get())));
    }
    if (size > most_bytes || used > most_bytes - size) return too_large(most_bytes);
    const std::uint64_t needed = used + size;
    if (needed > ContainerLimits::kRatioFrom && needed / limits.ratio > bytes.size()) return bad_ratio(limits);
    if (needed > out.bytes().size()) {
      constexpr std::uint64_t kLeast = 64 << 10;
      NNGAUGE_CHECK(out.resize(std::max({kLeast, needed, std::min(most_bytes, 2 * used)})));
    }
    std::memcpy(out.bytes().data() + used, block, size);
    used = needed;
  }
  NNGAUGE_CHECK(out.resize(used));
  return out;
}

bool is_tar(Bytes bytes) {
  if (bytes.size() < kTarBlock) return false;
  // Bytes 148 to 155 hold the sum of the block's bytes, themselves taken as blanks, as octal text.
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < kTarBlock; ++i) sum += i >= 148 && i < 156 ? std::uint32_t{' '} : bytes[i];
  std::uint32_t stated = 0;
  bool digits = false;
  for (std::size_t i = 148; i < 156; ++i) {
    const std::uint8_t byte = bytes[i];
    if (byte >= '0' && byte <= '7') {
      stated = stated * 8 + (byte - std::uint32_t{'0'});
      digits = true;
    } else if (digits || byte != ' ') {
      break;
    }
  }
  return digits && stated == sum && bytes[0] != 0;
}

Result<std::vector<ArchiveMember>> read_tar(Bytes bytes, std::uint64_t most_members) {
  const Reader reader(archive_read_new(), &archive_read_free);
  if (!reader || archive_read_support_format_tar(reader.get()) != ARCHIVE_OK ||
      archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    return make_error(ErrorCode::kInternal, "libarchive cannot open a tar archive in memory");
  }
  std::vector<ArchiveMember> out;
  while (true) {
    struct archive_entry* entry = nullptr;
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) return out;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
      return make_error(ErrorCode::kDamaged, "the tar archive is broken: " + reason(reader.get()));
    const char* name = archive_entry_pathname(entry);
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr || name == nullptr)
      continue;
    if (out.size() >= most_members) {
      return make_error(
          ErrorCode::kTooLarge,
          fmt::format("the archive has more than {} members, the limit (--max-members)", with_thousands(most_members)));
    }
    ArchiveMember member;
    member.name = name;
    if (archive_entry_size(entry) < 0) continue;
    member.size_bytes = static_cast<std::uint64_t>(archive_entry_size(entry));
    member.packed_bytes = member.size_bytes;
    member.data_offset = 0;
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    // libarchive hands out the memory that it was given, so that the block says where the content lies.
    if (member.size_bytes > 0) {
      if (archive_read_data_block(reader.get(), &block, &size, &offset) != ARCHIVE_OK)
        return make_error(ErrorCode::kDamaged, "the tar archive is broken: " + reason(reader.get()));
      const auto* start = static_cast<const std::uint8_t*>(block);
      if (offset != 0 || start < bytes.data() || start >= bytes.data() + bytes.size()) continue;  // a sparse file
      member.data_offset = static_cast<std::uint64_t>(start - bytes.data());
      if (member.size_bytes > bytes.size() - *member.data_offset) {
        return make_error(ErrorCode::kDamaged, fmt::format("tar member {} of {} bytes runs past the end of the archive",
                                                           in_quotes(member.name), with_thousands(member.size_bytes)));
      }
    }
    out.push_back(std::move(member));
  }
}

}  // namespace nngauge::stream
