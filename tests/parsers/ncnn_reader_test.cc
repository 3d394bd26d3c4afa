// SPDX-License-Identifier: Apache-2.0
// ncnn: text and binary .param to operators and shapes, weights in the .bin, input sizes that are stated or assumed.
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "cost/analysis.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"
#include "tests/parsers/onnx_support.h"

using namespace nngauge;
using test::op_text;

namespace {

Result<Model> read_bytes(std::string_view bytes, const Bindings& bindings = {}) {
  ModelSource source{"net.param", as_bytes(bytes)};
  source.bindings = &bindings;
  return read_model(source);
}

// Layers behind the magic number and true counts.
std::string with_header(const std::string& layers) {
  std::size_t count = 0;
  for (const char c : layers) count += c == '\n' ? 1 : 0;
  return "7767517\n" + std::to_string(count) + " 99\n" + layers;
}

Model completed(const std::string& layers, const Bindings& bindings = {}) {
  auto model = read_bytes(with_header(layers), bindings);
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  const Status status = complete_model(*model, bindings);
  INFO((status ? std::string() : status.error().text()));
  REQUIRE(status);
  return *std::move(model);
}

std::string error_of(const std::string& text) {
  const auto model = read_bytes(text);
  return model ? "" : model.error().text();
}

std::string shape_of(const Model& model, const std::string& name) {
  for (const Tensor& tensor : model.main().tensors) {
    if (tensor.name == name) return shape_text(tensor.shape, model.symbols);
  }
  return "no such tensor";
}

Totals totals_of(const Model& model) {
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  return analysis->totals;
}

// The shape of blob "y" that one layer makes of inputs a, b, … of the given sizes (keys of Input).
struct ShapeCase {
  std::vector<std::string> inputs;
  std::string type;
  std::string keys;
  std::string shape;
  std::string op;  // kind
};

std::string layers_of(const ShapeCase& c) {
  std::string out, names;
  char name = 'a';
  for (const std::string& input : c.inputs) {
    out += std::string("Input in_") + name + " 0 1 " + name + " " + input + "\n";
    names += std::string(" ") + name++;
  }
  return out + c.type + " layer " + std::to_string(c.inputs.size()) + " 1" + names + " y " + c.keys + "\n";
}

}  // namespace

