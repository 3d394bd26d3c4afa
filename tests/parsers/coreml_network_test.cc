// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstring>

#include "cost/analysis.h"
#include "parsers/coreml/layer_map.h"
#include "parsers/format.h"
#include "tests/parsers/coreml_text.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

std::string shape_of(const Model& model, std::size_t op, std::size_t result = 0) {
  const Graph& graph = model.main();
  return shape_text(graph.tensors[static_cast<std::size_t>(graph.ops[op].outputs[result])].shape, model.symbols);
}

std::string output_shape(const Model& model) {
  const Graph& graph = model.main();
  return shape_text(graph.tensors[static_cast<std::size_t>(graph.outputs.at(0))].shape, model.symbols);
}

std::uint64_t macs_of(const Model& model) {
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  REQUIRE(analysis->totals.macs.has_value());
  return *analysis->totals.macs;
}

std::uint64_t params_of(const Model& model) { return analyse(model)->totals.params.value_or(0); }

std::string number_float(unsigned field, float value) {
  std::string bytes(4, '\0');
  std::memcpy(bytes.data(), &value, 4);
  std::string tag = wire_number(field, 0);
  tag.pop_back();
  tag[0] = static_cast<char>(tag[0] | 5);
  return tag + bytes;
}

// 3x3 kernels, stride 2, padding `same`.
std::string convolution(unsigned out, unsigned in, const std::string& more = "", std::size_t weights = 0) {
  return wire_number(1, out) + wire_number(2, in) + wire_packed(20, {3, 3}) + wire_packed(30, {2, 2}) +
         wire_bytes(51, "") + wire_bytes(90, cm_floats(weights ? weights : std::size_t{out} * in * 9)) + more;
}

std::string inner_product(unsigned in, unsigned out) {
  return wire_number(1, in) + wire_number(2, out) + wire_number(10, 1) +
         wire_bytes(20, cm_floats(std::size_t{in} * out)) + wire_bytes(21, cm_floats(out));
}

}  // namespace

TEST_CASE("coreml: the rows of the table of layers stand in order, each found again") {
  for (const coreml::LayerRow& row : coreml::layer_rows()) CHECK(coreml::find_layer_row(row.number) == &row);
  CHECK(coreml::find_layer_row(101) == nullptr);
}

TEST_CASE("coreml: a classifier of pictures") {
  const std::string vectors = wire_number(1, 8) + wire_bytes(15, cm_floats(8)) + wire_bytes(16, cm_floats(8)) +
                              wire_bytes(17, cm_floats(8)) + wire_bytes(18, cm_floats(8));
  const std::string layers =
      cm_layer("c", 100, convolution(8, 3, wire_number(70, 1) + wire_bytes(91, cm_floats(8))), {"image"}, {"c"}) +
      cm_layer("n", 160, vectors, {"c"}, {"n"}) + cm_layer("r", 130, wire_bytes(10, ""), {"n"}, {"r"}) +
      cm_layer("d", 100, convolution(8, 1, wire_number(10, 8), 8 * 9), {"r"}, {"d"}) +
      cm_layer("g", 120, wire_number(1, 1) + wire_number(60, 1), {"d"}, {"g"}) + cm_layer("f", 301, "", {"g"}, {"f"}) +
      cm_layer("fc", 140, inner_product(8, 5), {"f"}, {"fc"}) + cm_layer("s", 175, "", {"fc"}, {"p"});
  const std::string description = cm_feature(1, "image", cm_image(32, 20)) +
                                  cm_feature(10, "scores", wire_bytes(6, "")) +
                                  cm_feature(10, "label", wire_bytes(3, ""));
  const Model model = tf_model(cm_model(description, 403, layers, 1));
  CHECK(model.format == "coreml");
  CHECK(model.format_version == "1");
  CHECK(kinds_of(model.main()) == "Conv2D BatchNorm Relu DepthwiseConv2D GlobalAveragePool Flatten Dense Softmax");
  CHECK(shape_of(model, 0) == "[1,8,10,16]");
  CHECK(shape_of(model, 3) == "[1,8,5,8]");
  CHECK(output_shape(model) == "[1,5]");
  CHECK(macs_of(model) == 10 * 16 * 3 * 3 * 3 * 8 + 5 * 8 * 3 * 3 * 8 + 8 * 5);
  CHECK(params_of(model) == 3 * 3 * 3 * 8 + 8 + 4 * 8 + 8 * 9 + 8 * 5 + 5);
}

