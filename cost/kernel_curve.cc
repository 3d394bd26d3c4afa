// SPDX-License-Identifier: Apache-2.0
#include "cost/kernel_curve.h"

#include <algorithm>
#include <cmath>

namespace nngauge {
namespace {

constexpr double kMillion = 1e6, kThousand = 1e3;
constexpr double kSlice = 4;         // channels of one texel
constexpr double kWinogradTile = 4;  // results of one tile along an axis
constexpr double kWinogradPoints = 36;
constexpr double kLeastMicroseconds = 1e-3;
// The correction by similar kernels: standard deviation and reach, in factors of two, of its two parts.
constexpr double kNear = 1.5, kNearSpread = 0.15, kFar = 4.5, kFarSpread = 0.3;

double slices(double channels) { return std::ceil(channels / kSlice); }
double side(double positions) { return std::sqrt(positions); }
double log_of(double x) { return std::log2(std::max(x, 1.0)); }
// By how much of it `x` grows where it is filled up to a multiple of `step`.
double filling(double x, double step) { return x > 0 ? std::ceil(x / step) * step / x - 1 : 0; }

std::vector<double> conv_terms(const KernelShape& s, bool grouped) {
  const double in = slices(s.channels), out = slices(s.filters), groups = std::max(s.groups, 1.0);
  const double depth = grouped ? s.channels / groups : in * kSlice;
  return {1,
          s.out * out * kSlice * s.taps * depth / kMillion,
          s.out * out * kSlice / kMillion,
          s.in * in * kSlice / kMillion,
          in * out * kSlice * kSlice * s.taps / groups / kMillion,
          s.taps * in / kThousand,
          s.links * s.out * out * kSlice / kMillion};
}

std::vector<double> winograd_terms(const KernelShape& s) {
  const double in = slices(s.channels) * kSlice, out = slices(s.filters) * kSlice;
  const double along = std::ceil(side(s.out) / kWinogradTile), points = along * along * kWinogradPoints;
  return {1,
          points * in * out / kMillion,
          points * in / kMillion,
          points * out / kMillion,
          kWinogradPoints * in * out / kMillion,
          in / kSlice / kThousand};
}

std::vector<double> depthwise_terms(const KernelShape& s) {
  const double out = s.out * slices(s.filters) * kSlice;
  return {1, out * s.taps / kMillion, out / kMillion, s.in * slices(s.channels) * kSlice / kMillion};
}

std::vector<double> depthwise_pointwise_terms(const KernelShape& s) {
  const double in = slices(s.channels) * kSlice, out = slices(s.filters) * kSlice;
  return {1, s.out * in * s.taps / kMillion, s.out * out * in / kMillion};
}

std::vector<double> dense_terms(const KernelShape& s) {
  const double in = slices(s.channels), out = slices(s.filters);
  return {1, in * out * kSlice * kSlice / kMillion, in / kThousand, out / kThousand};
}

std::vector<double> mean_terms(const KernelShape& s) {
  const double in = slices(s.channels);
  return {1, s.in * in * kSlice / kMillion, s.in / kThousand, in / kThousand};
}

std::vector<double> pool_terms(const KernelShape& s) {
  const double out = s.out * slices(s.filters) * kSlice;
  return {1, out * s.taps / kMillion, out / kMillion};
}

std::vector<double> concat_terms(const KernelShape& s) { return {1, s.out * s.filters / kMillion, s.taps}; }

CurvePlace conv_place(const KernelShape& s) {
  const double out = slices(s.filters);
  return {log_of(side(s.out)),
          log_of(slices(s.channels)),
          log_of(out),
          log_of(s.taps),
          2 * log_of(s.stride),
          0.5 * std::min(s.links, 2.0),
          std::fmod(s.channels, kSlice) / kSlice,
          3 * filling(side(s.out), 2),
          filling(out, 2),
          filling(out, 4)};
}

CurvePlace winograd_place(const KernelShape& s) {
  const double out = slices(s.filters);
  return {log_of(side(s.out)), log_of(slices(s.channels)), log_of(out), 3 * filling(side(s.out), kWinogradTile),
          filling(out, 4)};
}

CurvePlace grouped_place(const KernelShape& s) {
  return {log_of(side(s.out)), log_of(slices(s.channels)), log_of(s.channels / std::max(s.groups, 1.0)),
          2 * log_of(s.stride), log_of(s.taps)};
}

CurvePlace depthwise_place(const KernelShape& s) {
  return {log_of(side(s.out)), log_of(slices(s.channels)), log_of(s.taps), 2 * log_of(s.stride), 0.5 * s.specials};
}

CurvePlace dense_place(const KernelShape& s) {
  return {log_of(slices(s.channels)), log_of(slices(s.filters)), 0.5 * s.links, 0.5 * s.specials};
}

struct ClassRow {
  std::string_view klass;
  std::vector<double> (*terms)(const KernelShape&);
  CurvePlace (*place)(const KernelShape&);
};

constexpr std::array kRows = {
    ClassRow{"conv", [](const KernelShape& s) { return conv_terms(s, false); }, conv_place},
    ClassRow{"conv-1x1", [](const KernelShape& s) { return conv_terms(s, false); }, conv_place},
    ClassRow{"conv-grouped", [](const KernelShape& s) { return conv_terms(s, true); }, grouped_place},
    ClassRow{"conv-winograd", winograd_terms, winograd_place},
    ClassRow{"dwconv", depthwise_terms, depthwise_place},
    ClassRow{"dwconv-1x1", depthwise_pointwise_terms,
             [](const KernelShape& s) -> CurvePlace {
               return {log_of(side(s.out)), log_of(slices(s.channels)), log_of(slices(s.filters))};
             }},
    ClassRow{"dense", dense_terms, dense_place},
    ClassRow{"mean", mean_terms,
             [](const KernelShape& s) -> CurvePlace {
               return {log_of(side(s.in)), log_of(slices(s.channels))};
             }},
    ClassRow{"pool", pool_terms,
             [](const KernelShape& s) -> CurvePlace {
               return {log_of(side(s.out)), log_of(slices(s.channels)), log_of(s.taps)};
             }},
    ClassRow{"element-wise",
             [](const KernelShape& s) -> std::vector<double> {
               return {1, s.in * slices(s.channels) * kSlice / kMillion};
             },
             [](const KernelShape& s) -> CurvePlace {
               return {log_of(side(s.in)), log_of(slices(s.channels)), 0.5 * s.links, 0.5 * s.specials};
             }},
    ClassRow{"concat", concat_terms,
             [](const KernelShape& s) -> CurvePlace {
               return {log_of(side(s.out)), log_of(slices(s.filters)), log_of(s.taps)};
             }},
};

const ClassRow* find_row(std::string_view klass) {
  for (const ClassRow& row : kRows) {
    if (row.klass == klass) return &row;
  }
  return nullptr;
}

}  // namespace

std::array<double, kShapeNumbers> shape_numbers(const KernelShape& s) {
  return {s.in, s.channels, s.out, s.taps, s.stride, s.filters, s.groups, s.links, s.specials};
}

KernelShape shape_of_numbers(std::span<const double> n) {
  return n.size() < kShapeNumbers ? KernelShape{} : KernelShape{n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8]};
}