TEST_CASE("ncnn: shapes and kinds of layers") {
  const std::string kPicture = "0=20 1=10 2=6";  // w h c
  const std::vector<ShapeCase> cases = {
      {{kPicture}, "Convolution", "0=8 1=3 4=1 6=432", "[1,8,10,20]", "Conv2D"},
      {{kPicture},
       "Convolution",
       "0=8 1=3 11=5 3=2 13=1 4=-233 14=-233 15=-233 16=-233 6=720",
       "[1,8,10,10]",
       "Conv2D"},
      {{kPicture}, "Convolution", "0=8 1=3 2=2 6=432", "[1,8,6,16]", "Conv2D"},
      {{"0=6"}, "Convolution", "0=8 1=1 6=48", "[1,8]", "Dense"},
      {{"0=20 1=10"}, "Convolution", "0=8 1=3 6=72", "[1,8,8,18]", "Conv2D"},
      {{kPicture}, "ConvolutionDepthWise", "0=6 1=3 6=54 7=6", "[1,6,8,18]", "DepthwiseConv2D"},
      {{kPicture}, "ConvolutionDepthWise", "0=12 1=1 6=24 7=3", "[1,12,10,20]", "Conv2D"},
      {{"0=20 1=6"}, "Convolution1D", "0=8 1=3 6=144", "[1,8,18]", "Conv1D"},
      {{"0=20 1=10 11=4 2=6"}, "Convolution3D", "0=8 1=3 6=1296", "[1,8,2,8,18]", "Conv3D"},
      {{kPicture}, "Deconvolution", "0=8 1=4 3=2 4=1 6=768", "[1,8,20,40]", "ConvTranspose2D"},
      {{kPicture}, "Deconvolution", "0=8 1=4 3=2 4=-233 20=39 21=19 6=768", "[1,8,19,39]", "ConvTranspose2D"},
      {{kPicture}, "DeconvolutionDepthWise", "0=6 1=4 3=2 4=1 6=96 7=6", "[1,6,20,40]", "ConvTranspose2D"},
      {{kPicture}, "Pooling", "0=0 1=3 2=2", "[1,6,5,10]", "MaxPool"},
      {{kPicture}, "Pooling", "0=1 1=3 2=2 5=1", "[1,6,4,9]", "AveragePool"},
      {{kPicture}, "Pooling", "0=0 1=3 2=2 5=2", "[1,6,5,10]", "MaxPool"},
      {{kPicture}, "Pooling", "0=1 4=1", "[1,6]", "GlobalAveragePool"},
      {{kPicture}, "Pooling", "0=1 7=1 8=4 18=3", "[1,6,3,4]", "AveragePool"},
      {{"0=20 1=6"}, "Pooling1D", "0=0 1=2 2=2 5=1", "[1,6,10]", "MaxPool"},
      {{kPicture}, "InnerProduct", "0=7 2=8400", "[1,7]", "Dense"},
      {{"0=6 1=5"}, "InnerProduct", "0=7 2=42", "[1,5,7]", "Dense"},
      {{"0=6 1=5"}, "InnerProduct", "0=7 2=210", "[1,7]", "Dense"},
      {{"0=6 1=5"}, "Gemm", "3=1 5=1 6=1 8=7 9=6 10=4", "[1,5,7]", "Dense"},
      {{"0=6 1=5"}, "Gemm", "3=1 5=1 6=1 8=7 9=6 10=4 14=1", "[1,7,5]", "Transpose"},
      {{"0=7 1=6"}, "Gemm", "4=1 7=5 9=6 10=-1", "[1,5,7]", "MatMul"},
      {{"0=6 1=5", "0=6 1=7"}, "MatMul", "0=1", "[1,5,7]", "MatMul"},
      {{"0=6 1=5 2=3", "0=7 1=6 2=3"}, "MatMul", "", "[1,3,5,7]", "MatMul"},
      {{"0=6 1=5", "0=7 1=6"}, "Einsum", "-23300=8,105,106,44,106,107,45,62,105", "[1,5]", "Einsum"},
      {{"0=5"}, "Embed", "0=8 1=100 3=800", "[1,5,8]", "EmbeddingLookup"},
      {{"0=6 1=5"}, "LSTM", "0=8 1=384 2=2", "[1,5,16]", "LSTM"},
      {{"0=6 1=5"}, "GRU", "0=8 1=144", "[1,5,8]", "GRU"},
      {{"0=6 1=5"}, "RNN", "0=8 1=48", "[1,5,8]", "RNN"},
      {{"0=8 1=5"}, "MultiHeadAttention", "0=8 1=2 2=64", "[1,5,8]", "Attention"},
      {{"0=4 1=5 2=2", "0=4 1=7 2=2", "0=4 1=7 2=2"}, "SDPA", "", "[1,2,5,4]", "Attention"},
      {{kPicture, kPicture}, "BinaryOp", "0=0", "[1,6,10,20]", "Add"},
      {{kPicture, "0=6"}, "BinaryOp", "0=2", "[1,6,10,20]", "Mul"},
      {{"0=6", kPicture}, "BinaryOp", "0=1", "[1,6,10,20]", "Sub"},
      {{kPicture, "0=20"}, "BinaryOp", "0=2", "[1,6,10,20]", "Mul"},
      {{kPicture, "0=10 1=6"}, "BinaryOp", "0=2", "[1,6,10,20]", "Mul"},
      {{kPicture}, "BinaryOp", "0=8 1=1 2=1.0", "[1,6,10,20]", "Div"},
      {{kPicture, kPicture, kPicture}, "Eltwise", "0=1", "[1,6,10,20]", "AddN"},
      {{kPicture, kPicture, kPicture}, "Eltwise", "0=0", "[1,6,10,20]", "Mul"},
      {{"0=6 1=10"}, "GLU", "0=0", "[1,5,6]", "Mul"},
      {{kPicture}, "Reduction", "0=3 1=0 -23303=2,1,2 4=1 5=1", "[1,6,1,1]", "ReduceMean"},
      {{kPicture}, "Reduction", "0=4 1=0 -23303=1,-1 5=1", "[1,6,10]", "ReduceMax"},
      {{kPicture}, "Reduction", "0=0", "[1,1]", "Flatten"},
      {{kPicture}, "Softmax", "0=0 1=1", "[1,6,10,20]", "Softmax"},
      {{kPicture, "0=20 1=10 2=5"}, "Concat", "0=0", "[1,11,10,20]", "Concat"},
      {{kPicture}, "Crop", "-23309=2,1,2 -23310=2,4,-233 -23311=2,0,2", "[1,3,10,18]", "Slice"},
      {{kPicture}, "Crop", "0=2 1=1 2=0 3=5 4=4 5=3", "[1,3,4,5]", "Slice"},
      {{kPicture, "0=7 1=8 2=6"}, "Crop", "0=1 1=1", "[1,6,8,7]", "Slice"},
      {{kPicture}, "Reshape", "0=-1 1=6", "[1,6,200]", "Reshape"},
      {{kPicture}, "Reshape", "0=0 1=-1 2=-233", "[1,60,20]", "Reshape"},
      {{kPicture}, "Reshape", "0=10 1=2 11=10 2=6", "[1,6,10,2,10]", "Reshape"},
      {{"0=6 1=200", kPicture}, "Reshape", "6=\"1w,1h,*(2,3)\"", "[1,6,10,20]", "Reshape"},
      {{kPicture}, "Permute", "0=3", "[1,10,20,6]", "Transpose"},
      {{kPicture}, "Permute", "0=1", "[1,6,20,10]", "Transpose"},
      {{"0=20 1=10"}, "Permute", "0=1", "[1,20,10]", "Transpose"},
      {{"0=20 1=10 11=4 2=6"}, "Permute", "0=23", "[1,20,10,4,6]", "Transpose"},
      {{kPicture}, "Flatten", "", "[1,1200]", "Flatten"},
      {{"0=1 1=10 2=1"}, "Squeeze", "0=1 1=1 2=1", "[1,10]", "Squeeze"},
      {{"0=20 1=1 2=6"}, "Squeeze", "-23303=1,1", "[1,6,20]", "Squeeze"},
      {{"0=20 1=10"}, "ExpandDims", "-23303=1,1", "[1,10,1,20]", "Unsqueeze"},
      {{"0=20 1=10"}, "ExpandDims", "2=1", "[1,1,10,20]", "Unsqueeze"},
      {{kPicture}, "Padding", "0=1 1=2 2=3 3=4 7=5 8=6", "[1,17,13,27]", "Pad"},
      {{kPicture}, "Tile", "-23302=3,2,1,3", "[1,12,10,60]", "Tile"},
      {{"0=20"}, "Tile", "-23302=2,4,1", "[1,4,20]", "Tile"},
      {{kPicture}, "Tile", "0=1 1=2", "[1,6,20,20]", "Tile"},
      {{kPicture}, "ShuffleChannel", "0=2", "[1,6,10,20]", "ChannelShuffle"},
      {{"0=20 1=10 2=8"}, "PixelShuffle", "0=2", "[1,2,20,40]", "DepthToSpace"},
      {{kPicture}, "Reorg", "0=2", "[1,24,5,10]", "SpaceToDepth"},
      {{kPicture}, "Interp", "0=2 1=2.0 2=1.500000e+00", "[1,6,20,30]", "ResizeBilinear"},
      {{kPicture}, "Interp", "0=1 3=7 4=9", "[1,6,7,9]", "ResizeNearest"},
      {{kPicture, "0=9 1=7 2=1"}, "Interp", "0=2", "[1,6,7,9]", "ResizeBilinear"},
      {{kPicture},
       "PriorBox",
       "-23300=1,60.0 -23301=1,110.0 -23302=2,2.0,3.0 9=-233 10=-233",
       "[1,2,4800]",
       "PriorBox"},
      {{kPicture}, "Normalize", "0=0 4=1 3=6", "[1,6,10,20]", "L2Norm"},
      {{kPicture}, "LRN", "0=0 1=5", "[1,6,10,20]", "LocalResponseNorm"},
      {{kPicture}, "Power", "0=1.0 1=2.0 2=-1.0", "[1,6,10,20]", "Add"},
  };
  for (const ShapeCase& c : cases) {
    INFO(c.type << " " << c.keys);
    const Model model = completed(layers_of(c));
    CHECK(shape_of(model, "y") == c.shape);
    CHECK(op_text(model, model.main(), model.main().ops.back()).starts_with(c.op + " "));
  }
}

