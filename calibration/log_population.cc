// SPDX-License-Identifier: Apache-2.0
#include "calibration/log_population.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "calibration/population_features.h"

namespace nngauge {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kReferenceSpread = 0.4;  // of a logarithm about 0, before anything is known
constexpr double kFirstNoise = 0.08;      // of a run about the fit, before anything is known
constexpr double kFirstNoiseRuns = 3;     // weight, in runs, of that assumption
constexpr double kLeastNoise = 0.006;     // runs of the same model differ by that much from day to day
constexpr double kTailDegrees = 4;        // of Student's t
constexpr double kCommonRuns = 8;         // weight, in setups, of the spread that all factors are given at least
constexpr double kCommonSpread = 0.2;
constexpr double kAllRuns = 2;         // weight, in setups, of the spread of all setups beside that of similar ones
constexpr double kLeastFactor = 1e-3;  // where a profile has a price of 0
constexpr double kLongestStep = 1;     // of a logarithm, in one step of Newton's
constexpr int kRounds = 8, kSteps = 2, kFirstSteps = 6;
constexpr std::size_t kFewestSetups = 4;  // fewer say nothing about a covariance

struct Gaussian {
  VectorXd mean;
  MatrixXd covariance;
};

Gaussian reference_gaussian(Index n) {
  return {VectorXd::Zero(n), MatrixXd::Identity(n, n) * (kReferenceSpread * kReferenceSpread)};
}

MatrixXd inverse(const MatrixXd& symmetric) {
  return symmetric.ldlt().solve(MatrixXd::Identity(symmetric.rows(), symmetric.cols()));
}

double log_of(double factor) { return std::log(std::max(factor, kLeastFactor)); }

Gaussian part_of(const FactorPrior& prior, const std::vector<std::size_t>& features) {
  const auto n = static_cast<Index>(features.size());
  Gaussian out{VectorXd(n), MatrixXd(n, n)};
  for (Index i = 0; i < n; ++i) {
    const std::size_t f = features[static_cast<std::size_t>(i)];
    out.mean(i) = log_of(prior.mean[f]);
    for (Index j = 0; j < n; ++j) out.covariance(i, j) = prior.covariance[f][features[static_cast<std::size_t>(j)]];
  }
  return out;
}

void put(FactorPrior& prior, const Gaussian& part, const std::vector<std::size_t>& features) {
  for (std::size_t i = 0; i < features.size(); ++i) {
    prior.mean[features[i]] = std::exp(part.mean(static_cast<Index>(i)));
    for (std::size_t j = 0; j < features.size(); ++j) {
      prior.covariance[features[i]][features[j]] = part.covariance(static_cast<Index>(i), static_cast<Index>(j));
    }
  }
}

// One setup's equations with what the rounds have found so far.
struct State {
  MatrixXd rows;
  VectorXd weights;
  double variance = kFirstNoise * kFirstNoise;
  VectorXd logs;  // the likeliest
  MatrixXd covariance;
  VectorXd misses;  // of the equations' logarithms
  MatrixXd shares;  // of each feature in each equation: the derivatives

  State(const Equations& equations, const std::vector<std::size_t>& features, const Gaussian& prior)
      : rows(static_cast<Index>(equations.size()), static_cast<Index>(features.size())),
        weights(VectorXd::Ones(rows.rows())),
        logs(prior.mean) {
    for (Index i = 0; i < rows.rows(); ++i) {
      for (Index j = 0; j < rows.cols(); ++j) {
        rows(i, j) = equations[static_cast<std::size_t>(i)][features[static_cast<std::size_t>(j)]];
      }
    }
  }

  void evaluate() {
    shares = rows * logs.array().exp().matrix().asDiagonal();
    const VectorXd sums = shares.rowwise().sum();
    misses = -sums.array().log().matrix();
    shares = sums.cwiseInverse().asDiagonal() * shares;
  }

  [[nodiscard]] MatrixXd curvature(const MatrixXd& precision) const {
    return shares.transpose() * (weights / variance).asDiagonal() * shares + precision;
  }

  void improve(const Gaussian& prior, const MatrixXd& precision, int steps) {
    for (int i = 0; i < steps; ++i) {
      evaluate();
      const VectorXd slope =
          shares.transpose() * (weights / variance).cwiseProduct(misses) - precision * (logs - prior.mean);
      const VectorXd step = curvature(precision).ldlt().solve(slope);
      const double longest = step.size() > 0 ? step.cwiseAbs().maxCoeff() : 0;
      logs += longest > kLongestStep ? VectorXd(step * (kLongestStep / longest)) : step;
    }
    evaluate();
  }

