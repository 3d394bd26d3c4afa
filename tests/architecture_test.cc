// SPDX-License-Identifier: Apache-2.0
// Holds the shape of the code: which folder may include which, where third-party headers may stand, one licence line a
// file, and no word that ties the tree to one machine.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "tests/cli/run_binary.h"

namespace fs = std::filesystem;
using nngauge::split;
using nngauge::trim;

namespace {

// folder -> the folders that its files may include besides itself.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"base", {}},
    {"graph", {"base"}},
    {"parsers", {"base", "graph"}},
    {"cost", {"base", "graph"}},
    {"calibration", {"base", "graph", "cost"}},
    {"corpus", {"base", "graph", "parsers", "cost", "calibration"}},
    {"report", {"base", "graph", "parsers", "cost", "calibration", "corpus"}},
    {"data", {"base"}},
    {"cli", {"base", "graph", "parsers", "cost", "calibration", "corpus", "report", "data"}},
};

// Third-party headers by their first path component -> the folders whose .cc files may include them.
const std::map<std::string, std::set<std::string>> kThirdParty = {
    {"flatbuffers", {"parsers"}},
    {"onnx", {"parsers"}},
    {"libxml", {"parsers"}},
    {"google", {"parsers", "cost", "calibration"}},
    {"boost", {"graph"}},
    {"Eigen", {"calibration", "cost"}},
    {"nlohmann", {"parsers", "report"}},
    {"hdf5.h", {"parsers"}},
    {"zlib.h", {"parsers"}},
    {"libdeflate.h", {"parsers"}},
    {"CLI", {"cli"}},
    {"openssl", {"cli", "corpus"}},
    {"sqlite3.h", {"corpus"}},
    {"archive.h", {"parsers", "corpus"}},
    {"zlib.h", {"parsers"}},
    {"archive_entry.h", {"parsers", "corpus"}},
    {"fmt", {"base", "graph", "parsers", "cost", "calibration", "corpus", "report", "cli"}},
};

// Headers that exist to hide a third-party one from everything above their folder.
const std::set<std::string> kHeadersWithThirdParty = {"calibration/population_parts.h", "parsers/flatbuffer_fields.h",
                                                      "parsers/keras/json.h", "report/json.h", "report/json_fwd.h"};

struct Source {
  std::string path;    // relative to the source folder
  std::string folder;  // its first component
  std::vector<std::string> lines;
};

bool is_built(const fs::path& relative) {
  const std::string first = relative.begin()->string();
  return first.starts_with("build") || first == ".git" || first == ".cache";
}

std::vector<Source> sources(const std::set<std::string>& extensions) {
  const fs::path root(NNGAUGE_SOURCE_DIR);
  std::vector<Source> out;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const fs::path relative = entry.path().lexically_relative(root);
    if (is_built(relative) || !entry.is_regular_file()) continue;
    const std::string name = relative.filename().string();
    if (extensions.count(relative.extension().string()) == 0 && extensions.count(name) == 0) continue;
    out.push_back(
        {relative.string(), relative.begin()->string(), split(nngauge::test::read_text(entry.path().string()), '\n')});
  }
  std::sort(out.begin(), out.end(), [](const Source& a, const Source& b) { return a.path < b.path; });
  return out;
}

// The path of an include line, with its opening character; empty where the line is none.
std::string included(const std::string& line) {
  const std::string_view text = trim(line);
  if (!text.starts_with("#include ")) return "";
  const std::size_t open = text.find_first_of("<\"");
  const std::size_t close = text.find_last_of(">\"");
  if (open == std::string_view::npos || close <= open) return "";
  return std::string(text.substr(open, close - open));
}

// One rule broken by one line, as the failure shows it.
std::string at(const Source& source, std::size_t line) { return source.path + ":" + std::to_string(line + 1); }

const std::set<std::string> kCode = {".cc", ".h"};

}  // namespace

