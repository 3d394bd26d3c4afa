// SPDX-License-Identifier: Apache-2.0
// Damaged ONNX files, and the collection of real ones.
#include <catch2/catch.hpp>
#include <filesystem>
#include <random>

#include "parsers/protobuf_reduce.h"
#include "parsers/protobuf_wire.h"
#include "tests/parsers/onnx_support.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

// A bit of everything: constants, a subgraph that captures, a function, attributes of all kinds.
std::string sample() {
  return encode(
      R"(ir_version: 8 producer_name: 'by hand' opset_import { version: 17 } opset_import { domain: 'my' version: 1 }
    functions { name: 'F' domain: 'my' input: 'a' output: 'b' opset_import { version: 17 } node { op_type: 'Relu' input: 'a' output: 'b' } }
    graph { name: 'g'
      input { name: 'x' type { tensor_type { elem_type: 1 shape { dim { dim_param: 'n' } dim { dim_value: 3 } dim { dim_value: 8 } dim { dim_value: 8 } } } } }
      input { name: 'c' type { tensor_type { elem_type: 9 shape { } } } }
      initializer { name: 'w' dims: [4, 3, 1, 1] data_type: 1 float_data: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }
      initializer { name: 's' dims: 2 data_type: 7 raw_data: '\001\000\000\000\000\000\000\000\377\377\377\377\377\377\377\377' }
      node { op_type: 'Conv' input: 'x' input: 'w' output: 'm' attribute { name: 'strides' type: INTS ints: [1, 1] } }
      node { op_type: 'If' input: 'c' output: 'i'
        attribute { name: 'then_branch' type: GRAPH g { name: 't' node { op_type: 'Neg' input: 'm' output: 'o' } output { name: 'o' } } }
        attribute { name: 'else_branch' type: GRAPH g { name: 'e' node { op_type: 'Abs' input: 'm' output: 'o' } output { name: 'o' } } } }
      node { op_type: 'F' domain: 'my' input: 'i' output: 'f' }
      node { op_type: 'Reshape' input: 'f' input: 's' output: 'y' }
      output { name: 'y' type { tensor_type { elem_type: 1 } } } })");
}

}  // namespace

TEST_CASE("onnx: a file cut at any byte is refused or read, never worse") {
  const std::string whole = sample();
  REQUIRE(read_bytes(whole));
  std::size_t damaged = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto model = read_bytes(std::string_view(whole).substr(0, size));
    INFO("cut at " << size);
    // Whatever is left, the graph is no longer whole: the graph is the outermost message's last field but the opsets.
    if (!model && model.error().code == ErrorCode::kDamaged) ++damaged;
    if (!model) CHECK((model.error().code == ErrorCode::kDamaged || model.error().code == ErrorCode::kNotAModel));
  }
  CHECK(damaged > whole.size() / 2);
}

TEST_CASE("onnx: any byte changed, any bytes shuffled") {
  const std::string whole = sample();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string broken = whole;
      broken[i] = static_cast<char>(broken[i] ^ flip);
      const auto model = read_bytes(broken);
      if (!model) CHECK(model.error().code != ErrorCode::kInternal);
    }
  }
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string broken = whole;
    for (int k = 0; k < 6; ++k) broken[random() % broken.size()] = static_cast<char>(random());
    const auto model = read_bytes(broken);
    if (!model) CHECK(model.error().code != ErrorCode::kInternal);
  }
}

TEST_CASE("onnx: where a cut file breaks") {
  const std::string whole = sample();
  CHECK(read_bytes(std::string_view(whole).substr(0, whole.size() / 2)).error().text() ==
        "ModelProto: byte 0xb: a field runs past the end of the file, which is cut short or damaged [damaged]");
}

