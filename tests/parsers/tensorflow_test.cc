// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "parsers/format.h"
#include "parsers/tensorflow/bundle.h"
#include "parsers/tensorflow/op_map.h"
#include "tests/parsers/tensorflow_text.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

const std::string kNhwc = "list { i: [1, 2, 2, 1] }";
using Attrs = std::vector<std::pair<std::string, std::string>>;

std::uint64_t macs_of(const std::string& content) {
  const Model model = tf_model(content);
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  INFO(kinds_of(model.main()));
  CHECK(analysis->coverage.exact);
  return analysis->totals.macs.value_or(0);
}

std::string codes_of(const Model& model) {
  std::string out;
  for (const Diagnostic& item : model.diagnostics.items()) out += (out.empty() ? "" : " ") + item.code;
  return out;
}

std::string branch(const std::string& name, const std::string& body, const std::string& result,
                   const std::string& inputs = "input_arg { name: \"a\" type: DT_FLOAT }") {
  return "function { signature { name: \"" + name + "\" " + inputs + " output_arg { name: \"r\" type: DT_FLOAT } } " +
         body + " ret { key: \"r\" value: \"" + result + "\" } }\n";
}

std::string node_def(std::string text) { return text.replace(0, 4, "node_def"); }

}  // namespace

TEST_CASE("tensorflow: multiply-accumulates by operator") {
  struct Case {
    const char* name;
    std::string graph;
    std::uint64_t macs;
  };
  const std::string x = tf_placeholder("x", {1, 9, 9, 4});
  const std::string nchw = tf_placeholder("x", {1, 4, 9, 9});
  const Case cases[] = {
      {"convolution, SAME",
       x + tf_floats("w", {3, 3, 4, 8}) +
           tf_node("y", "Conv2D", {"x", "w"}, {{"strides", kNhwc}, {"padding", "s: \"SAME\""}}),
       5 * 5 * 3 * 3 * 4 * 8},
      {"convolution, VALID",
       x + tf_floats("w", {3, 3, 4, 8}) +
           tf_node("y", "Conv2D", {"x", "w"}, {{"strides", kNhwc}, {"padding", "s: \"VALID\""}}),
       4 * 4 * 3 * 3 * 4 * 8},
      {"convolution, explicit padding",
       x + tf_floats("w", {3, 3, 4, 8}) +
           tf_node("y", "Conv2D", {"x", "w"},
                   {{"strides", kNhwc},
                    {"padding", "s: \"EXPLICIT\""},
                    {"explicit_paddings", "list { i: [0, 0, 1, 2, 3, 0, 0, 0] }"}}),
       5 * 5 * 3 * 3 * 4 * 8},
      {"convolution, groups from the filter",
       x + tf_floats("w", {1, 1, 2, 8}) +
           tf_node("y", "Conv2D", {"x", "w"}, {{"strides", kNhwc}, {"padding", "s: \"VALID\""}}),
       5 * 5 * 2 * 8},
      {"convolution, channels first",
       nchw + tf_floats("w", {3, 3, 4, 8}) +
           tf_node(
               "y", "Conv2D", {"x", "w"},
               {{"strides", "list { i: [1, 1, 2, 3] }"}, {"padding", "s: \"SAME\""}, {"data_format", "s: \"NCHW\""}}),
       5 * 3 * 3 * 3 * 4 * 8},
      {"depthwise",
       x + tf_floats("w", {3, 3, 4, 2}) +
           tf_node("y", "DepthwiseConv2dNative", {"x", "w"}, {{"strides", kNhwc}, {"padding", "s: \"SAME\""}}),
       5 * 5 * 3 * 3 * 8},
      {"transposed: by input positions",
       x + tf_floats("w", {2, 2, 6, 4}) + tf_ints("s", {1, 18, 18, 6}) +
           tf_node("y", "Conv2DBackpropInput", {"s", "w", "x"}, {{"strides", kNhwc}, {"padding", "s: \"SAME\""}}),
       9 * 9 * 2 * 2 * 4 * 6},
      {"dense, transposed weights",
       tf_placeholder("x", {2, 16}) + tf_floats("w", {10, 16}) +
           tf_node("y", "MatMul", {"x", "w"}, {{"transpose_b", "b: true"}}),
       2 * 16 * 10},
      {"product of activations",
       tf_placeholder("a", {16, 2}) + tf_placeholder("b", {16, 3}) +
           tf_node("y", "MatMul", {"a", "b"}, {{"transpose_a", "b: true"}}),
       2 * 16 * 3},
      {"batched product",
       tf_placeholder("a", {5, 2, 16}) + tf_placeholder("b", {5, 3, 16}) +
           tf_node("y", "BatchMatMulV2", {"a", "b"}, {{"adj_y", "b: true"}}),
       5 * 2 * 16 * 3},
      {"einsum",
       tf_placeholder("a", {2, 3, 4}) + tf_placeholder("b", {4, 5, 6}) +
           tf_node("y", "Einsum", {"a", "b"}, {{"equation", "s: \"abc,cde->abde\""}}),
       2 * 3 * 4 * 5 * 6},
      {"quantised convolution",
       x + tf_floats("w", {3, 3, 4, 8}) + tf_floats("m", {}) +
           tf_node("y", "QuantizedConv2D", {"x", "w", "m", "m", "m", "m"},
                   {{"strides", kNhwc}, {"padding", "s: \"SAME\""}}),
       5 * 5 * 3 * 3 * 4 * 8},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(macs_of(c.graph) == c.macs);
  }
}

