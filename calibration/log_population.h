// SPDX-License-Identifier: Apache-2.0
// Owns: the same as population.h for setups that differ much, where not factors are normal but their logarithms: cores
// of ten years, several instruction sets, one to hundreds of threads. No factor is ever 0.
#pragma once

#include <span>

#include "calibration/population.h"

namespace nngauge {

// Here the mean of a FactorPrior is the exponential of the logarithms' mean, its covariance that of the logarithms.
FactorPrior reference_log_prior();
FactorPrior log_prior_of(std::span<const FeatureVector> factors, std::span<const double> weights, double between);

// Expectation-maximisation as in fit_population; a setup's factors are the likeliest, by Gauss and Newton. (Gelman et
// al., Bayesian Data Analysis, 3rd ed., chapters 13, 15 and 17.) The noise is that of an equation's logarithm.
PopulationFit fit_log_population(std::span<const Equations> setups);
FeatureVector fit_with_log_prior(const Equations& rows, const FactorPrior& prior);

}  // namespace nngauge
