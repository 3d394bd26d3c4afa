// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "calibration/validate.h"
#include "cost/analysis.h"
#include "data/bundled.h"
#include "tests/support/models.h"

using namespace nngauge;
using test::load_bundled;

namespace {

const std::vector<std::string> kModels = {"mobilenet_w1", "mobilenet_wd2", "mobilenet_wd4",   "fdmobilenet_w1",
                                          "resnet18",     "resnet18_wd4",  "preresnet18_wd2", "seresnet18"};

// Runs that cost what `cost` makes of a model's totals, in milliseconds.
RunTable runs_that_cost(double (*cost)(const Totals&)) {
  std::string text = "model,device,setup,latency_ms\n";
  for (const std::string& id : kModels) {
    const auto model = load_bundled(id);
    REQUIRE(model);
    const auto analysis = analyse(**model);
    REQUIRE(analysis);
    text += id + ",phone,tflite-cpu-1large-fp32," + std::to_string(cost(analysis->totals)) + "\n";
  }
  auto table = parse_runs(text);
  REQUIRE(table);
  return *std::move(table);
}

double mape(const RunTable& runs, Predictor predictor) {
  ValidateOptions options;
  options.predictor = predictor;
  const auto validation = validate(runs, {}, load_bundled, options);
  REQUIRE(validation);
  REQUIRE(validation->runs.size() == kModels.size());
  return validation->results[0].scores.mape;
}

}  // namespace

TEST_CASE("baselines: time in proportion to MACs is found by both") {
  const RunTable runs = runs_that_cost([](const Totals& t) { return static_cast<double>(*t.macs) * 1e-7; });
  CHECK(mape(runs, Predictor::kFlops) < 1e-4);
  CHECK(mape(runs, Predictor::kClassSums) < 1e-3);
}

TEST_CASE("baselines: time by bytes and operators is found by the sums alone") {
  const RunTable runs = runs_that_cost([](const Totals& t) {
    return static_cast<double>(*t.read_bytes + *t.write_bytes) * 1e-6 + static_cast<double>(t.ops) * 0.01;
  });
  CHECK(mape(runs, Predictor::kClassSums) < 1e-3);
  CHECK(mape(runs, Predictor::kFlops) > 0.2);
}

TEST_CASE("baselines: their names are those of the command line") {
  for (const Predictor predictor : {Predictor::kOwn, Predictor::kFlops, Predictor::kClassSums})
    CHECK(find_predictor(predictor_name(predictor)) == predictor);
  CHECK_FALSE(find_predictor("nothing"));
}
