// SPDX-License-Identifier: Apache-2.0
#include "parsers/containers/walk.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "parsers/containers/stream.h"
#include "parsers/containers/zip.h"
#include "parsers/extensions.h"
#include "parsers/lookalike.h"

namespace nngauge {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kSmallMember = 1 << 20;   // unpacked without further thought
constexpr std::uint64_t kLargeMember = 16 << 20;  // unpacked one at a time
constexpr std::size_t kHeadBytes = 16 << 10;

// First bytes of what apps are full of and no model begins with.
constexpr std::array kNoModels = {
    "\x7f"
    "ELF"sv,
    "dex\n"sv,
    "\x89PNG"sv,
    "\xff\xd8\xff"sv,
    "GIF8"sv,
    "RIFF"sv,
    "OggS"sv,
    "ID3"sv,
    "fLaC"sv,
    "OTTO"sv,
    "wOFF"sv,
    "wOF2"sv,
    "true\0"sv,
    "ttcf"sv,
    "\0\1\0\0\0"sv,
    "\x03\0\x08\0"sv,
    "\x02\0\x0c\0"sv,
    "\xca\xfe\xba\xbe"sv,
    "\xcf\xfa\xed\xfe"sv,
    "%PDF"sv,
    "SQLite format 3"sv,
    "UnityFS"sv,
    "vdex"sv,
    "oat\n"sv,
    "MZ"sv,
    "bplist00"sv,
    "\0asm"sv,
};

bool begins_like_no_model(std::string_view head) {
  if (head.size() > 12 && head.substr(4, 4) == "ftyp") return true;  // MP4
  return std::any_of(kNoModels.begin(), kNoModels.end(),
                     [&](std::string_view magic) { return head.starts_with(magic); });
}

// Of a member that are looked at before anything else, and paid for by then.
std::uint64_t head_bytes(const ArchiveMember& member) { return std::min<std::uint64_t>(kHeadBytes, member.size_bytes); }

std::string_view file_name(std::string_view path) { return path.substr(path.find_last_of("/!") + 1); }

bool has_model_name(std::string_view name) {
  const ExtensionInfo* row = find_extension(file_name(name));
  return row != nullptr && row->specific;
}

std::string title_of(const Archive& archive) {
  const auto any = [&](auto&& test) {
    return std::any_of(archive.members().begin(), archive.members().end(),
                       [&](const ArchiveMember& m) { return test(m.name); });
  };
  if (archive.kind() != "ZIP") return archive.kind() + " archive";
  if (archive.find("BundleConfig.pb")) return "Android app bundle (AAB)";
  if (archive.find("AndroidManifest.xml")) return "Android app (APK)";
  if (any([](std::string_view name) { return name.ends_with(".apk") && name.find('/') == std::string_view::npos; }))
    return "set of Android apps";
  if (any([](std::string_view name) {
        return name.starts_with("Payload/") && name.find(".app/") != std::string_view::npos;
      }))
    return "iOS app (IPA)";
  return "ZIP archive";
}

bool is_regular_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

class Walk {
 public:
  struct Place {
    std::shared_ptr<const Archive> archive;
    std::string prefix;  // of members' names
    int depth = 1;
    std::uint64_t held = 0;  // unpacked bytes of the containers around
  };

  Walk(std::string path, const ContainerLimits& limits, WalkVisitor& visitor)
      : path_(std::move(path)), limits_(limits), visitor_(visitor) {}

  Result<WalkedInput> run(const std::optional<std::string>& member);
  Result<WalkedInput> run(OpenedFile file, Place place, const std::optional<std::string>& member);

 private:
  // The file that `member` names, opened, and where it lies.
  Result<OpenedFile> find(const std::string& member, Place& place);
  Result<std::shared_ptr<const Archive>> open_container(const OpenedFile& file, Place& place);
  void members(const Place& place);
  void member(const Place& place, const ArchiveMember& member);
  void nested(const Place& place, const ArchiveMember& member);
  bool worth_unpacking(const Place& place, const ArchiveMember& member, Bytes head) const;
  bool ends_as_zip(const Place& place, const ArchiveMember& member) const;
  bool pay(const ArchiveMember& member, std::uint64_t bytes);
  void flush();
  [[nodiscard]] std::uint64_t room(const Place& place) const {
    const std::uint64_t all = limits_.memory_for(input_bytes_);
    return all - std::min(all, place.held);
  }
  [[nodiscard]] static std::uint64_t unpacked(const ArchiveMember& member) {
    return member.method == 0 ? 0 : member.size_bytes;
  }

  Result<OpenedFile> open(const Place& place, const ArchiveMember& member) const;

