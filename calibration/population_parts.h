// SPDX-License-Identifier: Apache-2.0
// Owns: what both populations (of factors, of their logarithms) are made of: a Gaussian, weights as by Student's t, and
// the step that learns mean and covariance from all setups. For the .cc files of calibration/ alone: it names Eigen.
#pragma once

#include <Eigen/Dense>
#include <vector>

namespace nngauge {

struct Gaussian {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

Eigen::MatrixXd inverse(const Eigen::MatrixXd& symmetric);

// How a setup's runs scatter about its fit.
struct StudentNoise {
  double first;             // standard deviation of a run, before anything is known
  Eigen::VectorXd weights;  // per run
  double variance = first * first;

  StudentNoise(double first_noise, Eigen::Index runs) : first(first_noise), weights(Eigen::VectorXd::Ones(runs)) {}
  // From what the fit misses each run by, and how unsure that is by the fit's own variance.
  void reweigh(const Eigen::VectorXd& misses, const Eigen::VectorXd& unsure);
};

// What one setup says of its factors.
struct Posterior {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

struct Sharing {
  double reference_spread;  // of a factor about the reference, before anything is known
  double runs, spread;      // every factor is given at least so much spread, with the weight of so many setups
  double reference;         // of every factor
  double least;             // a mean is no less
};
// Mean and covariance of all setups' factors (the maximisation step).
void learn(Gaussian& prior, const std::vector<Posterior>& setups, const Sharing& sharing);

}  // namespace nngauge
