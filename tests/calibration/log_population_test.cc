// SPDX-License-Identifier: Apache-2.0
#include "calibration/log_population.h"

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

TEST_CASE("logarithms: exact runs give back the factors that made them, far apart as they are") {
  std::vector<Equations> setups;
  for (int i = 0; i < 6; ++i) setups.push_back(equations({0.2, 1.0 + i, 6}, 60));
  const PopulationFit fit = fit_log_population(setups);
  for (int i = 0; i < 6; ++i) {
    const FeatureVector& factors = fit.factors[static_cast<std::size_t>(i)];
    CHECK(factors[0] == Approx(0.2).epsilon(0.15));
    CHECK(factors[1] == Approx(1.0 + i).epsilon(0.05));
    CHECK(factors[2] == Approx(6).epsilon(0.03));
    CHECK(factors[3] == 1);  // in no run: the reference
  }
}

TEST_CASE("logarithms: what a setup does not show it takes from the others") {
  std::vector<Equations> setups(6, equations({1, 1, 4}, 40));
  setups.push_back(equations({1, 1, 4}, 40, false));
  const PopulationFit fit = fit_log_population(setups);
  CHECK(fit.factors.back()[2] > 3);
  CHECK(fit.factors.back()[2] < 4.4);
}

TEST_CASE("logarithms: one disturbed run does not bend the fit") {
  std::vector<Equations> setups(4, equations({1, 1, 1}, 40));
  for (double& value : setups[0][7]) value /= 3;  // took three times as long
  const PopulationFit fit = fit_log_population(setups);
  for (std::size_t f = 0; f < 3; ++f) CHECK(fit.factors[0][f] == Approx(1).epsilon(0.04));
}

TEST_CASE("logarithms: a setup without runs has the mean, and few runs go a long way from similar setups") {
  std::vector<FeatureVector> similar;
  for (int i = 0; i < 8; ++i) {
    FeatureVector factors;
    factors.fill(1);
    factors[0] = std::exp(0.1 * i), factors[1] = std::exp(1 - 0.1 * i);
    similar.push_back(factors);
  }
  const FactorPrior prior = log_prior_of(similar, std::vector<double>(8, 1.0), 0.1);
  CHECK(prior.mean[0] == Approx(std::exp(0.35)));
  CHECK(prior.mean[1] == Approx(std::exp(0.65)));
  CHECK(prior.covariance[0][1] < 0.5 * prior.covariance[0][0]);
  CHECK(fit_with_log_prior({}, prior)[0] == Approx(prior.mean[0]));
  const FeatureVector fitted = fit_with_log_prior(equations({1.7, 1.6, 1}, 5), prior);
  CHECK(fitted[0] == Approx(1.7).epsilon(0.12));
  CHECK(fitted[1] == Approx(1.6).epsilon(0.12));
}

TEST_CASE("logarithms: prices of a block go together before anything is known, those of others do not") {
  const auto at = [](Feature feature) { return static_cast<std::size_t>(feature); };
  const FactorPrior prior = reference_log_prior();
  const std::size_t macs = at(Feature::kNcnnConv1x1Macs), products = at(Feature::kNcnnProductMacs);
  const std::size_t calls = at(Feature::kNcnnConvCalls), moved = at(Feature::kNcnnConv1x1Moved);
  const std::size_t gpu = at(Feature::kNcnnGpuConv1x1Macs);
  CHECK(prior.covariance[macs][products] > 0.5 * prior.covariance[macs][macs]);
  for (const std::size_t other : {calls, moved, gpu}) CHECK(prior.covariance[macs][other] == 0);
  // A core ten times as slow at what was measured is taken to be slow at other products as well, not at calls.
  Equations slow(6);
  for (FeatureVector& row : slow) row[macs] = 0.1;
  const FeatureVector factors = fit_with_log_prior(slow, prior);
  CHECK(factors[macs] == Approx(10).epsilon(0.1));
  CHECK(factors[products] > 4);
  CHECK(factors[calls] == Approx(1));
}