TEST_CASE("architecture: includes go one way") {
  std::size_t seen = 0;
  for (const Source& source : sources(kCode)) {
    const auto row = kMayInclude.find(source.folder);
    if (row == kMayInclude.end()) continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string path = included(source.lines[i]);
      if (path.empty() || path[0] != '"') continue;
      const std::string folder = path.substr(1, path.find('/') - 1);
      if (kMayInclude.count(folder) == 0) continue;  // generated files
      ++seen;
      INFO(at(source, i) << " includes " << path.substr(1));
      CHECK((folder == source.folder || row->second.count(folder) == 1));
    }
  }
  CHECK(seen > 100);
}

TEST_CASE("architecture: libraries link as includes go") {
  for (const auto& [folder, allowed] : kMayInclude) {
    const fs::path file = fs::path(NNGAUGE_SOURCE_DIR) / folder / "CMakeLists.txt";
    if (!fs::exists(file)) continue;
    for (const std::string& word : split(nngauge::test::read_text(file.string()), ' ')) {
      for (const auto& [other, ignored] : kMayInclude) {
        if (trim(word).substr(0, word.find(')')) != "nngauge_" + other) continue;
        INFO(folder << "/CMakeLists.txt links " << word);
        CHECK((other == folder || allowed.count(other) == 1));
      }
    }
  }
}

TEST_CASE("architecture: third-party headers stay in .cc files of their folders") {
  std::size_t seen = 0;
  for (const Source& source : sources(kCode)) {
    if (source.folder == "tests" || source.folder == "bench") continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string path = included(source.lines[i]);
      if (path.empty()) continue;
      const auto row = kThirdParty.find(path.substr(1, path.find('/') - 1));
      if (row == kThirdParty.end()) continue;
      ++seen;
      INFO(at(source, i) << " includes " << path);
      CHECK(row->second.count(source.folder) == 1);
      CHECK((source.path.ends_with(".cc") || kHeadersWithThirdParty.count(source.path) == 1));
    }
  }
  CHECK(seen > 3);
  // What hides a library must not be included by the folders above.
  for (const Source& source : sources(kCode)) {
    if (source.folder == "report" || source.folder == "tests") continue;
    for (const std::string& line : source.lines) {
      INFO(source.path);
      CHECK(included(line) != "\"report/json.h");
    }
  }
}

TEST_CASE("architecture: one licence line a file, at its top") {
  for (const Source& source : sources({".cc", ".h", ".sh", ".txt", ".fbs", ".proto", ".py"})) {
    if (source.folder == "data" || source.path.starts_with("tests/golden/")) continue;
    if (source.path.ends_with(".txt") && !source.path.ends_with("CMakeLists.txt")) continue;
    const auto licence = std::count_if(source.lines.begin(), source.lines.end(), [](const std::string& line) {
      return line.find("SPDX-License-Identifier: Apache-2.0") != std::string::npos &&
             (line.starts_with("// ") || line.starts_with("# "));
    });
    INFO(source.path);
    CHECK(licence == 1);
    const bool at_top = source.lines[0].find("SPDX") != std::string::npos ||
                        (source.lines.size() > 1 && source.lines[1].find("SPDX") != std::string::npos);
    CHECK(at_top);
  }
}

TEST_CASE("architecture: headers have a guard and say what they own") {
  for (const Source& source : sources({".h"})) {
    INFO(source.path);
    const auto guard = std::find(source.lines.begin(), source.lines.end(), "#pragma once");
    CHECK(guard != source.lines.end());
    CHECK((source.lines.size() > 1 && source.lines[1].starts_with("// ")));
  }
}

TEST_CASE("architecture: no path of one machine stands in the tree") {
  // Written in two halves so that this file passes its own test.
  const std::vector<std::string> forbidden = {std::string("/ro") + "ot/", std::string("/wo") + "rk/",
                                              std::string("/ho") + "me/", std::string("/us") + "r/lib",
                                              std::string("C:") + "\\Users"};
  for (const Source& source : sources({".cc", ".h", ".sh", ".txt", ".md", ".csv", ".textproto", ".cmake", ".json",
                                       ".graph", ".fbs", "run", "Makefile", "CMakePresets.json"})) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      for (const std::string& word : forbidden) {
        if (source.lines[i].find(word) == std::string::npos) continue;
        INFO(at(source, i) << " has " << word);
        CHECK(source.lines[i].find(word) == std::string::npos);
      }
    }
  }
}
