// SPDX-License-Identifier: Apache-2.0
// Owns: writing archives for tests: ZIP files with every oddity that a test wants, tar and compressed streams.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nngauge::test {

struct ZipEntry {
  std::string name;
  std::string content;
  bool deflated = false;
  bool encrypted = false;                          // the flag only
  std::optional<std::uint32_t> stated_bytes = {};  // unpacked size that the directory claims
  std::uint16_t method = 0xffff;                   // instead of 0 or 8
  std::size_t padding = 0;                         // bytes of the local extra field, as zipalign writes
};

// `before`: bytes before the first member, which offsets do not count (as self-extracting archives have them).
std::string zip_of(const std::vector<ZipEntry>& entries, const std::string& before = "",
                   const std::string& comment = "");

struct TarEntry {
  std::string name;
  std::string content;
};
// A pax tar, compressed by "gzip", "xz", "zstd", "bzip2" or "" (not at all).
std::string tar_of(const std::vector<TarEntry>& entries, const std::string& compression);
// One compressed stream.
std::string compressed(const std::string& content, const std::string& compression);

}  // namespace nngauge::test