TEST_CASE("wire: fields, their places, broken ones") {
  const std::string bytes(
      "\x08\x96\x01\x12\x03"
      "abc"
      "\x1d\x01\x00\x00\x00\x21\x02\x00\x00\x00\x00\x00\x00\x00",
      22);
  WireReader reader(as_bytes(bytes), 0, bytes.size());
  WireField field;
  REQUIRE(reader.next(field));
  CHECK((field.number == 1 && field.value == 150 && field.offset == 0 && field.payload == 1 && field.size == 2));
  REQUIRE(reader.next(field));
  CHECK((field.number == 2 && field.type == WireType::kBytes && field.payload == 5 && field.size == 3));
  REQUIRE(reader.next(field));
  CHECK((field.number == 3 && field.value == 1));
  REQUIRE(reader.next(field));
  CHECK((field.number == 4 && field.value == 2 && field.end() == bytes.size()));
  CHECK_FALSE(reader.next(field));
  CHECK(reader.status());

  const auto broken = [](std::string_view text) {
    WireReader walk(as_bytes(text), 0, text.size());
    WireField ignored;
    while (walk.next(ignored)) {
    }
    return walk.status() ? std::string("whole") : walk.status().error().text();
  };
  using namespace std::string_view_literals;
  CHECK(broken("\x08"sv) == "byte 0x1: a number runs past the end of its message [damaged]");
  CHECK(broken("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv) ==
        "byte 0x1: a number takes more than 10 bytes [damaged]");
  CHECK(broken("\x08\x01\x12\x05"
               "ab"sv) == "byte 0x2: a field runs past the end of the file, which is cut short or damaged [damaged]");
  CHECK(broken("\x00"sv) == "byte 0x0: a field has no valid number [damaged]");
  CHECK(broken("\x0b"sv) == "byte 0x0: a field has a wire type that is not in use [damaged]");
}

// The reduction leaves out large fields, keeps everything else, and survives marks that a file brings along.
TEST_CASE("reduction: what is left and what is located") {
  static constexpr SchemaField kOuter[] = {{1, FieldUse::kMessage, 1}, {9, FieldUse::kSkip}};
  static constexpr SchemaField kInner[] = {{2, FieldUse::kBulk}, {3, FieldUse::kLocate}};
  const SchemaMessage schema[] = {{"Outer", false, kOuter}, {"Inner", true, kInner}};
  const std::string large(10'000, 'L');
  std::string inner = "\x0a\x01k\x1a\x02st";                   // field 1 "k", field 3 "st"
  inner += "\x12\x90\x4e" + large + "\x12\x01s" + "\x20\x07";  // field 2 large, field 2 small, field 4 = 7
  std::string file = "\x4a\x03zzz";                            // field 9: skipped
  file += "\x0a";
  for (std::size_t size = inner.size();; size >>= 7U) {
    file += static_cast<char>(size >= 0x80 ? (size & 0x7fU) | 0x80U : size);
    if (size < 0x80) break;
  }
  file += inner;
  const auto reduced = reduce_message(as_bytes(file), schema, 0);
  REQUIRE(reduced);
  REQUIRE(reduced->places.size() == 1);
  const LocatedMessage& place = reduced->places[0];
  CHECK(file.substr(place.offset, 3) == "\x0a\x01k");
  REQUIRE(place.find(2) != nullptr);
  CHECK(place.find(2)->removed);
  CHECK(place.find(2)->size_bytes == 10'000 + 1);
  CHECK(place.find(2)->occurrences == 2);
  CHECK(file.substr(place.find(2)->offset, 10'000) == large);
  CHECK(file.substr(place.find(3)->offset, 2) == "st");
  CHECK(place.find(5) == nullptr);
  CHECK(reduced->message.size() < 40);
  CHECK(reduced->message.find("zzz") == std::string::npos);
  CHECK(reduced->message.substr(reduced->message.size() - 2) == "\x20\x07");
}

TEST_CASE("onnx: nesting has a limit") {
  std::string graph;
  onnx::ModelProto model;
  auto* inner = model.mutable_graph();
  for (int depth = 0; depth < 60; ++depth) {
    auto* node = inner->add_node();
    node->set_op_type("If");
    auto* attribute = node->add_attribute();
    attribute->set_name("then_branch");
    attribute->set_type(onnx::AttributeProto::GRAPH);
    inner = attribute->mutable_g();
  }
  const auto read = read_bytes(model.SerializeAsString());
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::kTooLarge);
  CHECK(read.error().message == "messages are nested deeper than 100 levels");
}

TEST_CASE("onnx: all real models are read") {
  const std::filesystem::path folder = NNGAUGE_SOURCE_DIR "/../shared/models";
  if (!std::filesystem::exists(folder)) {
    WARN("../shared/models is absent: real ONNX files are not tested");
    return;
  }
  const auto read_file = [](const std::filesystem::path& path) -> Result<Model> {
    auto file = MappedFile::open(path);
    if (!file) return file.error();
    const auto companions = folder_companions(path);
    auto model = read_model({path, (*file)->bytes(), companions.get(), file->get()});
    return model;
  };
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "onnx")) {
    if (entry.path().extension() != ".onnx") continue;
    ++count;
    const auto model = read_file(entry.path());
    INFO(entry.path());
    INFO((model ? std::string() : model.error().text()));
    REQUIRE(model);
    CHECK(model->format == "onnx");
  }
  CHECK(count > 800);
  for (const auto& entry : std::filesystem::directory_iterator(folder / "lookalike")) {
    INFO(entry.path());
    const auto model = read_file(entry.path());
    CHECK((!model || model->format != "onnx"));
  }
}
