// SPDX-License-Identifier: Apache-2.0
#include "graph/fusion.h"

#include <algorithm>
#include <array>

#include "graph/algorithms.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

// Columns: runtime, folds batch norm, fuses clamps, folds constant pad, ignores layout transposes, decomposed swish,
// clamps products only, folds window pad, links element-wise, joins scale and shift, decomposed GELU.
// tflite-cpu: what the converter and the CPU kernels do. Padding stays an operator of its own: the measured networks
// cost more with it than without.
// tflite-gpu: the delegate's kernels name what was linked into them; the measured names follow from these rules.
// torch: what optimize_for_mobile does; a batch norm that it left stands in our graphs as a product and a sum.
// paddlelite: its passes join padding, batch norms and activations with convolutions, and clamps with sums; on GPUs
// taken to be as TFLite's. npu: the same joins, of graphs compiled as a whole; what else happens there is not known
// (GELU as one kernel was 1.6 points worse in half precision). ncnn: what its optimiser writes into a .param; a
// function behind a sum stays a layer.
constexpr std::array kRules = {
    FusionRules{"tflite-cpu", true, true, false, true, true, false, false, false, false, true},
    FusionRules{"tflite-gpu", true, true, false, true, true, false, true, true, false, true},
    FusionRules{"torch-cpu", true, true, false, true, true, true, true, false, true, true},
    FusionRules{"torch-gpu", true, true, false, true, true, true, true, false, true, true},
    FusionRules{"paddlelite-cpu", true, true, false, true, true, false, true},
    FusionRules{"paddlelite-gpu", true, true, false, true, true, false, true, true},
    FusionRules{"tflite-npu", true, true, false, true, true, false, true},
    FusionRules{"qnn-npu", true, true, false, true, true, false, true},
    FusionRules{"onnx-npu", true, true, false, true, true, false, true},
    FusionRules{"ncnn-cpu", true, true, false, true, true, true},
    FusionRules{"ncnn-gpu", true, true, false, true, true, true},
    FusionRules{"armcl-cpu", true, true, false, true, true, true},
    FusionRules{"armcl-gpu", true, true, false, true, true, true},
    FusionRules{"armcl-npu", true, true, false, true, true, true},
};

using K = OpKind;
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

bool takes_pad(K kind) {
  return kind == K::kConv2D || kind == K::kDepthwiseConv2D || kind == K::kMaxPool || kind == K::kAveragePool;
}

