// SPDX-License-Identifier: Apache-2.0
#include "cost/scenario.h"

#include <catch2/catch.hpp>

#include "cost/model_choice.h"
#include "data/bundled.h"

namespace nngauge {
namespace {

TEST_CASE("scenario: a video call by hand") {
  // 54,000 inferences of 100 mJ on a battery of 4,000 mAh at 4.0 V.
  const ScenarioCost cost = price_scenario({"call", "", "", 15, 3600}, {100, 90, 120, 40}, {4000, 4.0});
  CHECK(cost.inferences == 15 * 3600);
  CHECK(cost.energy_j == Approx(15 * 3600 * 0.1));       // 5,400 J
  CHECK(cost.charge_mah == Approx(5400 / 4.0 / 3.6));    // 375 mAh
  CHECK(cost.battery_fraction == Approx(375.0 / 4000));  // 0.09375
  CHECK(cost.battery_fraction_low == Approx(0.9 * 375.0 / 4000));
  CHECK(cost.battery_fraction_high == Approx(1.2 * 375.0 / 4000));
  CHECK(cost.mean_power_mw == Approx(100 * 15));
  CHECK(cost.duty_cycle == Approx(0.040 * 15));
  CHECK(cost.sustainable == true);
}

TEST_CASE("scenario: slower than its period cannot be sustained, without a latency nothing is said") {
  CHECK(price_scenario({"x", "", "", 15, 60}, {1, {}, {}, 66.0}, {1000, 3.7}).sustainable == true);
  CHECK(price_scenario({"x", "", "", 15, 60}, {1, {}, {}, 67.0}, {1000, 3.7}).sustainable == false);
  const ScenarioCost silent = price_scenario({"x", "", "", 15, 60}, {1, {}, {}, {}}, {1000, 3.7});
  CHECK_FALSE(silent.duty_cycle.has_value());
  CHECK_FALSE(silent.sustainable.has_value());
}

TEST_CASE("scenario: the bundled ones") {
  const auto scenarios = parse_scenarios(as_text(*find_bundled("scenarios/scenarios.csv")));
  REQUIRE(scenarios.has_value());
  const auto count = [&](const std::string& name) -> std::uint64_t {
    for (const Scenario& scenario : *scenarios) {
      if (scenario.name == name) return price_scenario(scenario, {1, {}, {}, {}}, {1000, 4}).inferences;
    }
    return 0;
  };
  CHECK(count("typing") == 275);
  CHECK(count("sound-recognition") == 3600);
  CHECK(count("video-call-segmentation") == 54000);
  CHECK(count("keyword-spotting") == 4 * 86400);
  for (const Scenario& scenario : *scenarios) {
    CHECK_FALSE(scenario.description.empty());
    CHECK_FALSE(scenario.basis.empty());
  }
}

TEST_CASE("scenario: bad tables are named by line and column") {
  const struct {
    const char* csv;
    const char* error;
  } cases[] = {
      {"", "line 1: the table is empty; its header is name,rate_per_s,duration_s [usage]"},
      {"name,rate_per_s\nx,1\n", "line 1: the header has no column duration_s [usage]"},
      {"name,rate_per_s,duration_s\n", "line 2: the table has a header but no rows [usage]"},
      {"name,rate_per_s,duration_s\n\n,1,1\n", "line 3, column name: no name is given [usage]"},
      {"name,rate_per_s,duration_s\nx,-1,1\n", "line 2, column rate_per_s: -1 is not greater than 0 [usage]"},
      {"name,rate_per_s,duration_s\nx,1e9,1e9\n",
       "line 2, column duration_s: that would be more than 10^15 inferences [usage]"},
      {"name,rate_per_s,duration_s\n\"x,1,1\n", "line 2: a quoted field is not closed [usage]"},
  };
  for (const auto& c : cases) {
    const auto scenarios = parse_scenarios(c.csv);
    REQUIRE_FALSE(scenarios.has_value());
    CHECK(scenarios.error().text() == c.error);
  }
}

// The models of a published study of model selection under a deadline (server times on a GPU instance, ImageNet top-1).
const std::vector<Candidate> kStudy = {
    {"SqueezeNet", 4.91, 0, 49.0},    {"MobileNet 1.0-224", 5.43, 0, 71.0}, {"NASNet-mobile", 21.18, 0, 73.9},
    {"DenseNet", 25.49, 0, 64.2},     {"Inception-v3", 31.11, 0, 77.9},     {"Inception-ResNet-v2", 50.85, 0, 77.5},
    {"Inception-v4", 59.21, 0, 80.1}, {"NASNet-large", 112.61, 0, 82.6},
};

TEST_CASE("offload: the study's choices") {
  const struct {
    double one_way_ms, deadline_ms;
    const char* model;
  } cases[] = {
      {57.87, 130, "MobileNet 1.0-224"},  {57.87, 200, "Inception-v4"},  {57.87, 250, "NASNet-large"},
      {92.02, 200, "MobileNet 1.0-224"},  {92.02, 250, "Inception-v4"},  {92.02, 300, "NASNet-large"},
      {364.66, 750, "MobileNet 1.0-224"}, {364.66, 800, "Inception-v4"}, {364.66, 900, "NASNet-large"},
  };
  for (const auto& c : cases) {
    const ModelChoice choice = choose_model(kStudy, c.deadline_ms, c.one_way_ms, 1);
    CHECK(choice.model == c.model);
    CHECK(choice.meets_deadline);
    CHECK(choice.budget_ms == Approx(c.deadline_ms - 2 * c.one_way_ms));
  }
}

TEST_CASE("offload: spread counts, ties go to the faster, nothing fits: the fastest") {
  const std::vector<Candidate> models = {{"slow", 50, 0, 0.8}, {"wide", 40, 30, 0.9}, {"fast", 40, 0, 0.8}};
  CHECK(choose_model(models, 160, 50, 0).model == "wide");  // 40 + 0 < 60
  CHECK(choose_model(models, 160, 50, 1).model == "fast");  // 40 + 30 > 60; 40 ties with 50
  CHECK(choose_model(models, 160, 50, 1).eligible == std::vector<std::string>{"slow", "fast"});
  CHECK(choose_model(models, 140, 50, 1).meets_deadline == false);  // budget 40: 40 is not below it
  CHECK(choose_model(models, 140, 50, 1).model == "wide");          // the first of the two fastest
  CHECK(choose_model(models, 50, 50, 1).budget_ms == -50);
}

TEST_CASE("offload: bundled networks state what they were measured with") {
  const auto networks = parse_networks(as_text(*find_bundled("networks/networks.csv")));
  REQUIRE(networks.has_value());
  REQUIRE(networks->size() == 5);
  CHECK(networks->front().id == "campus-wifi");
  CHECK(networks->front().upload_mean_ms == 167);
  CHECK(networks->front().upload_sd_ms == 52);
  CHECK(networks->front().one_way_ms == 57.87);
  CHECK_FALSE(networks->at(1).one_way_ms.has_value());
  for (const NetworkProfile& network : *networks) CHECK_FALSE(network.source.empty());
}

}  // namespace
}  // namespace nngauge
