// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "tests/graph/rule_cases.h"

namespace nngauge {
namespace {

using namespace test;
using K = OpKind;

ReshapeAttrs copying() {
  ReshapeAttrs out;
  out.zero_copies = true;
  return out;
}

// Caffe: the axes from `axis`, `num_axes` of them, are replaced.
ReshapeAttrs caffe(Ints shape, std::int64_t axis, std::int64_t num_axes) {
  ReshapeAttrs out;
  out.shape = std::move(shape);
  out.has_shape = out.zero_copies = true;
  out.axis = axis, out.num_axes = num_axes;
  return out;
}

struct Case {
  K kind;
  Attributes attrs;
  const char* operands;
  const char* results;
};

void check(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    OneOp op = op_with(c.kind, c.attrs, c.operands);
    INFO(op.op().source_op << " " << c.operands);
    CHECK(shapes_of(op) == c.results);
  }
}

TEST_CASE("reshape") {
  check({
      {K::kReshape, {}, "[2,3,4] {4,-1}", "[4,6]"},
      {K::kReshape, {}, "[2,3,4] {}", "cannot reshape [2,3,4] to [] [shape-mismatch]"},
      {K::kReshape, {}, "[1,1] {}", "[]"},
      {K::kReshape, {}, "[2,3,4] {5,5}", "cannot reshape [2,3,4] to [5,5] [shape-mismatch]"},
      {K::kReshape, {}, "[2,3,4] {5,-1}", "cannot reshape [2,3,4] to [5,?] [shape-mismatch]"},
      {K::kReshape, {}, "[2,3,4] {-1,-1}", "the target shape has more than one -1 [invalid-attribute]"},
      {K::kReshape, {}, "[2,3,4] {-2,4}", "the target shape has an extent -2 [invalid-attribute]"},
      {K::kReshape, copying(), "[2,3,4] {0,-1}", "[2,12]"},
      {K::kReshape, copying(), "[batch,3,4] {0,-1}", "[batch,12]"},
      {K::kReshape, copying(), "[2,3] {1,2,3,0}",
       "the target shape copies axis 3 of an input of rank 2 [invalid-attribute]"},
      {K::kReshape, {}, "[0,3,4] {3,4,0}", "[3,4,0]"},
      {K::kReshape, {}, "[batch,3,4] {batch,-1}", "[batch,12]"},
      {K::kReshape, {}, "[batch,seq,64] {batch,seq,8,-1}", "[batch,seq,8,8]"},
      {K::kReshape, {}, "[batch,seq,64] {batch,-1,64}", "[batch,seq,64]"},
      {K::kReshape, {}, "[batch,seq,64] {-1,64}", "[?,64]"},
      {K::kReshape, {}, "[batch,12] {-1,3,4}", "[batch,3,4]"},
      {K::kReshape, {}, "[?,12] {-1,3,4}", "[?,3,4]"},
      {K::kReshape, {}, "[6,4] {?,4}", "[6,4]"},
      {K::kReshape, {}, "[6,4] {?,?}", "[?,?]"},
      {K::kReshape, {}, "[6,4] {?,-1,2}", "[?,?,2]"},
      {K::kReshape, {}, "[6,4] i[3]", "[?,?,?]"},
      {K::kReshape, {}, "[6,4] i[1]", "[24]"},
      {K::kReshape, {}, "[6,4] i[?]", "[?...]"},
      {K::kReshape, {}, "[?...] {2,-1}", "[2,?]"},
      {K::kReshape, {}, "[1] {0}", "[]"},
      {K::kReshape, {}, "[4294967296,4294967296] {-1}", "a product of extents does not fit 64 bits [overflow]"},
      {K::kReshape, caffe({2, -1}, 1, 1), "[5,6,7]", "[5,2,3,7]"},
      {K::kReshape, caffe({0, -1}, 0, -1), "[5,6,7]", "[5,42]"},
      {K::kReshape, caffe({1}, -1, 0), "[5,6]", "[5,6,1]"},
      {K::kReshape, caffe({2}, 1, 4), "[5,6]",
       "axis 1 and num_axes 4 do not fit an input of rank 2 [invalid-attribute]"},
  });
}

AxisAttrs axis(std::int64_t number) {
  AxisAttrs out;
  out.axis = number;
  return out;
}

AxesAttrs axes(Ints list) { return {std::move(list), true}; }

TEST_CASE("flatten, squeeze, unsqueeze") {
  check({
      {K::kFlatten, axis(1), "[2,3,4]", "[2,12]"},
      {K::kFlatten, axis(0), "[2,3,4]", "[1,24]"},
      {K::kFlatten, axis(3), "[2,3,4]", "[24,1]"},
      {K::kFlatten, axis(-1), "[batch,3,4]", "[?,4]"},
      {K::kFlatten, axis(1), "[batch,3,4]", "[batch,12]"},
      {K::kFlatten, axis(1), "[?...]", "[?,?]"},
      {K::kFlatten, axis(4), "[2,3,4]", "axis 4 is out of range for rank 3 [invalid-attribute]"},
      {K::kSqueeze, {}, "[1,3,1]", "[3]"},
      {K::kSqueeze, {}, "[1,n,1]", "[?...]"},
      {K::kSqueeze, axes({0}), "[1,n,1]", "[n,1]"},
      {K::kSqueeze, {}, "[1,n,1] {-1}", "[1,n]"},
      {K::kSqueeze, {}, "[1,n,1] i[2]", "[?]"},
      {K::kSqueeze, axes({1}), "[1,3,1]", "axis 1 cannot be squeezed: its extent is 3 [shape-mismatch]"},
      {K::kSqueeze, axes({0, -3}), "[1,3,1]", "axis -3 is named twice [invalid-attribute]"},
      {K::kUnsqueeze, axes({0, -1}), "[n,3]", "[1,n,3,1]"},
      {K::kUnsqueeze, {}, "[n,3] {1}", "[n,1,3]"},
      {K::kUnsqueeze, {}, "[] 0", "[1]"},
      {K::kUnsqueeze, {}, "[n,3] i[2]", "[?,?,?,?]"},
      {K::kUnsqueeze, axes({4}), "[n,3]", "axis 4 is out of range for rank 3 [invalid-attribute]"},
  });
}

SpaceDepthAttrs block(std::int64_t size, DataLayout layout) { return {size, layout}; }

TEST_CASE("transpose, casts, space and depth") {
  const auto first = DataLayout::kChannelsFirst;
  const auto last = DataLayout::kChannelsLast;
  check({
      {K::kTranspose, TransposeAttrs{{0, 3, 1, 2}}, "[n,2,3,4]", "[n,4,2,3]"},
      {K::kTranspose, {}, "[2,3,4]", "[4,3,2]"},
      {K::kTranspose, {}, "[2,3,4] {1,0,2}", "[3,2,4]"},
      {K::kTranspose, {}, "[2,3,4] i[3]", "[?,?,?]"},
      {K::kTranspose, TransposeAttrs{{1, 0}}, "[2,3,4,5]", "perm has 2 entries, input has rank 4 [invalid-attribute]"},
      {K::kTranspose, TransposeAttrs{{0, 0, 1}}, "[2,3,4]",
       "perm [0,0,1] is no permutation of 3 axes [invalid-attribute]"},
      {K::kTranspose, TransposeAttrs{{0, 2, 3}}, "[2,3,4]",
       "perm [0,2,3] is no permutation of 3 axes [invalid-attribute]"},
      {K::kSpaceToDepth, block(2, first), "[1,3,8,6]", "[1,12,4,3]"},
      {K::kSpaceToDepth, block(2, last), "[n,8,h,3]", "[n,4,?,12]"},
      {K::kSpaceToDepth, block(2, first), "[1,3,7,6]", "the height 7 is no multiple of 2 [shape-mismatch]"},
      {K::kSpaceToDepth, block(0, first), "[1,3,8,6]", "block size is 0 [invalid-attribute]"},
      {K::kSpaceToDepth, block(2, first), "[3,8,6]", "input has rank 3, rank 4 is needed [shape-mismatch]"},
      {K::kDepthToSpace, block(2, first), "[1,12,4,3]", "[1,3,8,6]"},
      {K::kDepthToSpace, block(2, last), "[1,4,3,12]", "[1,8,6,3]"},
      {K::kDepthToSpace, block(2, last), "[1,4,3,10]",
       "the number of channels 10 is no multiple of 4 [shape-mismatch]"},
      {K::kSpaceToBatch, {}, "[2,6,7,3] {2,2} {0,0,1,0}", "[8,3,4,3]"},
      {K::kSpaceToBatch, {}, "[2,6,7,3] {2,2} {0,0,0,0}", "the padded extent 7 is no multiple of 2 [shape-mismatch]"},
      {K::kSpaceToBatch, {}, "[2,6,7,3] {2,2} i[2,2]", "[?,?,?,3]"},
      {K::kBatchToSpace, {}, "[8,3,4,3] i[?] i[?,2]", "[?,?,?,?]"},
      {K::kBatchToSpace, {}, "[8,3,4,3] {2,2} {0,0,1,0}", "[2,6,7,3]"},
      {K::kBatchToSpace, {}, "[6,3,4,3] {2,2} {0,0,0,0}", "the batch 3 is no multiple of 2 [shape-mismatch]"},
      {K::kBatchToSpace,
       {},
       "[8,1,4,3] {2,2} {2,2,0,0}",
       "the crops are larger than the extent of axis 1 [shape-mismatch]"},
      {K::kDropout, {}, "[2,n]", "[2,n] [2,n]"},
      {K::kBitcast, CastAttrs{DType::kInt8}, "[2,3]", "[2,3,4]"},
      {K::kBitcast, CastAttrs{DType::kFloat64}, "[3,2]", "[3]"},
      {K::kBitcast, CastAttrs{DType::kFloat64}, "[3,3]",
       "elements of [3,3] do not make up whole float64 elements [shape-mismatch]"},
  });
  CHECK(op_with(K::kCast, CastAttrs{DType::kInt32}, "[2]").dtype() == DType::kInt32);
  CHECK(op_with(K::kCast, {}, "[2] i[1]").dtype() == DType::kInt64);
}

TEST_CASE("folding of casts and transposes") {
  OneOp cast = op_with(K::kCast, CastAttrs{DType::kInt64}, "(1.9,-1.9,?)");
  CHECK(folded(cast) == "{1,-1,?}");
  OneOp narrow = op_with(K::kCast, CastAttrs{DType::kInt8}, "{127,128,n}");
  CHECK(folded(narrow) == "{127,?,n}");
  OneOp to_bool = op_with(K::kCast, CastAttrs{DType::kBool}, "(0.5,0,?)");
  CHECK(folded(to_bool) == "{1,0,?}");
  OneOp to_real = op_with(K::kCast, CastAttrs{DType::kFloat32}, "{16777217,n}");
  CHECK(folded(to_real) == "(16777216,?)");  // float32 has 24 bits
  OneOp turned = op_with(K::kTranspose, {}, "{1,2,3,4,5,6}");
  turned.model().main().tensors.back().shape = Shape{2, 3};
  CHECK(folded(turned) == "{1,4,2,5,3,6}");
  OneOp mask = op_with(K::kDropout, {}, "{1,2}", 2);
  CHECK(folded(mask, 0) == "{1,2}");
  CHECK(folded(mask, 1) == "none");
}

TEST_CASE("a transpose undone, and every reshape, keeps what there is") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const std::size_t rank = random() % 5;
    std::vector<Dim> dims;
    Ints perm;
    for (std::size_t i = 0; i < rank; ++i) {
      dims.emplace_back(static_cast<std::int64_t>(1 + random() % 6));
      perm.push_back(static_cast<std::int64_t>(i));
    }
    std::shuffle(perm.begin(), perm.end(), random);
    Ints inverse(rank);
    for (std::size_t i = 0; i < rank; ++i) inverse[static_cast<std::size_t>(perm[i])] = static_cast<std::int64_t>(i);
    OneOp there = OneOp(K::kTranspose, TransposeAttrs{perm}).input(Shape(dims));
    OneOp back = OneOp(K::kTranspose, TransposeAttrs{inverse}).input((*there.infer())[0].shape);
    CHECK((*back.infer())[0].shape == Shape(dims));
    OneOp flat = OneOp(K::kReshape).input(Shape(dims)).ints({-1});
    CHECK((*flat.infer())[0].shape.elements() == Shape(dims).elements());
  }
}

}  // namespace
}  // namespace nngauge