TEST_CASE("ncnn: multiply-accumulates and parameters without a .bin") {
  const Model model = completed(
      "Input data 0 1 data 0=12 1=10 2=3\n"
      "Convolution c1 1 1 data c1 0=8 1=3 4=1 5=1 6=216 9=1\n"
      "ConvolutionDepthWise c2 1 1 c1 c2 0=8 1=3 3=2 4=1 5=1 6=72 7=8\n"
      "BatchNorm bn 1 1 c2 bn 0=8\n"
      "Scale scale 1 1 bn scale 0=8 1=1\n"
      "PReLU prelu 1 1 scale prelu 0=8\n"
      "InnerProduct fc 1 1 prelu fc 0=5 1=1 2=1200\n");
  const Totals totals = totals_of(model);
  CHECK(totals.macs == 12ULL * 10 * 8 * 3 * 3 * 3 + 6ULL * 5 * 8 * 3 * 3 + 6ULL * 5 * 8 * 5);
  CHECK(totals.params == (216ULL + 8) + (72 + 8) + 4 * 8 + 2 * 8 + 8 + (1200 + 5));
  CHECK(totals.weight_bytes == 4 * *totals.params);
  CHECK(totals.ops == 6);
  CHECK(model.main().ops[0].activation == FusedActivation::kRelu);
}

