// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/common.h"

#include <catch2/catch.hpp>

#include "tests/graph/graph_builder.h"

namespace nngauge {
namespace {

using test::OneOp;

TEST_CASE("results like the first operand keep its open extents") {
  OneOp op(OpKind::kRelu);
  op.input({op.symbol("batch"), 3, Dim::unknown()}, OperandRole::kData, DType::kFloat16);
  CHECK(op.shape() == "[batch,3,?]");
  CHECK(op.dtype() == DType::kFloat16);
}

TEST_CASE("scalars and unknown results") {
  CHECK(OneOp(OpKind::kSize).input({2, 3}).shape() == "[]");
  CHECK(OneOp(OpKind::kSize).input({2, 3}).dtype() == DType::kInt64);
  CHECK(OneOp(OpKind::kRank).input({2, 3}).dtype() == DType::kInt32);
  CHECK(OneOp(OpKind::kIsNaN).input({2, 3}).dtype() == DType::kBool);
  CHECK(OneOp(OpKind::kSkipGram).input({2}).shape() == "[?...]");
  CHECK(OneOp(OpKind::kAssignVariable, {}, 0).input({2}).input({2}).infer()->empty());
}

TEST_CASE("an operator without a rule has an unknown work, not a zero") {
  CHECK(OneOp(OpKind::kCustom).input({2}).error() == "a custom operator without a rule [unknown]");
  CHECK(OneOp(OpKind::kSkipGram).input({2}).error() ==
        "how much it computes depends on the elements it is given [unknown]");
}

TEST_CASE("one operation per element of the first operand") {
  OneOp op(OpKind::kNonZero);
  op.input({4, 5});
  CHECK(work_in_elements(op.context())->flops == Count(4 * 5));
  OneOp open(OpKind::kNonZero);
  open.input({open.symbol("batch"), 5});
  CHECK(work_in_elements(open.context()).error().text() == "extent batch of operand 0 is not known [unknown]");
}

}  // namespace
}  // namespace nngauge
