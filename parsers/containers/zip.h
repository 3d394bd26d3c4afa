// SPDX-License-Identifier: Apache-2.0
// Owns: reading the directory of a ZIP file in memory, so that stored members can be used in place.
// Layout: PKWARE APPNOTE.TXT, 4.3. Unpacking is libdeflate's where the
// whole is wanted, 1.4 times as fast on weights, and zlib's where the beginning is.
#pragma once

#include <optional>
#include <vector>

#include "parsers/containers/archive.h"

namespace nngauge::zip {

// The file begins with a member or (an empty archive) with the end record.
bool starts_as_zip(Bytes file);
// Where the first member begins behind a few zero bytes, as in task bundles that their tools aligned; 0: nowhere.
std::uint64_t shifted_start(Bytes file);
// The name of the member that the file begins with; "" where there is none.
std::string_view first_member_name(Bytes file);
// An end record of the directory stands where it may.
bool has_directory(Bytes file);
// All files, in the directory's order. Bytes before the first member are allowed for. Errors: kDamaged, kTooLarge.
Result<std::vector<ArchiveMember>> read_directory(Bytes file, std::uint64_t most_members);
// Where a member's content begins, stored or packed; all of it lies in the file. Errors: kDamaged.
Result<std::uint64_t> content_offset(Bytes file, const ArchiveMember& member);
// Unpacks deflated bytes, which must fill `out` exactly. Errors: kDamaged.
Status inflate(Bytes packed, std::span<std::uint8_t> out);
// Unpacks as many of the first bytes as `out` has room for, and says how many there are. Errors: kDamaged.
Result<std::size_t> inflate_head(Bytes packed, std::span<std::uint8_t> out);

}  // namespace nngauge::zip
