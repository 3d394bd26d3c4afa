// SPDX-License-Identifier: Apache-2.0
#include "cli/inputs.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "parsers/containers/walk.h"

namespace nngauge {
namespace {

namespace fs = std::filesystem;

// Parts of a TensorFlow SavedModel: its reader looks for what it needs of them.
bool belongs_to_saved_model(const fs::path& file) {
  const auto holds_model = [](const fs::path& folder) {
    std::error_code status;
    return fs::is_regular_file(folder / "saved_model.pb", status) ||
           fs::is_regular_file(folder / "saved_model.pbtxt", status);
  };
  const std::string name = file.filename().string();
  if (name == "fingerprint.pb" || name == "keras_metadata.pb") return holds_model(file.parent_path());
  const std::string folder = file.parent_path().filename().string();
  return (folder == "variables" || folder == "assets" || folder == "assets.extra") &&
         holds_model(file.parent_path().parent_path());
}

void list_folder(const std::string& folder, std::vector<InputFile>& out) {
  std::error_code status;
  std::vector<std::string> files;
  const auto is_closed = [](const fs::path& path) { return ::access(path.c_str(), R_OK | X_OK) != 0; };
  if (is_closed(folder)) {
    out.push_back({folder, {}, {}, make_error(ErrorCode::kUnreadable, "the folder may not be read")});
    return;
  }
  std::set<std::string> closed;  // folders below that may not be read: left out, but not without a word
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, status);
  for (; !status && entry != fs::recursive_directory_iterator(); entry.increment(status)) {
    std::error_code file_status;
    if (entry->is_directory(file_status) && !entry->is_symlink(file_status) && is_closed(entry->path())) {
      entry.disable_recursion_pending();
      closed.insert(files.emplace_back(entry->path().string()));
      continue;
    }
    if (entry->is_regular_file(file_status) && !belongs_to_saved_model(entry->path()))
      files.push_back(entry->path().string());
  }
  if (status) {
    out.push_back({folder, {}, {}, make_error(ErrorCode::kUnreadable, status.message())});
    return;
  }
  if (files.empty()) {
    out.push_back({folder, {}, {}, make_error(ErrorCode::kNotAModel, "the folder holds no file")});
    return;
  }
  std::sort(files.begin(), files.end());
  for (std::string& file : files) {
    const bool error = closed.contains(file);
    out.push_back({std::move(file), {}, folder, {}});
    if (error) out.back().error = make_error(ErrorCode::kUnreadable, "the folder may not be read");
  }
}

}  // namespace

std::vector<InputFile> list_inputs(const std::vector<std::string>& operands) {
  std::vector<InputFile> out;
  for (const std::string& path : operands) {
    std::error_code status;
    if (fs::is_directory(path, status)) list_folder(path, out);
    else {
      InputPath input = split_input_path(path);
      out.push_back({std::move(input.path), std::move(input.member), {}, {}});
    }
  }
  return out;
}

}  // namespace nngauge
