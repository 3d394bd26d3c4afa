// SPDX-License-Identifier: Apache-2.0
#include "parsers/containers/archive.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "parsers/containers/stream.h"
#include "parsers/containers/zip.h"

namespace nngauge {
namespace {

constexpr std::uint16_t kStored = 0, kDeflated = 8;

std::string file_name(const std::string& path) { return path.substr(path.find_last_of("/\\!") + 1); }

// The name of what a compressed stream holds: "model.pb.gz" -> "model.pb".
std::string unpacked_name(const std::string& path) {
  const std::string name = file_name(path);
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos || dot == 0 ? "content" : name.substr(0, dot);
}

class MemberCompanions final : public Companions {
 public:
  MemberCompanions(std::shared_ptr<const Archive> archive, const std::string& name, std::uint64_t most_bytes)
      : archive_(std::move(archive)), folder_(name.substr(0, name.rfind('/') + 1)), most_bytes_(most_bytes) {}

  Result<std::uint64_t> size_bytes(const std::string& relative_name) const override {
    NNGAUGE_TRY(const ArchiveMember* member, resolve(relative_name));
    return member->size_bytes;
  }
  Result<std::shared_ptr<const MappedFile>> open(const std::string& relative_name) const override {
    NNGAUGE_TRY(const ArchiveMember* member, resolve(relative_name));
    return archive_->open(*member, most_bytes_);
  }

 private:
  Result<const ArchiveMember*> resolve(std::string name) const {
    if (const std::string_view why = unsafe_name(name); !why.empty()) {
      return make_error(ErrorCode::kUnsafePath, "side file \"" + name + "\" refused: " + std::string(why));
    }
    while (name.starts_with("./")) name.erase(0, 2);
    if (const ArchiveMember* member = archive_->find(folder_ + name)) return member;
    return make_error(ErrorCode::kUnreadable, "side file \"" + name + "\" is no member of the archive");
  }

