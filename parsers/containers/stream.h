// SPDX-License-Identifier: Apache-2.0
// Owns: compressed streams (gzip, xz, zstd, bzip2, lz4) and tar archives. libarchive does both.
#pragma once

#include <string_view>
#include <vector>

#include "parsers/containers/archive.h"

namespace nngauge::stream {

// The compression that the bytes begin with ("gzip"), or "".
std::string_view compression(Bytes bytes);
// Unpacks a whole stream. Errors: kDamaged, kTooLarge, kUnsupportedVersion (a compression that libarchive lacks).
Result<Buffer> unpack(Bytes bytes, const ContainerLimits& limits, std::uint64_t most_bytes);

// The first block is a tar header: its checksum fits.
bool is_tar(Bytes bytes);
// The files of a tar archive with where they lie in it. Errors: kDamaged, kTooLarge.
Result<std::vector<ArchiveMember>> read_tar(Bytes bytes, std::uint64_t most_members);

}  // namespace nngauge::stream
