// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <system_error>

namespace nngauge {
namespace {

namespace fs = std::filesystem;

Error unreadable(std::string what) { return make_error(ErrorCode::kUnreadable, std::move(what)); }

// Closes a file descriptor when it goes.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

class FolderCompanions final : public Companions {
 public:
  explicit FolderCompanions(const std::string& model_path) : folder_(fs::path(model_path).parent_path()) {
    if (folder_.empty()) folder_ = ".";
  }

  Result<std::uint64_t> size_bytes(const std::string& relative_name) const override {
    NNGAUGE_TRY(const std::string path, resolve(relative_name));
    return file_size_bytes(path);
  }

  Result<std::shared_ptr<const MappedFile>> open(const std::string& relative_name) const override {
    NNGAUGE_TRY(const std::string path, resolve(relative_name));
    return MappedFile::open(path);
  }

 private:
  // The path of a side file, after checking that neither its name nor a symlink leads out of the model's folder.
  Result<std::string> resolve(const std::string& name) const {
    const auto unsafe = [&](std::string_view why) {
      return make_error(ErrorCode::kUnsafePath, "side file \"" + name + "\" refused: " + std::string(why));
    };
    if (name.empty()) return unsafe("empty name");
    if (name.find('\0') != std::string::npos) return unsafe("NUL in the name");
    if (name[0] == '/' || name[0] == '\\') return unsafe("absolute path");
    if (name.size() > 1 && name[1] == ':') return unsafe("drive letter");
    for (const fs::path& part : fs::path(name)) {
      if (part == "..") return unsafe("`..` in the path");
    }
    std::error_code status;
    const fs::path root = fs::canonical(folder_, status);
    if (status) return unreadable("side file \"" + name + "\": " + status.message());
    const fs::path target = fs::canonical(folder_ / name, status);
    if (status) return unreadable("side file \"" + name + "\" is missing: " + status.message());
    const fs::path inside = target.lexically_relative(root);
    if (inside.empty() || *inside.begin() == "..") return unsafe("a symlink leads out of the model's folder");
    if (!fs::is_regular_file(target, status)) return unsafe("not a regular file");
    return target.string();
  }

  fs::path folder_;
};

Bytes intersection(Bytes part, Bytes whole) {
  const std::uint8_t* begin = std::max(part.data(), whole.data(), std::less<>());
  const std::uint8_t* end = std::min(part.data() + part.size(), whole.data() + whole.size(), std::less<>());
  return std::less<>()(begin, end) ? Bytes(begin, end) : Bytes();
}

class NoCompanions final : public Companions {
 public:
  Result<std::uint64_t> size_bytes(const std::string& name) const override {
    return unreadable("side file \"" + name + "\": a model in memory has none");
  }
  Result<std::shared_ptr<const MappedFile>> open(const std::string& name) const override {
    return unreadable("side file \"" + name + "\": a model in memory has none");
  }
};

}  // namespace

Buffer::Buffer(Buffer&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(start_, other.start_);
  std::swap(size_, other.size_);
  return *this;
}

Buffer::~Buffer() {
  if (start_ != nullptr) ::munmap(start_, size_);
}

Status Buffer::resize(std::uint64_t size_bytes) {
  if (size_bytes == size_) return ok();
  if (size_bytes == 0) {
    *this = Buffer();
    return ok();
  }
  void* start = start_ == nullptr
                    ? ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                    : ::mremap(start_, size_, size_bytes, MREMAP_MAYMOVE);
  if (start == MAP_FAILED) return make_error(ErrorCode::kTooLarge, "not enough memory to unpack it");
  start_ = static_cast<std::uint8_t*>(start);
  size_ = size_bytes;
  return ok();
}

MappedFile::~MappedFile() {
  if (kind_ != Kind::kFile && kind_ != Kind::kBuffer) return;
  if (!bytes_.empty()) ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return unreadable(std::strerror(errno));
  struct stat info {};
  if (::fstat(file.fd, &info) != 0) return unreadable(std::strerror(errno));
  if (S_ISDIR(info.st_mode)) return unreadable("is a folder, not a file");
  if (!S_ISREG(info.st_mode)) return unreadable("is not a regular file");
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return std::shared_ptr<const MappedFile>(new MappedFile(Kind::kFile, Bytes{}));
  // Writable only for bring_in(), which asks for private copies of pages; nothing ever reaches the file.
  void* start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.fd, 0);
  if (start == MAP_FAILED) start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (start == MAP_FAILED) return unreadable(std::strerror(errno));
  // Else Linux may map 2 MB of the page cache around each byte that is touched.
  ::madvise(start, size, MADV_NOHUGEPAGE);
  return std::shared_ptr<const MappedFile>(
      new MappedFile(Kind::kFile, {static_cast<const std::uint8_t*>(start), size}));
}