TEST_CASE("coreml: weights are ranges of the file, of the type they are stored in") {
  struct Case {
    std::string weights;
    DType dtype;
    std::uint64_t bytes;
  };
  const Case cases[] = {
      {cm_floats(4 * 9 * 6), DType::kFloat32, 4 * 9 * 6 * 4},
      {cm_halves(4 * 9 * 6), DType::kFloat16, 4 * 9 * 6 * 2},
      {cm_quantised(4 * 9 * 6, 8, false), DType::kUInt8, 4 * 9 * 6},
      {cm_quantised(4 * 9 * 6 / 2, 4, true), DType::kUInt4, 4 * 9 * 6 / 2},
      {cm_quantised(4 * 9 * 6 * 3 / 8, 3, true), DType::kUInt4, 4 * 9 * 6 * 3 / 8},
      {cm_quantised(4 * 9 * 6 / 8, 1, true), DType::kUInt2, 4 * 9 * 6 / 8},
      {wire_bytes(31, std::string(4 * 9 * 6, '\1')), DType::kInt8, 4 * 9 * 6},
      {"", DType::kFloat32, 4 * 9 * 6 * 4},  // taken out: by its shape
  };
  for (const Case& c : cases) {
    const std::string content = cm_network(
        {6, 9, 9}, cm_layer("c", 100, wire_number(1, 4) + wire_number(2, 6) + wire_bytes(90, c.weights), {"x"}, {"y"}));
    const Model model = tf_model(content);
    const Graph& graph = model.main();
    const Tensor& weights = graph.tensors[static_cast<std::size_t>(graph.ops[0].inputs[1].tensor)];
    CHECK(weights.dtype == c.dtype);
    CHECK(analyse(model)->totals.weight_bytes == c.bytes);
    CHECK(macs_of(model) == 7 * 7 * 3 * 3 * 6 * 4);
    if (c.weights.empty()) continue;
    REQUIRE(weights.data.file == 0);
    CHECK(weights.data.size_bytes == c.bytes);
    CHECK(content.substr(weights.data.offset, c.bytes) == std::string(c.bytes, '\1'));
  }
}

TEST_CASE("coreml: biases and stored activations may be quantised too") {
  const std::string conv = wire_number(1, 4) + wire_number(2, 6) + wire_number(70, 1) +
                           wire_bytes(90, cm_quantised(4 * 9 * 6, 8, false)) +
                           wire_bytes(91, cm_quantised(4, 8, false));
  const std::string layers =
      cm_layer("c", 100, conv, {"x"}, {"h"}) +
      cm_layer("k", 290, wire_packed(1, {4, 1, 1}) + wire_bytes(2, cm_quantised(2, 4, true)), {}, {"k"}) +
      cm_layer("a", 230, "", {"h", "k"}, {"y"});
  const Model model = tf_model(cm_network({6, 9, 9}, layers));
  CHECK(kinds_of(model.main()) == "Conv2D Add");
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  CHECK(analysis->totals.params == 4 * 9 * 6 + 4 + 4);
  CHECK(analysis->totals.weight_bytes == 4 * 9 * 6 + 4 + 2);
}

