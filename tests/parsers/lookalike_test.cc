// SPDX-License-Identifier: Apache-2.0
// What is found under models' names and is none: each sort with its code and its sentence.
#include "parsers/lookalike.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "parsers/extensions.h"
#include "parsers/format.h"
#include "tests/support/archives.h"

using namespace nngauge;
using nngauge::test::zip_of;

namespace {

std::string stranger(const std::string& bytes, const std::string& path = "") {
  return describe_stranger({path, as_bytes(bytes), &no_companions()}).text();
}

std::string random_bytes(std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::string out(count, '\0');
  for (char& c : out) c = static_cast<char>(generator() & 0xff);
  return out;
}

std::string field(int number, const std::string& content) {
  return std::string(1, static_cast<char>(number * 8 + 2)) + static_cast<char>(content.size()) + content;
}
std::string number(int of, int value) { return std::string(1, static_cast<char>(of * 8)) + static_cast<char>(value); }

}  // namespace

TEST_CASE("lookalikes: the table of a checkpoint is told by its last bytes") {
  CHECK(stranger(std::string(60, '\1') + "\x57\xfb\x80\x8b\x24\x75\x47\xdb", "variables.index") ==
        "the table of a TensorFlow checkpoint (names and places of variables), not the graph [side-file]");
}

TEST_CASE("lookalikes: texts") {
  const std::pair<std::string, std::string> cases[] = {
      {"", "the file is empty [not-a-model]"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n",
       "a Git LFS pointer stands in place of the model; fetch the real file (git lfs pull) [git-lfs-pointer]"},
      {"<!DOCTYPE html><html></html>", "a web page (HTML) was saved in place of the model [web-page]"},
      {"\n<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
       "a server's error message (XML) was saved in place of the model [web-page]"},
      {"Not Found", "a server's error message was saved in place of the model [web-page]"},
      {"{\"message\": \"Bad credentials\"}",
       "a server's error message (JSON) was saved in place of the model [web-page]"},
      {"<?xml version=\"1.0\"?><resources/>", "an XML document, not a model that is read here [not-a-model]"},
      {"net: \"train_val.prototxt\"\nbase_lr: 0.01\nlr_policy: \"step\"\nmax_iter: 100\n",
       "settings of a Caffe solver, not a network [side-file]"},
      {"item {\n  id: 1\n  name: 'cat'\n}\n", "a label map of an object detector [side-file]"},
      {"cat\ndog\nhot dog\n", "a text of short lines, as lists of labels are [not-a-model]"},
      {"7767517\n3 2\npnnx.Input in 0 1 x\nnn.Conv2d c 1 1 x y\n",
       "a pnnx graph (operators of PyTorch), not ncnn's; convert it with pnnx [unsupported-format]"},
      {"\xef\xbb\xbf"
       "cat\ndog\n",
       "a text of short lines, as lists of labels are [not-a-model]"},
      {std::string("\xff\xfe"
                   "n\0a\0m\0e\0",
                   10),
       "a text in UTF-16; save it as UTF-8 [not-a-model]"},
      {std::string("\xfe\xff"
                   "\0n\0a\0m\0e",
                   10),
       "a text in UTF-16; save it as UTF-8 [not-a-model]"},
      {"IAAAAFRGTDMAAAAA\n" + std::string(300, 'A') + "==\n",
       "a TensorFlow Lite model as Base64 text; decode it first [unsupported-format]"},
      {std::string(400, 'Q'), "what looks like binary data as Base64 text [not-a-model]"},
      {"[net]\nbatch=1\n", "a Darknet network (.cfg) [unsupported-format]"},
      {"{\"nodes\": [], \"arg_nodes\": []}", "the graph of an MXNet or TVM model (JSON) [unsupported-format]"},
      {"{\"format\": \"layers-model\", \"modelTopology\": {}}", "a TensorFlow.js model (JSON) [unsupported-format]"},
      {"name: \"x\"\n<<<<<<< HEAD\nlayer {\n",
       "the marks of an unresolved merge stand in the text, first on line 2 [damaged]"},
      {"  \n\t", "the file holds nothing but white space [not-a-model]"},
      {"int main() { return 0; }",
       "a text that no format claims; it starts with \"int main() { return 0; }\" [not-a-model]"},
  };
  for (const auto& [bytes, expected] : cases) {
    INFO(bytes);
    CHECK(stranger(bytes) == expected);
  }
}