std::shared_ptr<const MappedFile> MappedFile::of_buffer(Buffer buffer) {
  const Bytes bytes = buffer.bytes();
  buffer.start_ = nullptr;
  return std::shared_ptr<const MappedFile>(new MappedFile(Kind::kBuffer, bytes));
}

std::shared_ptr<const MappedFile> MappedFile::part_of(std::shared_ptr<const MappedFile> whole, Bytes bytes) {
  return std::shared_ptr<const MappedFile>(new MappedFile(Kind::kPart, bytes, std::move(whole)));
}

std::shared_ptr<const MappedFile> MappedFile::over(Bytes bytes) {
  return std::shared_ptr<const MappedFile>(new MappedFile(Kind::kForeign, bytes));
}

void MappedFile::bring_in(Bytes part) const {
  if (kind_ == Kind::kPart) {
    whole_->bring_in(intersection(part, bytes_));
    return;
  }
  if (kind_ != Kind::kFile) return;
#ifdef MADV_POPULATE_WRITE
  // A private copy of a page leaves its neighbours alone, other than reading it. Pages are copied once.
  const Bytes inside = intersection(part, bytes_);
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t from = reinterpret_cast<std::uintptr_t>(inside.data()) / page * page;
  const std::uintptr_t to = reinterpret_cast<std::uintptr_t>(inside.data() + inside.size());
  if (bytes_.size() >= kLarge && !inside.empty())
    ::madvise(reinterpret_cast<void*>(from), to - from, MADV_POPULATE_WRITE);
#else
  (void)part;
#endif
}

void MappedFile::release(Bytes part) const {
  if (kind_ == Kind::kPart) {
    whole_->release(intersection(part, bytes_));
    return;
  }
  if (kind_ != Kind::kFile) return;
  const Bytes inside = intersection(part, bytes_);
  const std::uint8_t* begin = inside.data();
  const std::uint8_t* end = begin + inside.size();
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t from = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
  const std::uintptr_t to = reinterpret_cast<std::uintptr_t>(end) / page * page;
  // A hint: if the system declines, the pages merely stay.
  if (from < to) ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
}

Result<std::uint64_t> file_size_bytes(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return unreadable(std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return unreadable("is not a regular file");
  return static_cast<std::uint64_t>(info.st_size);
}

Status write_file(const std::string& path, std::string_view content) {
  std::error_code status;
  const fs::file_status there = fs::symlink_status(path, status);
  const bool replaced = !fs::exists(there) || fs::is_regular_file(there);
  const std::string target = replaced ? path + "." + std::to_string(getpid()) + ".partial" : path;
  {
    std::ofstream out(target, std::ios::binary | std::ios::trunc);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.flush();
    if (!out) {
      const std::string reason = std::strerror(errno);
      if (replaced) fs::remove(target, status);
      return unreadable("cannot write: " + reason);
    }
  }
  if (!replaced) return ok();
  fs::rename(target, path, status);
  if (status) return unreadable("cannot write: " + status.message());
  return ok();
}

std::unique_ptr<Companions> folder_companions(const std::string& model_path) {
  return std::make_unique<FolderCompanions>(model_path);
}

const Companions& no_companions() {
  static const NoCompanions none;
  return none;
}

}  // namespace nngauge
