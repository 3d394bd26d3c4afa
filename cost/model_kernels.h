// SPDX-License-Identifier: Apache-2.0
// Owns: the kernels that a model becomes on a runtime, with their features, and sums of them by class.
// Not here: the features of one kernel (kernel_features.h), what they cost (price.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cost/kernel_curve.h"
#include "cost/kernel_features.h"
#include "graph/fusion.h"
#include "graph/graph.h"

namespace nngauge {

// What kernels are made for.
struct KernelTarget {
  KernelPrecision precision = KernelPrecision::kFloat;
  std::string gpu = {};  // its name, where the runtime is one of a GPU: "Adreno 640"
};

// Sums over the kernels of one class.
struct ClassFeatures {
  std::int64_t kernels = 0;
  FeatureVector features{};
};
FeatureVector total_features(const std::map<std::string, ClassFeatures>& classes);
// All that a model's cost on a runtime is made of.
struct ModelKernels {
  FusionPlan plan;
  std::vector<std::optional<Kernel>> kernels;    // per group; nullopt: free or not known
  std::vector<std::string> reasons;              // per group: why not known
  std::map<std::string, ClassFeatures> classes;  // known ones
};
// Operators by their place in the main graph, both ends included; -1: what comes before the first, the input's
// transfer.
struct OpRange {
  OpId first = -1, last = -1;
};
// The kernels whose anchors are in the range, alone, and their sums per class. No groups.
ModelKernels part_of(const ModelKernels& kernels, OpRange range);

// By the library of the rules' runtime. ncnn computes with what the model's layers hold, whatever `precision` says.
ModelKernels model_kernels(const Model& model, const FusionRules& rules, const KernelTarget& target);
inline ModelKernels model_kernels(const Model& model, const FusionRules& rules, KernelPrecision precision) {
  return model_kernels(model, rules, KernelTarget{precision});
}

// The kernels with the curves' times in place of the features of their classes: microseconds, calls, what Winograd
// moves. Classes without a curve stay as they are; a Winograd kernel falls back on the curve of plain convolutions.
ModelKernels with_curves(ModelKernels kernels, std::span<const KernelCurve> curves);
// The same, sums only.
std::map<std::string, ClassFeatures> curve_classes(const ModelKernels& kernels, std::span<const KernelCurve> curves);

}  // namespace nngauge
