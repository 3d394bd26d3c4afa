// SPDX-License-Identifier: Apache-2.0
// What each command prints, compared byte by byte with tests/golden/<name>.txt.
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <sstream>

#include "cli/commands.h"
#include "tests/cli/run_binary.h"

using namespace nngauge::test;

namespace {

struct Case {
  std::string name, words;
};

std::vector<Case> golden_cases() {
  std::vector<Case> out;
  std::istringstream lines(read_text(source_path("tests/golden/cases.txt")));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t name_end = line.find(' ');
    out.push_back({line.substr(0, name_end), line.substr(line.find_first_not_of(' ', name_end))});
  }
  return out;
}

std::string text_of(const Output& output) {
  std::string out = output.out;
  if (!output.err.empty()) out += "--- standard error\n" + output.err;
  if (output.exit_code != 0) out += "--- exit " + std::to_string(output.exit_code) + "\n";
  return out;
}

}  // namespace

TEST_CASE("golden: every command prints what it printed before") {
  const std::vector<Case> cases = golden_cases();
  REQUIRE(cases.size() > 30);
  for (const Case& c : cases) {
    INFO("golden output " << c.name << ": nngauge " << c.words << "\n(tools/update_golden.sh writes it anew)");
    CHECK(text_of(run_shell("\"$NNGAUGE\" " + c.words)) == read_text(source_path("tests/golden/" + c.name + ".txt")));
  }
}

TEST_CASE("golden: every command has its help and an output among them, and no output is left over") {
  std::set<std::string> names, first_words;
  for (const Case& c : golden_cases()) {
    names.insert(c.name);
    first_words.insert(c.words.substr(0, c.words.find(' ')));
  }
  for (const nngauge::Command& command : nngauge::commands()) {
    const std::string name(command.spec.name);
    INFO(name);
    CHECK(names.count("help-" + name) == 1);
    CHECK(first_words.count(name) == 1);
  }
  for (const auto& entry : std::filesystem::directory_iterator(source_path("tests/golden"))) {
    if (entry.path().extension() != ".txt" || entry.path().filename() == "cases.txt") continue;
    INFO(entry.path());
    CHECK(names.count(entry.path().stem().string()) == 1);
  }
}
