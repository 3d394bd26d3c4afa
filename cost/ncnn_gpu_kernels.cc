// SPDX-License-Identifier: Apache-2.0
#include "cost/ncnn_gpu_kernels.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "cost/layer_sizes.h"
#include "cost/ncnn_kernels.h"
#include "graph/algorithms.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

using namespace nngauge::layer;
using F = Feature;
using K = OpKind;

constexpr double kPack = 4;  // channels that lie packed together; others are worked on one by one

bool has_integer_weights(const RuleContext& c) {
  return c.has_input(1) && c.input(1) != nullptr && c.input(1)->is_constant && c.in_dtype(1) == DType::kInt8;
}

// Layers without a Vulkan kernel in most of the measured versions (2020 to 2025).
bool has_no_kernel(const RuleContext& c) {
  const OpInfo& info = op_info(c.kind());
  if (info.category == OpCategory::kReduction || c.kind() == K::kLayerNorm) return true;
  if (info.category == OpCategory::kDetection) return c.kind() != K::kPriorBox;
  if (c.kind() == K::kGelu || c.kind() == K::kFastGelu) return true;
  if (info.category != OpCategory::kProduct) return false;
  if (c.kind() != K::kDense) return true;
  // An inner product of one row has one; a matrix product has none.
  const Result<double> macs = work_macs(c), weights = count(c.in_elements(1));
  return !macs || !weights || !is_one_row(*macs, *weights);
}

double packed(double channels) { return std::ceil(channels / kPack) * kPack; }

// Channels that are no multiple of four are not packed, which costs about so much more.
double unpacked_share(const Conv& m) {
  constexpr double kUnpacked = 1.7;
  const bool in = m.in_channels > kPack && packed(m.in_channels) > m.in_channels;
  return in || packed(m.out_channels) > m.out_channels ? kUnpacked : 1;
}

Status add_convolution(Kernel& k, const RuleContext& c) {
  constexpr double kWinogradKernels = 3, kTransformedWeights = 4;
  NNGAUGE_TRY(const Conv m, measure_conv(c));
  const double share = unpacked_share(m);
  const auto depth = [&](double products) { of(k, F::kNcnnGpuDepth) += share * products / kMillion; };
  of(k, F::kNcnnGpuMoved) += share * (m.in + m.out);
  if (m.depthwise) {
    k.klass = "dwconv-gpu";
    of(k, F::kNcnnGpuCalls) += 1;
    of(k, F::kNcnnGpuDepthwiseMacs) += share * m.macs();
    return ok();
  }
  if (m.groups > 1 && !m.transposed) {
    k.klass = "conv-grouped-gpu";
    of(k, F::kNcnnGpuCalls) += 1;
    of(k, F::kNcnnGpuGroupedMacs) += share * m.macs();
    depth(m.in_channels / m.groups * m.taps);
    return ok();
  }
  if (m.takes_winograd() && !m.transposed) {
    const double points = winograd_points(m, {2, 4});
    k.klass = "conv-winograd-gpu";
    of(k, F::kNcnnGpuCalls) += kWinogradKernels;
    of(k, F::kNcnnGpuConvWeights) += kTransformedWeights * m.weights();
    of(k, F::kNcnnGpuWinogradMacs) += share * points * m.in_channels * m.out_channels;
    of(k, F::kNcnnGpuWinogradMoved) += share * points * (m.in_channels + m.out_channels);
    depth(m.in_channels);
    return ok();
  }
  const bool pointwise = m.taps <= 1;
  const double few = pointwise ? 1 : std::max(kPack / std::max(m.in_channels, 1.0), 1.0);  // filled up to a pack
  k.klass = m.transposed ? "conv-transposed-gpu" : pointwise ? "conv-1x1-gpu" : "conv-kxk-gpu";
  of(k, F::kNcnnGpuCalls) += 1;
  of(k, F::kNcnnGpuConvWeights) += m.weights();
  of(k, pointwise ? F::kNcnnGpuConv1x1Macs : F::kNcnnGpuConvKxKMacs) += share * few * m.macs();
  depth(m.in_channels * m.taps);
  return ok();
}

Status add_dense(Kernel& k, const RuleContext& c) {
  NNGAUGE_TRY(const double weights, count(c.in_elements(1)));
  NNGAUGE_TRY(const double out, count(c.out_elements(0)));
  k.klass = "dense-gpu";
  of(k, F::kNcnnGpuCalls) += 1;
  of(k, F::kNcnnGpuDenseWeights) += weights;
  of(k, F::kNcnnGpuDenseDepth) += out > 0 ? weights / out / kMillion : 0;
  return ok();
}

