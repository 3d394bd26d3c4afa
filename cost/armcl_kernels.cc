// SPDX-License-Identifier: Apache-2.0
#include "cost/armcl_kernels.h"

#include "cost/layer_sizes.h"

namespace nngauge {
namespace {

using F = Feature;
using layer::of;

}  // namespace

void add_input_stage(ModelKernels& out, const Graph& graph) {
  double elements = 0;
  for (const TensorId id : graph.inputs) {
    if (id < 0) continue;
    const std::optional<Count> count = graph.tensors[static_cast<std::size_t>(id)].shape.elements();
    if (count && !count->overflowed()) elements += static_cast<double>(count->value()) / layer::kMillion;
  }
  ClassFeatures& sums = out.classes[std::string(kInputClass)];
  sums.kernels += 1;
  sums.features[static_cast<std::size_t>(F::kInputElements)] += elements;
}

// The Arm Compute Library multiplies group by group with the kernels of plain convolutions, and 3x3 ones without stride
// or dilation in Winograd tiles of 4 x 4 results: their multiplications, and the elements of their tiles in place of
// what others gather.
void make_arm_compute_kernels(const Model& model, ModelKernels& kernels) {
  constexpr double kTile = 4;
  const auto move = [](Kernel& kernel, F from, F to) {
    of(kernel, to) += of(kernel, from);
    of(kernel, from) = 0;
  };
  for (std::size_t g = 0; g < kernels.kernels.size(); ++g) {
    std::optional<Kernel>& kernel = kernels.kernels[g];
    if (!kernel || (kernel->klass != "conv-grouped" && kernel->klass != "conv-kxk")) continue;
    if (kernel->klass == "conv-grouped") {
      kernel->klass = "conv-kxk";
      move(*kernel, F::kGroupedMacs, F::kConvKxKMacs);
      move(*kernel, F::kGroupedGathered, F::kConvGathered);
      move(*kernel, F::kGroupedOut, F::kConvKxKOut);
      of(*kernel, F::kGroupedTaps) = 0;
    }
    const Graph& graph = model.main();
    const Op& op = graph.ops[static_cast<std::size_t>(kernels.plan.groups[g].anchor)];
    const Result<layer::Conv> conv = layer::measure_conv(RuleContext(model, graph, op));
    if (!conv || !conv->takes_winograd() || conv->transposed) continue;
    const double points = layer::winograd_points(*conv, {kTile});
    of(*kernel, F::kConvKxKMacs) = points * conv->in_channels / conv->groups * conv->out_channels;
    of(*kernel, F::kConvGathered) = points * (conv->in_channels + conv->out_channels);
  }
}

}  // namespace nngauge