TEST_CASE("coreml: padding of windows") {
  const auto pool = [](const std::string& more) {
    return cm_network({2, 12, 13},
                      cm_layer("p", 120, wire_packed(10, {3, 3}) + wire_packed(20, {2, 2}) + more, {"x"}, {"y"}));
  };
  const std::string edges = wire_bytes(10, wire_number(1, 1)) + wire_bytes(10, wire_number(2, 2));
  CHECK(output_shape(tf_model(pool(wire_bytes(30, "")))) == "[1,2,5,6]");
  CHECK(output_shape(tf_model(pool(wire_bytes(30, wire_bytes(1, edges))))) == "[1,2,6,7]");
  CHECK(output_shape(tf_model(pool(wire_bytes(31, "")))) == "[1,2,6,7]");
  // Rounded up; with padding no window lies wholly in it.
  CHECK(output_shape(tf_model(pool(wire_bytes(32, wire_packed(10, {0, 0}))))) == "[1,2,6,6]");
  CHECK(output_shape(tf_model(pool(wire_bytes(32, wire_packed(10, {1, 1}))))) == "[1,2,7,7]");
}

TEST_CASE("coreml: transposed convolution, resampling, cropping") {
  const std::string deconvolution = wire_number(1, 6) + wire_number(2, 4) + wire_number(10, 2) +
                                    wire_packed(30, {2, 2}) + wire_number(60, 1) + wire_bytes(90, cm_floats(4 * 3 * 9));
  const std::string borders = wire_bytes(10, wire_number(1, 1) + wire_number(2, 2)) + wire_bytes(10, "");
  const Model model =
      tf_model(cm_network({4, 5, 5}, cm_layer("d", 100, deconvolution, {"x"}, {"d"}) +
                                         cm_layer("u", 210, wire_packed(1, {2, 3}) + wire_number(5, 1), {"d"}, {"u"}) +
                                         cm_layer("p", 200, wire_bytes(2, "") + wire_bytes(10, borders), {"u"}, {"p"}) +
                                         cm_layer("k", 190, wire_bytes(1, borders), {"p"}, {"k"}) +
                                         cm_layer("r", 211, wire_packed(1, {7, 8}), {"k"}, {"y"})));
  CHECK(kinds_of(model.main()) == "ConvTranspose2D ResizeBilinear Pad Slice ResizeBilinear");
  CHECK(shape_of(model, 0) == "[1,6,11,11]");
  CHECK(shape_of(model, 1) == "[1,6,22,33]");
  CHECK(shape_of(model, 2) == "[1,6,25,33]");
  CHECK(shape_of(model, 3) == "[1,6,22,33]");
  CHECK(output_shape(model) == "[1,6,7,8]");
  CHECK(macs_of(model) == 5 * 5 * 3 * 3 * 4 * (6 / 2));
}

