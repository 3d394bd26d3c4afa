// SPDX-License-Identifier: Apache-2.0
#include "cost/kernel_cache.h"

namespace nngauge {

const ModelKernels& KernelCache::kernels(const FusionRules& rules, const KernelTarget& target) {
  std::tuple key(std::string(rules.runtime), target.precision, target.gpu);
  if (const auto found = made_.find(key); found != made_.end()) return found->second;
  return made_.emplace(std::move(key), model_kernels(model_, rules, target)).first->second;
}

}  // namespace nngauge
