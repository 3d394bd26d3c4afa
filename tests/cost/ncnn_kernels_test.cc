// SPDX-License-Identifier: Apache-2.0
#include "cost/ncnn_kernels.h"

#include <catch2/catch.hpp>
#include <map>

#include "cost/model_kernels.h"
#include "cost/ncnn_gpu_kernels.h"
#include "tests/support/kernels.h"
#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

using Features = NamedFeatures;

struct Case {
  const char* what;
  std::string records;
  std::string klass;
  Features features;
};

}  // namespace

TEST_CASE("ncnn: the kernel follows from channels, window, stride and type") {
  const std::string c16 = "[1,16,12,12]", c8 = "[1,8,12,12]";
  const std::vector<Case> cases = {
      {"3x3 between enough channels: 2 x 2 tiles of 8 x 8",
       conv(c16, "[32,16,3,3]", attrs(3, 1, 1)),
       "conv-winograd",
       {{"ncnn.winograd.macs", 2 * 2 * 64 * 16 * 32},
        {"ncnn.winograd.moved", 2 * 2 * 64 * (16 + 1.2 * 32)},
        {"ncnn.conv.weights", 1.2 * 9 * 16 * 32},
        {"ncnn.conv.calls", 3}}},
      {"on 7 x 7 positions tiles of 6 x 6 need fewest: 2 x 2 of them",
       conv("[1,16,7,7]", "[32,16,3,3]", attrs(3, 1, 1)),
       "conv-winograd",
       {{"ncnn.winograd.macs", 2 * 2 * 36 * 16 * 32},
        {"ncnn.winograd.moved", 2 * 2 * 36 * (16 + 1.2 * 32)},
        {"ncnn.conv.weights", 1.2 * 9 * 16 * 32},
        {"ncnn.conv.calls", 3}}},
      {"more than a million elements come and go",
       conv("[1,16,200,200]", "[16,16,1,1]", attrs(1, 1, 0)),
       "conv-1x1",
       {{"ncnn.conv-1x1.macs", 40000.0 * 16 * 16},
        {"ncnn.conv-1x1.moved", 2 * 40000.0 * 16},
        {"ncnn.spilled", 2 * 40000.0 * 16 - 1e6},
        {"ncnn.conv.weights", 16 * 16},
        {"ncnn.conv.calls", 2}}},
      {"in int8: 3 x 3 tiles of 6 x 6",
       conv(c16, "[32,16,3,3]", attrs(3, 1, 1), "int8"),
       "conv-winograd-int8",
       {{"ncnn.int8.winograd.macs", 3 * 3 * 36 * 16 * 32},
        {"ncnn.int8.winograd.moved", 3 * 3 * 36 * (16 + 1.2 * 32)},
        {"ncnn.int8.conv.weights", 1.2 * 9 * 16 * 32},
        {"ncnn.int8.converted", 1.3 * 16 * 144 + 1.1 * 32 * 144},
        {"ncnn.conv.calls", 3}}},
      {"too few channels",
       conv(c8, "[32,8,3,3]", attrs(3, 1, 1)),
       "conv-kxk",
       {{"ncnn.conv-kxk.macs", 144 * 9 * 8 * 32},
        {"ncnn.conv-kxk.moved", 0.8 * 144 * 9 * 8 + 8 * 144 + 32 * 144},
        {"ncnn.conv.weights", 9 * 8 * 32},
        {"ncnn.conv.calls", 2}}},
      {"a stride",
       conv(c16, "[32,16,3,3]", attrs(3, 2, 1)),
       "conv-kxk",
       {{"ncnn.conv-kxk.macs", 36 * 9 * 16 * 32},
        {"ncnn.conv-kxk.moved", 0.8 * 36 * 9 * 16 + 16 * 144 + 32 * 36},
        {"ncnn.conv.weights", 9 * 16 * 32},
        {"ncnn.conv.calls", 2}}},
      {"dilation",
       conv(c16, "[32,16,3,3]", attrs(3, 1, 2, 1, 2)),
       "conv-kxk",
       {{"ncnn.conv-kxk.macs", 144 * 9 * 16 * 32},
        {"ncnn.conv-kxk.moved", 0.8 * 144 * 9 * 16 + 16 * 144 + 32 * 144},
        {"ncnn.conv.weights", 9 * 16 * 32},
        {"ncnn.conv.calls", 2}}},
      {"1x1",
       conv(c16, "[32,16,1,1]", attrs(1, 1, 0)),
       "conv-1x1",
       {{"ncnn.conv-1x1.macs", 144 * 16 * 32},
        {"ncnn.conv-1x1.moved", 16 * 144 + 32 * 144},
        {"ncnn.conv.weights", 16 * 32},
        {"ncnn.conv.calls", 2}}},
      {"the picture",
       conv("[1,3,12,12]", "[32,3,3,3]", attrs(3, 2, 1)),
       "conv-first",
       {{"ncnn.conv-first.macs", 36 * 9 * 3 * 32}, {"ncnn.conv-first.out", 32 * 36}, {"ncnn.conv.calls", 1}}},
      {"four groups",
       conv(c16, "[32,4,3,3]", attrs(3, 1, 1, 4)),
       "conv-grouped",
       {{"ncnn.conv-grouped.macs", 144 * 9 * 4 * 32},
        {"ncnn.conv-grouped.moved", 0.6 * 144 * 9 * 16 + 16 * 144 + 32 * 144},
        {"ncnn.conv.calls", 2 * 4}}},
      {"depthwise, ten channels in packs of four",
       conv("[1,10,12,12]", "[10,1,3,3]", attrs(3, 1, 1, 10), "float32", "DepthwiseConv2D"),
       "dwconv",
       {{"ncnn.dwconv-3x3.macs", 144 * 12 * 9}, {"ncnn.dwconv.moved", 10 * 144 + 12 * 144}, {"ncnn.conv.calls", 1}}},
      {"a sigmoid on the way",
       conv(c16, "[32,16,1,1]", attrs(1, 1, 0), "float32", "Conv2D", "act=sigmoid "),
       "conv-1x1",
       {{"ncnn.conv-1x1.macs", 144 * 16 * 32},
        {"ncnn.conv-1x1.moved", 16 * 144 + 32 * 144},
        {"ncnn.conv.weights", 16 * 32},
        {"ncnn.exponential.out", 32 * 144},
        {"ncnn.conv.calls", 2}}},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    check_kernel(made(one.records), one.klass, one.features);
  }
}

