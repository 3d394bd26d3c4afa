// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>

#include "cost/model_kernels.h"
#include "tests/support/kernels.h"
#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

// The last kernel of a model.
MadeKernel on_tflite(const std::string& records, KernelPrecision precision = KernelPrecision::kFloat) {
  return made(records, "tflite-cpu", precision);
}

std::string nhwc_conv(const std::string& in, const std::string& filter, const std::string& rest, int groups = 1) {
  return "graph 0\ntensor 0 dtype=float32 shape=" + in + "\ntensor 1 dtype=float32 shape=" + filter +
         " const\ntensor 2 dtype=float32\n"
         "op Conv2D source=\"C\" index=0 in=0,1:weight out=2 attrs=conv layout=channels-last "
         "filter_layout=out-spatial-in " +
         rest + " groups=" + std::to_string(groups) + "\ninputs 0\noutputs 2\n";
}

std::string binary(const std::string& kind, const std::string& a, const std::string& b, bool constant) {
  return "graph 0\ntensor 0 dtype=float32 shape=" + a + "\ntensor 1 dtype=float32 shape=" + b +
         (constant ? " const" : "") + "\ntensor 2 dtype=float32\nop " + kind +
         " source=\"B\" index=0 in=0,1 out=2 attrs=none\ninputs " + (constant ? "0" : "0 1") + "\noutputs 2\n";
}

}  // namespace

TEST_CASE("features of convolutions, as products") {
  // 49 rows fill 9 tiles of 6, 20 columns 3 of 8; in int8 7 tiles of 8, 2 of 16, and 10 of depth become 12.
  check_kernel(on_tflite(nhwc_conv("[1,7,7,10]", "[20,1,1,10]", "padding=same-upper")), "conv-1x1",
               {{"conv-1x1.macs", 9 * 6 * 10 * 3 * 8.0},
                {"conv-1x1.out", 7 * 7 * 20},
                {"conv.weights", 20 * 10},
                {"conv.calls", 1}});
  check_kernel(on_tflite(nhwc_conv("[1,7,7,10]", "[20,1,1,10]", "padding=same-upper"), KernelPrecision::kInt8),
               "conv-1x1",
               {{"conv-1x1.macs", 7 * 8 * 12 * 2 * 16.0},
                {"conv-1x1.out", 7 * 7 * 20},
                {"conv.weights", 20 * 10},
                {"conv.calls", 1}});
  check_kernel(on_tflite(nhwc_conv("[1,8,8,10]", "[16,1,1,10]", "padding=same-upper strides=[2,2]")),
               "conv-1x1-strided",
               {{"conv-1x1-strided.macs", 3 * 6 * 10 * 2 * 8.0},
                {"conv.gathered", 4 * 4 * 10},
                {"conv-1x1.out", 4 * 4 * 16},
                {"conv.weights", 16 * 10},
                {"conv.calls", 1}});
  check_kernel(on_tflite(nhwc_conv("[1,8,8,10]", "[16,3,3,10]", "padding=same-upper")), "conv-kxk",
               {{"conv-kxk.macs", 11 * 6 * 9 * 10 * 2 * 8.0},
                {"conv.gathered", 8 * 8 * 9 * 10},
                {"conv-kxk.out", 8 * 8 * 16},
                {"conv.weights", 16 * 9 * 10},
                {"conv.calls", 1}});
  check_kernel(on_tflite(nhwc_conv("[1,8,8,3]", "[16,3,3,3]", "padding=same-upper strides=[2,2]")), "conv-first",
               {{"conv-first.macs", 4 * 4 * 9 * 3 * 16},
                {"conv-first.gathered", 4 * 4 * 9 * 3},
                {"conv-first.out", 4 * 4 * 16},
                {"conv.calls", 1}});
  check_kernel(on_tflite(nhwc_conv("[1,1,1,64]", "[16,1,1,64]", "padding=same-upper")), "conv-vector",
               {{"conv-vector.macs", 64 * 16}, {"calls", 1}});
}