TEST_CASE("coreml: recurrent layers over a sequence of numbers") {
  const auto matrices = [](std::initializer_list<unsigned> fields, std::size_t elements) {
    std::string out;
    for (const unsigned field : fields) out += wire_bytes(field, cm_floats(elements));
    return out;
  };
  const std::string lstm_weights =
      matrices({1, 2, 3, 4}, 6 * 5) + matrices({20, 21, 22, 23}, 6 * 6) + matrices({40, 41, 42, 43}, 6);
  const std::string lstm = wire_number(1, 5) + wire_number(2, 6) +
                           wire_bytes(15, wire_number(10, 1) + wire_number(20, 1)) + wire_bytes(20, lstm_weights) +
                           wire_bytes(20, lstm_weights);
  const std::string gru =
      wire_number(1, 12) + wire_number(2, 4) + matrices({30, 31, 32}, 4 * 12) + matrices({50, 51, 52}, 4 * 4);
  const std::string rnn =
      wire_number(1, 4) + wire_number(2, 3) + wire_number(15, 1) + matrices({30}, 3 * 4) + matrices({31}, 3 * 3);
  const std::string embedding = wire_number(1, 9) + wire_number(2, 5) + wire_bytes(20, cm_floats(9 * 5));
  const std::string layers = cm_layer("e", 150, embedding, {"x"}, {"e"}) + cm_layer("l", 430, lstm, {"e"}, {"l"}) +
                             cm_layer("g", 410, gru, {"l"}, {"g"}) + cm_layer("r", 400, rnn, {"g"}, {"r"}) +
                             cm_layer("f", 140, inner_product(3, 2), {"r"}, {"y"});
  const Model model = tf_model(cm_network({1}, layers));
  CHECK(kinds_of(model.main()) == "Reshape EmbeddingLookup LSTM GRU Gather Reshape RNN Dense");
  CHECK(shape_of(model, 1) == "[1,1,5]");
  CHECK(shape_of(model, 2) == "[1,1,12]");
  CHECK(shape_of(model, 4) == "[1,4]");
  CHECK(macs_of(model) == 2 * 4 * 6 * (5 + 6) + 3 * 4 * (12 + 4) + 3 * (4 + 3) + 3 * 2);
  CHECK(params_of(model) == 9 * 5 + 2 * 4 * 6 * (5 + 6 + 1) + 3 * 4 * (12 + 4) + 3 * (4 + 3) + 3 * 2 + 2);
}

TEST_CASE("coreml: networks that keep the axes of their arrays") {
  const auto product = [](unsigned rows, unsigned columns) {
    return wire_number(5, rows) + wire_number(6, columns) + wire_bytes(8, cm_floats(std::size_t{rows} * columns));
  };
  const std::string layers =
      cm_layer("q", 1045, product(8, 8), {"x"}, {"q"}) +
      cm_layer("s", 1140, wire_packed(1, {2, 6, 2, 4}), {"q"}, {"s"}) +
      cm_layer("t", 985, wire_packed(1, {0, 2, 1, 3}), {"s"}, {"t"}) +
      cm_layer("m", 1045, wire_number(2, 1), {"t", "t"}, {"m"}) +
      cm_layer("p", 950, wire_number(1, static_cast<std::uint64_t>(-1)), {"m"}, {"p"}) +
      cm_layer("v", 1045, "", {"p", "t"}, {"v"}) + cm_layer("b", 985, wire_packed(1, {0, 2, 1, 3}), {"v"}, {"b"}) +
      cm_layer("w", 1150, wire_packed(1, {0, 0, 1, -1}), {"b"}, {"w"}) +
      cm_layer("z", 1120, wire_packed(1, {2}), {"w"}, {"z"}) +
      cm_layer("l", 1350, wire_packed(1, {8}) + wire_bytes(3, cm_floats(8)) + wire_bytes(4, cm_floats(8)), {"z"},
               {"l"}) +
      cm_layer("h", 1280, wire_packed(1, {1}), {"l"}, {"y"});
  const Model model = tf_model(cm_network({2, 6, 8}, layers + kExact));
  CHECK(kinds_of(model.main()) ==
        "Dense Reshape Transpose MatMul Softmax MatMul Transpose Reshape Squeeze LayerNorm ReduceMean");
  CHECK(shape_of(model, 3) == "[2,2,6,6]");
  CHECK(shape_of(model, 8) == "[2,6,8]");
  CHECK(output_shape(model) == "[2,8]");
  CHECK(macs_of(model) == 2 * 6 * 8 * 8 + 2 * (2 * 2 * 6 * 6 * 4));
}