TEST_CASE("tensorflow: constants and inputs are no operators, identities of weights count once") {
  const Model model =
      tf_model("# a comment\nversions { producer: 27 }\n" + tf_placeholder("x", {-1, 8}) + tf_floats("w", {8, 4}) +
               tf_node("w/read", "Identity", {"w"}) + tf_node("y", "MatMul", {"x", "w/read"}) + tf_floats("b", {4}) +
               tf_node("z", "BiasAdd", {"y", "b"}));
  CHECK(model.format == "tensorflow");
  CHECK(model.format_version == "27");
  CHECK(kinds_of(model.main()) == "Identity Dense BiasAdd");
  CHECK(shape_text(model.main().tensors[static_cast<std::size_t>(model.main().outputs.at(0))].shape, model.symbols) ==
        "[1,4]");
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  CHECK(analysis->totals.params == 8 * 4 + 4);
  CHECK(analysis->totals.weight_bytes == 4 * (8 * 4 + 4));
  REQUIRE(model.assumed_dims.size() == 1);
  CHECK(model.assumed_dims[0].name == "batch");
}

TEST_CASE("tensorflow: batch norm in pieces keeps its parameters") {
  const Model model = tf_model(
      tf_placeholder("x", {1, 4, 4, 6}) + tf_floats("var", {6}) + tf_floats("mean", {6}) + tf_floats("gamma", {6}) +
      tf_floats("beta", {6}) + tf_floats("eps", {}) + tf_node("a", "Add", {"var", "eps"}) +
      tf_node("r", "Rsqrt", {"a"}) + tf_node("g", "Mul", {"r", "gamma"}) + tf_node("xg", "Mul", {"x", "g"}) +
      tf_node("mg", "Mul", {"mean", "g"}) + tf_node("s", "Sub", {"beta", "mg"}) + tf_node("y", "AddV2", {"xg", "s"}));
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  CHECK(analysis->totals.params == 4 * 6);
  CHECK(codes_of(model) == "batch-norm-in-pieces");
}

TEST_CASE("tensorflow: saving, summaries and gradients are left out") {
  const Model model = tf_model(
      tf_placeholder("x", {1, 8}) + tf_placeholder("labels", {1, 4}) +
      tf_node("w", "VariableV2", {},
              {{"dtype", "type: DT_FLOAT"}, {"shape", "shape { dim { size: 8 } dim { size: 4 } }"}}) +
      tf_node("logits", "MatMul", {"x", "w"}) + tf_node("prob", "Softmax", {"logits"}) +
      tf_node("loss", "SoftmaxCrossEntropyWithLogits", {"logits", "labels"}) +
      tf_node("gradients/mul", "Mul", {"loss:1", "x"}) + tf_node("rate", "Mul", {"gradients/mul", "gradients/mul"}) +
      tf_node("train", "ApplyGradientDescent", {"w", "rate", "gradients/mul"}) +
      tf_node("summary", "HistogramSummary", {"w", "w"}) + tf_node("save", "SaveV2", {"w", "w", "w"}));
  CHECK(kinds_of(model.main()) == "Dense Softmax");
  CHECK(codes_of(model) == "left-out");
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  CHECK(analysis->totals.params == 8 * 4);
}

