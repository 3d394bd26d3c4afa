// SPDX-License-Identifier: Apache-2.0
// Owns: what PyTorch Mobile's operators on a CPU cost besides what those of other runtimes do.
#pragma once

#include "cost/model_kernels.h"

namespace nngauge {

// Turns the kernels of a plan, as kernel_features made them, into those of PyTorch Mobile: padding belongs to the
// convolution; a batch norm is one pass; a clamp behind anything but a convolution or product is an operator of its
// own, unless the network is of integers, whose operators clamp as they round; depthwise windows other than 9 and 25
// run as any grouped convolution; a network of integers converts around operators that it computes in float.
void make_torch_cpu_kernels(const Model& model, KernelPrecision precision, ModelKernels& kernels);

}  // namespace nngauge
