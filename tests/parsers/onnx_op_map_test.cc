// SPDX-License-Identifier: Apache-2.0
// Every way in which an ONNX operator becomes one of ours: kind, order and roles of operands, attributes.
#include <catch2/catch.hpp>
#include <set>

#include "parsers/onnx/op_map.h"
#include "tests/parsers/onnx_support.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

struct Case {
  std::int64_t opset;
  const char* values;
  const char* node;
  const char* expected;
};

void check(const Case& c) {
  INFO(c.node);
  const auto model = read_bytes(node_model(c.opset, c.values, c.node));
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  REQUIRE(model->main().ops.size() == 1);
  CHECK(op_text(*model, model->main(), model->main().ops[0]) == c.expected);
}

std::string node(std::string_view type, std::string_view inputs, std::string_view rest = "",
                 std::string_view output = "y") {
  std::string out = "op_type: '" + std::string(type) + "' ";
  std::string name;
  for (const char ch : std::string(inputs) + " ") {
    if (ch != ' ') name += ch;
    else {
      out += "input: '" + (name == "-" ? std::string() : name) + "' ";
      name.clear();
    }
  }
  return out + "output: '" + std::string(output) + "' " + std::string(rest);
}

std::string ints(std::string_view name, std::string_view values) {
  return "attribute { name: '" + std::string(name) + "' type: INTS ints: [" + std::string(values) + "] } ";
}
std::string integer(std::string_view name, int value) {
  return "attribute { name: '" + std::string(name) + "' type: INT i: " + std::to_string(value) + " } ";
}
std::string text(std::string_view name, std::string_view value) {
  return "attribute { name: '" + std::string(name) + "' type: STRING s: '" + std::string(value) + "' } ";
}

struct Row {
  std::int64_t opset;
  const char* values;
  std::string node;
  const char* expected;
};

void check_all(const std::vector<Row>& rows) {
  for (const Row& row : rows) check({row.opset, row.values, row.node.c_str(), row.expected});
}

constexpr const char* kImage = "x:float[1,3,8,8]";

}  // namespace

TEST_CASE("onnx op map: convolutions") {
  check_all({
      {11, "x:float[1,3,8,8] W:float[4,3,3,3]! B:float[4]!",
       node("Conv", "x W B", ints("strides", "2,2") + ints("pads", "1,1,1,1")),
       "Conv2D (x, W:weight, B:bias) -> (y) conv strides=[2,2] pads=[1,1,1,1]"},
      {11, "x:float[1,6,8] W:float[6,1,3]!", node("Conv", "x W", integer("group", 6)),
       "DepthwiseConv1D (x, W:weight) -> (y) conv groups=6"},
      {11, "x:float[1,6,8,8] W:float[12,1,3,3]!", node("Conv", "x W", integer("group", 6)),
       "DepthwiseConv2D (x, W:weight) -> (y) conv groups=6"},
      {11, "x:float[1,6,8,8] W:float[12,2,3,3]!", node("Conv", "x W", integer("group", 3)),
       "Conv2D (x, W:weight) -> (y) conv groups=3"},
      {11, "x:float[1,1,8,8] W:float[4,1,3,3]!", node("Conv", "x W"), "Conv2D (x, W:weight) -> (y) conv"},
      {11, "x:float[1,3,4,8,8] W:float[4,3,1,3,3]!", node("Conv", "x W", text("auto_pad", "SAME_UPPER")),
       "Conv3D (x, W:weight) -> (y) conv padding=same-upper"},
      {11, "x:float[1,3,8,8] W:float[3,4,2,2]!",
       node("ConvTranspose", "x W", ints("output_shape", "1,4,16,16") + ints("strides", "2,2")),
       "ConvTranspose2D (x, W:weight) -> (y) conv filter_layout=in-out-spatial strides=[2,2] output_shape=[16,16]"},
      {11, "x:uint8[1,3,8,8] s:float[]=1 z:uint8[]=0 W:uint8[4,3,3,3]! B:int32[4]!",
       node("QLinearConv", "x s z W s z s z B"),
       "Conv2D (x, W:weight, B:bias, -, s:quant, z:quant, s:quant, z:quant, s:quant, z:quant) -> (y) conv"},
      {11, "x:uint8[1,3,8,8] z:uint8[]=0 W:uint8[4,3,3,3]!", node("ConvInteger", "x W z"),
       "Conv2D (x, W:weight, -, -, z:quant) -> (y) conv"},
      {11, "x:float[1,3,8,8] W:float[4,3,3,3]! B:float[4]! r:float[1,4,6,6]",
       node("FusedConv", "x W B r", "domain: 'com.microsoft' " + text("activation", "Relu")),
       "Conv2D (x, W:weight, B:bias, r) -> (y) conv act=relu"},
      {11, "x:float[1,8,8,3] W:float[4,3,5,5]!", node("NhwcConv", "x W", "domain: 'com.microsoft'"),
       "Conv2D (x, W:weight) -> (y) conv layout=channels-last"},
      {11, "x:float[1,8,8,3] W:float[4,5,5,3]!", node("NhwcFusedConv", "x W", "domain: 'com.microsoft'"),
       "Conv2D (x, W:weight) -> (y) conv layout=channels-last filter_layout=out-spatial-in"},
      {19, "x:float[1,3,8,8] W:float[4,3,3,3]! o:float[1,18,6,6] B:float[4]!", node("DeformConv", "x W o B"),
       "DeformConv2D (x, W:weight, o, B:bias) -> (y) conv"},
  });
}

