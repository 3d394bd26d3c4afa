// SPDX-License-Identifier: Apache-2.0
#include "calibration/population.h"

#include <catch2/catch.hpp>

using namespace nngauge;

namespace {

// Equations over the first three features whose answer is `factors`.
Equations equations(const std::array<double, 3>& factors, std::size_t rows, bool third = true) {
  Equations out;
  for (std::size_t i = 0; i < rows; ++i) {
    FeatureVector row{};
    row[0] = 1 + static_cast<double>(i % 3), row[1] = 1 + static_cast<double>(i % 5);
    row[2] = third ? 1 + static_cast<double>(i % 7) : 0;
    const double sum = row[0] * factors[0] + row[1] * factors[1] + row[2] * factors[2];
    for (double& value : row) value /= sum;
    out.push_back(row);
  }
  return out;
}

}  // namespace

TEST_CASE("population: exact runs give back the factors that made them") {
  const std::vector<Equations> setups(1, equations({0.5, 1.5, 2}, 30));
  const PopulationFit fit = fit_population(setups);
  REQUIRE(fit.factors.size() == 1);
  CHECK(fit.factors[0][0] == Approx(0.5).epsilon(0.03));
  CHECK(fit.factors[0][1] == Approx(1.5).epsilon(0.03));
  CHECK(fit.factors[0][2] == Approx(2.0).epsilon(0.03));
  CHECK(fit.factors[0][3] == Approx(1));  // in no run: the reference
}

TEST_CASE("population: what a setup does not show it takes from the others") {
  std::vector<Equations> setups(6, equations({1, 1, 3}, 40));
  setups.push_back(equations({1, 1, 3}, 40, false));
  const PopulationFit fit = fit_population(setups);
  CHECK(fit.factors.back()[2] > 2.4);
  CHECK(fit.factors.back()[2] < 3.3);
  CHECK(fit.prior.mean[2] > 2.4);
}

TEST_CASE("population: one disturbed run does not bend the fit") {
  std::vector<Equations> setups(1, equations({1, 1, 1}, 40));
  for (double& value : setups[0][7]) value /= 3;  // took three times as long
  const PopulationFit fit = fit_population(setups);
  for (std::size_t f = 0; f < 3; ++f) CHECK(fit.factors[0][f] == Approx(1).epsilon(0.03));
}

TEST_CASE("population: no factor is negative, and no run leaves the prior") {
  const std::vector<Equations> setups = {equations({0, 2, 0}, 25), {}};
  const PopulationFit fit = fit_population(setups);
  REQUIRE(fit.factors.size() == 2);
  for (const FeatureVector& factors : fit.factors) {
    for (const double factor : factors) CHECK(factor >= 0);
  }
  CHECK(fit.factors[0][0] < 0.1);
  for (const double factor : fit.factors[1]) CHECK(factor == Approx(1));
}

TEST_CASE("population: with similar setups to start from, few runs go a long way") {
  std::vector<FeatureVector> similar;
  for (int i = 0; i < 8; ++i) {
    FeatureVector factors;
    factors.fill(1);
    factors[0] = 1 + 0.1 * i, factors[1] = 3 - 0.1 * i;  // the dearer the one, the cheaper the other
    similar.push_back(factors);
  }
  const FactorPrior prior = prior_of(similar, std::vector<double>(8, 1.0), 0.1);
  CHECK(prior.mean[0] == Approx(1.35));
  CHECK(prior.mean[1] == Approx(2.65));
  CHECK(prior.covariance[0][1] < 0.5 * prior.covariance[0][0]);
  const FeatureVector fitted = fit_with_prior(equations({1.7, 2.3, 1}, 5), prior);
  CHECK(fitted[0] == Approx(1.7).epsilon(0.1));
  CHECK(fitted[1] == Approx(2.3).epsilon(0.1));
}

TEST_CASE("population: what is most like the new setup counts most") {
  std::vector<FeatureVector> similar(8);
  std::vector<double> weights(8, 0.02);
  for (std::size_t i = 0; i < similar.size(); ++i) similar[i].fill(i < 4 ? 1 : 3), weights[i] = i < 4 ? 0.02 : 1;
  const FactorPrior prior = prior_of(similar, weights, 0.1);
  CHECK(prior.mean[0] == Approx((4 * 0.02 * 1 + 4 * 3) / (4 * 0.02 + 4)));
}