TEST_CASE("tensorflow: calls are inlined, branches become graphs") {
  const std::string dense = branch(
      "layer", node_def(tf_node("p", "MatMul", {"a", "w"}, {})) + node_def(tf_node("q", "Relu", {"p:product:0"})),
      "q:activations:0", "input_arg { name: \"a\" type: DT_FLOAT } input_arg { name: \"w\" type: DT_RESOURCE }");
  const std::string small = branch("small", node_def(tf_node("q", "Relu", {"a"})), "q:activations:0");
  const std::string variable = tf_node(
      "v", "VarHandleOp", {}, {{"dtype", "type: DT_FLOAT"}, {"shape", "shape { dim { size: 8 } dim { size: 4 } }"}});
  SECTION("call") {
    const Model model =
        tf_model("library { " + dense + "}\n" + tf_placeholder("x", {1, 8}) + variable +
                 tf_node("call", "StatefulPartitionedCall", {"x", "v"}, {{"f", "func { name: \"layer\" }"}}) +
                 tf_node("again", "PartitionedCall", {"x", "v"}, {{"f", "func { name: \"layer\" }"}}));
    CHECK(kinds_of(model.main()) == "Dense Relu Dense Relu");
    CHECK(model.main().ops[1].name == "call/q");
    const auto analysis = analyse(model);
    REQUIRE(analysis);
    CHECK(analysis->totals.macs == 2 * 8 * 4);
    CHECK(analysis->totals.params == 8 * 4);
  }
  SECTION("if") {
    const std::string other =
        branch("other", node_def(tf_node("q", "MatMul", {"a", "w"})), "q:product:0",
               "input_arg { name: \"a\" type: DT_FLOAT } input_arg { name: \"w\" type: DT_RESOURCE }");
    const Model model = tf_model("library { " + dense + other + "}\n" + tf_placeholder("x", {1, 8}) + variable +
                                 tf_node("c", "Placeholder", {}, {{"dtype", "type: DT_BOOL"}}) +
                                 tf_node("y", "StatelessIf", {"c", "x", "v"},
                                         {{"then_branch", "func { name: \"layer\" }"},
                                          {"else_branch", "func { name: \"other\" }"},
                                          {"Tout", "list { type: DT_FLOAT }"}}));
    CHECK(kinds_of(model.main()) == "If");
    REQUIRE(model.graphs.size() == 3);
    CHECK(kinds_of(model.graphs[1]) == "Dense Relu");
    const auto analysis = analyse(model);
    REQUIRE(analysis);
    CHECK(analysis->totals.macs == 8 * 4);
    CHECK(analysis->totals.params == 8 * 4);
  }
  SECTION("calls itself") {
    const std::string loop = branch(
        "loop", node_def(tf_node("q", "PartitionedCall", {"a"}, {{"f", "func { name: \"loop\" }"}})), "q:output:0");
    CHECK(
        tf_error("library { " + loop + "}\n" + tf_placeholder("x", {1}) +
                 tf_node("call", "PartitionedCall", {"x"}, {{"f", "func { name: \"loop\" }"}})) ==
        "op #1 PartitionedCall \"call\": op #0 PartitionedCall \"q\": function \"loop\" calls itself [invalid-graph]");
  }
  SECTION("too few arguments") {
    CHECK(tf_error("library { " + dense + "}\n" + tf_placeholder("x", {1}) +
                   tf_node("call", "PartitionedCall", {"x"}, {{"f", "func { name: \"layer\" }"}})) ==
          "op #1 PartitionedCall \"call\": function \"layer\" takes 2 arguments, is given 1 [invalid-graph]");
  }
  static_cast<void>(small);
}