TEST_CASE("features of grouped and depthwise convolutions, as products") {
  // 4 groups of 3 inputs and 3 results, which are worked on as 8.
  check_kernel(on_tflite(nhwc_conv("[1,8,8,12]", "[12,3,3,3]", "padding=same-upper", 4)), "conv-grouped",
               {{"conv-grouped.macs", 8 * 8 * 9 * 3 * 8 * 4},
                {"conv-grouped.taps", 8 * 8 * 12 * 9},
                {"conv-grouped.gathered", 8 * 8 * 9 * 3 * 4},
                {"conv-grouped.out", 8 * 8 * 12},
                {"conv.calls", 1}});
  // 12 channels are worked on as 16.
  check_kernel(on_tflite(nhwc_conv("[1,8,8,12]", "[12,3,3,1]", "padding=same-upper strides=[2,2]", 12)), "dwconv",
               {{"dwconv-3x3.macs", 4 * 4 * 16 * 9},
                {"dwconv.out", 4 * 4 * 16},
                {"dwconv.in", 8 * 8 * 12},
                {"dwconv.calls", 1}});
  check_kernel(
      on_tflite(nhwc_conv("[1,8,8,8]", "[8,5,5,1]", "padding=same-upper", 8)), "dwconv",
      {{"dwconv.macs", 8 * 8 * 8 * 25}, {"dwconv.out", 8 * 8 * 8}, {"dwconv.in", 8 * 8 * 8}, {"dwconv.calls", 1}});
}

TEST_CASE("a convolution of one channel a group is depthwise, but in TFLite's own files") {
  const std::string records = nhwc_conv("[1,8,8,12]", "[12,3,3,1]", "padding=same-upper", 12);
  CHECK(on_tflite(records).klass == "dwconv");
  Model model = completed_from(records);
  model.format = "tflite";
  const ModelKernels kernels = model_kernels(model, *find_fusion_rules("tflite-cpu"), KernelPrecision::kFloat);
  REQUIRE(kernels.kernels.size() == 1);
  REQUIRE(kernels.kernels[0]);
  const FeatureVector& features = kernels.kernels[0]->features;
  CHECK(kernels.kernels[0]->klass == "conv-channelwise");
  CHECK(features[static_cast<std::size_t>(Feature::kChannelwiseMacs)] == Approx(8 * 8 * 12 * 9 / 1e6));
  CHECK(features[static_cast<std::size_t>(Feature::kConvCalls)] == 1);
  CHECK(features[static_cast<std::size_t>(Feature::kDepthwise3x3Macs)] == 0);
}

TEST_CASE("features of what norms of rows are made of") {
  const auto unary = [](const std::string& kind, const std::string& attrs) {
    return "graph 0\ntensor 0 dtype=float32 shape=[1,49,10]\ntensor 1 dtype=float32\nop " + kind +
           " source=\"S\" index=0 in=0 out=1 attrs=" + attrs + "\ninputs 0\noutputs 1\n";
  };
  const double all = 49 * 10;
  check_kernel(on_tflite(unary("ReduceMean", "axes axes=[2] has_axes=true keep_dims=true")), "mean-row",
               {{"mean-row.in", all}, {"calls", 1}});
  check_kernel(on_tflite(unary("ReduceMean", "axes axes=[-1] has_axes=true keep_dims=false")), "mean-row",
               {{"mean-row.in", all}, {"calls", 1}});
  check_kernel(on_tflite(unary("ReduceMean", "axes axes=[1] has_axes=true keep_dims=true")), "ReduceMean",
               {{"mean.in", all}, {"calls", 1}});
  check_kernel(on_tflite(unary("ReduceMean", "axes axes=[1,2] has_axes=true keep_dims=true")), "ReduceMean",
               {{"mean.in", all}, {"calls", 1}});
  check_kernel(on_tflite(binary("SquaredDifference", "[1,49,10]", "[1,49,1]", false)), "SquaredDifference",
               {{"broadcast-row.out", all}, {"calls", 1}});
  check_kernel(on_tflite(binary("Mul", "[1,49,1]", "[1,49,10]", false)), "Mul",
               {{"broadcast-row.out", all}, {"calls", 1}});
  check_kernel(on_tflite(binary("Mul", "[1,49,10]", "[10]", true)), "Mul",
               {{"mul-constant.out", all}, {"broadcast.rows", 49}, {"calls", 1}});
  check_kernel(on_tflite(unary("Gelu", "none")), "Gelu", {{"gelu.out", all}, {"calls", 1}});
  check_kernel(
      on_tflite(
          "graph 0\ntensor 0 dtype=float32 shape=[1,49,10]\ntensor 1 dtype=float32 shape=[] const\n"
          "tensor 2 dtype=float32\ntensor 3 dtype=float32\ntensor 4 dtype=float32\ntensor 5 dtype=float32\n"
          "op Div source=\"S\" index=0 in=0,1 out=2 attrs=none\nop Erf source=\"S\" index=1 in=2 out=3 attrs=none\n"
          "op Add source=\"S\" index=2 in=3,1 out=4 attrs=none\nop Mul source=\"S\" index=3 in=4,0 out=5 attrs=none\n"
          "inputs 0\noutputs 5\n"),
      "Gelu", {{"gelu.out", all}, {"calls", 1}});
  check_kernel(on_tflite(binary("Div", "[1,49,10]", "[1,49,1]", false)), "Div",
               {{"broadcast-row.out", all}, {"calls", 1}});
  check_kernel(on_tflite(unary("Softmax", "axis axis=-1")), "Softmax", {{"softmax.out", all}, {"calls", 1}});
}

