// SPDX-License-Identifier: Apache-2.0
#include "cost/analysis.h"

#include <catch2/catch.hpp>

#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

Analysis analysed(std::string_view records, const Bindings& bindings = {}) {
  const Model model = completed_from(records, bindings);
  Result<Analysis> analysis = analyse(model);
  if (!analysis) FAIL(analysis.error().text());
  return std::move(*analysis);
}

// A convolution whose float16 weights stand behind a DEQUANTIZE, as TFLite stores them.
constexpr const char* kHalf =
    "graph 0\n"
    "tensor 0 name=\"x\" dtype=float32 shape=[1,8,8,3]\n"
    "tensor 1 name=\"w16\" dtype=float16 shape=[4,3,3,3] const\n"
    "tensor 2 name=\"w\" dtype=float32 shape=[4,3,3,3]\n"
    "tensor 3 name=\"b\" dtype=float32 shape=[4] const\n"
    "tensor 4 name=\"y\" dtype=float32\n"
    "op Dequantize name=\"w\" source=\"DEQUANTIZE\" index=0 in=1 out=2 attrs=none\n"
    "op Conv2D name=\"y\" source=\"CONV_2D\" index=1 in=0,2:weight,3:bias out=4 act=relu6 attrs=conv "
    "layout=channels-last filter_layout=out-spatial-in padding=same-upper\n"
    "inputs 0\noutputs 4\n";

}  // namespace

TEST_CASE("analysis: weights behind Dequantize count as stored, at their consumer") {
  const Analysis analysis = analysed(kHalf);
  CHECK(analysis.totals.ops == 2);
  CHECK(analysis.totals.macs == 8 * 8 * 3 * 3 * 3 * 4);
  CHECK(analysis.totals.params == 4 * 3 * 3 * 3 + 4);
  CHECK(analysis.totals.weight_bytes == 4 * 3 * 3 * 3 * 2 + 4 * 4);
  CHECK(analysis.ops[0].params == 0);
  CHECK(analysis.ops[0].flops == 0);
  CHECK(analysis.ops[0].read_bytes == 0);
  CHECK(analysis.ops[1].params == 4 * 3 * 3 * 3 + 4);
  CHECK(analysis.ops[1].read_bytes == 8 * 8 * 3 * 4 + 4 * 3 * 3 * 3 * 2 + 4 * 4);
  CHECK(analysis.ops[1].write_bytes == 8 * 8 * 4 * 4);
  // 2 flops a MAC, the bias, and two comparisons of Relu6.
  CHECK(analysis.ops[1].flops == 2 * 8 * 8 * 3 * 3 * 3 * 4 + 8 * 8 * 4 + 2 * 8 * 8 * 4);
  CHECK(analysis.precision.klass == "fp16");
  CHECK(analysis.coverage.exact);
}

TEST_CASE("analysis: a tensor used twice counts once, scalars and integer arguments do not count") {
  const Analysis analysis = analysed(
      "graph 0\n"
      "tensor 0 name=\"x\" dtype=float32 shape=[2,3]\n"
      "tensor 1 name=\"w\" dtype=float32 shape=[3] const\n"
      "tensor 2 name=\"one\" dtype=float32 shape=[] const\n"
      "tensor 3 name=\"a\" dtype=float32\ntensor 4 name=\"b\" dtype=float32\ntensor 5 name=\"c\" dtype=float32\n"
      "op Mul name=\"m\" source=\"Mul\" index=0 in=0,1 out=3 attrs=none\n"
      "op Add name=\"n\" source=\"Add\" index=1 in=3,1 out=4 attrs=none\n"
      "op Add name=\"o\" source=\"Add\" index=2 in=4,2 out=5 attrs=none\n"
      "inputs 0\noutputs 5\n");
  CHECK(analysis.totals.params == 3);
  CHECK(analysis.totals.weight_bytes == 12);
  CHECK(analysis.totals.macs == 0);
  CHECK(analysis.totals.flops == 3 * 2 * 3);
}

TEST_CASE("analysis: an unknown operator is named, with its reason, and totals become lower bounds") {
  const Analysis analysis = analysed(
      "graph 0\n"
      "tensor 0 name=\"x\" dtype=float32 shape=[2,3]\n"
      "tensor 1 name=\"a\" dtype=float32 shape=[2,3]\n"
      "tensor 2 name=\"b\" dtype=float32\n"
      "op Custom name=\"c\" source=\"Magic\" index=0 in=0 out=1 attrs=none\n"
      "op Relu name=\"r\" source=\"RELU\" index=1 in=1 out=2 attrs=none\n"
      "inputs 0\noutputs 2\n");
  CHECK_FALSE(analysis.totals.macs);  // the only operator that might have MACs is the unknown one… Relu has none
  CHECK(analysis.totals.flops == 6);
  CHECK(analysis.coverage.ops == 0.5);
  CHECK_FALSE(analysis.coverage.exact);
  CHECK(analysis.coverage.lower_bound == std::vector<std::string>{"macs", "flops", "special"});
  REQUIRE(analysis.coverage.unknown_ops.size() == 1);
  CHECK(analysis.coverage.unknown_ops[0].op == "CUSTOM:Magic");
  CHECK(analysis.coverage.unknown_ops[0].reason == "a custom operator without a rule");
  CHECK(analysis.ops[0].status == CostStatus::kUnknown);
}

