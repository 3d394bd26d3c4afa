// SPDX-License-Identifier: Apache-2.0
// The ONNX reader on graphs: names, constants, subgraphs, functions, side files; and exact errors.
#include <catch2/catch.hpp>

#include "graph/shape_inference.h"
#include "tests/parsers/onnx_support.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

constexpr const char* kHead = "ir_version: 8 opset_import { version: 17 } ";
constexpr const char* kInputX =
    "input { name: 'x' type { tensor_type { elem_type: 1 shape { dim { dim_value: 1 } dim { dim_value: 4 } } } } } ";

std::string graph(const std::string& body) { return kHead + std::string("graph { name: 'g' ") + body + "}"; }

std::string error_of(const std::string& text, const Companions& companions = no_companions()) {
  const auto model = read_text(text, companions);
  return model ? "read" : model.error().text();
}

const Tensor& tensor(const Model& model, std::string_view name) {
  for (const Tensor& t : model.main().tensors) {
    if (t.name == name) return t;
  }
  FAIL("no tensor " << name);
  return model.main().tensors.front();
}

Model read(const std::string& text, const Companions& companions = no_companions()) {
  auto model = read_text(text, companions);
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  return *std::move(model);
}

std::string shape_of(const Model& model, std::string_view name) {
  return shape_text(tensor(model, name).declared, model.symbols);
}

}  // namespace

TEST_CASE("onnx: names, versions, declared shapes") {
  const Model model = read(R"(ir_version: 7 producer_name: 'tool' producer_version: '1.2' doc_string: 'why'
    opset_import { version: 13 } opset_import { domain: 'com.microsoft' version: 1 } metadata_props { key: 'k' value: 'v' }
    graph { name: 'net'
      input { name: 'a' type { tensor_type { elem_type: 1 shape { dim { dim_param: 'N' } dim { dim_value: -1 } dim { dim_value: 8 } } } } }
      input { name: 'b' type { tensor_type { elem_type: 1 shape { dim { } dim { dim_value: 0 } dim { dim_value: 8 } } } } }
      input { name: 'c' type { tensor_type { elem_type: 7 } } }
      input { name: 'd' type { sequence_type { elem_type { tensor_type { elem_type: 1 } } } } }
      node { op_type: 'Add' input: 'a' input: 'b' output: 'm' }
      node { name: 'last' op_type: 'Relu' input: 'm' output: 'y' }
      value_info { name: 'm' type { tensor_type { elem_type: 10 shape { dim { dim_param: 'N' } dim { dim_value: 2 } } } } }
      output { name: 'y' }
    })");
  CHECK(model.format == "onnx");
  CHECK(model.format_version == "7");
  CHECK(model.name == "net");
  CHECK(model.producer == "tool 1.2");
  CHECK(model.description == "why");
  CHECK(model.metadata == std::vector<std::pair<std::string, std::string>>{
                              {"opset ai.onnx", "13"}, {"opset com.microsoft", "1"}, {"k", "v"}});
  CHECK(shape_of(model, "a") == "[N,?,8]");
  CHECK(shape_of(model, "b") == "[batch,?,8]");
  CHECK(shape_of(model, "c") == "[?...]");
  CHECK(tensor(model, "c").dtype == DType::kInt64);
  CHECK(tensor(model, "d").dtype == DType::kVariant);
  CHECK(shape_of(model, "m") == "[N,2]");
  CHECK(tensor(model, "m").dtype == DType::kFloat16);
  CHECK(model.main().inputs == std::vector<TensorId>{0, 1, 2, 3});
  CHECK(model.main().ops[0].name == "m");
  CHECK(model.main().ops[1].name == "last");
  CHECK(model.main().ops[1].source.index == 1);
}

TEST_CASE("onnx: initialisers that are listed as inputs are constants") {
  const Model model = read("ir_version: 3 graph { name: 'g' " + std::string(kInputX) +
                           "input { name: 'w' type { tensor_type { elem_type: 1 shape { dim { dim_value: 4 } } } } }"
                           "initializer { name: 'w' dims: 4 data_type: 1 float_data: [1, 2, 3, 4] }"
                           "node { op_type: 'Mul' input: 'x' input: 'w' output: 'y' } output { name: 'y' } }");
  CHECK(model.main().inputs.size() == 1);
  CHECK(tensor(model, "w").is_constant);
  CHECK(tensor(model, "w").value->reals == std::vector<double>{1, 2, 3, 4});
  // Without an opset 1 is assumed: the old broadcast rule.
  CHECK(graph_text(model, model.main()) == "Mul (x, w) -> (y) broadcast\n");
  REQUIRE(model.diagnostics.items().size() == 1);
  CHECK(model.diagnostics.items()[0].code == "opset-missing");
}

