// SPDX-License-Identifier: Apache-2.0
#include "calibration/surface_fit.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/csv.h"
#include "calibration/statistics.h"
#include "cost/energy_model.h"
#include "cost/features.h"

namespace nngauge {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr double kMacExponent = 0.9;
constexpr std::size_t kLeastKernels = 30;
constexpr int kFolds = 10;
constexpr double kFreedom = 4;  // of Student's t
constexpr int kReweightings = 3;
constexpr double kMostCounted = 0.5;  // a larger error in logs counts as this one

// What the search varies, in logs.
struct Hyper {
  double amplitude = std::log(1.0), noise = std::log(0.08);
  ShapePoint scale;
  int twice_smoothness = 3;
  Hyper() { scale.fill(std::log(2.0)); }
};

// Kernels as the process sees them: standardised shapes, logs of energy less the trend.
struct Data {
  std::vector<ShapePoint> x;
  std::vector<double> z, step;  // step: variance of the meter's steps, in logs
  ShapePoint centre{}, spread{};
};

ShapePoint shape_of(const KernelRun& run) {
  const double side = std::ceil(run.extent / run.stride);
  return {std::log(side),
          std::log(run.channels_in),
          std::log(run.channels_out),
          std::log(run.kernel),
          std::log(run.stride),
          std::log(side * side * run.channels_in * run.channels_out * run.kernel * run.kernel)};
}

Data data_of(const std::vector<KernelRun>& runs) {
  Data out;
  const auto n = static_cast<double>(runs.size());
  for (const KernelRun& run : runs) {
    out.x.push_back(shape_of(run));
    out.z.push_back(std::log(run.energy_mj) - kMacExponent * out.x.back().back());
    // A uniform error of one step has a variance of step^2 / 12.
    out.step.push_back(kStepMj * kStepMj / 12 / (run.energy_mj * run.energy_mj));
  }
  for (std::size_t d = 0; d < kShapeInputs; ++d) {
    for (const ShapePoint& x : out.x) out.centre[d] += x[d] / n;
    for (const ShapePoint& x : out.x) out.spread[d] += (x[d] - out.centre[d]) * (x[d] - out.centre[d]) / n;
    out.spread[d] = std::max(std::sqrt(out.spread[d]), 1e-3);
    for (ShapePoint& x : out.x) x[d] = (x[d] - out.centre[d]) / out.spread[d];
  }
  return out;
}

struct Fitted {
  double level = 0;
  Vector weights;                // of the points of `rows`, times amplitude^2
  std::vector<double> left_out;  // measured less predicted with each point left out, in logs
};

ShapePoint scaled(const ShapePoint& x, const Hyper& hyper) {
  ShapePoint out;
  for (std::size_t d = 0; d < kShapeInputs; ++d) out[d] = x[d] / std::exp(hyper.scale[d]);
  return out;
}

// Rows of `data` by number. nullopt: the covariance is no positive matrix.
std::optional<Fitted> fit(const Data& data, const std::vector<std::size_t>& rows, const Hyper& hyper) {
  const auto n = static_cast<Eigen::Index>(rows.size());
  std::vector<double> z;
  std::vector<ShapePoint> x;
  for (const std::size_t row : rows) z.push_back(data.z[row]), x.push_back(scaled(data.x[row], hyper));
  Fitted out;
  out.level = upper_median(z);
  Matrix covariance(n, n);
  const double variance = std::exp(2 * hyper.amplitude), noise = std::exp(2 * hyper.noise);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      covariance(i, j) =
          variance * matern(x[static_cast<std::size_t>(i)], x[static_cast<std::size_t>(j)], hyper.twice_smoothness);
      covariance(j, i) = covariance(i, j);
    }
  }
  Vector target(n), doubt = Vector::Ones(n);
  for (Eigen::Index i = 0; i < n; ++i) target(i) = z[static_cast<std::size_t>(i)] - out.level;
  for (int round = 0; round < kReweightings; ++round) {
    Matrix noisy = covariance;
    for (Eigen::Index i = 0; i < n; ++i) {
      noisy(i, i) += noise * doubt(i) + data.step[rows[static_cast<std::size_t>(i)]];
    }
    const Eigen::LLT<Matrix> cholesky(noisy);
    if (cholesky.info() != Eigen::Success) return std::nullopt;
    const Matrix inverse = cholesky.solve(Matrix::Identity(n, n));
    const Vector alpha = inverse * target;
    out.left_out.assign(rows.size(), 0);
    for (Eigen::Index i = 0; i < n; ++i) {
      const double residual = alpha(i) / inverse(i, i);  // Rasmussen and Williams, equation 5.12
      out.left_out[static_cast<std::size_t>(i)] = residual;
      doubt(i) = (kFreedom + residual * residual * inverse(i, i)) / (kFreedom + 1);
    }
    out.weights = variance * alpha;
  }
  return out;
}