TEST_CASE("a convolution with padding that no mode stands for pays for a padding operator") {
  const MadeKernel got =
      on_tflite(nhwc_conv("[1,8,8,8]", "[8,3,3,8]", "padding=explicit pads=[1,1,1,1] strides=[2,2]"));
  CHECK(got.klass == "conv-kxk");
  CHECK(got.features.at("pad.out") == Approx(10 * 10 * 8));
  CHECK(got.features.at("calls") == 1);
}

TEST_CASE("features of sums and products: the results, and the rows that a vector is used for") {
  check_kernel(on_tflite(binary("Add", "[1,4,4,8]", "[1,4,4,8]", false)), "Add",
               {{"add.out", 4 * 4 * 8}, {"calls", 1}});
  check_kernel(on_tflite(binary("Add", "[1,4,4,8]", "[8]", true)), "Add",
               {{"add.out", 4 * 4 * 8}, {"broadcast.rows", 4 * 4}, {"calls", 1}});
  check_kernel(on_tflite(binary("Mul", "[1,4,4,8]", "[1,1,1,8]", false)), "Mul",
               {{"mul.out", 4 * 4 * 8}, {"broadcast.rows", 4 * 4}, {"calls", 1}});
  check_kernel(on_tflite(binary("Mul", "[1,4,4,8]", "[8]", true)), "Mul",
               {{"mul-constant.out", 4 * 4 * 8}, {"broadcast.rows", 4 * 4}, {"calls", 1}});
  check_kernel(on_tflite(binary("Mul", "[1,4,4,8]", "[]", true)), "Mul",
               {{"mul-constant.out", 4 * 4 * 8}, {"calls", 1}});
}

TEST_CASE("features of dense layers: those of several rows have prices of their own") {
  const auto dense = [](const std::string& in) {
    return "graph 0\ntensor 0 dtype=float32 shape=" + in +
           "\ntensor 1 dtype=float32 shape=[20,10] const\ntensor 2 dtype=float32\nop Dense source=\"D\" index=0 "
           "in=0,1:weight out=2 attrs=dense transpose_b=true\ninputs 0\noutputs 2\n";
  };
  check_kernel(on_tflite(dense("[1,10]")), "dense", {{"dense.weights", 20 * 10}, {"calls", 1}});
  // 49 rows fill 9 tiles of 6, 20 columns 3 of 8.
  check_kernel(
      on_tflite(dense("[1,49,10]")), "dense-rows",
      {{"linear.macs", 9 * 6 * 10 * 3 * 8.0}, {"linear.out", 49 * 20}, {"linear.weights", 20 * 10}, {"conv.calls", 1}});
}

TEST_CASE("every feature has a name of its own that finds it, and prices above 0") {
  for (const FeatureInfo& row : feature_table()) {
    CHECK(find_feature(row.name) == row.feature);
    CHECK(row.prior_float_us > 0);
    CHECK(row.prior_int8_us > 0);
  }
  CHECK_FALSE(find_feature("nothing").has_value());
}