TEST_CASE("lookalikes: signatures and archives") {
  using std::string_literals::operator""s;
  const std::pair<std::string, std::string> cases[] = {
      {"\x1c\0\0\0CIR0 and more"s, "a Circle model (Samsung ONE) [unsupported-format]"},
      {"CYPTRKNN....", "an encrypted RKNN model (Rockchip) [encrypted]"},
      {"\x10\0\0\0BP08"s,
       "an ExecuTorch program bundled with inputs for its tests; give the .pte inside it [unsupported-format]"},
      {"\x10\0\0\0ODTC"s, "a training checkpoint of ONNX Runtime: weights by name and no graph [weights-only]"},
      {"GGUF\3\0\0\0"s, "a GGUF model (llama.cpp) [unsupported-format]"},
      {"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.",
       "a PyTorch checkpoint (old form): weights by name and no graph; its pickle is not run [weights-only]"},
      {"\x80\x04\x95....", "a Python pickle (protocol 4): objects and no graph; it is not run [weights-only]"},
      {"\x02\0\0\0\0\0\0\0{}"s, "binary data with the structure of no known format [not-a-model]"},
      {"\x3a\0\0\0\0\0\0\0{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}  }0000"s,
       "safetensors: weights by name and no graph [weights-only]"},
      {zip_of({{"m/data.pkl", "x"}, {"m/data/0", "y"}}),
       "a PyTorch checkpoint: weights by name and no graph; its pickle is not run [weights-only]"},
      {zip_of({{"w.npy", "x"}}), "NumPy arrays (.npz) and no graph [weights-only]"},
      {zip_of({{"configuration.json", "{}"}, {"coefficients.bin", "x"}}),
       "a Deeplearning4j model [unsupported-format]"},
      {zip_of({{"a", "x"}}), "a ZIP archive without a model format that is read here [not-a-model]"},
      {zip_of({{"a", "x"}}).substr(0, 40), "the ZIP archive is cut short: its directory is missing [damaged]"},
      {std::string(100, '\0'), "the file holds nothing but zeros [not-a-model]"},
  };
  for (const auto& [bytes, expected] : cases) {
    INFO(expected);
    CHECK(stranger(bytes) == expected);
  }
}

TEST_CASE("lookalikes: protobuf messages") {
  const std::string node =
      field(1, field(1, "data") + field(2, "DataInput")) + field(1, field(1, "c") + field(2, "Conv"));
  const std::pair<std::string, std::string> cases[] = {
      {field(1, "x") + field(2, "y") + field(4, "Sort"),
       "a single operator of ONNX (test data), not a model [side-file]"},
      {number(1, 2) + number(2, 1) + field(8, "x") + field(9, "12345678"),
       "a single tensor of ONNX (test data), not a model [side-file]"},
      {field(1, field(3, "root") + field(4, "_tf_keras_layer") + field(5, "{}")),
       "metadata of a Keras SavedModel, not the graph [side-file]"},
      {node,
       "a network in MMdnn's intermediate form: TensorFlow's container with operators of its own [unsupported-format]"},
      {field(1, "net") + field(2, field(1, "x") + field(2, "y") + field(4, "Conv")) + field(8, "w"),
       "a Caffe2 network (NetDef), which is another format than Caffe [unsupported-format]"},
      {field(1, field(1, "a/b.proto") + field(2, "pkg")), "descriptions of protobuf messages [side-file]"},
      {number(1, 1) + number(2, 3) + number(3, 2) + number(4, 2) + field(5, std::string(48, '\x3f')),
       "a Caffe blob (a mean picture), not a network [side-file]"},
  };
  for (const auto& [bytes, expected] : cases) {
    INFO(expected);
    CHECK(stranger(bytes) == expected);
  }
}

TEST_CASE("lookalikes: encrypted content has no structure and all the entropy there is") {
  for (const std::size_t size : {4096U, 20'000U, 3'000'000U}) {
    INFO(size);
    const std::string bytes = "\xff" + random_bytes(size, 7);
    CHECK(sampled_entropy(as_bytes(bytes)) > 7.99);
    CHECK(describe_stranger({"x.tflite", as_bytes(bytes), &no_companions()}).code == ErrorCode::kEncrypted);
  }
  CHECK(stranger("\xff" + random_bytes(1000, 7)) == "binary data with the structure of no known format [not-a-model]");
  CHECK(stranger("\xff" + random_bytes(1000, 7), "a/x.mnn") ==
        "binary data with the structure of no known format, though its name says MNN [not-a-model]");
  std::string text(100'000, 'a');
  CHECK(sampled_entropy(as_bytes(text)) == 0);
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i % 16);
  CHECK(sampled_entropy(as_bytes(text)) == Approx(4).epsilon(0.001));

  std::string hidden = std::string("\x20\0\0\0TFL3", 8) + std::string(100, '\0');
  for (char& c : hidden) c = static_cast<char>(c ^ 0x5a);
  CHECK(stranger(hidden) == "a TensorFlow Lite model whose bytes are all XORed with 90 [encrypted]");
}

TEST_CASE("lookalikes: the marks of a merge stand anywhere in a text") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "layer { }\n";
  CHECK(stranger(text + "<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b\n") ==
        "the marks of an unresolved merge stand in the text, first on line 5,001 [damaged]");
}