TEST_CASE("tensorflow: a loop with a constant number of trips") {
  const std::string condition =
      "function { signature { name: \"cond\" input_arg { name: \"i\" type: DT_INT32 } "
      "input_arg { name: \"h\" type: DT_FLOAT } input_arg { name: \"w\" type: DT_FLOAT } output_arg { name: \"r\" "
      "type: DT_BOOL } } " +
      node_def(
          tf_node("n", "Const", {},
                  {{"dtype", "type: DT_INT32"}, {"value", "tensor { dtype: DT_INT32 tensor_shape { } int_val: 7 }"}})) +
      node_def(tf_node("less", "Less", {"i", "n:output:0"})) + "ret { key: \"r\" value: \"less:z:0\" } }\n";
  const std::string body =
      "function { signature { name: \"body\" input_arg { name: \"i\" type: DT_INT32 } "
      "input_arg { name: \"h\" type: DT_FLOAT } input_arg { name: \"w\" type: DT_FLOAT } output_arg { name: \"o\" "
      "type: DT_INT32 } "
      "output_arg { name: \"p\" type: DT_FLOAT } output_arg { name: \"q\" type: DT_FLOAT } } " +
      node_def(
          tf_node("one", "Const", {},
                  {{"dtype", "type: DT_INT32"}, {"value", "tensor { dtype: DT_INT32 tensor_shape { } int_val: 1 }"}})) +
      node_def(tf_node("next", "AddV2", {"i", "one:output:0"})) + node_def(tf_node("mm", "MatMul", {"h", "w"})) +
      node_def(tf_node("keep", "Identity", {"w"})) +
      "ret { key: \"o\" value: \"next:z:0\" } ret { key: \"p\" value: \"mm:product:0\" } ret { key: \"q\" value: "
      "\"keep:output:0\" } }\n";
  const Model model = tf_model(
      "library { " + condition + body + "}\n" + tf_placeholder("x", {1, 8}) + tf_floats("w", {8, 8}) +
      tf_node("zero", "Const", {},
              {{"dtype", "type: DT_INT32"}, {"value", "tensor { dtype: DT_INT32 tensor_shape { } int_val: 0 }"}}) +
      tf_node("loop", "StatelessWhile", {"zero", "x", "w"},
              {{"cond", "func { name: \"cond\" }"},
               {"body", "func { name: \"body\" }"},
               {"T", "list { type: [DT_INT32, DT_FLOAT, DT_FLOAT] }"}}) +
      tf_node("y", "Relu", {"loop:1"}));
  CHECK(kinds_of(model.main()) == "While Relu");
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  CHECK(analysis->totals.macs == 7 * 8 * 8);
  CHECK(analysis->totals.params == 8 * 8);
}

TEST_CASE("tensorflow: functions of each text keep the shape, one open extent of texts is the batch") {
  const Model model = tf_model(
      tf_node("x", "Placeholder", {}, {{"dtype", "type: DT_STRING"}, {"shape", "shape { dim { size: -1 } }"}}) +
      tf_node("low", "StringLower", {"x"}) +
      tf_node("id", "StringToHashBucketFast", {"low"}, {{"num_buckets", "i: 16"}}) + tf_floats("table", {16, 4}) +
      tf_node("axis", "Const", {},
              {{"dtype", "type: DT_INT32"}, {"value", "tensor { dtype: DT_INT32 tensor_shape { } int_val: 0 }"}}) +
      tf_node("y", "GatherV2", {"table", "id", "axis"}));
  const Tensor& result = model.main().tensors[static_cast<std::size_t>(model.main().outputs[0])];
  CHECK(shape_text(result.shape, model.symbols) == "[1,4]");
}