TEST_CASE("ncnn: a layer that several blobs read is copied by Split") {
  const Model model = completed(
      "Input data 0 1 data 0=4 1=4 2=3\n"
      "Split s 1 2 data a b\n"
      "Convolution c 1 1 a c 0=3 1=1 6=9\n"
      "Eltwise e 2 1 c b y 0=1\n");
  CHECK(shape_of(model, "b") == "[1,3,4,4]");
  CHECK(model.main().outputs.size() == 1);
  CHECK(op_text(model, model.main(), model.main().ops[0]) == "Identity (data) -> (a, b)");
}

TEST_CASE("ncnn: Slice shares what is left") {
  const Model model = completed(
      "Input data 0 1 data 0=4 1=4 2=10\n"
      "Slice s 1 3 data a b c -23300=3,3,-233,-233 1=0\n"
      "Slice t 1 2 c d e -23302=1,1 1=2\n");
  CHECK(shape_of(model, "a") == "[1,3,4,4]");
  CHECK(shape_of(model, "b") == "[1,3,4,4]");
  CHECK(shape_of(model, "c") == "[1,4,4,4]");
  CHECK(shape_of(model, "d") == "[1,4,4,1]");
  CHECK(shape_of(model, "e") == "[1,4,4,3]");
}

TEST_CASE("ncnn: attention with a cache of keys and values") {
  const std::string layers =
      "Input in0 0 1 q 0=8 1=1 2=4\n"
      "Input in1 0 1 k 0=8 1=1 2=2\n"
      "Input in2 0 1 v 0=8 1=1 2=2\n"
      "Input in3 0 1 mask\n"
      "Input cache 0 2 past_k past_v\n"
      "Tile tk 1 1 k tk -23302=3,2,1,1\n"
      "Tile tv 1 1 v tv -23302=3,2,1,1\n"
      "SDPA sdpa 6 3 q tk tv mask past_k past_v y out_k out_v 5=1 7=1\n";
  const Model model = completed(layers);
  CHECK(shape_of(model, "past_k") == "[1,4,0,8]");
  CHECK(shape_of(model, "mask") == "[1,1,1]");
  CHECK(totals_of(model).macs == 2ULL * 4 * 1 * 1 * 8);
  Bindings bindings;
  bindings.inputs = {{"past_k", {4, 9, 8}}, {"past_v", {1, 4, 9, 8}}};
  const Model longer = completed(layers, bindings);
  CHECK(shape_of(longer, "out_k") == "[1,4,10,8]");
  CHECK(shape_of(longer, "mask") == "[1,1,10]");
  CHECK(totals_of(longer).macs == 2ULL * 4 * 1 * 10 * 8);
  CHECK(longer.assumed_dims.size() == 0);

  // The same by the name of the extent: for all inputs that have it.
  Bindings by_name;
  by_name.dims = {{"past", 9}};
  const Model named = completed(layers, by_name);
  CHECK(shape_of(named, "out_v") == "[1,4,10,8]");
  CHECK(shape_of(named, "mask") == "[1,1,10]");
  CHECK(named.assumed_dims.size() == 0);
  by_name.dims = {{"past_k.past", 9}, {"past_v.past", 9}};
  CHECK(shape_of(completed(layers, by_name), "out_k") == "[1,4,10,8]");
}