  std::shared_ptr<const Archive> archive_;
  std::string folder_;
  std::uint64_t most_bytes_;
};

}  // namespace

Archive::Archive(std::string kind, FilePtr content, std::vector<ArchiveMember> members, const ContainerLimits& limits)
    : kind_(std::move(kind)), content_(std::move(content)), members_(std::move(members)), ratio_(limits.ratio) {
  for (ArchiveMember& member : members_) {
    std::replace(member.name.begin(), member.name.end(), '\\', '/');
    while (member.name.starts_with("./")) member.name.erase(0, 2);
  }
  std::stable_sort(members_.begin(), members_.end(),
                   [](const ArchiveMember& a, const ArchiveMember& b) { return a.name < b.name; });
}

const ArchiveMember* Archive::find(std::string_view name) const {
  const auto found =
      std::lower_bound(members_.begin(), members_.end(), name,
                       [](const ArchiveMember& member, std::string_view key) { return member.name < key; });
  return found != members_.end() && found->name == name ? &*found : nullptr;
}

Result<std::optional<std::uint64_t>> Archive::offset_of(const ArchiveMember& member) const {
  if (member.data_offset) return member.data_offset;
  if (member.method != kStored) return std::optional<std::uint64_t>();
  NNGAUGE_TRY(const std::uint64_t offset, zip::content_offset(content_->bytes(), member));
  return std::optional<std::uint64_t>(offset);
}

Result<Bytes> Archive::packed(const ArchiveMember& member) const {
  if (member.data_offset) return content_->bytes().subspan(*member.data_offset, member.packed_bytes);
  if (member.encrypted) return make_error(ErrorCode::kEncrypted, "the member is encrypted in its ZIP archive");
  if (member.method != kStored && member.method != kDeflated) {
    return make_error(ErrorCode::kUnsupportedVersion,
                      fmt::format("the member is compressed by ZIP method {}, which is not read", member.method));
  }
  NNGAUGE_TRY(const std::uint64_t offset, zip::content_offset(content_->bytes(), member));
  if (member.method == kStored && member.size_bytes != member.packed_bytes) {
    return make_error(ErrorCode::kDamaged, fmt::format("the stored member states two sizes, {} and {} bytes",
                                                       member.size_bytes, member.packed_bytes));
  }
  return content_->bytes().subspan(offset, member.packed_bytes);
}

Result<FilePtr> Archive::open(const ArchiveMember& member, std::uint64_t most_bytes) const {
  NNGAUGE_TRY(const Bytes stored, packed(member));
  if (member.method == kStored) return MappedFile::part_of(content_, stored);
  if (member.size_bytes > most_bytes) {
    return make_error(
        ErrorCode::kTooLarge,
        fmt::format("it unpacks to {}, the limit is {} (--max-unpacked-bytes, --max-memory-bytes)",
                    bytes_text(static_cast<double>(member.size_bytes)), bytes_text(static_cast<double>(most_bytes))));
  }
  if (member.size_bytes > ContainerLimits::kRatioFrom && member.size_bytes / ratio_ > member.packed_bytes) {
    return make_error(ErrorCode::kTooLarge,
                      fmt::format("it unpacks to {} times its size, the limit is {} (--max-ratio)",
                                  with_thousands(member.size_bytes / std::max<std::uint64_t>(member.packed_bytes, 1)),
                                  with_thousands(ratio_)));
  }
  Buffer buffer;
  NNGAUGE_CHECK(buffer.resize(member.size_bytes));
  NNGAUGE_CHECK(zip::inflate(stored, buffer.bytes()));
  return MappedFile::of_buffer(std::move(buffer));
}

Result<std::string> Archive::head(const ArchiveMember& member, std::size_t count) const {
  NNGAUGE_TRY(const Bytes stored, packed(member));
  if (member.method == kStored) return std::string(as_text(stored.first(std::min(count, stored.size()))));
  std::string out(std::min<std::uint64_t>(count, member.size_bytes), '\0');
  const std::span<std::uint8_t> room(reinterpret_cast<std::uint8_t*>(out.data()), out.size());
  if (out.size() == member.size_bytes) {  // all of it: the faster way
    NNGAUGE_CHECK(zip::inflate(stored, room));
    return out;
  }
  NNGAUGE_TRY(const std::size_t written, zip::inflate_head(stored, room));
  out.resize(written);
  return out;
}

bool looks_like_archive(Bytes bytes) {
  return zip::starts_as_zip(bytes) || !stream::compression(bytes).empty() || stream::is_tar(bytes) ||
         zip::has_directory(bytes);
}

Result<std::shared_ptr<const Archive>> open_archive(const std::string& name, FilePtr file,
                                                    const ContainerLimits& limits, std::uint64_t most_bytes) {
  const auto make = [&limits](std::string kind, FilePtr content, std::vector<ArchiveMember> members) {
    return std::shared_ptr<const Archive>(
        std::make_shared<const Archive>(std::move(kind), std::move(content), std::move(members), limits));
  };
  if (const std::string kind(stream::compression(file->bytes())); !kind.empty()) {
    NNGAUGE_TRY(Buffer buffer, stream::unpack(file->bytes(), limits, most_bytes));
    FilePtr content = MappedFile::of_buffer(std::move(buffer));
    if (stream::is_tar(content->bytes())) {
      NNGAUGE_TRY(auto members, stream::read_tar(content->bytes(), limits.members));
      return make("tar." + kind, std::move(content), std::move(members));
    }
    ArchiveMember member;
    member.name = unpacked_name(name);
    member.size_bytes = content->bytes().size();
    member.packed_bytes = member.size_bytes;
    member.data_offset = 0;
    return make(kind, std::move(content), {std::move(member)});
  }
  if (stream::is_tar(file->bytes())) {
    NNGAUGE_TRY(auto members, stream::read_tar(file->bytes(), limits.members));
    return make("tar", std::move(file), std::move(members));
  }
  if (!zip::starts_as_zip(file->bytes()) && !zip::has_directory(file->bytes()))
    return make_error(ErrorCode::kNotAModel, "not an archive");
  NNGAUGE_TRY(auto members, zip::read_directory(file->bytes(), limits.members));
  if (!members.empty() && std::all_of(members.begin(), members.end(), [](const auto& m) { return m.encrypted; }))
    return make_error(ErrorCode::kEncrypted, "every member of the ZIP archive is encrypted");
  return make("ZIP", std::move(file), std::move(members));
}

std::string_view unsafe_name(std::string_view name) {
  if (name.empty()) return "empty name";
  if (name.find('\0') != std::string_view::npos) return "NUL in the name";
  if (name[0] == '/' || name[0] == '\\') return "absolute path";
  if (name.size() > 1 && name[1] == ':') return "drive letter";
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find_first_of("/\\", at), name.size());
    if (name.substr(at, end - at) == "..") return "`..` in the path";
    at = end + 1;
  }
  return "";
}

std::unique_ptr<Companions> member_companions(std::shared_ptr<const Archive> archive, const std::string& name,
                                              std::uint64_t most_bytes) {
  return std::make_unique<MemberCompanions>(std::move(archive), name, most_bytes);
}

}  // namespace nngauge
