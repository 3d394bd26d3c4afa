// SPDX-License-Identifier: Apache-2.0
// What TFLite files say of tensors, constants, subgraphs and signatures.
#include <catch2/catch.hpp>

#include "tests/parsers/tflite_text.h"

namespace nngauge::test {
namespace {

const Tensor& tensor(const Model& model, int id) { return model.main().tensors[static_cast<std::size_t>(id)]; }

std::string shape(const Model& model, int id) { return shape_text(tensor(model, id).declared, model.symbols); }

}  // namespace

TEST_CASE("tflite: extents that the file leaves open") {
  TfliteText t;
  const int x = t.input("[1,1,16]", "FLOAT32", "shape_signature:[-1,-1,16]");
  const int y = t.tensor("[1,1,16]", "FLOAT32", "shape_signature:[-1,-1,16]");
  const int wave = t.input("[1]", "FLOAT32", "shape_signature:[-1]");
  t.op("ABS", {x}, {y});
  const Model model = t.model();
  CHECK(shape(model, x) == "[batch,t0.dim1,16]");
  CHECK(shape(model, wave) == "[t2.dim0]");  // a length, not a batch
  CHECK(shape(model, y) == "[?,?,16]");
}

TEST_CASE("tflite: tensors without axes") {
  SECTION("older files: a constant is a scalar, and so is an input; of results rules decide") {
    TfliteText t;
    const int x = t.input("[]"), wide = t.input("[2]"), c = t.constant("[]"), y = t.tensor("[]");
    t.op("ADD_N", {x, wide, c}, {y});
    const Model model = t.model();
    CHECK(shape(model, x) == "[]");
    CHECK(shape(model, c) == "[]");
    CHECK_FALSE(tensor(model, y).declared.ranked());
  }
  SECTION("newer files say has_rank") {
    TfliteText t;
    const int x = t.input("[]", "FLOAT32", "has_rank:true"), open = t.input("[]"),
              y = t.tensor("[]", "FLOAT32", "has_rank:true");
    t.op("ADD", {x, open}, {y});
    const Model model = t.model();
    CHECK(shape(model, x) == "[]");
    CHECK_FALSE(tensor(model, open).declared.ranked());
    CHECK(shape(model, y) == "[]");
  }
}

TEST_CASE("tflite: an input that loses an axis is no scalar") {
  TfliteText t;
  const int x = t.input("[]"), y = t.tensor("[]");
  t.op("SQUEEZE", {x}, {y}, "SqueezeOptions", "squeeze_dims:[1]");
  CHECK_FALSE(tensor(t.model(), x).declared.ranked());
}

TEST_CASE("tflite: constants are located, small ones decoded, weights never") {
  TfliteText t;
  const int x = t.input("[4]"), ints = t.ints({7, -2}), w = t.constant("[2,4]"), y = t.tensor("[2]");
  t.op("FULLY_CONNECTED", {x, w, -1}, {y}, "FullyConnectedOptions", "");
  t.op("PAD", {y, ints}, {t.tensor("[7]")});
  const std::string bytes = t.bytes();
  const Result<Model> model = read_bytes(bytes);
  REQUIRE(model);
  const Tensor& pads = tensor(*model, ints);
  CHECK(pads.is_constant);
  REQUIRE(pads.value);
  CHECK(pads.value->known_ints() == std::vector<std::int64_t>{7, -2});
  CHECK(pads.data.file == 0);
  CHECK(pads.data.size_bytes == 2 * 4);
  CHECK(bytes.substr(pads.data.offset, 8) == std::string("\x07\0\0\0\xFE\xFF\xFF\xFF", 8));
  CHECK(tensor(*model, w).data.size_bytes == 2 * 4 * 4);
  CHECK_FALSE(tensor(*model, w).value);
}

TEST_CASE("tflite: packed, sparse and quantised constants") {
  TfliteText t;
  const int x = t.input("[3]");
  struct Case {
    const char *shape, *type;
    int bytes;
    const char* more;
    QuantScheme scheme;
    std::int32_t axis, block;
    std::uint64_t stored;
  };
  const std::vector<Case> cases = {
      {"[5,3]", "INT4", 8, "quantization:{scale:[0.5]}", QuantScheme::kPerTensor, 0, 0, 0},
      {"[5,3]", "INT2", 4, "quantization:{scale:[1,2,3], quantized_dimension:1}", QuantScheme::kPerChannel, 1, 0, 0},
      {"[5,3]", "INT8", 15, "quantization:{min:[0], max:[1]}", QuantScheme::kNone, 0, 0, 0},
      {"[8,32]", "INT4", 128,
       "quantization:{details_type:BlockwiseQuantization, details:{scales:0, zero_points:-1, block_size:16}}",
       QuantScheme::kBlockwise, 0, 16, 0},
      {"[8,1,1,32]", "FLOAT16", 154, "sparsity:{traversal_order:[0,1,2,3]}", QuantScheme::kNone, 0, 0, 77},
  };
  for (const Case& c : cases) {
    TfliteText one = t;
    const int w = one.constant(c.shape, c.type, c.bytes, c.more), y = one.tensor("[1]");
    one.op("ADD_N", {x, w}, {y});
    const Model model = one.model();
    const Tensor& constant = tensor(model, w);
    INFO(c.shape << " " << c.type);
    CHECK(constant.data.size_bytes == static_cast<std::uint64_t>(c.bytes));
    CHECK(constant.quantization.scheme == c.scheme);
    CHECK(constant.quantization.axis == c.axis);
    CHECK(constant.quantization.block_size == c.block);
    CHECK(constant.stored_elements == c.stored);
    CHECK(model.diagnostics.items().empty());
  }
}

TEST_CASE("tflite: buffers behind the tables, for files above 2 GB") {
  TfliteText t;
  const int x = t.input("[4]"), y = t.tensor("[4]");
  // The tables of this model end before byte 2000.
  const int w = t.tensor("[2,2]", "FLOAT32", "buffer:1");
  t.buffer("{offset:2000, size:16}");
  t.op("ADD_N", {x, w}, {y});
  std::string bytes = t.bytes();
  REQUIRE(bytes.size() < 2000);
  bytes.resize(2000 + 16);
  SECTION("inside the file") {
    const Result<Model> model = read_bytes(bytes);
    REQUIRE(model);
    CHECK(tensor(*model, w).is_constant);
    CHECK(tensor(*model, w).data == DataRef{0, 2000, 16});
  }
  SECTION("cut off") {
    bytes.pop_back();
    const Result<Model> model = read_bytes(bytes);
    REQUIRE_FALSE(model);
    CHECK(model.error().text() ==
          "tensor #2 \"t2\": 16 bytes at byte 2000 run past the end of the file at 2015 bytes [damaged]");
  }
}

TEST_CASE("tflite: weights in another file have their declared length") {
  TfliteText t;
  const int x = t.input("[4]"), w = t.tensor("[100]", "FLOAT32", "external_buffer:7"), y = t.tensor("[4]");
  t.op("ADD_N", {x, w}, {y});
  t.model_fields("external_buffer_groups:[{name:\"weights.bin\"}]");
  SECTION("listed") {
    t.model_fields("external_buffers:[{id:7, group:0, offset:64, length:400}]");
    const Model model = t.model();
    REQUIRE(model.files.size() == 2);
    CHECK(model.files[1].name == "weights.bin");
    CHECK_FALSE(model.files[1].size_bytes);
    CHECK(tensor(model, w).data == DataRef{1, 64, 400});
    REQUIRE(model.diagnostics.items().size() == 1);
    CHECK(model.diagnostics.items()[0].code == "external-weights");
  }
  SECTION("not listed") {
    CHECK(t.error() == "tensor #1 \"t1\": names external buffer 7, which is not listed [invalid-graph]");
  }
}

TEST_CASE("tflite: constants must be as long as their shape says") {
  TfliteText t;
  const int x = t.input("[4]"), y = t.tensor("[4]");
  SECTION("too short") {
    const int c = t.constant("[4]", "FLOAT32", 15);
    t.op("ADD", {x, c}, {y});
    CHECK(t.error() == "tensor #2 \"t2\": [4] of float32 needs 16 bytes, its buffer holds 15 [damaged]");
  }
  SECTION("too long") {
    const int c = t.constant("[4]", "FLOAT32", 17);
    t.op("ADD", {x, c}, {y});
    const Model model = t.model();
    REQUIRE(model.diagnostics.items().size() == 1);
    CHECK(model.diagnostics.items()[0].code == "buffer-too-long");
    CHECK(model.diagnostics.items()[0].message == "[4] of float32 needs 16 bytes, its buffer holds 17");
  }
}

TEST_CASE("tflite: inputs of inner graphs keep their places, even where one holds data") {
  TfliteText t;
  const int x = t.input("[4]"), y = t.tensor("[4]");
  t.op("CALL", {x, x}, {y}, "CallOptions", "subgraph:1");
  const int data = t.buffer("{data:[0,0,0,0]}");
  t.subgraph("{tensors:[{shape:[1], buffer:" + std::to_string(data) +
             "},{shape:[4]}], inputs:[0,1], outputs:[1], operators:[]}");
  CHECK(t.model().graphs[1].inputs == std::vector<TensorId>{0, 1});
}

TEST_CASE("tflite: tensors that nothing defines") {
  TfliteText t;
  const int x = t.input("[4]"), y = t.tensor("[4]");
  SECTION("without elements: an empty constant") {
    const int empty = t.tensor("[0]", "INT32");
    t.op("RESHAPE", {x, empty}, {y});
    const Model model = t.model();
    CHECK(tensor(model, empty).is_constant);
    CHECK(tensor(model, empty).value->size() == 0);
    CHECK(model.diagnostics.items().empty());
  }
  SECTION("weights whose data was taken out count by their shape") {
    const int w = t.tensor("[4]");
    t.op("ADD", {x, w}, {y});
    const Model model = t.model();
    CHECK(tensor(model, w).is_constant);
    CHECK(tensor(model, w).data.file == -1);
    REQUIRE(model.diagnostics.items().size() == 1);
    CHECK(model.diagnostics.items()[0].code == "no-data");
  }
  SECTION("indices must have elements") {
    t.op("SEGMENT_SUM", {x, t.tensor("[4]", "INT32")}, {y});
    CHECK(t.error().find("tensor #2 \"t2\" has no data and no operator computes it [invalid-graph]") !=
          std::string::npos);
  }
}

TEST_CASE("tflite: a tensor written again is another tensor") {
  TfliteText t;
  const int x = t.input("[4]"), y = t.tensor("[4]");
  t.op("ABS", {x}, {x});
  t.op("NEG", {x}, {y});
  const Graph graph = t.model().main();
  REQUIRE(graph.tensors.size() == 3);
  CHECK(graph.ops[0].inputs[0].tensor == 0);
  CHECK(graph.ops[0].outputs[0] == 2);
  CHECK(graph.ops[1].inputs[0].tensor == 2);
}

TEST_CASE("tflite: operators are named by their results and placed in the file") {
  TfliteText t;
  const int x = t.input("[4]");
  const int y = t.tensor("[4]");
  t.op("ABS", {x}, {y});
  const std::string bytes = t.bytes();
  const Result<Model> model = read_bytes(bytes);
  REQUIRE(model);
  const Op& op = model->main().ops[0];
  CHECK(op.name == "t1");
  CHECK(op.source.index == 0);
  CHECK(op.source.byte_offset > 8);
  CHECK(op.source.byte_offset < bytes.size());
}

TEST_CASE("tflite: signatures and metadata") {
  TfliteText t;
  const int x = t.input("[4]"), y = t.tensor("[4]");
  t.op("ABS", {x}, {y});
  const int version = t.buffer("{data:[50,46,49,48,0,0,0,0]}");
  t.model_fields("metadata:[{name:\"min_runtime_version\", buffer:" + std::to_string(version) + "}]");
  SECTION("read") {
    t.model_fields(
        "signature_defs:[{signature_key:\"serve\", inputs:[{name:\"in\", tensor_index:0}], "
        "outputs:[{name:\"out\", tensor_index:1}]}]");
    const Model model = t.model();
    REQUIRE(model.signatures.size() == 1);
    CHECK(model.signatures[0].key == "serve");
    CHECK(model.signatures[0].inputs[0] == std::pair<std::string, TensorId>("in", 0));
    CHECK(model.signatures[0].outputs[0] == std::pair<std::string, TensorId>("out", 1));
    CHECK(model.metadata[0] == std::pair<std::string, std::string>("min_runtime_version", "2.10"));
  }
  SECTION("of other graphs are named") {
    t.subgraph("{tensors:[{shape:[4]}], inputs:[0], outputs:[0], operators:[]}");
    t.model_fields("signature_defs:[{signature_key:\"prefill\"}, {signature_key:\"decode\", subgraph_index:1}]");
    const Model model = t.model();
    REQUIRE(model.diagnostics.items().size() == 1);
    CHECK(model.diagnostics.items()[0].message == "signature \"prefill\" of 2 is read: prefill, decode");
  }
  SECTION("of the same graph are no others") {
    t.model_fields("signature_defs:[{signature_key:\"a\"}, {signature_key:\"b\"}]");
    CHECK(t.model().diagnostics.items().empty());
  }
  SECTION("of a tensor that does not exist") {
    t.model_fields("signature_defs:[{signature_key:\"serve\", inputs:[{name:\"in\", tensor_index:9}]}]");
    CHECK(t.error() == "signature #0: names tensor #9 of 2 [invalid-graph]");
  }
}

TEST_CASE("tflite: versions and identifiers") {
  TfliteText t;
  const int x = t.input("[4]"), y = t.tensor("[4]");
  t.op("ABS", {x}, {y});
  std::string bytes = t.bytes();
  const auto outcome = [&] {
    const Result<Model> model = read_bytes(bytes);
    if (!model) return model.error().text();
    return model->diagnostics.items().empty() ? std::string("read") : model->diagnostics.items()[0].code;
  };
  SECTION("TFL3") { CHECK(outcome() == "read"); }
  SECTION("TFL2") {
    bytes[7] = '2';
    CHECK(outcome() == "TFLite schema version 2; only version 3 files can be read [unsupported-version]");
  }
  SECTION("another identifier, but the tables of a model") {
    bytes.replace(4, 4, "\0\0\0\0", 4);
    CHECK(outcome() == "no-identifier");
  }
  SECTION("a version of the future") {
    bytes = tflite_from_json("{version:9, subgraphs:[{tensors:[{shape:[4]}]}]}");
    CHECK(outcome() == "TFLite schema version 9; versions 1 to 3 can be read [unsupported-version]");
  }
  SECTION("no subgraphs") {
    bytes = tflite_from_json("{version:3}");
    CHECK(outcome() == "the model has no subgraphs [invalid-graph]");
  }
}

TEST_CASE("tflite: numbers of tensors and codes are checked") {
  TfliteText t;
  const int x = t.input("[4]"), y = t.tensor("[4]");
  SECTION("operand") {
    t.op("ADD", {x, 2}, {y});
    CHECK(t.error() == "op #0: operand 1 is tensor #2 of 2 [invalid-graph]");
  }
  SECTION("result") {
    t.op("ABS", {x}, {-2});
    t.outputs({y});
    CHECK(t.error() == "op #0: result 0 is tensor #-2 of 2 [invalid-graph]");
  }
  SECTION("graph output") {
    t.op("ABS", {x}, {y});
    t.outputs({5});
    CHECK(t.error() == "output 0 is tensor #5 of 2 [invalid-graph]");
  }
  SECTION("operator code") {
    t.op("ABS", {x}, {y});
    t.op_fields("mutating_variable_inputs:[]");
    const std::string json = t.json();
    std::string changed = json;
    changed.replace(changed.find("opcode_index:0"), 14, "opcode_index:3");
    const std::string bytes = tflite_from_json(changed);
    const Result<Model> model = read_bytes(bytes);
    REQUIRE_FALSE(model);
    CHECK(model.error().text() == "op #0 \"t1\": names operator code 3 of 1 [damaged]");
  }
  SECTION("buffer") {
    t.op("ADD", {x, t.tensor("[4]", "FLOAT32", "buffer:8")}, {y});
    CHECK(t.error() == "tensor #2 \"t2\": names buffer 8 of 1 [damaged]");
  }
  SECTION("a stored index outside the axis") {
    t.op("GATHER", {x, t.ints({4})}, {y}, "GatherOptions", "");
    CHECK(t.error() == "op #0 GATHER \"t1\": index 4 lies outside an axis of 4 elements [invalid-graph]");
  }
}

}  // namespace nngauge::test
