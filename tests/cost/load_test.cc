// SPDX-License-Identifier: Apache-2.0
#include "cost/load.h"

#include <catch2/catch.hpp>

#include "base/file.h"
#include "cli/bundled_devices.h"
#include "cli/load_model.h"
#include "data/bundled.h"
#include "tests/cli/run_binary.h"

using namespace nngauge;

namespace {

constexpr const char* kHeader =
    "runtime,processor,base_ms,ms_per_mb,ms_per_kernel,read_mb_per_s,first_ms,first_ms_per_mb,weight_copies,winograd,"
    "im2col,base_mb,spread,basis,source\n";

}  // namespace

TEST_CASE("loading is reading, opening, packing and compiling", "[load]") {
  const auto rules =
      parse_load_rules(std::string(kHeader) + "tflite,gpu,100,2,5,500,10,0.5,1,yes,yes,3,2,assumed,us\n");
  REQUIRE(rules);
  const LoadCost cost = price_load(rules->front(), 50, 20);
  CHECK(cost.cold_ms == Approx(50.0 / 500 * 1000 + 100 + 2 * 50 + 5 * 20));
  CHECK(cost.warm_ms == Approx(100 + 2 * 50 + 5 * 20));
  CHECK(find_load_rules(*rules, {"tflite", "gpu", "", ""}) == &rules->front());
  CHECK(find_load_rules(*rules, {"tflite", "cpu", "", ""}) == nullptr);
}

TEST_CASE("loading: what a table may not say", "[load]") {
  const auto error = [](const std::string& rows) { return parse_load_rules(kHeader + rows).error().text(); };
  CHECK(error("tflite,gpu,100,2,5,0,10,0.5,1,yes,yes,3,2,,\n") ==
        "line 2, column read_mb_per_s: must be above 0 [usage]");
  CHECK(error("tflite,gpu,100,2,5,9,10,0.5,1,yes,yes,3,0.5,,\n") == "line 2, column spread: must be 1 or more [usage]");
  CHECK(error("tflite,gpu,-1,2,5,9,10,0.5,1,yes,yes,3,2,,\n") == "line 2, column base_ms: -1 is negative [usage]");
}

TEST_CASE("loading: every bundled row says on what it stands", "[load]") {
  const auto rules = parse_load_rules(as_text(*find_bundled("load/runtimes.csv")));
  REQUIRE(rules);
  for (const LoadRules& row : *rules) {
    INFO(row.runtime << " " << row.processor);
    CHECK_FALSE(row.basis.empty());
    CHECK(row.source.size() > 10);
  }
}

TEST_CASE("peak memory is weights, arena, scratch and runtime", "[load]") {
  ModelFacts facts;
  facts.weight_bytes = 1000, facts.arena_bytes = 500, facts.im2col_bytes = 90, facts.winograd_bytes = 4000;
  LoadRules rules;
  rules.weight_copies = 1, rules.base_mb = 2;
  CHECK(peak_memory(facts, rules)->total() == 2 * 1000 + 500 + 2e6);
  rules.im2col = rules.winograd = true;
  CHECK(peak_memory(facts, rules)->total() == 2 * 1000 + 4000 + 500 + 90 + 2e6);
  facts.arena_bytes.reset(), facts.reason = "an extent is open";
  CHECK(peak_memory(facts, rules).error().text() == "an extent is open [unknown]");
}

TEST_CASE("the scratch of a convolution is its gathered input, its transformed weights 36 for 9", "[load]") {
  // cnn_float32: 3x3, 3 -> 8 at 16x16; depthwise; 1x1: 16 x 16 positions of 3 x 3 x 3 are the largest matrix.
  const auto result = load_model(test::source_path("data/models/cnn_float32.tflite"), {});
  REQUIRE(result);
  const ModelFacts facts = facts_of(result->model);
  CHECK(facts.im2col_bytes == 16 * 16 * 3 * 3 * 3 * 4);
  CHECK(facts.winograd_bytes == 0);  // of three channels, with a stride
  CHECK(*facts.weight_bytes == 618 * 4);
}

TEST_CASE("batches: throughput does not fall, memory grows", "[load]") {
  const auto devices = select_devices({"pixel4"});
  REQUIRE(devices);
  const SetupProfile& setup = *devices->front().default_setup();
  const std::string path = test::source_path("data/models/cnn_float32.tflite");
  const auto first = load_model(path, {});
  REQUIRE(first);
  const Graph& graph = first->model.main();
  const std::string input = graph.tensors[static_cast<std::size_t>(graph.inputs.front())].name;
  double rate = 0, memory = 0;
  for (const std::int64_t batch : {1, 2, 5, 10, 25}) {
    LoadOptions options;
    options.bindings.inputs[input] = {batch, 32, 32, 3};
    const auto result = load_model(path, options);
    REQUIRE(result);
    const auto p = predict(result->model, devices->front(), setup);
    REQUIRE(p);
    const double next = static_cast<double>(batch) / p->latency_ms->value;
    CHECK(next >= rate);
    CHECK(static_cast<double>(*p->peak_memory_bytes) > memory);
    rate = next, memory = static_cast<double>(*p->peak_memory_bytes);
  }
}
