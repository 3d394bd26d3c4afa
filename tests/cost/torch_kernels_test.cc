// SPDX-License-Identifier: Apache-2.0
#include "cost/torch_kernels.h"

#include <catch2/catch.hpp>
#include <map>

#include "cost/model_kernels.h"
#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

std::vector<Kernel> kernels_of(const std::string& records, const char* runtime,
                               KernelPrecision precision = KernelPrecision::kFloat) {
  const Model model = completed_from(records);
  const ModelKernels made = model_kernels(model, *find_fusion_rules(runtime), precision);
  std::vector<Kernel> out;
  for (const std::optional<Kernel>& kernel : made.kernels) {
    if (kernel) out.push_back(*kernel);
  }
  return out;
}

double feature(const Kernel& kernel, const std::string& name) {
  const std::optional<Feature> found = find_feature(name);
  REQUIRE(found.has_value());
  return kernel.features[static_cast<std::size_t>(*found)];
}

// Activations 0 to 9 of 8x6 positions and 10 channels; 10 a filter of 3x3, 11 a vector of 10, 12 a filter of 1x1, all
// constant.
const std::string kTensors = [] {
  std::string out = "graph 0\ntensor 0 dtype=float32 shape=[1,8,6,10]\n";
  for (int t = 1; t < 10; ++t) out += "tensor " + std::to_string(t) + " dtype=float32\n";
  return out +
         "tensor 10 dtype=float32 shape=[10,3,3,10] const\ntensor 11 dtype=float32 shape=[10] const\n"
         "tensor 12 dtype=float32 shape=[10,1,1,10] const\ntensor 13 dtype=float32 shape=[1,3,3,10] const\n"
         "tensor 14 dtype=float32 shape=[1,7,7,10] const\ntensor 15 dtype=float32 shape=[4,10] const\n";
}();

std::string op(const std::string& kind, const std::string& in, int out, const std::string& attrs = "none",
               const std::string& act = "") {
  return "op " + kind + " source=\"S\" index=" + std::to_string(out) + " in=" + in + " out=" + std::to_string(out) +
         (act.empty() ? "" : " act=" + act) + " attrs=" + attrs + "\n";
}

std::string ends(int output) { return "inputs 0\noutputs " + std::to_string(output) + "\n"; }

const std::string kSame = "conv layout=channels-last filter_layout=out-spatial-in padding=same-upper";
const std::string kDepthwise = "conv layout=channels-last filter_layout=one-spatial-out padding=same-upper";
const std::string kPadded = "conv layout=channels-last filter_layout=out-spatial-in padding=explicit pads=[1,1,1,1]";
const std::string kNorms = ",11:norm,11:norm,11:norm,11:norm";
const std::string kNorm = "norm layout=channels-last";

constexpr double kOut = 8 * 6 * 10 / 1e6;

}  // namespace

