// SPDX-License-Identifier: Apache-2.0
// Owns: what ncnn's layers with Vulkan cost: which of them run on the GPU, what of those on the CPU has to be brought
// over, and features of the kernels. What stays on the CPU has the features of ncnn_kernels.h.
#pragma once

#include <vector>

#include "cost/kernel_features.h"

namespace nngauge {

// Where the layers of a graph run.
struct NcnnPlacement {
  std::vector<bool> on_cpu;       // per op
  std::vector<double> transfers;  // per op: activations that have to be brought to its processor first
  std::vector<double> moved;      // per op: their elements, millions
};
// Layers with integer weights and those without a Vulkan kernel in the measured versions run on the CPU; an activation
// is brought over once, however many read it.
NcnnPlacement place_ncnn_layers(const Model& model, const Graph& graph);

// Features of one group that is not free. Errors: kUnknown with the reason.
Result<Kernel> ncnn_gpu_kernel_features(const Model& model, const Graph& graph, const KernelGroup& group,
                                        const NcnnPlacement& placement);

}  // namespace nngauge
