// SPDX-License-Identifier: Apache-2.0
#include "parsers/dlc/dlc.h"

#include <bit>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "cost/analysis.h"
#include "dlc3_generated.h"
#include "dlc4_generated.h"
#include "graph/shape_inference.h"

namespace nngauge {
namespace {

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

struct Member {
  std::string name, content;
  std::uint16_t method = 0, flags = 0;
};

// A ZIP archive with members as they are.
std::string zip(const std::vector<Member>& members) {
  std::string out, directory;
  for (const Member& m : members) {
    const std::size_t header = out.size();
    const auto common = [&](std::string& to) {
      put(to, 20, 2), put(to, m.flags, 2), put(to, m.method, 2), put(to, 0, 4), put(to, 0, 4);
      put(to, m.content.size(), 4), put(to, m.content.size(), 4), put(to, m.name.size(), 2), put(to, 0, 2);
    };
    put(out, 0x04034b50, 4);
    common(out);
    out += m.name + m.content;
    put(directory, 0x02014b50, 4), put(directory, 20, 2);
    common(directory);
    put(directory, 0, 2), put(directory, 0, 2), put(directory, 0, 2), put(directory, 0, 4), put(directory, header, 4);
    directory += m.name;
  }
  const std::size_t begin = out.size();
  out += directory;
  put(out, 0x06054b50, 4), put(out, 0, 4), put(out, members.size(), 2), put(out, members.size(), 2);
  put(out, directory.size(), 4), put(out, begin, 4), put(out, 0, 2);
  return out;
}

// Fields of a protobuf message.
void varint(std::string& out, std::uint64_t value) {
  for (; value > 127; value >>= 7) out += static_cast<char>((value & 127) | 128);
  out += static_cast<char>(value);
}
std::string number(int field, std::uint64_t value) {
  std::string out;
  varint(out, static_cast<std::uint64_t>(field) << 3), varint(out, value);
  return out;
}
std::string real(int field, float value) {
  std::string out;
  varint(out, (static_cast<std::uint64_t>(field) << 3) | 5);
  put(out, std::bit_cast<std::uint32_t>(value), 4);
  return out;
}
std::string bytes(int field, const std::string& content) {
  std::string out;
  varint(out, (static_cast<std::uint64_t>(field) << 3) | 2), varint(out, content.size());
  return out + content;
}
std::string numbers(int field, const std::vector<int>& values) {
  std::string out;
  for (const int value : values) out += number(field, static_cast<std::uint64_t>(value));
  return out;
}

std::string header(int major, int minor) {
  std::string out = "\xD5\x0A";
  put(out, static_cast<std::uint64_t>(major), 2), put(out, static_cast<std::uint64_t>(minor), 2), put(out, 0, 2);
  return out;
}

std::string weight(const std::vector<int>& dims, bool quantised, std::size_t missing = 0) {
  std::size_t elements = 1;
  for (const int extent : dims) elements *= static_cast<std::size_t>(extent);
  if (!quantised) return numbers(1, dims) + bytes(2, std::string(4 * elements - missing, '\x3f'));
  return numbers(1, dims) +
         bytes(3, bytes(3, std::string(elements - missing, '\x80')) + bytes(4, number(1, 8) + real(2, -1)));
}

std::string layer(const std::string& name, int type, const std::vector<int>& dims,
                  const std::vector<std::string>& inputs, const std::string& output, const std::string& params,
                  bool quantised = false) {
  std::string out = bytes(1, name) + number(2, static_cast<std::uint64_t>(type)) + numbers(3, dims);
  for (const std::string& input : inputs) out += bytes(7, input);
  out += bytes(8, output);
  if (quantised) out += bytes(10, bytes(4, number(1, 8)));
  return bytes(5, out + params);
}

// Input 1 x 10 x 12 x 3, convolution 3 x 3 with stride 2 to 8 channels, ReLU, max pooling, sum, dense.
std::string record_2(bool quantised, std::size_t missing = 0) {
  const std::string conv =
      numbers(1, {3}) + numbers(2, {3}) + numbers(3, {2}) + numbers(4, {2}) + numbers(5, {1}) + numbers(6, {1}) +
      numbers(7, {1}) + numbers(8, {1}) + numbers(9, {1}) +
      bytes(20, bytes(1, weight({3, 3, 3, 8}, quantised, missing)) + bytes(2, weight({8}, quantised)));
  return header(2, 5) + layer("in", 60, {1, 10, 12, 3}, {"in"}, "in", bytes(40, number(1, 0)), quantised) +
         layer("conv", 40, {1, 5, 6, 8}, {"in"}, "c", bytes(30, conv), quantised) +
         layer("act", 150, {1, 5, 6, 8}, {"c"}, "r", bytes(90, number(1, 3)), quantised) +
         layer("pool", 130, {1, 3, 3, 8}, {"r"}, "p",
               bytes(110, numbers(1, {2}) + numbers(2, {2}) + numbers(3, {2}) + numbers(4, {2}) + number(7, 0)),
               quantised) +
         layer("fc", 100, {1, 5}, {"p"}, "y",
               bytes(70, bytes(1, weight({5, 72}, quantised)) + bytes(2, weight({5}, quantised))), quantised);
}

Result<Model> read(const std::string& file) {
  ModelSource source{"m.dlc", as_bytes(file)};
  source.companions = &no_companions();
  return dlc::read(source);
}
std::string error_of(const std::string& file) {
  const auto model = read(file);
  return model ? "" : model.error().text();
}

struct Counts {
  Model model;
  Totals totals;
};
Counts count(const std::string& file) {
  auto model = read(file);
  INFO((model ? "" : model.error().text()));
  REQUIRE(model);
  const Status completed = complete_model(*model, {});
  INFO((completed ? "" : completed.error().text()));
  REQUIRE(completed);
  auto analysis = analyse(*model);
  REQUIRE(analysis);
  return {std::move(*model), analysis->totals};
}

namespace v3 = dlc::v3;
namespace v4 = dlc::v4;
using Fbb = flatbuffers::FlatBufferBuilder;

template <class T>
std::string finish(Fbb& fbb, flatbuffers::Offset<T> root, const char* id, int major) {
  fbb.Finish(root, id);
  return header(major, 0) + std::string(reinterpret_cast<const char*>(fbb.GetBufferPointer()), fbb.GetSize());
}

// The same convolution and ReLU as record 3.
std::vector<Member> record_3(const std::vector<float>& weights) {
  Fbb fbb;
  const auto integer = [&](const char* name, int value) {
    return v3::CreateAttributeDirect(fbb, name, 2, false, value);
  };
  const auto dims = [&](const std::vector<int>& extents) {
    const std::vector list = {v3::CreateAttributeDirect(fbb, "0", 8, false, 0, 0, 0, nullptr, 0, nullptr, &extents)};
    return v3::CreateAttributeDirect(fbb, "OutputDims", 11, false, 0, 0, 0, nullptr, 0, nullptr, nullptr, nullptr, 0,
                                     &list);
  };
  const auto node = [&](int index, const char* name, const char* type, const char* in, const char* out,
                        std::vector<flatbuffers::Offset<v3::Attribute>> attributes) {
    const std::vector inputs = {fbb.CreateString(in)}, outputs = {fbb.CreateString(out)};
    return v3::CreateNodeDirect(fbb, index, name, type, &inputs, &outputs, &attributes);
  };
  const std::vector nodes = {
      node(0, "in", "Input", "in", "in", {dims({1, 10, 12, 3})}),
      node(1, "conv", "Convolutional", "in", "c",
           {dims({1, 5, 6, 8}), integer("stride", 2), integer("stride_y", 2), integer("padding", 1),
            integer("padding_y", 1), integer("kernel_size", 3), integer("kernel_size_y", 3), integer("groups", 1)}),
      node(2, "act", "Neuron", "c", "r", {dims({1, 5, 6, 8}), v3::CreateAttributeDirect(fbb, "type", 3, false, 0, 1)})};
  const std::string model = finish(fbb, v3::CreateNetDirect(fbb, 0, &nodes), "NETD", 3);
  Fbb params;
  const std::vector<int> shape = {3, 3, 3, 8};
  const std::vector tensors = {
      v3::CreateTensorDirect(params, "weights_0", &shape, v3::CreateTensorDataDirect(params, 9, nullptr, &weights))};
  const std::vector list = {v3::CreateNodeParamsDirect(params, "conv", &tensors)};
  return {{"dlc.metadata", "converter-version=1.50\nmodel-version=N/A\n"},
          {"model", model},
          {"model.params", finish(params, v3::CreateParamsDirect(params, &list), "NETP", 3)}};
}

// Depthwise convolution with multiplier 2, dense and an unknown operator, as record 4.
std::vector<Member> record_4() {
  Fbb fbb, params;
  std::vector<flatbuffers::Offset<v4::Tensor>> tensors;
  std::vector<flatbuffers::Offset<v4::TensorBytes>> stored;
  std::uint32_t id = 0;
  const auto tensor = [&](const char* name, const std::vector<int>& shape, int location, int dtype, std::size_t size) {
    tensors.push_back(v4::CreateTensorDirect(fbb, id++, name, location, &shape, 0, 0, dtype, dtype));
    if (location != 4) return;
    const std::vector<std::uint8_t> content(size, 1);
    stored.push_back(v4::CreateTensorBytesDirect(params, name, &content));
  };
  tensor("x", {1, 8, 8, 4}, 0, 0x0408, 0);
  tensor("w", {3, 3, 1, 8}, 4, 0x0408, 3 * 3 * 8);
  tensor("b", {8}, 4, 0x0332, 32);
  tensor("y", {1, 8, 8, 8}, 3, 0x0408, 0);
  tensor("fw", {10, 512}, 4, 0x0408, 10 * 512);
  tensor("z", {1, 10}, 3, 0x0408, 0);
  tensor("t", {1, 7}, 1, 0x0408, 0);
  const auto setting = [&](const char* name, const std::vector<int>& shape) {
    return v4::CreateAttributeDirect(fbb, name, 1, 0, 0, v4::CreateTensorDirect(fbb, 0, name, 4, &shape, 0, 0, 0x0132));
  };
  const auto node = [&](const char* name, const char* type, const std::vector<std::string>& in, const char* out,
                        std::vector<flatbuffers::Offset<v4::Attribute>> attributes) {
    std::vector<flatbuffers::Offset<flatbuffers::String>> inputs;
    for (const std::string& input : in) inputs.push_back(fbb.CreateString(input));
    const std::vector outputs = {fbb.CreateString(out)};
    return v4::CreateNodeDirect(fbb, name, type, &inputs, &outputs, &attributes);
  };
  const std::vector nodes = {
      node("dw", "DepthWiseConv2d", {"x", "w", "b"}, "y", {setting("stride", {2}), setting("pad_amount", {2, 2})}),
      node("fc", "FullyConnected", {"y", "fw"}, "z", {}), node("end", "NewOp", {"z"}, "t", {})};
  const std::vector graphs = {v4::CreateGraphDirect(fbb, "g", &nodes, &tensors)};
  const std::string model = finish(fbb, v4::CreateNetDirect(fbb, &graphs), "NETD", 4);
  const std::vector<std::uint8_t> ones = {1, 0, 0, 0, 1, 0, 0, 0},
                                  four = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
  const std::vector settings = {v4::CreateTensorBytesDirect(params, "stride", &ones),
                                v4::CreateTensorBytesDirect(params, "pad_amount", &four)};
  const std::vector node_bytes = {v4::CreateNodeBytesDirect(params, &settings)};
  const std::vector graph_bytes = {v4::CreateGraphBytesDirect(params, "g", &stored, &node_bytes)};
  return {{"model", model}, {"model.params", finish(params, v4::CreateParamsDirect(params, &graph_bytes), "NETP", 4)}};
}

}  // namespace

TEST_CASE("DLC record 2: exact counts, float and quantised", "[dlc]") {
  const bool quantised = GENERATE(false, true);
  const auto [model, totals] =
      count(zip({{"dlc.metadata", "converter-version=1.19\n"}, {"model", record_2(quantised)}}));
  CHECK(model.format_version == "2.5");
  CHECK(model.producer == "SNPE 1.19");
  CHECK(totals.ops == 4);
  CHECK(totals.macs.value_or(0) == 5 * 6 * 3 * 3 * 3 * 8 + 5 * 72);
  CHECK(totals.params.value_or(0) == 3 * 3 * 3 * 8 + 8 + 5 * 72 + 5);
  CHECK(totals.weight_bytes.value_or(0) == (3 * 3 * 3 * 8 + 8 + 5 * 72 + 5) * (quantised ? 1 : 4));
  // 5 x 6 by windows of 2 with stride 2 is 3 x 3 as the file states it: the padding follows.
  CHECK(model.main().ops[2].kind == OpKind::kMaxPool);
  CHECK(std::get<PoolAttrs>(model.main().ops[2].attrs).pads == Ints{0, 0, 1, 0});
}

TEST_CASE("DLC record 2: a bare record is read as well", "[dlc]") {
  CHECK(count(record_2(false)).totals.macs.value_or(0) == 5 * 6 * 3 * 3 * 3 * 8 + 5 * 72);
}

TEST_CASE("DLC record 2: layers of unknown types are named and their weights located", "[dlc]") {
  const std::string file = header(2, 5) + layer("in", 60, {1, 4, 4, 2}, {"in"}, "in", bytes(40, number(1, 0))) +
                           layer("odd", 77, {1, 4, 4, 2}, {"in"}, "y", bytes(99, bytes(4, weight({2, 3}, false))));
  const auto model = read(file);
  REQUIRE(model);
  const Op& op = model->main().ops[0];
  CHECK(op.kind == OpKind::kCustom);
  CHECK(op.source_op == "layer type 77");
  REQUIRE(op.inputs.size() == 2);
  CHECK(model->main().tensors[static_cast<std::size_t>(op.inputs[1].tensor)].data.size_bytes == 24);
}

TEST_CASE("DLC record 3: settings by name, weights in a second member", "[dlc]") {
  const auto [model, totals] = count(zip(record_3(std::vector<float>(216, 0.5F))));
  CHECK(model.format_version == "3.0");
  CHECK(totals.macs.value_or(0) == 5 * 6 * 3 * 3 * 3 * 8);
  CHECK(totals.weight_bytes.value_or(0) == 4 * 216);
  CHECK(model.metadata == std::vector<std::pair<std::string, std::string>>{{"converter-version", "1.50"}});
}

TEST_CASE("DLC record 3 without its parameters: the settings tell the extents", "[dlc]") {
  const std::vector<Member> members = record_3({});
  CHECK(count(zip({members[0], members[1]})).totals.macs.value_or(0) == 5 * 6 * 3 * 3 * 3 * 8);
}

TEST_CASE("DLC record 4: tensors by name, depthwise kernels, what is unknown stays unknown", "[dlc]") {
  auto model = read(zip(record_4()));
  REQUIRE(model);
  REQUIRE(complete_model(*model, {}));
  const Graph& graph = model->main();
  REQUIRE(graph.ops.size() == 3);
  CHECK(graph.ops[0].kind == OpKind::kDepthwiseConv2D);
  CHECK(std::get<ConvAttrs>(graph.ops[0].attrs).strides == Ints{1, 1});
  CHECK(std::get<ConvAttrs>(graph.ops[0].attrs).pads == Ints{1, 1, 1, 1});
  CHECK(graph.ops[2].kind == OpKind::kCustom);
  const auto analysis = analyse(*model);
  REQUIRE(analysis);
  CHECK(analysis->totals.macs.value_or(0) == 8 * 8 * 3 * 3 * 8 + 10 * 512);
}

TEST_CASE("DLC: files that cannot be read say why", "[dlc]") {
  const std::string noise = [] {
    std::string out;
    std::uint32_t state = 1;
    for (int i = 0; i < 1 << 16; ++i) out += static_cast<char>((state = state * 1664525U + 1013904223U) >> 24);
    return out;
  }();
  const std::string whole = zip({{"dlc.metadata", "a=b\n"}, {"model", record_2(false)}});
  CHECK(error_of(whole.substr(0, whole.size() - 40)) == "the ZIP archive is cut short: its directory is missing [damaged]");
  CHECK(error_of(zip({{"dlc.metadata", ""}})) == "a DLC archive without a member \"model\" [not-a-model]");
  CHECK(error_of(zip({{"model", noise}})) ==
        "member model: the record has no header and its bytes look random: it is encrypted [encrypted]");
  CHECK(error_of(zip({{"model", "x", 0, 1}})) == "ZIP member \"model\" is encrypted [encrypted]");
  CHECK(
      error_of(zip({{"model", "x", 8}})) ==
      "ZIP member \"model\" is compressed (method 8); DLC files store their members as they are [unsupported-version]");
  CHECK(error_of(zip({{"model", "nonsense in here"}})) ==
        "member model: the record does not begin with the bytes D5 0A of a DLC record [damaged]");
  CHECK(error_of(header(9, 1)) ==
        "member model: DLC record version 9.1; versions 2 to 4 can be read [unsupported-version]");
  CHECK(error_of(zip({{"model", record_2(false, 4)}})) ==
        "layer #1 \"conv\": weights_0 at byte 0x7c needs 864 bytes, 860 are stored [damaged]");
  CHECK(error_of(zip(record_3(std::vector<float>(10, 0.5F)))) ==
        "layer #1 Convolutional \"conv\": \"conv/weights_0\" [3,3,3,8] of float32 needs 864 bytes, 40 are stored "
        "[damaged]");
}

TEST_CASE("DLC: compiled blobs alone are one opaque operator each", "[dlc]") {
  const auto model = read(zip({{"dlc.metadata", ""}, {"htp.cache", std::string(100, 'x')}}));
  REQUIRE(model);
  REQUIRE(model->main().ops.size() == 1);
  CHECK(model->main().ops[0].kind == OpKind::kDelegateBlob);
  CHECK(model->main().tensors[0].data.size_bytes == 100);
}

TEST_CASE("DLC: real files have the MACs that follow from their layers", "[dlc][shared]") {
  const std::filesystem::path folder = NNGAUGE_SOURCE_DIR "/../shared/models/dlc";
  if (!std::filesystem::is_directory(folder)) {
    WARN("skipped: no shared models");
    return;
  }
  std::multiset<std::uint64_t> macs;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto file = MappedFile::open(entry.path().string());
    REQUIRE(file);
    macs.insert(count(std::string(as_text((*file)->bytes()))).totals.macs.value_or(0));
  }
  CHECK(macs.count(163'992'768) == 5);
  CHECK(macs.count(116'964'672) == 1);
  CHECK(macs.count(78'859'200) == 2);
  CHECK(macs.count(78'859'264) == 1);
}

}  // namespace nngauge
