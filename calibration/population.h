// SPDX-License-Identifier: Apache-2.0
// Owns: setups that are fitted together. Their prices have a mean and a covariance in common, which are estimated from
// all of them; where the runs of one setup say little about a price, it is drawn to what the others make likely.
// Not here: what the equations are made of (regression.h).
#pragma once

#include <span>
#include <vector>

#include "cost/features.h"

namespace nngauge {

// A run as an equation: sum over features of factor x row = 1, where row = feature x reference price / measured cost.
using Equations = std::vector<FeatureVector>;

// What is known of a setup's factors before its runs are seen.
struct FactorPrior {
  FeatureVector mean{};
  std::vector<FeatureVector> covariance;
};
// Each factor by itself: 1, give or take 60 %.
FactorPrior reference_prior();
// Of factors that were fitted to other setups, each with how much it is like the one to come (0 to 1); `between` is how
// far, as a share of the mean, a whole setup may be faster or slower than its scale says.
FactorPrior prior_of(std::span<const FeatureVector> factors, std::span<const double> weights, double between);

struct PopulationFit {
  FactorPrior prior;
  std::vector<FeatureVector> factors;  // per setup, >= 0
  std::vector<double> noise;           // per setup: standard deviation of an equation
};

// Fits all setups at once: expectation-maximisation of a linear model with Gaussian factors, equations weighted as by
// Student's t so that a disturbed series of runs does not bend the fit; then, per setup, the likeliest factors >= 0.
// (Gelman et al., Bayesian Data Analysis, 3rd ed., chapters 15 and 17.) Too few setups keep the reference prior.
PopulationFit fit_population(std::span<const Equations> setups);

// The same for one setup with a given prior.
FeatureVector fit_with_prior(const Equations& rows, const FactorPrior& prior);

}  // namespace nngauge
