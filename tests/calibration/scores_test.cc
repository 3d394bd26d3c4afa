// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "calibration/validate.h"

namespace nngauge {
namespace {

TEST_CASE("Kendall's tau-b") {
  const struct {
    std::vector<double> a, b;
    std::optional<double> tau;
  } cases[] = {
      {{1, 2, 3, 4}, {10, 20, 30, 40}, 1.0},
      {{1, 2, 3, 4}, {4, 3, 2, 1}, -1.0},
      {{1, 2, 3, 4}, {1, 2, 4, 3}, (5.0 - 1.0) / 6.0},
      {{1, 1, 2}, {1, 2, 3}, 2.0 / std::sqrt(2.0 * 3.0)},  // one pair tied in a
      {{1}, {1}, std::nullopt},
      {{2, 2}, {1, 3}, std::nullopt},
  };
  for (const auto& c : cases) {
    const auto tau = kendall_tau(c.a, c.b);
    REQUIRE(tau.has_value() == c.tau.has_value());
    if (tau) CHECK(*tau == Approx(*c.tau));
  }
}

TEST_CASE("scores of three runs") {
  // Relative errors +4 %, -12 %, +20 %.
  const auto run = [](double predicted, double p5, double p95) {
    ScoredRun out;
    out.measured = 100, out.predicted = predicted, out.p5 = p5, out.p95 = p95;
    return out;
  };
  const std::vector<ScoredRun> runs = {run(104, 90, 110), run(88, 80, 99), run(120, 100, 140)};
  const Scores s = score(runs);
  CHECK(s.n == 3);
  CHECK(s.mape == Approx((0.04 + 0.12 + 0.20) / 3));
  CHECK(s.median_ape == Approx(0.12));
  CHECK(s.bias == Approx((0.04 - 0.12 + 0.20) / 3));
  CHECK(s.rmspe == Approx(std::sqrt((0.04 * 0.04 + 0.12 * 0.12 + 0.20 * 0.20) / 3)));
  CHECK(s.within_5 == Approx(1.0 / 3));
  CHECK(s.within_10 == Approx(1.0 / 3));
  CHECK(s.within_15 == Approx(2.0 / 3));
  CHECK(s.interval_coverage == Approx(2.0 / 3));                 // 100 is not in 80 … 99
  CHECK(s.interval_median_relative_width == Approx(19.0 / 88));  // of 20/104, 19/88, 40/120
  CHECK_FALSE(s.kendall_tau.has_value());                        // all measured equal
}

}  // namespace
}  // namespace nngauge
