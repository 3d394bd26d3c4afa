// SPDX-License-Identifier: Apache-2.0
#include "cost/gpu_kernels.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "graph/op_table.h"
#include "graph/ops/conv_geometry.h"

namespace nngauge {
namespace {

using F = Feature;
using K = OpKind;

constexpr double kMillion = 1e6, kSlice = 4;

double& of(Kernel& kernel, F feature) { return kernel.features[static_cast<std::size_t>(feature)]; }
double slices(double channels) { return std::ceil(channels / kSlice); }
double filled(double positions, double channels) { return positions * slices(channels) * kSlice; }

double number(Dim dim) { return dim.known() ? static_cast<double>(dim.value()) : 1; }

double elements_of(const Shape& shape) {
  double out = 1;
  if (!shape.ranked()) return out;
  for (const Dim dim : shape.dims()) out *= number(dim);
  return out;
}

struct Extents {
  double positions = 1, channels = 1;
};

Extents extents_of(const Shape& shape, DataLayout layout) {
  Extents out;
  if (!shape.ranked() || shape.dims().empty()) return out;
  const std::size_t rank = shape.dims().size();
  const std::size_t axis = layout == DataLayout::kChannelsFirst && rank > 1 ? 1 : rank - 1;
  out.channels = number(shape.dims()[axis]);
  out.positions = elements_of(shape) / std::max(out.channels, 1.0);
  return out;
}

// Where the channels of element-wise operands lie follows from the convolutions around them.
DataLayout layout_of(const Graph& graph) {
  for (const Op& op : graph.ops) {
    if (const auto* conv = std::get_if<ConvAttrs>(&op.attrs)) return conv->layout;
  }
  return DataLayout::kChannelsLast;
}

struct Conv {
  KernelShape shape;
  double out_height = 1, out_width = 1;
  std::string klass;
};

Conv conv_of(const ConvGeometry& g, GpuFamily family) {
  Conv out;
  KernelShape& s = out.shape;
  s.channels = number(g.in_channels), s.filters = number(g.out_channels), s.groups = number(g.groups);
  s.in = s.out = number(g.batch);
  bool dilated = false;
  std::int64_t least_stride = 1, last = 0;
  for (const WindowAxis& axis : g.spatial) {
    s.in *= number(axis.in), s.out *= number(axis.out), s.taps *= number(axis.kernel);
    s.stride = std::max(s.stride, static_cast<double>(axis.stride));
    least_stride = std::max(least_stride, axis.stride), dilated = dilated || axis.dilation > 1;
    (last++ == 0 ? out.out_height : out.out_width) = number(axis.out);
  }
  const bool square3 = g.spatial.size() == 2 && number(g.spatial[0].kernel) == 3 && number(g.spatial[1].kernel) == 3;
  if (g.depthwise || (s.groups > 1 && s.groups == s.channels)) out.klass = "dwconv";
  else if (s.groups > 1) out.klass = "conv-grouped";
  else if (s.in <= 1 && s.taps <= 1) out.klass = "dense";
  else if (square3 && least_stride == 1 && !dilated && picks_winograd(family, s, out.out_height, out.out_width))
    out.klass = "conv-winograd";
  else out.klass = "conv";
  return out;
}

bool two_operands(K kind) {
  return kind == K::kAdd || kind == K::kSub || kind == K::kMul || kind == K::kDiv || kind == K::kMaximum ||
         kind == K::kMinimum || kind == K::kSquaredDifference || kind == K::kPow;
}

bool is_special(K kind) {
  return kind == K::kHardSwish || kind == K::kHardSigmoid || op_info(kind).element_special > 0;
}

bool is_product(K kind) {
  return op_info(kind).category == OpCategory::kConvolution || kind == K::kDense || kind == K::kMatMul;
}

// What is done to each result before it is stored.
void count_links(const Graph& graph, const KernelGroup& group, KernelShape& shape) {
  bool folding = is_product(graph.ops[at(group.anchor)].kind), gate = false;
  for (const OpId id : group.ops) {
    const K kind = graph.ops[at(id)].kind;
    if (id == group.anchor || kind == K::kPad) continue;
    const bool folded = folding && (kind == K::kBatchNorm || kind == K::kBiasAdd);
    folding = folded;
    if (folded) continue;
    const bool of_gate = gate && kind == K::kMul;  // x * sigmoid(x)
    gate = kind == K::kHardSigmoid || kind == K::kSigmoid;
    if (kind == K::kBatchNorm) shape.links += 2;
    else if (two_operands(kind) && !of_gate) shape.links += 1;
    if (is_special(kind)) shape.specials += 1;
  }
}

// Elements that a kernel without arithmetic to speak of reads and writes, in slices; constants stay in caches.
double moved_elements(const Graph& graph, const KernelGroup& group, DataLayout layout) {
  double out = 0;
  const auto add = [&](TensorId id) {
    if (id < 0 || graph.tensors[at(id)].is_constant) return;
    const Extents extents = extents_of(graph.tensors[at(id)].shape, layout);
    out += filled(extents.positions, extents.channels);
  };
  for (const Operand& operand : graph.ops[at(group.anchor)].inputs) add(operand.tensor);
  for (const OpId id : group.ops) {
    if (id == group.anchor) continue;
    const Op& op = graph.ops[at(id)];
    for (std::size_t i = 1; i < op.inputs.size(); ++i) add(op.inputs[i].tensor);
  }
  const Op& last = graph.ops[at(group.ops.back())];
  for (const TensorId id : last.outputs) add(id);
  return out / kMillion;
}

class Maker {
 public:
  // Every operator a kernel of its own, none of Winograd's: PyTorch Mobile.
  Maker(const Model& model, const KernelTarget& target, bool torch, ModelKernels& kernels)
      : model_(model),
        graph_(model.main()),
        family_(gpu_family(target.gpu)),
        torch_(torch),
        kernels_(kernels),
        layout_(layout_of(graph_)) {}

