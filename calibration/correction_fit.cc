// SPDX-License-Identifier: Apache-2.0
#include "calibration/correction_fit.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "calibration/statistics.h"

namespace nngauge {
namespace {

using Eigen::Index;

// What networks of one composition have in common varies by so many times as much as a run does.
constexpr double kSignalToNoise = 10;
constexpr double kLeastNoise = 0.005;
constexpr double kDegrees = 4, kLeastWeight = 0.05;  // of Student's t
constexpr double kMadToDeviation = 1.4826;           // of a normal distribution

double rounded(double value, double steps) { return std::round(value * steps) / steps; }  // prints as short as it is

MeasuredNetworks networks_of(std::span<const MissedNetwork> networks) {
  constexpr double kSteps = 1e3;  // thousandths are far below what tells networks apart
  MeasuredNetworks out;
  out.roots.resize(networks.size());
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    const auto has = [&](const MissedNetwork& network) { return network.roots[f] * kSteps >= 1; };
    if (std::none_of(networks.begin(), networks.end(), has)) continue;
    out.features.push_back(feature_table()[f].feature);
    for (std::size_t i = 0; i < networks.size(); ++i) out.roots[i].push_back(rounded(networks[i].roots[f], kSteps));
  }
  return out;
}

}  // namespace

ResidualCorrection fit_correction(std::span<const MissedNetwork> networks) {
  if (networks.size() < kFewestNetworks) return {};
  std::vector<double> sizes;
  for (const MissedNetwork& network : networks) sizes.push_back(std::abs(network.miss));
  const double noise = std::max(kMadToDeviation * median(std::move(sizes)), kLeastNoise);
  const MeasuredNetworks made = networks_of(networks);
  const auto n = static_cast<Index>(networks.size());
  Eigen::MatrixXd covariance(n, n);  // in units of the noise's variance
  Eigen::VectorXd misses(n);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) {
      covariance(i, j) = kSignalToNoise * composition_likeness(made.roots[static_cast<std::size_t>(i)],
                                                               made.roots[static_cast<std::size_t>(j)]);
    }
    const double miss = misses(i) = networks[static_cast<std::size_t>(i)].miss;
    const double weight = (kDegrees + 1) / (kDegrees + miss * miss / (noise * noise));
    covariance(i, i) += 1 / std::max(weight, kLeastWeight);
  }
  const Eigen::VectorXd solved = covariance.ldlt().solve(misses);
  ResidualCorrection out{std::make_shared<const MeasuredNetworks>(made), {}};
  constexpr double kSteps = 1e4;  // their errors come to less than a thousandth of the price
  for (Index i = 0; i < n; ++i) out.weights.push_back(rounded(kSignalToNoise * solved(i), kSteps));
  return out;
}

}  // namespace nngauge
