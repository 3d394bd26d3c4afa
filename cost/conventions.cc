// SPDX-License-Identifier: Apache-2.0
#include "cost/conventions.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

using O = const ConventionOp&;
using K = OpKind;

const Tensor* tensor(O o, TensorId id) {
  return id == kNoTensor ? nullptr : &o.graph.tensors[static_cast<std::size_t>(id)];
}

// A count that may be unknown, so that formulas below read as formulas.
class Term {
 public:
  Term(std::uint64_t value) : count_(Count(value)) {}
  Term(MaybeCount value) : count_(value ? std::optional<Count>(*value) : std::nullopt) {}
  Term(std::optional<Count> count) : count_(count) {}
  friend Term operator+(Term a, Term b) { return a.count_ && b.count_ ? Term(*a.count_ + *b.count_) : none(); }
  friend Term operator*(Term a, Term b) { return a.count_ && b.count_ ? Term(*a.count_ * *b.count_) : none(); }
  operator MaybeCount() const { return count_ && !count_->overflowed() ? MaybeCount(count_->value()) : std::nullopt; }

 private:
  Term(Count count) : count_(count) {}
  static Term none() { return Term(std::optional<Count>()); }
  std::optional<Count> count_;
};

Term elements(const Tensor* tensor) { return tensor ? Term(tensor->shape.elements()) : Term(0); }
Term out(O o) { return elements(o.op.outputs.empty() ? nullptr : tensor(o, o.op.outputs[0])); }
Term in(O o) { return elements(o.op.inputs.empty() ? nullptr : tensor(o, o.op.inputs[0].tensor)); }
Term macs(O o) { return o.cost.macs; }
Term flops(O o) { return o.cost.flops; }
OpCategory category(O o) { return op_info(o.op.kind).category; }

bool is_product(O o) {
  return category(o) == OpCategory::kConvolution || category(o) == OpCategory::kProduct ||
         category(o) == OpCategory::kRecurrent;
}
bool has_bias(O o) {
  return std::any_of(o.op.inputs.begin(), o.op.inputs.end(),
                     [](const Operand& operand) { return operand.role == OperandRole::kBias; });
}
// Additions of the bias of a convolution or product.
Term bias(O o) { return is_product(o) && has_bias(o) ? out(o) : Term(0); }
// Results of an activation that stands inside another operator.
Term fused_activation(O o) { return o.op.activation == FusedActivation::kNone ? Term(0) : out(o); }
bool is_global_pool(O o) {
  return o.op.kind == K::kGlobalAveragePool || o.op.kind == K::kGlobalMaxPool || o.op.kind == K::kGlobalLpPool;
}
bool is_pool(O o) { return o.op.kind == K::kMaxPool || o.op.kind == K::kAveragePool || is_global_pool(o); }
bool is_affine(O o) { return o.op.inputs.size() > 1; }

// fvcore's FlopCountAnalysis with its default handlers: a FLOP is one multiply-accumulate.
MaybeCount fvcore(O o) {
  switch (o.op.kind) {
    case K::kBatchNorm:
      return in(o)*Term(is_affine(o) ? 2 : 1);
    case K::kLayerNorm:
    case K::kGroupNorm:
    case K::kInstanceNorm:
      return in(o)*Term(is_affine(o) ? 5 : 4);
    case K::kResizeNearest:
      return out(o);
    case K::kResizeBilinear:
    case K::kGridSample:
      return out(o) * Term(4);
    case K::kGlobalAveragePool:
      return in(o);
    default:
      return is_product(o) || category(o) == OpCategory::kControlFlow ? MaybeCount(macs(o)) : MaybeCount(0);
  }
}

MaybeCount macs_only(O o) { return macs(o); }

// ptflops (PyTorch hooks): layers that are modules, biases inside.
MaybeCount ptflops(O o) {
  switch (o.op.kind) {
    case K::kBatchNorm:
      return in(o)*Term(is_affine(o) ? 2 : 1);
    case K::kRelu:
    case K::kRelu6:
    case K::kLeakyRelu:
    case K::kPRelu:
    case K::kElu:
      return out(o);
    case K::kResizeNearest:
    case K::kResizeBilinear:
      return out(o);
    default:
      return is_pool(o) ? MaybeCount(in(o)) : MaybeCount(macs(o) + bias(o));
  }
}

