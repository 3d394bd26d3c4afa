// SPDX-License-Identifier: Apache-2.0
// Owns: measured kernels -> curves.
#pragma once

#include <span>
#include <vector>

#include "calibration/timed_kernels.h"

namespace nngauge {

// A class of kernels with fewer distinct shapes has no curve.
inline constexpr std::size_t kFewestShapes = 8;

// One curve per class, classes by name. The prices of the roofline minimise the squared relative miss, none negative;
// what the measured shapes still miss is interpolated by a Gaussian process over a few of them that lie far apart
// (subset of regressors: Rasmussen and Williams, Gaussian Processes for Machine Learning, section 8.3.1).
std::vector<KernelCurve> fit_curves(std::span<const TimedKernel* const> runs);

}  // namespace nngauge