bool has_curve_terms(std::string_view klass) { return find_row(klass) != nullptr; }

std::vector<double> curve_terms(std::string_view klass, const KernelShape& shape) {
  const ClassRow* row = find_row(klass);
  return row ? row->terms(shape) : std::vector<double>{};
}

CurvePlace curve_place(std::string_view klass, const KernelShape& shape) {
  const ClassRow* row = find_row(klass);
  return row ? row->place(shape) : CurvePlace{};
}

double place_likeness(const CurvePlace& a, const CurvePlace& b) {
  double distance = 0;
  for (std::size_t i = 0; i < kPlaceNumbers; ++i) distance += (a[i] - b[i]) * (a[i] - b[i]);
  return kFarSpread * kFarSpread * std::exp(-distance / (2 * kFar * kFar)) +
         kNearSpread * kNearSpread * std::exp(-distance / (2 * kNear * kNear));
}

CurveReader::CurveReader(const KernelCurve& curve) : curve_(curve) {
  for (const CurvePoint& point : curve.points) places_.push_back(curve_place(curve.klass, point.shape));
}

double CurveReader::microseconds(const KernelShape& shape) const {
  const std::vector<double> terms = curve_terms(curve_.klass, shape);
  double roofline = 0;
  for (std::size_t i = 0; i < terms.size() && i < curve_.prices.size(); ++i) roofline += terms[i] * curve_.prices[i];
  const CurvePlace place = curve_place(curve_.klass, shape);
  double correction = curve_.offset;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    correction += curve_.points[i].weight * place_likeness(place, places_[i]);
  }
  // What lies far from all that was measured has no correction but the offset; a wild extrapolation is cut off.
  return std::max(roofline, kLeastMicroseconds) * std::exp(std::clamp(correction, -2.0, 2.0));
}

}  // namespace nngauge
