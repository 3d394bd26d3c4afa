// SPDX-License-Identifier: Apache-2.0
#include "tests/support/archives.h"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <memory>

namespace nngauge::test {
namespace {

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

std::string deflated(const std::string& content) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  std::string in = content;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

using Writer = std::unique_ptr<struct archive, decltype(&archive_write_free)>;

void add_filter(struct archive* writer, const std::string& compression) {
  if (compression == "gzip") REQUIRE(archive_write_add_filter_gzip(writer) == ARCHIVE_OK);
  else if (compression == "xz") REQUIRE(archive_write_add_filter_xz(writer) == ARCHIVE_OK);
  else if (compression == "zstd") REQUIRE(archive_write_add_filter_zstd(writer) == ARCHIVE_OK);
  else if (compression == "bzip2") REQUIRE(archive_write_add_filter_bzip2(writer) == ARCHIVE_OK);
  else REQUIRE(compression.empty());
}

std::string written(const std::vector<TarEntry>& entries, const std::string& compression, bool raw) {
  std::size_t room = 1 << 20;
  for (const TarEntry& entry : entries) room += entry.content.size() + 4096;
  std::string out(room, '\0');
  std::size_t used = 0;
  {
    const Writer writer(archive_write_new(), &archive_write_free);
    REQUIRE((raw ? archive_write_set_format_raw(writer.get())
                 : archive_write_set_format_pax_restricted(writer.get())) == ARCHIVE_OK);
    add_filter(writer.get(), compression);
    REQUIRE(archive_write_open_memory(writer.get(), out.data(), out.size(), &used) == ARCHIVE_OK);
    for (const TarEntry& entry : entries) {
      const std::unique_ptr<struct archive_entry, decltype(&archive_entry_free)> header(archive_entry_new(),
                                                                                        &archive_entry_free);
      archive_entry_set_pathname(header.get(), entry.name.c_str());
      archive_entry_set_size(header.get(), static_cast<la_int64_t>(entry.content.size()));
      archive_entry_set_filetype(header.get(), AE_IFREG);
      archive_entry_set_perm(header.get(), 0644);
      REQUIRE(archive_write_header(writer.get(), header.get()) == ARCHIVE_OK);
      archive_write_data(writer.get(), entry.content.data(), entry.content.size());
    }
    REQUIRE(archive_write_close(writer.get()) == ARCHIVE_OK);
  }
  out.resize(used);
  return out;
}

}  // namespace

std::string zip_of(const std::vector<ZipEntry>& entries, const std::string& before, const std::string& comment) {
  std::string out, directory;
  for (const ZipEntry& entry : entries) {
    const std::string data = entry.deflated ? deflated(entry.content) : entry.content;
    const std::uint16_t method = entry.method != 0xffff ? entry.method : (entry.deflated ? 8 : 0);
    const std::uint64_t size = entry.stated_bytes.value_or(static_cast<std::uint32_t>(entry.content.size()));
    const std::uint64_t header = out.size();
    std::string common;  // what both headers share
    put(common, 20, 2);
    put(common, entry.encrypted ? 1 : 0, 2);
    put(common, method, 2);
    put(common, 0, 4);  // time and date
    put(common, crc32(0, reinterpret_cast<const Bytef*>(entry.content.data()), static_cast<uInt>(entry.content.size())),
        4);
    put(common, data.size(), 4);
    put(common, size, 4);
    put(common, entry.name.size(), 2);
    put(out, 0x04034b50, 4);
    out += common;
    put(out, entry.padding, 2);
    out += entry.name + std::string(entry.padding, '\0') + data;
    put(directory, 0x02014b50, 4);
    put(directory, 20, 2);
    directory += common;
    put(directory, 0, 2);  // extra
    put(directory, 0, 2);  // comment
    put(directory, 0, 8);  // disk, attributes
    put(directory, header, 4);
    directory += entry.name;
  }
  const std::uint64_t offset = out.size();
  out += directory;
  put(out, 0x06054b50, 4);
  put(out, 0, 4);
  put(out, entries.size(), 2);
  put(out, entries.size(), 2);
  put(out, directory.size(), 4);
  put(out, offset, 4);
  put(out, comment.size(), 2);
  return before + out + comment;
}

std::string tar_of(const std::vector<TarEntry>& entries, const std::string& compression) {
  return written(entries, compression, false);
}

std::string compressed(const std::string& content, const std::string& compression) {
  return written({{"content", content}}, compression, true);
}

}  // namespace nngauge::test
