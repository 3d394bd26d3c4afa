// SPDX-License-Identifier: Apache-2.0
#include "calibration/log_population.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "calibration/population_features.h"
#include "calibration/population_parts.h"

namespace nngauge {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kReferenceSpread = 0.4;  // of a logarithm about 0, before anything is known
constexpr double kBlockSpread = 1;        // of what the prices of a block have in common beside
constexpr double kFirstNoise = 0.08;      // of a run about the fit, before anything is known
constexpr double kCommonRuns = 8;         // weight, in setups, of the spread that all factors are given at least
constexpr double kCommonSpread = 0.2;
constexpr double kAllRuns = 2;         // weight, in setups, of the spread of all setups beside that of similar ones
constexpr double kLeastFactor = 1e-3;  // where a profile has a price of 0
constexpr double kLongestStep = 1;     // of a logarithm, in one step of Newton's
constexpr int kRounds = 8, kSteps = 2, kFirstSteps = 6;
constexpr std::size_t kFewestSetups = 4;  // fewer say nothing about a covariance

// Before anything is known: prices by themselves, and those of a block together. Beside a GPU the CPU is one block: the
// few layers left to it tell no more.
double reference_covariance(std::size_t f, std::size_t g, bool beside_gpu) {
  const auto block = [&](std::size_t feature) {
    const PriceBlock one = price_block(static_cast<Feature>(feature));
    return beside_gpu && one != PriceBlock::kGpu ? PriceBlock::kWork : one;
  };
  return (f == g ? kReferenceSpread * kReferenceSpread : 0) + (block(f) == block(g) ? kBlockSpread * kBlockSpread : 0);
}

bool any_of_gpu(const std::vector<std::size_t>& features) {
  return std::any_of(features.begin(), features.end(), [](std::size_t feature) {
    return price_block(static_cast<Feature>(feature)) == PriceBlock::kGpu;
  });
}

Gaussian reference_gaussian(const std::vector<std::size_t>& features) {
  const auto n = static_cast<Index>(features.size());
  const bool gpu = any_of_gpu(features);
  Gaussian out{VectorXd::Zero(n), MatrixXd(n, n)};
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) {
      out.covariance(i, j) =
          reference_covariance(features[static_cast<std::size_t>(i)], features[static_cast<std::size_t>(j)], gpu);
    }
  }
  return out;
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
  StudentNoise noise;
  Posterior logs;   // the likeliest, and how unsure they are
  VectorXd misses;  // of the equations' logarithms
  MatrixXd shares;  // of each feature in each equation: the derivatives

  State(const Equations& equations, const std::vector<std::size_t>& features, const Gaussian& prior)
      : rows(static_cast<Index>(equations.size()), static_cast<Index>(features.size())),
        noise(kFirstNoise, rows.rows()),
        logs{prior.mean, prior.covariance} {
    for (Index i = 0; i < rows.rows(); ++i) {
      for (Index j = 0; j < rows.cols(); ++j) {
        rows(i, j) = equations[static_cast<std::size_t>(i)][features[static_cast<std::size_t>(j)]];
      }
    }
  }

  void evaluate() {
    shares = rows * logs.mean.array().exp().matrix().asDiagonal();
    const VectorXd sums = shares.rowwise().sum();
    misses = -sums.array().log().matrix();
    shares = sums.cwiseInverse().asDiagonal() * shares;
  }

  [[nodiscard]] MatrixXd curvature(const MatrixXd& precision) const {
    return shares.transpose() * (noise.weights / noise.variance).asDiagonal() * shares + precision;
  }

  void improve(const Gaussian& prior, const MatrixXd& precision, int steps) {
    for (int i = 0; i < steps; ++i) {
      evaluate();
      const VectorXd slope = shares.transpose() * (noise.weights / noise.variance).cwiseProduct(misses) -
                             precision * (logs.mean - prior.mean);
      const VectorXd step = curvature(precision).ldlt().solve(slope);
      const double longest = step.size() > 0 ? step.cwiseAbs().maxCoeff() : 0;
      logs.mean += longest > kLongestStep ? VectorXd(step * (kLongestStep / longest)) : step;
    }
    evaluate();
  }

  void reweigh(const MatrixXd& precision) {
    logs.covariance = inverse(curvature(precision));
    noise.reweigh(misses, (shares * logs.covariance).cwiseProduct(shares).rowwise().sum());
  }
};

void update(Gaussian& prior, const std::vector<State>& states) {
  std::vector<Posterior> setups;
  for (const State& state : states) setups.push_back(state.logs);
  learn(prior, setups, {kReferenceSpread, kCommonRuns, kCommonSpread, 0, std::log(kLeastFactor)});
}

FeatureVector factors_of(const State& state, const std::vector<std::size_t>& features, const FeatureVector& others) {
  FeatureVector out = others;
  for (std::size_t i = 0; i < features.size(); ++i) out[features[i]] = std::exp(state.logs.mean(static_cast<Index>(i)));
  return out;
}

}  // namespace

FactorPrior reference_log_prior() {
  FactorPrior out{{}, std::vector<FeatureVector>(kFeatureCount)};
  out.mean.fill(1);
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    for (std::size_t g = 0; g < kFeatureCount; ++g) out.covariance[f][g] = reference_covariance(f, g, false);
  }
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
  Gaussian prior = reference_gaussian(features);
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
    out.noise.push_back(std::sqrt(state.noise.variance));
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
