// SPDX-License-Identifier: Apache-2.0
#include "calibration/population_parts.h"

#include <algorithm>

namespace nngauge {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr double kFirstNoiseRuns = 3;  // weight, in runs, of the noise that is assumed first
constexpr double kLeastNoise = 0.006;  // runs of the same model differ by that much from day to day
constexpr double kTailDegrees = 4;     // of Student's t

}  // namespace

MatrixXd inverse(const MatrixXd& symmetric) {
  return symmetric.ldlt().solve(MatrixXd::Identity(symmetric.rows(), symmetric.cols()));
}

void StudentNoise::reweigh(const VectorXd& misses, const VectorXd& unsure) {
  if (misses.size() == 0) return;
  const double sum = (weights.array() * (misses.array().square() + unsure.array())).sum();
  const double runs = static_cast<double>(misses.size());
  variance = std::max((sum + first * first * kFirstNoiseRuns) / (runs + kFirstNoiseRuns), kLeastNoise * kLeastNoise);
  weights = (kTailDegrees + 1) / (kTailDegrees + misses.array().square() / variance);
}

void learn(Gaussian& prior, const std::vector<Posterior>& setups, const Sharing& sharing) {
  const auto n = static_cast<double>(setups.size());
  const Index size = prior.mean.size();
  VectorXd sum = VectorXd::Zero(size);
  for (const Posterior& setup : setups) sum += setup.mean;
  const double reference = 1 / (sharing.reference_spread * sharing.reference_spread);
  for (Index f = 0; f < size; ++f) {
    const double precision = 1 / prior.covariance(f, f);
    const double mean = (sum(f) * precision + sharing.reference * reference) / (n * precision + reference);
    prior.mean(f) = std::max(mean, sharing.least);
  }
  MatrixXd spread = MatrixXd::Identity(size, size) * (sharing.spread * sharing.spread * sharing.runs);
  for (const Posterior& setup : setups) {
    const VectorXd off = setup.mean - prior.mean;
    spread += off * off.transpose() + setup.covariance;
  }
  prior.covariance = spread / (n + sharing.runs);
}

}  // namespace nngauge
