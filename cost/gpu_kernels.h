// SPDX-License-Identifier: Apache-2.0
// Owns: which kernel a GPU runtime picks for a group of operators, and that kernel's shape and GPU features.
// Not here: how long it runs (kernel_curve.h, price.h).
#pragma once

#include <string_view>

#include "cost/model_kernels.h"

namespace nngauge {

// What decides between kernels.
enum class GpuFamily : std::uint8_t { kOther, kAdreno6xx, kAdreno, kApple };
// From a name as devices have it: "Adreno 640", "Mali-G76", "Apple A12".
GpuFamily gpu_family(std::string_view gpu);

// What becomes of one convolution: F(4x4, 3x3) of Winograd where the tiles and the channels are many enough.
bool picks_winograd(GpuFamily family, const KernelShape& shape, double out_height, double out_width);
// A depthwise convolution and the 1x1 convolution behind it as one kernel: few channels, Apple only.
bool picks_depthwise_pointwise(GpuFamily family, const KernelShape& depthwise, const KernelShape& pointwise);

// Turns the kernels of a plan, as kernel_features made them, into those of the GPU: classes, shapes, what is moved
// besides.
void make_gpu_kernels(const Model& model, const KernelTarget& target, ModelKernels& kernels);
// The same for PyTorch Mobile (Vulkan, Metal), whose operators are kernels of their own.
void make_torch_gpu_kernels(const Model& model, ModelKernels& kernels);

}  // namespace nngauge
