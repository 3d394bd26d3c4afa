// SPDX-License-Identifier: Apache-2.0
// Owns: how long a kernel of a class runs, from its shape, where runtimes were measured kernel by kernel: a roofline of
// few terms, corrected by what the measured kernels of similar shape missed it by. Not here: the fit
// (calibration/curve_fit.h), which shape a kernel has (gpu_kernels.h).
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nngauge {

// What the time of one kernel depends on. Positions and taps are products of the spatial extents.
struct KernelShape {
  double in = 1;        // positions of the input, without padding
  double channels = 1;  // of the input
  double out = 1;       // positions of the result
  double taps = 1;      // of the window; Concat: operands
  double stride = 1;
  double filters = 1;  // channels of the result
  double groups = 1;
  double links = 0;     // sums and products that are done on the way
  double specials = 0;  // linked functions with an exponential or a division
  friend bool operator==(const KernelShape&, const KernelShape&) = default;
};
inline constexpr std::size_t kShapeNumbers = 9;
std::array<double, kShapeNumbers> shape_numbers(const KernelShape& shape);
KernelShape shape_of_numbers(std::span<const double> numbers);

// Classes of kernels that have curves; rows in kernel_curve.cc.
bool has_curve_terms(std::string_view klass);

// Units of work of the roofline: a constant, then millions of multiply-accumulates, elements and weights, channels in
// slices of four as GPUs keep them.
std::vector<double> curve_terms(std::string_view klass, const KernelShape& shape);

// Where a shape lies among others: mostly logarithms to the base 2, so that 1 is a factor of 2.
inline constexpr std::size_t kPlaceNumbers = 10;
using CurvePlace = std::array<double, kPlaceNumbers>;
CurvePlace curve_place(std::string_view klass, const KernelShape& shape);

// How alike two places are, 0 to 1 times a variance: a wide and a narrow bell.
double place_likeness(const CurvePlace& a, const CurvePlace& b);

struct CurvePoint {
  KernelShape shape;
  double weight = 0;
};

// microseconds = terms x prices x exp(offset + sum over points of weight x likeness).
struct KernelCurve {
  std::string klass;
  std::vector<double> prices;  // microseconds per unit of each term, not negative
  double offset = 0;
  std::vector<CurvePoint> points;
};

// A curve ready for many kernels: places are worked out once.
class CurveReader {
 public:
  explicit CurveReader(const KernelCurve& curve);
  [[nodiscard]] std::string_view klass() const { return curve_.klass; }
  [[nodiscard]] double microseconds(const KernelShape& shape) const;

 private:
  const KernelCurve& curve_;
  std::vector<CurvePlace> places_;
};

}  // namespace nngauge
