// SPDX-License-Identifier: Apache-2.0
// Owns: where the members of a ZIP file lie, for formats that are ZIP files with members stored as they are (DLC,
// TorchScript …): these are read in place. Not here: unpacking compressed members.
// Layout: PKWARE APPNOTE.TXT, 4.3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace nngauge {

struct ZipMember {
  std::string name;
  std::uint16_t method = 0;  // 0: stored
  bool encrypted = false;
  std::uint64_t offset = 0;       // of its content in the file
  std::uint64_t stored_size = 0;  // of its content in the file
  std::uint64_t size_bytes = 0;   // unpacked
};

// The file begins with a ZIP member.
bool starts_with_zip_member(Bytes file);
// The name of that member; "" where there is none. Of use where the directory is cut off.
std::string_view first_zip_member_name(Bytes file);
// All members, in the order of the directory at the end of the file. Errors: kDamaged with the byte.
Result<std::vector<ZipMember>> read_zip_directory(Bytes file);

}  // namespace nngauge
