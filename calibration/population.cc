// SPDX-License-Identifier: Apache-2.0
#include "calibration/population.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "calibration/nnls.h"
#include "calibration/population_features.h"

namespace nngauge {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr auto kFactors = static_cast<Index>(kFeatureCount);
constexpr double kReferenceSpread = 0.6;  // of a factor about 1, before anything is known
constexpr double kFirstNoise = 0.02;      // of a run about the fit, before anything is known
constexpr double kFirstNoiseRuns = 3;     // weight, in runs, of that assumption
constexpr double kLeastNoise = 0.006;     // runs of the same model differ by that much from day to day
constexpr double kTailDegrees = 4;        // of Student's t
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

struct Gaussian {
  VectorXd mean;
  MatrixXd covariance;
};

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

MatrixXd inverse(const MatrixXd& symmetric) {
  return symmetric.ldlt().solve(MatrixXd::Identity(symmetric.rows(), symmetric.cols()));
}

// One setup's equations with what the rounds have found so far.
struct State {
  MatrixXd rows;
  VectorXd weights;
  double variance = kFirstNoise * kFirstNoise;
  VectorXd mean;  // of the factors given the runs
  MatrixXd covariance;

  State(const Equations& equations, const Features& features)
      : rows(static_cast<Index>(equations.size()), static_cast<Index>(features.size())),
        weights(VectorXd::Ones(rows.rows())) {
    for (Index i = 0; i < rows.rows(); ++i) {
      const FeatureVector& row = equations[static_cast<std::size_t>(i)];
      for (Index j = 0; j < rows.cols(); ++j) rows(i, j) = row[features[static_cast<std::size_t>(j)]];
    }
  }

  void infer(const Gaussian& prior, const MatrixXd& precision) {
    const MatrixXd weighted = weights.asDiagonal() * rows;
    covariance = inverse(rows.transpose() * weighted / variance + precision);
    mean = covariance * (weighted.colwise().sum().transpose() / variance + precision * prior.mean);
  }

  void reweigh() {
    if (rows.rows() == 0) return;
    const VectorXd misses = rows * mean - VectorXd::Ones(rows.rows());
    const VectorXd unsure = (rows * covariance).cwiseProduct(rows).rowwise().sum();
    const double sum = (weights.array() * (misses.array().square() + unsure.array())).sum();
    const double before = kFirstNoise * kFirstNoise * kFirstNoiseRuns;
    variance =
        std::max((sum + before) / (static_cast<double>(rows.rows()) + kFirstNoiseRuns), kLeastNoise * kLeastNoise);
    weights = (kTailDegrees + 1) / (kTailDegrees + misses.array().square() / variance);
  }
};

void update(Gaussian& prior, const std::vector<State>& states) {
  const auto n = static_cast<double>(states.size());
  const Index size = prior.mean.size();
  VectorXd sum = VectorXd::Zero(size);
  for (const State& state : states) sum += state.mean;
  const double reference = 1 / (kReferenceSpread * kReferenceSpread);
  for (Index f = 0; f < size; ++f) {
    const double precision = 1 / prior.covariance(f, f);
    prior.mean(f) = std::max((sum(f) * precision + reference) / (n * precision + reference), kLeastMean);
  }
  MatrixXd spread = MatrixXd::Identity(size, size) * (kCommonSpread * kCommonSpread * kCommonRuns);
  for (const State& state : states) {
    const VectorXd off = state.mean - prior.mean;
    spread += off * off.transpose() + state.covariance;
  }
  prior.covariance = spread / (n + kCommonRuns);
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
    const double weight = std::sqrt(state.weights(i) / state.variance);
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
    out.noise.push_back(std::sqrt(state.variance));
  }
  out.prior = from_gaussian(reference_gaussian());
  for (std::size_t i = 0; i < features.size(); ++i) {
    out.prior.mean[features[i]] = prior.mean(static_cast<Index>(i));
    for (std::size_t j = 0; j < features.size(); ++j) {
      out.prior.covariance[features[i]][features[j]] =
          prior.covariance(static_cast<Index>(i), static_cast<Index>(j));
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
