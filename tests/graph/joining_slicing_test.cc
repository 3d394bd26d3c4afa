// SPDX-License-Identifier: Apache-2.0
// Concatenation, splitting, tiling; slices and padding.
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
  std::size_t results;
  const char* shapes;
};

void check(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    OneOp op = op_with(c.kind, c.attrs, c.operands, c.results);
    INFO(op.op().source_op << " " << c.operands);
    CHECK(shapes_of(op) == c.shapes);
  }
}

AxisAttrs axis(std::int64_t number, std::int64_t count = 0) {
  AxisAttrs out;
  out.axis = number, out.count = count;
  return out;
}

SplitAttrs split_at(std::int64_t number, Ints sizes = {}, std::int64_t count = 0) {
  return {number, std::move(sizes), count};
}

TEST_CASE("concat, stack, unstack, split, tile, expand") {
  check({
      {K::kConcat, axis(1), "[2,3] [2,4]", 1, "[2,7]"},
      {K::kConcat, axis(-1), "[n,3] [2,m]", 1, "[2,?]"},
      {K::kConcat, axis(0), "[n,3]", 1, "[n,3]"},
      {K::kConcat, axis(0), "[n,3] [0,3]", 1, "[n,3]"},
      {K::kConcat, axis(0), "[?...] [2,3]", 1, "[?,3]"},
      {K::kConcat, axis(0), "[?...] [?...]", 1, "[?...]"},
      {K::kConcat, axis(2), "[1,3,5] [1,4,5]", 1, "operand 1 has shape [1,4,5], operand 0 [1,3,5] [shape-mismatch]"},
      {K::kConcat, axis(0), "[3] [3,1]", 1, "operand 1 has shape [3,1], operand 0 [3] [shape-mismatch]"},
      {K::kConcat, axis(2), "[3] [3]", 1, "axis 2 is out of range for rank 1 [invalid-attribute]"},
      {K::kStack, axis(0), "[n,3] [2,3]", 1, "[2,2,3]"},
      {K::kStack, axis(-1), "[2,3] [2,3] [2,3]", 1, "[2,3,3]"},
      {K::kStack, axis(0), "[2] [3]", 1, "operand 1 has shape [3], operand 0 [2] [shape-mismatch]"},
      {K::kUnstack, axis(1), "[2,3,4]", 3, "[2,4] [2,4] [2,4]"},
      {K::kUnstack, axis(0), "[2,3]", 3, "axis 0 has extent 2, there are 3 results [shape-mismatch]"},
      {K::kSplit, split_at(1), "[2,6]", 3, "[2,2] [2,2] [2,2]"},
      {K::kSplit, split_at(1), "[2,7]", 3, "extent 7 cannot be split into 3 parts [shape-mismatch]"},
      {K::kSplit, split_at(1, {}, 3), "[2,7]", 3, "[2,3] [2,3] [2,1]"},
      {K::kSplit, split_at(1, {}, 4), "[2,5]", 4, "extent 5 cannot be split into 4 parts [shape-mismatch]"},
      {K::kSplit, split_at(0), "[n,6]", 2, "[?,6] [?,6]"},
      {K::kSplit, split_at(0), "[n,6]", 1, "[n,6]"},
      {K::kSplit, split_at(0, {1, 2}), "[3,6]", 2, "[1,6] [2,6]"},
      {K::kSplit, split_at(0), "[n,6] {1,2}", 2, "[1,6] [2,6]"},
      {K::kSplit, split_at(0), "[9,6] {1,-1,2}", 3, "[1,6] [6,6] [2,6]"},
      {K::kSplit, split_at(0), "[9,6] i[2]", 2, "[?,6] [?,6]"},
      {K::kSplit, split_at(0), "[9,6] {1,2}", 2, "the sizes sum to 3, the axis has extent 9 [shape-mismatch]"},
      {K::kSplit, split_at(0), "[9,6] {12,-1}", 2, "the sizes sum to 12, the axis has extent 9 [shape-mismatch]"},
      {K::kSplit, split_at(0), "[9,6] {-2,11}", 2, "a part has size -2 [invalid-attribute]"},
      {K::kSplit, split_at(0, {4, 5}), "[9,6]", 3, "2 sizes are given for 3 results [shape-mismatch]"},
      {K::kTile, {}, "[n,3] {1,4}", 1, "[n,12]"},
      {K::kTile, {}, "[n,3] {2,4}", 1, "[?,12]"},
      {K::kTile, {}, "[2,3] {2}", 1, "repeats has 1 entries, input has rank 2 [shape-mismatch]"},
      {K::kTile, {}, "[2,3] {2,-1}", 1, "an axis is repeated -1 times [invalid-attribute]"},
      {K::kTile, axis(1, 5), "[2,3]", 1, "[2,15]"},
      {K::kExpand, {}, "[3,1] {2,1,6}", 1, "[2,3,6]"},
      {K::kExpand, {}, "[3,1] {n,1}", 1, "[3,1]"},
      {K::kExpand, {}, "[1] {n}", 1, "[n]"},
      {K::kExpand, {}, "[3,1] i[4]", 1, "[?,?,3,?]"},
      {K::kExpand, {}, "[3] {4}", 1, "operand shapes [3] and [4] cannot be broadcast [shape-mismatch]"},
  });
}