TEST_CASE("PyTorch Mobile on a CPU: what an operator costs besides") {
  using Features = std::map<std::string, double>;
  const struct {
    const char* what;
    std::string records;
    KernelPrecision precision;
    std::size_t kernels;  // the features are those of the last
    const char* klass;
    Features features;
  } cases[] = {
      {"padding is the convolution's",
       op("Conv2D", "0,10:weight", 1, kPadded) + ends(1),
       KernelPrecision::kFloat,
       1,
       "conv-kxk",
       {{"pad.out", 0}, {"calls", 0}, {"conv.calls", 1}}},
      {"a clamp of a convolution costs nothing",
       op("Conv2D", "0,10:weight", 1, kSame, "relu6") + ends(1),
       KernelPrecision::kFloat,
       1,
       "conv-kxk",
       {{"flops", 0}, {"move.out", 0}, {"calls", 0}}},
      {"nor where it stands behind it",
       op("Conv2D", "0,10:weight", 1, kSame) + op("Relu", "1", 2) + ends(2),
       KernelPrecision::kFloat,
       1,
       "conv-kxk",
       {{"flops", 0}, {"move.out", 0}, {"calls", 0}}},
      {"a clamp in a sum is an operator of its own",
       op("Add", "0,0", 1, "none", "relu") + ends(1),
       KernelPrecision::kFloat,
       1,
       "Add",
       {{"add.out", kOut}, {"flops", kOut}, {"move.out", kOut}, {"calls", 2}}},
      {"as it is where it stands by itself",
       op("Add", "0,0", 1) + op("Relu", "1", 2) + ends(2),
       KernelPrecision::kFloat,
       2,
       "Relu",
       {{"flops", kOut}, {"move.out", kOut}, {"calls", 1}}},
      {"integers are clamped as they are rounded",
       op("Add", "0,0", 1, "none", "relu") + ends(1),
       KernelPrecision::kInt8,
       1,
       "Add",
       {{"add.out", kOut}, {"flops", 0}, {"move.out", 0}, {"calls", 1}}},
      {"wherever the clamp stands",
       op("Add", "0,0", 1) + op("Relu", "1", 2) + ends(2),
       KernelPrecision::kInt8,
       1,
       "Add",
       {{"add.out", kOut}, {"flops", 0}, {"calls", 1}}},
      {"a batch norm is one pass",
       op("BatchNorm", "0" + kNorms, 1, kNorm) + ends(1),
       KernelPrecision::kFloat,
       1,
       "BatchNorm",
       {{"batch-norm.out", kOut}, {"add.out", 0}, {"broadcast.rows", 0}, {"calls", 1}}},
      {"also as a product and a sum",
       op("Mul", "0,11", 1) + op("Add", "1,11", 2) + ends(2),
       KernelPrecision::kFloat,
       1,
       "BatchNorm",
       {{"batch-norm.out", kOut}, {"add.out", 0}, {"broadcast.rows", 0}, {"calls", 1}}},
      {"with its clamp",
       op("Mul", "0,11", 1) + op("Add", "1,11", 2, "none", "relu") + ends(2),
       KernelPrecision::kFloat,
       1,
       "BatchNorm",
       {{"batch-norm.out", kOut}, {"flops", kOut}, {"move.out", kOut}, {"calls", 2}}},
      {"the scale and the shift of a norm of groups are its own, also behind a change of shape",
       op("InstanceNorm", "0", 1, kNorm) + op("Identity", "1", 2) + op("Mul", "2,11", 3) + op("Add", "3,11", 4) +
           ends(4),
       KernelPrecision::kFloat,
       1,
       "InstanceNorm",
       {{"batch-norm.out", 0}, {"calls", 1}}},
      {"depthwise windows of 9 have a kernel",
       op("DepthwiseConv2D", "0,13:weight", 1, kDepthwise) + ends(1),
       KernelPrecision::kFloat,
       1,
       "dwconv",
       {{"dwconv-3x3.macs", 8 * 6 * 16 * 9 / 1e6}, {"dwconv-general.macs", 0}}},
      {"those of 49 have none",
       op("DepthwiseConv2D", "0,14:weight", 1, kDepthwise) + ends(1),
       KernelPrecision::kFloat,
       1,
       "dwconv",
       {{"dwconv.macs", 0}, {"dwconv-general.macs", 8 * 6 * 16 * 49 / 1e6}}},
      {"GELU in a network of integers is computed in float",
       op("Gelu", "0", 1) + ends(1),
       KernelPrecision::kInt8,
       1,
       "Gelu",
       {{"gelu.out", kOut}, {"converted.elements", 2 * kOut}, {"calls", 3}}},
      {"as is a product of activations",
       op("MatMul", "0,0", 1, "matmul transpose_b=true") + ends(1),
       KernelPrecision::kInt8,
       1,
       "MatMul",
       {{"converted.elements", 2 * kOut + 8 * 6 * 6 / 1e6}, {"calls", 4}}},
      {"one with a constant is not",
       op("MatMul", "0,15", 1, "matmul transpose_b=true") + ends(1),
       KernelPrecision::kInt8,
       1,
       "dense-rows",
       {{"converted.elements", 0}, {"conv.calls", 1}}},
      {"nor is GELU converted in one of reals",
       op("Gelu", "0", 1) + ends(1),
       KernelPrecision::kFloat,
       1,
       "Gelu",
       {{"converted.elements", 0}, {"calls", 1}}},
      {"a product alone is none",
       op("Mul", "0,11", 1) + ends(1),
       KernelPrecision::kFloat,
       1,
       "Mul",
       {{"mul-constant.out", kOut}, {"broadcast.rows", 8 * 6 / 1e6}, {"calls", 1}}},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    const std::vector<Kernel> kernels = kernels_of(kTensors + c.records, "torch-cpu", c.precision);
    REQUIRE(kernels.size() == c.kernels);
    CHECK(kernels.back().klass == c.klass);
    for (const auto& [name, value] : c.features) {
      INFO(name);
      CHECK(feature(kernels.back(), name) == Approx(value).margin(1e-12));
    }
  }
}

