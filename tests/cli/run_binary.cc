// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/run_binary.h"

#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace nngauge::test {
namespace {

namespace fs = std::filesystem;

// Removed when the tests end.
struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "nngauge-test-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

const fs::path& scratch() {
  static const Folder folder;
  return folder.path;
}

std::string shell_quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string source_path(const std::string& relative) { return std::string(NNGAUGE_SOURCE_DIR) + "/" + relative; }

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string temporary_folder() {
  static int count = 0;
  const fs::path folder = scratch() / std::to_string(++count);
  fs::create_directories(folder);
  return folder.string();
}

std::string temporary_file(const std::string& name, const std::string& content) {
  const std::string path = temporary_folder() + "/" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

Output run_shell(const std::string& command_line, const std::string& folder) {
  const std::string base = temporary_folder();
  const std::string script = "cd " + shell_quoted(folder.empty() ? NNGAUGE_SOURCE_DIR : folder) +
                             " && NNGAUGE=" + shell_quoted(NNGAUGE_BINARY) + " && { " + command_line +
                             "\n} </dev/null >" + shell_quoted(base + "/out") + " 2>" + shell_quoted(base + "/err");
  const int status = std::system(script.c_str());
  Output output;
  output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  output.out = read_text(base + "/out");
  output.err = read_text(base + "/err");
  return output;
}

Output run_nngauge(const std::vector<std::string>& words, const std::string& folder) {
  std::string line = "\"$NNGAUGE\"";
  for (const std::string& word : words) line += " " + shell_quoted(word);
  return run_shell(line, folder);
}

}  // namespace nngauge::test