TEST_CASE("ncnn: old text without the first line, positional keys, channels first") {
  const auto model = read_bytes(
      "3 4\r\n"
      "Input            data             0 1 data 3 12 12\r\n"
      "Convolution      conv1            1 1 data conv1 10 3 1 1 0 1 270\r\n"
      "Pooling          pool1            1 1 conv1 pool1 0 2 2 0 0\r\n");
  REQUIRE(model);
  Model copy = *model;
  REQUIRE(complete_model(copy, {}));
  CHECK(shape_of(copy, "data") == "[1,3,12,12]");
  CHECK(shape_of(copy, "pool1") == "[1,10,5,5]");
  CHECK(totals_of(copy).macs == 10ULL * 10 * 10 * 3 * 3 * 3);
  CHECK(copy.format_version == "old text");
}

TEST_CASE("ncnn: sizes of inputs are assumed where nothing states them, and said so") {
  SECTION("a dense layer tells the size") {
    const Model model = completed(
        "Input data 0 1 data\n"
        "Convolution c 1 1 data c 0=4 1=3 3=2 6=108\n"
        "InnerProduct fc 1 1 c fc 0=2 2=" +
        std::to_string(2 * 4 * 47 * 47) + "\n");
    CHECK(shape_of(model, "data") == "[1,3,96,96]");
    REQUIRE(model.assumed_dims.size() == 2);
    CHECK(model.assumed_dims[0].name == "data.height");
    CHECK(model.assumed_dims[0].value == 96);
    REQUIRE(model.diagnostics.items().size() == 2);  // and the counts line
    CHECK(model.diagnostics.items()[1].message ==
          "the file does not state its size; it is taken as 1,3,96,96; another one by --input data=1,3,96,96");
  }
  SECTION("else 224, with the channels that the filter has") {
    const std::string layers =
        "Input data 0 1 data\nPadding p 1 1 data p 0=1 1=1 2=1 3=1\nConvolution c 1 1 p c 0=4 1=3 6=36\n";
    CHECK(shape_of(completed(layers), "data") == "[1,1,224,224]");
    for (const std::vector<std::int64_t>& given : {std::vector<std::int64_t>{1, 30, 40}, {1, 1, 30, 40}}) {
      Bindings bindings;
      bindings.inputs["data"] = given;
      const Model bound = completed(layers, bindings);
      CHECK(shape_of(bound, "c") == "[1,4,30,40]");
      CHECK(bound.assumed_dims.empty());
    }
  }
  SECTION("shape hints") {
    CHECK(shape_of(completed("Input data 0 1 data -23330=4,3,40,30,3\nReLU r 1 1 data y\n"), "y") == "[1,3,30,40]");
  }
  SECTION("rows of features") {
    CHECK(shape_of(completed("Input data 0 1 data\nSwish s 1 1 data t\nGemm g 1 1 t y 3=1 5=1 8=7 9=6 10=-1\n"),
                   "data") == "[1,1,6]");
  }
  SECTION("nothing tells") {
    const Model model = completed("Input data 0 1 data\nReLU r 1 1 data y\n");
    CHECK(model.diagnostics.items().back().code == "needs-dim");
  }
}

TEST_CASE("ncnn: layers that nobody knows are reported, not dropped") {
  const Model model = completed(
      "Input data 0 1 data 0=4 1=4 2=3\n"
      "MyLayer m 1 1 data y -23330=4,3,5,6,7\n"
      "Convolution c 1 1 y z 0=2 1=1 6=14\n");
  CHECK(shape_of(model, "z") == "[1,2,6,5]");
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  REQUIRE(analysis->coverage.unknown_ops.size() == 1);
  CHECK(analysis->coverage.unknown_ops[0].op == "CUSTOM:MyLayer");
}