double predict_row(const Data& data, const std::vector<std::size_t>& rows, const Fitted& fitted, const Hyper& hyper,
                   std::size_t row) {
  double sum = fitted.level;
  const ShapePoint x = scaled(data.x[row], hyper);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    sum += fitted.weights(static_cast<Eigen::Index>(i)) *
           matern(x, scaled(data.x[rows[i]], hyper), hyper.twice_smoothness);
  }
  return sum + kMacExponent * (data.x[row].back() * data.spread.back() + data.centre.back());
}

// The mean error of kernels left out one by one, those of a few steps apart.
double score(const Data& data, const std::vector<KernelRun>& runs, const std::vector<std::size_t>& rows,
             const Hyper& hyper) {
  const auto fitted = fit(data, rows, hyper);
  if (!fitted) return 1e9;
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (runs[rows[i]].energy_mj < kLeastMj) continue;
    sum += std::min(std::abs(fitted->left_out[i]), kMostCounted), count += 1;
  }
  return sum / std::max(count, 1.0);
}

// Goes along one coordinate after the other with steps that shrink.
Hyper search(const Data& data, const std::vector<KernelRun>& runs, const std::vector<std::size_t>& rows) {
  Hyper best;
  double best_score = score(data, runs, rows, best);
  const auto try_it = [&](const Hyper& next) {
    const double value = score(data, runs, rows, next);
    if (value >= best_score - 1e-6) return false;
    best = next, best_score = value;
    return true;
  };
  for (const int smoothness : {1, 3}) {
    Hyper next = best;
    next.twice_smoothness = smoothness;
    try_it(next);
  }
  for (const double step : {1.0, 0.5, 0.25}) {
    for (std::size_t d = 0; d < kShapeInputs + 2; ++d) {
      for (const double sign : {1.0, -1.0}) {
        bool went = false;
        for (int i = 0; i < 4; ++i) {
          Hyper next = best;
          double& value = d < kShapeInputs ? next.scale[d] : d == kShapeInputs ? next.amplitude : next.noise;
          value += sign * step;
          if (!try_it(next)) break;
          went = true;
        }
        if (went) break;
      }
    }
  }
  return best;
}

// Five significant digits: what is measured to three needs no more, and a profile is read by people.
double rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 5);
  return std::round(value / unit) * unit;
}

struct HeldOut {
  double predicted = 0, measured = 0;
};

std::vector<SurfaceBand> bands_of(const std::vector<HeldOut>& held_out) {
  std::vector<SurfaceBand> out;
  double from = 0;
  for (const double upto : {kLeastMj, 0.1, 0.5, 2.5, 0.0}) {
    std::vector<double> ratios, errors;
    for (const HeldOut& one : held_out) {
      if (one.predicted <= from || (upto > 0 && one.predicted > upto)) continue;
      ratios.push_back(one.measured / one.predicted);
      errors.push_back(std::abs(one.predicted / one.measured - 1));
    }
    constexpr std::size_t kLeastInBand = 8;
    if (ratios.size() < kLeastInBand) continue;  // its kernels fall into the next band
    std::sort(ratios.begin(), ratios.end());
    out.push_back({upto, static_cast<std::int64_t>(ratios.size()), quantile(ratios, 0.05), quantile(ratios, 0.95),
                   upper_median(errors)});
    from = upto;
  }
  if (!out.empty()) out.back().upto_mj = 0;
  return out;
}

// What other kernels cost per millisecond on the reference core, from what convolutions do.
double other_mj_per_ms(const std::vector<KernelRun>& runs) {
  std::vector<double> ratios;
  const double us_per_million = feature_table()[static_cast<std::size_t>(Feature::kConv1x1Macs)].prior_float_us;
  for (const KernelRun& run : runs) {
    if (run.energy_mj < kLeastMj) continue;
    ratios.push_back(run.energy_mj / (std::exp(shape_of(run).back()) / 1e6 * us_per_million / 1000));
  }
  return ratios.empty() ? 0 : upper_median(ratios);
}

// Each kernel by a surface of the other nine folds.
std::vector<HeldOut> held_out_folds(const Data& data, const std::vector<KernelRun>& runs, const Hyper& hyper) {
  // Folds by place in the table, spread by a multiplier that shares no factor with common counts.
  constexpr std::size_t kSpread = 7919;
  std::vector<HeldOut> out;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<std::size_t> rows, left;
    for (std::size_t row = 0; row < runs.size(); ++row)
      ((row * kSpread / 13) % kFolds == fold ? left : rows).push_back(row);
    const auto part = fit(data, rows, hyper);
    if (!part) continue;
    for (const std::size_t row : left)
      out.push_back({std::exp(predict_row(data, rows, *part, hyper, row)), runs[row].energy_mj});
  }
  return out;
}