TEST_CASE("ncnn: a function behind a sum is a layer of its own, behind a convolution it is not") {
  const auto kernels = [](const std::string& first) {
    const Model model = completed_from(
        "graph 0\ntensor 0 dtype=float32 shape=[1,16,8,8]\n"
        "tensor 1 dtype=float32 shape=[16,16,1,1] const\ntensor 2 dtype=float32\n"
        "tensor 3 dtype=float32\n" +
        first + "op Relu source=\"R\" index=1 in=2 out=3\ninputs 0\noutputs 3\n");
    return model_kernels(model, *find_fusion_rules("ncnn-cpu"), KernelPrecision::kFloat).plan.groups.size();
  };
  CHECK(kernels("op Add source=\"A\" index=0 in=0,0 out=2\n") == 2);
  CHECK(kernels("op Conv2D source=\"C\" index=0 in=0,1:weight out=2 attrs=conv kernel=[1,1]\n") == 1);
}

TEST_CASE("ncnn: boxes are priced by the numbers that they come from, though their count is open") {
  const MadeKernel got = made(
      "graph 0\ntensor 0 dtype=float32 shape=[1,40]\ntensor 1 dtype=float32 shape=[1,210]\n"
      "tensor 2 dtype=float32 shape=[1,2,40]\ntensor 3 dtype=float32\n"
      "op DetectionOutput source=\"DetectionOutput\" index=0 in=0,1,2 out=3 attrs=detection max_detections=100\n"
      "inputs 0 1 2\noutputs 3\n");
  CHECK(got.klass == "detection");
  CHECK(got.features == Features{{"ncnn.detect.in", 40 + 210 + 80}, {"ncnn.calls", 1}});
}

TEST_CASE("ncnn: boxes straight from feature maps, and reductions, have prices of their own") {
  const MadeKernel boxes = made(
      "graph 0\ntensor 0 dtype=float32 shape=[1,75,10,10]\ntensor 1 dtype=float32\n"
      "op DetectionOutput source=\"Yolov3DetectionOutput\" index=0 in=0 out=1 attrs=detection max_detections=100\n"
      "inputs 0\noutputs 1\n");
  CHECK(boxes.features.at("ncnn.boxes.in") == Approx(7500));
  CHECK(boxes.features.at("ncnn.boxes.pairs") == Approx(7500.0 * 7500 / 1e6));
  const MadeKernel mean = made(
      "graph 0\ntensor 0 dtype=float32 shape=[1,16,10,10]\ntensor 1 dtype=float32\n"
      "op ReduceMean source=\"Reduction\" index=0 in=0 out=1 attrs=axes axes=[2,3] has_axes=true\n"
      "inputs 0\noutputs 1\n");
  CHECK(mean.klass == "reduction");
  CHECK(mean.features == Features{{"ncnn.reduce.in", 1600}, {"ncnn.calls", 1}});
}

