// SPDX-License-Identifier: Apache-2.0
// Owns: measured energies of single convolutions -> a smooth surface over their shapes, with its held-out errors.
// Not here: what a surface says (cost/energy_model.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calibration/validate.h"
#include "cost/energy_profile.h"

namespace nngauge {

// One measured convolution: square input, SAME padding, batch 1.
struct KernelRun {
  std::string device, setup;
  double extent = 0, channels_in = 0, channels_out = 0, kernel = 0, stride = 0;
  double energy_mj = 0;
};
// device,setup,extent,channels_in,channels_out,kernel,stride,energy_mj. Errors: kBadRuns with line and column.
Result<std::vector<KernelRun>> parse_kernel_runs(std::string_view csv);

struct SurfaceFit {
  EnergySurface surface;
  std::int64_t kernels = 0;
  double median_error = 0, mean_error = 0, coverage = 0;  // held out in ten folds, kernels of kLeastMj and more
  std::vector<ScoredRun> held_out;                        // those kernels, by a surface that had not seen them
};
// Smaller energies are a few steps of the meter: they count for what they are known to, and are not scored.
inline constexpr double kLeastMj = 0.02;
// What a step of the meter is worth.
inline constexpr double kStepMj = 0.001;

// A Gaussian process on the log of energy per MAC^0.9 over the logs of the shape (Rasmussen and Williams, Gaussian
// Processes for Machine Learning, 2006, chapters 2 and 5), with measurements weighed as by Student's t. Its length
// scales minimise the errors of kernels each left out. The same runs give the same bits.
// Errors: kBadRuns where fewer than 30 kernels are there.
Result<SurfaceFit> fit_surface(const std::vector<KernelRun>& runs);

}  // namespace nngauge
