// SPDX-License-Identifier: Apache-2.0
#include "cost/model_kernels.h"

#include "cost/armcl_kernels.h"
#include "cost/gpu_kernels.h"
#include "cost/ncnn_gpu_kernels.h"
#include "cost/ncnn_kernels.h"
#include "cost/npu_kernels.h"
#include "cost/torch_kernels.h"

namespace nngauge {
namespace {

using F = Feature;

void add_kernel(ClassFeatures& sums, const FeatureVector& features) {
  sums.kernels += 1;
  for (std::size_t f = 0; f < kFeatureCount; ++f) sums.features[f] += features[f];
}

void sum_classes(ModelKernels& kernels) {
  kernels.classes.clear();
  for (const std::optional<Kernel>& kernel : kernels.kernels) {
    if (!kernel) continue;
    add_kernel(kernels.classes[kernel->klass], kernel->features);
  }
}

const CurveReader* find_curve(std::span<const CurveReader> curves, std::string_view klass) {
  for (const CurveReader& curve : curves) {
    if (curve.klass() == klass) return &curve;
  }
  if (klass == "conv-winograd") return find_curve(curves, "conv");
  if (klass == "conv-1x1") return find_curve(curves, "conv");
  return klass == "dwconv-1x1" ? find_curve(curves, "dwconv") : nullptr;
}

std::vector<CurveReader> readers_of(std::span<const KernelCurve> curves) {
  std::vector<CurveReader> out;
  for (const KernelCurve& curve : curves) out.emplace_back(curve);
  return out;
}

FeatureVector curve_features(const Kernel& kernel, std::span<const CurveReader> curves) {
  const CurveReader* curve = kernel.shape ? find_curve(curves, kernel.klass) : nullptr;
  if (!curve) return kernel.features;
  FeatureVector out{};
  for (const F kept : {F::kInference, F::kGpuCalls, F::kWinogradMoved}) {
    out[static_cast<std::size_t>(kept)] = kernel.features[static_cast<std::size_t>(kept)];
  }
  double& time = out[static_cast<std::size_t>(F::kKernelTime)];
  time = curve->microseconds(*kernel.shape);
  if (const CurveReader* next = kernel.behind ? find_curve(curves, "element-wise") : nullptr) {
    time += next->microseconds(*kernel.behind);
  }
  return out;
}

}  // namespace

FeatureVector total_features(const std::map<std::string, ClassFeatures>& classes) {
  FeatureVector out{};
  for (const auto& [klass, sums] : classes) {
    for (std::size_t f = 0; f < kFeatureCount; ++f) out[f] += sums.features[f];
  }
  return out;
}

ModelKernels part_of(const ModelKernels& kernels, OpRange range) {
  ModelKernels out;
  if (range.first < 0) {
    if (const auto input = kernels.classes.find(std::string(kInputClass)); input != kernels.classes.end()) {
      out.classes.insert(*input);
    }
    return out;
  }
  for (std::size_t g = 0; g < kernels.kernels.size(); ++g) {
    const OpId anchor = kernels.plan.groups[g].anchor;
    if (!kernels.kernels[g] || anchor < range.first || anchor > range.last) continue;
    out.kernels.push_back(kernels.kernels[g]);  // curves price kernels one by one
    add_kernel(out.classes[kernels.kernels[g]->klass], kernels.kernels[g]->features);
  }
  return out;
}

std::map<std::string, ClassFeatures> curve_classes(const ModelKernels& kernels, std::span<const KernelCurve> curves) {
  const std::vector<CurveReader> readers = readers_of(curves);
  std::map<std::string, ClassFeatures> out;
  for (const std::optional<Kernel>& kernel : kernels.kernels) {
    if (!kernel) continue;
    add_kernel(out[kernel->klass], curve_features(*kernel, readers));
  }
  return out;
}

ModelKernels with_curves(ModelKernels out, std::span<const KernelCurve> curves) {
  if (curves.empty()) return out;
  const std::vector<CurveReader> readers = readers_of(curves);
  for (std::optional<Kernel>& kernel : out.kernels) {
    if (kernel) kernel->features = curve_features(*kernel, readers);
  }
  sum_classes(out);
  return out;
}

ModelKernels model_kernels(const Model& model, const FusionRules& rules, const KernelTarget& target) {
  ModelKernels out;
  const KernelLibrary library = kernel_library(rules.runtime);
  const bool ncnn = library == KernelLibrary::kNcnn, npu = library == KernelLibrary::kNpu;
  const bool on_gpu = rules.runtime.ends_with("-gpu");
  const Graph& graph = model.main();
  out.plan = plan_fusion(graph, rules);
  const NcnnPlacement placement = ncnn && on_gpu ? place_ncnn_layers(model, graph) : NcnnPlacement{};
  for (const KernelGroup& group : out.plan.groups) {
    out.kernels.emplace_back();
    out.reasons.emplace_back();
    if (group.free) continue;
    Result<Kernel> kernel = ncnn && on_gpu ? ncnn_gpu_kernel_features(model, graph, group, placement)
                            : ncnn         ? ncnn_kernel_features(model, graph, group)
                            : npu          ? npu_kernel_features(model, graph, group)
                                           : kernel_features(model, graph, group, target.precision);
    if (!kernel) {
      out.reasons.back() = kernel.error().message;
      continue;
    }
    out.kernels.back() = std::move(kernel).value();
  }
  if (rules.links_elementwise) make_gpu_kernels(model, target, out);
  else if (rules.runtime == "torch-gpu") make_torch_gpu_kernels(model, out);
  else if (rules.runtime == "torch-cpu") make_torch_cpu_kernels(model, target.precision, out);
  if (library == KernelLibrary::kArmCompute) make_arm_compute_kernels(model, out);
  sum_classes(out);
  if (library == KernelLibrary::kArmCompute) add_input_stage(out, graph);
  if (npu) add_npu_call(out);
  return out;
}

}  // namespace nngauge
