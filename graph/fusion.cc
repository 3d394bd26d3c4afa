// SPDX-License-Identifier: Apache-2.0
#include "graph/fusion.h"

#include <algorithm>
#include <array>

#include "graph/algorithms.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

// Columns: runtime, folds batch norm, fuses clamps, folds constant pad, ignores layout transposes, decomposed swish.
// tflite-cpu: what the converter and the CPU kernels do. Padding stays an operator of its own: the measured networks
// cost more with it than without.
// ncnn: what its optimiser writes into a .param; a function behind a sum stays a layer.
constexpr std::array kRules = {
    FusionRules{"tflite-cpu", true, true, false, true, true},
    FusionRules{"ncnn-cpu", true, true, false, true, true, true},
    FusionRules{"ncnn-gpu", true, true, false, true, true, true},
    FusionRules{"armcl-cpu", true, true, false, true, true, true},
    FusionRules{"armcl-gpu", true, true, false, true, true, true},
    FusionRules{"armcl-npu", true, true, false, true, true, true},
};

using K = OpKind;
std::size_t at(std::int64_t id) { return static_cast<std::size_t>(id); }

bool is_clamp(K kind) {
  return kind == K::kRelu || kind == K::kRelu6 || kind == K::kReluN1To1 || kind == K::kRelu0To1 || kind == K::kClip;
}

FusedActivation clamp_activation(K kind) {
  switch (kind) {
    case K::kRelu:
      return FusedActivation::kRelu;
    case K::kRelu6:
      return FusedActivation::kRelu6;
    case K::kReluN1To1:
      return FusedActivation::kReluN1To1;
    case K::kRelu0To1:
      return FusedActivation::kRelu0To1;
    default:
      return FusedActivation::kOther;
  }
}

bool is_product(K kind) {
  const OpCategory category = op_info(kind).category;
  return category == OpCategory::kConvolution || kind == K::kDense || kind == K::kMatMul;
}

// Kernels with an output range: what comes out is clamped on the way.
bool takes_clamp(K kind) {
  return is_product(kind) || kind == K::kAdd || kind == K::kSub || kind == K::kMul || kind == K::kDiv ||
         kind == K::kMaxPool || kind == K::kAveragePool || kind == K::kConcat || kind == K::kL2Norm ||
         kind == K::kBatchNorm;
}

class Planner {
 public:
  Planner(const Graph& graph, const FusionRules& rules) : graph_(graph), rules_(rules), uses_(find_uses(graph)) {
    plan_.group_of.assign(graph.ops.size(), -1);
    for (const TensorId id : graph.inputs) mark(input_, id);
    for (const TensorId id : graph.outputs) mark(output_, id);
    for (const Op& op : graph.ops) {
      if (const auto* conv = std::get_if<ConvAttrs>(&op.attrs)) {
        channels_first_ = channels_first_ || conv->layout == DataLayout::kChannelsFirst;
      }
    }
  }

