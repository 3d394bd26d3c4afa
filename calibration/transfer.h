// SPDX-License-Identifier: Apache-2.0
// Owns: what a device with few runs borrows from others: prices to start from, curves of kernels, and how wrong
// that leaves it. Not here: the fit (regression.h).
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "calibration/population.h"
#include "calibration/samples.h"
#include "cost/device_profile.h"

namespace nngauge {

// A setup of the same kind of another device.
struct LikeSetup {
  FeatureVector factors{};  // on the reference prices
  double scale = 1;         // what the reference prices were multiplied by
  double threads = 1;
  double half_width = 0;  // of the 90 % interval of measured / predicted, logarithms; 0: not known
  double weight = 1;      // how much it is like the setup that borrows, 0 to 1
};

// All that others say of a setup; the profiles outlive it.
struct LikeSetups {
  std::vector<LikeSetup> setups;
  std::map<std::string, KernelSupport> support;  // per class of kernels, where most models had it
};

// The setups of the same kind of `like`. Those that are as fast as `samples` of the set say, with about as many
// threads, weigh most.
LikeSetups find_like_setups(const SampleSet& set, std::span<const Sample* const> samples,
                            std::span<const DeviceProfile> like);

// What is known of a setup's factors before its runs: what those have in common, or the reference.
FactorPrior setup_prior(const SampleSet& set, const LikeSetups& like);

// The curves of the device whose kernels' times go best with the runs: the least spread of measured / said.
std::vector<KernelCurve> lent_curves(const SampleSet& set, const LeftOut& without, std::span<const DeviceProfile> like);

// measured / predicted on other networks, of a profile that borrows from others, by its number of runs.
ResidualQuantiles transfer_residuals(const SampleSet& set, const LikeSetups& like, std::int64_t runs);

}  // namespace nngauge
