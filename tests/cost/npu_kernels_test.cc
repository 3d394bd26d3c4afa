// SPDX-License-Identifier: Apache-2.0
#include "cost/npu_kernels.h"

#include <catch2/catch.hpp>

#include "cost/model_kernels.h"
#include "tests/support/kernels.h"
#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

struct Case {
  const char* what;
  std::string records;
  std::string klass;
  NamedFeatures features;
};

std::string of_two(const std::string& op, const std::string& attributes = "") {
  return "graph 0\ntensor 0 dtype=float32 shape=[1,8,4,4]\ntensor 1 dtype=float32 shape=[1,8,4,4]\ntensor 2 "
         "dtype=float32\nop " +
         op + " source=\"S\" index=0 in=0,1 out=2" + attributes + "\ninputs 0 1\noutputs 2\n";
}

}  // namespace

TEST_CASE("npu: features of kernels, channels filled up to what a matrix unit takes at once") {
  // Filters: results x channels of a group x extents. 40 channels are worked on as 64, 3 as 4, results by 32.
  const std::vector<Case> cases = {
      {"1x1",
       conv("[1,40,8,8]", "[48,40,1,1]", attrs(1, 1, 0)),
       "conv-1x1",
       {{"npu.macs", 64 * 64 * 64}, {"npu.weights", 40 * 48}, {"npu.moved", 64 * (40 + 48)}, {"npu.conv.calls", 1}}},
      {"first",
       conv("[1,3,8,8]", "[16,3,3,3]", attrs(3, 2, 1)),
       "conv-kxk",
       {{"npu.conv-kxk.macs", 16 * 9 * 4 * 32},
        {"npu.weights", 16 * 27},
        {"npu.moved", 3 * 64 + 16 * 16},
        {"npu.conv.calls", 1}}},
      {"grouped",
       conv("[1,64,4,4]", "[64,16,3,3]", attrs(3, 1, 1, 4)),
       "conv-grouped",
       {{"npu.conv-grouped.macs", 16 * 9 * 32 * 32 * 4},
        {"npu.weights", 64 * 16 * 9},
        {"npu.moved", 2 * 64 * 16},
        {"npu.conv.calls", 1}}},
      {"depthwise",
       conv("[1,64,4,4]", "[64,1,3,3]", attrs(3, 1, 1, 64), "float32", "DepthwiseConv2D"),
       "dwconv",
       {{"npu.dwconv.macs", 64 * 16 * 9}, {"npu.weights", 64 * 9}, {"npu.moved", 2 * 64 * 16}, {"npu.conv.calls", 1}}},
      {"sum", of_two("Add"), "elementwise", {{"npu.elementwise.moved", 3 * 128}, {"npu.calls", 1}}},
      {"joined", of_two("Concat", " attrs=axis axis=1"), "join", {{"npu.joined.moved", 4 * 128}, {"npu.calls", 1}}},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    for (const char* runtime : {"tflite-npu", "qnn-npu", "onnx-npu"}) {
      check_kernel(made(one.records, runtime), one.klass, one.features);
    }
  }
}

TEST_CASE("npu: an inference has a price of its own, once") {
  const Model model = completed_from(conv("[1,40,8,8]", "[48,40,1,1]", attrs(1, 1, 0)));
  const ModelKernels kernels = model_kernels(model, *find_fusion_rules("qnn-npu"), KernelPrecision::kInt8);
  REQUIRE(kernels.classes.contains("inference"));
  const ClassFeatures& once = kernels.classes.at("inference");
  CHECK(once.kernels == 1);
  CHECK(once.features[static_cast<std::size_t>(Feature::kNpuInference)] == 1);
  CHECK_FALSE(
      model_kernels(model, *find_fusion_rules("armcl-npu"), KernelPrecision::kInt8).classes.contains("inference"));
}

TEST_CASE("npu: which library prices a setup") {
  CHECK(kernel_library("tflite-npu") == KernelLibrary::kNpu);
  CHECK(kernel_library("qnn-npu") == KernelLibrary::kNpu);
  CHECK(kernel_library("armcl-npu") == KernelLibrary::kArmCompute);
  for (const FeatureInfo& row : feature_table()) {
    INFO(row.name);
    CHECK((row.library == KernelLibrary::kNpu) == row.name.starts_with("npu."));
  }
}