  void run() {
    for (std::size_t g = 0; g < kernels_.plan.groups.size(); ++g) {
      if (kernels_.kernels[g]) make(kernels_.plan.groups[g], *kernels_.kernels[g]);
    }
    if (family_ == GpuFamily::kApple && !torch_) join_depthwise_pointwise();
    for (std::optional<Kernel>& kernel : kernels_.kernels) {
      if (!kernel) continue;
      of(*kernel, F::kInference) = 1;
      break;
    }
  }

 private:
  void make(const KernelGroup& group, Kernel& kernel) {
    const Op& op = graph_.ops[at(group.anchor)];
    const RuleContext c(model_, graph_, op);
    KernelShape shape;
    std::string klass = class_and_shape(c, shape);
    if (torch_ && (klass == "conv" || klass == "conv-winograd")) klass = shape.taps <= 1 ? "conv-1x1" : "conv";
    if (torch_ && klass == "concat") klass.clear();
    if (klass.empty()) {
      make_mover(group, kernel);
      if (torch_) make_step(op, group, kernel);
      return;
    }
    if (!torch_) count_links(graph_, group, shape);
    else if (klass == "pool") add_clamp(op, shape, kernel);
    if (klass == "conv-winograd") {
      of(kernel, F::kWinogradMoved) = (filled(shape.in, shape.channels) + filled(shape.out, shape.filters)) / kMillion;
    }
    of(kernel, F::kPadOut) = 0;
    of(kernel, F::kGpuCalls) += 1;
    kernel.klass = std::move(klass), kernel.shape = shape;
  }

  // Element-wise operators, copies, resizing; what is left keeps the features that any runtime has.
  void make_mover(const KernelGroup& group, Kernel& kernel) {
    const K kind = graph_.ops[at(group.anchor)].kind;
    const OpCategory category = op_info(kind).category;
    const bool element = category == OpCategory::kElementwise || kind == K::kBatchNorm;
    const bool copy = category == OpCategory::kMovement || category == OpCategory::kResampling;
    if (element || copy) {
      kernel.klass = element ? "element-wise" : "copy";
      kernel.features = {};
      of(kernel, F::kGpuMoved) = moved_elements(graph_, group, layout_);
      of(kernel, F::kGpuMovers) = 1;
    }
    of(kernel, F::kGpuCalls) = 1;
  }

