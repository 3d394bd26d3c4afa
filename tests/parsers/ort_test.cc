// SPDX-License-Identifier: Apache-2.0
// ONNX Runtime's own format: a model in it says what the ONNX file says that it was made of.
#include "parsers/ort/ort.h"

#include <catch2/catch.hpp>

#include "cost/analysis.h"
#include "cost/memory.h"
#include "flatbuffers/flatbuffers.h"
#include "graph/shape_inference.h"
#include "ort_generated.h"
#include "tests/parsers/onnx_support.h"
#include "tests/parsers/ort_support.h"

namespace nngauge::test {
namespace {

Result<Model> read_ort(std::string_view bytes, const std::string& path = "m.ort") {
  return read_model({path, as_bytes(bytes)});
}
std::string error_of(std::string_view bytes) {
  const auto model = read_ort(bytes);
  return model ? "" : model.error().text();
}

Result<Model> read_file(const std::string& name) {
  const std::string path = std::string(NNGAUGE_SOURCE_DIR) + "/data/models/" + name;
  const auto file = MappedFile::open(path);
  REQUIRE(file);
  return read_model({path, (*file)->bytes()});
}

struct Numbers {
  Totals totals;
  std::optional<std::uint64_t> peak_bytes;
};
Numbers count(Result<Model>& model) {
  INFO((model ? "" : model.error().text()));
  REQUIRE(model);
  const Status completed = complete_model(*model, {});
  INFO((completed ? "" : completed.error().text()));
  REQUIRE(completed);
  const auto analysis = analyse(*model);
  REQUIRE(analysis);
  CHECK(analysis->coverage.exact);
  return {analysis->totals, measure_memory(*model).peak_activation_bytes};
}

void check_same(Result<Model> of_onnx, Result<Model> of_ort) {
  const Numbers a = count(of_onnx), b = count(of_ort);
  CHECK(of_ort->format == "ort");
  CHECK(graph_text(*of_onnx, of_onnx->main()) == graph_text(*of_ort, of_ort->main()));
  CHECK(a.totals.macs == b.totals.macs);
  CHECK(a.totals.flops == b.totals.flops);
  CHECK(a.totals.params == b.totals.params);
  CHECK(a.totals.weight_bytes == b.totals.weight_bytes);
  CHECK(a.totals.read_bytes == b.totals.read_bytes);
  CHECK(a.totals.write_bytes == b.totals.write_bytes);
  CHECK(a.peak_bytes == b.peak_bytes);
}

constexpr std::string_view kImage =
    "input { name: 'x' type { tensor_type { elem_type: 1 shape { dim { dim_param: 'batch' } dim { dim_value: 3 } dim { "
    "dim_value: 8 } dim { dim_value: 8 } } } } } output { name: 'y' } ";

std::string zeros(std::string_view name, std::string_view dims, std::size_t floats) {
  std::string out =
      "initializer { name: '" + std::string(name) + "' data_type: 1 " + std::string(dims) + " raw_data: '";
  for (std::size_t i = 0; i < 4 * floats; ++i) out += "\\000";
  return out + "' } ";
}
std::string filter() { return zeros("w", "dims: 4 dims: 3 dims: 3 dims: 3", 4 * 3 * 3 * 3); }
std::string model_of(const std::string& graph) {
  return "ir_version: 9 opset_import { version: 17 } opset_import { domain: 'com.microsoft' version: 1 } graph { " +
         std::string(kImage) + graph + " }";
}

}  // namespace

TEST_CASE("ort: same numbers as the ONNX files that ONNX Runtime made it of", "[ort]") {
  for (const std::string name : {"cnn", "loop", "transformer"}) {
    INFO(name);
    check_same(read_file(name + ".onnx"), read_file(name + ".ort"));
  }
}

TEST_CASE("ort: what ONNX Runtime fused is read too", "[ort]") {
  auto plain = read_file("cnn.onnx"), fused = read_file("cnn_fused.ort");
  const Numbers a = count(plain), b = count(fused);
  CHECK(a.totals.macs == b.totals.macs);
  const Graph& graph = fused->main();
  CHECK(graph.ops.size() < plain->main().ops.size());
  CHECK(std::any_of(graph.ops.begin(), graph.ops.end(), [](const Op& op) {
    return op.source_op == "com.microsoft.FusedConv" && op.activation == FusedActivation::kRelu;
  }));
}

TEST_CASE("ort: same numbers as ONNX, by kinds of graph", "[ort]") {
  const std::string text = GENERATE_COPY(
      // Convolution with its activation fused.
      model_of(filter() + "node { op_type: 'FusedConv' domain: 'com.microsoft' name: 'c' input: 'x' input: 'w' output: "
                          "'y' attribute { name: 'activation' type: STRING s: 'Relu' } }"),
      // A constant node, integers that a shape follows from.
      model_of("node { op_type: 'Constant' output: 's' attribute { name: 'value' type: TENSOR t { data_type: 7 dims: 2 "
               "int64_data: [0, -1] } } } node { op_type: 'Reshape' input: 'x' input: 's' output: 'y' }"),
      // Branches that read what lies around them, one of them with weights of its own.
      model_of(filter() +
               "initializer { name: 'flag' data_type: 9 int32_data: 1 } node { op_type: 'If' input: 'flag' output: 'y' "
               "attribute { name: 'then_branch' type: GRAPH g { node { op_type: 'Conv' input: 'x' input: 'w' output: "
               "'a' attribute { name: 'pads' type: INTS ints: [1, 1, 1, 1] } } output { name: 'a' } } } "
               "attribute { name: 'else_branch' type: GRAPH g { initializer { name: 'k' data_type: 1 dims: 1 "
               "float_data: 2 } node { op_type: 'Mul' input: 'x' input: 'k' output: 'b' } output { name: 'b' } } } }"),
      // Stored sparsely: a value and its place.
      model_of("sparse_initializer { values { name: 'd' data_type: 1 dims: 2 float_data: [1, 2] } indices { name: 'i' "
               "data_type: 7 dims: 2 int64_data: [0, 5] } dims: [3, 8, 8] } node { op_type: 'Mul' input: 'x' input: "
               "'d' output: 'y' }"));
  INFO(text);
  check_same(read_text(text), read_ort(encode_ort(parse_model(text))));
}

TEST_CASE("ort: versions, metadata and places", "[ort]") {
  onnx::ModelProto proto =
      parse_model(model_of(filter() + "node { op_type: 'Conv' name: 'c' input: 'x' input: 'w' output: 'y' }") +
                  "producer_name: 'maker' producer_version: '2' metadata_props { key: 'task' value: 'test' }");
  const std::string file = encode_ort(proto, {"5"});
  const auto model = read_ort(file);
  REQUIRE(model);
  CHECK(model->format_version == "5");
  CHECK(model->producer == "maker 2");
  CHECK(model->metadata == std::vector<std::pair<std::string, std::string>>{
                               {"opset ai.onnx", "17"}, {"opset com.microsoft", "1"}, {"task", "test"}});
  const Op& op = model->main().ops[0];
  CHECK(op.source.byte_offset > 0);
  CHECK(op.source.byte_offset < file.size());
  const Tensor& weight = model->main().tensors[static_cast<std::size_t>(op.inputs[1].tensor)];
  CHECK(weight.data.size_bytes == 4 * 3 * 3 * 3 * 4);
  CHECK(weight.data.offset + weight.data.size_bytes <= file.size());
  CHECK(model->diagnostics.items().empty());

  const auto newer = read_ort(encode_ort(proto, {"7"}));
  REQUIRE(newer);
  REQUIRE(newer->diagnostics.items().size() == 1);
  CHECK(newer->diagnostics.items()[0].message == "version \"7\" of the format is newer than 6, the newest known");
}

TEST_CASE("ort: weights in another file keep their extents", "[ort]") {
  const auto proto =
      parse_model(model_of(filter() + "node { op_type: 'Conv' name: 'c' input: 'x' input: 'w' output: 'y' }"));
  auto model = read_ort(encode_ort(proto, {"6", true}));
  const Numbers numbers = count(model);
  CHECK(numbers.totals.macs == 6 * 6 * 4 * 3 * 3 * 3);
  CHECK(model->diagnostics.items()[0].message ==
        "the bytes of 1 constants lie in another file, which this one does not name");
}

TEST_CASE("ort: operators stand in any order", "[ort]") {
  auto model =
      read_ort(encode_ort(parse_model(model_of("node { op_type: 'Tanh' name: 'b' input: 'm' output: 'y' } node { "
                                               "op_type: 'Relu' name: 'a' input: 'x' output: 'm' }"))));
  REQUIRE(model);
  REQUIRE(complete_model(*model, {}));
  CHECK(model->main().ops[0].name == "a");
  CHECK(model->diagnostics.items().empty());
}

TEST_CASE("ort: an operator without a rule is told by its name", "[ort]") {
  auto model = read_ort(encode_ort(
      parse_model(model_of("node { op_type: 'Own' domain: 'org.example' name: 'c' input: 'x' output: 'y' }"))));
  REQUIRE(model);
  CHECK(model->main().ops[0].kind == OpKind::kCustom);
  CHECK(model->main().ops[0].source_op == "org.example.Own");
}

TEST_CASE("ort: a file is known by its identifier and its tables", "[ort]") {
  const std::string file =
      encode_ort(parse_model(model_of("node { op_type: 'Relu' name: 'r' input: 'x' output: 'y' }")));
  CHECK(ort::sniff({"m.bin", as_bytes(file)}).confidence == Confidence::kCertain);
  std::string other = file;
  other.replace(4, 4, "XXXX");
  CHECK(ort::sniff({"m.ort", as_bytes(other)}).confidence == Confidence::kNone);
  std::string rootless = file;
  rootless[3] = 0x7F;
  CHECK(ort::sniff({"m.bin", as_bytes(rootless)}).confidence == Confidence::kLikely);
  CHECK(error_of(rootless).find("[damaged]") != std::string::npos);
}

TEST_CASE("ort: what is wrong is said", "[ort]") {
  const std::string conv = "node { op_type: 'Conv' name: 'c' input: 'x' input: 'w' output: 'y' }";
  SECTION("weights that are too few") {
    const std::string few = model_of(zeros("w", "dims: 4 dims: 3 dims: 3 dims: 3", 5) + conv);
    CHECK(error_of(encode_ort(parse_model(few))) ==
          "initializer \"w\": raw_data holds 20 bytes, float32 [4,3,3,3] takes 432 [damaged]");
  }
  SECTION("an operand that nothing makes") {
    const std::string error = error_of(encode_ort(parse_model(model_of(conv))));
    CHECK(error.starts_with("op #0 Conv \"c\" (byte 0x"));
    CHECK(error.ends_with("operand 1 \"w\" is never defined [invalid-graph]"));
  }
  SECTION("no graph, no model") {
    flatbuffers::FlatBufferBuilder fbb;
    fbb.Finish(ort::fb::CreateSessionDirect(fbb, "6", ort::fb::CreateModelDirect(fbb, 8)), "ORTM");
    CHECK(error_of({reinterpret_cast<const char*>(fbb.GetBufferPointer()), fbb.GetSize()}) ==
          "the file has no graph [not-a-model]");
    flatbuffers::FlatBufferBuilder empty;
    empty.Finish(ort::fb::CreateSessionDirect(empty, "version of nothing"), "ORTM");
    CHECK(error_of({reinterpret_cast<const char*>(empty.GetBufferPointer()), empty.GetSize()}) ==
          "the file has no model [not-a-model]");
  }
  SECTION("cut off") {
    const std::string file = encode_ort(parse_model(model_of(filter() + conv)));
    const std::string error = error_of(std::string_view(file).substr(0, file.size() - 40));
    CHECK(error == "model.operator_sets[0] (byte 0x88): the table would lie at byte 1216, the file has 1200 [damaged]");
  }
  SECTION("graphs inside each other") {
    std::string inner = "node { op_type: 'Relu' input: 'x' output: 'o' } output { name: 'o' }";
    for (int i = 0; i < 25; ++i) {
      inner = "node { op_type: 'If' input: 'x' output: 'o' attribute { name: 'then_branch' type: GRAPH g { " + inner +
              " } } } output { name: 'o' }";
    }
    const std::string error = error_of(encode_ort(
        parse_model("ir_version: 9 opset_import { version: 17 } graph { " + std::string(kImage) + inner + " }")));
    CHECK(error.starts_with("model.graph.nodes[0].attributes[0].g.nodes[0]"));
    CHECK(error.ends_with("tables are nested more than 64 deep [damaged]"));
  }
}

}  // namespace nngauge::test
