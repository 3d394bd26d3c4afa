// SPDX-License-Identifier: Apache-2.0
// Owns: what a setup's samples cost by the reference prices, before anything is fitted, and which kind of regression
// goes with its library of kernels.
#pragma once

#include <span>
#include <vector>

#include "calibration/population.h"
#include "calibration/samples.h"

namespace nngauge {

KernelLibrary library_of(const SampleSet& set);
// On a GPU whose kernels curves can price; on one with ncnn.
bool on_gpu(const SampleSet& set);
bool on_ncnn_gpu(const SampleSet& set);

// Whether factors on the reference prices are log-normal rather than normal.
bool in_logarithms(const SampleSet& set);
// What is known of factors before any run, and what those of other setups say of one more, each with its weight;
// `between` is how far a whole setup may be faster or slower than its scale says.
FactorPrior reference_of(const SampleSet& set);
FactorPrior shared_prior(const SampleSet& set, std::span<const FeatureVector> factors, std::span<const double> weights,
                         double between);

// Microseconds (microjoules) per unit of each feature.
FeatureVector reference_prices(const SampleSet& set);
// The reference prices, times the median of measured / priced by them and `mean` factors; `features` are the samples'.
FeatureVector scaled_reference(const SampleSet& set, std::span<const Sample* const> samples,
                               const std::vector<FeatureVector>& features, const FeatureVector& mean);

// What a sample costs by the reference prices times `factors`.
double reference_cost(const Sample& sample, const SampleSet& set, const FeatureVector& factors);
// The share of each feature in what a sample is expected to cost: a row of the equations, before it is measured.
FeatureVector cost_shares(const Sample& sample, const SampleSet& set, const FeatureVector& factors);

}  // namespace nngauge