TEST_CASE("onnx op map: pooling") {
  check_all({
      {11, kImage, node("MaxPool", "x", ints("kernel_shape", "3,3") + ints("strides", "2,2") + integer("ceil_mode", 1)),
       "MaxPool (x) -> (y) pool kernel=[3,3] strides=[2,2] ceil_mode=true"},
      {11, kImage, node("AveragePool", "x", ints("kernel_shape", "2,2") + integer("count_include_pad", 1)),
       "AveragePool (x) -> (y) pool kernel=[2,2] count_include_pad=true"},
      {1, kImage, node("GlobalAveragePool", "x"), "GlobalAveragePool (x) -> (y) pool"},
      {11, "x:uint8[1,8,8,3] s:float[]=1 z:uint8[]=0",
       node("QLinearAveragePool", "x s z s z",
            "domain: 'com.microsoft' " + ints("kernel_shape", "2,2") + integer("channels_last", 1)),
       "AveragePool (x, s:quant, z:quant, s:quant, z:quant) -> (y) pool layout=channels-last kernel=[2,2]"},
      {16, "x:float[1,3,8,8] r:float[5,4] i:int64[5]",
       node("RoiAlign", "x r i", integer("output_height", 7) + integer("output_width", 6)),
       "RoiAlign (x, r, i:config) -> (y) custom pooled_height=7 pooled_width=6"},
  });
}

// What some exporters write although the specification says otherwise.
TEST_CASE("onnx op map: attributes and operators out of place") {
  check_all({
      {2, "x:float[2,10,4]", node("MaxPool", "x", ints("kernel_shape", "4") + ints("pads", "1")),
       "MaxPool (x) -> (y) pool kernel=[4] pads=[1,1]"},
      {13, "x:float[4,4]", node("Pad", "x", ints("pads", "1,1,1,1")), "Pad (x) -> (y) pad pads=[1,1,1,1]"},
      {19, "x:float[2,4,4] w:float[4,12]! b:float[12]!", node("Attention", "x w b", integer("num_heads", 2)),
       "Attention (x, w:weight, b:bias) -> (y) attention form=packed-weights num_heads=2"},
      {17, "q:float[1,1,96] k:float[1] v:float[1]",
       node("GroupQueryAttention", "q k v",
            "domain: 'com.microsoft' " + integer("num_heads", 4) + integer("kv_num_heads", 1)),
       "Attention (q) -> (y) attention num_heads=4 kv_num_heads=1 packed_qkv=true total_length_input=8"},
      {17, "q:float[1,1,96]", node("SparseAttention", "q", "domain: 'com.microsoft' " + integer("num_heads", 4)),
       "Custom (q) -> (y) custom domain=com.microsoft name=SparseAttention"},
      {5, "x:float[2,4] n:int64[1]=3 a:int64[1]=1", node("Tile", "x n a"), "Tile (x) -> (y) axis axis=1 count=3"},
      {17, "x:float[2,4]", node("SimplifiedLayerNormalization", "x"), "RMSNorm (x) -> (y) norm"},
  });
}

