// SPDX-License-Identifier: Apache-2.0
#include "tests/support/kernels.h"

#include <catch2/catch.hpp>

#include "cost/model_kernels.h"
#include "tests/support/models.h"

namespace nngauge::test {

MadeKernel made(const std::string& records, const char* runtime, KernelPrecision precision) {
  const Model model = completed_from(records);
  const ModelKernels kernels = model_kernels(model, *find_fusion_rules(runtime), precision);
  MadeKernel out;
  for (const std::optional<Kernel>& kernel : kernels.kernels) {
    if (!kernel) continue;
    out = {kernel->klass, {}};
    for (const FeatureInfo& row : feature_table()) {
      const double value = kernel->features[static_cast<std::size_t>(row.feature)];
      const bool times = row.name.ends_with("calls") || row.name.ends_with("times") || row.name.ends_with("inference");
      if (value != 0) out.features[std::string(row.name)] = times ? value : value * 1e6;
    }
  }
  return out;
}

void check_kernel(const MadeKernel& got, const std::string& klass, const NamedFeatures& expected) {
  CHECK(got.klass == klass);
  for (const auto& [name, value] : expected) {
    INFO(name);
    CHECK(got.features.contains(name));
    if (got.features.contains(name)) CHECK(got.features.at(name) == Approx(value));
  }
  for (const auto& [name, value] : got.features) {
    INFO(name << " " << value);
    CHECK(expected.contains(name));
  }
}

std::string conv(const std::string& in, const std::string& filter, const std::string& rest, const std::string& weights,
                 const std::string& kind, const std::string& act) {
  return "graph 0\ntensor 0 dtype=float32 shape=" + in + "\ntensor 1 dtype=" + weights + " shape=" + filter +
         " const\ntensor 2 dtype=float32\nop " + kind + " source=\"C\" index=0 in=0,1:weight out=2 " + act +
         "attrs=conv " + rest + "\ninputs 0\noutputs 2\n";
}

std::string attrs(int kernel, int stride, int pad, int groups, int dilation) {
  const auto pair = [](int n) { return "[" + std::to_string(n) + "," + std::to_string(n) + "]"; };
  const std::string p = std::to_string(pad);
  return "strides=" + pair(stride) + " dilations=" + pair(dilation) + " pads=[" + p + "," + p + "," + p + "," + p +
         "] groups=" + std::to_string(groups) + " kernel=" + pair(kernel);
}

}  // namespace nngauge::test