TEST_CASE("onnx: constants of every storage") {
  struct Case {
    const char* text;
    const char* type;
    std::uint64_t bytes;
    std::vector<std::int64_t> ints;
    std::vector<double> reals;
  };
  const std::vector<Case> cases = {
      {"dims: 2 data_type: 1 raw_data: '\\000\\000\\200?\\000\\000\\000@'", "float32 [2]", 2 * 4, {}, {1, 2}},
      {"data_type: 1 float_data: 3", "float32 []", 1 * 4, {}, {3}},
      {"dims: 2 data_type: 2 int32_data: [255, 1]", "uint8 [2]", 2 * 1, {255, 1}, {}},
      {"dims: 2 data_type: 3 int32_data: [-1, 1]", "int8 [2]", 2 * 1, {-1, 1}, {}},
      {"dims: 2 data_type: 5 raw_data: '\\377\\377\\001\\000'", "int16 [2]", 2 * 2, {-1, 1}, {}},
      {"dims: 1 data_type: 6 int32_data: -7", "int32 [1]", 1 * 4, {-7}, {}},
      {"dims: 1 data_type: 7 int64_data: -7", "int64 [1]", 1 * 8, {-7}, {}},
      {"dims: 2 data_type: 9 int32_data: [0, 1]", "bool [2]", 2 * 1, {0, 1}, {}},
      {"dims: 2 data_type: 10 int32_data: [15360, 49152]", "float16 [2]", 2 * 2, {}, {1, -2}},
      {"dims: 1 data_type: 16 raw_data: '\\200?'", "bfloat16 [1]", 1 * 2, {}, {1}},
      {"dims: 1 data_type: 11 double_data: 0.5", "float64 [1]", 1 * 8, {}, {0.5}},
      {"dims: 1 data_type: 12 uint64_data: 9", "uint32 [1]", 1 * 4, {9}, {}},
      {"dims: 3 data_type: 22 raw_data: '\\001\\002'", "int4 [3]", 2, {}, {}},
      {"dims: 3 data_type: 21 int32_data: [1, 2]", "uint4 [3]", 2, {}, {}},
      {"dims: 4 data_type: 17 int32_data: [1, 2, 3, 4]", "float8e4m3fn [4]", 4 * 1, {}, {}},
      {"dims: 1 data_type: 14 float_data: [1, 2]", "complex64 [1]", 1 * 8, {}, {}},
      {"dims: 2 data_type: 8 string_data: 'ab' string_data: 'c'", "string [2]", 3, {}, {}},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const Model model = read(graph(std::string("initializer { name: 'w' ") + c.text + " } output { name: 'w' }"));
    const Tensor& w = tensor(model, "w");
    CHECK(std::string(dtype_name(w.dtype)) + " " + shape_of(model, "w") == c.type);
    CHECK(w.data.file == 0);
    CHECK(w.data.size_bytes == c.bytes);
    if (!c.ints.empty()) CHECK(w.value->known_ints() == c.ints);
    if (!c.reals.empty()) CHECK(w.value->reals == c.reals);
    if (c.ints.empty() && c.reals.empty()) CHECK_FALSE(w.value);
  }
}

TEST_CASE("onnx: where the bytes lie") {
  const std::string bytes =
      encode(graph("initializer { name: 'w' dims: 2 data_type: 1 raw_data: 'ABCDEFGH' } output { name: 'w' }"));
  const auto model = read_bytes(bytes);
  REQUIRE(model);
  const DataRef data = tensor(*model, "w").data;
  CHECK(bytes.substr(data.offset, data.size_bytes) == "ABCDEFGH");
}

