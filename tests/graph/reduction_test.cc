// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/graph/rule_cases.h"

namespace nngauge {
namespace {

using namespace test;
using K = OpKind;

AxesAttrs axes(Ints list, bool keep = true, bool noop = false) { return {std::move(list), true, keep, noop}; }
AxesAttrs no_axes(bool keep = true, bool noop = false) { return {{}, false, keep, noop}; }
AxisAttrs axis(std::int64_t number, bool keep = false) {
  AxisAttrs out;
  out.axis = number;
  out.keep_dims = keep;
  return out;
}

TEST_CASE("reduced shapes") {
  struct Case {
    K kind;
    Attributes attrs;
    const char* operands;
    const char* results;
  };
  const Case kCases[] = {
      {K::kReduceSum, axes({1}), "[2,3,4]", "[2,1,4]"},
      {K::kReduceSum, axes({-1, 0}, false), "[2,3,4]", "[3]"},
      {K::kReduceSum, no_axes(false), "[2,3,4]", "[]"},
      {K::kReduceSum, no_axes(true), "[2,3,4]", "[1,1,1]"},
      {K::kReduceSum, no_axes(true, true), "[2,3,4]", "[2,3,4]"},
      {K::kReduceSum, no_axes(true, true), "[2,3,4] {}", "[2,3,4]"},
      {K::kReduceMean, no_axes(false), "[n,h,w,8] {1,2}", "[n,8]"},
      {K::kReduceMean, no_axes(false), "[n,h,w,8] i[2]", "[?,?]"},
      {K::kReduceMean, no_axes(true), "[n,h,w,8] i[2]", "[?,?,?,?]"},
      {K::kReduceMean, axes({1}, false), "[?...]", "[?...]"},
      {K::kReduceMean, axes({-1}, false), "[]", "[]"},
      {K::kReduceMax, axes({0, 0, -3}, false), "[2,3,4]", "[3,4]"},
      {K::kReduceMax, axes({3}), "[2,3,4]", "axis 3 is out of range for rank 3 [invalid-attribute]"},
      {K::kArgMax, axis(1), "[2,3,4]", "[2,4]"},
      {K::kArgMax, axis(1, true), "[2,3,4]", "[2,1,4]"},
      {K::kArgMax, axis(0), "[2,3,4] -1", "[2,3]"},
      {K::kTopK, TopKAttrs{0, -1}, "[2,9] {3}", "[2,3] [2,3]"},
      {K::kTopK, TopKAttrs{3, 0}, "[n,9]", "[3,9] [3,9]"},
      {K::kTopK, TopKAttrs{0, -1}, "[2,9] {k}", "[2,k] [2,k]"},
      {K::kTopK, TopKAttrs{0, -1}, "[2,9] {10}", "k is 10, axis 1 has extent 9 [shape-mismatch]"},
      {K::kTopK, TopKAttrs{0, -1}, "[2,9] {-1}", "k is -1 [invalid-attribute]"},
      {K::kSoftmax, axis(2), "[2,3]", "axis 2 is out of range for rank 2 [invalid-attribute]"},
      {K::kCumSum, axis(0), "[2,3] 1", "[2,3]"},
      {K::kCumSum, axis(0), "[2,3] 2", "axis 2 is out of range for rank 2 [invalid-attribute]"},
      {K::kReduceGeneral,
       [] {
         GeneralAttrs a;
         a.dims = {0, 2};
         return a;
       }(),
       "[2,3,4] [2,3,4] [] []", "[3] [3]"},
  };
  for (const Case& c : kCases) {
    OneOp op = op_with(c.kind, c.attrs, c.operands);
    INFO(op.op().source_op << " " << c.operands);
    CHECK(shapes_of(op) == c.results);
  }
}

TEST_CASE("work of reductions, softmax and sorting") {
  struct Case {
    K kind;
    Attributes attrs;
    const char* operands;
    std::uint64_t flops, special;
  };
  AxisAttrs flat = axis(1);
  flat.flatten_2d = true;
  const Case kCases[] = {
      {K::kReduceSum, axes({1}), "[2,3,4]", 2 * 3 * 4, 0},
      {K::kReduceMean, axes({1}), "[2,3,4]", 2 * 3 * 4, 2 * 4},
      {K::kReduceL1, axes({1}), "[2,3,4]", 2 * 3 * 4 * 2, 0},
      {K::kReduceL2, axes({1}), "[2,3,4]", 2 * 3 * 4 * 2, 2 * 4},
      {K::kReduceLogSum, axes({1}), "[2,3,4]", 2 * 3 * 4, 2 * 4},
      {K::kReduceLogSumExp, axes({1}), "[2,3,4]", 2 * 3 * 4, 2 * 3 * 4 + 2 * 4},
      {K::kReduceSum, no_axes(true, true), "[2,3,4]", 0, 0},
      {K::kArgMax, axis(1), "[2,3,4]", 2 * 3 * 4, 0},
      {K::kSoftmax, axis(-1), "[2,10]", 2 * 10 * 3, 2 * 10 * 2},
      {K::kLogSoftmax, axis(-1), "[2,3,10]", 2 * 3 * 10 * 4, 2 * 3 * 10 + 2 * 3},
      {K::kLogSoftmax, flat, "[2,3,10]", 2 * 3 * 10 * 4, 2 * 3 * 10 + 2},
      {K::kHardmax, axis(-1), "[2,10]", 2 * 10, 0},
      {K::kTopK, TopKAttrs{5, -1}, "[2,100]", 2 * 100 * 3, 0},  // log2 5 up is 3
      {K::kTopK, TopKAttrs{1, -1}, "[2,100]", 2 * 100 * 1, 0},
      {K::kSort, axis(1), "[2,100]", 2 * 100 * 7, 0},
      {K::kUnique, {}, "[100]", 100 * 7, 0},
      {K::kReduceGeneral,
       [] {
         GeneralAttrs a;
         a.dims = {0};
         return a;
       }(),
       "[6] [6] [] []", 6 * 2, 0},
  };
  for (const Case& c : kCases) {
    OneOp op = op_with(c.kind, c.attrs, c.operands);
    INFO(op.op().source_op << " " << c.operands);
    const Work work = op.must_work();
    CHECK(work.flops == Count(c.flops));
    CHECK(work.special == Count(c.special));
  }
}

TEST_CASE("folding of reductions") {
  OneOp sum = op_with(K::kReduceSum, axes({0}, false), "{1,2,3}");
  CHECK(folded(sum) == "{6}");
  OneOp product = op_with(K::kReduceProd, axes({0}), "{2,n,3}");
  CHECK(folded(product) == "{?}");
  OneOp zero = op_with(K::kReduceProd, axes({0}), "{2,n,0}");
  CHECK(folded(zero) == "{0}");
  OneOp largest = op_with(K::kReduceMax, axes({0}), "(1.5,-2)");
  CHECK(folded(largest) == "(1.5)");
  OneOp least = op_with(K::kReduceMin, axes({0}), "{4,-2,9}");
  CHECK(folded(least) == "{-2}");
  OneOp huge = op_with(K::kReduceSum, axes({0}), "{9223372036854775807,1}");
  CHECK(folded(huge) == "{?}");
  OneOp square = op_with(K::kReduceSum, axes({1}, false), "{1,2,3,4,5,6}");
  square.model().main().tensors.back().shape = Shape{2, 3};
  CHECK(folded(square) == "{6,15}");
}

}  // namespace
}  // namespace nngauge