TEST_CASE("onnx op map: matrix products") {
  check_all({
      {13, "x:float[2,8] W:float[4,8]! B:float[4]!", node("Gemm", "x W B", integer("transB", 1)),
       "Dense (x, W:weight, B:bias) -> (y) dense transpose_b=true"},
      {6, "x:float[2,8] W:float[8,4]! B:float[4]!", node("Gemm", "x W B", integer("broadcast", 1)),
       "Dense (x, W:weight, B:bias) -> (y) dense"},
      {13, "x:float[2,8] w:float[8,4]", node("MatMul", "x w"), "MatMul (x, w) -> (y) matmul"},
      {13, "x:float[2,8] w:float[4,2]!", node("MatMul", "w x"), "MatMul (w:weight, x) -> (y) matmul"},
      {13, "x:uint8[2,8] w:uint8[8,4]! s:float[]=1 z:uint8[]=0", node("QLinearMatMul", "x s z w s z s z"),
       "MatMul (x, w:weight, -, s:quant, z:quant, s:quant, z:quant, s:quant, z:quant) -> (y) matmul"},
      {13, "x:uint8[2,8] w:uint8[8,4]! z:uint8[]=0", node("MatMulInteger", "x w - z"),
       "MatMul (x, w:weight, -, z:quant) -> (y) matmul"},
      {13, "x:float[2,8] w:float[4,8]!", node("FusedMatMul", "x w", "domain: 'com.microsoft' " + integer("transB", 1)),
       "MatMul (x, w:weight) -> (y) matmul transpose_b=true"},
      {13, "x:float[2,64] w:uint8[4,2,16]! s:float[8]! z:uint8[4]! b:float[4]!",
       node("MatMulNBits", "x w s z - b",
            "domain: 'com.microsoft' " + integer("K", 64) + integer("N", 4) + integer("block_size", 32)),
       "MatMulPacked (x, w:weight, b:bias, -, -, -, s:quant, z:quant) -> (y) packed-matmul k=64 n=4 block_size=32"},
      {12, "x:float[2,8] w:float[8,4]!", node("Einsum", "x w", text("equation", "ij,jk->ik")),
       "Einsum (x, w:weight) -> (y) einsum equation=ij,jk->ik"},
  });
}

TEST_CASE("onnx op map: attention and recurrent layers") {
  check_all({
      {23, "q:float[1,4,16] k:float[1,4,16] v:float[1,4,16] m:float[4,4]",
       node("Attention", "q k v m", integer("q_num_heads", 4) + integer("kv_num_heads", 2)),
       "Attention (q, k, v, m) -> (y) attention num_heads=4 kv_num_heads=2"},
      {17, "x:float[1,4,16] w:float[16,48]! b:float[48]!",
       node("Attention", "x w b", "domain: 'com.microsoft' " + integer("num_heads", 2)),
       "Attention (x, w:weight, b:bias) -> (y) attention form=packed-weights num_heads=2"},
      {17, "q:float[1,4,16] k:float[1,4,16] v:float[1,4,16] b:float[48]! p:float[1,2,3,8]",
       node("MultiHeadAttention", "q k v b - - p p", "domain: 'com.microsoft' " + integer("num_heads", 2)),
       "Attention (q, k, v, -, p:state, p:state, b:bias) -> (y) attention num_heads=2"},
      {17, "q:float[1,4,16] p:float[1,2,3,8] l:int32[1] t:int32[]",
       node("GroupQueryAttention", "q - - p p l t",
            "domain: 'com.microsoft' " + integer("num_heads", 4) + integer("kv_num_heads", 2)),
       "Attention (q, -, -, -, p:state, p:state, -, l:config, t:config) -> (y) attention num_heads=4 kv_num_heads=2 "
       "packed_qkv=true total_length_input=8"},
      {14, "x:float[5,1,4] W:float[1,32,4]! R:float[1,32,8]! B:float[1,64]! h:float[1,1,8]",
       node("LSTM", "x W R B - h", integer("hidden_size", 8)),
       "LSTM (x, W:weight, R:weight, B:bias, -, h:state) -> (y) recurrent hidden_size=8 merge_outputs=false "
       "onnx_outputs=true"},
      {14, "x:float[1,5,4] W:float[2,24,4]! R:float[2,24,8]!",
       node("GRU", "x W R", text("direction", "bidirectional") + integer("layout", 1)),
       "GRU (x, W:weight, R:weight) -> (y) recurrent hidden_size=8 directions=2 time_major=false merge_outputs=false "
       "onnx_outputs=true "
       "batch_first_states=true"},
      {23, "x:float[1,2,4,8] c:float[4,4] s:float[4,4] p:int64[1,4]",
       node("RotaryEmbedding", "x p c s", "domain: 'com.microsoft'"),
       "RotaryEmbedding (x, c:config, s:config, p:config) -> (y) attention"},
  });
}