TEST_CASE("PyTorch Mobile on a GPU: every operator is a kernel, with the shape that curves price") {
  const double p = 8 * 6;
  const struct {
    const char* what;
    std::string records;
    std::size_t kernels;
    const char* klass;
    std::optional<KernelShape> shape, behind;
    double calls;
  } cases[] = {
      {"a 3x3 convolution, never Winograd's", op("Conv2D", "0,10:weight", 1, kSame, "relu") + ends(1), 1, "conv",
       KernelShape{p, 10, p, 9, 1, 10, 1, 0, 0}, std::nullopt, 1},
      {"a 1x1 convolution has a curve of its own", op("Conv2D", "0,12:weight", 1, kSame) + ends(1), 1, "conv-1x1",
       KernelShape{p, 10, p, 1, 1, 10, 1, 0, 0}, std::nullopt, 1},
      {"a sum, and its clamp behind it", op("Add", "0,0", 1, "none", "relu") + ends(1), 1, "element-wise",
       KernelShape{p, 10, p, 1, 1, 10, 1, 1, 0}, KernelShape{p, 10, p, 1, 1, 10, 1, 0, 0}, 2},
      {"a clamp by itself", op("Add", "0,0", 1) + op("Relu", "1", 2) + ends(2), 2, "element-wise",
       KernelShape{p, 10, p, 1, 1, 10, 1, 0, 0}, std::nullopt, 1},
      {"a batch norm has two operands more", op("BatchNorm", "0" + kNorms, 1, kNorm) + ends(1), 1, "element-wise",
       KernelShape{p, 10, p, 1, 1, 10, 1, 2, 0}, std::nullopt, 1},
      {"also as a product and a sum, clamped", op("Mul", "0,11", 1) + op("Add", "1,11", 2, "none", "relu") + ends(2), 1,
       "element-wise", KernelShape{p, 10, p, 1, 1, 10, 1, 2, 0}, KernelShape{p, 10, p, 1, 1, 10, 1, 0, 0}, 2},
      {"a sigmoid has an exponential", op("Sigmoid", "0", 1) + ends(1), 1, "element-wise",
       KernelShape{p, 10, p, 1, 1, 10, 1, 0, 1}, std::nullopt, 1},
      {"a pooling with a clamp",
       op("MaxPool", "0", 1, "pool layout=channels-last kernel=[2,2] strides=[2,2] padding=valid", "relu") + ends(1), 1,
       "pool", KernelShape{p, 10, 4 * 3, 4, 2, 10, 1, 0, 0}, KernelShape{4 * 3, 10, 4 * 3, 1, 1, 10, 1, 0, 0}, 2},
      {"an average over all positions stays a pooling",
       op("AveragePool", "0", 1, "pool layout=channels-last kernel=[8,6] strides=[1,1] padding=valid") + ends(1), 1,
       "pool", KernelShape{p, 10, 1, p, 1, 10, 1, 0, 0}, std::nullopt, 1},
      {"what was not measured by itself has no shape", op("Concat", "0,0", 1, "axis axis=3") + ends(1), 1, "copy",
       std::nullopt, std::nullopt, 1},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    const std::vector<Kernel> kernels = kernels_of(kTensors + c.records, "torch-gpu");
    REQUIRE(kernels.size() == c.kernels);
    const Kernel& last = kernels.back();
    CHECK(last.klass == c.klass);
    CHECK((last.shape == c.shape));
    CHECK((last.behind == c.behind));
    CHECK(feature(last, "gpu.calls") == c.calls);
    CHECK(feature(kernels.front(), "inference") == 1);
  }
}

TEST_CASE("a curve of element-wise kernels prices the clamp behind another kernel") {
  const Model model = completed_from(kTensors + op("Add", "0,0", 1, "none", "relu") + ends(1));
  const ModelKernels plain = model_kernels(model, *find_fusion_rules("torch-gpu"), KernelPrecision::kFloat);
  const KernelCurve curve{"element-wise", {7, 1000}, 0, {}};  // 7 us, 1 us per thousand elements
  const ModelKernels timed = with_curves(plain, {&curve, 1});
  REQUIRE(timed.kernels[0].has_value());
  CHECK(feature(*timed.kernels[0], "kernel.time") == Approx(2 * (7 + 8 * 6 * 12 / 1e3)));  // 10 channels fill 12
  CHECK(feature(*timed.kernels[0], "gpu.calls") == 2);
}