// Element by element, one result: what a GPU kernel does to a value before it is stored.
bool is_linkable(K kind) {
  return kind == K::kBatchNorm || (op_info(kind).category == OpCategory::kElementwise && kind != K::kAddN &&
                                   kind != K::kMeanN && kind != K::kRotaryEmbedding && kind != K::kSwiGLU);
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
    if (rules_.folds_window_pad || rules_.links_elementwise) order_groups();
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
      const bool bias = op.kind == K::kAdd && is_product(graph_.ops[at(target.anchor)].kind);
      target.ops.push_back(id);
      if (is_clamp(op.kind)) target.activation = clamp_activation(op.kind);
      if (op.kind == K::kBatchNorm || op.kind == K::kBiasAdd || bias) target.activation = op.activation;
      if (op.kind == K::kErf && !rules_.links_elementwise) target.anchor = id;
      if (graph_.ops[at(target.anchor)].kind == K::kPad && takes_pad(op.kind)) {
        target.anchor = id, target.activation = op.activation;
      }
      plan_.group_of[at(id)] = group;
      if (rules_.links_elementwise && op.kind == K::kMul) link_swish(group, op);
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

  // Groups in the order of their anchors; those that went into another are dropped.
  void order_groups() {
    std::vector<KernelGroup> groups;
    for (KernelGroup& group : plan_.groups) {
      if (!group.ops.empty()) groups.push_back(std::move(group));
    }
    std::stable_sort(groups.begin(), groups.end(),
                     [](const KernelGroup& a, const KernelGroup& b) { return a.anchor < b.anchor; });
    plan_.groups = std::move(groups);
    for (std::size_t g = 0; g < plan_.groups.size(); ++g) {
      std::sort(plan_.groups[g].ops.begin(), plan_.groups[g].ops.end());
      for (const OpId op : plan_.groups[g].ops) plan_.group_of[at(op)] = static_cast<std::int32_t>(g);
    }
  }

  bool same_shape(TensorId a, TensorId b) const {
    return a >= 0 && b >= 0 && graph_.tensors[at(a)].shape == graph_.tensors[at(b)].shape;
  }

  OpId anchor_of(OpId op) const { return plan_.groups[at(plan_.group_of[at(op)])].anchor; }

  // The kernel that makes one of the operands, where nothing else reads that operand, the result has its shape, and
  // the other operands are there when that kernel runs.
  std::int32_t links(const Op& op) const {
    if (op.outputs.size() != 1 || op.outputs[0] < 0) return -1;
    for (const Operand& operand : op.inputs) {
      const std::int32_t group = sole_producer(operand.tensor);
      if (group < 0 || plan_.groups[at(group)].free || !same_shape(operand.tensor, op.outputs[0])) continue;
      if (graph_.ops[at(plan_.groups[at(group)].anchor)].outputs.size() != 1) continue;
      const bool ready = std::all_of(op.inputs.begin(), op.inputs.end(), [&](const Operand& other) {
        if (other.tensor < 0 || constant_[at(other.tensor)]) return true;
        const OpId producer = uses_.producer[at(other.tensor)];
        return producer < 0 || anchor_of(producer) <= plan_.groups[at(group)].anchor;
      });
      if (ready) return group;
    }
    return -1;
  }

  // Mul(x, HardSigmoid(x)) as one kernel, which goes into the one that makes x where only the two read it.
  void link_swish(std::int32_t group, const Op& mul) {
    KernelGroup& swish = plan_.groups[at(group)];
    const Op& sigmoid = graph_.ops[at(swish.anchor)];
    if (sigmoid.kind != K::kHardSigmoid && sigmoid.kind != K::kSigmoid) return;
    const TensorId x = sigmoid.inputs.empty() ? kNoTensor : sigmoid.inputs[0].tensor;
    if (x < 0 || marked(output_, x) || uses_.consumers[at(x)].size() != 2 || uses_.producer[at(x)] < 0) return;
    const bool both =
        std::any_of(mul.inputs.begin(), mul.inputs.end(), [&](const Operand& operand) { return operand.tensor == x; });
    const std::int32_t target = plan_.group_of[at(uses_.producer[at(x)])];
    if (!both || target < 0 || target == group || plan_.groups[at(target)].free) return;
    for (const OpId op : swish.ops) {
      plan_.groups[at(target)].ops.push_back(op);
      plan_.group_of[at(op)] = target;
    }
    swish.ops.clear();
  }

  // The group of the padding in front, which nothing else reads.
  std::int32_t padded(const Op& op) const {
    const std::int32_t group = sole_producer(op.inputs[0].tensor);
    return group >= 0 && graph_.ops[at(plan_.groups[at(group)].anchor)].kind == K::kPad ? group : -1;
  }

  std::int32_t joins(const Op& op) const {
    if (op.inputs.empty()) return -1;
    if (rules_.folds_window_pad && takes_pad(op.kind)) return padded(op);
    const bool clamp = rules_.fuses_clamps && is_clamp(op.kind);
    const bool fold = rules_.folds_batch_norm && (op.kind == K::kBatchNorm || op.kind == K::kBiasAdd);
    if (clamp || fold) {
      const std::int32_t group = rules_.links_elementwise ? links(op) : sole_producer(op.inputs[0].tensor);
      if (group < 0 || rules_.links_elementwise) return group;
      const KernelGroup& target = plan_.groups[at(group)];
      const K anchor = graph_.ops[at(target.anchor)].kind;
      const bool fits = clamp && !rules_.clamps_products_only ? takes_clamp(anchor) : is_product(anchor);
      return fits && !target.free && target.activation == FusedActivation::kNone ? group : -1;
    }
    if (const std::int32_t group = rules_.decomposed_gelu ? gelu(op) : -1; group >= 0) return group;
    if (op.kind == K::kAdd) {
      if (const std::int32_t group = rules_.folds_batch_norm ? biased(op) : -1; group >= 0) return group;
      if (rules_.joins_scale_shift) return scaled(op);
    }
    if (rules_.decomposed_swish && op.kind == K::kMul) {
      if (const std::int32_t group = hard_swish(op); group >= 0) return group;
    }
    return rules_.links_elementwise && is_linkable(op.kind) ? links(op) : -1;
  }

  bool has_constant(const Op& op) const {
    return std::any_of(op.inputs.begin(), op.inputs.end(),
                       [&](const Operand& operand) { return operand.tensor >= 0 && constant_[at(operand.tensor)]; });
  }

  // Whether `bias` is one constant for each output channel of `product`, which has none yet.
  bool is_bias(const Op& product, TensorId bias) const {
    const auto has_operand = [&](std::size_t i) { return product.inputs.size() > i && product.inputs[i].tensor >= 0; };
    if (bias < 0 || !constant_[at(bias)] || has_operand(2) || !has_operand(1) || product.outputs[0] < 0) return false;
    if (!constant_[at(product.inputs[1].tensor)]) return false;  // of two activations
    const Shape& shape = graph_.tensors[at(bias)].shape;
    const Shape& out = graph_.tensors[at(product.outputs[0])].shape;
    const auto* conv = std::get_if<ConvAttrs>(&product.attrs);
    const std::size_t behind = conv != nullptr && conv->layout == DataLayout::kChannelsFirst ? out.rank() - 2 : 0;
    if (!shape.ranked() || !out.ranked() || out.rank() < 2 + behind || shape.rank() < 1 + behind) return false;
    for (std::size_t i = 0; i < shape.rank(); ++i) {
      const bool channels = shape.rank() - 1 - i == behind;
      if (!(channels ? shape[i] == out[out.rank() - 1 - behind] : shape[i].is(1))) return false;
    }
    return true;
  }

  // Add(product, bias), as some frameworks write a layer: the group of the product.
  std::int32_t biased(const Op& op) const {
    if (op.inputs.size() != 2) return -1;
    for (std::size_t side = 0; side < 2; ++side) {
      const std::int32_t group = sole_producer(op.inputs[side].tensor);
      if (group < 0 || plan_.groups[at(group)].free || plan_.groups[at(group)].ops.size() != 1) continue;
      const Op& anchor = graph_.ops[at(plan_.groups[at(group)].anchor)];
      if (is_product(anchor.kind) && anchor.activation == FusedActivation::kNone &&
          is_bias(anchor, op.inputs[1 - side].tensor)) {
        return group;
      }
    }
    return -1;
  }

  // GELU as exporters write it, x / 2 * (1 + Erf(x / root of 2)): the group of the scaling in front of the Erf, which
  // the Erf takes over, and that of the Erf for what follows element by element.
  std::int32_t gelu(const Op& op) const {
    constexpr std::size_t kMostOps = 5;
    if (op.kind == K::kErf) {
      const std::int32_t group = sole_producer(op.inputs[0].tensor);
      if (group < 0 || plan_.groups[at(group)].free || plan_.groups[at(group)].ops.size() != 1) return -1;
      const Op& scale = graph_.ops[at(plan_.groups[at(group)].anchor)];
      return (scale.kind == K::kDiv || scale.kind == K::kMul) && has_constant(scale) ? group : -1;
    }
    if (op.kind != K::kAdd && op.kind != K::kMul) return -1;
    for (const Operand& operand : op.inputs) {
      const std::int32_t group = sole_producer(operand.tensor);
      if (group < 0 || plan_.groups[at(group)].ops.size() >= kMostOps || op.outputs.empty()) continue;
      if (graph_.ops[at(plan_.groups[at(group)].anchor)].kind == K::kErf && same_shape(operand.tensor, op.outputs[0])) {
        return group;
      }
    }
    return -1;
  }

  // Add(Mul(x, constant), constant): the group of the Mul.
  std::int32_t scaled(const Op& op) const {
    if (!has_constant(op)) return -1;
    for (const Operand& operand : op.inputs) {
      const std::int32_t group = sole_producer(operand.tensor);
      if (group < 0 || plan_.groups[at(group)].ops.size() != 1) continue;
      const Op& anchor = graph_.ops[at(plan_.groups[at(group)].anchor)];
      if (anchor.kind == K::kMul && has_constant(anchor)) return group;
    }
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