// A recurrent layer as Keras exports it: rows of a list are read, results are put into another one, two conditions.
TEST_CASE("tensorflow: a loop that reads and fills lists") {
  const auto argument = [](const std::string& name, const std::string& type) {
    return "input_arg { name: \"" + name + "\" type: " + type + " } ";
  };
  const std::string given = argument("i", "DT_INT32") + argument("n", "DT_INT32") + argument("xs", "DT_VARIANT") +
                            argument("ys", "DT_VARIANT") + argument("w", "DT_FLOAT");
  const auto body_node = [](const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
                            const std::vector<std::pair<std::string, std::string>>& attrs = {}) {
    return node_def(tf_node(name, op, inputs, attrs));
  };
  const auto scalar = [&](const std::string& name, int value) {
    return body_node(name, "Const", {},
                     {{"dtype", "type: DT_INT32"},
                      {"value", "tensor { dtype: DT_INT32 tensor_shape { } int_val: " + std::to_string(value) + " }"}});
  };
  const std::string condition =
      "function { signature { name: \"cond\" " + given + "output_arg { name: \"go\" type: DT_BOOL } } " +
      scalar("limit", 12) + body_node("a", "Less", {"i", "limit:output:0"}) + body_node("b", "Less", {"i", "n"}) +
      body_node("c", "LogicalAnd", {"a:z:0", "b:z:0"}) + "ret { key: \"go\" value: \"c:z:0\" } }\n";
  const std::string open = "tensor { dtype: DT_INT32 tensor_shape { dim { size: 2 } } int_val: [-1, 8] }";
  const std::string body =
      "function { signature { name: \"body\" " + given +
      "output_arg { name: \"i1\" type: DT_INT32 } output_arg { name: \"n1\" type: DT_INT32 } "
      "output_arg { name: \"xs1\" type: DT_VARIANT } output_arg { name: \"ys1\" type: DT_VARIANT } "
      "output_arg { name: \"w1\" type: DT_FLOAT } } " +
      scalar("one", 1) + body_node("shape", "Const", {}, {{"dtype", "type: DT_INT32"}, {"value", open}}) +
      body_node("row", "TensorListGetItem", {"xs", "i", "shape:output:0"}, {{"element_dtype", "type: DT_FLOAT"}}) +
      body_node("made", "MatMul", {"row:item:0", "w"}) +
      body_node("put", "TensorListSetItem", {"ys", "i", "made:product:0"}, {{"element_dtype", "type: DT_FLOAT"}}) +
      body_node("next", "AddV2", {"i", "one:output:0"}) +
      "ret { key: \"i1\" value: \"next:z:0\" } ret { key: \"n1\" value: \"n\" } ret { key: \"xs1\" value: \"xs\" } "
      "ret { key: \"ys1\" value: \"put:output_handle:0\" } ret { key: \"w1\" value: \"w\" } }\n";
  const auto outer = [](const std::string& name, int value) {
    return tf_node(name, "Const", {},
                   {{"dtype", "type: DT_INT32"},
                    {"value", "tensor { dtype: DT_INT32 tensor_shape { } int_val: " + std::to_string(value) + " }"}});
  };
  const Model model =
      tf_model("library { " + condition + body + "}\n" + tf_placeholder("x", {12, 1, 8}) + tf_floats("w", {8, 8}) +
               outer("zero", 0) + outer("steps", 12) + tf_ints("open", {-1, 8}) +
               tf_node("xs", "TensorListFromTensor", {"x", "open"}, {{"element_dtype", "type: DT_FLOAT"}}) +
               tf_node("ys", "TensorListReserve", {"open", "steps"}, {{"element_dtype", "type: DT_FLOAT"}}) +
               tf_node("loop", "StatelessWhile", {"zero", "steps", "xs", "ys", "w"},
                       {{"cond", "func { name: \"cond\" }"},
                        {"body", "func { name: \"body\" }"},
                        {"T", "list { type: [DT_INT32, DT_INT32, DT_VARIANT, DT_VARIANT, DT_FLOAT] }"}}) +
               tf_node("all", "TensorListStack", {"loop:3", "open"}, {{"element_dtype", "type: DT_FLOAT"}}));
  const Tensor& result = model.main().tensors[static_cast<std::size_t>(model.main().outputs[0])];
  CHECK(shape_text(result.shape, model.symbols) == "[12,1,8]");
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  CHECK(analysis->totals.macs == 12 * 8 * 8);
  CHECK(analysis->coverage.exact);
  CHECK(codes_of(model).find("needs-dim") == std::string::npos);
}

TEST_CASE("tensorflow: control flow of version 1") {
  const std::string x = tf_placeholder("x", {1, 8}) + tf_floats("w", {8, 4}) + tf_floats("v", {8, 4});
  const auto fork = [&](const std::string& condition) {
    return x + condition + tf_node("s", "Switch", {"x", "c"}) + tf_node("t", "MatMul", {"s:1", "w"}) +
           tf_node("f", "MatMul", {"s", "v"}) + tf_node("r", "Relu", {"f"}) + tf_node("m", "Merge", {"r", "t"}) +
           tf_node("y", "Softmax", {"m"});
  };
  SECTION("both branches count where the condition is open") {
    const Model model = tf_model(fork(tf_node("c", "Placeholder", {}, {{"dtype", "type: DT_BOOL"}})));
    CHECK(kinds_of(model.main()) == "Identity Dense Dense Relu Select Softmax");
    CHECK(codes_of(model).find("both-branches") != std::string::npos);
  }
  SECTION("a constant condition leaves one") {
    const Model model = tf_model(fork(
        tf_node("d", "Const", {},
                {{"dtype", "type: DT_BOOL"}, {"value", "tensor { dtype: DT_BOOL tensor_shape { } bool_val: false }"}}) +
        tf_node("c", "PlaceholderWithDefault", {"d"}, {{"dtype", "type: DT_BOOL"}})));
    CHECK(kinds_of(model.main()) == "Dense Relu Softmax");
    CHECK(model.main().ops[0].name == "f");
  }
  SECTION("a loop is a lower bound") {
    const Model model =
        tf_model(x + tf_floats("sq", {8, 8}) + tf_node("e", "Enter", {"x"}) + tf_node("m", "Merge", {"e", "n"}) +
                 tf_node("ct", "Placeholder", {}, {{"dtype", "type: DT_BOOL"}}) + tf_node("lc", "LoopCond", {"ct"}) +
                 tf_node("s", "Switch", {"m", "lc"}) + tf_node("b", "MatMul", {"s:1", "sq"}) +
                 tf_node("n", "NextIteration", {"b"}) + tf_node("out", "Exit", {"s"}));
    const auto analysis = analyse(model);
    REQUIRE(analysis);
    CHECK(analysis->totals.macs == 8 * 8);
    CHECK_FALSE(analysis->coverage.exact);
    CHECK(codes_of(model).find("loop-once") != std::string::npos);
  }
}

