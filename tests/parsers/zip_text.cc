// SPDX-License-Identifier: Apache-2.0
#include "tests/parsers/zip_text.h"

#include <zlib.h>

#include <cstdint>
#include <stdexcept>

namespace nngauge::test {
namespace {

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

std::string deflated(const std::string& content) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib cannot start");
  std::string out(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::string make_zip(const std::vector<PackedEntry>& entries) {
  std::string out, directory;
  for (const PackedEntry& entry : entries) {
    const std::string stored = entry.deflated ? deflated(entry.content) : entry.content;
    std::string common;
    put(common, 20, 2);
    put(common, 0, 2);
    put(common, entry.deflated ? 8 : 0, 2);
    put(common, 0, 4);  // time and date
    put(common, crc32(0, reinterpret_cast<const Bytef*>(entry.content.data()), static_cast<uInt>(entry.content.size())),
        4);
    put(common, stored.size(), 4);
    put(common, entry.content.size(), 4);
    put(common, entry.name.size(), 2);
    put(directory, 0x02014b50, 4);
    put(directory, 20, 2);
    directory += common;
    directory += std::string(2 + 2 + 2 + 2 + 4, 0);  // extra field, comment, disk, attributes
    put(directory, out.size(), 4);
    directory += entry.name;
    put(out, 0x04034b50, 4);
    out += common;
    put(out, 0, 2);
    out += entry.name + stored;
  }
  const std::size_t start = out.size();
  out += directory;
  put(out, 0x06054b50, 4);
  put(out, 0, 4);
  put(out, entries.size(), 2);
  put(out, entries.size(), 2);
  put(out, directory.size(), 4);
  put(out, start, 4);
  put(out, 0, 2);
  return out;
}

}  // namespace nngauge::test
