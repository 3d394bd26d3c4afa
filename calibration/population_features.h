// SPDX-License-Identifier: Apache-2.0
// Owns: which features the equations of a population have at all: the others say nothing and would only cost time.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "calibration/population.h"

namespace nngauge {

// Indices into a FeatureVector, ascending.
inline std::vector<std::size_t> features_of(std::span<const Equations> setups) {
  std::vector<std::size_t> out;
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    const bool used = std::any_of(setups.begin(), setups.end(), [&](const Equations& equations) {
      return std::any_of(equations.begin(), equations.end(), [&](const FeatureVector& row) { return row[f] != 0; });
    });
    if (used) out.push_back(f);
  }
  return out;
}

}  // namespace nngauge
