// SPDX-License-Identifier: Apache-2.0
// Owns: pictures of a validation: predicted against measured, and how often intervals hold. As SVG and as text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "calibration/validate.h"
#include "report/format.h"

namespace nngauge {

// How often measurements lie in intervals that are widened or narrowed to `nominal` coverage: the 90 % interval is
// taken as that of a normal distribution of the logarithm, with a width of its own on each side.
struct IntervalLevel {
  double nominal = 0;   // share that should lie inside
  double observed = 0;  // share that does
};
std::vector<IntervalLevel> interval_levels(std::span<const ScoredRun> runs);

// Both axes logarithmic, one colour a device (a setup where there is one device); lines at 10 % beside the diagonal. Runs are of one metric; those that
// fall on one dot of the picture are drawn once.
std::string predicted_plot_svg(std::span<const ScoredRun> runs);
std::string interval_plot_svg(std::span<const ScoredRun> runs);

// A histogram of predicted / measured and the levels, for the terminal.
std::string validation_plot_text(std::span<const ScoredRun> runs, const Style& style);

}  // namespace nngauge
