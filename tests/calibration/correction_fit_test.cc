// SPDX-License-Identifier: Apache-2.0
#include "calibration/correction_fit.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace nngauge;

namespace {

// Of 1x1 convolutions but for a share of depthwise ones.
FeatureVector roots(double depthwise) {
  FeatureVector out{};
  out[static_cast<std::size_t>(Feature::kConv1x1Macs)] = std::sqrt(1 - depthwise);
  out[static_cast<std::size_t>(Feature::kDepthwiseMacs)] = std::sqrt(depthwise);
  return out;
}

// What a fit misses networks of so many depthwise kernels by: a curve, and of every run a little.
double miss_of(double depthwise) { return 0.08 * std::sin(6 * depthwise); }

std::vector<MissedNetwork> measured(std::size_t count) {
  std::vector<MissedNetwork> out;
  for (std::size_t i = 0; i < count; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(count);
    out.push_back({roots(share), miss_of(share) + (i % 2 == 0 ? 0.004 : -0.004)});
  }
  return out;
}

}  // namespace

TEST_CASE("correction: networks between measured ones are missed by what these are") {
  const ResidualCorrection fitted = fit_correction(measured(40));
  REQUIRE(fitted.networks);
  for (const double share : {0.11, 0.26, 0.51, 0.77}) {
    CAPTURE(share);
    CHECK(correction_factor(fitted, roots(share)) == Approx(1 + miss_of(share)).margin(0.01));
  }
}

TEST_CASE("correction: one run that is far off does not bend its neighbours") {
  std::vector<MissedNetwork> runs = measured(40);
  runs[20].miss += 0.8;
  const ResidualCorrection fitted = fit_correction(runs);
  CHECK(correction_factor(fitted, roots(0.51)) == Approx(1 + miss_of(0.51)).margin(0.04));
}

TEST_CASE("correction: features that no network has are no column, and few networks say nothing") {
  const ResidualCorrection fitted = fit_correction(measured(kFewestNetworks));
  REQUIRE(fitted.networks);
  CHECK(fitted.networks->features == std::vector<Feature>{Feature::kConv1x1Macs, Feature::kDepthwiseMacs});
  CHECK(fitted.networks->roots.size() == kFewestNetworks);
  CHECK(fitted.weights.size() == kFewestNetworks);
  CHECK_FALSE(fit_correction(measured(kFewestNetworks - 1)).networks);
}
