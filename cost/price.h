// SPDX-License-Identifier: Apache-2.0
// Owns: kernel features x coefficients -> cost, with the part that comes from a prior kept apart, and its interval.
#pragma once

#include <string_view>

#include "cost/device_profile.h"
#include "cost/model_kernels.h"

namespace nngauge {

// A class of kernels that fewer measured models have is priced from the prior.
inline constexpr std::int64_t kMinSupportModels = 3;
// A class of kernels may make this many times the largest share that it has in a measured model: what is more was not
// seen in such an amount (a matrix that no cache holds), and is as uncertain as what a prior prices.
inline constexpr double kShareMargin = 1.25;
// 90 % of what a prior prices is taken to cost between 1/kPriorSpread and kPriorSpread times as much.
inline constexpr double kPriorSpread = 2.5;

// Microseconds or microjoules.
struct Price {
  double fitted = 0, prior = 0;
  double beyond = 0;  // of what is fitted: more of a class of kernels than any measured model has
  [[nodiscard]] double total() const { return fitted + prior; }
  [[nodiscard]] Price times(double factor) const { return {fitted * factor, prior * factor, beyond * factor}; }
};

// The coefficients of a fitted metric, by feature.
class PriceList {
 public:
  explicit PriceList(const FittedMetric& metric);
  [[nodiscard]] bool supported(std::string_view klass) const;
  [[nodiscard]] double price(std::string_view klass, const FeatureVector& features) const;
  [[nodiscard]] Price price(const std::map<std::string, ClassFeatures>& classes) const;
  // Of a model, with the times of the metric's curves where it has any, corrected.
  [[nodiscard]] Price price(const ModelKernels& kernels) const;
  // What the reference prices of features were, scaled to the setup.
  [[nodiscard]] const FeatureVector& priors() const { return prior_; }
  // By what all prices of a model are to be multiplied; `classes` without times of curves.
  [[nodiscard]] double correction(const std::map<std::string, ClassFeatures>& classes) const;

 private:
  const FittedMetric& metric_;
  FeatureVector value_{}, prior_{};
};

// Factors on the fitted part: of a transfer from few runs, from held-out families, else held-out models, else the
// prior's.
struct Spread {
  double low = 1 / kPriorSpread, high = kPriorSpread;
};
Spread spread_of(const FittedMetric& metric);

// 90 % of new measurements lie inside: the fitted part spreads by `spread`, what is beyond it and the prior's by
// kPriorSpread. In the unit of the price.
struct PriceInterval {
  double p5 = 0, p95 = 0;
};
PriceInterval interval_of(const Price& price, const Spread& spread);

}  // namespace nngauge
