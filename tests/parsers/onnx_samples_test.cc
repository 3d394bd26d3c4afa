// SPDX-License-Identifier: Apache-2.0
// The sample models of data/models: the binary files are those of the text sources, and say what the text says.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "cost/analysis.h"
#include "graph/shape_inference.h"
#include "tests/parsers/onnx_support.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

std::string sample_path(const std::string& name) { return std::string(NNGAUGE_SOURCE_DIR) + "/data/models/" + name; }

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

Model read_sample(const std::string& name) {
  const auto file = MappedFile::open(sample_path(name));
  REQUIRE(file);
  const auto companions = folder_companions(sample_path(name));
  auto model = read_model({name, (*file)->bytes(), companions.get()});
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  return *std::move(model);
}

}  // namespace

TEST_CASE("onnx samples: binary files match their text (else run tools/make_models.sh)") {
  for (const std::string name : {"cnn", "lstm", "loop", "external", "transformer"}) {
    INFO(name);
    CHECK(encode(content(sample_path(name + ".onnx.txt"))) == content(sample_path(name + ".onnx")));
  }
}

TEST_CASE("onnx samples: stored weights") {
  struct Case {
    const char* name;
    std::uint64_t ops, params;
  };
  constexpr Case kCases[] = {
      {"cnn.onnx", 9, 8 * 3 * 3 * 3 + 4 * 8 + (8 * 3 * 3 + 8) + (16 * 8 + 16) + (10 * 16 + 10)},
      {"lstm.onnx", 3, 4 * 8 * 4 + 4 * 8 * 8 + 2 * 4 * 8 + 8 * 3},
      {"loop.onnx", 1, 16 * 16},
      {"external.onnx", 1, 16 * 8},
      {"transformer.onnx", 25, 4 * 8 * 8 + 4 * 8 + (8 * 16 + 16) + (16 * 8 + 8)},
  };
  for (const Case& c : kCases) {
    INFO(c.name);
    Model model = read_sample(c.name);
    REQUIRE(complete_model(model, {}));
    const auto analysis = analyse(model);
    REQUIRE(analysis);
    CHECK(analysis->totals.ops == c.ops);
    CHECK(analysis->totals.params == c.params);
    CHECK(analysis->totals.weight_bytes == 4 * c.params);
  }
}

TEST_CASE("onnx samples: multiply-accumulates") {
  struct Case {
    const char* name;
    std::uint64_t macs;
  };
  constexpr Case kCases[] = {
      {"cnn.onnx", 8 * 16 * 16 * 3 * 3 * 3 + 8 * 16 * 16 * 3 * 3 + 16 * 16 * 16 * 8 + 16 * 10},
      {"lstm.onnx", 50 * 4 * 8 * (4 + 8) + 8 * 3},
      {"loop.onnx", 5 * 16 * 16},
      {"external.onnx", 16 * 8},
      {"transformer.onnx", 4 * 16 * 8 * 8 + 2 * (2 * 16 * 16 * 4) + 2 * 16 * 8 * 16},
  };
  for (const Case& c : kCases) {
    INFO(c.name);
    Model model = read_sample(c.name);
    Bindings bindings;
    if (std::string(c.name) == "lstm.onnx") bindings.dims["frames"] = 50;
    REQUIRE(complete_model(model, bindings));
    const auto analysis = analyse(model);
    REQUIRE(analysis);
    CHECK(analysis->totals.macs == c.macs);
    CHECK(analysis->coverage.exact);
  }
}

TEST_CASE("onnx samples: weights in a side file") {
  const Model model = read_sample("external.onnx");
  CHECK(model.files[1].name == "external.bin");
  CHECK(model.files[1].size_bytes == 64 + 16 * 8 * 4);
  CHECK(model.main().tensors[0].data == DataRef{1, 64, 16 * 8 * 4});
}
