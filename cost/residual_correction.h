// SPDX-License-Identifier: Apache-2.0
// Owns: what measured networks of like composition were mispriced by, which corrects the price of another: regression
// kriging (Hengl, Heuvelink and Rossiter, "About regression-kriging", Computers & Geosciences 33, 2007). Not here: how
// the weights are found (calibration/correction_fit.h).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "cost/features.h"

namespace nngauge {

// What measured networks are made of: per network the square root of each feature's share in its cost by the reference
// prices, so that a difference of two rows is a Hellinger distance (0: the same make-up; root of 2: nothing in common).
struct MeasuredNetworks {
  std::vector<Feature> features;  // one a column
  std::vector<std::vector<double>> roots;
  bool operator==(const MeasuredNetworks&) const = default;
};

// Empty where a metric has none.
struct ResidualCorrection {
  std::shared_ptr<const MeasuredNetworks> networks = nullptr;
  std::vector<double> weights = {};  // one a network
};

// Roots of shares of what `features` cost by `prices`; zeros where that is nothing.
FeatureVector share_roots(const FeatureVector& features, const FeatureVector& prices);

// 1 of the same make-up, towards 0 of other networks.
double composition_likeness(std::span<const double> roots, std::span<const double> other);

// By what a price is to be multiplied: 1 without a correction, and far from all measured networks; between a half
// and 2.
double correction_factor(const ResidualCorrection& correction, const FeatureVector& roots);

}  // namespace nngauge
