// SPDX-License-Identifier: Apache-2.0
// Real files that are known to be wrong: each is refused with a line that says why, or read with a remark.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/cli/run_binary.h"

using nlohmann::json;
using namespace nngauge::test;

TEST_CASE("malformed: TFLite and ONNX files of the collection are refused, or read with a remark") {
  const std::string folder = source_path("../shared/models/malformed");
  if (!std::filesystem::exists(folder)) {
    WARN("../shared/models/malformed is absent: malformed real files are not tested");
    return;
  }
  std::size_t refused = 0, read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".tflite" && extension != ".onnx" && extension != ".bin") continue;
    const std::string name = entry.path().filename().string();
    const Output out = run_nngauge({"inspect", "--format", "json", name}, folder);
    INFO(name << "\n" << out.err);
    if (out.exit_code == 3) {
      ++refused;
      CHECK(out.err.starts_with("nngauge: error: " + name + ": "));
      continue;
    }
    // Legal by the specification, though some runtime refuses it.
    REQUIRE(out.exit_code == 0);
    ++read;
    CHECK_FALSE(json::parse(out.out)["models"][0]["diagnostics"].empty());
  }
  CHECK(refused > 0);
  CHECK(read < refused);
}
