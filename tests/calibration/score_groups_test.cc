// SPDX-License-Identifier: Apache-2.0
#include "calibration/score_groups.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace nngauge {
namespace {

struct Row {
  const char *model, *family, *setup, *kernel;
  double predicted;
  bool in_support = true;
};

// Measured: 100 each.
std::vector<ScoredRun> runs_of(const std::vector<Row>& rows) {
  std::vector<ScoredRun> out;
  for (const Row& row : rows) {
    ScoredRun run;
    run.model = row.model, run.family = row.family, run.setup = row.setup, run.main_kernel = row.kernel;
    run.predicted = row.predicted, run.measured = 100, run.ape = std::abs(row.predicted - 100) / 100;
    run.in_support = row.in_support, run.main_share = 0.75;
    out.push_back(run);
  }
  return out;
}

TEST_CASE("scores by family and by kernel, largest mean error first") {
  const auto runs =
      runs_of({{"a1", "a", "s", "dwconv", 110}, {"a2", "a", "s", "conv-1x1", 90}, {"b1", "", "s", "conv-1x1", 150}});
  const auto families = scores_by_family(runs);
  REQUIRE(families.size() == 2);
  CHECK(families[0].name == "b1");  // without a family: its own
  CHECK(families[0].scores.mape == Approx(0.50));
  CHECK(families[1].name == "a");
  CHECK(families[1].models == 2);
  CHECK(families[1].scores.mape == Approx(0.10));
  CHECK(families[1].scores.bias == Approx(0.0).margin(1e-12));
  const auto kernels = scores_by_kernel(runs);
  REQUIRE(kernels.size() == 2);
  CHECK(kernels[0].name == "conv-1x1");
  CHECK(kernels[0].scores.mape == Approx((0.10 + 0.50) / 2));
  CHECK(kernels[1].scores.n == 1);
}

TEST_CASE("worst cases: one a model, with the reason") {
  const auto runs = runs_of({{"alike", "", "s1", "dwconv", 150},
                             {"alike", "", "s2", "dwconv", 140},
                             {"alike", "", "s3", "dwconv", 101},
                             {"alone", "", "s1", "conv-1x1", 130},
                             {"alone", "", "s2", "conv-1x1", 101},
                             {"rare", "", "s1", "lstm", 120, false},
                             {"single", "", "s1", "dwconv", 110}});
  const auto worst = worst_cases(runs, 4);
  REQUIRE(worst.size() == 4);
  CHECK(worst[0].run.model == "alike");
  CHECK(worst[0].run.setup == "s1");
  CHECK(worst[0].reason ==
        "off to the same side on 2 of 3 setups: something of the network is not in the features; 75 % of its work is "
        "dwconv");
  CHECK(worst[1].reason == "off on 1 of 2 setups only: of the setup; 75 % of its work is conv-1x1");
  CHECK(worst[2].reason ==
        "some of its kernels are priced by the prior: too few measured networks have them; 75 % of its work is lstm");
  CHECK(worst[3].reason == "75 % of its work is dwconv");
  CHECK(worst_cases(runs, 2).size() == 2);
}

}  // namespace
}  // namespace nngauge