TEST_CASE("tensorflow: errors name the node") {
  CHECK(tf_error(tf_placeholder("x", {1, 8}) + tf_node("y", "Relu", {"z"})) ==
        "op #1 Relu \"y\": operand \"z\" is never defined [invalid-graph]");
  CHECK(tf_error(tf_placeholder("x", {1, 8}) + tf_placeholder("x", {1, 8})) ==
        "two nodes are called \"x\" [invalid-graph]");
  CHECK(tf_error(tf_placeholder("x", {1, 8}) + tf_node("a", "Add", {"x", "b"}) + tf_node("b", "Relu", {"a"}) +
                 tf_node("c", "Relu", {"b"})) == "nodes \"a\" and \"b\" wait for each other [cyclic-graph]");
  CHECK(tf_error(tf_placeholder("x", {1, 8}) + tf_floats("w", {9, 4}) + tf_node("y", "MatMul", {"x", "w"})) ==
        "op #2 MatMul \"y\": weights take 9 inputs, there are 8 [shape-mismatch]");
  CHECK(
      tf_error("node { name: \"w\" op: \"Const\" attr { key: \"value\" value { tensor { dtype: DT_FLOAT tensor_shape "
               "{ dim { size: 2 } } tensor_content: \"abc\" } } } } node { name: \"y\" op: \"Relu\" input: \"w\" }") ==
      "op #0 Const \"w\": tensor_content holds 3 bytes, float32 [2] takes 8 [damaged]");
  CHECK(tf_error("node { name: \"x\" op: \"Relu\" input \"a\" }") ==
        "line 1, column 35: Expected \":\", found \"\"a\"\". [damaged]");
}

TEST_CASE("tensorflow: binary files locate their constants") {
  const std::string content(4 * 4096, '\x11');
  const std::string shape = wire_bytes(2, wire_number(1, 64)) + wire_bytes(2, wire_number(1, 64));
  const std::string tensor = wire_number(1, 1) + wire_bytes(2, shape) + wire_bytes(4, content);
  const auto attr = [](const std::string& key, const std::string& value) {
    return wire_bytes(5, wire_bytes(1, key) + wire_bytes(2, value));
  };
  const std::string nodes =
      wire_bytes(
          1, wire_bytes(1, "x") + wire_bytes(2, "Placeholder") + attr("dtype", wire_number(6, 1)) +
                 attr("shape", wire_bytes(7, wire_bytes(2, wire_number(1, 3)) + wire_bytes(2, wire_number(1, 64))))) +
      wire_bytes(1, wire_bytes(1, "w") + wire_bytes(2, "Const") + attr("value", wire_bytes(8, tensor))) +
      wire_bytes(1, wire_bytes(1, "y") + wire_bytes(2, "MatMul") + wire_bytes(3, "x") + wire_bytes(3, "w"));
  const std::string graph = nodes + wire_bytes(4, wire_number(1, 440));
  SECTION("GraphDef") {
    const Model model = tf_model(graph);
    CHECK(kinds_of(model.main()) == "Dense");
    for (const Tensor& tensor_read : model.main().tensors) {
      if (!tensor_read.is_constant) continue;
      CHECK(tensor_read.data.offset == graph.find(content));
      CHECK(tensor_read.data.size_bytes == content.size());
    }
  }
  SECTION("SavedModel and MetaGraphDef, with a signature") {
    const auto info = [](const std::string& name) { return wire_bytes(1, name) + wire_number(2, 1); };
    const auto end = [&](unsigned field, const std::string& key, const std::string& name) {
      return wire_bytes(field, wire_bytes(1, key) + wire_bytes(2, info(name)));
    };
    const std::string signature = end(1, "image", "x:0") + end(2, "scores", "y:0");
    const std::string meta = wire_bytes(1, wire_bytes(4, "serve") + wire_bytes(5, "2.15.0")) + wire_bytes(2, graph) +
                             wire_bytes(5, wire_bytes(1, "serving_default") + wire_bytes(2, signature));
    for (const std::string& file : {meta, wire_number(1, 1) + wire_bytes(2, meta)}) {
      const Model model = tf_model(file);
      CHECK(model.producer == "tensorflow 2.15.0");
      REQUIRE(model.signatures.size() == 1);
      CHECK(model.signatures[0].key == "serving_default");
      CHECK(model.signatures[0].inputs.at(0).first == "image");
    }
  }
  SECTION("cut short") { CHECK(tf_error(graph.substr(0, graph.size() / 2)).ends_with("[damaged]")); }
  SECTION("neighbours are told apart") {
    // Attributes under field 4 (another converter's graph), and a name where the first node should be.
    const std::string other = wire_bytes(
        1, wire_bytes(1, "x") + wire_bytes(2, "Relu") + wire_bytes(4, wire_bytes(1, "key") + wire_bytes(2, "value")));
    CHECK(tf_error(other) == "binary data with the structure of no known format [not-a-model]");
    CHECK(tf_error(wire_bytes(1, "network") + wire_bytes(2, wire_bytes(4, "Conv"))).ends_with("[unsupported-format]"));
  }
}