// Large fields are located, not copied; the graph around them is read from the reduced message all the same.
TEST_CASE("onnx: large constants are located") {
  onnx::ModelProto proto =
      parse_model(graph(std::string(kInputX) + "node { op_type: 'Relu' input: 'x' output: 'y' } output { name: 'y' }"));
  auto* raw = proto.mutable_graph()->add_initializer();
  raw->set_name("raw"), raw->set_data_type(1), raw->add_dims(5000), raw->set_raw_data(std::string(5000 * 4, 'r'));
  auto* typed = proto.mutable_graph()->add_initializer();
  typed->set_name("typed"), typed->set_data_type(2), typed->add_dims(100), typed->add_dims(200);
  for (int i = 0; i < 100 * 200; ++i) typed->add_int32_data(200);  // two bytes each on the wire
  auto* floats = proto.mutable_graph()->add_initializer();
  floats->set_name("floats"), floats->set_data_type(1), floats->add_dims(3000);
  for (int i = 0; i < 3000; ++i) floats->add_float_data(1.5F);
  const std::string bytes = proto.SerializeAsString();
  const auto model = read_bytes(bytes);
  REQUIRE(model);
  CHECK(bytes.substr(tensor(*model, "raw").data.offset, 5000 * 4) == std::string(5000 * 4, 'r'));
  CHECK(tensor(*model, "floats").data.size_bytes == 3000 * 4);
  CHECK(tensor(*model, "floats").data.encoded_bytes == 0);
  CHECK(tensor(*model, "typed").data.size_bytes == 100 * 200);
  CHECK(tensor(*model, "typed").data.encoded_bytes == 100 * 200 * 2);
  CHECK(graph_text(*model, model->main()) == "Relu (x) -> (y)\n");
}