  FusionPlan run() {
    constant_.assign(graph_.tensors.size(), false);
    for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
      constant_[t] = graph_.tensors[t].is_constant || graph_.tensors[t].value.has_value();
    }
    for (std::size_t i = 0; i < graph_.ops.size(); ++i) place(static_cast<OpId>(i));
    return std::move(plan_);
  }

 private:
  void mark(std::vector<bool>& set, TensorId id) {
    set.resize(graph_.tensors.size());
    if (id >= 0) set[at(id)] = true;
  }
  bool marked(const std::vector<bool>& set, TensorId id) const { return id >= 0 && at(id) < set.size() && set[at(id)]; }

  void place(OpId id) {
    const Op& op = graph_.ops[at(id)];
    if (runs_once(op)) {
      for (const TensorId t : op.outputs) {
        if (t >= 0) constant_[at(t)] = true;
      }
      start(id, true);
      return;
    }
    if (const std::int32_t group = joins(op); group >= 0) {
      KernelGroup& target = plan_.groups[at(group)];
      target.ops.push_back(id);
      if (is_clamp(op.kind)) target.activation = clamp_activation(op.kind);
      if (op.kind == K::kBatchNorm || op.kind == K::kBiasAdd) target.activation = op.activation;
      if (op.kind == K::kMul) target.anchor = target.ops.front();
      plan_.group_of[at(id)] = group;
      return;
    }
    start(id, costs_nothing(op));
  }

  void start(OpId id, bool free) {
    plan_.group_of[at(id)] = static_cast<std::int32_t>(plan_.groups.size());
    plan_.groups.push_back({id, {id}, free, graph_.ops[at(id)].activation});
  }

  // All operands are constants: done once, before the first inference.
  bool runs_once(const Op& op) const {
    bool any = false;
    for (const Operand& operand : op.inputs) {
      if (operand.tensor == kNoTensor) continue;
      any = true;
      if (!constant_[at(operand.tensor)]) return false;
    }
    const bool folded =
        !op.outputs.empty() && op.outputs[0] >= 0 && graph_.tensors[at(op.outputs[0])].value.has_value();
    return folded || (any && op_info(op.kind).category != OpCategory::kControlFlow && op.kind != K::kCustom);
  }

  // The group that makes `tensor`, if nothing else reads it and it is no result of the graph.
  std::int32_t sole_producer(TensorId tensor) const {
    if (tensor < 0 || marked(output_, tensor)) return -1;
    const OpId producer = uses_.producer[at(tensor)];
    if (producer < 0 || uses_.consumers[at(tensor)].size() != 1) return -1;
    return plan_.group_of[at(producer)];
  }

  std::int32_t joins(const Op& op) const {
    if (op.inputs.empty()) return -1;
    const bool clamp = rules_.fuses_clamps && is_clamp(op.kind);
    const bool fold = rules_.folds_batch_norm && (op.kind == K::kBatchNorm || op.kind == K::kBiasAdd);
    if (clamp || fold) {
      const std::int32_t group = sole_producer(op.inputs[0].tensor);
      if (group < 0) return -1;
      const KernelGroup& target = plan_.groups[at(group)];
      const K anchor = graph_.ops[at(target.anchor)].kind;
      const bool fits = clamp && !rules_.clamps_products_only ? takes_clamp(anchor) : is_product(anchor);
      return fits && !target.free && target.activation == FusedActivation::kNone ? group : -1;
    }
    if (rules_.decomposed_swish && op.kind == K::kMul) return hard_swish(op);
    return -1;
  }

  // Mul(x, HardSigmoid(x)): the group of the HardSigmoid.
  std::int32_t hard_swish(const Op& op) const {
    if (op.inputs.size() != 2) return -1;
    for (std::size_t side = 0; side < 2; ++side) {
      const std::int32_t group = sole_producer(op.inputs[side].tensor);
      if (group < 0) continue;
      const Op& anchor = graph_.ops[at(plan_.groups[at(group)].anchor)];
      if (anchor.kind == K::kHardSigmoid && !anchor.inputs.empty() &&
          anchor.inputs[0].tensor == op.inputs[1 - side].tensor) {
        return group;
      }
    }
    return -1;
  }

  bool costs_nothing(const Op& op) const {
    if (op_info(op.kind).is_view || op.kind == K::kFakeQuant) return true;
    if (op.kind == K::kShape || op.kind == K::kSize || op.kind == K::kRank) return true;
    if (op.kind == K::kQuantize || op.kind == K::kDequantize) return is_boundary(op) || is_pair(op);
    return op.kind == K::kTranspose && rules_.ignores_layout_transposes && channels_first_ && is_layout_transpose(op);
  }

  // Conversions at the ends of the graph: whether a network is fed with integers is the application's choice.
  bool is_boundary(const Op& op) const {
    return (!op.inputs.empty() && marked(input_, op.inputs[0].tensor)) ||
           (!op.outputs.empty() && marked(output_, op.outputs[0]));
  }

  // Quantize followed by Dequantize marks a quantised tensor (ONNX QDQ); the converter makes integer kernels of it.
  bool is_pair(const Op& op) const {
    if (op.inputs.empty() || op.outputs.empty()) return false;
    if (op.kind == K::kDequantize) {
      const OpId producer = op.inputs[0].tensor >= 0 ? uses_.producer[at(op.inputs[0].tensor)] : -1;
      return producer >= 0 && graph_.ops[at(producer)].kind == K::kQuantize;
    }
    if (op.outputs[0] < 0) return false;
    const std::vector<OpId>& consumers = uses_.consumers[at(op.outputs[0])];
    return !consumers.empty() && std::all_of(consumers.begin(), consumers.end(), [&](OpId consumer) {
      return graph_.ops[at(consumer)].kind == K::kDequantize;
    });
  }

  static bool is_layout_transpose(const Op& op) {
    const auto* attrs = std::get_if<TransposeAttrs>(&op.attrs);
    return attrs && (attrs->perm == Ints{0, 2, 3, 1} || attrs->perm == Ints{0, 3, 1, 2});
  }

  const Graph& graph_;
  const FusionRules& rules_;
  Uses uses_;
  std::vector<bool> input_, output_, constant_;
  bool channels_first_ = false;  // the file's layout is not the runtime's: the converter would have changed it
  FusionPlan plan_;
};

}  // namespace

std::span<const FusionRules> fusion_rules() { return kRules; }

const FusionRules* find_fusion_rules(std::string_view runtime) {
  for (const FusionRules& rules : kRules) {
    if (rules.runtime == runtime) return &rules;
  }
  return nullptr;
}

FusionPlan plan_fusion(const Graph& graph, const FusionRules& rules) { return Planner(graph, rules).run(); }

}  // namespace nngauge
