// SPDX-License-Identifier: Apache-2.0
#include "graph/fusion.h"

#include <catch2/catch.hpp>

#include "graph/op_table.h"
#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

// The kernel groups as text: the operators of each by index, the anchor in brackets, "free" where nothing runs.
std::string groups(std::string_view records, std::string_view runtime = "tflite-cpu") {
  const Model model = completed_from(records);
  const FusionRules* rules = find_fusion_rules(runtime);
  REQUIRE(rules != nullptr);
  const FusionPlan plan = plan_fusion(model.main(), *rules);
  std::string out;
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    const KernelGroup& group = plan.groups[g];
    if (!out.empty()) out += " | ";
    if (group.free) out += "free ";
    for (std::size_t i = 0; i < group.ops.size(); ++i) {
      const OpId id = group.ops[i];
      if (i > 0) out += "+";
      const std::string number = std::to_string(id);
      out += id == group.anchor ? "[" + number + "]" : number;
      CHECK(plan.group_of[static_cast<std::size_t>(id)] == static_cast<std::int32_t>(g));
    }
  }
  return out;
}

const std::string kConv = " attrs=conv layout=channels-last filter_layout=out-spatial-in padding=same-upper\n";
const std::string kProduct = " attrs=matmul transpose_b=true\n";
const std::string kNorm = " attrs=norm layout=channels-last\n";
// Tensors 0 to 9 are activations of 8x8 positions and 4 channels; 10 a filter, 11 a vector of 4, both constant.
const std::string kTensors = [] {
  std::string out = "graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[1,8,8,4]\n";
  for (int t = 1; t < 10; ++t)
    out += "tensor " + std::to_string(t) + " name=\"t" + std::to_string(t) + "\" dtype=float32\n";
  return out +
         "tensor 10 name=\"w\" dtype=float32 shape=[4,3,3,4] const\n"
         "tensor 11 name=\"v\" dtype=float32 shape=[4] const\n";
}();

std::string op(const std::string& kind, int index, const std::string& in, int out, const std::string& rest = "") {
  return "op " + kind + " name=\"n" + std::to_string(index) + "\" source=\"S\" index=" + std::to_string(index) +
         " in=" + in + " out=" + std::to_string(out) + (rest.empty() ? " attrs=none\n" : rest);
}

std::string ends(const std::string& outputs) { return "inputs 0\noutputs " + outputs + "\n"; }

}  // namespace