TEST_CASE("coreml: branches and loops speak by the names of blobs") {
  const auto dense = [](const std::string& from, const std::string& to) {
    return cm_layer("fc", 140, inner_product(4, 4), {from}, {to});
  };
  const std::string branch =
      wire_bytes(1, dense("x", "z")) + wire_bytes(2, cm_layer("r", 130, wire_bytes(10, ""), {"x"}, {"z"}));
  const std::string loop = wire_number(1, 7) + wire_bytes(4, dense("z", "t") + cm_layer("c", 600, "", {"t"}, {"z"}));
  const std::string tested = wire_number(1, 7) + wire_bytes(2, "go") +
                             wire_bytes(3, cm_layer("g", 830, number_float(2, 0.5F), {"z"}, {"go"})) +
                             wire_bytes(4, dense("z", "z"));
  const std::string layers = cm_layer("b", 605, branch, {"on"}, {}) + cm_layer("l", 615, loop, {}, {}) +
                             cm_layer("y", 600, "", {"z"}, {"y"}) + kExact;
  const std::string description = cm_input("x", {4}) + cm_input("on", {1}) + cm_output("y");
  const Model model = tf_model(cm_model(description, 500, layers));
  CHECK(kinds_of(model.main()) == "If Loop Identity");
  CHECK(macs_of(model) == 4 * 4 + 7 * 4 * 4);
  CHECK(output_shape(model) == "[4]");

  const std::string with_test = cm_layer("b", 605, branch, {"on"}, {}) + cm_layer("l", 615, tested, {}, {}) +
                                cm_layer("y", 600, "", {"z"}, {"y"}) + kExact;
  const Model other = tf_model(cm_model(description, 500, with_test));
  CHECK(kinds_of(other.main()) == "If While Identity");
  const auto analysis = analyse(other);
  REQUIRE(analysis);
  CHECK_FALSE(analysis->coverage.exact);
}

TEST_CASE("coreml: a branch that is never taken may be wrong") {
  const auto joined = [](const std::string& from) { return cm_layer("j", 980, wire_number(1, 0), {"x", from}, {"z"}); };
  const std::string wide = cm_layer("w", 1070, wire_packed(1, {2, 5}) + wire_bytes(2, cm_floats(10)), {}, {"w"});
  const auto layers = [&](float condition) {
    std::string number(4, '\0');
    std::memcpy(number.data(), &condition, 4);
    return cm_layer("o", 1070, wire_packed(1, {1}) + wire_bytes(2, wire_bytes(1, number)), {}, {"on"}) + wide +
           cm_layer("b", 605, wire_bytes(1, joined("w")) + wire_bytes(2, joined("x")), {"on"}, {}) +
           cm_layer("y", 600, "", {"z"}, {"y"}) + kExact;
  };
  const auto model = [&](float condition) {
    return cm_model(cm_input("x", {2, 4}) + cm_output("y"), 500, layers(condition));
  };
  CHECK(output_shape(tf_model(model(0))) == "[4,4]");
  CHECK(tf_error(model(1)).find("[shape-mismatch]") != std::string::npos);
}

TEST_CASE("coreml: a loop that counts in floating-point numbers has known turns") {
  const auto number = [](float value) { return number_float(1, value).substr(1); };
  const std::string test = cm_layer("g", 825, number_float(2, 5), {"i"}, {"go"});
  const auto body = [&](float step) {
    return cm_layer("fc", 140, inner_product(4, 4), {"z"}, {"t"}) +
           cm_layer("n", 230, number_float(1, step), {"i"}, {"j"}) + cm_layer("ci", 600, "", {"j"}, {"i"}) +
           cm_layer("cz", 600, "", {"t"}, {"z"});
  };
  const auto layers = [&](float start, float step) {
    return cm_layer("i", 1070, wire_packed(1, {1}) + wire_bytes(2, wire_bytes(1, number(start))), {}, {"zero"}) +
           cm_layer("ci", 600, "", {"zero"}, {"i"}) + cm_layer("cz", 600, "", {"x"}, {"z"}) +
           cm_layer("l", 615, wire_bytes(2, "go") + wire_bytes(3, test) + wire_bytes(4, body(step)), {}, {}) +
           cm_layer("y", 600, "", {"z"}, {"y"}) + kExact;
  };
  const auto macs = [&](float start, float step) {
    return macs_of(tf_model(cm_model(cm_input("x", {4}) + cm_output("y"), 500, layers(start, step))));
  };
  CHECK(macs(0, 1) == 5 * 4 * 4);
  CHECK(macs(-1, 2) == 3 * 4 * 4);
  CHECK(macs(0, 0.5F) == 4 * 4);  // a lower bound
}