namespace {

// A loop that multiplies by a 4x4 matrix five times; the matrix belongs to the graph around it.
constexpr const char* kLoop =
    "graph 0\n"
    "tensor 0 name=\"x\" dtype=float32 shape=[1,4]\n"
    "tensor 1 name=\"trips\" dtype=int64 shape=[] const ints=[5]\n"
    "tensor 2 name=\"on\" dtype=bool shape=[] const ints=[1]\n"
    "tensor 3 name=\"w\" dtype=float32 shape=[4,4] const\n"
    "tensor 4 name=\"y\" dtype=float32\n"
    "op Loop name=\"loop\" source=\"Loop\" index=0 in=1:config,2:config,0,3:capture out=4 attrs=control body_graph=1\n"
    "inputs 0\noutputs 4\n"
    "graph 1 parent=0\n"
    "tensor 0 name=\"i\" dtype=int64 shape=[]\n"
    "tensor 1 name=\"go\" dtype=bool shape=[]\n"
    "tensor 2 name=\"v\" dtype=float32\n"
    "tensor 3 name=\"w\" dtype=float32\n"
    "tensor 4 name=\"next\" dtype=float32\n"
    "op MatMul name=\"mm\" source=\"MatMul\" index=0 in=2,3:weight out=4 attrs=none\n"
    "capture 3 3\n"
    "inputs 0 1 2\noutputs 1 4\n";

}  // namespace

TEST_CASE("analysis: a loop counts its body once per trip, weights once") {
  const Analysis analysis = analysed(kLoop);
  CHECK(analysis.totals.ops == 1);
  CHECK(analysis.totals.macs == 5 * 4 * 4);
  CHECK(analysis.totals.params == 4 * 4);
  CHECK(analysis.coverage.exact);
  REQUIRE(analysis.subgraphs.size() == 1);
  CHECK(analysis.subgraphs[0].trips == 5);
}

TEST_CASE("analysis: a loop without a known trip count is a lower bound that --trip binds") {
  std::string open = kLoop;
  open.replace(open.find(" const ints=[5]"), 15, "");
  open.replace(open.find("inputs 0\n"), 9, "inputs 0 1\n");
  const Analysis analysis = analysed(open);
  CHECK(analysis.totals.macs == 4 * 4);
  CHECK(analysis.coverage.lower_bound ==
        std::vector<std::string>{"macs", "flops", "special", "read_bytes", "write_bytes"});
  CHECK(analysis.ops[0].reason == "the number of trips depends on data; counted once, bind it with --trip loop=N");
  Bindings bindings;
  bindings.trips["loop"] = 7;
  const Analysis bound = analysed(open, bindings);
  CHECK(bound.totals.macs == 7 * 4 * 4);
  CHECK(bound.coverage.exact);
}

TEST_CASE("analysis: an If counts its dearer branch and stores both") {
  const std::string branch =
      "tensor 0 name=\"v\" dtype=float32\n";
  const Analysis analysis = analysed(
      "graph 0\n"
      "tensor 0 name=\"c\" dtype=bool shape=[]\ntensor 1 name=\"x\" dtype=float32 shape=[1,4]\n"
      "tensor 2 name=\"y\" dtype=float32\n"
      "op If name=\"if\" source=\"IF\" index=0 in=0:config,1 out=2 attrs=control then_graph=1 else_graph=2\n"
      "inputs 0 1\noutputs 2\n"
      "graph 1 parent=0\n" + branch +
      "tensor 1 name=\"w\" dtype=float32 shape=[4,8] const\ntensor 2 name=\"r\" dtype=float32\n"
      "op MatMul name=\"m\" source=\"MatMul\" index=0 in=0,1:weight out=2 attrs=none\ninputs 0\noutputs 2\n"
      "graph 2 parent=0\n" + branch +
      "tensor 1 name=\"w\" dtype=float32 shape=[4,2] const\ntensor 2 name=\"r\" dtype=float32\n"
      "op MatMul name=\"m\" source=\"MatMul\" index=0 in=0,1:weight out=2 attrs=none\ninputs 0\noutputs 2\n");
  CHECK(analysis.totals.macs == 4 * 8);
  CHECK(analysis.totals.params == 4 * 8 + 4 * 2);
  REQUIRE(analysis.subgraphs.size() == 2);
  CHECK(analysis.subgraphs[0].chosen);
  CHECK_FALSE(analysis.subgraphs[1].chosen);
}

TEST_CASE("analysis: counts that do not fit 64 bits are an error with the op's place") {
  const Model model = completed_from(
      "graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[4000000000,4000000000]\n"
      "tensor 1 name=\"w\" dtype=float32 shape=[4000000000,4000000000] const\ntensor 2 name=\"y\" dtype=float32\n"
      "op MatMul name=\"m\" source=\"MatMul\" index=0 in=0,1:weight out=2 attrs=none\ninputs 0\noutputs 2\n");
  const Result<Analysis> analysis = analyse(model);
  REQUIRE_FALSE(analysis);
  CHECK(analysis.error().code == ErrorCode::kOverflow);
  CHECK(analysis.error().where == "op #0 MatMul \"m\"");
}
