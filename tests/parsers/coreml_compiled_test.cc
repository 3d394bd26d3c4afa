// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "cost/analysis.h"
#include "parsers/format.h"
#include "tests/parsers/tensorflow_text.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

std::string program(const std::string& input, const std::string& ops, const std::string& attributes = "") {
  return "program(1.0)\n[buildInfo = dict<tensor<string, []>, tensor<string, []>>({{\"coremlc\", \"1; ] } )\"}})]\n{\n"
         "    func main<ios16>(" +
         input + ") " + attributes + "{\n" + ops + "        } -> (y);\n}\n";
}

std::uint64_t macs_of(const Model& model) {
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  REQUIRE(analysis->totals.macs.has_value());
  return *analysis->totals.macs;
}

std::string output_shape(const Model& model) {
  const Graph& graph = model.main();
  return shape_text(graph.tensors[static_cast<std::size_t>(graph.outputs.at(0))].shape, model.symbols);
}

const std::string kConvolution =
    "            tensor<int32, [2]> s = const()[name = tensor<string, []>(\"s\"), val = tensor<int32, [2]>([2, 2])];\n"
    "            tensor<int32, []> g = const()[name = tensor<string, []>(\"g\"), val = tensor<int32, []>(1)];\n"
    "            tensor<string, []> t = const()[name = tensor<string, []>(\"t\"), val = tensor<string, "
    "[]>(\"custom\")];\n"
    "            tensor<int32, [4]> p = const()[val = tensor<int32, [4]>([1, 1, 1, 1])];\n"
    "            tensor<fp16, [8, 3, 3, 3]> w = const()[name = tensor<string, []>(\"w\"), val = tensor<fp16, [8, 3, 3, "
    "3]>(BLOBFILE(path = tensor<string, []>(\"@model_path/weights/weight.bin\"), offset = tensor<uint64, []>(64)))];\n"
    "            tensor<fp16, [1, 8, 8, 8]> c = conv(groups = g, pad = p, pad_type = t, strides = s, weight = w, x = x)"
    "[name = tensor<string, []>(\"first\")];\n";

}  // namespace

TEST_CASE("coreml: the program of a compiled model as text") {
  const std::string ops =
      kConvolution +
      "            tensor<fp16, []> a = const()[val = tensor<fp16, []>(0x1.99999ap-4)];\n"
      "            tensor<fp16, [1, 8, 8, 8]> e = elu(alpha = a, x = c)[name = tensor<string, []>(\"e\")];\n"
      "            tensor<int32, []> axis = const()[val = tensor<int32, []>(1)];\n"
      "            tensor<int32, []> n = const()[val = tensor<int32, []>(2)];\n"
      "            (tensor<fp16, [1, 4, 8, 8]> l, tensor<fp16, [1, 4, 8, 8]> r) = split(axis = axis, num_splits = n, x "
      "= e);\n"
      "            tensor<bool, []> no = const()[val = tensor<bool, []>(false)];\n"
      "            tensor<fp16, [1, 8, 8, 8]> y = concat(axis = axis, interleave = no, values = (r, l))[name = "
      "tensor<string, []>(\"y\")];\n";
  const Model model = tf_model(program("tensor<fp16, [1, 3, 16, 16]> x", ops));
  CHECK(model.format == "coreml");
  CHECK(kinds_of(model.main()) == "Conv2D Elu Split Concat");
  CHECK(model.main().ops[0].name == "first");
  CHECK(output_shape(model) == "[1,8,8,8]");
  CHECK(macs_of(model) == 8 * 8 * 3 * 3 * 3 * 8);
  CHECK(analyse(model)->totals.weight_bytes == 2 * 8 * 27);
}

TEST_CASE("coreml: text of newer compilers, with states and compressed weights") {
  const std::string ops =
      "tensor<fp16, [1, 8]> r = read_state(input = k)[name = string(\"r\")];\n"
      "tensor<fp16, [16, 8]> w = constexpr_lut_to_dense(indices = (tensor<uint4, [16, 8]>(BLOBFILE(path = "
      "string(\"@model_path/weights/weight.bin\"), offset = uint64(64)))), lut = (tensor<fp16, [1, 1, 16, "
      "1]>(BLOBFILE(path = string(\"@model_path/weights/weight.bin\"), offset = uint64(256)))))[name = "
      "string(\"w\")];\n"
      "tensor<fp16, [1, 8]> z = add(x = x, y = r);\n"
      "write_state(data = z, input = k)[name = string(\"s\")];\n"
      "bool t = const()[name = string(\"t\"), val = bool(true)];\n"
      "tensor<fp16, [1, 16]> y = matmul(transpose_x = bool(false), transpose_y = t, x = z, y = w)[name = "
      "string(\"y\")];\n";
  const Model model = tf_model(program("tensor<fp16, [1, 8]> x, state<tensor<fp16, [1, 8]>> k", ops));
  CHECK(kinds_of(model.main()) == "ReadVariable Add AssignVariable Dense");
  CHECK(macs_of(model) == 8 * 16);
  CHECK(analyse(model)->totals.weight_bytes == 8 * 16 / 2);
}

TEST_CASE("coreml: open extents of text take the defaults that its function states") {
  const std::string attributes =
      "[FlexibleShapeInformation = tuple<tuple<tensor<string, []>, dict<tensor<string, []>, tensor<int32, "
      "[?]>>>>(((\"DefaultShapes\", "
      "{{\"x\", [6, 4]}}), (\"RangeDims\", {{\"x\", [[1, 9], [4, 4]]}})))] ";
  const Model model = tf_model(
      program("tensor<fp32, [?, 4]> x", "tensor<fp32, [?, 4]> y = relu(x = x)[name = string(\"y\")];\n", attributes));
  CHECK(output_shape(model) == "[6,4]");
}

TEST_CASE("coreml: text that is broken or beyond what is known") {
  const std::string x = "tensor<fp32, [1, 4]> x", y = "tensor<fp32, [1, 4]> y = ";
  const struct {
    std::string content, error;
  } cases[] = {
      {program(x, y + "relu(x = z)[name = string(\"y\")];\n"),
       "op #0 relu \"y\" (byte 0x94): x \"z\" is never defined [invalid-graph]"},
      {program(x, y + "relu(x = x\n"), "line 6: \"}\" where ')' is needed [damaged]"},
      {program(x, "float y = relu(x = x);\n"), "line 5: \"float\" is no type [damaged]"},
      {program(x, y + "relu(x = tensor<fp32, [1]>(seven));\n"), "line 5: \"seven\" is no number [damaged]"},
      {program(x, y + "cond(pred = x), b() {} -> (x);\n"),
       "line 5: \"cond\" has inner blocks, whose form as text is not known [unsupported-version]"},
      {program(x, y + "relu(x = x);\n").substr(0, 140), "line 4: the text ends where ']' is needed [damaged]"},
      {"{\"format_version\":200,\"storage\":\"model.espresso.weights\",\"layers\":[]}",
       "the network of a compiled Core ML model (model.espresso.net), whose layers are not published; give the "
       ".mlmodel "
       "that it was made from [unsupported-format]"},
  };
  for (const auto& c : cases) CHECK(tf_error(c.content) == c.error);
  const std::string whole = program(x, y + "relu(x = x);\n");
  for (std::size_t size = 0; size + 3 < whole.size(); ++size) CHECK(tf_error(whole.substr(0, size)) != "no error");
}
