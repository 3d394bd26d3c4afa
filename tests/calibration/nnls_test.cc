// SPDX-License-Identifier: Apache-2.0
#include "calibration/nnls.h"

#include <catch2/catch.hpp>

namespace nngauge {
namespace {

struct Case {
  std::vector<std::vector<double>> a;
  std::vector<double> b, x;
};

TEST_CASE("non-negative least squares: known solutions") {
  const std::vector<Case> cases = {
      {{{2, 0}, {0, 4}}, {6, 8}, {3, 2}},             // square, interior
      {{{1, 0}, {0, 1}}, {5, -3}, {5, 0}},            // one bound holds
      {{{1}, {1}, {1}}, {1, 2, 6}, {3}},              // the mean
      {{{1, 1}, {1, 2}, {1, 3}}, {3, 2, 1}, {2, 0}},  // falling line: no slope is best, the mean stays
      {{{1, 1}, {1, 2}, {1, 3}},
       {1, 3, 5},
       {0, 22.0 / 14.0}},                  // line through -1: no intercept, 1*1 + 2*3 + 3*5 over 1 + 4 + 9
      {{{1, 0}, {2, 0}}, {1, 2}, {1, 0}},  // a column of zeros takes no part
      {{{-1}}, {1}, {0}},
  };
  for (const Case& c : cases) {
    const std::vector<double> x = solve_nnls(c.a, c.b);
    REQUIRE(x.size() == c.x.size());
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == Approx(c.x[i]).margin(1e-9));
  }
}

TEST_CASE("non-negative least squares: no direction that is allowed improves the result") {
  std::uint32_t state = 7;
  const auto next = [&] {
    return static_cast<double>((state = state * 1664525u + 1013904223u) >> 8) / (1u << 24) - 0.4;
  };
  for (int round = 0; round < 50; ++round) {
    std::vector<std::vector<double>> a(12, std::vector<double>(6));
    std::vector<double> b(12);
    for (auto& row : a) {
      for (double& value : row) value = next();
    }
    for (double& value : b) value = next();
    const std::vector<double> x = solve_nnls(a, b);
    for (std::size_t j = 0; j < 6; ++j) {
      double gradient = 0;  // of half the squared residual
      for (std::size_t i = 0; i < 12; ++i) {
        double residual = -b[i];
        for (std::size_t k = 0; k < 6; ++k) residual += a[i][k] * x[k];
        gradient += a[i][j] * residual;
      }
      CHECK(x[j] >= 0);
      if (x[j] > 0) CHECK(gradient == Approx(0).margin(1e-8));
      else CHECK(gradient >= -1e-8);
    }
  }
}

}  // namespace
}  // namespace nngauge
