// SPDX-License-Identifier: Apache-2.0
// Programs of Paddle 3: JSON, written here operator by operator.
#include <catch2/catch.hpp>
#include <limits>

#include "cost/analysis.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"

namespace nngauge {
namespace {

using Numbers = std::vector<int>;

std::string list(const Numbers& numbers) {
  std::string out;
  for (const int number : numbers) out += (out.empty() ? "" : ",") + std::to_string(number);
  return "[" + out + "]";
}

std::string tensor(const Numbers& dims, const std::string& type = "f32") {
  return R"({"#":"0.t_dtensor","D":[{"#":"0.t_)" + type + R"("},)" + list(dims) + R"(,"NCHW",[],0]})";
}

struct Made {
  int id;
  std::string type;
};

std::string results(const std::vector<Made>& made) {
  std::string out;
  for (const Made& one : made)
    out += (out.empty() ? "" : ",") + (R"({"%":)" + std::to_string(one.id) + R"(,"TT":)" + one.type + "}");
  return "[" + out + "]";
}

std::string operands(const Numbers& ids) {
  std::string out;
  for (const int id : ids) out += (out.empty() ? "" : ",") + (R"({"%":)" + std::to_string(id) + "}");
  return "[" + out + "]";
}

std::string number(const std::string& name, int value) {
  return R"({"N":")" + name + R"(","AT":{"#":"0.a_i32","D":)" + std::to_string(value) + "}}";
}
std::string text(const std::string& name, const std::string& value) {
  return R"({"N":")" + name + R"(","AT":{"#":"0.a_str","D":")" + value + R"("}})";
}
std::string numbers(const std::string& name, const Numbers& values) {
  std::string out;
  for (const int value : values)
    out += (out.empty() ? "" : ",") + (R"({"#":"0.a_i64","D":)" + std::to_string(value) + "}");
  return R"({"N":")" + name + R"(","AT":{"#":"0.a_array","D":[)" + out + "]}}";
}

std::string op(const std::string& type, const Numbers& inputs, const std::vector<Made>& made,
               const std::string& attrs = "", const std::string& regions = "") {
  return R"({"#":")" + type + R"(","A":[)" + attrs + R"(],"I":)" + operands(inputs) + R"(,"O":)" + results(made) +
         (regions.empty() ? "" : R"(,"regions":[)" + regions + "]") + "}";
}

std::string parameter(const std::string& name, int id, const Numbers& dims) {
  return R"({"#":"p","A":[0,1,1,")" + name + R"("],"O":{"%":)" + std::to_string(id) + R"(,"TT":)" + tensor(dims) + "}}";
}

std::string region(const std::string& args, const std::string& ops) {
  return R"({"#":"region","blocks":[{"#":"block","args":[)" + args + R"(],"ops":[)" + ops + "]}]}";
}

std::string program(const std::string& ops) {
  return R"({"base_code":{"magic":"pir","trainable":true,"version":4},"program":{"regions":[)" + region("", ops) +
         "]}}";
}

std::string input(int id, const Numbers& dims) { return op("1.data", {}, {{id, tensor(dims)}}, text("name", "x")); }

Result<Model> read(const std::string& file) {
  ModelSource source{"m.json", as_bytes(file)};
  source.companions = &no_companions();
  return read_model(source);
}

struct Counted {
  Model model;
  Analysis analysis;
};

Counted count(const std::string& file) {
  auto model = read(file);
  INFO((model ? "" : model.error().text()));
  REQUIRE(model);
  const Status completed = complete_model(*model, {});
  INFO((completed ? "" : completed.error().text()));
  REQUIRE(completed);
  auto analysis = analyse(*model);
  REQUIRE(analysis);
  return {std::move(*model), std::move(*analysis)};
}

std::string error_of(const std::string& file) {
  const auto model = read(file);
  return model ? "" : model.error().text();
}

}  // namespace

TEST_CASE("paddle 3: operands that are constants become attributes") {
  const std::string ops =
      parameter("conv.w", 1, {4, 8, 3, 3}) + "," + parameter("fc.w", 2, {100, 6}) + "," + parameter("fc.b", 3, {6}) +
      "," + input(4, {-1, 8, 10, 10}) + "," +
      op("1.conv2d", {4, 1}, {{5, tensor({-1, 4, 10, 10})}},
         numbers("strides", {1, 1}) + "," + numbers("paddings", {1, 1}) + "," + numbers("dilations", {1, 1}) + "," +
             number("groups", 1)) +
      "," + op("1.full_int_array", {}, {{6, tensor({2}, "i64")}}, numbers("value", {2, 2})) + "," +
      op("1.pool2d", {5, 6}, {{7, tensor({-1, 4, 5, 5})}},
         text("pooling_type", "max") + "," + numbers("strides", {2, 2}) + "," + numbers("paddings", {0, 0})) +
      "," + op("1.full_int_array", {}, {{8, tensor({2}, "i64")}}, numbers("value", {-1, 100})) + "," +
      op("1.reshape", {7, 8}, {{9, tensor({-1, 100})}}) + "," +
      op("1.matmul", {9, 2}, {{10, tensor({-1, 6})}}, number("transpose_x", 0) + "," + number("transpose_y", 0)) + "," +
      op("1.add", {10, 3}, {{11, tensor({-1, 6})}}) + "," + op("1.fetch", {11}, {{12, tensor({-1, 6})}});
  const Counted c = count(program(ops));
  CHECK(c.analysis.totals.macs == 10 * 10 * 9 * 8 * 4 + 100 * 6);
  CHECK(c.analysis.totals.params == 4 * 8 * 9 + 100 * 6 + 6);
  CHECK(c.analysis.totals.ops == 5);
  CHECK(c.analysis.coverage.unknown_ops.empty());
  CHECK(c.model.format == "paddle");
  CHECK(c.model.format_version == "4");
  CHECK(c.model.main().tensors[static_cast<std::size_t>(c.model.main().inputs[0])].name == "x");
}

TEST_CASE("paddle 3: lists of tensors, recurrent layers one after the other") {
  std::string ops = input(1, {5, 1, 8});
  // Two layers of 16 units in one direction: weights of both, then biases of both.
  const std::vector<Numbers> shapes = {{64, 8}, {64, 16}, {64, 16}, {64, 16}, {64}, {64}, {64}, {64}};
  Numbers weights;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    weights.push_back(static_cast<int>(i) + 10);
    ops += "," + parameter("w" + std::to_string(i), weights.back(), shapes[i]);
  }
  const std::string vec = R"({"#":"0.t_vec","D":[]})";
  ops += "," + op("0.combine", weights, {{30, vec}}) + "," + op("0.combine", {}, {{31, vec}}) + "," +
         op("1.rnn", {1, 31, 30, 0}, {{32, tensor({5, 1, 16})}, {33, tensor({})}},
            text("mode", "LSTM") + "," + number("num_layers", 2) + "," + number("hidden_size", 16)) +
         "," + op("1.fetch", {32}, {{40, tensor({5, 1, 16})}});
  const Counted c = count(program(ops));
  CHECK(c.analysis.totals.macs == 5 * (4 * 16 * (8 + 16) + 4 * 16 * (16 + 16)));
  CHECK(c.analysis.totals.params == 64 * 8 + 3 * 64 * 16 + 4 * 64);
}

TEST_CASE("paddle 3: branches and loops run blocks that read what is around them") {
  const std::string yes = op("1.matmul", {4, 1}, {{5, tensor({1, 8})}}) + "," + op("2.yield", {5}, {});
  const std::string no = op("1.matmul", {4, 1}, {{6, tensor({1, 8})}}) + "," +
                         op("1.matmul", {6, 1}, {{7, tensor({1, 8})}}) + "," + op("2.yield", {7}, {});
  const std::string args = R"({"#":-1,"TT":)" + tensor({1, 8}) + "}";
  const std::string body = op("1.matmul", {-1, 1}, {{9, tensor({1, 8})}}) + "," +
                           op("1.relu", {9}, {{10, tensor({1, 8})}}) + "," + op("2.yield", {3, 10}, {});
  const std::string ops = parameter("w", 1, {8, 8}) + "," + input(4, {1, 8}) + "," +
                          op("1.data", {}, {{3, tensor({1}, "bool")}}, text("name", "again")) + "," +
                          op("1.if", {3}, {{8, tensor({1, 8})}}, "", region("", yes) + "," + region("", no)) + "," +
                          op("1.while", {3, 8}, {{11, tensor({1, 8})}}, "", region(args, body)) + "," +
                          op("1.fetch", {11}, {{12, tensor({1, 8})}});
  const Counted c = count(program(ops));
  CHECK(c.analysis.totals.macs == 2 * 8 * 8 + 8 * 8);  // the dearer branch, one trip
  CHECK(c.analysis.totals.params == 8 * 8);
  CHECK_FALSE(c.analysis.coverage.lower_bound.empty());
}

TEST_CASE("paddle 3: numbers that JSON has no word for") {
  const std::string least = R"({"N":"value","AT":{"#":"0.a_f64","VD":"-INF"}})";
  const std::string ops = input(1, {1, 4}) + "," + op("1.full", {}, {{2, tensor({1})}}, least) + "," +
                          op("1.maximum", {1, 2}, {{3, tensor({1, 4})}}) + "," +
                          op("1.fetch", {3}, {{4, tensor({1, 4})}});
  const Counted c = count(program(ops));
  CHECK(c.analysis.totals.params == 0);
  const Tensor& scalar = c.model.main().tensors[static_cast<std::size_t>(c.model.main().ops[0].inputs[1].tensor)];
  REQUIRE(scalar.value);
  CHECK(scalar.value->reals == std::vector<double>{-std::numeric_limits<double>::infinity()});
}

TEST_CASE("paddle 3: errors") {
  const std::string whole = program(input(1, {1, 8}) + "," + op("1.relu", {1}, {{2, tensor({1, 8})}}));
  CHECK(error_of(whole).empty());
  CHECK(error_of(whole.substr(0, whole.size() - 4)) == "the program is no whole JSON document [damaged]");
  CHECK(error_of(program(op("1.relu", {7}, {{2, tensor({1, 8})}}))) ==
        "op #0 relu: operand \"%7\" is never defined [invalid-graph]");
  CHECK(error_of(R"({"base_code":{"magic":"pir","version":4},"program":{}})") ==
        "the program has no region [invalid-graph]");
  // Numbers and names where others are expected.
  CHECK(error_of(R"({"base_code":{"magic":"pir"},"program":{"regions":[{"blocks":[{"ops":[1]}]}]}})") ==
        "op #0: an operator has no name [invalid-graph]");
}

}  // namespace nngauge