  void reweigh(const MatrixXd& precision) {
    covariance = inverse(curvature(precision));
    if (rows.rows() == 0) return;
    const VectorXd unsure = (shares * covariance).cwiseProduct(shares).rowwise().sum();
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
  for (const State& state : states) sum += state.logs;
  const double reference = 1 / (kReferenceSpread * kReferenceSpread);
  for (Index f = 0; f < size; ++f) {
    const double precision = 1 / prior.covariance(f, f);
    prior.mean(f) = sum(f) * precision / (n * precision + reference);
  }
  MatrixXd spread = MatrixXd::Identity(size, size) * (kCommonSpread * kCommonSpread * kCommonRuns);
  for (const State& state : states) {
    const VectorXd off = state.logs - prior.mean;
    spread += off * off.transpose() + state.covariance;
  }
  prior.covariance = spread / (n + kCommonRuns);
}

FeatureVector factors_of(const State& state, const std::vector<std::size_t>& features, const FeatureVector& others) {
  FeatureVector out = others;
  for (std::size_t i = 0; i < features.size(); ++i) out[features[i]] = std::exp(state.logs(static_cast<Index>(i)));
  return out;
}

}  // namespace

FactorPrior reference_log_prior() {
  FactorPrior out{{}, std::vector<FeatureVector>(kFeatureCount)};
  out.mean.fill(1);
  for (std::size_t f = 0; f < kFeatureCount; ++f) out.covariance[f][f] = kReferenceSpread * kReferenceSpread;
  return out;
}

FactorPrior log_prior_of(std::span<const FeatureVector> factors, std::span<const double> weights, double between) {
  FactorPrior out = reference_log_prior();
  if (factors.empty()) return out;
  const auto n = static_cast<double>(factors.size());
  std::vector<FeatureVector> logs(factors.begin(), factors.end());
  FeatureVector plain{}, mean{};
  double sum = 0;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    for (std::size_t f = 0; f < kFeatureCount; ++f) {
      logs[i][f] = log_of(factors[i][f]);
      plain[f] += logs[i][f] / n, mean[f] += logs[i][f] * weights[i];
    }
    sum += weights[i];
  }
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    mean[f] = sum > 0 ? mean[f] / sum : plain[f];
    out.mean[f] = std::exp(mean[f]);
  }
  // The spread of all setups counts as much as some that are alike; what few setups do not say comes from the
  // reference.
  const bool enough = factors.size() >= kFewestSetups;
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    for (std::size_t g = 0; g < kFeatureCount; ++g) {
      double all = f == g ? kCommonSpread * kCommonSpread * kCommonRuns : 0, alike = 0;
      for (std::size_t i = 0; enough && i < logs.size(); ++i) {
        all += (logs[i][f] - plain[f]) * (logs[i][g] - plain[g]);
        alike += weights[i] * (logs[i][f] - mean[f]) * (logs[i][g] - mean[g]);
      }
      if (enough) out.covariance[f][g] = (alike + kAllRuns * all / (n + kCommonRuns)) / (sum + kAllRuns);
      out.covariance[f][g] += between * between;
    }
  }
  return out;
}

PopulationFit fit_log_population(std::span<const Equations> setups) {
  const std::vector<std::size_t> features = features_of(setups);
  Gaussian prior = reference_gaussian(static_cast<Index>(features.size()));
  std::vector<State> states;
  for (const Equations& equations : setups) states.emplace_back(equations, features, prior);
  const bool together = setups.size() >= kFewestSetups;
  for (int round = 0; round < kRounds; ++round) {
    const MatrixXd precision = inverse(prior.covariance);
    for (State& state : states) {
      state.improve(prior, precision, round == 0 ? kFirstSteps : kSteps);
      state.reweigh(precision);
    }
    if (together) update(prior, states);
  }
  PopulationFit out;
  out.prior = reference_log_prior();
  put(out.prior, prior, features);
  const MatrixXd precision = inverse(prior.covariance);
  for (State& state : states) {
    state.improve(prior, precision, kSteps);
    out.factors.push_back(factors_of(state, features, out.prior.mean));
    out.noise.push_back(std::sqrt(state.variance));
  }
  return out;
}

FeatureVector fit_with_log_prior(const Equations& rows, const FactorPrior& given) {
  const std::vector<std::size_t> features = features_of({&rows, 1});
  if (features.empty()) return given.mean;
  // Features that the runs do not have follow from those that they have, as far as the two vary together.
  std::vector<std::size_t> all;
  for (std::size_t f = 0; f < kFeatureCount; ++f) all.push_back(f);
  const Gaussian prior = part_of(given, all);
  const MatrixXd precision = inverse(prior.covariance);
  State state(rows, all, prior);
  for (int round = 0; round < kRounds; ++round) {
    state.improve(prior, precision, round == 0 ? kFirstSteps : kSteps);
    state.reweigh(precision);
  }
  return factors_of(state, all, given.mean);
}

}  // namespace nngauge
