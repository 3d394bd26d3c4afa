// SPDX-License-Identifier: Apache-2.0
// Owns: which operators of a graph run as one kernel on a runtime: a partition of the operators, not a rewrite.
// Not here: what a kernel costs (cost/kernel_features.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace nngauge {

// How one runtime joins operators. Rows in fusion.cc.
struct FusionRules {
  std::string_view runtime;           // as setups name it: "tflite-cpu"
  bool folds_batch_norm;              // BatchNorm and constant scale or shift go into the convolution or product before
  bool fuses_clamps;                  // Relu, Relu6, Relu0To1, ReluN1To1 and Clip go into their producer
  bool folds_constant_pad;            // zero padding in front of a convolution goes into it
  bool ignores_layout_transposes;     // the converter changes layout: NCHW <-> NHWC transposes vanish
  bool decomposed_swish;              // x * sigmoid(x), x * hard sigmoid(x): one kernel
  bool clamps_products_only = false;  // fuses_clamps holds for convolutions and products alone
  bool folds_window_pad = false;   // zero padding in front of a convolution or pooling, its only reader, goes into it
  bool links_elementwise = false;  // element-wise operators go into the kernel that makes their operand
  bool joins_scale_shift = false;  // a product with a constant and the sum with one behind it: one batch norm
  bool decomposed_gelu = false;    // x / 2 * (1 + Erf(x / root of 2)): one kernel
};

std::span<const FusionRules> fusion_rules();
// nullptr: no such runtime.
const FusionRules* find_fusion_rules(std::string_view runtime);

// Operators that run as one kernel. `ops` ascending; `anchor` is the one that does the work.
struct KernelGroup {
  OpId anchor = -1;
  std::vector<OpId> ops;
  bool free = false;  // moves and computes nothing at run time: views, constants made before inference
  FusedActivation activation = FusedActivation::kNone;  // of the anchor, or fused into it here
};

struct FusionPlan {
  std::vector<KernelGroup> groups;     // in execution order of their anchors
  std::vector<std::int32_t> group_of;  // per op: index into groups; every op is in exactly one
};

// The kernels that `graph` becomes on a runtime. Inner graphs of control flow are not entered.
FusionPlan plan_fusion(const Graph& graph, const FusionRules& rules);

}  // namespace nngauge