TEST_CASE("fusion: what runs as one kernel on the CPU of TFLite") {
  const std::string vectors =
      "tensor 12 name=\"p\" dtype=float32 shape=[8,8,1] const\ntensor 13 name=\"q\" dtype=float32 shape=[8] const\n"
      "tensor 14 name=\"s\" dtype=float32 shape=[] const\n";
  const struct {
    const char* what;
    std::string records;
    const char* groups;
  } cases[] = {
      {"a clamp goes into the convolution before it",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("Relu", 1, "1", 2) + ends("2"), "[0]+1"},
      {"a batch norm and the clamp behind it, both",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("BatchNorm", 1, "1,11:norm,11:norm,11:norm,11:norm", 2, kNorm) +
           op("Relu6", 2, "2", 3) + ends("3"),
       "[0]+1+2"},
      {"a clamp goes into a sum", op("Add", 0, "0,0", 1) + op("Relu", 1, "1", 2) + ends("2"), "[0]+1"},
      {"not into a sigmoid", op("Sigmoid", 0, "0", 1) + op("Relu", 1, "1", 2) + ends("2"), "[0] | [1]"},
      {"one clamp only",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("Relu", 1, "1", 2) + op("Relu6", 2, "2", 3) + ends("3"),
       "[0]+1 | [2]"},
      {"not where another operator reads what is not clamped",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("Relu", 1, "1", 2) + op("Add", 2, "1,2", 3) + ends("3"),
       "[0] | [1] | [2]"},
      {"not where it is a result of the network",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("Relu", 1, "1", 2) + ends("1 2"), "[0] | [1]"},
      {"a batch norm in front of its convolution stays",
       op("BatchNorm", 0, "0,11:norm,11:norm,11:norm,11:norm", 1, kNorm) + op("Relu", 1, "1", 2) +
           op("Conv2D", 2, "2,10:weight", 3, kConv) + ends("3"),
       "[0]+1 | [2]"},
      {"x times hard sigmoid of x", op("HardSigmoid", 0, "0", 1) + op("Mul", 1, "0,1", 2) + ends("2"), "[0]+1"},
      {"hard sigmoid of something else", op("HardSigmoid", 0, "0", 1) + op("Mul", 1, "1,1", 2) + ends("2"),
       "[0] | [1]"},
      {"a product and a sum with constants are kernels of their own",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("Mul", 1, "1,11", 2) + op("Add", 2, "2,11", 3) + ends("3"),
       "[0] | [1] | [2]"},
      {"what has constant operands only runs before the first inference",
       op("Mul", 0, "11,11", 1) + op("Add", 1, "0,1", 2) + ends("2"), "free [0] | [1]"},
      {"a constant for each channel is the convolution's bias, as is the clamp behind it",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("Add", 1, "11,1", 2) + op("Relu", 2, "2", 3) + ends("3"),
       "[0]+1+2"},
      {"once", op("Conv2D", 0, "0,10:weight,11:bias", 1, kConv) + op("Add", 1, "1,11", 2) + ends("2"), "[0] | [1]"},
      {"a constant for each position is none",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("Add", 1, "1,12", 2) + ends("2"), "[0] | [1]"},
      {"nor is an activation", op("Conv2D", 0, "0,10:weight", 1, kConv) + op("Add", 1, "1,0", 2) + ends("2"),
       "[0] | [1]"},
      {"a product of two activations has no bias",
       op("MatMul", 0, "0,0", 1, kProduct) + op("Add", 1, "1,13", 2) + ends("2"), "[0] | [1]"},
      {"GELU as exporters write it",
       op("Div", 0, "0,14", 1) + op("Erf", 1, "1", 2) + op("Add", 2, "2,14", 3) + op("Mul", 3, "0,3", 4) +
           op("Mul", 4, "4,14", 5) + op("Mul", 5, "5,14", 6) + ends("6"),
       "0+[1]+2+3+4 | [5]"},
      {"not where its Erf is read elsewhere",
       op("Div", 0, "0,14", 1) + op("Erf", 1, "1", 2) + op("Add", 2, "2,14", 3) + op("Mul", 3, "2,3", 4) + ends("4"),
       "0+[1] | [2] | [3]"},
      {"a view moves nothing", op("Identity", 0, "0", 1) + op("Relu", 1, "1", 2) + ends("2"), "free [0] | [1]"},
      {"conversions at the ends are the application's",
       op("Quantize", 0, "0", 1, " attrs=none\n") + op("Dequantize", 1, "1", 2) + op("Sigmoid", 2, "2", 3) + ends("3"),
       "free [0] | free [1] | [2]"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(groups(kTensors + vectors + c.records) == c.groups);
  }
}

TEST_CASE("fusion: only runtimes that have rules") {
  CHECK(find_fusion_rules("tflite-cpu") != nullptr);
  CHECK(find_fusion_rules("magic-cpu") == nullptr);
  for (const FusionRules& rules : fusion_rules()) CHECK(find_fusion_rules(rules.runtime) == &rules);
}

TEST_CASE("fusion: what runs as one kernel on the GPU of TFLite") {
  const std::string pad = " attrs=pad pairs=true\n";
  const struct {
    const char* what;
    std::string records;
    const char* groups;
  } cases[] = {
      {"padding that only a convolution reads goes into it, with what follows element by element",
       op("Pad", 0, "0,12", 1, pad) + op("Conv2D", 1, "1,10:weight", 2, kConv) + op("HardSwish", 2, "2", 3) +
           op("Mul", 3, "3,11", 4) + ends("4"),
       "0+[1]+2+3"},
      {"padding that two read stays",
       op("Pad", 0, "0,12", 1, pad) + op("Conv2D", 1, "1,10:weight", 2, kConv) + op("Relu", 2, "1", 3) + ends("2 3"),
       "[0] | [1] | [2]"},
      {"a sum goes into the later of its two producers",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("Conv2D", 1, "1,10:weight", 2, kConv) + op("Add", 2, "2,1", 3) +
           op("Relu", 3, "3", 4) + ends("4"),
       "[0] | [1]+2+3"},
      {"whichever operand that is",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("Conv2D", 1, "1,10:weight", 2, kConv) + op("Add", 2, "1,2", 3) +
           ends("3"),
       "[0] | [1]+2"},
      {"not into the earlier one, which runs before the other operand is there",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("Conv2D", 1, "0,10:weight", 2, kConv) + op("Relu", 2, "2", 3) +
           op("Conv2D", 3, "3,10:weight", 4, kConv) + op("Add", 4, "1,3", 5) + ends("4 5"),
       "[0] | [1]+2 | [3] | [4]"},
      {"x times hard sigmoid of x is one kernel, in the one that makes x",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("HardSigmoid", 1, "1", 2) + op("Mul", 2, "1,2", 3) + ends("3"),
       "[0]+1+2"},
      {"a gate has another shape than what it is multiplied with",
       op("Conv2D", 0, "0,10:weight", 1, kConv) +
           op("GlobalAveragePool", 1, "1", 2, " attrs=pool layout=channels-last\n") + op("Sigmoid", 2, "2", 3) +
           op("Mul", 3, "1,3", 4) + ends("4"),
       "[0] | [1]+2 | [3]"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    std::string records = kTensors + "tensor 12 name=\"p\" dtype=int32 shape=[4,2] const ints=[0,0,1,1,1,1,0,0]\n";
    CHECK(groups(records + c.records, "tflite-gpu") == c.groups);
  }
}

TEST_CASE("fusion: what PyTorch Mobile runs as one operator") {
  const std::string pad = " attrs=pad pairs=true\n";
  const struct {
    const char* what;
    std::string records;
    const char* groups;
  } cases[] = {
      {"padding that only a convolution reads, and the clamp behind it",
       op("Pad", 0, "0,12", 1, pad) + op("Conv2D", 1, "1,10:weight", 2, kConv) + op("Relu", 2, "2", 3) + ends("3"),
       "0+[1]+2"},
      {"no clamp behind a sum", op("Add", 0, "0,0", 1) + op("Relu", 1, "1", 2) + ends("2"), "[0] | [1]"},
      {"a batch norm goes into the convolution in front of it",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("BatchNorm", 1, "1,11:norm,11:norm,11:norm,11:norm", 2, kNorm) +
           ends("2"),
       "[0]+1"},
      {"one that stands as a product and a sum with constants is one operator",
       op("Conv2D", 0, "0,10:weight", 1, kConv) + op("Mul", 1, "1,11", 2) + op("Add", 2, "2,11", 3) + ends("3"),
       "[0] | [1]+2"},
      {"whichever operand is constant", op("Mul", 0, "11,0", 1) + op("Add", 1, "11,1", 2) + ends("2"), "[0]+1"},
      {"not with a sum of two activations", op("Mul", 0, "0,11", 1) + op("Add", 1, "1,0", 2) + ends("2"), "[0] | [1]"},
      {"not behind a product of two", op("Mul", 0, "0,0", 1) + op("Add", 1, "1,11", 2) + ends("2"), "[0] | [1]"},
      {"not where another reads the product",
       op("Mul", 0, "0,11", 1) + op("Add", 1, "1,11", 2) + op("Add", 2, "1,2", 3) + ends("3"), "[0] | [1] | [2]"},
      {"x times hard sigmoid of x", op("HardSigmoid", 0, "0", 1) + op("Mul", 1, "0,1", 2) + ends("2"), "[0]+1"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    const std::string records =
        kTensors + "tensor 12 name=\"p\" dtype=int32 shape=[4,2] const ints=[0,0,1,1,1,1,0,0]\n" + c.records;
    CHECK(groups(records, "torch-cpu") == c.groups);
    CHECK(groups(records, "torch-gpu") == c.groups);
  }
}