TEST_CASE("onnx op map: normalisation") {
  check_all({
      {9, "x:float[1,3,8,8] s:float[3]! b:float[3]! m:float[3]! v:float[3]!", node("BatchNormalization", "x s b m v"),
       "BatchNorm (x, s:norm, b:norm, m:norm, v:norm) -> (y) norm"},
      {17, "x:float[1,4,8] s:float[8]! b:float[8]!", node("LayerNormalization", "x s b", integer("axis", 2)),
       "LayerNorm (x, s:norm, b:norm) -> (y) norm axis=2"},
      {21, "x:float[1,4,8,8] s:float[4]! b:float[4]!", node("GroupNormalization", "x s b", integer("num_groups", 2)),
       "GroupNorm (x, s:norm, b:norm) -> (y) norm groups=2"},
      {17, "x:float[1,4,8] r:float[1,4,8] g:float[8]! e:float[8]! b:float[8]!",
       node("SkipLayerNormalization", "x r g e b", "domain: 'com.microsoft'"),
       "SkipLayerNorm (x, r, g:norm, e:norm, b:bias) -> (y) norm"},
      {17, "x:float[1,4,8] r:float[1,4,8] g:float[8]! b:float[8]!",
       node("SkipSimplifiedLayerNormalization", "x r g b", "domain: 'com.microsoft'"),
       "SkipRMSNorm (x, r, g:norm, b:bias) -> (y) norm"},
      {13, kImage, node("LRN", "x", integer("size", 5)), "LocalResponseNorm (x) -> (y) norm size=5"},
  });
}

TEST_CASE("onnx op map: element-wise operators and their moves") {
  check_all({
      {6, "x:float[1,3,8,8] b:float[3]!", node("Add", "x b", integer("broadcast", 1) + integer("axis", 1)),
       "Add (x, b) -> (y) broadcast legacy=true axis=1"},
      {7, "x:float[1,3,8,8] b:float[1,3,1,1]!", node("Add", "x b"), "Add (x, b) -> (y)"},
      {6, kImage,
       node("Clip", "x", "attribute { name: 'min' type: FLOAT f: 0 } attribute { name: 'max' type: FLOAT f: 6 }"),
       "Clip (x) -> (y) scalar beta=6"},
      {11, "x:float[1,3,8,8] h:float[]=6", node("Clip", "x - h"), "Clip (x, -, h:config) -> (y)"},
      {11, kImage, node("Softmax", "x"), "Softmax (x) -> (y) axis axis=1 flatten_2d=true"},
      {13, kImage, node("Softmax", "x"), "Softmax (x) -> (y) axis axis=-1"},
      {9, "x:float[1,3,8,8] s:float[3,1,1]!", node("PRelu", "x s"), "PRelu (x, s:weight) -> (y)"},
      {12, kImage, node("ReduceSum", "x", ints("axes", "2,3") + integer("keepdims", 0)),
       "ReduceSum (x) -> (y) axes axes=[2,3] has_axes=true keep_dims=false"},
      {13, "x:float[1,3,8,8] a:int64[1]=2", node("ReduceSum", "x a", integer("noop_with_empty_axes", 1)),
       "ReduceSum (x, a:config) -> (y) axes noop_with_empty_axes=true"},
      {17, kImage, node("ReduceMean", "x", ints("axes", "1")), "ReduceMean (x) -> (y) axes axes=[1] has_axes=true"},
      {13, kImage, node("ArgMax", "x", integer("axis", 1)), "ArgMax (x) -> (y) axis axis=1 keep_dims=true dtype=int64"},
      {9, kImage, node("TopK", "x", integer("k", 5)), "TopK (x) -> (y) top-k k=5"},
      {11, "x:float[1,10] k:int64[1]=5", node("TopK", "x k"), "TopK (x, k:config) -> (y) top-k"},
      {11, "a:uint8[4] s:float[]=1 z:uint8[]=0", node("QLinearAdd", "a s z a s z s z", "domain: 'com.microsoft'"),
       "Add (a, a, s:quant, z:quant, s:quant, z:quant, s:quant, z:quant) -> (y)"},
      {13, "x:float[4] s:float[]=1 z:int8[]=0", node("QuantizeLinear", "x s z"),
       "Quantize (x, s:quant, z:quant) -> (y) quant dtype=int8"},
      {13, "x:int8[4] s:float16[]=1 z:int8[]=0", node("DequantizeLinear", "x s z", integer("axis", 0)),
       "Dequantize (x, s:quant, z:quant) -> (y) quant axis=0 dtype=float16"},
      {20, kImage, node("Gelu", "x", text("approximate", "tanh")), "Gelu (x) -> (y) scalar approximate=true"},
  });
}