SliceAttrs onnx() {
  SliceAttrs out;
  out.onnx_form = true;
  return out;
}

SliceAttrs onnx_attributes(Ints starts, Ints ends, Ints axes) {
  SliceAttrs out = onnx();
  out.starts = std::move(starts), out.ends = std::move(ends), out.axes = std::move(axes);
  return out;
}

TEST_CASE("slices with starts and ends") {
  check({
      {K::kSlice, onnx(), "[20,10] {0,1} {3,9223372036854775807}", 1, "[3,9]"},
      {K::kSlice, onnx(), "[20,10] {-3} {-1} {0}", 1, "[2,10]"},
      {K::kSlice, onnx(), "[20,10] {100} {200} {0}", 1, "[0,10]"},
      {K::kSlice, onnx(), "[20,10] {0} {20} {0} {3}", 1, "[7,10]"},
      {K::kSlice, onnx(), "[20,10] {-1} {-9223372036854775808} {-1} {-1}", 1, "[20,10]"},
      {K::kSlice, onnx(), "[5] {-100} {-9223372036854775808} {0} {-1}", 1, "[1]"},
      {K::kSlice, onnx(), "[0] {0} {5} {0} {-1}", 1, "[0]"},
      {K::kSlice, onnx(), "[n,10] {0} {9223372036854775807} {0}", 1, "[n,10]"},
      {K::kSlice, onnx(), "[n,10] {0} {2147483647} {0}", 1, "[n,10]"},
      {K::kSlice, onnx(), "[n,10] {0} {n} {0}", 1, "[n,10]"},
      {K::kSlice, onnx(), "[n,10] {1} {5} {0}", 1, "[?,10]"},
      {K::kSlice, onnx(), "[n,10] i[1] {5} {1}", 1, "[n,?]"},
      {K::kSlice, onnx(), "[n,10] {1} {5} i[1]", 1, "[?,?]"},
      {K::kSlice, onnx(), "[n,10] {1} {5} {1} i[1]", 1, "[n,?]"},
      {K::kSlice, onnx_attributes({1}, {5}, {1}), "[n,10]", 1, "[n,4]"},
      {K::kSlice, onnx(), "[20] {0} {3} {0} {0}", 1, "a slice has step 0 [invalid-attribute]"},
      {K::kSlice, onnx(), "[20] {0,1} {3} {0}", 1, "starts has 2 entries, ends needs 1 [shape-mismatch]"},
      {K::kSlice, onnx(), "[20] {0} {3} {0,0}", 1, "axes has 2 entries, the list of limits needs 1 [shape-mismatch]"},
      {K::kSlice, onnx(), "[20] {0} {3} {2}", 1, "axis 2 is out of range for rank 1 [invalid-attribute]"},
      {K::kSlice, onnx(), "[20] {0} {3} {0} {1,1}", 1, "steps has 2 entries, starts needs 1 [shape-mismatch]"},
  });
}

TEST_CASE("slices with begin and size") {
  check({
      {K::kSlice, {}, "[5,6] {1,2} {3,-1}", 1, "[3,4]"},
      {K::kSlice, {}, "[n,6] {0,2} {-1,4}", 1, "[n,4]"},
      {K::kSlice, {}, "[n,6] {1,2} {-1,4}", 1, "[?,4]"},
      {K::kSlice, {}, "[5,6] i[2] {3,4}", 1, "[3,4]"},
      {K::kSlice, {}, "[5,6] {1,2} i[2]", 1, "[?,?]"},
      {K::kSlice, {}, "[?...] {1,2} {3,4}", 1, "[?,?]"},
      {K::kSlice, {}, "[5] {3} {4}", 1, "begin 3 and size 4 exceed the extent 5 of axis 0 [shape-mismatch]"},
      {K::kSlice, {}, "[5] {6} {-1}", 1, "begin 6 exceeds the extent 5 of axis 0 [shape-mismatch]"},
      {K::kSlice, {}, "[5] {-1} {2}", 1, "a slice has a negative begin or size [invalid-attribute]"},
      {K::kSlice, {}, "[5] {1,2} {2,2}", 1, "begin has 2 entries, the input's rank needs 1 [shape-mismatch]"},
  });
}

PadAttrs pads(Ints list) {
  PadAttrs out;
  out.pads = std::move(list);
  return out;
}

