// SPDX-License-Identifier: Apache-2.0
// Owns: the members of a ZIP file in memory by name: where each lies, and its bytes. For formats that are ZIP files
// themselves (TorchScript, Keras): stored members are located in place, compressed ones inflated up to a limit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace nngauge {

struct ZipRecord {
  std::string name;
  std::uint16_t method = 0;  // 0 stored, 8 deflated
  std::uint64_t stored_bytes = 0;
  std::uint64_t size_bytes = 0;
  std::uint64_t header_offset = 0;  // of the local header
};

class ZipReader {
 public:
  // Errors: kNotAModel (no ZIP), kDamaged, kTooLarge.
  static Result<ZipReader> open(Bytes bytes);
  [[nodiscard]] const std::vector<ZipRecord>& members() const { return members_; }
  [[nodiscard]] const ZipRecord* find(std::string_view name) const;
  // Where the data of a member begins. Errors: kDamaged.
  Result<std::uint64_t> data_offset(const ZipRecord& member) const;
  // The member's bytes, at most `limit` of them. Errors: kDamaged, kTooLarge, kEncrypted, kUnsupportedVersion.
  Result<std::string> content(const ZipRecord& member, std::uint64_t limit) const;

 private:
  explicit ZipReader(Bytes bytes) : bytes_(bytes) {}
  Status read_members();
  Bytes bytes_;
  std::vector<ZipRecord> members_;
};

}  // namespace nngauge
