// SPDX-License-Identifier: Apache-2.0
// The whole collection of real files through the program: nothing crashes, the same bytes for any number of threads.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/run_binary.h"

using nlohmann::json;
using namespace nngauge::test;

TEST_CASE("shared models: inspect over all files") {
  const std::string folder = source_path("../shared/models");
  if (!std::filesystem::exists(folder)) {
    WARN("../shared/models is absent: real files are not tested");
    return;
  }
  const Output one = run_nngauge({"inspect", "--layers", "--format", "ndjson", "--threads", "1", "."}, folder);
  const Output four = run_nngauge({"inspect", "--layers", "--format", "ndjson", "--threads", "4", "."}, folder);
  CHECK(one.exit_code == 4);
  CHECK(one.out == four.out);
  CHECK(one.err == four.err);

  std::size_t models = 0, errors = 0;
  std::istringstream lines(one.out);
  for (std::string line; std::getline(lines, line);) {
    const json item = json::parse(line);
    if (item.contains("code")) {
      ++errors;
      INFO(line.substr(0, 300));
      CHECK(item["code"] != "internal");
      CHECK(item["message"] != "");
      // Files that others read are refused for what they are, not for what an operator is said to be.
      const std::string path = item["path"];
      const bool strange = path.find("malformed/") != std::string::npos || path.find("lookalike/") != std::string::npos;
      const std::string code = item["code"];
      const bool of_an_operator = code == "invalid-attribute" || code == "shape-mismatch" || code == "invalid-graph";
      CHECK((strange || !of_an_operator));
      continue;
    }
    ++models;
    INFO(item["path"]);
    CHECK(item["layers"].size() == item["totals"]["ops"]);
    const bool exact = item["coverage"]["exact"];
    if (exact) CHECK(item["coverage"]["lower_bound"].empty());
    for (const json& layer : item["layers"]) {
      if (layer["status"] == "exact") CHECK_FALSE(layer["flops"].is_null());
      else CHECK(layer["reason"] != "");
    }
  }
  CHECK(models > 0);
  CHECK(errors > 0);
}
