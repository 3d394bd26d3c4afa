// SPDX-License-Identifier: Apache-2.0
#include "cost/price.h"

#include <catch2/catch.hpp>

using namespace nngauge;

namespace {

std::string name_of(Feature feature) { return std::string(feature_table()[static_cast<std::size_t>(feature)].name); }

// 2 us a unit of products, 1 us a unit of dense weights; dense layers make at most a tenth of what was measured.
FittedMetric metric() {
  FittedMetric out;
  out.terms = {{name_of(Feature::kConv1x1Macs), 2, 3}, {name_of(Feature::kDenseWeights), 1, 3}};
  out.support = {{"conv-1x1", 70, 2000, 0.7, 0.95}, {"dense", 70, 70, 0.03, 0.1}, {"rare", 1, 1, 0.5, 0.5}};
  return out;
}

std::map<std::string, ClassFeatures> classes(double conv, double dense, double rare = 0) {
  std::map<std::string, ClassFeatures> out;
  out["conv-1x1"].features[static_cast<std::size_t>(Feature::kConv1x1Macs)] = conv;
  out["dense"].features[static_cast<std::size_t>(Feature::kDenseWeights)] = dense;
  if (rare > 0) out["rare"].features[static_cast<std::size_t>(Feature::kConv1x1Macs)] = rare;
  return out;
}

}  // namespace

TEST_CASE("price: what was measured, what a prior prices, and what goes beyond the measured shares") {
  const FittedMetric fitted = metric();
  const PriceList prices(fitted);
  const Price usual = prices.price(classes(45, 10));  // 90 us and 10 us
  CHECK(usual.fitted == Approx(100));
  CHECK(usual.prior == 0);
  CHECK(usual.beyond == 0);                           // a tenth is dense, as was measured
  const Price dense = prices.price(classes(10, 80));  // 20 us and 80 us
  CHECK(dense.fitted == Approx(100));
  CHECK(dense.beyond == Approx(80 - 1.25 * 0.1 * 100));
  const Price rare = prices.price(classes(45, 10, 10));  // one measured model has them: by the prior, 3 us each
  CHECK(rare.prior == Approx(30));
}

TEST_CASE("price: the interval is as wide as a prior's for what goes beyond") {
  const Spread spread{0.9, 1.2};
  const PriceInterval usual = interval_of({100, 0, 0}, spread);
  CHECK(usual.p5 == Approx(90));
  CHECK(usual.p95 == Approx(120));
  const PriceInterval wide = interval_of({100, 50, 40}, spread);
  CHECK(wide.p5 == Approx(60 * 0.9 + 90 / 2.5));
  CHECK(wide.p95 == Approx(60 * 1.2 + 90 * 2.5));
  const PriceInterval wider = interval_of({100, 50, 40}, {0.1, 5});  // of a transfer that says little
  CHECK(wider.p5 == Approx(150 * 0.1));
  CHECK(wider.p95 == Approx(150 * 5));
}

TEST_CASE("price: features that a profile is older than are priced by their reference, scaled as its others are") {
  const auto reference = [](Feature feature, KernelPrecision precision, bool gpu) {
    return reference_price(feature_table()[static_cast<std::size_t>(feature)], precision, gpu);
  };
  struct Case {
    KernelPrecision precision;
    bool gpu;
  };
  for (const Case& c : {Case{KernelPrecision::kFloat, false}, Case{KernelPrecision::kInt8, false},
                        Case{KernelPrecision::kFloat, true}}) {
    FittedMetric old;
    for (const Feature feature : {Feature::kConv1x1Macs, Feature::kCalls}) {
      old.terms.push_back({name_of(feature), 7, 3 * reference(feature, c.precision, c.gpu)});
    }
    FeatureVector gelu{};
    gelu[static_cast<std::size_t>(Feature::kGeluOut)] = 2;
    CHECK(PriceList(old).price("Gelu", gelu) == Approx(2 * 3 * reference(Feature::kGeluOut, c.precision, c.gpu)));
    FeatureVector macs{};
    macs[static_cast<std::size_t>(Feature::kConv1x1Macs)] = 2;
    old.shrunk = true;
    CHECK(PriceList(old).price("conv-1x1", macs) == Approx(14));
  }
}
