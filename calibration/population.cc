// SPDX-License-Identifier: Apache-2.0
#include "calibration/population.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "calibration/nnls.h"
#include "calibration/population_features.h"
#include "calibration/population_parts.h"

namespace nngauge {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr auto kFactors = static_cast<Index>(kFeatureCount);
constexpr double kReferenceSpread = 0.6;  // of a factor about 1, before anything is known
constexpr double kFirstNoise = 0.02;      // of a run about the fit, before anything is known
constexpr double kCommonRuns = 5;         // weight, in setups, of the spread that all factors are given at least
constexpr double kCommonSpread = 0.05;
constexpr double kAllRuns = 2;  // weight, in setups, of the spread of all setups beside that of similar ones
constexpr double kLeastMean = 0.02;
constexpr int kRounds = 8;
constexpr std::size_t kFewestSetups = 4;  // fewer say nothing about a covariance

VectorXd to_eigen(const FeatureVector& values) { return Eigen::Map<const VectorXd>(values.data(), kFactors); }

FeatureVector from_eigen(const VectorXd& values) {
  FeatureVector out{};
  for (Index f = 0; f < kFactors; ++f) out[static_cast<std::size_t>(f)] = values(f);
  return out;
}

Gaussian to_gaussian(const FactorPrior& prior) {
  Gaussian out{to_eigen(prior.mean), MatrixXd(kFactors, kFactors)};
  for (Index i = 0; i < kFactors; ++i) {
    for (Index j = 0; j < kFactors; ++j) {
      out.covariance(i, j) = prior.covariance[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
    }
  }
  return out;
}

FactorPrior from_gaussian(const Gaussian& gaussian) {
  FactorPrior out{from_eigen(gaussian.mean), {}};
  for (Index i = 0; i < kFactors; ++i) out.covariance.push_back(from_eigen(gaussian.covariance.row(i)));
  return out;
}

Gaussian reference_gaussian(Index n = kFactors) {
  return {VectorXd::Ones(n), MatrixXd::Identity(n, n) * (kReferenceSpread * kReferenceSpread)};
}

using Features = std::vector<std::size_t>;

Features all_features() {
  Features out(kFeatureCount);
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

// One setup's equations with what the rounds have found so far.
struct State {
  MatrixXd rows;
  StudentNoise noise;
  Posterior factors;  // given the runs

  State(const Equations& equations, const Features& features)
      : rows(static_cast<Index>(equations.size()), static_cast<Index>(features.size())),
        noise(kFirstNoise, rows.rows()) {
    for (Index i = 0; i < rows.rows(); ++i) {
      const FeatureVector& row = equations[static_cast<std::size_t>(i)];
      for (Index j = 0; j < rows.cols(); ++j) rows(i, j) = row[features[static_cast<std::size_t>(j)]];
    }
  }

  void infer(const Gaussian& prior, const MatrixXd& precision) {
    const MatrixXd weighted = noise.weights.asDiagonal() * rows;
    factors.covariance = inverse(rows.transpose() * weighted / noise.variance + precision);
    factors.mean =
        factors.covariance * (weighted.colwise().sum().transpose() / noise.variance + precision * prior.mean);
  }

  void reweigh() {
    noise.reweigh(rows * factors.mean - VectorXd::Ones(rows.rows()),
                  (rows * factors.covariance).cwiseProduct(rows).rowwise().sum());
  }
};

void update(Gaussian& prior, const std::vector<State>& states) {
  std::vector<Posterior> setups;
  for (const State& state : states) setups.push_back(state.factors);
  learn(prior, setups, {kReferenceSpread, kCommonRuns, kCommonSpread, 1, kLeastMean});
}

// min |W (A x - 1)|^2 / variance + (x - mean)' precision (x - mean) with x >= 0. Features that are left out keep 1.
FeatureVector likeliest(const State& state, const Gaussian& prior, const MatrixXd& precision,
                        const Features& features) {
  const MatrixXd root = precision.llt().matrixU();
  const VectorXd right = root * prior.mean;
  const Index size = prior.mean.size();
  std::vector<std::vector<double>> a;
  std::vector<double> b;
  for (Index i = 0; i < state.rows.rows(); ++i) {
    const double weight = std::sqrt(state.noise.weights(i) / state.noise.variance);
    std::vector<double> row(features.size());
    for (Index f = 0; f < size; ++f) row[static_cast<std::size_t>(f)] = state.rows(i, f) * weight;
    a.push_back(std::move(row));
    b.push_back(weight);
  }
  for (Index i = 0; i < size; ++i) {
    std::vector<double> row(features.size());
    for (Index f = 0; f < size; ++f) row[static_cast<std::size_t>(f)] = root(i, f);
    a.push_back(std::move(row));
    b.push_back(right(i));
  }
  FeatureVector out;
  out.fill(1);
  const std::vector<double> solved = solve_nnls(a, b);
  for (std::size_t i = 0; i < features.size(); ++i) out[features[i]] = solved[i];
  return out;
}

}  // namespace

FactorPrior reference_prior() { return from_gaussian(reference_gaussian()); }

FactorPrior prior_of(std::span<const FeatureVector> factors, std::span<const double> weights, double between) {
  Gaussian out = reference_gaussian();
  if (factors.empty()) return from_gaussian(out);
  const auto n = static_cast<double>(factors.size());
  VectorXd plain = VectorXd::Zero(kFactors), mean = VectorXd::Zero(kFactors);
  double sum = 0;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    plain += to_eigen(factors[i]) / n;
    mean += to_eigen(factors[i]) * weights[i];
    sum += weights[i];
  }
  mean = (sum > 0 ? VectorXd(mean / sum) : plain).cwiseMax(kLeastMean);
  // The spread of all setups counts as much as some that are alike; what few setups do not say comes from the
  // reference.
  if (factors.size() >= kFewestSetups) {
    MatrixXd all = MatrixXd::Identity(kFactors, kFactors) * (kCommonSpread * kCommonSpread * kCommonRuns);
    MatrixXd alike = MatrixXd::Zero(kFactors, kFactors);
    for (std::size_t i = 0; i < factors.size(); ++i) {
      const VectorXd off = to_eigen(factors[i]) - plain, near = to_eigen(factors[i]) - mean;
      all += off * off.transpose();
      alike += weights[i] * near * near.transpose();
    }
    all /= n + kCommonRuns;
    out.covariance = (alike + kAllRuns * all) / (sum + kAllRuns);
  }
  out.covariance += between * between * mean * mean.transpose();
  out.mean = mean;
  return from_gaussian(out);
}

PopulationFit fit_population(std::span<const Equations> setups) {
  const Features features = features_of(setups);
  std::vector<State> states;
  for (const Equations& equations : setups) states.emplace_back(equations, features);
  Gaussian prior = reference_gaussian(static_cast<Index>(features.size()));
  const bool together = setups.size() >= kFewestSetups;
  for (int round = 0; round < kRounds; ++round) {
    const MatrixXd precision = inverse(prior.covariance);
    for (State& state : states) state.infer(prior, precision);
    if (together) update(prior, states);
    for (State& state : states) state.reweigh();
  }
  PopulationFit out;
  const MatrixXd precision = inverse(prior.covariance);
  for (const State& state : states) {
    out.factors.push_back(likeliest(state, prior, precision, features));
    out.noise.push_back(std::sqrt(state.noise.variance));
  }
  out.prior = from_gaussian(reference_gaussian());
  for (std::size_t i = 0; i < features.size(); ++i) {
    out.prior.mean[features[i]] = prior.mean(static_cast<Index>(i));
    for (std::size_t j = 0; j < features.size(); ++j) {
      out.prior.covariance[features[i]][features[j]] = prior.covariance(static_cast<Index>(i), static_cast<Index>(j));
    }
  }
  return out;
}

FeatureVector fit_with_prior(const Equations& rows, const FactorPrior& given) {
  const Gaussian prior = to_gaussian(given);
  const MatrixXd precision = inverse(prior.covariance);
  const Features features = all_features();
  State state(rows, features);
  for (int round = 0; round < kRounds; ++round) {
    state.infer(prior, precision);
    state.reweigh();
  }
  return likeliest(state, prior, precision, features);
}

}  // namespace nngauge
