// SPDX-License-Identifier: Apache-2.0
#include "cost/residual_correction.h"

#include <algorithm>
#include <cmath>

namespace nngauge {
namespace {

// Networks at a Hellinger distance of 0.2 correct each other by e^-1/2 of what is known of them: members of a family
// that differ by width. Set once, on families and networks left out.
constexpr double kReach = 0.2;
constexpr double kMost = 2;

}  // namespace

FeatureVector share_roots(const FeatureVector& features, const FeatureVector& prices) {
  FeatureVector out{};
  const double total = dot(features, prices);
  if (!(total > 0)) return out;
  for (std::size_t f = 0; f < kFeatureCount; ++f) out[f] = std::sqrt(std::max(features[f] * prices[f] / total, 0.0));
  return out;
}

double composition_likeness(std::span<const double> roots, std::span<const double> other) {
  double squared = 0;
  for (std::size_t i = 0; i < roots.size(); ++i) squared += (roots[i] - other[i]) * (roots[i] - other[i]);
  return std::exp(-squared / (2 * kReach * kReach));
}

double correction_factor(const ResidualCorrection& correction, const FeatureVector& roots) {
  if (!correction.networks) return 1;
  std::vector<double> own;
  double elsewhere = 0;  // squared: of features that no measured network has
  for (const double root : roots) elsewhere += root * root;
  for (const Feature feature : correction.networks->features) {
    own.push_back(roots[static_cast<std::size_t>(feature)]);
    elsewhere -= own.back() * own.back();
  }
  const double alike = std::exp(-std::max(elsewhere, 0.0) / (2 * kReach * kReach));
  double sum = 0;
  for (std::size_t i = 0; i < correction.weights.size(); ++i) {
    sum += correction.weights[i] * composition_likeness(own, correction.networks->roots[i]);
  }
  return std::clamp(1 + sum * alike, 1 / kMost, kMost);
}

}  // namespace nngauge