// torchinfo's mult-adds: parameters of a convolution (bias too) times batch and output positions, of any other layer
// times the batch.
MaybeCount torchinfo(O o) {
  if (category(o) != OpCategory::kConvolution) {
    if (o.cost.params.value_or(0) == 0) return o.cost.params;
    const Tensor* result = o.op.outputs.empty() ? nullptr : tensor(o, o.op.outputs[0]);
    if (!result || !result->shape.ranked() || result->shape.rank() == 0 || !result->shape[0].known()) return {};
    return Term(o.cost.params) * Term(static_cast<std::uint64_t>(result->shape[0].value()));
  }
  return macs(o) + bias(o);
}

// TensorFlow's profiler: two per multiply-accumulate, one per element-wise result, five per softmax element.
MaybeCount tensorflow(O o) {
  if (o.op.kind == K::kSoftmax) return out(o) * Term(5);
  if (o.op.kind == K::kRsqrt) return out(o) * Term(2);
  if (category(o) == OpCategory::kElementwise) return out(o);
  if (is_product(o)) return macs(o) * Term(2) + bias(o) + fused_activation(o);
  return flops(o);
}

// onnx-tool 1.0: every arithmetic instruction counts one, costly functions what it prices them at.
MaybeCount onnx_tool(O o) {
  constexpr std::uint64_t kExp = 32, kLog = 43, kSqrt = 24, kDiv = 4, kSin = 39, kTanh = kExp + 2 + kDiv;
  switch (o.op.kind) {
    case K::kExp:
    case K::kPow:
      return out(o) * Term(kExp);
    case K::kLog:
      return out(o) * Term(kLog);
    case K::kSqrt:
      return out(o) * Term(kSqrt);
    case K::kSin:
    case K::kCos:
      return out(o) * Term(kSin);
    case K::kTanh:
      return out(o) * Term(kTanh);
    case K::kDiv:
      return out(o) * Term(kDiv);
    case K::kSoftmax:
      return out(o) * Term(kExp + kDiv);
    case K::kHardSigmoid:
      return out(o) * Term(4);
    case K::kHardSwish:
      return out(o) * Term(5);
    case K::kBatchNorm:
      return out(o) * Term(2);
    case K::kClip:
    case K::kRelu6:
      return out(o) * Term(2);
    case K::kGlobalAveragePool:
      return in(o) + out(o) * Term(kDiv);
    case K::kResizeBilinear:
      return out(o) * Term(4);
    case K::kResizeCubic:
      return out(o) * Term(8);
    default:
      break;
  }
  if (is_product(o)) return macs(o) + bias(o);
  return flops(o) + Term(o.cost.special) * Term(kExp);
}

MaybeCount with_bias(O o) { return macs(o) + bias(o); }

// The FLOPS column of the measured set qed_usc.
MaybeCount qed_usc(O o) {
  if (is_pool(o)) return flops(o);
  return macs(o) * Term(2) + bias(o);
}

// netscope's five columns, by layer type.
MaybeCount netscope_macc(O o) {
  switch (o.op.kind) {
    case K::kMul:
    case K::kPRelu:
      return in(o);
    case K::kLocalResponseNorm: {
      const auto* attrs = std::get_if<NormAttrs>(&o.op.attrs);
      return in(o)*Term(static_cast<std::uint64_t>(std::max<std::int64_t>(1, attrs ? attrs->size : 1)));
    }
    default:
      return macs(o);
  }
}
MaybeCount netscope_comp(O o) {
  if (o.op.kind == K::kRelu) return in(o);
  if (o.op.kind == K::kMaxPool || o.op.kind == K::kGlobalMaxPool) return flops(o);
  if (o.op.kind == K::kMaximum) return in(o);
  const bool relu = o.op.activation == FusedActivation::kRelu || o.op.activation == FusedActivation::kRelu6;
  return relu ? MaybeCount(out(o)) : MaybeCount(0);
}
MaybeCount netscope_add(O o) {
  switch (o.op.kind) {
    case K::kAveragePool:
    case K::kGlobalAveragePool:
      return flops(o);
    case K::kSoftmax:
    case K::kSigmoid:
    case K::kTanh:
    case K::kBatchNorm:
    case K::kLocalResponseNorm:
    case K::kAdd:
      return in(o);
    default:
      return 0;
  }
}
MaybeCount netscope_div(O o) {
  switch (o.op.kind) {
    case K::kAveragePool:
    case K::kGlobalAveragePool:
      return out(o);
    case K::kSoftmax:
    case K::kSigmoid:
    case K::kTanh:
    case K::kBatchNorm:
      return in(o);
    case K::kLocalResponseNorm:
      return in(o)*Term(2);
    default:
      return 0;
  }
}
MaybeCount netscope_exp(O o) {
  switch (o.op.kind) {
    case K::kSoftmax:
    case K::kSigmoid:
    case K::kTanh:
    case K::kLocalResponseNorm:
      return in(o);
    default:
      return 0;
  }
}

