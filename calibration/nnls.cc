// SPDX-License-Identifier: Apache-2.0
#include "calibration/nnls.h"

#include <Eigen/Dense>
#include <limits>

namespace nngauge {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Unconstrained solution over the columns in `passive`; 0 elsewhere.
VectorXd solve_passive(const MatrixXd& gram, const VectorXd& rhs, const std::vector<Index>& passive) {
  const auto n = static_cast<Index>(passive.size());
  MatrixXd part(n, n);
  VectorXd right(n);
  for (Index i = 0; i < n; ++i) {
    right(i) = rhs(passive[static_cast<std::size_t>(i)]);
    for (Index j = 0; j < n; ++j)
      part(i, j) = gram(passive[static_cast<std::size_t>(i)], passive[static_cast<std::size_t>(j)]);
  }
  const VectorXd solution = part.ldlt().solve(right);
  VectorXd out = VectorXd::Zero(rhs.size());
  for (Index i = 0; i < n; ++i) out(passive[static_cast<std::size_t>(i)]) = solution(i);
  return out;
}

// Largest step from x to z that keeps x >= 0, and the columns that it stops at leave `passive`.
void step_back(VectorXd& x, const VectorXd& z, std::vector<Index>& passive) {
  double alpha = 1;
  for (const Index j : passive) {
    if (z(j) <= 0) alpha = std::min(alpha, x(j) / (x(j) - z(j)));
  }
  x += alpha * (z - x);
  std::vector<Index> kept;
  for (const Index j : passive) {
    const bool stopped = z(j) <= 0 && x(j) <= 1e-14;
    if (stopped) x(j) = 0;
    else kept.push_back(j);
  }
  passive = std::move(kept);
}

}  // namespace

std::vector<double> solve_nnls(const std::vector<std::vector<double>>& a, const std::vector<double>& b) {
  const auto rows = static_cast<Index>(a.size());
  const auto columns = rows == 0 ? Index{0} : static_cast<Index>(a.front().size());
  MatrixXd m(rows, columns);
  VectorXd right(rows);
  for (Index i = 0; i < rows; ++i) {
    right(i) = b[static_cast<std::size_t>(i)];
    for (Index j = 0; j < columns; ++j) m(i, j) = a[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  }
  // Columns of length one, so that one tolerance fits all.
  VectorXd scale(columns);
  for (Index j = 0; j < columns; ++j) {
    scale(j) = m.col(j).norm();
    if (scale(j) > 0) m.col(j) /= scale(j);
  }
  const MatrixXd gram = m.transpose() * m;
  const VectorXd rhs = m.transpose() * right;
  const double tolerance = 1e-10 * std::max(1.0, right.norm());

  VectorXd x = VectorXd::Zero(columns);
  std::vector<Index> passive;
  for (Index round = 0; round < 10 * columns + 10; ++round) {
    const VectorXd gradient = rhs - gram * x;
    Index best = -1;
    double steepest = tolerance;
    for (Index j = 0; j < columns; ++j) {
      if (scale(j) == 0 || std::find(passive.begin(), passive.end(), j) != passive.end()) continue;
      if (gradient(j) > steepest) steepest = gradient(j), best = j;
    }
    if (best < 0) break;
    passive.push_back(best);
    while (!passive.empty()) {
      const VectorXd z = solve_passive(gram, rhs, passive);
      bool feasible = true;
      for (const Index j : passive) feasible = feasible && z(j) > 0;
      if (feasible) {
        x = z;
        break;
      }
      const std::size_t before = passive.size();
      step_back(x, z, passive);
      if (passive.size() == before) passive.pop_back();
    }
  }
  std::vector<double> out(static_cast<std::size_t>(columns), 0.0);
  for (Index j = 0; j < columns; ++j)
    out[static_cast<std::size_t>(j)] = scale(j) > 0 ? std::max(x(j), 0.0) / scale(j) : 0;
  return out;
}

}  // namespace nngauge
