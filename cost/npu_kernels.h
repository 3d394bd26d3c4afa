// SPDX-License-Identifier: Apache-2.0
// Owns: features of kernels on neural processors that a compiler has cut a whole graph for (TFLite's and ONNX Runtime's
// delegates, QNN). Not here: what is joined with what (graph/fusion.cc), the Arm Compute Library's own NPU backend.
#pragma once

#include "cost/model_kernels.h"

namespace nngauge {

// Features of one group that is not free. Errors: kUnknown with the reason.
Result<Kernel> npu_kernel_features(const Model& model, const Graph& graph, const KernelGroup& group);
// What comes once an inference, whatever the model: a class of its own.
void add_npu_call(ModelKernels& kernels);

}  // namespace nngauge
