// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "graph/shape_inference.h"
#include "parsers/format.h"
#include "tests/parsers/tensorflow_text.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

std::string var(const std::string& name, const std::vector<std::int64_t>& dims, bool persistable, unsigned kind = 7) {
  std::string desc = wire_number(1, 5);
  for (const std::int64_t dim : dims) desc += wire_number(2, static_cast<std::uint64_t>(dim));
  return wire_bytes(3, wire_bytes(1, name) + wire_bytes(2, wire_number(1, kind) + wire_bytes(3, wire_bytes(1, desc))) +
                           wire_number(3, persistable ? 1 : 0));
}

using Names = std::vector<std::pair<std::string, std::string>>;  // parameter, argument

std::string ints(const std::string& name, const std::vector<int>& values) {
  std::string out = wire_bytes(1, name) + wire_number(2, 3);
  for (const int value : values) out += wire_number(6, static_cast<std::uint64_t>(value));
  return wire_bytes(4, out);
}
std::string integer(const std::string& name, int value) {
  return wire_bytes(4, wire_bytes(1, name) + wire_number(2, 0) + wire_number(3, static_cast<std::uint64_t>(value)));
}
std::string word(const std::string& name, const std::string& value) {
  return wire_bytes(4, wire_bytes(1, name) + wire_number(2, 2) + wire_bytes(5, value));
}

std::string op(const std::string& type, const Names& inputs, const Names& outputs, const std::string& attrs = "") {
  std::string out;
  for (const auto& [parameter, argument] : inputs)
    out += wire_bytes(1, wire_bytes(1, parameter) + wire_bytes(2, argument));
  for (const auto& [parameter, argument] : outputs)
    out += wire_bytes(2, wire_bytes(1, parameter) + wire_bytes(2, argument));
  return wire_bytes(4, out + wire_bytes(3, type) + attrs);
}

std::string program(const std::string& content) {
  return wire_bytes(1, wire_number(1, 0) + wire_number(2, static_cast<std::uint64_t>(-1)) + content) +
         wire_bytes(4, wire_number(1, 0));
}

const std::string kFeed =
    var("feed", {}, true, 9) + var("x", {-1, 8, 10, 10}, false) + op("feed", {{"X", "feed"}}, {{"Out", "x"}});

}  // namespace

TEST_CASE("paddle: convolutions, dense layers and what is around them") {
  const std::string content = program(
      kFeed + var("w", {4, 8, 3, 3}, true) + var("d", {4, 1, 3, 3}, true) + var("scale", {4}, true) +
      var("shift", {4}, true) + var("mean", {4}, true) + var("variance", {4}, true) + var("fc", {4, 6}, true) +
      var("b", {6}, true) +
      op("conv2d", {{"Input", "x"}, {"Filter", "w"}}, {{"Output", "c"}},
         ints("strides", {2, 2}) + ints("paddings", {1, 1}) + ints("dilations", {1, 1}) + integer("groups", 1)) +
      op("batch_norm", {{"X", "c"}, {"Scale", "scale"}, {"Bias", "shift"}, {"Mean", "mean"}, {"Variance", "variance"}},
         {{"Y", "n"}, {"MeanOut", "mean"}, {"VarianceOut", "variance"}}) +
      op("relu", {{"X", "n"}}, {{"Out", "n"}}) +
      op("depthwise_conv2d", {{"Input", "n"}, {"Filter", "d"}}, {{"Output", "e"}},
         ints("strides", {1, 1}) + word("padding_algorithm", "SAME") + integer("groups", 4)) +
      op("pool2d", {{"X", "e"}}, {{"Out", "p"}},
         word("pooling_type", "avg") + ints("ksize", {1, 1}) + integer("adaptive", 1)) +
      op("mul", {{"X", "p"}, {"Y", "fc"}}, {{"Out", "m"}}, integer("x_num_col_dims", 1)) +
      op("elementwise_add", {{"X", "m"}, {"Y", "b"}}, {{"Out", "y"}}, integer("axis", 1)) +
      op("fetch", {{"X", "y"}}, {{"Out", "fetch"}}));
  const Model model = tf_model(content);
  CHECK(model.format == "paddle");
  CHECK(kinds_of(model.main()) == "Conv2D BatchNorm Relu DepthwiseConv2D GlobalAveragePool Dense Add");
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  CHECK(analysis->totals.macs == 5 * 5 * 3 * 3 * 8 * 4 + 5 * 5 * 3 * 3 * 4 + 4 * 6);
  CHECK(analysis->totals.params == 4 * 8 * 3 * 3 + 4 * 3 * 3 + 4 * 4 + 4 * 6 + 6);
}

TEST_CASE("paddle: an operator without a row is said to be unknown") {
  const Model model = tf_model(
      program(kFeed + op("warp_field", {{"X", "x"}}, {{"Out", "y"}}) + op("fetch", {{"X", "y"}}, {{"Out", "fetch"}})));
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  REQUIRE(analysis->coverage.unknown_ops.size() == 1);
  CHECK(analysis->coverage.unknown_ops[0].op == "CUSTOM:warp_field");
}

TEST_CASE("paddle: errors") {
  CHECK(tf_error(program(kFeed + op("relu", {{"X", "z"}}, {{"Out", "y"}}))) ==
        "op #1 relu: operand \"z\" is never defined [invalid-graph]");
}