  // An element-wise kernel that was measured by itself.
  void make_step(const Op& op, const KernelGroup& group, Kernel& kernel) {
    if (kernel.klass != "element-wise" || op.outputs.empty() || op.outputs[0] < 0) return;
    const Extents out = extents_of(graph_.tensors[at(op.outputs[0])].shape, layout_);
    KernelShape shape{out.positions, out.channels, out.positions, 1, 1, out.channels, 1, 0, 0};
    const bool norm = op.kind == K::kBatchNorm || (op.kind == K::kMul && group.ops.size() > 1);
    shape.links = norm ? 2 : two_operands(op.kind) ? 1 : 0;
    shape.specials = is_special(op.kind) ? 1 : 0;
    kernel.shape = shape;
    add_clamp(graph_.ops[at(group.ops.back())], shape, kernel);
  }

  // TFLite's operators clamp their results; here that is a kernel of its own.
  void add_clamp(const Op& op, const KernelShape& shape, Kernel& kernel) {
    if (op.activation == FusedActivation::kNone) return;
    kernel.behind = KernelShape{shape.out, shape.filters, shape.out, 1, 1, shape.filters, 1, 0, 0};
    of(kernel, F::kGpuCalls) += 1;
  }

  std::string class_and_shape(const RuleContext& c, KernelShape& shape) const {
    const K kind = c.kind();
    const OpCategory category = op_info(kind).category;
    if (category == OpCategory::kConvolution) return conv_class(c, shape);
    if (kind == K::kDense || (kind == K::kMatMul && c.input(1) != nullptr && c.input(1)->is_constant)) {
      const double weights = elements_of(c.in(1)), depth = extents_of(c.in(0), DataLayout::kChannelsLast).channels;
      shape.in = shape.out = elements_of(c.in(0)) / std::max(depth, 1.0);
      shape.channels = depth, shape.filters = weights / std::max(depth, 1.0);
      return shape.in <= 1 ? "dense" : "conv";
    }
    if (kind == K::kReduceMean || kind == K::kGlobalAveragePool) return mean_class(c, shape);
    if (kind == K::kAveragePool || kind == K::kMaxPool) return pool_class(c, shape);
    if (kind == K::kConcat) return concat_class(c, shape);
    return "";
  }

  std::string conv_class(const RuleContext& c, KernelShape& shape) const {
    const Result<ConvGeometry> geometry = conv_geometry(c);
    if (!geometry || geometry->transposed || c.kind() == K::kDeformConv2D) return "";
    Conv conv = conv_of(*geometry, family_);
    shape = conv.shape;
    return std::move(conv.klass);
  }

  static std::string mean_class(const RuleContext& c, KernelShape& shape) {
    const double in = elements_of(c.in(0)), out = elements_of(c.out(0));
    shape.channels = shape.filters = out, shape.in = in / std::max(out, 1.0);
    return "mean";
  }

  std::string pool_class(const RuleContext& c, KernelShape& shape) const {
    const auto& attrs = c.attrs<PoolAttrs>();
    const Extents in = extents_of(c.in(0), attrs.layout), out = extents_of(c.out(0), attrs.layout);
    shape.in = in.positions, shape.channels = in.channels, shape.out = out.positions, shape.filters = out.channels;
    for (const std::int64_t extent : attrs.kernel) shape.taps *= static_cast<double>(std::max<std::int64_t>(extent, 1));
    for (const std::int64_t step : attrs.strides) shape.stride = std::max(shape.stride, static_cast<double>(step));
    const bool whole = out.positions <= 1 && shape.taps >= in.positions && in.positions > 1;
    if (whole && c.kind() == K::kAveragePool && !torch_) return mean_class(c, shape = KernelShape{});
    return "pool";
  }