TEST_CASE("ncnn: operators of PyTorch that pnnx could not convert stand among the layers") {
  const Model model = completed(
      "Input data 0 1 data 0=4 1=4 2=3\n"
      "torch.topk t 1 1 data y k=3 dim=-1\n"
      "Convolution c 1 1 data z 0=2 1=1 6=6\n");
  CHECK(shape_of(model, "z") == "[1,2,4,4]");
  const auto& items = model.diagnostics.items();
  CHECK(std::any_of(items.begin(), items.end(), [](const Diagnostic& item) {
    return item.message == "1 operator of PyTorch (torch.topk) is left as pnnx found it: ncnn has no layer for it";
  }));
}

TEST_CASE("ncnn: the batch among the axes of a reshape") {
  const Model model = completed(
      "Input data 0 1 data 0=6 1=4 2=10\n"
      "Reshape windows 1 1 data a 0=6 1=4 2=10 12=0 13=0\n"
      "Reshape back 1 1 a b 0=24 1=10 12=0 13=233\n"
      "Reshape middle 1 1 b c 0=6 1=4 11=5 2=2 12=233 13=1\n"
      "Reshape n 1 1 a d 6=\"1,0w,//(40,0n),0n\" 12=0 13=0\n");
  CHECK(shape_of(model, "a") == "[10,4,6]");
  CHECK(shape_of(model, "b") == "[1,10,24]");
  CHECK(shape_of(model, "c") == "[5,2,4,6]");
  CHECK(shape_of(model, "d") == "[10,4,6,1]");
}

TEST_CASE("ncnn: transposed convolutions with padding of the result keep their weights") {
  const Model model = completed(
      "Input data 0 1 data 0=5 1=5 2=4\n"
      "DeconvolutionDepthWise d 1 1 data y 0=4 1=3 3=2 4=1 5=1 6=36 7=4 18=1 19=1\n"
      "Unfold u 1 1 y columns 1=2 3=2\n"
      "Fold f 1 1 columns z 1=2 3=2 20=10\n");
  CHECK(shape_of(model, "y") == "[1,4,10,10]");
  CHECK(shape_of(model, "columns") == "[1,16,25]");
  CHECK(shape_of(model, "z") == "[1,4,10,10]");
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  CHECK(analysis->totals.macs == 5 * 5 * 9 * 4);
  CHECK(analysis->totals.params == 36 + 4);
  CHECK(analysis->coverage.unknown_ops.empty());
}

TEST_CASE("ncnn: a projection in a recurrent layer, the length that a later layer states") {
  const Model model = completed("Input data 0 1 data\nLSTM l 1 1 data y 0=32 1=10240 2=0 3=64\n");
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  CHECK(analysis->totals.macs == 4 * 64 * (40 + 32) + 64 * 32);
  const Model stated = completed(
      "Input data 0 1 data\n"
      "RMSNorm n 1 1 data x 0=64 2=0\n"
      "Gemm g 1 1 x y 3=1 5=1 7=20 8=16 9=64 10=-1\n");
  CHECK(shape_of(stated, "y") == "[1,20,16]");
}

