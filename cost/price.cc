// SPDX-License-Identifier: Apache-2.0
#include "cost/price.h"

namespace nngauge {

PriceList::PriceList(const FittedMetric& metric) : metric_(metric) {
  for (const FeatureTerm& term : metric.terms) {
    if (const std::optional<Feature> feature = find_feature(term.feature)) {
      value_[static_cast<std::size_t>(*feature)] = term.value;
      prior_[static_cast<std::size_t>(*feature)] = term.prior;
    }
  }
}

bool PriceList::supported(std::string_view klass) const {
  const KernelSupport* support = metric_.find_support(klass);
  return support != nullptr && support->models >= kMinSupportModels;
}

double PriceList::price(std::string_view klass, const FeatureVector& features) const {
  const FeatureVector& costs = supported(klass) ? value_ : prior_;
  double sum = 0;
  for (std::size_t f = 0; f < kFeatureCount; ++f) sum += features[f] * costs[f];
  return sum;
}

Price PriceList::price(const std::map<std::string, ClassFeatures>& classes) const {
  Price out;
  for (const auto& [klass, sums] : classes) (supported(klass) ? out.fitted : out.prior) += price(klass, sums.features);
  return out;
}

Spread spread_of(const FittedMetric& metric) {
  for (const std::string_view split : {"transfer", "family", "model"}) {
    if (const ResidualQuantiles* row = metric.find_residuals(split)) return {row->p5, row->p95};
  }
  return {};
}

}  // namespace nngauge
