// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/rule_helpers.h"

#include <catch2/catch.hpp>
#include <limits>

#include "tests/graph/graph_builder.h"

namespace nngauge {
namespace {

using test::OneOp;

constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();

std::string broadcast_text(OneOp& op, const Shape& a, const Shape& b) {
  const auto shape = broadcast_shapes(op.context(), a, b);
  return shape ? shape_text(*shape, op.model().symbols) : shape.error().text();
}

TEST_CASE("axes count from either end") {
  CHECK(*normalise_axis(0, 4) == 0);
  CHECK(*normalise_axis(-1, 4) == 3);
  CHECK(*normalise_axis(-4, 4) == 0);
  CHECK(normalise_axis(4, 4).error().text() == "axis 4 is out of range for rank 4 [invalid-attribute]");
  CHECK(normalise_axis(-5, 4).error().text() == "axis -5 is out of range for rank 4 [invalid-attribute]");
  CHECK(normalise_axis(0, 0).error().text() == "axis 0 is out of range for rank 0 [invalid-attribute]");
  CHECK(*normalise_axes(Ints{2, -4}, 4) == std::vector<std::size_t>{2, 0});
  CHECK(normalise_axes(Ints{1, -3}, 4).error().text() == "axis -3 is named twice [invalid-attribute]");
}

TEST_CASE("extents add and multiply, unknown ones as far as possible") {
  const Dim s = Dim::symbol(0);
  CHECK(*add_dims(2, 3) == Dim(5));
  CHECK(*add_dims(s, 0) == s);
  CHECK(*add_dims(s, 1) == Dim::unknown());
  CHECK(*multiply_dims(s, 1) == s);
  CHECK(*multiply_dims(0, Dim::unknown()) == Dim(0));
  CHECK(*multiply_dims(s, s) == Dim::unknown());
  CHECK(multiply_dims(kHuge, 2).error().text() == "a product of extents does not fit 64 bits [overflow]");
  CHECK(add_dims(kHuge, 1).error().text() == "a sum of extents does not fit 64 bits [overflow]");
  CHECK(*product_of(std::vector<Dim>{kHuge, kHuge, 0}) == Dim(0));
  CHECK(*product_of(std::vector<Dim>{}) == Dim(1));
  CHECK(*product_of(Shape{2, 3, 4}, 1, 3) == Dim(3 * 4));
  CHECK(*merge_dims(s, Dim::unknown(), "x") == s);
  CHECK(*merge_dims(s, 3, "x") == Dim(3));
  CHECK(merge_dims(4, 3, "the extent of axis 1").error().text() == "the extent of axis 1 is 4 and 3 [shape-mismatch]");
}

TEST_CASE("broadcasting") {
  OneOp op(OpKind::kAdd);
  const Dim n = op.symbol("n");
  const Dim m = op.symbol("m");
  CHECK(broadcast_text(op, {2, 3}, {2, 3}) == "[2,3]");
  CHECK(broadcast_text(op, {2, 1, 4}, {3, 1}) == "[2,3,4]");
  CHECK(broadcast_text(op, {}, {5}) == "[?...]");
  CHECK(broadcast_text(op, Shape::scalar(), {5}) == "[5]");
  CHECK(broadcast_text(op, {1}, {0}) == "[0]");
  CHECK(broadcast_text(op, {n, 3}, {1, 3}) == "[n,3]");
  CHECK(broadcast_text(op, {n, 3}, {4, 3}) == "[4,3]");
  CHECK(broadcast_text(op, {n, 3}, {n, 1}) == "[n,3]");
  CHECK(broadcast_text(op, {n, 3}, {m, 3}) == "[?,3]");
  CHECK(broadcast_text(op, {Dim::unknown()}, {1}) == "[?]");
  CHECK(broadcast_text(op, {Dim::unknown()}, {7}) == "[7]");
  CHECK(broadcast_text(op, {1, 3, 4}, {5}) == "operand shapes [1,3,4] and [5] cannot be broadcast [shape-mismatch]");
  CHECK(broadcast_text(op, {0}, {2}) == "operand shapes [0] and [2] cannot be broadcast [shape-mismatch]");
}

TEST_CASE("integers come from the operand, else from the attribute") {
  OneOp op(OpKind::kReduceSum);
  op.input({2, 3}).ints({1});
  CHECK(*ints_of(op.context(), 1, {0}, "axes") == Ints{1});
  CHECK(*ints_of(op.context(), 2, {0}, "axes") == Ints{0});
  CHECK(ints_of(op.context(), 0, {}, "axes").error().text() ==
        "the elements of the axes operand are not known [unknown]");
  CHECK(operand_int(op.context(), 1) == 1);
  CHECK(operand_length(op.context(), 1) == 1U);
  CHECK(operand_length(op.context(), 0) == 6U);
  CHECK_FALSE(operand_ints(op.context(), 0));
}

}  // namespace
}  // namespace nngauge
