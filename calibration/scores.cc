// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "calibration/statistics.h"
#include "calibration/validate.h"

namespace nngauge {
namespace {

int sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

}  // namespace

// tau-b = (concordant - discordant) / sqrt((pairs - ties in a) (pairs - ties in b)).
std::optional<double> kendall_tau(std::span<const double> a, std::span<const double> b) {
  std::int64_t difference = 0, untied_a = 0, untied_b = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const int x = sign(a[i] - a[j]), y = sign(b[i] - b[j]);
      difference += x * y;
      untied_a += x != 0, untied_b += y != 0;
    }
  }
  if (untied_a == 0 || untied_b == 0) return std::nullopt;
  return static_cast<double>(difference) / std::sqrt(static_cast<double>(untied_a) * static_cast<double>(untied_b));
}

Scores score(std::span<const ScoredRun> runs) {
  Scores out;
  out.n = static_cast<std::int64_t>(runs.size());
  if (runs.empty()) return out;
  std::vector<double> apes, widths, predicted, measured;
  double squares = 0;
  for (const ScoredRun& run : runs) {
    const double error = run.predicted / run.measured - 1;
    out.mape += std::abs(error), out.bias += error, squares += error * error;
    out.within_5 += std::abs(error) <= 0.05, out.within_10 += std::abs(error) <= 0.10,
        out.within_15 += std::abs(error) <= 0.15;
    out.interval_coverage += run.measured >= run.p5 && run.measured <= run.p95;
    apes.push_back(std::abs(error));
    if (run.predicted > 0) widths.push_back((run.p95 - run.p5) / run.predicted);
    predicted.push_back(run.predicted), measured.push_back(run.measured);
  }
  const auto n = static_cast<double>(runs.size());
  for (double* mean : {&out.mape, &out.bias, &out.within_5, &out.within_10, &out.within_15, &out.interval_coverage})
    *mean /= n;
  out.rmspe = std::sqrt(squares / n);
  out.median_ape = median(std::move(apes));
  out.interval_median_relative_width = median(std::move(widths));
  out.kendall_tau = kendall_tau(predicted, measured);
  return out;
}

}  // namespace nngauge
