// SPDX-License-Identifier: Apache-2.0
// Owns: the regression behind a fitted metric: samples -> coefficients, support, corrections, and predictions for rows
// left out. fit.h and validate.h both stand on it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "calibration/samples.h"
#include "cost/device_profile.h"
#include "cost/price.h"

namespace nngauge {

// The fits of one population, per set; nullopt where no sample is left. No residuals yet. With `like`, each set is
// drawn to what those devices have in common instead of to the other sets. The prior of a term is the reference of the
// feature table, scaled to the set's samples by the median of measured / prior prediction.
std::vector<std::optional<FittedMetric>> fit_sets(std::span<const SampleSet* const> sets, const LeftOut& without,
                                                  std::span<const DeviceProfile> like);

// Each sample predicted by a fit without its model or family: per set and sample; nullopt where nothing is left to fit.
std::vector<std::vector<std::optional<Price>>> predict_held_out(std::span<const SampleSet* const> sets, Split split,
                                                                std::span<const DeviceProfile> like);

// measured / predicted.
std::vector<std::optional<double>> ratios_of(const SampleSet& set, std::span<const std::optional<Price>> predicted);

// Quantiles of the known ratios; nullopt: fewer than five.
std::optional<ResidualQuantiles> quantiles_of(std::span<const std::optional<double>> ratios, Split split);

}  // namespace nngauge