TEST_CASE("coreml: layers that nobody can know are opaque") {
  const std::string custom = wire_bytes(10, "Swirl") + wire_bytes(20, cm_floats(7));
  const std::string named = cm_network({3, 4, 4}, cm_layer("c", 500, custom, {"x"}, {"y"}));
  const auto analysis = analyse(tf_model(named));
  REQUIRE(analysis);
  REQUIRE(analysis->coverage.unknown_ops.size() == 1);
  CHECK(analysis->coverage.unknown_ops[0].op == "CUSTOM:Swirl");
  const auto newer = analyse(tf_model(cm_network({3, 4, 4}, cm_layer("c", 1999, "", {"x"}, {"y"}))));
  REQUIRE(newer);
  REQUIRE(newer->coverage.unknown_ops.size() == 1);
  CHECK(newer->coverage.unknown_ops[0].op == "CUSTOM:layer kind 1999");
}

TEST_CASE("coreml: pipelines join their models by the names of features") {
  const std::string first =
      cm_model(cm_input("x", {3, 8, 8}) + cm_output("h"), 500, cm_layer("c", 100, convolution(4, 3), {"x"}, {"h"}));
  const std::string second =
      cm_model(cm_feature(1, "h", cm_array({4, 4, 4})) + cm_output("y"), 303,
               cm_layer("f", 301, "", {"h"}, {"f"}) + cm_layer("d", 140, inner_product(64, 2), {"f"}, {"y"}));
  const std::string both = wire_bytes(1, first) + wire_bytes(1, second);
  for (const bool classifier : {false, true}) {
    const Model model = tf_model(cm_model(cm_input("x", {3, 8, 8}) + cm_output("y"), classifier ? 200 : 202,
                                          classifier ? wire_bytes(1, both) : both));
    CHECK(kinds_of(model.main()) == "Conv2D Flatten Dense");
    CHECK(macs_of(model) == 4 * 4 * 3 * 3 * 3 * 4 + 64 * 2);
  }
}

TEST_CASE("coreml: models of classical learning") {
  const std::string row = wire_bytes(1, std::string(8 * 5, '\0'));
  const std::string linear = wire_bytes(1, row) + wire_bytes(1, row) + wire_bytes(2, std::string(8 * 2, '\0'));
  const Model model = tf_model(cm_model(cm_input("x", {5}) + cm_output("y"), 300, linear));
  CHECK(kinds_of(model.main()) == "Dense");
  CHECK(macs_of(model) == 5 * 2);
  CHECK(analyse(model)->totals.weight_bytes == 8 * (5 * 2 + 2));
  const auto trees = analyse(tf_model(cm_model(cm_input("x", {5}) + cm_output("y"), 402, "")));
  REQUIRE(trees);
  REQUIRE(trees->coverage.unknown_ops.size() == 1);
  CHECK(trees->coverage.unknown_ops[0].op == "ClassicalMl:treeEnsembleClassifier");
  const auto system = analyse(tf_model(cm_model(cm_feature(1, "x", cm_image(9, 9)) + cm_output("y"), 2002, "")));
  REQUIRE(system);
  CHECK(system->coverage.unknown_ops[0].op == "CUSTOM:visionFeaturePrint");
}

