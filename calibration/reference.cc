// SPDX-License-Identifier: Apache-2.0
#include "calibration/reference.h"

#include "calibration/log_population.h"
#include "calibration/statistics.h"

namespace nngauge {
namespace {

KernelPrecision precision_of(const SampleSet& set) {
  const Result<SetupName> name = parse_setup_name(set.setup);
  return name ? kernel_precision(name->precision) : KernelPrecision::kFloat;
}

}  // namespace

KernelLibrary library_of(const SampleSet& set) {
  const Result<SetupName> name = parse_setup_name(set.setup);
  return kernel_library(name ? name->runtime + "-" + name->processor : "");
}

bool on_gpu(const SampleSet& set) {
  const Result<SetupName> name = parse_setup_name(set.setup);
  return name && name->processor == "gpu" && kernel_library(name->runtime) == KernelLibrary::kTflite;
}

bool on_ncnn_gpu(const SampleSet& set) {
  const Result<SetupName> name = parse_setup_name(set.setup);
  return name && name->processor == "gpu" && kernel_library(name->runtime) == KernelLibrary::kNcnn;
}

// ncnn's setups span cores of ten years and one to hundreds of threads, and prices of the Arm Compute Library lie far
// from those of a phone's core; those of others differ less, and some of their prices are 0.
bool in_logarithms(const SampleSet& set) { return library_of(set) != KernelLibrary::kTflite; }

FactorPrior reference_of(const SampleSet& set) {
  return in_logarithms(set) ? reference_log_prior() : reference_prior();
}

FactorPrior shared_prior(const SampleSet& set, std::span<const FeatureVector> factors, std::span<const double> weights,
                         double between) {
  return in_logarithms(set) ? log_prior_of(factors, weights, between) : prior_of(factors, weights, between);
}

FeatureVector reference_prices(const SampleSet& set) {
  const KernelPrecision precision = precision_of(set);
  FeatureVector out{};
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    out[f] = reference_price(feature_table()[f], precision, on_gpu(set));
  }
  return out;
}

FeatureVector scaled_reference(const SampleSet& set, std::span<const Sample* const> samples,
                               const std::vector<FeatureVector>& features, const FeatureVector& mean) {
  FeatureVector prior = reference_prices(set), expected{};
  for (std::size_t f = 0; f < kFeatureCount; ++f) expected[f] = prior[f] * mean[f];
  std::vector<double> ratios;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (const double priced = dot(features[i], expected); priced > 0) ratios.push_back(samples[i]->measured / priced);
  }
  const double scale = median(std::move(ratios), 1);
  for (double& value : prior) value *= scale;
  return prior;
}

double reference_cost(const Sample& sample, const SampleSet& set, const FeatureVector& factors) {
  const FeatureVector features = total_features(sample.kernels->classes), prices = reference_prices(set);
  double out = 0;
  for (std::size_t f = 0; f < kFeatureCount; ++f) out += features[f] * prices[f] * factors[f];
  return out;
}

FeatureVector cost_shares(const Sample& sample, const SampleSet& set, const FeatureVector& factors) {
  const FeatureVector features = total_features(sample.kernels->classes), prices = reference_prices(set);
  FeatureVector out{};
  double total = 0;
  for (std::size_t f = 0; f < kFeatureCount; ++f) out[f] = features[f] * prices[f], total += out[f] * factors[f];
  for (double& value : out) value = total > 0 ? value / total : 0;
  return out;
}

}  // namespace nngauge