TEST_CASE("onnx: Constant nodes are constants, not operators") {
  const Model model = read(graph(std::string(kInputX) + R"(
    node { op_type: 'Constant' output: 'f' attribute { name: 'value_float' type: FLOAT f: 2.5 } }
    node { op_type: 'Constant' output: 'i' attribute { name: 'value_ints' type: INTS ints: [3, 4] } }
    node { op_type: 'Constant' output: 't' attribute { name: 'value' type: TENSOR t { dims: 1 data_type: 7 int64_data: 6 } } }
    node { op_type: 'Constant' output: 's' attribute { name: 'value_string' type: STRING s: 'hi' } }
    node { op_type: 'Constant' output: 'z' attribute { name: 'sparse_value' type: SPARSE_TENSOR sparse_tensor {
      values { dims: 2 data_type: 1 float_data: [1, 2] } indices { dims: 2 data_type: 7 int64_data: [0, 5] } dims: [3, 4] } } }
    node { op_type: 'Mul' input: 'x' input: 'f' output: 'y' } output { name: 'y' })"));
  CHECK(graph_text(model, model.main()) == "Mul (x, f) -> (y)\n");
  CHECK(model.main().ops[0].source.index == 5);
  CHECK(tensor(model, "f").value->reals == std::vector<double>{2.5});
  CHECK(tensor(model, "i").value->known_ints() == std::vector<std::int64_t>{3, 4});
  CHECK(tensor(model, "t").value->known_ints() == std::vector<std::int64_t>{6});
  CHECK(tensor(model, "s").dtype == DType::kString);
  CHECK(shape_of(model, "z") == "[3,4]");
  CHECK(tensor(model, "z").stored_elements == 2);
  CHECK(tensor(model, "z").data.size_bytes == 2 * 4);
}

TEST_CASE("onnx: sparse initialisers are named by their values") {
  const Model model = read(graph(R"(sparse_initializer { values { name: 'w' dims: 3 data_type: 1 float_data: [1, 2, 3] }
    indices { dims: 3 data_type: 7 int64_data: [0, 5, 9] } dims: [4, 4] } output { name: 'w' })"));
  CHECK(shape_of(model, "w") == "[4,4]");
  CHECK(tensor(model, "w").stored_elements == 3);
}

TEST_CASE("onnx: subgraphs capture names of the graphs around them") {
  const Model model = read(graph(std::string(kInputX) + R"(
    input { name: 'c' type { tensor_type { elem_type: 9 shape { } } } }
    initializer { name: 'w' dims: 4 data_type: 1 float_data: [1, 2, 3, 4] }
    node { op_type: 'If' input: 'c' output: 'y'
      attribute { name: 'then_branch' type: GRAPH g { name: 'then' node { op_type: 'If' input: 'c' output: 'inner'
        attribute { name: 'then_branch' type: GRAPH g { name: 'deep' node { op_type: 'Add' input: 'x' input: 'w' output: 'o' } output { name: 'o' } } }
        attribute { name: 'else_branch' type: GRAPH g { name: 'other' node { op_type: 'Relu' input: 'x' output: 'o' } output { name: 'o' } } }
      } output { name: 'inner' } } }
      attribute { name: 'else_branch' type: GRAPH g { name: 'else' node { op_type: 'Neg' input: 'x' output: 'n' } output { name: 'n' } } } }
    output { name: 'y' })"));
  REQUIRE(model.graphs.size() == 5);
  CHECK(graph_text(model, model.main()) ==
        "If (c, w:capture, x:capture, c:capture) -> (y) control then_graph=1 else_graph=4\n");
  CHECK(model.graphs[1].name == "then");
  CHECK(graph_text(model, model.graphs[1]) ==
        "If (c, x:capture, w:capture) -> (inner) control then_graph=2 else_graph=3\n");
  CHECK(graph_text(model, model.graphs[2]) == "Add (x, w) -> (o)\n");
  CHECK(model.graphs[2].parent == 1);
  CHECK(model.graphs[1].parent == 0);
  // The stand-in of a captured constant holds its value, but not its storage.
  const Tensor& inner = model.graphs[2].tensors[static_cast<std::size_t>(model.graphs[2].ops[0].inputs[1].tensor)];
  CHECK_FALSE(inner.is_constant);
  CHECK(inner.value->reals == std::vector<double>{1, 2, 3, 4});
  CHECK(model.graphs[2].captures.size() == 2);
}

// Exporters write an If for a squeeze that depends on the rank: the condition is known, the branches disagree.
TEST_CASE("onnx: an If whose condition is known has the shapes of its branch") {
  auto model = read(graph(std::string(kInputX) + R"(
    initializer { name: 'one' data_type: 7 int64_data: 1 }
    node { op_type: 'Shape' input: 'x' output: 's' }
    initializer { name: 'first' data_type: 7 int64_data: 0 }
    node { op_type: 'Gather' input: 's' input: 'first' output: 'd' }
    node { op_type: 'Equal' input: 'd' input: 'one' output: 'is_one' }
    node { op_type: 'If' input: 'is_one' output: 'y'
      attribute { name: 'then_branch' type: GRAPH g { name: 't' node { op_type: 'Flatten' input: 'x' output: 'o' attribute { name: 'axis' type: INT i: 2 } } output { name: 'o' } } }
      attribute { name: 'else_branch' type: GRAPH g { name: 'e' initializer { name: 'perm' dims: 1 data_type: 7 int64_data: 0 }
        node { op_type: 'Squeeze' input: 'd' input: 'perm' output: 'o' } output { name: 'o' } } } }
    output { name: 'y' })"));
  REQUIRE(complete_model(model, {}));
  CHECK(shape_text(tensor(model, "y").shape, model.symbols) == "[4,1]");
}

TEST_CASE("onnx: Loop and Scan") {
  const Model model = read(graph(std::string(kInputX) + R"(
    initializer { name: 'n' data_type: 7 int64_data: 5 } initializer { name: 't' data_type: 9 int32_data: 1 }
    node { op_type: 'Loop' input: 'n' input: 't' input: 'x' output: 'y' attribute { name: 'body' type: GRAPH g { name: 'b'
      input { name: 'i' } input { name: 'go' } input { name: 'v' }
      node { op_type: 'Relu' input: 'v' output: 'r' } output { name: 'go' } output { name: 'r' } } } }
    node { op_type: 'Scan' input: 'y' input: 'x' output: 's' output: 'o' attribute { name: 'num_scan_inputs' type: INT i: 1 }
      attribute { name: 'body' type: GRAPH g { name: 'b2' input { name: 'a' } input { name: 'e' }
      node { op_type: 'Add' input: 'a' input: 'e' output: 'q' } output { name: 'q' } output { name: 'q' } } } }
    output { name: 'o' })"));
  CHECK(graph_text(model, model.main()) ==
        "Loop (n:config, t:config, x) -> (y) control body_graph=1\n"
        "Scan (y, x) -> (s, o) control body_graph=2 scan_inputs=1\n");
  CHECK(model.graphs[1].inputs.size() == 3);
  CHECK(model.graphs[2].outputs.size() == 2);
}

// As torch exports while_loop: the body says whether there is another trip, from the new counter or from the old one.
TEST_CASE("onnx: a Loop that ends by its condition is counted") {
  const auto trips = [](const std::string& compared, int start, const std::string& limit) {
    Model model = read(graph(std::string(kInputX) + R"(
      initializer { name: 't' data_type: 9 int32_data: 1 } initializer { name: 's' data_type: 7 int64_data: )" +
                             std::to_string(start) + R"( }
      node { op_type: 'Loop' input: '' input: 't' input: 's' input: 'x' output: 'n' output: 'y' attribute { name: 'body' type: GRAPH g { name: 'b'
        initializer { name: 'one' data_type: 7 int64_data: 1 } initializer { name: 'limit' data_type: 7 int64_data: )" +
                             limit + R"( }
        input { name: 'trip' } input { name: 'go' } input { name: 'i' } input { name: 'v' }
        node { op_type: 'Add' input: 'i' input: 'one' output: 'j' } node { op_type: 'Less' input: ')" +
                             compared + R"(' input: 'limit' output: 'more' }
        node { op_type: 'Relu' input: 'v' output: 'r' } output { name: 'more' } output { name: 'j' } output { name: 'r' } } } }
      output { name: 'y' })"));
    REQUIRE(complete_model(model, {}));
    return std::get<ControlAttrs>(model.main().ops[0].attrs).trip_count;
  };
  CHECK(trips("j", 0, "5") == 5);
  CHECK(trips("j", 7, "5") == 1);  // at least the first one
  CHECK(trips("i", 0, "5") == 6);  // the old counter lets one more pass
}

TEST_CASE("onnx: results of quantised operators have the type of the zero points") {
  Model model = read(graph(R"(
    input { name: 'x' type { tensor_type { elem_type: 2 shape { dim { dim_value: 2 } dim { dim_value: 8 } } } } }
    initializer { name: 'w' dims: 8 dims: 4 data_type: 3 raw_data: '01234567012345670123456701234567' }
    initializer { name: 's' data_type: 1 float_data: 1 } initializer { name: 'z' data_type: 2 int32_data: 0 }
    initializer { name: 'zw' data_type: 3 int32_data: 0 }
    node { op_type: 'QLinearMatMul' input: 'x' input: 's' input: 'z' input: 'w' input: 's' input: 'zw' input: 's' input: 'z' output: 'q' }
    node { op_type: 'MatMulInteger' input: 'q' input: 'v' output: 'y' }
    initializer { name: 'v' dims: 4 dims: 3 data_type: 3 raw_data: '012345670123' } output { name: 'y' })"));
  REQUIRE(complete_model(model, {}));
  const auto result = [&](std::size_t op) {
    return model.main().tensors[static_cast<std::size_t>(model.main().ops[op].outputs[0])].dtype;
  };
  CHECK(result(0) == DType::kUInt8);
  CHECK(result(1) == DType::kInt32);
}

TEST_CASE("onnx: functions are inlined") {
  const std::string functions = R"(
    functions { name: 'Twice' domain: 'my' input: 'a' output: 'b' attribute: 'axis' opset_import { version: 11 }
      node { op_type: 'Softmax' input: 'a' output: 'mid' attribute { name: 'axis' type: INT ref_attr_name: 'axis' } }
      node { op_type: 'Softmax' input: 'mid' output: 'b' } }
    functions { name: 'Outer' domain: 'my' input: 'p' input: 'q' output: 'r' output: 'unused' opset_import { domain: 'my' version: 1 } opset_import { version: 17 }
      node { op_type: 'Constant' output: 'k' attribute { name: 'value_float' type: FLOAT f: 2 } }
      node { op_type: 'Mul' input: 'p' input: 'k' output: 'pk' }
      node { op_type: 'Twice' domain: 'my' input: 'pk' output: 'r' attribute { name: 'axis' type: INT i: 0 } }
      node { op_type: 'Neg' input: 'r' output: 'unused' } } )";
  const Model model =
      read(kHead + functions + "graph { name: 'g' " + kInputX +
           "node { name: 'f' op_type: 'Outer' domain: 'my' input: 'x' output: 'y' } "
           "node { op_type: 'Twice' domain: 'my' input: 'y' output: 'z' attribute { name: 'axis' type: INT i: 1 } } "
           "output { name: 'z' } }");
  CHECK(graph_text(model, model.main()) ==
        "Mul (x, f/k) -> (f/pk)\n"
        "Softmax (f/pk) -> (f/r/mid) axis flatten_2d=true\n"  // axis 0, by the call; opset 11 of the function
        "Softmax (f/r/mid) -> (y) axis axis=1 flatten_2d=true\n"
        "Neg (y) -> (f/unused)\n"
        "Softmax (y) -> (z/mid) axis axis=1 flatten_2d=true\n"
        "Softmax (z/mid) -> (z) axis axis=1 flatten_2d=true\n");
  CHECK(model.main().ops[1].source.index == 0);
  CHECK(model.main().ops[4].source.index == 1);
}

TEST_CASE("onnx: a function that hands its input through, or returns a constant") {
  const std::string text = kHead + std::string(R"(
    functions { name: 'Same' domain: 'my' input: 'a' output: 'a' output: 'k' opset_import { version: 17 }
      node { op_type: 'Constant' output: 'k' attribute { name: 'value_ints' type: INTS ints: [7] } } }
    graph { name: 'g' )") + kInputX +
                           "node { op_type: 'Same' domain: 'my' input: 'x' output: 'y' output: 'c' } output { name: "
                           "'y' } output { name: 'c' } }";
  const Model model = read(text);
  CHECK(graph_text(model, model.main()) == "Identity (x) -> (y)\n");
  CHECK(tensor(model, "c").is_constant);
  CHECK(tensor(model, "c").value->known_ints() == std::vector<std::int64_t>{7});
}

TEST_CASE("onnx: functions that cannot be inlined") {
  const auto call = [](const std::string& functions, const std::string& node) {
    return error_of(kHead + functions + "graph { name: 'g' " + kInputX + node + " output { name: 'y' } }");
  };
  const std::string use = "node { op_type: 'F' domain: 'my' input: 'x' output: 'y' }";
  CHECK(call("functions { name: 'F' domain: 'my' input: 'a' output: 'b' opset_import { domain: 'my' version: 1 } "
             "node { op_type: 'F' domain: 'my' input: 'a' output: 'b' } }",
             use) ==
        "op #0 my.F \"y\" (byte 0x6): op #0 my.F \"b\" (byte 0x42): function \"F\" calls itself [invalid-graph]");
  CHECK(call("functions { name: 'F' domain: 'my' output: 'b' }", use) ==
        "op #0 my.F \"y\" (byte 0x6): a call with 1 operands and 1 results of function \"F\", which has 0 and 1 "
        "[invalid-graph]");
  CHECK(call("functions { name: 'F' domain: 'my' input: 'a' output: 'b' }", use) ==
        "op #0 my.F \"y\" (byte 0x6): output \"b\" of function \"F\" is never defined [invalid-graph]");
  CHECK(call("functions { name: 'F' domain: 'my' } functions { name: 'F' domain: 'my' }", use) ==
        "function \"F\" is defined twice [invalid-graph]");
}

TEST_CASE("onnx: a function that doubles itself at every level is stopped") {
  std::string functions;
  for (int i = 0; i < 40; ++i) {
    const std::string callee = i == 0 ? "op_type: 'Relu'" : "op_type: 'F" + std::to_string(i - 1) + "' domain: 'my'";
    functions += "functions { name: 'F" + std::to_string(i) +
                 "' domain: 'my' input: 'a' output: 'b' opset_import { version: 17 } node { " + callee +
                 " input: 'a' output: 'm' } node { " + callee + " input: 'm' output: 'b' } } ";
  }
  const auto model = read_text(kHead + functions + "graph { name: 'g' " + kInputX +
                               "node { op_type: 'F39' domain: 'my' input: 'x' output: 'y' } output { name: 'y' } }");
  REQUIRE_FALSE(model);
  CHECK(model.error().code == ErrorCode::kTooLarge);
  CHECK(model.error().message.starts_with("calls of functions make more than 100,0"));
}

TEST_CASE("onnx: external data") {
  const auto text = [](const std::string& entries) {
    return graph("initializer { name: 'w' dims: [2, 3] data_type: 1 data_location: EXTERNAL " + entries +
                 "} output { name: 'w' }");
  };
  const auto entry = [](const std::string& key, const std::string& value) {
    return "external_data { key: '" + key + "' value: '" + value + "' } ";
  };
  const FakeCompanions files({{"w.bin", 100}, {"sub/w.bin", 24}});
  const Model model = read(text(entry("location", "w.bin") + entry("offset", "76") + entry("length", "24")), files);
  CHECK(tensor(model, "w").data == DataRef{1, 76, 2 * 3 * 4});
  CHECK(model.files[1].name == "w.bin");
  CHECK(model.files[1].size_bytes == 100);
  CHECK(tensor(read(text(entry("location", "sub/w.bin")), files), "w").data == DataRef{1, 0, 24});

  const Model missing = read(text(entry("location", "gone.bin")), files);
  CHECK_FALSE(missing.files[1].size_bytes);
  CHECK(tensor(missing, "w").data.size_bytes == 24);
  REQUIRE(missing.diagnostics.items().size() == 1);
  CHECK(missing.diagnostics.items()[0].message ==
        "side file \"gone.bin\" with external weights cannot be read; its ranges are not checked");

  CHECK(error_of(text(entry("location", "w.bin") + entry("offset", "77")), files) ==
        "initializer \"w\": the external data of float32 [2,3] at 77 takes 24 bytes, side file \"w.bin\" has 100 "
        "[damaged]");
  CHECK(error_of(text(entry("location", "w.bin") + entry("offset", "18446744073709551610")), files) ==
        "initializer \"w\": the external data of float32 [2,3] at 18446744073709551610 takes 24 bytes, side file "
        "\"w.bin\" has 100 [damaged]");
  CHECK(error_of(text(entry("location", "w.bin") + entry("length", "23")), files) ==
        "initializer \"w\": 23 bytes of external data, float32 [2,3] takes 24 [damaged]");
  CHECK(error_of(text(entry("location", "w.bin") + entry("offset", "-1")), files) ==
        "initializer \"w\": offset of the external data is \"-1\", not a number [damaged]");
  for (const auto& [name, why] : std::map<std::string, std::string>{{"/etc/passwd", "absolute path"},
                                                                    {"C:w.bin", "drive letter"},
                                                                    {"../w.bin", "`..` in the path"},
                                                                    {"a/../w.bin", "`..` in the path"},
                                                                    {"", "empty name"}}) {
    CHECK(error_of(text(entry("location", name)), files) ==
          "initializer \"w\": side file \"" + name + "\" refused: " + why + " [unsafe-path]");
  }
}

TEST_CASE("onnx: stored tensors that contradict themselves") {
  const auto text = [](const std::string& body) {
    return graph("initializer { name: 'w' " + body + "} output { name: 'w' }");
  };
  CHECK(error_of(text("dims: [3, 3] data_type: 1 raw_data: 'AAAABBBBCCCC'")) ==
        "initializer \"w\": raw_data holds 12 bytes, float32 [3,3] takes 36 [damaged]");
  CHECK(error_of(text("dims: [3] data_type: 1 float_data: [1, 2]")) ==
        "initializer \"w\": float_data holds 2 numbers, float32 [3] takes 3 [damaged]");
  CHECK(error_of(text("dims: [3] data_type: 2 int32_data: [1, 2, 3, 4]")) ==
        "initializer \"w\": int32_data holds 4 numbers, uint8 [3] takes 3 [damaged]");
  CHECK(error_of(text("dims: [2, -3] data_type: 1")) ==
        "initializer \"w\": a stored tensor has the negative extent -3 [damaged]");
  CHECK(error_of(text("dims: [2] data_type: 0")) ==
        "initializer \"w\": a stored tensor has the unknown element type 0 [damaged]");
  CHECK(error_of(text("dims: [4294967296, 4294967296] data_type: 1 float_data: 1")) ==
        "initializer \"w\": the elements of float32 [4294967296,4294967296] do not fit 64 bits [damaged]");
  CHECK(error_of(text("dims: [4611686018427387904] data_type: 1 raw_data: 'A'")) ==
        "initializer \"w\": the bytes of float32 [4611686018427387904] do not fit 64 bits [damaged]");
}

TEST_CASE("onnx: names that are defined twice or never") {
  const std::string x = kInputX;
  CHECK(error_of(graph(x + "node { op_type: 'Relu' input: 'x' output: 'y' } node { op_type: 'Neg' input: 'x' output: "
                           "'y' } output { name: 'y' }")) ==
        "op #1 Neg \"y\" (byte 0x14): tensor \"y\" is defined twice [invalid-graph]");
  CHECK(error_of(graph(x + "node { op_type: 'Add' input: 'x' input: 'gone' output: 'y' } output { name: 'y' }")) ==
        "op #0 Add \"y\" (byte 0x6): operand 1 \"gone\" is never defined [invalid-graph]");
  CHECK(error_of(graph(x + "node { op_type: 'Relu' input: 'x' output: 'y' } output { name: 'z' }")) ==
        "output \"z\" of the graph is never defined [invalid-graph]");
  CHECK(error_of(graph(x + x + "node { op_type: 'Relu' input: 'x' output: 'y' } output { name: 'y' }")) ==
        "input \"x\" of the graph is listed twice [invalid-graph]");
  CHECK(error_of(graph("initializer { name: 'w' data_type: 1 float_data: 1 } initializer { name: 'w' data_type: 1 "
                       "float_data: 1 } output { name: 'w' }")) ==
        "initializer \"w\": tensor \"w\" is defined twice [invalid-graph]");
}

TEST_CASE("onnx: a node that overwrites its own operand") {
  const Model model =
      read(graph(std::string(kInputX) + "node { op_type: 'Count' domain: 'my' input: 'x' output: 'x' } node { op_type: "
                                        "'Relu' input: 'x' output: 'y' } output { name: 'y' }"));
  CHECK(model.main().ops[0].inputs[0].tensor != model.main().ops[0].outputs[0]);
  CHECK(model.main().ops[1].inputs[0].tensor == model.main().ops[0].outputs[0]);
  CHECK(model.diagnostics.items()[0].code == "tensor-overwritten");
}

// The open first axis is taken for a batch of 1 first; where that cannot be, it stays open.
TEST_CASE("onnx: an open first axis that cannot be a batch of 1") {
  auto model =
      read_bytes(node_model(13, "x:float[?,15]", "op_type: 'Split' input: 'x' output: 'a' output: 'b' output: 'c'"));
  REQUIRE(model);
  REQUIRE(complete_model(*model, {}));
  CHECK(model->assumed_dims.empty());
  REQUIRE(model->diagnostics.items().size() == 2);
  CHECK(
      model->diagnostics.items()[0].message ==
      "with 1 for the open batch the shapes do not fit: op #0 Split \"a\" (byte 0x6): extent 1 cannot be split into 3 "
      "parts [shape-mismatch]");
  CHECK(model->diagnostics.items()[1].message == "extent batch is open; pass --dim batch=N");

  auto fits = read_bytes(node_model(13, "x:float[?,15]", "op_type: 'Relu' input: 'x' output: 'a'"));
  REQUIRE(fits);
  REQUIRE(complete_model(*fits, {}));
  CHECK(fits->assumed_dims.size() == 1);
  CHECK(shape_text(fits->main().tensors[1].shape, fits->symbols) == "[1,15]");
}

TEST_CASE("onnx: files of other formats") {
  CHECK(read_bytes("ir_version: 7\ngraph {\n}\n").error().text() ==
        "an ONNX model as protobuf text, not in the binary form; convert it (protoc --encode=onnx.ModelProto) "
        "[unsupported-format]");
  // A lone node and a lone tensor are no models.
  onnx::NodeProto node;
  node.add_input("x"), node.add_output("y"), node.set_op_type("Relu");
  CHECK(read_bytes(node.SerializeAsString()).error().code == ErrorCode::kSideFile);
  onnx::TensorProto tensor_proto;
  tensor_proto.add_dims(2), tensor_proto.set_data_type(1), tensor_proto.set_raw_data("AAAABBBB");
  CHECK(read_bytes(tensor_proto.SerializeAsString()).error().code == ErrorCode::kSideFile);
}
