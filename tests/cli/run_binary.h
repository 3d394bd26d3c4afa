// SPDX-License-Identifier: Apache-2.0
// Runs the real nngauge as a user would, and keeps what it wrote.
#pragma once

#include <string>
#include <vector>

namespace nngauge::test {

struct Output {
  int exit_code = -1;
  std::string out, err;
};

// Runs nngauge with `words` in the folder `folder` (the source folder by default), standard input closed.
Output run_nngauge(const std::vector<std::string>& words, const std::string& folder = "");
// A command line for `sh`, in which $NNGAUGE is the binary.
Output run_shell(const std::string& command_line, const std::string& folder = "");

std::string source_path(const std::string& relative);
std::string read_text(const std::string& path);
// A file with that content in a fresh folder that lives as long as the tests.
std::string temporary_file(const std::string& name, const std::string& content);
std::string temporary_folder();

}  // namespace nngauge::test
