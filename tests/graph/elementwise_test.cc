// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/graph/rule_cases.h"

namespace nngauge {
namespace {

using namespace test;
using K = OpKind;

TEST_CASE("element-wise results: broadcasting, chosen rows, halves, parts of complex numbers") {
  struct Case {
    K kind;
    Attributes attrs;
    const char* operands;
    const char* result;
  };
  const Case kCases[] = {
      {K::kAdd, {}, "[2,1,4] [3,1]", "[2,3,4]"},
      {K::kMaximum, {}, "[2,1] [3] [5,1,1]", "[5,2,3]"},
      {K::kMaximum, {}, "[batch,3]", "[batch,3]"},
      {K::kAdd, {}, "[batch,3] [1]", "[batch,3]"},
      {K::kAdd, {}, "[1,3,4] [5]", "operand shapes [1,3,4] and [5] cannot be broadcast [shape-mismatch]"},
      {K::kMul, BroadcastAttrs{true, 1}, "[2,3,4,5] [3,4]", "[2,3,4,5]"},
      {K::kMul, BroadcastAttrs{true, 0}, "[2,3,4,5] [2,3]", "[2,3,4,5]"},
      {K::kMul, BroadcastAttrs{true, -1}, "[2,3,4,5] [4,5]", "[2,3,4,5]"},
      {K::kMul, BroadcastAttrs{true, 1}, "[2,3] []", "[2,3]"},
      {K::kMul, BroadcastAttrs{true, 0}, "[3] [3,7,7]", "[3,7,7]"},
      {K::kMul, BroadcastAttrs{true, 3}, "[2,3,4,5] [4,5]",
       "operand shape [4,5] laid onto [2,3,4,5] from axis 3 reaches over its end [shape-mismatch]"},
      {K::kMul, BroadcastAttrs{true, 1}, "[2,3,4,5] [4]",
       "operand shapes [2,3,4,5] and [4,1,1] cannot be broadcast [shape-mismatch]"},
      {K::kSelect, {}, "[3,1] [1,4] []", "[3,4]"},
      {K::kSelect, {}, "[5] [5,4] [5,4]", "[5,4]"},
      {K::kSelect, {}, "[6] [5,4] [5,4]", "operand shapes [6] and [5,4] cannot be broadcast [shape-mismatch]"},
      {K::kGelu, {}, "i[2,3]", "input is int64, a floating-point type is needed [invalid-attribute]"},
      {K::kGelu, {}, "[2,n]", "[2,n]"},
      {K::kBiasSplitGelu, {}, "[2,6,640] [640]", "[2,6,320]"},
      {K::kBiasSplitGelu, {}, "[2,7] [7]", "the last extent 7 is no multiple of 2 [shape-mismatch]"},
  };
  for (const Case& c : kCases) {
    INFO(c.operands);
    OneOp op = op_with(c.kind, c.attrs, c.operands);
    CHECK(shapes_of(op) == c.result);
  }
  CHECK(OneOp(K::kLess).input({2}).input({2}).dtype() == DType::kBool);
  CHECK(OneOp(K::kReal).input({2}, OperandRole::kData, DType::kComplex128).dtype() == DType::kFloat64);
}

TEST_CASE("element-wise work is result elements times the columns of the table") {
  struct Case {
    K kind;
    Attributes attrs;
    const char* operands;
    std::uint64_t flops, special;
  };
  const Case kCases[] = {
      {K::kAdd, {}, "[2,1,4] [3,1]", 2 * 3 * 4, 0},
      {K::kRelu, {}, "[2,3]", 2 * 3, 0},
      {K::kHardSwish, {}, "[2,3]", 2 * 3 * 5, 0},
      {K::kSigmoid, {}, "[2,3]", 0, 2 * 3},
      {K::kDiv, {}, "[2,3] []", 0, 2 * 3},
      {K::kGelu, {}, "[10]", 10 * 4, 10},
      {K::kGelu, ScalarAttrs{0, 0, true}, "[10]", 10 * 8, 10},
      {K::kFastGelu, {}, "[10] [10]", 10 * 9, 10},
      {K::kAddN, {}, "[4,5] [4,5] [4,5]", 4 * 5 * 2, 0},
      {K::kMaximum, {}, "[4,5]", 0, 0},
      {K::kMeanN, {}, "[4,5] [4,5] [4,5]", 4 * 5 * 2, 4 * 5},
      {K::kBiasAdd, {}, "[4,5] [5] [4,5]", 4 * 5 * 2, 0},
  };
  for (const Case& c : kCases) {
    OneOp op = op_with(c.kind, c.attrs, c.operands);
    INFO(op.op().source_op << " " << c.operands);
    const Work work = op.must_work();
    CHECK(work.flops == Count(c.flops));
    CHECK(work.special == Count(c.special));
    CHECK(work.macs == Count(0));
  }
  OneOp open = op_with(K::kAdd, {}, "[batch,3] [3]");
  CHECK(open.error() == "extent batch of result 0 is not known [unknown]");
}

TEST_CASE("folding of functions of one operand") {
  struct Case {
    K kind;
    const char* operands;
    const char* result;
  };
  const Case kCases[] = {
      {K::kNeg, "{1,-2,n}", "{-1,2,?}"},
      {K::kAbs, "{-3,n}", "{3,n}"},
      {K::kRelu, "{-3,4}", "{0,4}"},
      {K::kSign, "{-3,0,9}", "{-1,0,1}"},
      {K::kSquare, "{3,4294967296}", "{9,?}"},  // 2^64 does not fit
      {K::kNeg, "{-9223372036854775808}", "{?}"},
      {K::kLogicalNot, "{0,5}", "{1,0}"},
      {K::kFloor, "(1.5,-1.5,?)", "(1,-2,?)"},
      {K::kCeil, "(1.5,-1.5)", "(2,-1)"},
      {K::kRound, "(0.5,1.5,2.5)", "(0,2,2)"},
      {K::kSqrt, "(9,-1)", "(3,?)"},
      {K::kReciprocal, "(4,0)", "(0.25,?)"},
      {K::kLog, "(1,0)", "(0,?)"},
      {K::kExp, "(0,1000)", "(1,?)"},  // beyond float32
  };
  for (const Case& c : kCases) {
    OneOp op = op_with(c.kind, {}, c.operands);
    INFO(op.op().source_op << " " << c.operands);
    CHECK(folded(op) == c.result);
  }
}

TEST_CASE("folding of functions of several operands") {
  struct Case {
    K kind;
    const char* operands;
    const char* result;
  };
  const Case kCases[] = {
      {K::kAdd, "{1,2,n} {10}", "{11,12,?}"},
      {K::kAdd, "{n} {0}", "{n}"},
      {K::kAdd, "{9223372036854775807} {1}", "{?}"},
      {K::kSub, "{n,5} {n,7}", "{0,-2}"},
      {K::kMul, "{n,n,n} {1,0,2}", "{n,0,?}"},
      {K::kMul, "{9223372036854775807} {2}", "{?}"},
      {K::kDiv, "{7,-7,n,1} {2,2,1,0}", "{3,-3,n,?}"},
      {K::kDiv, "{-9223372036854775808} {-1}", "{?}"},
      {K::kFloorDiv, "{7,-7,7} {2,2,-2}", "{3,-4,-4}"},
      {K::kFloorMod, "{7,-7,7} {3,3,-3}", "{1,2,-2}"},
      {K::kMod, "{7,-7} {3,3}", "{1,?}"},  // the sign depends on an attribute
      {K::kPow, "{2,2,n,3} {10,64,1,-1}", "{1024,?,n,?}"},
      {K::kMaximum, "{1,n,n} {3,-1,2}", "{3,n,?}"},
      {K::kMinimum, "{1,n,n} {3,-1,2}", "{1,-1,?}"},
      {K::kMaximum, "{1} {3} {2}", "{3}"},
      {K::kEqual, "{1,n,n,n} {1,-1,n,5}", "{1,0,1,?}"},
      {K::kGreater, "{n,3} {-1,3}", "{1,0}"},
      {K::kLessEqual, "{n,3} {-1,3}", "{0,1}"},
      {K::kLogicalAnd, "{1,0,n} {1,n,1}", "{1,0,?}"},
      {K::kLogicalXor, "{1,0} {1,1}", "{0,1}"},
      {K::kMul, "(3,?) (0.5)", "(1.5,?)"},
      {K::kDiv, "(1) (3)", "(0.3333333432674408)"},  // as float32 has it
      {K::kGreater, "(3,?) (0.5)", "{1,?}"},
      {K::kSelect, "{1,0,?,?} {7,n,8,9} {5,6,8,4}", "{7,6,8,?}"},
      {K::kClip, "{-5,3,90} 0 10", "{0,3,10}"},
      {K::kClip, "(-5,3,90) - (10)", "(-5,3,10)"},
  };
  for (const Case& c : kCases) {
    OneOp op = op_with(c.kind, {}, c.operands);
    INFO(op.op().source_op << " " << c.operands);
    CHECK(folded(op) == c.result);
  }
}

TEST_CASE("folding keeps to the type of the result") {
  OneOp op = op_with(K::kMul, {}, "{65536} {65536}");
  for (Tensor& tensor : op.model().main().tensors) tensor.dtype = DType::kInt32;
  REQUIRE(op.infer());
  CHECK_FALSE(op.fold()->ints.front().known());  // 2^32 would wrap
}

}  // namespace
}  // namespace nngauge