TEST_CASE("coreml: inputs whose extents may vary are counted by default and said to vary") {
  const std::string range = wire_bytes(
      31, wire_bytes(1, wire_number(1, 1) + wire_number(2, 64)) + wire_bytes(1, wire_number(1, 8) + wire_number(2, 8)));
  const std::string type = wire_bytes(5, wire_packed(1, {16, 8}) + wire_number(2, 65568) + range);
  const Model model = tf_model(cm_model(cm_feature(1, "x", type) + cm_output("y"), 500,
                                        cm_layer("d", 140, inner_product(8, 3), {"x"}, {"y"}) + kExact));
  CHECK(macs_of(model) == 16 * 8 * 3);
  REQUIRE(model.diagnostics.items().size() == 1);
  CHECK(model.diagnostics.items()[0].code == "flexible-shape");
  CHECK(model.diagnostics.items()[0].message == "takes other extents too (1..64 x 8); the default ones are counted");
}

TEST_CASE("coreml: errors") {
  const std::string whole = cm_network({3, 8, 8}, cm_layer("c", 100, convolution(4, 3), {"x"}, {"y"}));
  struct Case {
    std::string content, error;
  };
  const Case cases[] = {
      {cm_network({3, 8, 8}, cm_layer("c", 100, convolution(4, 3, "", 100), {"x"}, {"y"})),
       "op #0 convolution \"c\" (byte 0x2c): weights hold 100 elements, [4,3,3,3] takes 108 [damaged]"},
      {cm_network({2, 8, 8}, cm_layer("c", 100, convolution(4, 3), {"x"}, {"y"})),
       "op #0 convolution \"c\" (byte 0x2c): filter has 3 input channels, input has 2 [shape-mismatch]"},
      {cm_network({3, 8, 8}, cm_layer("c", 100, convolution(4, 3), {"z"}, {"y"})),
       "op #0 convolution \"c\" (byte 0x2c): input \"z\" is never defined [invalid-graph]"},
      {cm_network({3, 8, 8}, cm_layer("c", 100, convolution(4, 3), {"x"}, {"q"})),
       "output \"y\" is never defined [invalid-graph]"},
      {cm_network({3, 8, 8}, wire_bytes(1, wire_bytes(1, "c") + wire_bytes(2, "x") + wire_bytes(3, "y"))),
       "op #0 layer \"c\" (byte 0x2a): the layer has no kind [invalid-graph]"},
      {cm_network({3, 8, 8}, cm_layer("c", 100, convolution(4, 3) + "\xff", {"x"}, {"y"})),
       "byte 0x201: a number runs past the end of its message [damaged]"},
      {cm_network({3, 8, 8}, cm_layer("p", 230, "", {}, {"y"})),
       "op #0 add \"p\" (byte 0x2a): has 0 inputs, needs 1 [invalid-graph]"},
      {cm_model(cm_input("x", {3}) + cm_output("y"), 4000, ""),
       "the type of the model has the number 4000, which is not known [unsupported-version]"},
      {cm_model(cm_input("x", {3}) + cm_output("y"), 202, ""), "the pipeline has no models [invalid-graph]"},
      {whole.substr(0, whole.size() - 20),
       "byte 0x25: a field runs past the end of the file, which is cut short or damaged [damaged]"},
  };
  for (const Case& c : cases) CHECK(tf_error(c.content) == c.error);
}

TEST_CASE("coreml: a version newer than what is known is read with a word") {
  const Model model = tf_model(cm_model(cm_input("x", {3, 4, 4}) + cm_output("y"), 500,
                                        cm_layer("r", 130, wire_bytes(10, ""), {"x"}, {"y"}), 40));
  REQUIRE(model.diagnostics.items().size() == 1);
  CHECK(model.diagnostics.items()[0].message == "specification version 40 is newer than 10, the newest known");
}

TEST_CASE("coreml: every cut of a file is refused, none is taken for whole") {
  const std::string whole = cm_network({3, 8, 8}, cm_layer("c", 100, convolution(4, 3), {"x"}, {"y"}) + kExact);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string error = tf_error(whole.substr(0, size));
    INFO(size << ": " << error);
    CHECK(error != "no error");
  }
}
