// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/convolution.h"

#include <catch2/catch.hpp>

#include "graph/ops/conv_geometry.h"
#include "tests/graph/graph_builder.h"

namespace nngauge {
namespace {

using test::OneOp;

ConvAttrs nchw(Ints strides = {}, Ints pads = {}, std::int64_t groups = 1) {
  ConvAttrs attrs;
  attrs.strides = std::move(strides);
  attrs.pads = std::move(pads);
  attrs.groups = groups;
  return attrs;
}

ConvAttrs tflite(PaddingMode padding, Ints strides, FilterLayout filter = FilterLayout::kOutSpatialIn) {
  ConvAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.filter_layout = filter;
  attrs.padding = padding;
  attrs.strides = std::move(strides);
  attrs.groups = 0;
  return attrs;
}

TEST_CASE("AlexNet's first two convolutions, two groups in the second") {
  OneOp conv1(OpKind::kConv2D, nchw({4, 4}));
  conv1.input({1, 3, 227, 227}).weight({96, 3, 11, 11}).bias({96});
  CHECK(conv1.shape() == "[1,96,55,55]");
  CHECK(conv1.macs() == 55ULL * 55 * 11 * 11 * 3 * 96);
  CHECK(conv1.flops() == 2ULL * 55 * 55 * 11 * 11 * 3 * 96 + 55 * 55 * 96);
  OneOp conv2(OpKind::kConv2D, nchw({}, {2, 2, 2, 2}, 2));
  conv2.input({1, 96, 27, 27}).weight({256, 48, 5, 5}).bias({256});
  CHECK(conv2.shape() == "[1,256,27,27]");
  CHECK(conv2.macs() == 27ULL * 27 * 5 * 5 * 48 * 256);  // the groups divide once
}

TEST_CASE("depthwise convolutions in three layouts, with multiplier") {
  OneOp lite(OpKind::kDepthwiseConv2D, tflite(PaddingMode::kSameUpper, {2, 2}, FilterLayout::kOneSpatialOut));
  lite.input({1, 15, 15, 8}).weight({1, 3, 3, 16}).bias({16});
  CHECK(lite.shape() == "[1,8,8,16]");
  CHECK(lite.macs() == 8ULL * 8 * 3 * 3 * 16);
  OneOp onnx(OpKind::kDepthwiseConv2D, nchw({2, 2}, {1, 1, 1, 1}, 8));
  onnx.input({1, 8, 15, 15}).weight({16, 1, 3, 3});
  CHECK(onnx.shape() == "[1,16,8,8]");
  CHECK(onnx.macs() == 8ULL * 8 * 3 * 3 * 16);
  OneOp tf(OpKind::kDepthwiseConv2D, tflite(PaddingMode::kSameUpper, {2, 2}, FilterLayout::kSpatialInOut));
  tf.input({1, 15, 15, 8}).weight({3, 3, 8, 2});
  CHECK(tf.shape() == "[1,8,8,16]");
  CHECK(tf.macs() == 8ULL * 8 * 3 * 3 * 16);
  CHECK(conv_geometry(tf.context())->multiplier == Dim(2));
}

TEST_CASE("padding: SAME for even kernels, dilation, VALID") {
  struct Case {
    PaddingMode padding;
    std::int64_t in, kernel, stride, dilation, out, begin, end;
  };
  constexpr auto kUpper = PaddingMode::kSameUpper;
  constexpr auto kLower = PaddingMode::kSameLower;
  const Case cases[] = {
      {kUpper, 8, 2, 1, 1, 8, 0, 1},
      {kUpper, 8, 4, 1, 1, 8, 1, 2},
      {kLower, 8, 4, 1, 1, 8, 2, 1},
      {kUpper, 8, 2, 2, 1, 4, 0, 0},
      {kUpper, 7, 3, 2, 1, 4, 1, 1},
      {kUpper, 8, 3, 2, 1, 4, 0, 1},
      {kUpper, 8, 3, 1, 2, 8, 2, 2},
      {kUpper, 9, 1, 3, 1, 3, 0, 0},
      {PaddingMode::kValid, 9, 3, 2, 2, 3, 0, 0},
      {PaddingMode::kValid, 5, 5, 1, 1, 1, 0, 0},
  };
  for (const Case& k : cases) {
    CAPTURE(k.in, k.kernel, k.stride, k.dilation);
    WindowAxis axis{k.in, {}, k.kernel, k.stride, k.dilation, 0, 0};
    REQUIRE(place_window(axis, k.padding, WindowEnd::kFloor));
    CHECK(axis.out == Dim(k.out));
    CHECK(axis.pad_begin == k.begin);
    CHECK(axis.pad_end == k.end);
  }
}

TEST_CASE("dilation does not change the multiply-accumulates of a position") {
  ConvAttrs attrs = nchw({}, {2, 2, 2, 2});
  attrs.dilations = {2, 2};
  OneOp op(OpKind::kConv2D, attrs);
  op.input({1, 4, 10, 10}).weight({6, 4, 3, 3});
  CHECK(op.shape() == "[1,6,10,10]");
  CHECK(op.macs() == 10ULL * 10 * 3 * 3 * 4 * 6);
}

TEST_CASE("transposed convolutions count by input positions") {
  ConvAttrs attrs = nchw({2, 2}, {1, 1, 1, 1}, 2);
  attrs.filter_layout = FilterLayout::kInOutSpatial;
  attrs.output_padding = {1, 1};
  OneOp onnx(OpKind::kConvTranspose2D, attrs);
  onnx.input({2, 8, 7, 7}).weight({8, 6, 3, 3}).bias({12});
  CHECK(onnx.shape() == "[2,12,14,14]");
  CHECK(onnx.macs() == 2ULL * 7 * 7 * 3 * 3 * 8 * 6);
  CHECK(onnx.flops() == 2ULL * 2 * 7 * 7 * 3 * 3 * 8 * 6 + 2 * 12 * 14 * 14);
  CHECK(shape_text(conv_geometry(onnx.context())->filter_shape(), onnx.model().symbols) == "[8,6,3,3]");

  OneOp lite(OpKind::kConvTranspose2D, tflite(PaddingMode::kSameUpper, {2, 2}));
  lite.input({1, 5, 5, 4}).weight({6, 3, 3, 4}).absent().ints({1, 10, 10, 6});
  CHECK(lite.shape() == "[1,10,10,6]");
  CHECK(lite.macs() == 5ULL * 5 * 3 * 3 * 4 * 6);

  struct Case {
    PaddingMode padding;
    const char* shape;
  };
  for (const auto& [padding, shape] :
       {Case{PaddingMode::kSameUpper, "[1,10,10,6]"}, Case{PaddingMode::kValid, "[1,11,11,6]"}}) {
    OneOp plain(OpKind::kConvTranspose2D, tflite(padding, {2, 2}));
    plain.input({1, 5, 5, 4}).weight({6, 3, 3, 4});
    CHECK(plain.shape() == shape);
  }
  ConvAttrs stated = nchw({2, 2});
  stated.filter_layout = FilterLayout::kInOutSpatial;
  stated.output_shape = {9, 8};
  CHECK(OneOp(OpKind::kConvTranspose2D, stated).input({1, 4, 4, 4}).weight({4, 2, 2, 2}).shape() == "[1,2,9,8]");
}

TEST_CASE("open extents pass through a convolution where they can") {
  OneOp op(OpKind::kConv2D, nchw({}, {1, 1, 1, 1}));
  const Dim height = op.symbol("height");
  op.input({op.symbol("batch"), 3, height, Dim::unknown()}).weight({8, 3, 3, 3});
  CHECK(op.shape() == "[batch,8,height,?]");
  CHECK(op.error() == "the batch is the open extent batch [unknown]");
  CHECK(OneOp(OpKind::kConv2D, nchw()).input(Shape::unknown_rank()).weight({8, 3, 3, 3}).shape() == "[?,8,?,?]");
  // The file's own extents of the result stand in for what does not follow.
  OneOp known(OpKind::kConv2D, nchw({2, 2}));
  known.input({1, 3, Dim::unknown(), Dim::unknown()}).weight({8, 3, 3, 3});
  REQUIRE(known.infer());
  CHECK(known.work().error().text() == "H_out is not known [unknown]");
  known.model().main().tensors[0].shape = {1, 8, 5, 6};
  CHECK(known.work()->macs == Count(5 * 6 * 3 * 3 * 3 * 8));
}

TEST_CASE("a filter that only the text describes gets its shape from the input") {
  ConvAttrs attrs = nchw({}, {}, 2);
  attrs.kernel = {5, 5};
  attrs.num_output = 256;
  OneOp op(OpKind::kConv2D, attrs);
  op.input({1, 96, 27, 27}).weight(Shape::unknown_rank());
  CHECK(op.macs() == 23ULL * 23 * 5 * 5 * 48 * 256);
  CHECK(shape_text(conv_geometry(op.context())->filter_shape(), op.model().symbols) == "[256,48,5,5]");
}

TEST_CASE("what a convolution cannot be") {
  const Shape in = {1, 144, 8, 8};
  CHECK(OneOp(OpKind::kConv2D, nchw()).input(in).weight({8, 96, 3, 3}).error() ==
        "filter has 96 input channels, input has 144 [shape-mismatch]");
  CHECK(OneOp(OpKind::kConv2D, nchw({}, {}, 2)).input(in).weight({8, 96, 3, 3}).error() ==
        "filter has 96 input channels in each of 2 groups, input has 144 [shape-mismatch]");
  CHECK(OneOp(OpKind::kConv2D, nchw({}, {}, 5)).input(in).weight({8, 96, 3, 3}).error() ==
        "5 groups do not divide 144 input channels [shape-mismatch]");
  CHECK(OneOp(OpKind::kConv2D, nchw({}, {}, 2)).input(in).weight({9, 72, 3, 3}).error() ==
        "2 groups do not divide 9 output channels [shape-mismatch]");
  CHECK(OneOp(OpKind::kConv2D, nchw({0, 1})).input(in).weight({8, 144, 3, 3}).error() ==
        "stride is 0 [invalid-attribute]");
  CHECK(OneOp(OpKind::kConv2D, nchw({1})).input(in).weight({8, 144, 3, 3}).error() ==
        "stride has 1 entries, needs 2 [invalid-attribute]");
  CHECK(OneOp(OpKind::kConv2D, nchw({}, {0, -3, 0, 0})).input(in).weight({8, 144, 3, 3}).error() ==
        "padding is -3 [invalid-attribute]");
  CHECK(OneOp(OpKind::kConv2D, nchw({}, {}, -1)).input(in).weight({8, 144, 3, 3}).error() ==
        "groups is -1 [invalid-attribute]");
  CHECK(OneOp(OpKind::kConv2D, nchw()).input(in).weight({8, 144, 9, 9}).error() ==
        "a kernel that covers 9 is larger than the input of 8 [shape-mismatch]");
  CHECK(OneOp(OpKind::kConv2D, nchw({}, {1, 1, 1, 1})).input(in).weight({8, 144, 11, 11}).error() ==
        "a kernel that covers 11 is larger than the input of 8 padded by 1 and 1 [shape-mismatch]");
  CHECK(OneOp(OpKind::kConv2D, nchw()).input(in).weight({8, 144, 3, 3}).bias({7}).error() ==
        "bias has shape [7], needs 8 elements [shape-mismatch]");
  CHECK(OneOp(OpKind::kConv2D, nchw())
            .input(in)
            .weight({8, 144, 3, 3})
            .constant({8}, OperandRole::kBias, DType::kInt32)
            .error() == "bias is int32, input is float32 [shape-mismatch]");
  CHECK(OneOp(OpKind::kConv2D, nchw()).input({144, 8, 8}).weight({8, 144, 3, 3}).error() ==
        "input [144,8,8] has 3 axes, needs 4 [shape-mismatch]");
  CHECK(OneOp(OpKind::kConv2D, nchw()).input(in).weight({8, 144, 0, 3}).error() ==
        "the kernel has extent 0 [shape-mismatch]");
  ConvAttrs stated = nchw();
  stated.kernel = {5, 5};
  CHECK(OneOp(OpKind::kConv2D, stated).input(in).weight({8, 144, 3, 3}).error() ==
        "kernel of attribute and filter is 5 and 3 [shape-mismatch]");
  ConvAttrs crop = nchw({1, 1}, {3, 3, 3, 3});
  crop.filter_layout = FilterLayout::kInOutSpatial;
  CHECK(OneOp(OpKind::kConvTranspose2D, crop).input({1, 4, 2, 2}).weight({4, 2, 3, 3}).error() ==
        "padding by 3 and 3 leaves -2 of the transposed convolution's output [shape-mismatch]");
}

TEST_CASE("hostile extents end in an error, not in a wrong number") {
  OneOp huge(OpKind::kConv2D, nchw());
  huge.input({1LL << 40, 1 << 20, 1 << 20, 1 << 20}).weight({1 << 20, 1 << 20, 1, 1});
  REQUIRE(huge.infer());
  CHECK(huge.work()->macs.overflowed());
  ConvAttrs far = nchw();
  far.dilations = {2147483647, 2147483647};
  CHECK(OneOp(OpKind::kConv2D, far).input({1, 1, 8, 8}).weight({1, 1, 2147483647, 2147483647}).error() ==
        "a kernel that covers 4611686011984936963 is larger than the input of 8 [shape-mismatch]");
}

TEST_CASE("deformable convolution") {
  OneOp op(OpKind::kDeformConv2D, nchw({}, {1, 1, 1, 1}));
  op.input({1, 4, 6, 6}).weight({8, 4, 3, 3}).input({1, 18, 6, 6}).bias({8}).input({1, 9, 6, 6});
  CHECK(op.shape() == "[1,8,6,6]");
  CHECK(op.macs() == 6ULL * 6 * 3 * 3 * 4 * 8);
  CHECK(op.flops() == 2ULL * 6 * 6 * 3 * 3 * 4 * 8 + 8 * 6 * 6 + 8ULL * 6 * 6 * 3 * 3 * 4);
  CHECK(OneOp(OpKind::kDeformConv2D, nchw()).input({1, 4, 6, 6}).weight({8, 4, 3, 3}).input({1, 17, 4, 4}).error() ==
        "offset has 17 channels, needs a multiple of 18 [shape-mismatch]");
}

GeneralAttrs stablehlo() {
  GeneralAttrs attrs;
  attrs.in_axes = attrs.out_axes = {0, 3, 1, 2};
  attrs.filter_axes = {2, 3, 0, 1};
  return attrs;
}

TEST_CASE("convolutions with named axes: plain, grouped, transposed") {
  GeneralAttrs attrs = stablehlo();
  attrs.strides = {2, 2};
  attrs.pads = {1, 1, 1, 1};
  attrs.feature_groups = 2;
  OneOp plain(OpKind::kConvGeneral, attrs);
  plain.input({1, 9, 9, 4}).weight({3, 3, 2, 6});
  CHECK(plain.shape() == "[1,5,5,6]");
  CHECK(plain.macs() == 5ULL * 5 * 3 * 3 * 2 * 6);
  GeneralAttrs transposed = stablehlo();
  transposed.lhs_dilations = {2, 2};
  transposed.pads = {1, 1, 2, 2};
  OneOp up(OpKind::kConvGeneral, transposed);
  up.input({1, 5, 5, 4}).weight({3, 3, 4, 6});
  CHECK(up.shape() == "[1,10,10,6]");
  CHECK(up.macs() == 5ULL * 5 * 3 * 3 * 4 * 6);
  GeneralAttrs broken = stablehlo();
  broken.in_axes = {0, 3, 1, 1};
  CHECK(OneOp(OpKind::kConvGeneral, broken).input({1, 5, 5, 4}).weight({3, 3, 4, 6}).error() ==
        "input axes are not an order of 4 axes [invalid-attribute]");
}

TEST_CASE("columns back into a picture") {
  OneOp op(OpKind::kCol2Im, ConvAttrs());
  op.input({1, 5 * 4, 4}).ints({3, 3}).ints({2, 2});
  CHECK(op.shape() == "[1,5,3,3]");
  CHECK(op.flops() == 5ULL * 4 * 4);
}

TEST_CASE("explain puts the numbers into the formula") {
  OneOp op(OpKind::kConv2D, nchw({4, 4}));
  op.input({1, 3, 227, 227}).weight({96, 3, 11, 11}).bias({96});
  const Explanation lines = op.explain();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "macs = batch 1 x H_out 55 x W_out 55 x K_H 11 x K_W 11 x C_in 3 x C_out 96 = 105,415,200");
  CHECK(lines[1] == "flops of the products = operations 2 x macs 105,415,200 = 210,830,400");
  CHECK(lines[2] == "flops of the bias = results 290,400 = 290,400");
}

}  // namespace
}  // namespace nngauge
