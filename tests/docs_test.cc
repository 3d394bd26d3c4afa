// SPDX-License-Identifier: Apache-2.0
// The commands that README.md and docs/ show print what stands there, and links between documents lead somewhere.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/cli/run_binary.h"

using namespace nngauge::test;

TEST_CASE("docs: every command shown prints what stands below it") {
  const Output output = run_shell("sh tools/check_docs.sh \"$NNGAUGE\"");
  INFO(output.out << output.err);
  CHECK(output.exit_code == 0);
}

TEST_CASE("docs: relative links lead to files") {
  std::size_t links = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_path(""))) {
    const std::string path = entry.path().string();
    if (entry.path().extension() != ".md" || path.find("/build") != std::string::npos) continue;
    const std::string text = read_text(path);
    for (std::size_t at = 0; (at = text.find("](", at)) != std::string::npos;) {
      at += 2;
      const std::string link = text.substr(at, text.find_first_of(")# ", at) - at);
      if (link.empty() || link.find(":") != std::string::npos) continue;
      ++links;
      INFO(path << " links to " << link);
      CHECK(std::filesystem::exists(entry.path().parent_path() / link));
    }
  }
  CHECK(links > 3);
}
