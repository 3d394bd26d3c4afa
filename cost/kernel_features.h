// SPDX-License-Identifier: Apache-2.0
// Owns: the features of one kernel of TFLite's CPU and of what is like it: one function from kernel group to features.
// Not here: other libraries' kernels (ncnn_kernels.h and the like), whole models (model_kernels.h), sums (price.h).
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "cost/features.h"
#include "cost/kernel_curve.h"
#include "graph/fusion.h"
#include "graph/graph.h"

namespace nngauge {

// A kernel group: its class ("conv-1x1", "dwconv", or the operator's name) and its features.
struct Kernel {
  std::string klass;
  FeatureVector features{};
  std::optional<KernelShape> shape = std::nullopt;   // of kernels that curves can price
  std::optional<KernelShape> behind = std::nullopt;  // of the element-wise kernel that follows in the same group
};

// Features of one group that is not free. Errors: kUnknown with the reason (open extents, operators without a rule).
Result<Kernel> kernel_features(const Model& model, const Graph& graph, const KernelGroup& group,
                               KernelPrecision precision);

}  // namespace nngauge