TEST_CASE("pads, crops, dilation, slices of given sizes") {
  PadAttrs pairs;
  pairs.pairs = true;
  GeneralAttrs sizes;
  sizes.dims = {2, 3};
  AxesAttrs last_two;
  last_two.axes = {-2, -1};
  last_two.has_axes = true;
  check({
      {K::kPad, {}, "[n,3] {0,1,0,2}", 1, "[n,6]"},
      {K::kPad, pairs, "[n,3] {0,0,1,2}", 1, "[n,6]"},
      {K::kPad, pads({0, 1, 0, 2}), "[n,3]", 1, "[n,6]"},
      {K::kPad, {}, "[n,3] {1,2} - {-1}", 1, "[n,6]"},
      {K::kPad, {}, "[n,3] {1,2} - i[1]", 1, "[?,?]"},
      {K::kPad, {}, "[n,3] {0,-1,0,-1}", 1, "[n,1]"},
      {K::kPad, {}, "[n,3] i[4]", 1, "[?,?]"},
      {K::kPad, {}, "[?...] i[4]", 1, "[?,?]"},
      {K::kPad, {}, "[2,3] {0,-2,0,-2}", 1, "negative pads take more than the extent of axis 1 [shape-mismatch]"},
      {K::kPad, {}, "[2,3] {0,1,0}", 1, "pads has 3 entries, the number of axes needs 4 [shape-mismatch]"},
      {K::kPad, {}, "[2,3] {9223372036854775807,0,1,0}", 1, "a sum of extents does not fit 64 bits [overflow]"},
      {K::kDynamicSlice, sizes, "[n,9] i[] i[]", 1, "[2,3]"},
      {K::kDynamicSlice, sizes, "[1,9] i[] i[]", 1, "size 2 does not fit extent 1 of axis 0 [shape-mismatch]"},
      {K::kCenterCropPad, last_two, "[n,3,8,8] {5,k}", 1, "[n,3,5,k]"},
      {K::kCenterCropPad, {}, "[8,8] {5,9}", 1, "[5,9]"},
      {K::kDilate, {}, "[5,n,1] {3,2,9} []", 1, "[13,?,1]"},
      {K::kDilate, {}, "[5] {0} []", 1, "a dilation is 0 [invalid-attribute]"},
  });
}

TEST_CASE("folding of joined and cut tensors") {
  struct Fold {
    K kind;
    Attributes attrs;
    const char* operands;
    std::size_t results, which;
    const char* elements;
  };
  const Fold cases[] = {
      {K::kConcat, axis(0), "{1,n} {3}", 1, 0, "{1,n,3}"},
      {K::kConcat, axis(0), "(1.5) (2)", 1, 0, "(1.5,2)"},
      {K::kConcat, axis(0), "{1} (2)", 1, 0, "none"},
      {K::kStack, axis(0), "7 {9}", 1, 0, "operand 1 has shape [1], operand 0 [] [shape-mismatch]"},
      {K::kStack, axis(0), "7 9", 1, 0, "{7,9}"},
      {K::kStack, axis(1), "{1,2} {3,4}", 1, 0, "{1,3,2,4}"},
      {K::kUnstack, axis(0), "{1,n,3}", 3, 1, "{n}"},
      {K::kSplit, split_at(0), "{1,n,3} {2,1}", 2, 0, "{1,n}"},
      {K::kSplit, split_at(0), "{1,n,3} {2,1}", 2, 1, "{3}"},
      {K::kTile, {}, "{1,2} {3}", 1, 0, "{1,2,1,2,1,2}"},
      {K::kExpand, {}, "{5} {3}", 1, 0, "{5,5,5}"},
      {K::kSlice, onnx(), "{1,n,3,4} {1} {3}", 1, 0, "{n,3}"},
      {K::kSlice, onnx(), "{1,n,3,4} {-1} {-9223372036854775808} {0} {-2}", 1, 0, "{4,n}"},
      {K::kSlice, {}, "{1,n,3,4} {1} {-1}", 1, 0, "{n,3,4}"},
      {K::kGather, axis(0), "{1,n,3,4} {3,-3}", 1, 0, "{4,n}"},
      {K::kGather, axis(0), "{1,n,3,4} 1", 1, 0, "{n}"},
      {K::kGather, axis(0), "{1,n,3,4} {4}", 1, 0, "none"},
      {K::kGather, axis(0), "{1,n,3,4} {k}", 1, 0, "none"},
  };
  for (const Fold& c : cases) {
    OneOp op = op_with(c.kind, c.attrs, c.operands, c.results);
    INFO(op.op().source_op << " " << c.operands);
    CHECK(folded(op, c.which) == c.elements);
  }
  OneOp rows = op_with(K::kConcat, axis(1), "{1,2,3,4} {5,6}");
  rows.model().main().tensors[1].shape = Shape{2, 2};
  rows.model().main().tensors[2].shape = Shape{2, 1};
  CHECK(folded(rows) == "{1,2,5,3,4,6}");
}

}  // namespace
}  // namespace nngauge