  std::string path_;
  ContainerLimits limits_;
  WalkVisitor& visitor_;
  std::uint64_t input_bytes_ = 0;
  std::uint64_t unpacked_ = 0;  // so far
  bool exhausted_ = false;
  std::vector<WalkedMember> batch_;
  std::shared_ptr<std::mutex> large_ = std::make_shared<std::mutex>();
};

Result<OpenedFile> Walk::open(const Place& place, const ArchiveMember& member) const {
  OpenedFile out;
  if (unpacked(member) > kLargeMember) out.turn = std::unique_lock(*large_);
  out.path = path_;
  out.member = place.prefix + member.name;
  NNGAUGE_TRY(out.file, place.archive->open(member, room(place)));
  out.companions = member_companions(place.archive, member.name, room(place));
  return out;
}

void Walk::flush() {
  if (!batch_.empty()) visitor_.candidates(batch_);
  batch_.clear();
}

// Takes `bytes` off what the whole input may unpack.
bool Walk::pay(const ArchiveMember& member, std::uint64_t bytes) {
  if (exhausted_) return false;
  if (member.method == 0) return true;
  unpacked_ += std::min(bytes, limits_.unpacked_bytes + 1);
  if (unpacked_ <= limits_.unpacked_bytes) return true;
  exhausted_ = true;
  flush();
  visitor_.failure(
      {}, make_error(ErrorCode::kTooLarge,
                     fmt::format("it unpacks to more than {} in all, the limit (--max-unpacked-bytes); the "
                                 "members from {} on are left out",
                                 bytes_text(static_cast<double>(limits_.unpacked_bytes)), in_quotes(member.name))));
  return false;
}

// Whether a member may be a model, by its name and its first bytes: not a text under a name that models do not have
// (apps hold thousands of scripts), nor much packed content, unless a format claims it.
bool Walk::worth_unpacking(const Place& place, const ArchiveMember& member, Bytes head) const {
  const std::string_view own = file_name(member.name);
  if (has_model_name(own)) return true;
  const bool other_name = find_extension(own) == nullptr && own.find('.') != std::string_view::npos;
  const bool script = other_name && looks_like_text(head);
  const bool large = member.method != 0 && member.size_bytes > kSmallMember;
  if (!script && !large) return true;
  const auto companions = member_companions(place.archive, member.name, room(place));
  ModelSource source{place.prefix + member.name, head, companions.get()};
  return std::any_of(formats().begin(), formats().end(),
                     [&](const Format& format) { return format.sniff(source).confidence != Confidence::kNone; });
}

// A task bundle may have bytes before its first member.
bool Walk::ends_as_zip(const Place& place, const ArchiveMember& member) const {
  if (member.method != 0 || !has_model_name(member.name)) return false;
  const auto file = place.archive->open(member, 0);
  return file && zip::has_directory((*file)->bytes());
}

void Walk::member(const Place& place, const ArchiveMember& member) {
  const std::string name = place.prefix + member.name;
  const auto refuse = [&](const Error& error) {
    if (!has_model_name(member.name)) return visitor_.skipped(1);
    flush();
    visitor_.failure(name, error);
  };
  if (!pay(member, head_bytes(member))) return;
  const auto head = place.archive->head(member, kHeadBytes);
  if (!head) return refuse(head.error());
  const Bytes start = as_bytes(*head);
  if (begins_like_no_model(as_text(start))) return visitor_.skipped(1);
  if (zip::starts_as_zip(start) || !stream::compression(start).empty() || stream::is_tar(start) ||
      ends_as_zip(place, member)) {
    flush();
    return nested(place, member);
  }
  if (!worth_unpacking(place, member, start)) return visitor_.skipped(1);
  if (!pay(member, member.size_bytes - head_bytes(member))) return;
  if (const std::string_view why = unsafe_name(member.name); !why.empty())
    return refuse(make_error(ErrorCode::kUnsafePath, "member name refused: " + std::string(why)));
  batch_.push_back({name, [this, place, &member] { return open(place, member); }});
}

void Walk::nested(const Place& place, const ArchiveMember& member) {
  const std::string name = place.prefix + member.name;
  if (!pay(member, member.size_bytes - head_bytes(member))) return;
  auto file = open(place, member);
  if (!file) return visitor_.failure(name, file.error());
  file->turn = {};  // one thread walks
  if (claimed_format(file->source())) {
    // A model that is an archive itself.
    batch_.push_back({name, [this, place, &member] { return open(place, member); }});
    return;
  }
  Place inner{nullptr, name + "!/", place.depth + 1, place.held + unpacked(member)};
  if (inner.depth > limits_.depth) {
    return visitor_.failure(
        name, make_error(ErrorCode::kTooLarge,
                         fmt::format("containers are nested deeper than {} levels (--max-depth)", limits_.depth)));
  }
  auto archive = open_container(*file, inner);
  if (!archive) {
    // Gzip-compressed pictures and the like: not every broken stream deserves a word, but a broken archive does.
    visitor_.failure(name, archive.error());
    return;
  }
  inner.archive = *archive;
  members(inner);
}

Result<std::shared_ptr<const Archive>> Walk::open_container(const OpenedFile& file, Place& place) {
  const std::uint64_t left = limits_.unpacked_bytes - std::min(limits_.unpacked_bytes, unpacked_);
  NNGAUGE_TRY(auto archive, open_archive(file.display(), file.file, limits_, std::min(left, room(place))));
  if (archive->content() != file.file) {  // a stream that was unpacked
    const std::uint64_t bytes = archive->content()->bytes().size();
    unpacked_ += bytes;
    place.held += bytes;
  }
  return archive;
}

void Walk::members(const Place& place) {
  for (const ArchiveMember& each : place.archive->members()) {
    if (exhausted_) break;
    member(place, each);
    constexpr std::size_t kBatch = 256;
    if (batch_.size() >= kBatch) flush();
  }
  flush();
}

Result<OpenedFile> Walk::find(const std::string& member, Place& place) {
  OpenedFile file;
  file.path = path_;
  NNGAUGE_TRY(file.file, MappedFile::open(path_));
  input_bytes_ = file.file->bytes().size();
  std::string rest = member;
  while (true) {
    auto opened = open_container(file, place);
    if (!opened) {
      if (opened.error().code != ErrorCode::kNotAModel) return opened.error();
      return make_error(ErrorCode::kUnreadable, "it is no container, so it has no member " + in_quotes(rest));
    }
    place.archive = *opened;
    // The longest name first: a member's own name may have `!/` in it.
    const ArchiveMember* found = nullptr;
    std::size_t end = rest.size();
    while (true) {
      found = place.archive->find(std::string_view(rest).substr(0, end));
      if (found != nullptr || end == 0) break;
      const std::size_t next = rest.rfind("!/", end - 1);
      if (next == std::string::npos) break;
      end = next;
    }
    if (found == nullptr) {
      std::vector<std::string> names;
      for (const ArchiveMember& each : place.archive->members()) {
        if (names.size() < 10'000) names.push_back(each.name);
      }
      const std::vector<std::string> near = near_matches(rest, names);
      return make_error(ErrorCode::kUnreadable,
                        "the " + title_of(*place.archive) + " has no member " + in_quotes(rest) +
                            (near.empty() ? "" : " (did you mean " + join(near, " or ") + "?)"));
    }
    NNGAUGE_TRY(file, open(place, *found));
    file.turn = {};
    place.held += unpacked(*found);
    if (end == rest.size()) return file;
    rest = rest.substr(end + 2);
    place.prefix += found->name + "!/";
    if (++place.depth > limits_.depth) {
      return make_error(ErrorCode::kTooLarge,
                        fmt::format("containers are nested deeper than {} levels (--max-depth)", limits_.depth));
    }
  }
}

Result<WalkedInput> Walk::run(const std::optional<std::string>& member) {
  Place place;
  OpenedFile file;
  if (member) {
    NNGAUGE_TRY(file, find(*member, place));
    place.prefix = *member + "!/";
    ++place.depth;
  } else {
    file.path = path_;
    NNGAUGE_TRY(file.file, MappedFile::open(path_));
    file.companions = folder_companions(path_);
  }
  return run(std::move(file), std::move(place), member);
}

Result<WalkedInput> Walk::run(OpenedFile file, Place place, const std::optional<std::string>& member) {
  if (!member) input_bytes_ = file.file->bytes().size();
  WalkedInput out;
  if (!looks_like_archive(file.file->bytes()) || claimed_format(file.source())) {
    auto shared = std::make_shared<OpenedFile>(std::move(file));
    const WalkedMember only{member, [shared]() -> Result<OpenedFile> { return std::move(*shared); }};
    visitor_.candidates({&only, 1});
    return out;
  }
  if (place.depth > limits_.depth) {
    return make_error(ErrorCode::kTooLarge,
                      fmt::format("containers are nested deeper than {} levels (--max-depth)", limits_.depth));
  }
  NNGAUGE_TRY(place.archive, open_container(file, place));
  out.is_container = true;
  out.title = title_of(*place.archive);
  out.members = place.archive->members().size();
  members(place);
  return out;
}

}  // namespace

ModelSource OpenedFile::source() const {
  return {display(), file->bytes(), companions ? companions.get() : &no_companions(), file.get()};
}

InputPath split_input_path(const std::string& operand) {
  if (is_regular_file(operand)) return {operand, {}};
  for (std::size_t at = operand.find("!/"); at != std::string::npos; at = operand.find("!/", at + 1)) {
    const std::string path = operand.substr(0, at);
    if (is_regular_file(path) && at + 2 < operand.size()) return {path, operand.substr(at + 2)};
  }
  return {operand, {}};
}

Result<WalkedInput> walk_input(const InputPath& input, const ContainerLimits& limits, WalkVisitor& visitor) {
  return Walk(input.path, limits, visitor).run(input.member);
}

Result<WalkedInput> walk_content(const std::string& name, FilePtr content, const ContainerLimits& limits,
                                 WalkVisitor& visitor) {
  OpenedFile file;
  file.path = name;
  file.file = std::move(content);
  return Walk(name, limits, visitor).run(std::move(file), {}, {});
}

bool is_no_model(const Error& error, std::string_view file_name) {
  switch (error.code) {
    case ErrorCode::kNotAModel:
    case ErrorCode::kSideFile:
    case ErrorCode::kWeightsOnly:
      return true;
    case ErrorCode::kGitLfsPointer:
    case ErrorCode::kWebPage:
    case ErrorCode::kEncrypted:
      return !has_model_name(file_name);
    default:
      return false;
  }
}

}  // namespace nngauge
