// SPDX-License-Identifier: Apache-2.0
// Owns: what an archive (ZIP and all that are ZIP files, tar, a compressed stream) is to nngauge: a sorted list of
// members, each of which can be opened. Members that are stored as they are lie in the archive's own bytes.
// Not here: which members are models (cli/), formats that are archives themselves (their readers use this).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "parsers/containers/limits.h"

namespace nngauge {

using FilePtr = std::shared_ptr<const MappedFile>;

struct ArchiveMember {
  std::string name;              // '/' between folders, as stored otherwise
  std::uint64_t size_bytes = 0;  // unpacked, as the archive states it
  std::uint64_t packed_bytes = 0;
  std::uint16_t method = 0;  // ZIP's number: 0 stored, 8 deflated
  bool encrypted = false;
  std::uint64_t header_offset = 0;           // ZIP: of its local header
  std::optional<std::uint64_t> data_offset;  // tar: of its content
};

class Archive {
 public:
  Archive(std::string kind, FilePtr content, std::vector<ArchiveMember> members, const ContainerLimits& limits);

  [[nodiscard]] const std::string& kind() const { return kind_; }    // "ZIP", "tar", "tar.gz", "gzip"
  [[nodiscard]] const FilePtr& content() const { return content_; }  // that stored members lie in
  // Files only, sorted by name.
  [[nodiscard]] const std::vector<ArchiveMember>& members() const { return members_; }
  [[nodiscard]] const ArchiveMember* find(std::string_view name) const;

  // Where a stored member's content lies in the archive's bytes; nothing for a compressed one. Errors: kDamaged.
  [[nodiscard]] Result<std::optional<std::uint64_t>> offset_of(const ArchiveMember& member) const;
  // A stored member in place, a compressed one unpacked to at most `most_bytes`.
  // Errors: kDamaged, kEncrypted, kTooLarge, kUnsupportedVersion (another compression).
  [[nodiscard]] Result<FilePtr> open(const ArchiveMember& member, std::uint64_t most_bytes) const;
  // The first bytes of a member, at most `count`. Errors: as open().
  [[nodiscard]] Result<std::string> head(const ArchiveMember& member, std::size_t count) const;

 private:
  // The packed content of a ZIP member.
  [[nodiscard]] Result<Bytes> packed(const ArchiveMember& member) const;

  std::string kind_;
  FilePtr content_;
  std::vector<ArchiveMember> members_;
  std::uint64_t ratio_;
};

// The bytes begin as an archive does, or (for ZIP) end as one: task bundles have bytes before the first member.
bool looks_like_archive(Bytes bytes);

// Errors: kNotAModel where the bytes are no archive; kDamaged, kTooLarge, kEncrypted (every member is).
// At most `most_bytes` of a compressed stream are unpacked. `name` names what such a stream holds.
Result<std::shared_ptr<const Archive>> open_archive(const std::string& name, FilePtr file,
                                                    const ContainerLimits& limits, std::uint64_t most_bytes);

// Why a name may not be used as a path inside a container ("absolute path"); empty where it may.
std::string_view unsafe_name(std::string_view name);

// The side files of the member `name`: other members of its folder and of the folders below it.
std::unique_ptr<Companions> member_companions(std::shared_ptr<const Archive> archive, const std::string& name,
                                              std::uint64_t most_bytes);

}  // namespace nngauge
