// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/pooling.h"

#include <catch2/catch.hpp>

#include "graph/ops/pool_geometry.h"
#include "tests/graph/graph_builder.h"

namespace nngauge {
namespace {

using test::OneOp;

PoolAttrs window(Ints kernel, Ints strides = {}, Ints pads = {}, bool ceil_mode = false) {
  PoolAttrs attrs;
  attrs.kernel = std::move(kernel);
  attrs.strides = std::move(strides);
  attrs.pads = std::move(pads);
  attrs.ceil_mode = ceil_mode;
  return attrs;
}

TEST_CASE("pooling counts each element of each window") {
  OneOp max(OpKind::kMaxPool, window({3, 3}, {2, 2}), 2);
  max.input({1, 96, 55, 55}, OperandRole::kData, DType::kInt8);
  CHECK(max.shape() == "[1,96,27,27]");
  CHECK(max.dtype() == DType::kInt8);
  CHECK(max.dtype(1) == DType::kInt64);
  CHECK(max.flops() == 96ULL * 27 * 27 * 3 * 3);
  CHECK(max.special() == 0);
  OneOp average(OpKind::kAveragePool, window({2, 2}, {2, 2}));
  average.input({1, 8, 6, 6});
  CHECK(average.flops() == 8ULL * 3 * 3 * 2 * 2);
  CHECK(average.special() == 8ULL * 3 * 3);
  OneOp lp(OpKind::kLpPool, window({2, 2}, {2, 2}));
  lp.input({1, 8, 6, 6});
  CHECK(lp.flops() == 8ULL * 3 * 3 * 2 * 2 * 2);
  PoolAttrs lite = window({2, 2}, {2, 2});
  lite.layout = DataLayout::kChannelsLast;
  lite.padding = PaddingMode::kSameUpper;
  CHECK(OneOp(OpKind::kMaxPool, lite).input({1, 7, 7, 16}).shape() == "[1,4,4,16]");
}

TEST_CASE("rounding up: the last window starts inside the input or the padding before it") {
  struct Case {
    std::int64_t in, kernel, stride, pad;
    bool keep_outer;
    std::int64_t out;
  };
  const Case cases[] = {
      {112, 3, 2, 0, false, 56},  // GoogLeNet's first pooling: 55.5 rounded up, the last window at 110
      {4, 2, 2, 1, false, 3},     // starts at -1, 1, 3
      {3, 2, 2, 1, false, 2},     // 2 1/2 rounded up is 3, but the third would start at 3, in the padding behind
      {5, 2, 3, 1, false, 2},     // starts at -1, 2; the third would start at 5
      {8, 1, 2, 0, false, 4},     // 4 1/2 rounded up is 5, but the fifth would start at 8
      {8, 1, 2, 0, true, 5},      // Caffe and ncnn keep it
      {1, 2, 2, 0, false, 1},     // one window that hangs out
      {6, 3, 1, 0, false, 4},
  };
  for (const Case& k : cases) {
    CAPTURE(k.in, k.kernel, k.stride, k.pad);
    PoolAttrs attrs = window({k.kernel}, {k.stride}, {k.pad, k.pad}, true);
    attrs.keep_outer_window = k.keep_outer;
    CHECK(OneOp(OpKind::kMaxPool, attrs).input({1, 1, k.in}).shape() == "[1,1," + std::to_string(k.out) + "]");
  }
}

TEST_CASE("rounding towards zero: a window that is too large by less than a stride stays") {
  PoolAttrs attrs = window({2}, {2});
  attrs.keep_outer_window = true;
  CHECK(OneOp(OpKind::kMaxPool, attrs).input({1, 1, 1}).shape() == "[1,1,1]");
  CHECK(OneOp(OpKind::kMaxPool, attrs).input({1, 1, 7}).shape() == "[1,1,3]");
  attrs.kernel = {3};
  CHECK(OneOp(OpKind::kMaxPool, attrs).input({1, 1, 1}).error() ==
        "a kernel that covers 3 is larger than the input of 1 [shape-mismatch]");
}

TEST_CASE("global pooling counts the inputs") {
  OneOp average(OpKind::kGlobalAveragePool);
  average.input({2, 8, 7, 7});
  CHECK(average.shape() == "[2,8,1,1]");
  CHECK(average.flops() == 2ULL * 8 * 7 * 7);
  CHECK(average.special() == 2ULL * 8);
  PoolAttrs last;
  last.layout = DataLayout::kChannelsLast;
  CHECK(OneOp(OpKind::kGlobalMaxPool, last).input({2, 7, 5, 8}).shape() == "[2,1,1,8]");
  OneOp open(OpKind::kGlobalMaxPool);
  CHECK(open.input({1, 8, open.symbol("h"), 7}).shape() == "[1,8,1,1]");
  CHECK(open.error() == "extent h of operand 0 is not known [unknown]");
}

TEST_CASE("one padding per axis stands for both sides") {
  CHECK(OneOp(OpKind::kMaxPool, window({3, 3}, {1, 1}, {1, 0})).input({1, 1, 6, 6}).shape() == "[1,1,6,4]");
}

TEST_CASE("what a pooling cannot be") {
  CHECK(OneOp(OpKind::kMaxPool, window({2, 2}, {}, {1, 1, 1})).input({1, 8, 6, 6}).error() ==
        "padding has 3 entries, needs 4 [invalid-attribute]");
  CHECK(OneOp(OpKind::kMaxPool).input({1, 8, 6, 6}).error() == "the kernel is not given [invalid-attribute]");
  CHECK(OneOp(OpKind::kMaxPool, window({2, 2}, {0, 2})).input({1, 8, 6, 6}).error() ==
        "stride is 0 [invalid-attribute]");
  CHECK(OneOp(OpKind::kMaxPool, window({2, 2})).input({1, 8, 6}).error() ==
        "input [1,8,6] has 3 axes, needs 4 [shape-mismatch]");
  CHECK(OneOp(OpKind::kMaxPool, window({7, 7})).input({1, 8, 6, 6}).error() ==
        "a kernel that covers 7 is larger than the input of 6 [shape-mismatch]");
}

TEST_CASE("unpooling, regions, windows of any operator") {
  CHECK(OneOp(OpKind::kMaxUnpool, window({2, 2}, {2, 2})).input({1, 1, 2, 2}).input({1, 1, 2, 2}).shape() ==
        "[1,1,4,4]");
  CHECK(OneOp(OpKind::kMaxUnpool, window({2, 2}, {2, 2}))
            .input({1, 1, 2, 2})
            .input({1, 1, 2, 2})
            .ints({1, 1, 5, 5})
            .shape() == "[1,1,5,5]");
  PoolAttrs valid = window({2, 2}, {2, 3});
  valid.padding = PaddingMode::kValid;
  CHECK(OneOp(OpKind::kMaxUnpool, valid).input({1, 1, 2, 4}).input({1, 1, 2, 4}).shape() == "[1,1,4,11]");
  CustomAttrs regions;
  regions.pooled_height = 3;
  regions.pooled_width = 2;
  OneOp max(OpKind::kMaxRoiPool, regions);
  max.input({1, 4, 9, 9}).input({5, 5});
  CHECK(max.shape() == "[5,4,3,2]");
  CHECK(max.must_work().lower_bound);
  regions.sampling_ratio = 2;
  OneOp align(OpKind::kRoiAlign, regions);
  align.input({1, 4, 9, 9}).input({5, 4}).input({5});
  CHECK(align.flops() == 5ULL * 4 * 3 * 2 * (2 * 2) * 8);
  CHECK_FALSE(align.must_work().lower_bound);
  CHECK(OneOp(OpKind::kRoiAlign, regions).input({1, 4, 9, 9}).input({5, 4}).input({6}).error() ==
        "number of regions and batch indices is 5 and 6 [shape-mismatch]");
  GeneralAttrs general;
  general.window = {1, 2, 2};
  general.strides = {1, 2, 2};
  OneOp reduce(OpKind::kReduceWindow, general);
  reduce.input({3, 8, 8}).input(Shape::scalar());
  CHECK(reduce.shape() == "[3,4,4]");
  CHECK(reduce.flops() == 3ULL * 4 * 4 * 2 * 2);
}

}  // namespace
}  // namespace nngauge