TEST_CASE("ncnn with Vulkan: float layers have features of the GPU, int8 ones those of the CPU, both the transfers") {
  const std::string c16 = "[1,16,12,12]";
  const std::vector<Case> cases = {
      {"Winograd: 3 x 3 tiles of 6 x 6; the picture comes from the CPU",
       conv(c16, "[32,16,3,3]", attrs(3, 1, 1)),
       "conv-winograd-gpu",
       {{"ncnn.gpu.calls", 3},
        {"ncnn.gpu.winograd.macs", 3 * 3 * 36 * 16 * 32},
        {"ncnn.gpu.winograd.moved", 3 * 3 * 36 * (16 + 32)},
        {"ncnn.gpu.conv.weights", 4 * 9 * 16 * 32},
        {"ncnn.gpu.depth", 16},
        {"ncnn.gpu.moved", (16 + 32) * 144},
        {"ncnn.transfer.times", 1},
        {"ncnn.transfer.elements", 16 * 144}}},
      {"ten channels are not packed",
       conv("[1,10,12,12]", "[32,10,1,1]", attrs(1, 1, 0)),
       "conv-1x1-gpu",
       {{"ncnn.gpu.calls", 1},
        {"ncnn.gpu.conv-1x1.macs", 1.7 * 144 * 10 * 32},
        {"ncnn.gpu.conv.weights", 10 * 32},
        {"ncnn.gpu.depth", 1.7 * 10},
        {"ncnn.gpu.moved", 1.7 * (10 + 32) * 144},
        {"ncnn.transfer.times", 1},
        {"ncnn.transfer.elements", 10 * 144}}},
      {"int8 stays on the CPU, where the picture is",
       conv(c16, "[32,16,1,1]", attrs(1, 1, 0), "int8"),
       "conv-1x1-int8",
       {{"ncnn.int8.conv-1x1.macs", 144 * 16 * 32},
        {"ncnn.int8.conv-1x1.moved", 16 * 144 + 32 * 144},
        {"ncnn.int8.conv.weights", 16 * 32},
        {"ncnn.int8.converted", 1.3 * 16 * 144 + 1.1 * 32 * 144},
        {"ncnn.conv.calls", 2}}},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    check_kernel(made(one.records, "ncnn-gpu"), one.klass, one.features);
  }
}

TEST_CASE("ncnn with Vulkan: an activation is brought over once, copies of it are the same") {
  const std::string head =
      "graph 0\ntensor 0 dtype=float32 shape=[1,16,8,8]\ntensor 1 dtype=float32\ntensor 2 dtype=float32\n"
      "tensor 3 dtype=float32\ntensor 4 dtype=float32\ntensor 5 dtype=float32\n";
  // Relu on the GPU; two copies; two reductions on the CPU.
  const Model model = completed_from(
      head +
      "op Relu source=\"R\" index=0 in=0 out=1\nop Identity source=\"Split\" index=1 in=1 out=2,3\n"
      "op ReduceMean source=\"A\" index=2 in=2 out=4 attrs=axes axes=[2,3] has_axes=true\n"
      "op ReduceMean source=\"B\" index=3 in=3 out=5 attrs=axes axes=[2,3] has_axes=true\ninputs 0\noutputs 4 5\n");
  const NcnnPlacement placed = place_ncnn_layers(model, model.main());
  CHECK(placed.on_cpu == std::vector<bool>{false, false, true, true});
  CHECK(placed.transfers == std::vector<double>{1, 0, 1, 0});
  CHECK(placed.moved[0] == Approx(16 * 64 / 1e6));
  CHECK(placed.moved[2] == Approx(16 * 64 / 1e6));
}

TEST_CASE("kernel libraries: each runtime's features are its own") {
  CHECK(kernel_library("ncnn") == KernelLibrary::kNcnn);
  CHECK(kernel_library("ncnn-gpu") == KernelLibrary::kNcnn);
  CHECK(kernel_library("tflite-cpu") == KernelLibrary::kTflite);
  for (const FeatureInfo& row : feature_table()) {
    CHECK((row.library == KernelLibrary::kNcnn) == row.name.starts_with("ncnn."));
    CHECK(!row.meaning.empty());
  }
}
