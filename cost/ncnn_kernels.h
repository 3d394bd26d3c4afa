// SPDX-License-Identifier: Apache-2.0
// Owns: the kernels that ncnn picks for a layer and what they are made of. Not here: prices (device profiles), sums.
#pragma once

#include "base/result.h"
#include "cost/kernel_features.h"
#include "graph/fusion.h"
#include "graph/graph.h"

namespace nngauge {

// Features of one group that is not free, as ncnn runs it: float layers in float, layers with int8 weights in int8.
// Errors: kUnknown with the reason (open extents, operators without a rule).
Result<Kernel> ncnn_kernel_features(const Model& model, const Graph& graph, const KernelGroup& group);

}  // namespace nngauge