TEST_CASE("onnx op map: movement and its moves") {
  check_all({
      {1, kImage, node("Reshape", "x", ints("shape", "0,-1")),
       "Reshape (x) -> (y) reshape shape=[0,-1] has_shape=true zero_copies=true"},
      {5, "x:float[1,3,8,8] s:int64[2]=0,-1", node("Reshape", "x s"),
       "Reshape (x, s:config) -> (y) reshape zero_copies=true"},
      {14, "x:float[1,3,8,8] s:int64[2]=0,-1", node("Reshape", "x s", integer("allowzero", 1)),
       "Reshape (x, s:config) -> (y) reshape"},
      {9, kImage, node("Slice", "x", ints("starts", "1") + ints("ends", "3") + ints("axes", "2")),
       "Slice (x) -> (y) slice starts=[1] ends=[3] axes=[2] onnx_form=true"},
      {10, "x:float[8] s:int64[1]=1 e:int64[1]=3", node("Slice", "x s e"),
       "Slice (x, s:config, e:config) -> (y) slice onnx_form=true"},
      {11, "x:float[1,3]", node("Squeeze", "x", ints("axes", "0")), "Squeeze (x) -> (y) axes axes=[0] has_axes=true"},
      {13, "x:float[1,3] a:int64[1]=0", node("Unsqueeze", "x a"), "Unsqueeze (x, a:config) -> (y) axes"},
      {11, "x:float[6]", node("Split", "x", ints("split", "2,4")), "Split (x) -> (y) split sizes=[2,4]"},
      {13, "x:float[6] s:int64[2]=2,4", node("Split", "x s"), "Split (x, s:config) -> (y) split"},
      {18, "x:float[6]", node("Split", "x", integer("num_outputs", 2)), "Split (x) -> (y) split count=2"},
      {1, "x:float[4]", node("Pad", "x", ints("paddings", "1,1")), "Pad (x) -> (y) pad pads=[1,1]"},
      {2, "x:float[4]", node("Pad", "x", ints("pads", "1,1") + text("mode", "edge")),
       "Pad (x) -> (y) pad mode=edge pads=[1,1]"},
      {11, "x:float[4] p:int64[2]=1,1", node("Pad", "x p", text("mode", "reflect")),
       "Pad (x, p:config) -> (y) pad mode=reflect"},
      {9, "x:float[1,3,8,8] s:float[4]=1,1,2,2", node("Upsample", "x s", text("mode", "linear")),
       "ResizeBilinear (x, -, s:config) -> (y) resize mode=linear"},
      {7, kImage, node("Upsample", "x", "attribute { name: 'scales' type: FLOATS floats: [1, 1, 2, 2] }"),
       "ResizeNearest (x) -> (y) resize scales=[1,1,2,2]"},
      {10, "x:float[1,3,8,8] s:float[4]=1,1,2,2", node("Resize", "x s"),
       "ResizeNearest (x, -, s:config) -> (y) resize"},
      {13, "x:float[1,3,8,8] z:int64[4]=1,3,16,16", node("Resize", "x - - z", text("mode", "cubic")),
       "ResizeCubic (x, -, -, z:config) -> (y) resize mode=cubic"},
      {11, kImage, node("Transpose", "x", ints("perm", "0,2,3,1")), "Transpose (x) -> (y) transpose perm=[0,2,3,1]"},
      {11, "t:float[100,16]! i:int64[7]", node("Gather", "t i"), "Gather (t:weight, i) -> (y) axis"},
      {11, "t:int64[4]! i:int64[]", node("Gather", "t i"), "Gather (t:config, i) -> (y) axis"},
      {1, kImage, node("Cast", "x", text("to", "FLOAT16")), "Cast (x) -> (y) cast dtype=float16"},
      {9, kImage, node("Cast", "x", integer("to", 6)), "Cast (x) -> (y) cast dtype=int32"},
      {11, "c:uint8[4] s:float[]=1 z:uint8[]=0",
       node("QLinearConcat", "s z c s z c s z", "domain: 'com.microsoft' " + integer("axis", 0)),
       "Concat (c, c, s:quant, z:quant, s:quant, z:quant, s:quant, z:quant) -> (y) axis"},
      {11, kImage, node("DepthToSpace", "x", integer("blocksize", 2)),
       "DepthToSpace (x) -> (y) space-depth block_size=2"},
  });
}

