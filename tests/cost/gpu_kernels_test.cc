// SPDX-License-Identifier: Apache-2.0
#include "cost/gpu_kernels.h"

#include <catch2/catch.hpp>

#include "cost/model_kernels.h"
#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

std::vector<Kernel> kernels_for(const std::string& records, const std::string& gpu) {
  const Model model = completed_from(records);
  const ModelKernels made = model_kernels(model, *find_fusion_rules("tflite-gpu"), KernelTarget{{}, gpu});
  std::vector<Kernel> out;
  for (const std::optional<Kernel>& kernel : made.kernels) {
    if (kernel) out.push_back(*kernel);
  }
  return out;
}

double feature(const Kernel& kernel, const char* name) {
  return kernel.features[static_cast<std::size_t>(*find_feature(name))];
}

const std::string kConv = " attrs=conv layout=channels-last filter_layout=out-spatial-in padding=same-upper";

std::string conv(const std::string& in, const std::string& filter, const std::string& rest = "") {
  return "graph 0\ntensor 0 dtype=float32 shape=" + in + "\ntensor 1 dtype=float32 shape=" + filter +
         " const\ntensor 2 dtype=float32\nop Conv2D source=\"C\" index=0 in=0,1:weight out=2" + kConv + rest +
         "\ninputs 0\noutputs 2\n";
}

}  // namespace

TEST_CASE("the GPU's kernel for a convolution follows from its shape and the GPU") {
  const struct {
    std::string in, filter, rest, gpu;
    const char* klass;
  } cases[] = {
      // 64 channels are 16 slices, 28 x 28 results 7 x 7 = 49 tiles: enough, but not on Adreno.
      {"[1,28,28,64]", "[64,3,3,64]", "", "Mali-G76", "conv-winograd"},
      {"[1,28,28,64]", "[64,3,3,64]", "", "Adreno 640", "conv"},
      {"[1,28,28,64]", "[64,3,3,64]", "", "", "conv-winograd"},
      {"[1,28,28,60]", "[64,3,3,60]", "", "Mali-G76", "conv"},           // 15 slices
      {"[1,28,28,61]", "[64,3,3,61]", "", "Mali-G76", "conv-winograd"},  // 16 slices, the last not full
      {"[1,20,20,64]", "[64,3,3,64]", "", "Mali-G76", "conv"},           // 5 x 5 tiles
      {"[1,21,21,64]", "[64,3,3,64]", "", "Mali-G76", "conv-winograd"},  // 6 x 6
      {"[1,28,28,64]", "[64,3,3,64]", " strides=[2,2]", "Mali-G76", "conv"},
      {"[1,28,28,64]", "[64,3,3,64]", " dilations=[2,2]", "Mali-G76", "conv"},
      {"[1,28,28,64]", "[64,5,5,64]", "", "Mali-G76", "conv"},
      {"[1,56,56,128]", "[128,3,3,128]", "", "Adreno 640", "conv-winograd"},  // 32 slices, 14 x 14 tiles
      {"[1,40,40,128]", "[128,3,3,128]", "", "Adreno 640", "conv"},           // 10 x 10 < 128
      {"[1,40,40,128]", "[128,3,3,128]", "", "Adreno 540", "conv-winograd"},  // >= 64
      {"[1,28,28,64]", "[64,3,3,8]", " groups=8", "Mali-G76", "conv-grouped"},
      {"[1,28,28,64]", "[64,3,3,1]", " groups=64", "Mali-G76", "dwconv"},
      {"[1,1,1,64]", "[10,1,1,64]", "", "Mali-G76", "dense"},
  };
  for (const auto& c : cases) {
    INFO(c.in << " " << c.filter << c.rest << " on " << c.gpu);
    const std::vector<Kernel> kernels = kernels_for(conv(c.in, c.filter, c.rest), c.gpu);
    REQUIRE(kernels.size() == 1);
    CHECK(kernels[0].klass == c.klass);
  }
}

TEST_CASE("the shape of a GPU kernel, and what Winograd moves") {
  const std::vector<Kernel> kernels = kernels_for(conv("[1,28,30,61]", "[64,3,3,61]"), "Mali-G76");
  REQUIRE(kernels.size() == 1);
  REQUIRE(kernels[0].shape.has_value());
  CHECK(*kernels[0].shape == KernelShape{28 * 30, 61, 28 * 30, 9, 1, 64, 1, 0, 0});
  CHECK(feature(kernels[0], "gpu.winograd-moved") * 1e6 == Approx(28 * 30 * 64 + 28 * 30 * 64));
  CHECK(feature(kernels[0], "gpu.calls") == 1);
  CHECK(feature(kernels[0], "inference") == 1);
}

TEST_CASE("Apple's GPUs run a small depthwise convolution and the 1x1 behind it as one kernel") {
  const auto records = [](const std::string& channels) {
    return "graph 0\ntensor 0 dtype=float32 shape=[1,8,8," + channels + "]\ntensor 1 dtype=float32 shape=[" + channels +
           ",3,3,1] const\ntensor 2 dtype=float32\ntensor 3 dtype=float32 shape=[12,1,1," + channels +
           "] const\ntensor 4 dtype=float32\nop Conv2D source=\"C\" index=0 in=0,1:weight out=2" + kConv +
           " groups=" + channels + "\nop Conv2D source=\"C\" index=1 in=2,3:weight out=4" + kConv +
           "\ninputs 0\noutputs 4\n";
  };
  const std::vector<Kernel> joined = kernels_for(records("16"), "Apple A12");
  REQUIRE(joined.size() == 1);
  CHECK(joined[0].klass == "dwconv-1x1");
  CHECK(joined[0].shape->filters == 12);
  CHECK(kernels_for(records("16"), "Mali-G76").size() == 2);
  CHECK(kernels_for(records("20"), "Apple A12").size() == 2);
}

TEST_CASE("element-wise kernels cost what they move, in slices of four") {
  const std::vector<Kernel> kernels = kernels_for(
      "graph 0\ntensor 0 dtype=float32 shape=[1,8,8,6]\ntensor 1 dtype=float32 shape=[1,8,8,6]\n"
      "tensor 2 dtype=float32\nop Add source=\"A\" index=0 in=0,1 out=2 attrs=none\ninputs 0 1\noutputs 2\n",
      "Adreno 640");
  REQUIRE(kernels.size() == 1);
  CHECK(kernels[0].klass == "element-wise");
  CHECK(feature(kernels[0], "gpu.moved") * 1e6 == Approx(3 * 8 * 8 * 8));
  CHECK(feature(kernels[0], "gpu.movers") == 1);
  CHECK(feature(kernels[0], "add.out") == 0);
}

TEST_CASE("curves take the place of the features of the classes that they have") {
  const Model model = completed_from(conv("[1,28,28,64]", "[64,1,1,64]"));
  const ModelKernels plain = model_kernels(model, *find_fusion_rules("tflite-gpu"), KernelTarget{{}, "Adreno 640"});
  KernelCurve curve{"conv", {7, 2, 0, 0, 0, 0, 0}, 0, {}};  // 7 us and 2 us per million MACs
  const ModelKernels timed = with_curves(plain, {&curve, 1});
  const Kernel& kernel = *timed.kernels[0];
  CHECK(feature(kernel, "kernel.time") == Approx(7 + 2 * 28 * 28 * 64 * 64 / 1e6));
  CHECK(feature(kernel, "conv-1x1.macs") == 0);
  curve.klass = "dwconv";
  curve.prices.resize(4);
  CHECK(with_curves(plain, {&curve, 1}).kernels[0]->features == plain.kernels[0]->features);
}