TEST_CASE("lookalikes: FlatBuffers files of other kinds") {
  // Offset of the root, identifier, padding; a vtable without slots; the root table, which points back to it.
  const auto file = [](const std::string& identifier) {
    return std::string("\x10\0\0\0", 4) + identifier + std::string("\0\0\0\0\x04\0\x04\0\x04\0\0\0\0\0\0\0", 16);
  };
  CHECK(stranger(file("ANNO")) == "a FlatBuffers file of no known format (its identifier is \"ANNO\") [not-a-model]");
  CHECK(stranger(file(std::string(4, '\0'))) ==
        "a FlatBuffers file without an identifier, of no known format [not-a-model]");
  CHECK(stranger(std::string("\x90\1\0\0", 4) + "ANNO" + std::string(20, '\1')) ==
        "what looks like a FlatBuffers file (identifier \"ANNO\") has no root table at byte 400 [damaged]");
}

TEST_CASE("lookalikes: the parameters of a Paddle program without the program") {
  std::string file(20, '\0');
  file[16] = 4;
  CHECK(stranger(file + std::string("\x08\x05\x10\x02", 4) + std::string(8, '\x01')) ==
        "the parameters of a Paddle program; give the .pdmodel or .json beside it [weights-only]");
}

TEST_CASE("lookalikes: numbers without a header, a model behind other data") {
  std::string weights;
  for (int i = 0; i < 1000; ++i) {
    const float value = static_cast<float>(i % 17 - 8) * 0.01F + 0.001F;
    weights.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  CHECK(stranger(weights) == "what looks like 1,000 32-bit floating point numbers without a header [weights-only]");
  CHECK(stranger(std::string("\0\0\0\0\2\0\0\0\5\0\0\0\1\0\0\0\0\0\0\0", 20) + weights) ==
        "Darknet weights; the graph is in the .cfg [weights-only]");
  CHECK(stranger(std::string(32, '\xff') + std::string("\x1c\0\0\0TFL3", 8) + std::string(60, '\xff')) ==
        "binary data with what looks like a TensorFlow Lite model at byte 32; cut it out [unsupported-format]");
}

TEST_CASE("extensions: the table is free of doubles and finds the longest row") {
  CHECK(known_extensions().size() >= 69);
  std::set<std::string_view> seen;
  for (const ExtensionInfo& row : known_extensions()) {
    INFO(row.extension);
    CHECK(seen.insert(row.extension).second);
    CHECK(find_extension("model" + std::string(row.extension)) == &row);
  }
  CHECK(find_extension("A.PARAM.BIN")->extension == ".param.bin");
  CHECK(find_extension("readme") == nullptr);
}

TEST_CASE("identification: an answer says how sure it is and by what") {
  struct Case {
    std::string path, content;
    std::string format, confidence, why;
  };
  const std::vector<Case> cases = {
      {"x.tflite", std::string("\x08\0\0\0TFL3\0\0\0\0", 12), "tflite", "certain", "the identifier TFL3"},
      {"x", "7767517\n1 1\nInput d 0 1 d\n", "ncnn", "certain", "the magic number 7767517 and counts of layers"},
      {"x", "layer { name: 'a' type: 'ReLU' bottom: 'b' top: 'a' }", "caffe", "likely", "layers as protobuf text"},
      {"x", "<net name='n' version='10'><layers/></net>", "openvino", "certain", "an XML element net with layers"},
      {"x", "<net name='n' version='10'>", "openvino", "possible", "an XML element net"},
      {"x", std::string("\xd5\x0a\3\0\0\0\0\0", 8), "dlc", "certain", "the header D5 0A of a record"},
      {"x", zip_of({{"n/data.pkl", "x"}}), "torchscript", "certain", "a ZIP archive with data.pkl in its one folder"},
  };
  for (const Case& c : cases) {
    INFO(c.content);
    const auto identity = claimed_format({c.path, as_bytes(c.content)});
    REQUIRE(identity);
    CHECK(identity->format->id == c.format);
    CHECK(confidence_name(identity->claim.confidence) == c.confidence);
    CHECK(identity->claim.why == c.why);
  }
  // Every claim has a reason, and nobody claims what is nothing.
  CHECK_FALSE(claimed_format({"model.tflite", as_bytes("nothing at all")}));
}