TEST_CASE("onnx op map: results from shapes, unknown operators") {
  check_all({
      {9, "s:int64[2]=2,3",
       node("ConstantOfShape", "s",
            "attribute { name: 'value' type: TENSOR t { data_type: 7 dims: 1 int64_data: 5 } }"),
       "Fill (s:config) -> (y) fill dtype=int64 value=5 has_value=true"},
      {9, "s:int64[2]=2,3",
       node("ConstantOfShape", "s",
            "attribute { name: 'value' type: TENSOR t { data_type: 1 dims: 1 raw_data: '\\000\\000\\200?' } }"),
       "Fill (s:config) -> (y) fill dtype=float32 value=1 has_value=true"},
      {15, kImage, node("Shape", "x", integer("start", 1)), "Shape (x) -> (y) slice starts=[1] onnx_form=true"},
      {17, "x:float[1,16,1]", node("DFT", "x", integer("axis", 1)), "Dft (x) -> (y) signal axis=1"},
      {20, "x:float[1,16,1] a:int64[]=1", node("DFT", "x - a"), "Dft (x, -, a:config) -> (y) signal axis=1"},
      {9, "b:float[1,10,4] s:float[1,1,10] m:int64[1]=3", node("NonMaxSuppression", "b s m"),
       "NonMaxSuppression (b, s, m:config) -> (y) custom max_detections=3"},
      {9, kImage, node("Frobnicate", "x", "domain: 'org.example'"),
       "Custom (x) -> (y) custom domain=org.example name=Frobnicate"},
      {9, kImage, node("pnnx.Output", "x"), "Custom (x) -> (y) custom name=pnnx.Output"},
      {9, "x:string[1]", node("GPT2Tokenizer", "x", "domain: 'com.microsoft.extensions'"),
       "StringOp (x) -> (y) custom domain=com.microsoft.extensions name=GPT2Tokenizer"},
      {9, "x:float[1,4]", node("TreeEnsembleClassifier", "x", "domain: 'ai.onnx.ml'"),
       "ClassicalMl (x) -> (y) custom domain=ai.onnx.ml name=TreeEnsembleClassifier"},
  });
}

TEST_CASE("onnx op map: one row an operator") {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const auto& row : onnx_format::op_rows()) {
    INFO(row.domain << " " << row.name);
    CHECK(seen.insert({row.domain, row.name}).second);
    CHECK(row.read != nullptr);
    CHECK(onnx_format::find_op_row(row.domain, row.name) == &row);
  }
  CHECK(onnx_format::find_op_row("", "NoSuchOperator") == nullptr);
}

TEST_CASE("onnx op map: attributes of a wrong type or value") {
  const auto error = [](std::int64_t opset, std::string_view values, const std::string& text) {
    const auto model = read_bytes(node_model(opset, values, text));
    return model ? std::string("read") : model.error().text();
  };
  CHECK(error(11, kImage, node("Softmax", "x", text("axis", "1"))) ==
        "op #0 Softmax \"y\" (byte 0x6): attribute \"axis\" has type STRING, not INT [invalid-attribute]");
  CHECK(error(11, kImage, node("MaxPool", "x")) ==
        "op #0 MaxPool \"y\" (byte 0x6): attribute \"kernel_shape\" is missing [invalid-attribute]");
  CHECK(error(11, "x:float[1,3,8,8] W:float[4,3,3,3]!", node("Conv", "x W", text("auto_pad", "SAME"))) ==
        "op #0 Conv \"y\" (byte 0x6): auto_pad is \"SAME\", not NOTSET, SAME_UPPER, SAME_LOWER or VALID "
        "[invalid-attribute]");
  CHECK(error(11, kImage, node("Resize", "x", text("mode", "quadratic"))) ==
        "op #0 Resize \"y\" (byte 0x6): mode is \"quadratic\", not nearest, linear or cubic [invalid-attribute]");
  CHECK(error(20, "x:int32[3]", node("Gelu", "x")) ==
        "op #0 Gelu \"y\" (byte 0x6): operand 0 has type int32, the operator takes floating point [invalid-graph]");
  CHECK(error(11, kImage, node("Cast", "x")) ==
        "op #0 Cast \"y\" (byte 0x6): attribute \"to\" is missing [invalid-attribute]");
  CHECK(error(11, kImage, node("DepthToSpace", "x")) ==
        "op #0 DepthToSpace \"y\" (byte 0x6): blocksize is 0 [invalid-attribute]");
}

