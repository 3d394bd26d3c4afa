// SPDX-License-Identifier: Apache-2.0
#include "cost/residual_correction.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "cost/price.h"

using namespace nngauge;

namespace {

std::size_t at(Feature feature) { return static_cast<std::size_t>(feature); }

FeatureVector of(double conv, double depthwise) {
  FeatureVector out{};
  out[at(Feature::kConv1x1Macs)] = conv, out[at(Feature::kDepthwiseMacs)] = depthwise;
  return out;
}

// A network of 1x1 convolutions alone took a tenth longer than priced, one half of depthwise ones was priced right.
ResidualCorrection correction() {
  const double half = std::sqrt(0.5);
  const MeasuredNetworks networks{{Feature::kConv1x1Macs, Feature::kDepthwiseMacs}, {{1, 0}, {half, half}}};
  return {std::make_shared<const MeasuredNetworks>(networks), {0.1, 0}};
}

}  // namespace

TEST_CASE("residual correction: shares of the cost by the reference prices") {
  const FeatureVector roots = share_roots(of(3, 4), of(2, 0.5));  // 6 us and 2 us
  CHECK(roots[at(Feature::kConv1x1Macs)] == Approx(std::sqrt(6. / 8)));
  CHECK(roots[at(Feature::kDepthwiseMacs)] == Approx(std::sqrt(2. / 8)));
  CHECK(share_roots(of(3, 4), of(0, 0)) == FeatureVector{});
}

TEST_CASE("residual correction: all of it for the same make-up, none for another") {
  CHECK(correction_factor(correction(), of(1, 0)) == Approx(1.1));
  CHECK(correction_factor(correction(), of(0, 1)) == Approx(1).margin(1e-6));
  const double near = correction_factor(correction(), of(std::sqrt(0.97), std::sqrt(0.03)));
  CHECK(near > 1.05);
  CHECK(near < 1.1);
  CHECK(correction_factor({}, of(1, 0)) == 1);
}

TEST_CASE("residual correction: a feature that no measured network has makes a network another") {
  FeatureVector roots = of(std::sqrt(0.5), 0);
  roots[at(Feature::kMatMulMacs)] = std::sqrt(0.5);
  CHECK(correction_factor(correction(), roots) == Approx(1).margin(0.001));
}

TEST_CASE("residual correction: never by more than twice") {
  ResidualCorrection far = correction();
  far.weights[0] = 5;
  CHECK(correction_factor(far, of(1, 0)) == 2);
  far.weights[0] = -5;
  CHECK(correction_factor(far, of(1, 0)) == 0.5);
}

TEST_CASE("residual correction: multiplies a model's price, all parts of it alike") {
  FittedMetric metric;
  metric.terms = {{std::string(feature_table()[at(Feature::kConv1x1Macs)].name), 2, 3}};
  metric.support = {{"conv-1x1", 70, 2000, 0.3, 0.4}};
  metric.correction = correction();
  ModelKernels kernels;
  kernels.classes["conv-1x1"].features[at(Feature::kConv1x1Macs)] = 10;
  const Price price = PriceList(metric).price(kernels);
  CHECK(price.fitted == Approx(10 * 2 * 1.1));
  CHECK(price.beyond == Approx((20 - 1.25 * 0.4 * 20) * 1.1));
}
