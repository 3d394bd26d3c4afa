// SPDX-License-Identifier: Apache-2.0
// Options and operands of TFLite's operators, from FlatBuffers JSON to what the graph says.
#include <catch2/catch.hpp>

#include "flatbuffers/flexbuffers.h"
#include "tests/parsers/tflite_text.h"

namespace nngauge::test {

TEST_CASE("tflite: convolutions are channels last, filters as TFLite stores them") {
  TfliteText t;
  const int x = t.input("[1,8,9,3]"), w = t.constant("[4,3,2,3]"), b = t.constant("[4]");
  SECTION("CONV_2D") {
    t.op("CONV_2D", {x, w, b}, {t.tensor("[1,4,9,4]")}, "Conv2DOptions",
         "padding:SAME, stride_w:1, stride_h:2, fused_activation_function:RELU6, dilation_w_factor:3");
    CHECK(t.op_text() ==
          "Conv2D in=0,1:weight,2:bias out=3 act=relu6 attrs=conv layout=channels-last filter_layout=out-spatial-in "
          "padding=same-upper strides=[2,1] dilations=[1,3] groups=0");
  }
  SECTION("without bias") {
    t.op("CONV_2D", {x, w, -1}, {t.tensor("[1,8,9,4]")}, "Conv2DOptions", "padding:VALID, stride_w:1, stride_h:1");
    CHECK(t.op_text() ==
          "Conv2D in=0,1:weight out=3 attrs=conv layout=channels-last filter_layout=out-spatial-in padding=valid "
          "strides=[1,1] dilations=[1,1] groups=0");
  }
  SECTION("DEPTHWISE_CONV_2D") {
    const int filter = t.constant("[1,3,3,6]"), y = t.tensor("[1,8,9,6]");
    t.op("DEPTHWISE_CONV_2D", {x, filter, b}, {y}, "DepthwiseConv2DOptions",
         "padding:SAME, stride_w:1, stride_h:1, depth_multiplier:2");
    CHECK(t.op_text() ==
          "DepthwiseConv2D in=0,3:weight,2:bias out=4 attrs=conv layout=channels-last filter_layout=one-spatial-out "
          "padding=same-upper strides=[1,1] dilations=[1,1] groups=0");
  }
  SECTION("TRANSPOSE_CONV: the shape comes first in the file, last in the graph") {
    const int shape = t.ints({1, 16, 18, 4}), y = t.tensor("[1,16,18,4]");
    t.op("TRANSPOSE_CONV", {shape, w, x, b}, {y}, "TransposeConvOptions", "padding:SAME, stride_w:2, stride_h:2");
    CHECK(t.op_text() ==
          "ConvTranspose2D in=0,1:weight,2:bias,3:config out=4 attrs=conv layout=channels-last "
          "filter_layout=out-spatial-in padding=same-upper strides=[2,2]");
  }
  SECTION("without options the stride is not known, and nothing is guessed") {
    t.op("CONV_2D", {x, w, b}, {t.tensor("[1,8,9,4]")});
    CHECK(t.op_text() == "Custom in=0,1,2 out=3 attrs=custom name=CONV_2D");
    const Model model = t.model();
    REQUIRE(model.diagnostics.items().size() == 1);
    CHECK(model.diagnostics.items()[0].code == "no-options");
    CHECK(model.diagnostics.items()[0].message == "has no options, so its strides are not known");
  }
}

TEST_CASE("tflite: three axes") {
  TfliteText t;
  const int x = t.input("[1,4,8,8,3]"), w = t.constant("[3,3,3,3,2]"), y = t.tensor("[1,4,8,8,2]");
  t.op("CONV_3D", {x, w}, {y}, "Conv3DOptions", "padding:SAME, stride_d:1, stride_w:3, stride_h:2");
  CHECK(t.op_text() ==
        "Conv3D in=0,1:weight out=2 attrs=conv layout=channels-last filter_layout=spatial-in-out padding=same-upper "
        "strides=[1,2,3] dilations=[1,1,1] groups=0");
}

TEST_CASE("tflite: pools, dense layers, products") {
  TfliteText t;
  const int x = t.input("[1,8,8,3]");
  SECTION("pool") {
    t.op("AVERAGE_POOL_2D", {x}, {t.tensor("[1,4,4,3]")}, "Pool2DOptions",
         "padding:VALID, stride_w:2, stride_h:3, filter_width:4, filter_height:5, fused_activation_function:RELU");
    CHECK(t.op_text() ==
          "AveragePool in=0 out=1 act=relu attrs=pool layout=channels-last padding=valid kernel=[5,4] strides=[3,2]");
  }
  SECTION("dense") {
    const int w = t.constant("[5,192]"), y = t.tensor("[1,5]");
    t.op("FULLY_CONNECTED", {x, w, -1}, {y}, "FullyConnectedOptions", "fused_activation_function:TANH");
    CHECK(t.op_text() == "Dense in=0,1:weight out=2 act=tanh attrs=dense transpose_b=true");
  }
  SECTION("shuffled weights have a workspace as second result") {
    const int y = t.tensor("[1,5]"), w = t.constant("[5,192]"), workspace = t.tensor("[192]");
    t.op("FULLY_CONNECTED", {x, w}, {y, workspace}, "FullyConnectedOptions", "weights_format:1, keep_num_dims:true");
    t.outputs({y});
    CHECK(t.op_text() == "Dense in=0,2:weight out=1 attrs=dense transpose_b=true keep_dims=true");
  }
  SECTION("batched product") {
    t.op("BATCH_MATMUL", {x, x}, {t.tensor("[1,8,8,8]")}, "BatchMatMulOptions", "adj_y:true");
    CHECK(t.op_text() == "MatMul in=0,0 out=1 attrs=matmul transpose_b=true");
  }
}

TEST_CASE("tflite: recurrent layers tell their operands by role") {
  TfliteText t;
  const int x = t.input("[2,5,4]"), w = t.constant("[6,4]"), r = t.constant("[6,6]"), b = t.constant("[6]");
  const int s = t.tensor("[2,6]", "FLOAT32", "is_variable:true");
  const int y = t.tensor("[2,5,6]");
  SECTION("coupled gates: the input gate's weights are absent") {
    t.op("UNIDIRECTIONAL_SEQUENCE_LSTM", {x, -1, w, w, w, -1, r, r, r, -1, -1, -1, -1, b, b, b, -1, -1, s, s}, {y},
         "UnidirectionalSequenceLSTMOptions", "time_major:false");
    CHECK(t.op_text() ==
          "LSTM in=0,-:weight,1:weight,1:weight,1:weight,-:weight,2:weight,2:weight,2:weight,-:weight,-:weight,"
          "-:weight,-:bias,3:bias,3:bias,3:bias,-:weight,-:bias,4:state,4:state out=5 attrs=recurrent hidden_size=6 "
          "time_major=false");
  }
  SECTION("BASIC kernel: one matrix, four results of which one counts") {
    const int step = t.input("[2,4]"), all = t.constant("[24,10]"), bias = t.constant("[24]");
    const int state = t.tensor("[2,6]"), joined = t.tensor("[2,10]"), gates = t.tensor("[2,24]");
    t.op("LSTM", {step, s, all, bias, s}, {y, state, joined, gates}, "LSTMOptions", "kernel_type:BASIC");
    t.outputs({y});
    CHECK(t.op_text() ==
          "LSTM in=6,4:state,7:weight,8:bias,4:state out=5 attrs=recurrent hidden_size=6 single_step=true");
  }
  SECTION("SVDF") {
    const int step = t.input("[2,4]"), time = t.constant("[6,3]");
    t.op("SVDF", {step, w, time, -1, s}, {y}, "SVDFOptions", "rank:2");
    CHECK(t.op_text() ==
          "SVDF in=6,1:weight,7:weight,-:bias,4:state out=5 attrs=recurrent hidden_size=3 single_step=true rank=2");
  }
  SECTION("SVDF without a rank") {
    const int step = t.input("[2,4]"), time = t.constant("[6,3]");
    t.op("SVDF", {step, w, time, -1, s}, {y}, "SVDFOptions", "");
    CHECK(t.error().find("SVDF \"t5\": rank is 0 [invalid-attribute]") != std::string::npos);
  }
}

TEST_CASE("tflite: operands that say how, not what") {
  TfliteText t;
  const int x = t.input("[1,8,8,6]");
  const int y = t.tensor("[1,8,8,2]");
  struct Case {
    const char* code;
    std::vector<int> inputs;
    const char *options, *fields, *expected;
  };
  const int axis = t.scalar(3), axes = t.ints({1, 2}), sizes = t.ints({2, -1}), pads = t.constant("[4,2]", "INT32");
  const std::vector<Case> cases = {
      {"SPLIT", {axis, x}, "SplitOptions", "num_splits:1", "Split in=0 out=1 attrs=split axis=3"},
      {"SPLIT_V", {x, sizes, axis}, "SplitVOptions", "num_splits:1", "Split in=0,4:config out=1 attrs=split axis=3"},
      {"MEAN",
       {x, axes},
       "ReducerOptions",
       "keep_dims:false",
       "ReduceMean in=0,3:config out=1 attrs=axes keep_dims=false noop_with_empty_axes=true"},
      {"ARG_MAX", {x, axis}, "ArgMaxOptions", "", "ArgMax in=0,2:config out=1 attrs=axis axis=3 dtype=float32"},
      {"RESIZE_BILINEAR",
       {x, axes},
       "ResizeBilinearOptions",
       "align_corners:true",
       "ResizeBilinear in=0,-:config,-:config,3:config out=1 attrs=resize mode=linear layout=channels-last "
       "spatial_sizes=true align_corners=true"},
      {"PAD", {x, pads}, "PadOptions", "", "Pad in=0,5:config out=1 attrs=pad pairs=true"},
      {"MIRROR_PAD",
       {x, pads},
       "MirrorPadOptions",
       "mode:SYMMETRIC",
       "Pad in=0,5:config out=1 attrs=pad mode=symmetric pairs=true"},
      {"SCATTER_ND", {axes, x, sizes}, "ScatterNdOptions", "", "ScatterND in=4:config,3:config,0 out=1 attrs=none"},
      {"CONCATENATION",
       {x, x, x},
       "ConcatenationOptions",
       "axis:-1, fused_activation_function:RELU_N1_TO_1",
       "Concat in=0,0,0 out=1 act=relu-n1-to-1 attrs=axis axis=-1"},
      {"STRIDED_SLICE",
       {x, axes, axes, axes},
       "StridedSliceOptions",
       "begin_mask:1, shrink_axis_mask:2",
       "StridedSlice in=0,3:config,3:config,3:config out=1 attrs=slice begin_mask=1 shrink_axis_mask=2"},
      {"GATHER", {x, axes}, "GatherOptions", "axis:3", "Gather in=0,3:config out=1 attrs=axis axis=3"},
      {"WHERE", {x}, "WhereOptions", "", "NonZero in=0 out=1 attrs=axis axis=1"},
      {"LOCAL_RESPONSE_NORMALIZATION",
       {x},
       "LocalResponseNormalizationOptions",
       "radius:2",
       "LocalResponseNorm in=0 out=1 attrs=norm size=5 layout=channels-last"},
      {"SPACE_TO_DEPTH",
       {x},
       "SpaceToDepthOptions",
       "block_size:2",
       "SpaceToDepth in=0 out=1 attrs=space-depth block_size=2 layout=channels-last"},
      {"BUCKETIZE", {x}, "BucketizeOptions", "boundaries:[0,1,2]", "Bucketize in=0 out=1 attrs=axis count=3"},
      {"EMBEDDING_LOOKUP", {axes, x}, "", "", "EmbeddingLookup in=3,0:weight out=1 attrs=none"},
      {"PACK", {x, x}, "PackOptions", "values_count:2, axis:1", "Stack in=0,0 out=1 attrs=axis axis=1"},
  };
  for (const Case& c : cases) {
    TfliteText one = t;
    one.op(c.code, c.inputs, {y}, c.options, c.fields);
    INFO(c.code);
    CHECK(one.op_text() == c.expected);
  }
}

TEST_CASE("tflite: the target of a RESHAPE is its operand, or its option where it has none") {
  TfliteText t;
  const int x = t.input("[2,6]"), shape = t.ints({3, 4}), y = t.tensor("[3,4]");
  SECTION("operand") {
    t.op("RESHAPE", {x, shape}, {y}, "ReshapeOptions", "new_shape:[9,9]");
    CHECK(t.op_text() == "Reshape in=0,1:config out=2 attrs=reshape");
  }
  SECTION("option") {
    t.op("RESHAPE", {x}, {y}, "ReshapeOptions", "new_shape:[-1,4]");
    CHECK(t.op_text() == "Reshape in=0 out=2 attrs=reshape shape=[-1,4] has_shape=true");
  }
}

TEST_CASE("tflite: StableHLO operators are the plain kinds") {
  TfliteText t;
  const int x = t.input("[1,8,8,4]"), w = t.constant("[3,3,4,8]"), y = t.tensor("[1,8,8,8]");
  SECTION("convolution") {
    t.op("STABLEHLO_CONVOLUTION", {x, w}, {y});
    t.options_2("StablehloConvolutionOptions",
                "window_strides:[1,2], padding:[1,2,3,4], lhs_dilation:[1,1], rhs_dilation:[2,2], "
                "input_batch_dimension:0, input_feature_dimension:3, input_spatial_dimensions:[1,2], "
                "kernel_input_feature_dimension:2, kernel_output_feature_dimension:3, kernel_spatial_dimensions:[0,1], "
                "output_batch_dimension:0, output_feature_dimension:3, output_spatial_dimensions:[1,2], "
                "feature_group_count:1, batch_group_count:1");
    CHECK(t.op_text() ==
          "ConvGeneral in=0,1:weight out=2 attrs=general in_axes=[0,3,1,2] filter_axes=[2,3,0,1] out_axes=[0,3,1,2] "
          "strides=[1,2] pads=[1,3,2,4] lhs_dilations=[1,1] rhs_dilations=[2,2]");
  }
  SECTION("dot_general") {
    t.op("STABLEHLO_DOT_GENERAL", {x, w}, {y});
    t.options_2("StablehloDotGeneralOptions", "lhs_contracting_dimensions:[3], rhs_contracting_dimensions:[2]");
    CHECK(t.op_text() == "DotGeneral in=0,1 out=2 attrs=general lhs_contract=[3] rhs_contract=[2]");
  }
  SECTION("a reduction by addition") {
    const int start = t.constant("[]");
    t.op("STABLEHLO_REDUCE", {x, start}, {y});
    t.options_2("StablehloReduceOptions", "dimensions:[1,2], body_subgraph_index:1");
    t.subgraph(
        "{tensors:[{shape:[]},{shape:[]},{shape:[]}], inputs:[0,1], outputs:[2], operators:[{opcode_index:1, "
        "inputs:[0,1], outputs:[2]}]}");
    TfliteText with_body = t;
    const int z = with_body.tensor("[1,8,8,8]");
    with_body.op("STABLEHLO_ADD", {y, y}, {z});
    CHECK(with_body.op_text() ==
          "ReduceSum in=0 out=2 attrs=axes axes=[1,2] has_axes=true keep_dims=false noop_with_empty_axes=true");
  }
  SECTION("compare") {
    t.op("STABLEHLO_COMPARE", {x, x}, {y});
    t.options_2("StablehloCompareOptions", "comparison_direction:5");
    CHECK(t.op_text() == "Less in=0,0 out=2 attrs=none");
  }
  SECTION("clamp: the operand stands between its limits") {
    const int low = t.constant("[]"), high = t.constant("[]");
    t.op("STABLEHLO_CLAMP", {low, x, high}, {y});
    CHECK(t.op_text() == "Clip in=0,3:config,4:config out=2 attrs=none");
  }
  SECTION("and of integers works bit by bit") {
    const int i = t.input("[4]", "INT32");
    t.op("STABLEHLO_AND", {i, i}, {y});
    CHECK(t.op_text() == "BitwiseAnd in=3,3 out=2 attrs=none");
  }
  SECTION("interior padding lengthens the result: 1 + 2 + 7 x 3 more") {
    const int value = t.constant("[]");
    t.op("STABLEHLO_PAD", {x, value}, {y});
    t.options_2("StablehloPadOptions",
                "edge_padding_low:[0,1,0,0], edge_padding_high:[0,2,0,0], interior_padding:[0,3,0,0]");
    CHECK(t.op_text() == "Pad in=0,-:config,3:config out=2 attrs=pad pads=[0,1,0,0,0,23,0,0]");
  }
}

TEST_CASE("tflite: composites and control flow call subgraphs") {
  TfliteText t;
  const int x = t.input("[4]"), y = t.tensor("[4]");
  t.subgraph("{tensors:[{shape:[4]}], inputs:[0], outputs:[0], operators:[]}");
  SECTION("composite") {
    t.op("STABLEHLO_COMPOSITE", {x}, {y});
    t.options_2("StableHLOCompositeOptions", "name:\"odml.group_norm\", decomposition_subgraph_index:1");
    CHECK(t.op_text() == "Composite in=0 out=1 attrs=control then_graph=1 name=odml.group_norm");
    CHECK(t.model().main().ops[0].source_op == "STABLEHLO_COMPOSITE:odml.group_norm");
  }
  SECTION("a subgraph that does not exist") {
    t.op("WHILE", {x}, {y}, "WhileOptions", "cond_subgraph_index:1, body_subgraph_index:2");
    CHECK(t.error() == "op #0 WHILE \"t1\": calls subgraph #2 of 2 [invalid-graph]");
  }
}

namespace {

std::vector<int> flex_map(const std::vector<std::pair<const char*, int>>& entries) {
  flexbuffers::Builder flex;
  flex.Map([&] {
    for (const auto& [key, value] : entries) flex.Int(key, value);
  });
  flex.Finish();
  const std::vector<std::uint8_t>& bytes = flex.GetBuffer();
  return std::vector<int>(bytes.begin(), bytes.end());
}

}  // namespace

TEST_CASE("tflite: the signal library's operators take their meaning from their options") {
  TfliteText t;
  const int x = t.input("[480]"), y = t.tensor("[514]");
  SECTION("transform") {
    t.custom("SignalRfft", {x}, {y}, flex_map({{"T", 7}, {"fft_length", 512}}));
    CHECK(t.op_text() == "Dft in=0 out=1 attrs=signal onesided=true interleaved=true fft_length=[512]");
  }
  SECTION("transform without a length") {
    t.custom("SignalRfft", {x}, {y});
    CHECK(t.op_text() == "Custom in=0 out=1 attrs=custom name=SignalRfft");
  }
  SECTION("energy of some bins") {
    t.custom("SignalEnergy", {x}, {y}, flex_map({{"start_index", 5}, {"end_index", 241}}));
    CHECK(t.op_text() == "SpectrumEnergy in=0 out=1 attrs=slice starts=[5] ends=[241]");
  }
  SECTION("filter bank") {
    const int weights = t.constant("[316]");
    t.custom("SignalFilterBank", {x, weights}, {y}, flex_map({{"num_channels", 40}}));
    CHECK(t.op_text() == "FilterBank in=0,2:config out=1 attrs=axis axis=-1 count=40");
  }
  SECTION("window") {
    const int window = t.constant("[480]");
    t.custom("SignalWindow", {x, window}, {y}, flex_map({{"shift", 12}}));
    CHECK(t.op_text() == "Mul in=0,2:config out=1 attrs=none");
  }
}

TEST_CASE("tflite: a custom operator with the name of a TensorFlow function is that function") {
  TfliteText t;
  const int x = t.input("[3]"), y = t.tensor("[3]");
  SECTION("as many operands as the function has") {
    t.custom("Sinh", {x}, {y});
    CHECK(t.op_text() == "Sinh in=0 out=1 attrs=none");
  }
  SECTION("another number of operands is something else") {
    t.custom("Sinh", {x, x}, {y});
    CHECK(t.op_text() == "Custom in=0,0 out=1 attrs=custom name=Sinh");
  }
  SECTION("text") {
    t.custom("tftext:WhitespaceTokenizer", {x}, {y});
    CHECK(t.op_text() == "StringOp in=0 out=1 attrs=custom name=tftext:WhitespaceTokenizer");
  }
}

TEST_CASE("tflite: a convolution whose options are a map") {
  TfliteText t;
  const int x = t.input("[2,8,9,5]"), w = t.constant("[6,2,2,5]"), b = t.constant("[6]"), y = t.tensor("[2,6,3,6]");
  t.custom(
      "MTKEXT_CONV_2D", {x, w, b}, {y},
      flex_map({{"padding", 1}, {"stride_w", 2}, {"stride_h", 1}, {"dilation_w_factor", 3}, {"dilation_h_factor", 2}}));
  CHECK(t.op_text() ==
        "Conv2D in=0,1:weight,2:bias out=3 attrs=conv layout=channels-last filter_layout=out-spatial-in padding=valid "
        "strides=[1,2] dilations=[2,3] groups=0");
}

TEST_CASE("tflite: custom operators") {
  TfliteText t;
  const int x = t.input("[1,8,8,3]"), w = t.constant("[4,2,2,3]"), b = t.constant("[4]"), y = t.tensor("[1,16,16,4]");
  SECTION("unknown ones keep their name") {
    t.custom("MyOp", {x}, {y});
    CHECK(t.op_text() == "Custom in=0 out=3 attrs=custom name=MyOp");
    CHECK(t.model().main().ops[0].source_op == "MyOp");
  }
  SECTION("a transposed convolution: padding same, stride_w 3, stride_h 2 as 32-bit numbers") {
    t.custom("Convolution2DTransposeBias", {x, w, b}, {y}, {1, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0});
    CHECK(t.op_text() ==
          "ConvTranspose2D in=0,1:weight,2:bias out=3 attrs=conv layout=channels-last filter_layout=out-spatial-in "
          "padding=same-upper strides=[2,3]");
  }
  SECTION("the same with options that are too short stays unknown") {
    t.custom("Convolution2DTransposeBias", {x, w, b}, {y}, {1, 0, 0, 0});
    CHECK(t.op_text() == "Custom in=0,1,2 out=3 attrs=custom name=Convolution2DTransposeBias");
  }
  SECTION("TensorFlow operators that need no attributes") {
    t.custom("FlexErf", {x}, {y});
    CHECK(t.op_text() == "Erf in=0 out=3 attrs=none");
    CHECK(t.model().main().ops[0].source_op == "Flex:Erf");
  }
  SECTION("TensorFlow operators that need them, without a NodeDef") {
    t.custom("FlexConv3D", {x, w}, {y});
    CHECK(t.op_text() == "Custom in=0,1 out=3 attrs=custom domain=tensorflow name=Conv3D");
    CHECK(t.model().diagnostics.items().at(0).message == "has no strides or no padding");
  }
  SECTION("TensorFlow operators with their NodeDef") {
    // NodeDef in text: attr {key:"strides" value {list {i:1 i:1 i:2 i:3 i:1}}} attr {key:"padding" value {s:"VALID"}}
    const std::string strides = std::string("\x2A\x14\x0A\x07strides\x12\x09\x0A\x07\x1A\x05\x01\x01\x02\x03\x01", 22);
    const std::string padding = std::string("\x2A\x12\x0A\x07padding\x12\x07\x12\x05VALID", 20);
    flexbuffers::Builder flex;
    flex.Vector([&] {
      flex.String("Conv3D");
      flex.String(strides + padding);
    });
    flex.Finish();
    const std::vector<std::uint8_t>& bytes = flex.GetBuffer();
    t.custom("FlexConv3D", {x, w}, {y}, std::vector<int>(bytes.begin(), bytes.end()));
    CHECK(t.op_text() ==
          "Conv3D in=0,1:weight out=3 attrs=conv layout=channels-last filter_layout=spatial-in-out padding=valid "
          "strides=[1,2,3] groups=0");
  }
  SECTION("what delegates leave behind") {
    t.custom("edgetpu-custom-op", {x}, {y}, {1, 2, 3});
    CHECK(t.op_text() == "DelegateBlob in=0:config out=3 attrs=custom name=edgetpu-custom-op");
  }
}

TEST_CASE("tflite: operator codes, old and new") {
  const auto kind_of = [](const std::string& code) {
    const std::string json = "{version:3, operator_codes:[{" + code +
                             "}], subgraphs:[{tensors:[{shape:[4]},{shape:[4]}], inputs:[0], outputs:[1], "
                             "operators:[{inputs:[0], outputs:[1]}]}], buffers:[{}]}";
    const std::string bytes = tflite_from_json(json);
    const Result<Model> model = read_bytes(bytes);
    return model ? model->main().ops[0].source_op : model.error().text();
  };
  CHECK(kind_of("deprecated_builtin_code:101") == "ABS");
  CHECK(kind_of("deprecated_builtin_code:101, builtin_code:ABS") == "ABS");
  CHECK(kind_of("deprecated_builtin_code:127, builtin_code:SIGN") == "SIGN");
  CHECK(kind_of("builtin_code:SIGN") == "SIGN");
  CHECK(kind_of("builtin_code:4711") == "BUILTIN_4711");
  CHECK(kind_of("deprecated_builtin_code:127") == "BUILTIN_127");
}

}  // namespace nngauge::test
