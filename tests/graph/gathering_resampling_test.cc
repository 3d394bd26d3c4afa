// SPDX-License-Identifier: Apache-2.0
// Gathers and scatters, resampling, generators, tables.
#include <catch2/catch.hpp>

#include "tests/graph/rule_cases.h"

namespace nngauge {
namespace {

using namespace test;
using K = OpKind;

struct Case {
  K kind;
  Attributes attrs;
  const char* operands;
  const char* shapes;
};

void check(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    OneOp op = op_with(c.kind, c.attrs, c.operands);
    INFO(op.op().source_op << " " << c.operands);
    CHECK(shapes_of(op) == c.shapes);
  }
}

AxisAttrs axis(std::int64_t number, std::int64_t batch_dims = 0) {
  AxisAttrs out;
  out.axis = number, out.batch_dims = batch_dims;
  return out;
}

AxesAttrs along(std::int64_t number) { return {{number}, true}; }

TEST_CASE("gathers and scatters") {
  check({
      {K::kGather, axis(0), "[100,8] i[n,7]", "[n,7,8]"},
      {K::kGather, axis(1), "[100,8] i[]", "[100]"},
      {K::kGather, axis(-1, 1), "[5,100,8] i[5,7]", "[5,100,7]"},
      {K::kGather, axis(1, 1), "[5,100,8] i[4,7]", "batch axis 0 is 5 and 4 [shape-mismatch]"},
      {K::kGather, axis(0, 1), "[5,100] i[5,7]", "batch_dims 1 reaches over axis 0 [invalid-attribute]"},
      {K::kGather, axis(0, 3), "[5,100] i[5,7]", "batch_dims 3 does not fit indices of rank 2 [invalid-attribute]"},
      {K::kGather, axis(2), "[5,100] i[5]", "axis 2 is out of range for rank 2 [invalid-attribute]"},
      {K::kGather, axis(0), "[?...] i[5]", "[?...]"},
      {K::kGatherElements, axis(1), "[5,100] i[5,n]", "[5,n]"},
      {K::kGatherElements, axis(1), "[5,100] i[5]", "indices have rank 1, data has rank 2 [shape-mismatch]"},
      {K::kGatherND, {}, "[2,3,4] i[7,2]", "[7,4]"},
      {K::kGatherND, axis(0, 1), "[2,3,4] i[2,7,1]", "[2,7,4]"},
      {K::kGatherND, {}, "[2,3] i[7,n]", "[?...]"},
      {K::kGatherND, {}, "[2,3] i[7,3]", "an index has 3 entries, data has rank 2 with 0 batch axes [shape-mismatch]"},
      {K::kScatterND, {}, "[8,9] i[4,1] [4,9]", "[8,9]"},
      {K::kScatterND,
       {},
       "[8,9] i[4,1] [4,8]",
       "updates have shape [4,8], indices and data need [4,9] [shape-mismatch]"},
      {K::kScatterND, {}, "[8] i[4,2] [4]", "an index has 2 entries, data has rank 1 [shape-mismatch]"},
      {K::kScatterND, {}, "{8,9} i[4,1] [4,9]", "[8,9]"},  // TFLite: the shape comes first
      {K::kCompress, along(1), "[2,3] {1,0,1}", "[2,2]"},
      {K::kCompress, along(1), "[2,3] i[3]", "[2,?]"},
      {K::kCompress, {}, "[2,3] {1,0,1,1}", "[3]"},
      {K::kMatrixDiag, {}, "[2,n]", "[2,n,n]"},
      {K::kMatrixDiag, {}, "[]", "input is a scalar, it has no diagonal axis [shape-mismatch]"},
      {K::kSparseToDense, {}, "i[4,2] {8,9} [4] []", "[8,9]"},
      {K::kSparseToDense, {}, "i[4,2] i[2] [4] []", "[?,?]"},
  });
}

ResizeAttrs channels_last() {
  ResizeAttrs out;
  out.layout = DataLayout::kChannelsLast;
  out.spatial_sizes = true;
  return out;
}

ResizeAttrs scales(std::vector<double> list) {
  ResizeAttrs out;
  out.scales = std::move(list);
  return out;
}

ResizeAttrs policy(const char* name) {
  ResizeAttrs out;
  out.aspect_policy = name;
  out.axes = {2, 3};
  return out;
}

TEST_CASE("resized shapes") {
  check({
      {K::kResizeNearest, {}, "[n,3,8,8] - (1,1,2,1.5)", "[n,3,16,12]"},
      {K::kResizeNearest, {}, "[n,3,8,8] [0] (2,2)", "[n,3,16,16]"},
      {K::kResizeNearest, {}, "[n,3,8,8] - (1,1,2,2) {}", "[n,3,16,16]"},
      {K::kResizeNearest, {}, "[n,3,8,8] - - {n,3,5,6}", "[n,3,5,6]"},
      {K::kResizeNearest, {}, "[n,3,8,8] {n,3,5,6}", "[n,3,5,6]"},
      {K::kResizeNearest, {}, "[n,3,8,8] - - i[4]", "[?,?,?,?]"},
      {K::kResizeNearest, {}, "[n,3,8,8] - [4]", "[?,?,?,?]"},
      {K::kResizeNearest, channels_last(), "[n,8,8,3] - - {5,6}", "[n,5,6,3]"},
      {K::kResizeNearest, channels_last(), "[n,8,8,3] - - i[2]", "[n,?,?,3]"},
      {K::kResizeNearest, scales({1, 1, 0.5, 0.3}), "[n,3,9,9]", "[n,3,4,2]"},
      {K::kResizeNearest, scales({1, 1, 0, 1}), "[n,3,9,9]", "a scale is not positive [invalid-attribute]"},
      {K::kResizeNearest, scales({2, 2, 2}), "[n,3,9,9]", "3 sizes or scales are given for 4 axes [shape-mismatch]"},
      {K::kResizeNearest, scales({1, 1e19}), "[1,9]", "a scaled extent does not fit 64 bits [overflow]"},
      {K::kResizeNearest, policy("not_larger"), "[1,3,4,8] - - {8,8}", "[1,3,4,8]"},
      {K::kResizeNearest, policy("not_smaller"), "[1,3,4,8] - - {8,8}", "[1,3,8,16]"},
      {K::kResizeNearest, {}, "[1,3,4,8] - - {1,3,-4,8}", "a size is -4 [invalid-attribute]"},
      {K::kResizeNearest, {}, "[1,3,4,8]", "neither sizes nor scales are stated [unknown]"},
      {K::kGridSample, {}, "[n,3,8,8] [n,5,6,2]", "[n,3,5,6]"},
      {K::kGridSample,
       {},
       "[n,3,8,8] [n,5,6,3]",
       "the grid has 3 coordinates, input has 2 spatial axes [shape-mismatch]"},
      {K::kGridSample, {}, "[2,3,8,8] [3,5,6,2]", "the batch is 2 and 3 [shape-mismatch]"},
      {K::kAffineGrid, {}, "[n,2,3] {n,3,5,6}", "[n,5,6,2]"},
      {K::kAffineGrid, {}, "[n,3,4] {n,3,4,5,6}", "[n,4,5,6,3]"},
      {K::kCropAndResize, {}, "[n,8,8,3] [b,4] i[b] {5,6}", "[b,5,6,3]"},
  });
}

TEST_CASE("work of resampling") {
  struct Count2 {
    K kind;
    Attributes attrs;
    const char* operands;
    std::uint64_t flops;
  };
  ResizeAttrs nearest;
  const Count2 cases[] = {
      {K::kResizeNearest, {}, "[1,3,8,8] - - {1,3,16,16}", 0},
      {K::kResizeBilinear, {}, "[1,3,8,8] - - {1,3,16,16}", 3 * 16 * 16 * 7},
      {K::kResizeBilinear, {}, "[1,3,8,8] - - {1,3,8,16}", 3 * 8 * 16 * 3},
      {K::kResizeBilinear, {}, "[1,3,8,8] - - {1,3,8,8}", 0},
      {K::kResizeBilinear, {}, "[1,3,8,8,8] - - {1,3,16,16,16}", 3 * 16 * 16 * 16 * 15},
      {K::kResizeCubic, {}, "[1,3,8,8] - - {1,3,16,16}", 3 * 16 * 16 * 31},
      {K::kGridSample, {}, "[1,3,8,8] [1,5,6,2]", 5 * 6 * 2 * 3 + 3 * 5 * 6 * 7},
      {K::kGridSample, nearest, "[1,3,8,8] [1,5,6,2]", 5 * 6 * 2 * 3},
      {K::kAffineGrid, {}, "[1,2,3] {1,3,5,6}", 5 * 6 * 2 * (2 * 2)},
      {K::kCropAndResize, {}, "[1,8,8,3] [9,4] i[9] {5,6}", 9 * 5 * 6 * 3 * 7},
  };
  for (const Count2& c : cases) {
    OneOp op = op_with(c.kind, c.attrs, c.operands);
    INFO(op.op().source_op << " " << c.operands);
    CHECK(op.flops() == c.flops);
  }
}

FillAttrs filled(Ints shape) {
  FillAttrs out;
  out.shape = std::move(shape);
  out.has_shape = true;
  return out;
}

SliceAttrs part(Ints starts, Ints ends) {
  SliceAttrs out;
  out.starts = std::move(starts), out.ends = std::move(ends);
  return out;
}

TEST_CASE("generated shapes") {
  FillAttrs like;
  like.like = true;
  check({
      {K::kShape, {}, "[n,3,8]", "[3]"},
      {K::kShape, part({1}, {}), "[n,3,8]", "[2]"},
      {K::kShape, part({-2}, {-1}), "[n,3,8]", "[1]"},
      {K::kShape, {}, "[?...]", "[?]"},
      {K::kFill, {}, "{n,3}", "[n,3]"},
      {K::kFill, {}, "{n,-3}", "the shape has an extent -3 [invalid-attribute]"},
      {K::kFill, {}, "i[2]", "[?,?]"},
      {K::kRandomNormal, filled({2, 3}), "", "[2,3]"},
      {K::kRandomNormal, filled({2, -3}), "", "the shape has a negative extent [invalid-attribute]"},
      {K::kRandomUniform, like, "[n,3]", "[n,3]"},
      {K::kEyeLike, {}, "[n,3]", "[n,3]"},
      {K::kRange, {}, "0 10 3", "[4]"},
      {K::kRange, {}, "10 0 -3", "[4]"},
      {K::kRange, {}, "0 -5 1", "[0]"},
      {K::kRange, {}, "0 {n} 1", "[n]"},
      {K::kRange, {}, "1 {n} 1", "[?]"},
      {K::kRange, {}, "0.0 1.0 0.3", "[4]"},
      {K::kRange, {}, "0 10 0", "a range has step 0 [invalid-attribute]"},
      {K::kRange,
       {},
       "-9223372036854775808 9223372036854775807 1",
       "the length of a range does not fit 64 bits [overflow]"},
      {K::kOneHot, axis(-1), "i[n,3] 10 [2]", "[n,3,10]"},
      {K::kOneHot, axis(0), "i[n,3] {d} [2]", "[d,n,3]"},
      {K::kOneHot, axis(0), "i[n] -1 [2]", "the depth is negative [invalid-attribute]"},
      {K::kMultinomial, {}, "[n,10] 7", "[n,7]"},
      {K::kBroadcastArgs, {}, "i[2] i[3]", "[3]"},
      {K::kBroadcastArgs, {}, "{2,3} {4}", "operand shapes [2,3] and [4] cannot be broadcast [shape-mismatch]"},
      {K::kWindowFunction, {}, "512", "[512]"},
      {K::kMelWeightMatrix, {}, "8 16 8192 0.0 4000.0", "[9,8]"},
      {K::kEmbeddingLookup, {}, "i[n] [100,8]", "[n,8]"},
      {K::kUnique, {}, "[2,3]", "[?] [6]"},
      {K::kUnique, along(0), "[2,3]", "[?,3] [?] [2] [?]"},
      {K::kNonZero, {}, "[2,3]", "[2,?]"},
      {K::kNonZero, axis(1), "[2,3]", "[?,2]"},
      {K::kNonZero, {}, "{0,4,1}", "[1,2]"},
      {K::kSegmentSum, {}, "[6,n] {0,0,1,2,2,2}", "[3,n]"},
      {K::kUnsortedSegment, {}, "[6,5,n] i[6,5] 4", "[4,n]"},
      {K::kHashtableLookup, {}, "i[n] i[9] [9,8]", "[n,8] [n]"},
  });
}

TEST_CASE("generated elements, and the work of random numbers and tables") {
  struct Fold {
    K kind;
    Attributes attrs;
    const char* operands;
    const char* elements;
  };
  FillAttrs sevens;
  sevens.value = 7, sevens.has_value = true, sevens.dtype = DType::kInt64;
  const Fold cases[] = {
      {K::kShape, {}, "[n,3,?]", "{n,3,?}"},
      {K::kShape, part({1}, {2}), "[n,3,?]", "{3}"},
      {K::kSize, {}, "[2,3]", "{6}"},
      {K::kSize, {}, "[n,3]", "{?}"},
      {K::kRank, {}, "[n,3]", "{2}"},
      {K::kFill, sevens, "{2,2}", "{7,7,7,7}"},
      {K::kFill, {}, "{3} 0.5", "(0.5,0.5,0.5)"},
      {K::kFill, sevens, "{100,100}", "none"},
      {K::kRange, {}, "1 10 4", "{1,5,9}"},
      {K::kRange, {}, "0.0 1.0 0.5", "(0,0.5)"},
      {K::kBroadcastArgs, {}, "{2,1} {n,1,4}", "{n,2,4}"},
  };
  for (const Fold& c : cases) {
    OneOp op = op_with(c.kind, c.attrs, c.operands);
    INFO(op.op().source_op << " " << c.operands);
    CHECK(folded(op) == c.elements);
  }
  OneOp random = op_with(K::kRandomNormal, filled({4, 5}), "");
  const Work work = random.must_work();
  CHECK(work.flops == Count(4 * 5));
  CHECK(work.lower_bound);
  CHECK(work.reason == "what the random generator computes is not counted");
  AxisAttrs boundaries;
  boundaries.count = 10;
  CHECK(op_with(K::kBucketize, boundaries, "[6]").flops() == 6 * 4);  // log2 11 up
  CHECK(op_with(K::kBucketize, {}, "[6]").error() == "the number of boundaries is not known [unknown]");
  CHECK(op_with(K::kEmbeddingLookup, {}, "i[4] [100,8] [8]").flops() == 4 * 8);
  CHECK(op_with(K::kEmbeddingLookup, {}, "i[4] [100,8]").flops() == 0);
  CHECK(op_with(K::kIf, {}, "[]").error() == "its inner graphs say what it gives [unknown]");
}

}  // namespace
}  // namespace nngauge
