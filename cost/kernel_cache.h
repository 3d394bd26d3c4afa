// SPDX-License-Identifier: Apache-2.0
// Owns: the kernels of one model by what decides them, for predictions on many setups.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "cost/model_kernels.h"

namespace nngauge {

// Setups of one runtime and precision have the same kernels. Not for several threads at once; the model must outlive
// it.
class KernelCache {
 public:
  explicit KernelCache(const Model& model) : model_(model) {}
  // Stays valid as long as the cache.
  const ModelKernels& kernels(const FusionRules& rules, const KernelTarget& target);

 private:
  const Model& model_;
  std::map<std::tuple<std::string, KernelPrecision, std::string>, ModelKernels> made_;  // runtime, precision, GPU
};

}  // namespace nngauge