  std::string concat_class(const RuleContext& c, KernelShape& shape) const {
    const Extents out = extents_of(c.out(0), layout_);
    shape.in = shape.out = out.positions, shape.filters = out.channels;
    shape.channels = extents_of(c.in(0), layout_).channels;
    shape.taps = static_cast<double>(c.input_count());
    return "concat";
  }

  void join_depthwise_pointwise() {
    std::vector<KernelGroup>& groups = kernels_.plan.groups;
    for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
      std::optional<Kernel>&first = kernels_.kernels[g], &second = kernels_.kernels[g + 1];
      if (!first || !second || !first->shape || !second->shape) continue;
      if (first->klass != "dwconv" || second->klass != "conv" || !feeds_only(groups[g], groups[g + 1])) continue;
      if (!picks_depthwise_pointwise(family_, *first->shape, *second->shape)) continue;
      first->klass = "dwconv-1x1";
      first->shape->filters = second->shape->filters, first->shape->links += second->shape->links;
      first->shape->specials += second->shape->specials;
      for (std::size_t f = 0; f < kFeatureCount; ++f) first->features[f] += second->features[f];
      of(*first, F::kGpuCalls) = 1;
      second.reset();
    }
  }

  bool feeds_only(const KernelGroup& from, const KernelGroup& to) const {
    if (from.ops.back() != from.anchor) return false;  // something is linked in between
    const Op& op = graph_.ops[at(from.anchor)];
    const Op& reader = graph_.ops[at(to.anchor)];
    if (op.outputs.size() != 1 || reader.inputs.empty() || reader.inputs[0].tensor != op.outputs[0]) return false;
    std::size_t readers = 0;
    for (const Op& other : graph_.ops) {
      for (const Operand& operand : other.inputs) readers += operand.tensor == op.outputs[0] ? 1 : 0;
    }
    return readers == 1;
  }

  const Model& model_;
  const Graph& graph_;
  GpuFamily family_;
  bool torch_;
  ModelKernels& kernels_;
  DataLayout layout_;
};

}  // namespace

GpuFamily gpu_family(std::string_view gpu) {
  if (gpu.starts_with("Adreno 6") || gpu.starts_with("Adreno 7")) return GpuFamily::kAdreno6xx;
  if (gpu.starts_with("Adreno")) return GpuFamily::kAdreno;
  if (gpu.starts_with("Apple")) return GpuFamily::kApple;
  return GpuFamily::kOther;
}

// The delegate's thresholds, which all measured convolutions confirm: slices of channels on both sides, tiles of 4x4.
bool picks_winograd(GpuFamily family, const KernelShape& shape, double out_height, double out_width) {
  const bool adreno = family == GpuFamily::kAdreno || family == GpuFamily::kAdreno6xx;
  const double least_slices = adreno ? 32 : 16;
  const double least_tiles = family == GpuFamily::kAdreno6xx ? 128 : adreno ? 64 : 32;
  const double tiles = std::ceil(out_height / 4) * std::ceil(out_width / 4);
  return shape.taps == 9 && shape.stride == 1 && slices(shape.channels) >= least_slices &&
         slices(shape.filters) >= least_slices && tiles >= least_tiles;
}

bool picks_depthwise_pointwise(GpuFamily family, const KernelShape& depthwise, const KernelShape& pointwise) {
  return family == GpuFamily::kApple && depthwise.channels == depthwise.filters && depthwise.channels <= 16 &&
         depthwise.channels * depthwise.taps <= 3 * 3 * 16 && pointwise.taps == 1 && pointwise.stride == 1 &&
         pointwise.filters <= 16;
}

void make_gpu_kernels(const Model& model, const KernelTarget& target, ModelKernels& kernels) {
  Maker(model, target, false, kernels).run();
}

void make_torch_gpu_kernels(const Model& model, ModelKernels& kernels) { Maker(model, {}, true, kernels).run(); }

}  // namespace nngauge