constexpr ConventionNumber kTimm[] = {{"FLOPs", macs_only}};
constexpr ConventionNumber kFvcore[] = {{"FLOPs", fvcore}};
constexpr ConventionNumber kPtflops[] = {{"MACs", ptflops}};
constexpr ConventionNumber kTorchinfo[] = {{"mult-adds", torchinfo}};
constexpr ConventionNumber kTensorflow[] = {{"float_ops", tensorflow}};
constexpr ConventionNumber kOnnxTool[] = {{"MACs", onnx_tool}};
constexpr ConventionNumber kNcnn[] = {{"mac", with_bias}};
constexpr ConventionNumber kQedUsc[] = {{"FLOPS", qed_usc}};
constexpr ConventionNumber kNetscope[] = {{"macc", netscope_macc},
                                          {"comp", netscope_comp},
                                          {"add", netscope_add},
                                          {"div", netscope_div},
                                          {"exp", netscope_exp}};

constexpr Convention kConventions[] = {
    {"fvcore", "multiply-accumulates; batch norm 2 an element, other norms 5, bilinear resize 4, global average pool 1",
     kFvcore},
    {"timm", "multiply-accumulates of convolutions and products, called FLOPs as in many papers", kTimm},
    {"ptflops", "multiply-accumulates and bias additions; batch norm 2 an element, activations, pooling, resize 1",
     kPtflops},
    {"torchinfo", "parameters (bias too) times batch, and for convolutions times output positions", kTorchinfo},
    {"tensorflow", "2 a multiply-accumulate, 1 an element-wise result, 5 a softmax element, pooling by its window",
     kTensorflow},
    {"onnx-tool", "every instruction counts: multiply-accumulates, biases, exp 32, log 43, sqrt 24, division 4",
     kOnnxTool},
    {"ncnn", "multiply-accumulates with the bias inside", kNcnn},
    {"netscope", "by layer type: multiply-accumulates, comparisons, additions, divisions, exponentials", kNetscope},
    {"qed_usc", "2 a multiply-accumulate of convolution and dense, biases and pooling windows", kQedUsc},
};

}  // namespace

std::span<const Convention> conventions() { return kConventions; }

Result<const Convention*> find_convention(std::string_view name) {
  std::vector<std::string> names;
  for (const Convention& convention : kConventions) {
    if (convention.name == name) return &convention;
    names.emplace_back(convention.name);
  }
  const std::vector<std::string> near = near_matches(name, names);
  return make_error(ErrorCode::kUsage, "unknown convention " + in_quotes(name) +
                                           (near.empty() ? "; known are " + join(names, ", ")
                                                         : " (did you mean " + join(near, " or ") + "?)"));
}

std::vector<ConventionTotal> convention_totals(const Convention& convention, const Model& model,
                                               const Analysis& analysis) {
  std::vector<ConventionTotal> totals;
  const std::vector<Op>& ops = model.main().ops;
  for (const ConventionNumber& number : convention.numbers) {
    ConventionTotal total{std::string(number.name), {}, false};
    Count sum;
    bool any = ops.empty();
    for (std::size_t i = 0; i < ops.size(); ++i) {
      const OpCost& cost = analysis.ops[i];
      const bool opaque = !op_info(ops[i].kind).opaque_reason.empty();
      const MaybeCount part = opaque ? MaybeCount() : number.of_op({model, model.main(), ops[i], cost});
      if (part) sum += *part, any = true;
      total.lower_bound = total.lower_bound || !part || cost.status == CostStatus::kLowerBound;
    }
    if (any && !sum.overflowed()) total.value = sum.value();
    totals.push_back(std::move(total));
  }
  return totals;
}

}  // namespace nngauge