EnergySurface surface_of(const Data& data, const Fitted& whole, const Hyper& hyper) {
  EnergySurface out;
  out.level = whole.level, out.mac_exponent = kMacExponent;
  out.twice_smoothness = hyper.twice_smoothness;
  out.amplitude = std::exp(hyper.amplitude), out.noise = std::exp(hyper.noise);
  out.centre = data.centre;
  for (std::size_t d = 0; d < kShapeInputs; ++d) out.scale[d] = data.spread[d] * std::exp(hyper.scale[d]);
  for (std::size_t i = 0; i < data.x.size(); ++i) {
    SurfacePoint point{scaled(data.x[i], hyper), 0};
    for (double& x : point.x) x = rounded(x);
    point.weight = rounded(whole.weights(static_cast<Eigen::Index>(i)) / (out.amplitude * out.amplitude));
    out.points.push_back(point);
  }
  return out;
}

// Kernels that are large enough to be scored, with the interval of their band.
std::vector<ScoredRun> scored_kernels(const std::vector<HeldOut>& held_out, const std::vector<SurfaceBand>& bands) {
  std::vector<ScoredRun> out;
  for (const HeldOut& one : held_out) {
    if (one.measured < kLeastMj) continue;
    ScoredRun run;
    run.metric = Metric::kEnergyMj;
    run.predicted = one.predicted, run.measured = one.measured, run.ape = std::abs(one.predicted / one.measured - 1);
    for (const SurfaceBand& band : bands) {
      if (band.upto_mj > 0 && one.predicted > band.upto_mj) continue;
      run.p5 = band.p5 * one.predicted, run.p95 = band.p95 * one.predicted;
      break;
    }
    out.push_back(run);
  }
  return out;
}

}  // namespace

Result<std::vector<KernelRun>> parse_kernel_runs(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kBadRuns);
  NNGAUGE_CHECK(
      table.require({"device", "setup", "extent", "channels_in", "channels_out", "kernel", "stride", "energy_mj"}));
  std::vector<KernelRun> out;
  for (const CsvRecord& row : table.rows()) {
    KernelRun run;
    NNGAUGE_TRY(run.device, table.text(row, "device"));
    NNGAUGE_TRY(run.setup, table.text(row, "setup"));
    const auto number = [&](const char* column) { return table.number(row, column, false, true); };
    NNGAUGE_TRY(const auto extent, number("extent"));
    NNGAUGE_TRY(const auto in, number("channels_in"));
    NNGAUGE_TRY(const auto channels_out, number("channels_out"));
    NNGAUGE_TRY(const auto kernel, number("kernel"));
    NNGAUGE_TRY(const auto stride, number("stride"));
    NNGAUGE_TRY(const auto energy, number("energy_mj"));
    run.extent = *extent, run.channels_in = *in, run.channels_out = *channels_out;
    run.kernel = *kernel, run.stride = *stride, run.energy_mj = *energy;
    out.push_back(std::move(run));
  }
  return out;
}

Result<SurfaceFit> fit_surface(const std::vector<KernelRun>& runs) {
  if (runs.size() < kLeastKernels) {
    return make_error(ErrorCode::kBadRuns, "a surface needs " + std::to_string(kLeastKernels) + " kernels, not " +
                                               std::to_string(runs.size()));
  }
  const Data data = data_of(runs);
  std::vector<std::size_t> all(runs.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const Hyper hyper = search(data, runs, all);
  const auto whole = fit(data, all, hyper);
  if (!whole) return make_error(ErrorCode::kBadRuns, "the kernels' energies fit no surface");

  const std::vector<HeldOut> held_out = held_out_folds(data, runs, hyper);
  SurfaceFit out;
  out.surface = surface_of(data, *whole, hyper);
  out.surface.bands = bands_of(held_out);
  out.surface.other_mj_per_ms = other_mj_per_ms(runs);
  out.held_out = scored_kernels(held_out, out.surface.bands);
  if (out.held_out.empty() || out.surface.bands.empty())
    return make_error(ErrorCode::kBadRuns, "all energies are too small");
  const Scores scores = score(out.held_out);
  out.kernels = scores.n;
  out.median_error = scores.median_ape, out.mean_error = scores.mape, out.coverage = scores.interval_coverage;
  out.surface.held_out_median_error = out.median_error;
  return out;
}

}  // namespace nngauge
