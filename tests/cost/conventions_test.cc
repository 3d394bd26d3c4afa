// SPDX-License-Identifier: Apache-2.0
#include "cost/conventions.h"

#include <catch2/catch.hpp>
#include <map>

#include "cli/load_model.h"
#include "tests/cli/run_binary.h"

using namespace nngauge;

namespace {

std::map<std::string, std::uint64_t> totals(const ModelResult& result, const char* name) {
  std::map<std::string, std::uint64_t> out;
  for (const ConventionTotal& total : convention_totals(**find_convention(name), result.model, result.analysis)) {
    CHECK_FALSE(total.lower_bound);
    REQUIRE(total.value.has_value());
    out[total.name] = *total.value;
  }
  return out;
}

}  // namespace

TEST_CASE("conventions: one small network as each tool counts it") {
  const auto result = load_model(test::source_path("tests/golden/models/tiny.graph"), {});
  REQUIRE(result.has_value());
  const std::uint64_t conv = 16 * 16 * 3 * 3 * 3 * 8, depthwise = 16 * 16 * 3 * 3 * 8, dense = 128 * 10;
  const std::uint64_t macs = conv + depthwise + dense;
  const std::uint64_t map = 16 * 16 * 8;  // elements of the feature maps, and of biases' and activations' results
  const std::uint64_t biases = map + map + 10;

  CHECK(totals(*result, "timm") == std::map<std::string, std::uint64_t>{{"FLOPs", macs}});
  CHECK(totals(*result, "fvcore") == std::map<std::string, std::uint64_t>{{"FLOPs", macs}});
  CHECK(totals(*result, "ncnn") == std::map<std::string, std::uint64_t>{{"mac", macs + biases}});
  CHECK(totals(*result, "ptflops") == std::map<std::string, std::uint64_t>{{"MACs", macs + biases + map}});
  CHECK(totals(*result, "torchinfo") ==
        std::map<std::string, std::uint64_t>{{"mult-adds", conv + map + depthwise + map + dense + 10}});
  // Two a multiply-accumulate, biases, ReLU6, the addition, the pooling windows, five a softmax element.
  CHECK(
      totals(*result, "tensorflow") ==
      std::map<std::string, std::uint64_t>{{"float_ops", 2 * macs + biases + map + map + 4 * 4 * 8 * 4 * 4 + 5 * 10}});
  CHECK(totals(*result, "qed_usc") ==
        std::map<std::string, std::uint64_t>{{"FLOPS", 2 * macs + biases + 4 * 4 * 8 * 4 * 4}});
  CHECK(
      totals(*result, "netscope") ==
      std::map<std::string, std::uint64_t>{
          {"macc", macs}, {"comp", map}, {"add", map + 4 * 4 * 8 * 4 * 4 + 10}, {"div", 4 * 4 * 8 + 10}, {"exp", 10}});
}

TEST_CASE("conventions: an operator that is not known makes a total a lower bound") {
  const auto result = load_model(test::source_path("tests/golden/models/custom.graph"), {});
  REQUIRE(result.has_value());
  for (const Convention& convention : conventions()) {
    for (const ConventionTotal& total : convention_totals(convention, result->model, result->analysis)) {
      INFO(convention.name << " " << total.name);
      if (total.name == "macc" || total.name == "FLOPs") CHECK(total.lower_bound);
    }
  }
  CHECK(find_convention("fvcor").error().message == "unknown convention \"fvcor\" (did you mean fvcore?)");
}