TEST_CASE("ncnn: errors") {
  const std::string input = "Input data 0 1 data 0=4 1=4 2=3\n";
  CHECK(error_of("7767517\n2 2\n" + input) == "line 3: the file ends after 1 layers of 2 [damaged]");
  CHECK(error_of("7767517\n2 2\n" + input + "Convolution c 1 1 data\n") ==
        "line 4: layer \"c\" names 1 blobs, states 2 [damaged]");
  CHECK(error_of("7767517\n2 2\n" + input + "ReLU r 1 1 data y slope=1\n") ==
        "line of layer \"r\": \"slope=1\" is no key=value with a number as key [damaged]");
  CHECK(error_of("7767517\n2 2\n" + input + "ReLU r 1 1 data y 32=1\n") ==
        "line of layer \"r\": key 32 is not one of 0 to 31 [damaged]");
  CHECK(error_of("7767517\n2 2\n" + input + "Slice r 1 1 data y -23300=3,1,2\n") ==
        "line of layer \"r\": array key 0 states a count of 3, it has 2 elements [damaged]");
  CHECK(error_of("7767517\n2 2\n" + input + "Convolution c 1 1 data y 0=8 1=3 6=215\n") ==
        "layer #1 Convolution \"c\": weight_data_size 215 is no multiple of 8 x 3 x 3 [invalid-attribute]");
  CHECK(error_of("7767517\n2 2\n" + input + "Convolution c 1 1 data y 0=8 1=3 6=288\n") ==
        "op #1 Convolution \"c\" (byte 0x2c): filter has 4 input channels, input has 3 [shape-mismatch]");
  CHECK(error_of("7767517\n2 2\npnnx.Input pnnx_input_0 0 1 0 #0=(1,3,4,4)f32\nnn.ReLU r 1 1 0 1\n") ==
        "a PNNX graph, the step between PyTorch and ncnn: its operators are PyTorch's (pnnx.Input); give the "
        ".ncnn.param that pnnx wrote beside it [not-a-model]");
}

namespace {

void put(std::string& out, std::initializer_list<std::int32_t> words) {
  for (const std::int32_t word : words) {
    for (int i = 0; i < 4; ++i) out += static_cast<char>(static_cast<std::uint32_t>(word) >> (8 * i));
  }
}

// Input 0=4 1=4 2=3, Convolution 0=2 1=1 5=1 6=6 9=1, Interp 0=1 1=2.0 2=2.0.
std::string binary_param() {
  std::string out;
  put(out, {7767517, 3, 3});
  put(out, {16, 0, 1, 0, 0, 4, 1, 4, 2, 3, -233});
  put(out, {6, 1, 1, 0, 1, 0, 2, 1, 1, 5, 1, 6, 6, 9, 1, -23310, 1, 0, -233});
  put(out, {50, 1, 1, 1, 2, 0, 1, 1, 0x40000000, 2, 0x40000000, -233});
  return out;
}

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / "nngauge_ncnn_test") {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
  }
  [[nodiscard]] Result<Model> read(const std::string& name) const {
    const std::string path = (path_ / name).string();
    NNGAUGE_TRY(const auto file, MappedFile::open(path));
    const auto companions = folder_companions(path);
    return read_model({path, file->bytes(), companions.get()});
  }

 private:
  std::filesystem::path path_;
};

const std::string kSmallNet = with_header(
    "Input data 0 1 data 0=4 1=4 2=3\n"
    "Convolution c 1 1 data c 0=2 1=1 5=1 6=6\n"
    "MemoryData m 0 1 m 0=4 1=4 2=2\n"
    "BinaryOp add 2 1 c m y 0=0\n");

std::string weights(std::uint32_t tag, std::size_t kernel_bytes) {
  std::string out;
  put(out, {static_cast<std::int32_t>(tag)});
  return out + std::string(kernel_bytes, 'k') + std::string(2 * 4, 'b') + std::string(32 * 4, 'm');
}

}  // namespace

TEST_CASE("ncnn: the binary form") {
  const auto model = read_bytes(binary_param());
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  Model copy = *model;
  REQUIRE(complete_model(copy, {}));
  CHECK(shape_of(copy, "blob2") == "[1,2,8,8]");
  CHECK(totals_of(copy).macs == 4ULL * 4 * 2 * 3);
  CHECK(copy.main().ops[0].source_op == "Convolution");
  const std::string whole = binary_param();
  for (std::size_t size = 28; size < whole.size(); ++size) {
    const auto cut = read_bytes(whole.substr(0, size));
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == ErrorCode::kDamaged);
  }
  std::string wrong = whole;
  wrong[4 * 6] = 9;  // a blob that does not exist
  CHECK(error_of(wrong) == "byte 28: blob 9 of 3 is named [damaged]");
}

