// SPDX-License-Identifier: Apache-2.0
// Owns: what a fit misses the networks by that it was fitted to -> a correction for networks of like composition.
#pragma once

#include <span>
#include <vector>

#include "cost/residual_correction.h"

namespace nngauge {

// Fewer networks say nothing of what networks of a kind have in common.
inline constexpr std::size_t kFewestNetworks = 20;

// A network as one setup ran it.
struct MissedNetwork {
  FeatureVector roots{};  // share_roots
  double miss = 0;        // 1 - priced / measured
};

// A Gaussian process over compositions through the misses (Rasmussen and Williams, Gaussian Processes for Machine
// Learning, section 2.2); runs that miss by much weigh as by Student's t. Too few networks: none.
ResidualCorrection fit_correction(std::span<const MissedNetwork> networks);

}  // namespace nngauge