// Before IR version 4 attributes had no type: the field that is filled tells.
TEST_CASE("onnx op map: attributes without a type") {
  check({11, "x:float[1,3,8,8] W:float[4,3,3,3]!",
         "op_type: 'Conv' input: 'x' input: 'W' output: 'y' attribute { name: 'strides' ints: [2, 2] } attribute { "
         "name: 'group' i: 1 } "
         "attribute { name: 'auto_pad' s: 'VALID' }",
         "Conv2D (x, W:weight) -> (y) conv padding=valid strides=[2,2]"});
}

TEST_CASE("onnx op map: operators that were experimental once") {
  check({9, "x:float[2,3]", node("ConstantLike", "x", "attribute { name: 'value' type: FLOAT f: 1 } ").c_str(),
         "Fill (x) -> (y) fill like=true value=1 has_value=true"});
  check({9, "", node("Zeros", "", ints("shape", "2, 5") + integer("dtype", 1)).c_str(),
         "Fill () -> (y) fill dtype=float32 shape=[2,5] has_shape=true has_value=true"});
  check({15, "x:float[3,4,5]", node("Dim", "x", integer("axis", 1)).c_str(),
         "Shape (x) -> (y) slice starts=[1] ends=[2] onnx_form=true"});
  check({8, "x:float[3] z:float[3]", node("GE", "x z").c_str(), "GreaterEqual (x, z) -> (y)"});
  check({12, "x:float[2,3] z:float[4,3]", node("CDist", "x z", text("metric", "euclidean")).c_str(),
         "PairwiseDistance (x, z) -> (y) scalar alpha=0.5"});
  check({1, "x:float[1,3,8,8]", node("ImageScaler", "x").c_str(), "BatchNorm (x) -> (y) norm"});
}

TEST_CASE("onnx op map: torch modules as pnnx writes them") {
  check({11, "x:float[1,4,5,6,7] b:float[4]! W:float[4,1,3,3,3]!",
         "op_type: 'nn.Conv3d' input: 'x' input: 'b' input: 'W' output: 'y' attribute { name: 'groups' i: 4 } "
         "attribute { name: 'padding' ints: [1, 1, 1] } attribute { name: 'stride' ints: [2, 2, 2] }",
         "DepthwiseConv3D (x, W:weight, b:bias) -> (y) conv strides=[2,2,2] pads=[1,1,1,1,1,1] groups=4"});
  check({11, "x:float[1,4,6,7] W:float[4,5,3,3]!",
         "op_type: 'nn.ConvTranspose2d' input: 'x' input: 'W' output: 'y' attribute { name: 'stride' ints: [2, 2] }",
         "ConvTranspose2D (x, W:weight) -> (y) conv filter_layout=in-out-spatial strides=[2,2]"});
  const auto model = read_text(
      "ir_version: 4 opset_import { version: 11 } graph { name: 'g' "
      "node { op_type: 'pnnx.Input' output: 'a' } "
      "node { op_type: 'pnnx.Expression' output: 'k' attribute { name: 'expr' s: '4' } } "
      "node { op_type: 'TopK' input: 'a' input: 'k' output: 'v' output: 'i' } "
      "node { op_type: 'pnnx.Output' input: 'v' } "
      "value_info { name: 'a' type { tensor_type { elem_type: 1 shape { dim { dim_value: 3 } dim { dim_value: 9 } } } "
      "} } }");
  REQUIRE(model);
  CHECK(model->main().ops.size() == 2);
  CHECK(model->main().inputs.size() == 1);
  CHECK(model->main().outputs.size() == 1);
}