TEST_CASE("ncnn: weights lie in the .bin beside the .param") {
  const Folder folder;
  folder.write("net.param", kSmallNet);
  struct Case {
    std::uint32_t tag;
    std::size_t bytes;  // of six weights, padded to four
    DType dtype;
    std::uint64_t stored;
  };
  const Case cases[] = {{0, 24, DType::kFloat32, 24},
                        {0x01306B47, 12, DType::kFloat16, 12},
                        {0x000D4B38, 8, DType::kInt8, 6},
                        {0x0002C056, 24, DType::kFloat32, 24},
                        {7, 1024 + 8, DType::kUInt8, 1024 + 6}};
  for (const Case& c : cases) {
    INFO(c.tag);
    folder.write("net.bin", weights(c.tag, c.bytes));
    for (const std::string name : {"net.param", "net.bin"}) {
      const auto model = folder.read(name);
      INFO((model ? std::string() : model.error().text()));
      REQUIRE(model);
      CHECK(model->diagnostics.items().size() == 1);  // the counts line
      const std::int32_t file = name == "net.bin" ? 0 : 1;
      CHECK(model->files[static_cast<std::size_t>(file)].size_bytes == 4 + c.bytes + 8 + 128);
      const Graph& graph = model->main();
      const auto tensor = [&](std::size_t op, std::size_t operand) {
        return graph.tensors[static_cast<std::size_t>(graph.ops[op].inputs[operand].tensor)];
      };
      CHECK(tensor(0, 1).dtype == c.dtype);
      CHECK(tensor(0, 1).data == DataRef{file, 4, c.stored});
      CHECK(tensor(0, 2).data == DataRef{file, 4 + c.bytes, 8});
      CHECK(tensor(1, 1).data == DataRef{file, 4 + c.bytes + 8, 128});
    }
  }
}

TEST_CASE("ncnn: a .bin that ends too early or too late") {
  const Folder folder;
  folder.write("net.param", kSmallNet);
  const std::string whole = weights(0, 24);
  folder.write("net.bin", whole.substr(0, 60));
  CHECK(
      folder.read("net.param").error().text() ==
      "file \"net.bin\": layer #2 MemoryData \"m\": its 32 float32 weights from byte 36 reach over the end of the .bin "
      "at 60 [damaged]");
  folder.write("net.bin", whole.substr(0, 2));
  CHECK(folder.read("net.param").error().code == ErrorCode::kDamaged);
  folder.write("net.bin", whole + "more");
  const auto model = folder.read("net.param");
  REQUIRE(model);
  CHECK(model->diagnostics.items().back().message ==
        "the layers take 164 bytes of the .bin, it has 168: perhaps it belongs to another .param");
}

TEST_CASE("ncnn: the shared networks") {
  const std::string folder = NNGAUGE_SOURCE_DIR "/../shared";
  if (!std::filesystem::exists(folder)) {
    WARN("../shared is absent: real files are not tested");
    return;
  }
  struct Case {
    const char* file;
    std::uint64_t macs, params;
  };
  // Exact values of the published networks; SqueezeNet v1.1 with conv10 padded by 1: 16 x 16 instead of 14 x 14.
  const Case cases[] = {
      {"models/ncnn/Tencent__ncnn__alexnet.param", 724406816, 60965224},
      {"models/ncnn/Tencent__ncnn__vgg16.param", 15470264320, 138357544},
      {"models/ncnn/Tencent__ncnn__googlenet.param", 1582671872, 6998552},
      {"models/ncnn/Tencent__ncnn__resnet50.param", 3857973248, 25530472},
      {"models/ncnn/Tencent__ncnn__squeezenet_v1.1.param", 387747520 + (16ULL * 16 - 14 * 14) * 512 * 1000, 1235496},
      {"models/ncnn/Tencent__ncnn__squeezenet_v1.1.param.bin", 387747520 + (16ULL * 16 - 14 * 14) * 512 * 1000,
       1235496},
      {"measured/ncnn/graphs/mobilenet.param", 568740352, 4221032},
  };
  for (const Case& c : cases) {
    INFO(c.file);
    const std::string path = folder + "/" + c.file;
    const auto file = MappedFile::open(path);
    REQUIRE(file);
    const auto companions = folder_companions(path);
    auto model = read_model({path, (*file)->bytes(), companions.get()});
    REQUIRE(model);
    REQUIRE(complete_model(*model, {}));
    CHECK(totals_of(*model).macs == c.macs);
    CHECK(totals_of(*model).params == c.params);
  }
}