TEST_CASE("tensorflow: the table of a checkpoint") {
  const auto entry = [](const std::string& key, std::size_t shared, const std::string& value) {
    std::string out;
    out.push_back(static_cast<char>(shared));
    out.push_back(static_cast<char>(key.size() - shared));
    out.push_back(static_cast<char>(value.size()));
    return out + key.substr(shared) + value;
  };
  const auto block = [](const std::string& pairs) {
    return pairs + std::string(4, '\0') + std::string("\1\0\0\0", 4) + std::string(5, '\0');
  };
  const std::string tensor =
      wire_number(1, 1) + wire_bytes(2, wire_bytes(2, wire_number(1, 3))) + wire_number(4, 8) + wire_number(5, 12);
  const std::string data =
      block(entry("", 0, wire_number(1, 1)) + entry("dense/bias", 0, tensor) + entry("dense/kernel", 6, tensor));
  std::string handle;
  handle.push_back('\0');
  handle.push_back(static_cast<char>(data.size() - 5));
  const std::string index = block(entry("z", 0, handle));
  std::string footer = std::string("\0\0", 2);
  footer.push_back(static_cast<char>(data.size()));
  footer.push_back(static_cast<char>(index.size() - 5));
  footer.resize(40, '\0');
  footer += std::string("\x57\xfb\x80\x8b\x24\x75\x47\xdb", 8);
  const std::string file = data + index + footer;
  const auto bundle = tensorflow::read_bundle(as_bytes(file));
  REQUIRE(bundle);
  CHECK(bundle->shards == 1);
  REQUIRE(bundle->entries.size() == 2);
  const auto& kernel = bundle->entries.at("dense/kernel");
  CHECK(kernel.offset == 8);
  CHECK(kernel.size_bytes == 12);
  CHECK(kernel.shape == Shape{3});
  CHECK(tensorflow::shard_name("variables/variables", 2, 10) == "variables/variables.data-00002-of-00010");

  std::string wrong = file;
  wrong[0] = 9;  // shares nine characters with the key before it, of which there is none
  CHECK(tensorflow::read_bundle(as_bytes(wrong)).error().text() ==
        "byte 0: an entry does not lie inside its block [damaged]");
  wrong = file;
  wrong[data.size() - 5] = 1;
  CHECK(tensorflow::read_bundle(as_bytes(wrong)).error().text() ==
        "the table's blocks are compressed [unsupported-version]");
  CHECK_FALSE(tensorflow::read_bundle(as_bytes(file.substr(1))));
  CHECK_FALSE(tensorflow::is_bundle_index(as_bytes("short")));
}

TEST_CASE("tensorflow: at least 300 operators are known by name") { CHECK(tensorflow::op_row_count() >= 300); }
