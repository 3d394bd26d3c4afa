// SPDX-License-Identifier: Apache-2.0
// Owns: what kernels of the Arm Compute Library cost besides what those of other runtimes do.
#pragma once

#include "cost/model_kernels.h"

namespace nngauge {

// The class of the stage that brings the inputs to the processor, which is measured by itself.
inline constexpr std::string_view kInputClass = "Input";
void add_input_stage(ModelKernels& out, const Graph& graph);

// Turns the kernels of a plan, as kernel_features made them, into those of the Arm Compute Library.
void make_arm_compute_kernels(const Model& model, ModelKernels& kernels);

}  // namespace nngauge
