// SPDX-License-Identifier: Apache-2.0
// Owns: access to files: mapping, sizes, whole-file writing. The only place of nngauge that opens files
// (SQLite and libarchive apart); readers of formats take bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nngauge {

using Bytes = std::span<const std::uint8_t>;

inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A regular file mapped read-only; unmapped when the last owner goes. Untouched pages cost no memory.
class MappedFile {
 public:
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  // Errors: kUnreadable (missing, a folder, no permission). An empty file gives empty bytes.
  static Result<std::shared_ptr<const MappedFile>> open(const std::string& path);
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  // Tells the system that `part` of the content is not needed for now: its pages leave this process's memory and come
  // back when they are read again. The system maps more than what is touched, so who
  // walks through a large file gives back what lies behind.
  void release(Bytes part) const;
  // Brings in the pages of `part` and no others, for who needs a few bytes here and there of a large file: reading a
  // byte that is not there yet brings its neighbours too (64 kB on Linux). A hint; the content is the same without.
  // In files below kLarge the neighbours cost less than the asking: nothing happens.
  static constexpr std::size_t kLarge = std::size_t{32} << 20;
  void bring_in(Bytes part) const;

 private:
  explicit MappedFile(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

// Size in bytes of a regular file. Errors: kUnreadable.
Result<std::uint64_t> file_size_bytes(const std::string& path);

// Writes atomically: a temporary file beside `path`, then a rename. Errors: kUnreadable.
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
