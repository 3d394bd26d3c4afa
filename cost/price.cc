// SPDX-License-Identifier: Apache-2.0
#include "cost/price.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nngauge {

namespace {

// What the profile's priors are made of: the reference prices that they are multiples of, and the factor.
struct Reference {
  KernelPrecision precision = KernelPrecision::kFloat;
  bool gpu = false;
  double scale = 0;  // 0: not known
};

Reference reference_of(const FeatureVector& priors) {
  const auto macs = static_cast<std::size_t>(Feature::kConv1x1Macs), calls = static_cast<std::size_t>(Feature::kCalls);
  Reference out;
  if (!(priors[macs] > 0) || !(priors[calls] > 0)) return out;
  double nearest = std::numeric_limits<double>::infinity();
  for (const Reference& candidate :
       {Reference{KernelPrecision::kFloat, false}, Reference{KernelPrecision::kInt8, false},
        Reference{KernelPrecision::kFloat, true}}) {
    const auto reference = [&](std::size_t f) {
      return reference_price(feature_table()[f], candidate.precision, candidate.gpu);
    };
    const double off = std::abs(std::log(priors[macs] / priors[calls] / reference(macs) * reference(calls)));
    if (off >= nearest) continue;
    nearest = off, out = candidate, out.scale = priors[calls] / reference(calls);
  }
  return out;
}

}  // namespace

PriceList::PriceList(const FittedMetric& metric) : metric_(metric) {
  std::array<bool, kFeatureCount> known{};
  for (const FeatureTerm& term : metric.terms) {
    if (const std::optional<Feature> feature = find_feature(term.feature)) {
      value_[static_cast<std::size_t>(*feature)] = term.value;
      prior_[static_cast<std::size_t>(*feature)] = term.prior;
      known[static_cast<std::size_t>(*feature)] = true;
    }
  }
  // A profile may be older than a feature: that is priced by its reference, scaled as the others are.
  const Reference reference = reference_of(prior_);
  for (const FeatureInfo& row : feature_table()) {
    const auto f = static_cast<std::size_t>(row.feature);
    if (known[f] || row.library != KernelLibrary::kTflite || is_gpu_feature(row.feature)) continue;
    value_[f] = prior_[f] = reference.scale * reference_price(row, reference.precision, reference.gpu);
  }
}

bool PriceList::supported(std::string_view klass) const {
  const KernelSupport* support = metric_.find_support(klass);
  return support != nullptr && support->models >= kMinSupportModels;
}

double PriceList::price(std::string_view klass, const FeatureVector& features) const {
  const FeatureVector& costs = metric_.shrunk || supported(klass) ? value_ : prior_;
  double sum = 0;
  for (std::size_t f = 0; f < kFeatureCount; ++f) sum += features[f] * costs[f];
  return sum;
}

Price PriceList::price(const std::map<std::string, ClassFeatures>& classes) const {
  Price out;
  std::map<std::string_view, double> costs;
  for (const auto& [klass, sums] : classes) {
    const double cost = costs[klass] = price(klass, sums.features);
    (supported(klass) ? out.fitted : out.prior) += cost;
  }
  for (const auto& [klass, cost] : costs) {
    const KernelSupport* row = supported(klass) ? metric_.find_support(klass) : nullptr;
    if (row && row->max_share > 0) out.beyond += std::max(0.0, cost - kShareMargin * row->max_share * out.total());
  }
  return out;
}

Price PriceList::price(const ModelKernels& kernels) const {
  const Price plain = price(metric_.curves.empty() ? kernels.classes : curve_classes(kernels, metric_.curves));
  return plain.times(correction(kernels.classes));
}

double PriceList::correction(const std::map<std::string, ClassFeatures>& classes) const {
  if (!metric_.correction.networks) return 1;
  return correction_factor(metric_.correction, share_roots(total_features(classes), prior_));
}

Spread spread_of(const FittedMetric& metric) {
  for (const std::string_view split : {"transfer", "family", "model"}) {
    if (const ResidualQuantiles* row = metric.find_residuals(split)) return {row->p5, row->p95};
  }
  return {};
}

PriceInterval interval_of(const Price& price, const Spread& spread) {
  const double usual = price.fitted - price.beyond, wide = price.beyond + price.prior;
  return {usual * spread.low + wide * std::min(spread.low, 1 / kPriorSpread),
          usual * spread.high + wide * std::max(spread.high, kPriorSpread)};
}

}  // namespace nngauge
