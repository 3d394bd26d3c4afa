// SPDX-License-Identifier: Apache-2.0
// Owns: finding the models of an input: the file itself, or the members of a container, of containers in it too, under
// limits. Not here: reading models (parsers/format.h), running in parallel (cli/).
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "parsers/containers/archive.h"
#include "parsers/format.h"

namespace nngauge {

// What the user names: a file, or `app.apk!/assets/x.tflite`, a member of one (`!/` again for a container in it).
struct InputPath {
  std::string path;
  std::optional<std::string> member;
};
// A file that exists with `!/` in its name is that file.
InputPath split_input_path(const std::string& operand);

// A file that may be a model, with all that a reader needs.
struct OpenedFile {
  std::string path;                   // of the outermost file
  std::optional<std::string> member;  // inside it
  FilePtr file;
  std::shared_ptr<const Companions> companions;
  std::unique_lock<std::mutex> turn;  // large unpacked members are worked on one at a time

  // For read_model. Points into this object.
  [[nodiscard]] ModelSource source() const;
  [[nodiscard]] std::string display() const { return path + (member ? "!/" + *member : ""); }
};

// A member that is worth a look. open() unpacks it; it may be called on any thread.
struct WalkedMember {
  std::optional<std::string> member;
  std::function<Result<OpenedFile>()> open;
};

// Takes what a walk finds, in the order of the members' names.
class WalkVisitor {
 public:
  virtual ~WalkVisitor() = default;
  // May work on them in parallel. Those whose error is_no_model() are counted as skipped by the visitor.
  virtual void candidates(std::span<const WalkedMember> batch) = 0;
  virtual void failure(const std::optional<std::string>& member, Error error) = 0;
  virtual void skipped(std::size_t members) = 0;
};

// What a walk was over.
struct WalkedInput {
  bool is_container = false;
  std::string title;        // "Android app (APK)", "ZIP archive"
  std::size_t members = 0;  // of the outermost container
};

// Errors: the input cannot be opened, its container not be read, its member not be found. What is wrong inside goes to
// the visitor.
Result<WalkedInput> walk_input(const InputPath& input, const ContainerLimits& limits, WalkVisitor& visitor);

// The same over content in memory; `name` stands for its path.
Result<WalkedInput> walk_content(const std::string& name, FilePtr content, const ContainerLimits& limits,
                                 WalkVisitor& visitor);

// In a folder or a container, a file with an error of this sort is passed over.
bool is_no_model(const Error& error, std::string_view file_name);

}  // namespace nngauge
