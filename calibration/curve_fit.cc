// SPDX-License-Identifier: Apache-2.0
#include "calibration/curve_fit.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "calibration/kept.h"
#include "calibration/nnls.h"

namespace nngauge {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::size_t kMostPoints = 96;
constexpr double kNoise = 0.04;   // standard deviation of the logarithm of one measured kernel's time
constexpr double kJitter = 1e-5;  // keeps the weights small where points lie close together
constexpr double kLeastRoofline = 1e-3;

// Kernels of one shape: their mean logarithm of microseconds, and how many.
struct Seen {
  KernelShape shape;
  double log_us = 0, count = 0;
};

std::vector<Seen> distinct(std::span<const TimedKernel* const> runs) {
  std::map<std::array<double, kShapeNumbers>, Seen> by_shape;
  for (const TimedKernel* run : runs) {
    Seen& seen = by_shape[shape_numbers(run->shape)];
    seen.shape = run->shape, seen.log_us += std::log(run->latency_us), seen.count += 1;
  }
  std::vector<Seen> out;
  for (auto& [key, seen] : by_shape) {
    seen.log_us /= seen.count;
    out.push_back(seen);
  }
  return out;
}

std::vector<double> roofline_prices(const std::string& klass, const std::vector<Seen>& seen) {
  std::vector<std::vector<double>> rows;
  std::vector<double> scale;
  for (const Seen& one : seen) {
    std::vector<double> row = curve_terms(klass, one.shape);
    scale.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) row[i] /= std::exp(one.log_us), scale[i] += row[i];
    rows.push_back(std::move(row));
  }
  for (std::vector<double>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = scale[i] > 0 ? row[i] / scale[i] : 0;
  }
  std::vector<double> prices = solve_nnls(rows, std::vector<double>(rows.size(), 1.0));
  for (std::size_t i = 0; i < prices.size(); ++i) prices[i] = scale[i] > 0 ? kept(prices[i] / scale[i]) : 0;
  return prices;
}

// The shape measured most often, then each time the one farthest from those taken.
std::vector<std::size_t> far_apart(const std::vector<Seen>& seen, const std::vector<CurvePlace>& places) {
  const auto squared = [&](std::size_t a, std::size_t b) {
    double sum = 0;
    for (std::size_t i = 0; i < kPlaceNumbers; ++i)
      sum += (places[a][i] - places[b][i]) * (places[a][i] - places[b][i]);
    return sum;
  };
  std::vector<std::size_t> out;
  std::size_t next = 0;
  for (std::size_t i = 1; i < seen.size(); ++i) {
    if (seen[i].count > seen[next].count) next = i;
  }
  std::vector<double> nearest(seen.size(), 1e300);
  while (out.size() < kMostPoints) {
    out.push_back(next);
    for (std::size_t i = 0; i < seen.size(); ++i) nearest[i] = std::min(nearest[i], squared(i, out.back()));
    next = static_cast<std::size_t>(std::max_element(nearest.begin(), nearest.end()) - nearest.begin());
    if (nearest[next] < 1e-9) break;
  }
  return out;
}

KernelCurve fit_curve(const std::string& klass, const std::vector<Seen>& seen) {
  KernelCurve out{klass, roofline_prices(klass, seen), 0, {}};
  const auto n = static_cast<Index>(seen.size());
  std::vector<CurvePlace> places;
  VectorXd miss(n), precision(n);
  for (Index i = 0; i < n; ++i) {
    const Seen& one = seen[static_cast<std::size_t>(i)];
    places.push_back(curve_place(klass, one.shape));
    const std::vector<double> terms = curve_terms(klass, one.shape);
    double roofline = 0;
    for (std::size_t t = 0; t < terms.size(); ++t) roofline += terms[t] * out.prices[t];
    miss(i) = one.log_us - std::log(std::max(roofline, kLeastRoofline));
    precision(i) = one.count / (kNoise * kNoise);
  }
  std::vector<double> sorted(miss.data(), miss.data() + n);
  std::nth_element(sorted.begin(), sorted.begin() + n / 2, sorted.end());
  out.offset = kept(sorted[static_cast<std::size_t>(n / 2)]);
  miss.array() -= out.offset;

  const std::vector<std::size_t> points = far_apart(seen, places);
  const auto m = static_cast<Index>(points.size());
  MatrixXd across(n, m), among(m, m);
  for (Index j = 0; j < m; ++j) {
    const CurvePlace& place = places[points[static_cast<std::size_t>(j)]];
    for (Index i = 0; i < n; ++i) across(i, j) = place_likeness(places[static_cast<std::size_t>(i)], place);
  }
  for (Index j = 0; j < m; ++j) among.row(j) = across.row(static_cast<Index>(points[static_cast<std::size_t>(j)]));
  const MatrixXd weighted = precision.asDiagonal() * across;
  const MatrixXd normal = across.transpose() * weighted + among + MatrixXd::Identity(m, m) * kJitter;
  const VectorXd weights = normal.ldlt().solve(weighted.transpose() * miss);
  for (Index j = 0; j < m; ++j) {
    out.points.push_back({seen[points[static_cast<std::size_t>(j)]].shape, kept(weights(j))});
  }
  return out;
}

}  // namespace

std::vector<KernelCurve> fit_curves(std::span<const TimedKernel* const> runs) {
  std::map<std::string, std::vector<const TimedKernel*>> classes;
  for (const TimedKernel* run : runs) classes[run->klass].push_back(run);
  std::vector<KernelCurve> out;
  for (const auto& [klass, members] : classes) {
    const std::vector<Seen> seen = distinct(members);
    if (seen.size() >= kFewestShapes) out.push_back(fit_curve(klass, seen));
  }
  return out;
}

}  // namespace nngauge
