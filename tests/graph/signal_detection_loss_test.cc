// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "graph/ops/detection.h"
#include "graph/ops/loss.h"
#include "graph/ops/signal.h"
#include "tests/graph/graph_builder.h"

namespace nngauge {
namespace {

using test::OneOp;

TEST_CASE("Fourier transforms in ONNX's and TFLite's form") {
  SignalAttrs attrs;
  attrs.axis = 1;
  attrs.onesided = true;
  OneOp onnx(OpKind::kDft, attrs);
  onnx.input({2, 16, 1});
  CHECK(onnx.shape() == "[2,9,2]");
  CHECK(onnx.flops() == 2ULL * 5 * 16 * 4);
  OneOp length(OpKind::kDft, attrs);
  length.input({2, 16, 1}).scalar_int(20);
  CHECK(length.shape() == "[2,11,2]");
  CHECK(length.flops() == 2ULL * 5 * 20 * 5);  // ceil(log2 20) = 5
  attrs.axis = 2;
  CHECK(OneOp(OpKind::kDft, attrs).input({2, 16, 1}).error() ==
        "the last axis holds the parts of a number, it cannot be transformed [invalid-attribute]");
  SignalAttrs lite;
  lite.onesided = true;
  lite.fft_length = {8, 16};
  OneOp rfft(OpKind::kDft, lite);
  rfft.input({3, 8, 16}).ints({8, 16});
  CHECK(rfft.shape() == "[3,8,9]");
  CHECK(rfft.dtype() == DType::kComplex64);
  CHECK(rfft.flops() == 3ULL * 5 * 128 * 7);
}

TEST_CASE("short-time transforms: frames, windows, bins") {
  SignalAttrs attrs;
  attrs.onesided = true;
  OneOp op(OpKind::kStft, attrs);
  op.input({1, 128, 1}).scalar_int(8).input({16}).scalar_int(16);
  CHECK(op.shape() == "[1,15,9,2]");
  CHECK(op.flops() == 15ULL * (16 + 5 * 16 * 4));
  CHECK(OneOp(OpKind::kStft, attrs).input({1, 8, 1}).scalar_int(8).input({16}).error() ==
        "a frame of 16 does not fit a signal of 8 [shape-mismatch]");
  CHECK(OneOp(OpKind::kStft, attrs).input({1, 8, 1}).scalar_int(0).input({4}).error() ==
        "frame step is 0 [invalid-attribute]");
}

TEST_CASE("transforms whose parts follow each other keep the type of the input") {
  SignalAttrs attrs;
  attrs.onesided = attrs.interleaved = true;
  attrs.fft_length = {512};
  OneOp op(OpKind::kDft, attrs);
  op.input({480}, OperandRole::kData, DType::kInt16);
  CHECK(op.shape() == "[514]");
  CHECK(op.dtype() == DType::kInt16);
  CHECK(op.flops() == 5ULL * 512 * 9);
  attrs.inverse = true;
  CHECK(OneOp(OpKind::kDft, attrs).input({514}, OperandRole::kData, DType::kInt16).shape() == "[512]");
}

TEST_CASE("features of sound: energy, filter bank, gain, scale") {
  SliceAttrs bins;
  bins.starts = {5}, bins.ends = {241};
  OneOp energy(OpKind::kSpectrumEnergy, bins);
  energy.input({514}, OperandRole::kData, DType::kInt16);
  CHECK(energy.shape() == "[257]");
  CHECK(energy.flops() == 236ULL * 3);
  CHECK(OneOp(OpKind::kSpectrumEnergy).input({2, 514}).flops() == 2ULL * 257 * 3);
  CHECK(OneOp(OpKind::kSpectrumEnergy, bins).input({64}).error() == "bins 5 to 241 of 32 [invalid-attribute]");
  CHECK(OneOp(OpKind::kSpectrumEnergy).input({513}).error() ==
        "the number of parts 513 is no multiple of 2 [shape-mismatch]");
  AxisAttrs channels;
  channels.count = 40;
  OneOp bank(OpKind::kFilterBank, channels);
  bank.input({257}).constant({316}, OperandRole::kConfig, DType::kInt16);
  CHECK(bank.shape() == "[40]");
  CHECK(bank.flops() == 316ULL * 4);
  OneOp noise(OpKind::kSpectralSubtraction, {}, 2);
  noise.input({40}, OperandRole::kData, DType::kUInt32);
  CHECK(noise.shape(1) == "[40]");
  CHECK(noise.flops() == 40ULL * 6);
  OneOp scale(OpKind::kAutoScale, {}, 2);
  scale.input({480}, OperandRole::kData, DType::kInt16);
  CHECK(scale.shape() == "[480]");
  CHECK(scale.shape(1) == "[]");
  CHECK(scale.flops() == 480ULL * 3);
}

TEST_CASE("distances of all pairs of rows") {
  ScalarAttrs root;
  root.alpha = 0.5;
  OneOp op(OpKind::kPairwiseDistance, root);
  op.input({2, 3}).input({5, 3});
  CHECK(op.shape() == "[2,5]");
  CHECK(op.flops() == 2ULL * 5 * 3 * 3);
  CHECK(op.special() == 2ULL * 5);
  root.alpha = 1;
  CHECK(OneOp(OpKind::kPairwiseDistance, root).input({2, 3}).input({5, 3}).special() == 0);
  CHECK(OneOp(OpKind::kPairwiseDistance, root).input({2, 3}).input({5, 4}).error() ==
        "extent of a row is 3 and 4 [shape-mismatch]");
}

TEST_CASE("inverses, pivot by pivot") {
  OneOp op(OpKind::kInverse);
  op.input({3, 4, 4});
  CHECK(op.shape() == "[3,4,4]");
  // Each of 4 pivots changes 4 x 4 elements by a product and a difference.
  CHECK(op.flops() == 3ULL * 4 * (4 * 4) * 2);
  CHECK(op.special() == 3ULL * 4);
  CHECK(OneOp(OpKind::kInverse).input({4, 3}).error() == "extent of the square matrix is 3 and 4 [shape-mismatch]");
}

TEST_CASE("determinants, pivot by pivot") {
  OneOp op(OpKind::kDet);
  op.input({2, 4, 4});
  CHECK(op.shape() == "[2]");
  // Rows below the pivots: 3, 2, 1.
  CHECK(op.flops() == 2ULL * (2 * (3 * 3 + 2 * 2 + 1 * 1) + 3));
  CHECK(op.special() == 2ULL * (3 + 2 + 1));
  CHECK(OneOp(OpKind::kDet).input({2, 4, 3}).error() == "extent of the square matrix is 3 and 4 [shape-mismatch]");
}

TEST_CASE("suppression of boxes: rows from the data, or padded") {
  OneOp onnx(OpKind::kNonMaxSuppression);
  onnx.input({1, 6, 4}).input({1, 2, 6}).scalar_int(3);
  CHECK(onnx.shape() == "[?,3]");
  CHECK(onnx.dtype() == DType::kInt64);
  CHECK(onnx.must_work().lower_bound);
  CHECK(onnx.must_work().reason == "how many boxes overlap stands in the data");
  CHECK(onnx.flops() == 2ULL * 6);
  OneOp lite(OpKind::kNonMaxSuppression, CustomAttrs(), 3);
  lite.input({6, 4}).input({6}).scalar_int(5);
  CHECK(lite.shape(0) == "[5]");
  CHECK(lite.shape(1) == "[5]");
  CHECK(lite.shape(2) == "[]");
  CHECK(OneOp(OpKind::kNonMaxSuppression).input({1, 6, 4}).input({1, 2, 7}).error() ==
        "number of boxes and scores is 6 and 7 [shape-mismatch]");
  CHECK(OneOp(OpKind::kNonMaxSuppression).input({1, 6, 5}).input({1, 2, 6}).error() ==
        "boxes [1,6,5] have 5 coordinates, need 4 [shape-mismatch]");
  CustomAttrs attrs;
  attrs.max_detections = 10;
  attrs.max_classes = 1;
  OneOp post(OpKind::kDetectionPostProcess, attrs, 4);
  post.input({1, 1917, 4}).input({1, 1917, 91}).constant({1917, 4}, OperandRole::kConfig);
  CHECK(post.shape(0) == "[1,10,4]");
  CHECK(post.shape(1) == "[1,10]");
  CHECK(post.shape(3) == "[1]");
  CHECK(post.flops() == 1917ULL * 91 + 1917ULL * 10);
  CHECK(post.special() == 1917ULL * 6);
}

TEST_CASE("boxes of SSD and YOLO heads") {
  PriorBoxAttrs prior;
  prior.per_cell = 6;
  OneOp boxes(OpKind::kPriorBox, prior);
  boxes.input({1, 512, 19, 10}).input({1, 3, 300, 300});
  CHECK(boxes.shape() == "[1,2,4560]");
  CHECK(boxes.flops() == 19ULL * 10 * 6 * 4);
  prior.map = {4, 5};
  CHECK(OneOp(OpKind::kPriorBox, prior).shape() == "[1,2,480]");
  CHECK(OneOp(OpKind::kPriorBox).input({1, 8, 4, 4}).error() == "a cell has 0 boxes [invalid-attribute]");
  DetectionAttrs caffe;
  caffe.max_detections = 100;
  caffe.columns = 7;
  caffe.rank = 4;
  OneOp output(OpKind::kDetectionOutput, caffe);
  output.input({1, 7668}).input({1, 40257}).input({1, 2, 7668}, OperandRole::kConfig);
  CHECK(output.shape() == "[1,1,100,7]");
  CHECK(output.flops() == 7668ULL + 40257);
  CHECK(OneOp(OpKind::kDetectionOutput, DetectionAttrs()).input({1, 75, 13, 13}).shape() == "[1,?,6]");
}

TEST_CASE("losses, reduced and not") {
  OneOp mean(OpKind::kSoftmaxCrossEntropyLoss, AxisAttrs(), 2);
  mean.input({3, 5}).input({3}, OperandRole::kConfig, DType::kInt64);
  CHECK(mean.shape(0) == "[]");
  CHECK(mean.shape(1) == "[3,5]");
  CHECK(mean.flops() == 3ULL * 5 * 3 + 3 * 2);
  CHECK(mean.special() == 3ULL * 5 + 3);
  AxisAttrs none;
  none.keep_dims = true;
  OneOp each(OpKind::kNegativeLogLikelihoodLoss, none);
  each.input({3, 5, 2}).input({3, 2}, OperandRole::kConfig, DType::kInt64).input({5});
  CHECK(each.shape() == "[3,2]");
  CHECK(each.flops() == 3ULL * 2 * 2);
  CHECK(OneOp(OpKind::kNegativeLogLikelihoodLoss).input({3, 5}).input({4}).error() ==
        "extent of labels and scores is 4 and 3 [shape-mismatch]");
}

}  // namespace
}  // namespace nngauge
