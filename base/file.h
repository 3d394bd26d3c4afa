// SPDX-License-Identifier: Apache-2.0
// Owns: access to files: mapping, sizes, whole-file writing. The only place of nngauge that opens files
// (SQLite and libarchive apart); readers of formats take bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace nngauge {

using Bytes = std::span<const std::uint8_t>;

// The little-endian number that begins at byte `at`; the caller has seen that all of it is there.
template <class T>
T number_at(Bytes bytes, std::uint64_t at) {
  T out;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return out;
}

inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Memory that is filled bit by bit (an unpacked member of an archive) and then only read. Pages that were not written
// cost nothing.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  // Makes room for `size_bytes`, keeping the content; new bytes are 0. Errors: kTooLarge.
  Status resize(std::uint64_t size_bytes);
  [[nodiscard]] std::span<std::uint8_t> bytes() { return {start_, size_}; }

 private:
  friend class MappedFile;
  std::uint8_t* start_ = nullptr;
  std::size_t size_ = 0;
};

// The content of a file, read-only: a regular file mapped into memory and unmapped when the last owner goes, or a part
// of one, or what was unpacked. Untouched pages of a mapped file cost no memory.
class MappedFile {
 public:
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  // Errors: kUnreadable (missing, a folder, no permission). An empty file gives empty bytes.
  static Result<std::shared_ptr<const MappedFile>> open(const std::string& path);
  // What is in `buffer`.
  static std::shared_ptr<const MappedFile> of_buffer(Buffer buffer);
  // The part `bytes` of the content of `whole`, which stays open as long. Precondition: they lie in it.
  static std::shared_ptr<const MappedFile> part_of(std::shared_ptr<const MappedFile> whole, Bytes bytes);
  // Bytes that the caller keeps alive.
  static std::shared_ptr<const MappedFile> over(Bytes bytes);
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  // Tells the system that `part` of the content is not needed for now: its pages leave this process's memory and come
  // back when they are read again. The system maps more than what is touched, so who
  // walks through a large file gives back what lies behind. Content that was unpacked stays.
  void release(Bytes part) const;
  // Brings in the pages of `part` and no others, for who needs a few bytes here and there of a large file: reading a
  // byte that is not there yet brings its neighbours too (64 kB on Linux). A hint; the content is the same without.
  // In files below kLarge the neighbours cost less than the asking: nothing happens.
  static constexpr std::size_t kLarge = std::size_t{32} << 20;
  void bring_in(Bytes part) const;

 private:
  enum class Kind : std::uint8_t { kFile, kBuffer, kPart, kForeign };
  MappedFile(Kind kind, Bytes bytes, std::shared_ptr<const MappedFile> whole = nullptr)
      : kind_(kind), bytes_(bytes), whole_(std::move(whole)) {}
  Kind kind_;
  Bytes bytes_;
  std::shared_ptr<const MappedFile> whole_;  // of a part
};

// Size in bytes of a regular file. Errors: kUnreadable.
Result<std::uint64_t> file_size_bytes(const std::string& path);

// A file is replaced as a whole by one made beside it; links, pipes, devices are written to. Errors: kUnreadable.
Status write_file(const std::string& path, std::string_view content);

// Finds the side files of a model (external weights, .bin beside .param) by a name that the model gives.
// Implementations refuse names that leave the model's own folder (absolute, drive letters, `..`, symlinks out of it).
class Companions {
 public:
  virtual ~Companions() = default;
  // Errors: kUnsafePath, kUnreadable.
  virtual Result<std::uint64_t> size_bytes(const std::string& relative_name) const = 0;
  virtual Result<std::shared_ptr<const MappedFile>> open(const std::string& relative_name) const = 0;
};

// The companions of the file at `model_path`: the regular files of its folder and the folders below it.
std::unique_ptr<Companions> folder_companions(const std::string& model_path);
// None at all: for models in memory.
const Companions& no_companions();

}  // namespace nngauge