Status add_other(Kernel& k, const RuleContext& c) {
  const OpInfo& info = op_info(c.kind());
  NNGAUGE_TRY(const double out, written_elements(c));
  of(k, F::kNcnnGpuCalls) += 1;
  if (c.kind() == K::kPriorBox) {
    k.klass = "move-gpu";
    return ok();
  }
  if (c.kind() == K::kLocalResponseNorm) {
    k.klass = "lrn-gpu";
    of(k, F::kNcnnGpuCalls) += 1;  // squares, then sums
    of(k, F::kNcnnGpuLrnOut) += out;
    return ok();
  }
  of(k, F::kNcnnGpuMoved) += read_elements(c) + out;
  const bool global = c.kind() == K::kGlobalAveragePool || c.kind() == K::kGlobalMaxPool;
  if (info.category == OpCategory::kPooling && !global) {
    NNGAUGE_TRY(const Work work, info.work(c));
    NNGAUGE_TRY(const double taps, count(work.flops));
    k.klass = "pool-gpu";
    of(k, F::kNcnnGpuPoolTaps) += taps;
    return ok();
  }
  k.klass = "move-gpu";
  return ok();
}

// Products of activations and of several rows have kernels in later versions: a part of the measured runs had them.
void lighten_products(Kernel& kernel) {
  constexpr double kShareOfVersions = 0.4;
  of(kernel, F::kNcnnProductMacs) *= kShareOfVersions;
  of(kernel, F::kNcnnAttentionMacs) *= kShareOfVersions;
}

}  // namespace

NcnnPlacement place_ncnn_layers(const Model& model, const Graph& graph) {
  NcnnPlacement out;
  out.on_cpu.resize(graph.ops.size()), out.transfers.resize(graph.ops.size()), out.moved.resize(graph.ops.size());
  const Uses uses = find_uses(graph);
  std::vector<TensorId> same(graph.tensors.size());  // a copy that moves nothing is the tensor that it was made from
  for (std::size_t i = 0; i < same.size(); ++i) same[i] = static_cast<TensorId>(i);
  std::set<std::pair<TensorId, bool>> brought;
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    const RuleContext c(model, graph, op);
    const bool view = op.kind == K::kIdentity && !op.inputs.empty() && op.inputs[0].tensor >= 0;
    if (view) {
      for (const TensorId id : op.outputs) {
        if (id >= 0) same[at(id)] = same[at(op.inputs[0].tensor)];
      }
      const OpId maker = uses.producer[at(same[at(op.inputs[0].tensor)])];
      out.on_cpu[i] = maker < 0 || out.on_cpu[at(maker)];
      continue;
    }
    out.on_cpu[i] = has_integer_weights(c) || has_no_kernel(c);
    for (std::size_t k = 0; k < op.inputs.size(); ++k) {
      if (op.inputs[k].tensor < 0 || !c.has_input(k) || c.input(k)->is_constant) continue;
      const TensorId id = same[at(op.inputs[k].tensor)];
      const OpId maker = uses.producer[at(id)];
      const bool made_on_cpu = maker < 0 || out.on_cpu[at(maker)];
      if (made_on_cpu == out.on_cpu[i] || !brought.insert({id, out.on_cpu[i]}).second) continue;
      out.transfers[i] += 1;
      if (const Result<double> elements = count(c.in_elements(k))) out.moved[i] += *elements;
    }
  }
  return out;
}

Result<Kernel> ncnn_gpu_kernel_features(const Model& model, const Graph& graph, const KernelGroup& group,
                                        const NcnnPlacement& placement) {
  const std::size_t anchor = at(group.anchor);
  const Op& op = graph.ops[anchor];
  Kernel kernel;
  if (placement.on_cpu[anchor]) {
    NNGAUGE_TRY(kernel, ncnn_kernel_features(model, graph, group));
    lighten_products(kernel);
  } else {
    const RuleContext c(model, graph, op);
    const OpInfo& info = op_info(op.kind);
    NNGAUGE_CHECK(check_has_kernel(info));
    if (is_convolution(info)) {
      NNGAUGE_CHECK(add_convolution(kernel, c));
    } else if (op.kind == K::kDense) {
      NNGAUGE_CHECK(add_dense(kernel, c));
    } else {
      NNGAUGE_CHECK(add_other(kernel, c));
    }
  }
  of(kernel, F::kNcnnTransfers) += placement.transfers[anchor];
  of(kernel, F::kNcnnTransferred) += placement.moved[anchor];
  return kernel;
}

}  // namespace nngauge
