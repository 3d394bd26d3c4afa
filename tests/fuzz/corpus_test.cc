// SPDX-License-Identifier: Apache-2.0
// Everything that fuzzing starts from or once found goes through its target again: under ASan and UBSan in the build of
// that name, and within the time that any input may take.
#include <algorithm>
#include <catch2/catch.hpp>
#include <ctime>
#include <filesystem>

#include "fuzz/target.h"
#include "tests/cli/run_binary.h"

namespace fs = std::filesystem;
using namespace nngauge;

namespace {

void replay(const std::string& target, const fs::path& file) {
  const std::string bytes = test::read_text(file.string());
  INFO(target << ": " << file.string());
  const std::clock_t start = std::clock();  // of the process: how busy the machine is does not count
  CHECK(fuzz::run(target, as_bytes(bytes)));
  CHECK(std::clock() - start < 10 * CLOCKS_PER_SEC);
}

}  // namespace

TEST_CASE("fuzz: every target has a corpus, and goes through it") {
  std::vector<std::string> folders;
  for (const auto& folder : fs::directory_iterator(test::source_path("fuzz/corpus")))
    folders.push_back(folder.path().filename().string());
  std::vector<std::string> targets = fuzz::targets();
  std::sort(folders.begin(), folders.end());
  std::sort(targets.begin(), targets.end());
  CHECK(folders == targets);
  for (const std::string& target : folders) {
    INFO(target);
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(test::source_path("fuzz/corpus/" + target))) {
      replay(target, entry.path());
      ++files;
    }
    CHECK(files > 0);
  }
}

TEST_CASE("fuzz: each target survives the bundled models, cut anywhere and with any byte changed") {
  for (const std::string& target : fuzz::targets()) {
    for (const auto& entry : fs::directory_iterator(test::source_path("data/models"))) {
      const std::string whole = test::read_text(entry.path().string());
      if (whole.size() > 5000) continue;
      INFO(target << ": " << entry.path().string());
      CHECK(fuzz::run(target, as_bytes(whole)));
      for (std::size_t at = 0; at < whole.size(); at += whole.size() / 23 + 1) {
        std::string changed = whole;
        changed[at] = static_cast<char>(~changed[at]);
        CHECK(fuzz::run(target, as_bytes(changed)));
        CHECK(fuzz::run(target, as_bytes(whole.substr(0, at))));
      }
    }
  }
}

TEST_CASE("fuzz: an unknown target is refused") { CHECK_FALSE(fuzz::run("nothing", {})); }
