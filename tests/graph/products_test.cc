// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/products.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "graph/ops/matmul_geometry.h"
#include "tests/graph/graph_builder.h"
#include "tests/graph/oracle.h"

namespace nngauge {
namespace {

using test::OneOp;

DenseAttrs dense(bool transpose_b, bool keep_dims = false, std::int64_t flatten_axis = -1) {
  DenseAttrs attrs;
  attrs.transpose_b = transpose_b;
  attrs.keep_dims = keep_dims;
  attrs.flatten_axis = flatten_axis;
  return attrs;
}

OneOp matmul(Shape a, Shape b, MatMulAttrs attrs = {}) {
  OneOp op(OpKind::kMatMul, attrs);
  op.input(std::move(a)).input(std::move(b));
  return op;
}

TEST_CASE("dense layers as Caffe, TFLite and ONNX write them") {
  OneOp caffe(OpKind::kDense, dense(true, true, 1));
  caffe.input({1, 256, 6, 6}).weight({4096, 9216}).bias({4096});
  CHECK(caffe.shape() == "[1,4096]");
  CHECK(caffe.macs() == 37748736);  // AlexNet's fc6
  CHECK(caffe.flops() == 2ULL * 37748736 + 4096);
  OneOp lite(OpKind::kDense, dense(true));
  lite.input({2, 7, 7, 64}).weight({10, 7 * 7 * 64});
  CHECK(lite.shape() == "[2,10]");
  CHECK(lite.macs() == 2ULL * 7 * 7 * 64 * 10);
  OneOp kept(OpKind::kDense, dense(true, true));
  kept.input({2, 5, 16}).weight({8, 16});
  CHECK(kept.shape() == "[2,5,8]");
  CHECK(kept.macs() == 2ULL * 5 * 16 * 8);
  DenseAttrs transposed;
  transposed.transpose_a = true;
  CHECK(OneOp(OpKind::kDense, transposed).input({16, 3}).weight({16, 8}).shape() == "[3,8]");
  DenseAttrs from_text = dense(true, true, 1);
  from_text.num_output = 10;
  OneOp text(OpKind::kDense, from_text);
  text.input({1, 4, 5, 5}).weight(Shape::unknown_rank());
  CHECK(text.macs() == 4ULL * 5 * 5 * 10);
  CHECK(shape_text(matmul_geometry(text.context())->weight_shape(true), {}) == "[10,100]");
}

TEST_CASE("an open batch passes through a dense layer, folded or not") {
  OneOp flat(OpKind::kDense, dense(true));
  flat.input({flat.symbol("batch"), 16}).weight({8, 16});
  CHECK(flat.shape() == "[batch,8]");
  OneOp folded(OpKind::kDense, dense(true));
  folded.input({folded.symbol("batch"), 2, 8}).weight({8, 16});
  CHECK(folded.shape() == "[batch,8]");
  CHECK(folded.error() == "the number of rows is the open extent batch [unknown]");
}

TEST_CASE("what a dense layer cannot be") {
  CHECK(OneOp(OpKind::kDense, dense(true)).input({2, 12}).weight({8, 10}).error() ==
        "weights take 10 inputs, there are 12 [shape-mismatch]");
  CHECK(OneOp(OpKind::kDense, dense(true)).input({1, 3, 4}).weight({8, 10}).error() ==
        "weights take 10 inputs, which do not divide 12 elements [shape-mismatch]");
  CHECK(OneOp(OpKind::kDense, dense(true)).input({2, 10}).weight({8, 10}).bias({7}).error() ==
        "bias [7] does not fit the result [2,8] [shape-mismatch]");
  CHECK(OneOp(OpKind::kDense, dense(true)).input({2, 10}).weight({8, 10}).bias({1, 2, 8}).error() ==
        "bias [1,2,8] does not fit the result [2,8] [shape-mismatch]");
  CHECK(OneOp(OpKind::kDense, dense(true)).input({2, 10}).weight({8, 10}).bias({2, 1}).error() == "");
  CHECK(OneOp(OpKind::kDense, dense(true)).input({2, 10}).weight({80}).error() ==
        "weight [80] has 1 axes, needs 2 [shape-mismatch]");
}

TEST_CASE("matrix products with vectors, batches and transposition") {
  struct Case {
    Shape a, b;
    bool ta, tb;
    const char* shape;
    std::uint64_t macs;
  };
  const Case cases[] = {
      {{3, 4}, {4, 5}, false, false, "[3,5]", 3 * 4 * 5},
      {{4}, {4, 5}, false, false, "[5]", 4 * 5},
      {{3, 4}, {4}, false, false, "[3]", 3 * 4},
      {{4}, {4}, false, false, "[]", 4},
      {{2, 3, 4}, {4, 5}, false, false, "[2,3,5]", 2 * 3 * 4 * 5},
      {{2, 1, 3, 4}, {7, 4, 5}, false, false, "[2,7,3,5]", 2 * 7 * 3 * 4 * 5},
      {{2, 4, 3}, {2, 5, 4}, true, true, "[2,3,5]", 2 * 3 * 4 * 5},
      {{6, 1, 1, 2, 2}, {5, 1, 2, 2}, false, false, "[6,5,1,2,2]", 6 * 5 * 2 * 2 * 2},
  };
  for (const Case& k : cases) {
    MatMulAttrs attrs;
    attrs.transpose_a = k.ta;
    attrs.transpose_b = k.tb;
    OneOp op = matmul(k.a, k.b, attrs);
    CHECK(op.shape() == k.shape);
    CHECK(op.macs() == k.macs);
  }
  MatMulAttrs batch_last;
  batch_last.trans_batch_a = true;
  CHECK(matmul({3, 2, 7, 4}, {2, 7, 4, 5}, batch_last).shape() == "[2,7,3,5]");
  CHECK(matmul({3, 4}, {5, 6}).error() == "left operand has 4 columns, right operand has 5 rows [shape-mismatch]");
  CHECK(matmul({2, 3, 4}, {3, 4, 5}).error() == "operand shapes [2] and [3] cannot be broadcast [shape-mismatch]");
  OneOp quantised(OpKind::kMatMul);
  quantised.input({4, 3}, OperandRole::kData, DType::kInt8).input({3, 2}, OperandRole::kData, DType::kUInt8);
  quantised.constant({2}, OperandRole::kBias, DType::kUInt8);
  CHECK(quantised.error() == "bias is uint8, input is int8 [shape-mismatch]");
}

TEST_CASE("packed products say what they compute by attributes") {
  PackedMatMulAttrs attrs;
  attrs.k = 64;
  attrs.n = 10;
  attrs.block_size = 32;
  OneOp op(OpKind::kMatMulPacked, attrs);
  op.input({1, 5, 64}).constant({10, 2, 16}, OperandRole::kWeight, DType::kUInt8).bias({10});
  CHECK(op.shape() == "[1,5,10]");
  CHECK(op.macs() == 5ULL * 64 * 10);
  CHECK(op.flops() == 2ULL * 5 * 64 * 10 + 5 * 10);
  const auto refused = [&](std::int64_t bits, std::int64_t block) {
    attrs.bits = bits;
    attrs.block_size = block;
    return OneOp(OpKind::kMatMulPacked, attrs).input({1, 64}).weight({10, 2, 16}).error();
  };
  CHECK(refused(5, 16) == "bits is 5, not 2, 4 or 8 [invalid-attribute]");
  CHECK(refused(4, 12) == "block_size is 12, not a power of two from 16 up [invalid-attribute]");
  CHECK(refused(4, 8) == "block_size is 8, not a power of two from 16 up [invalid-attribute]");
  CHECK(OneOp(OpKind::kMatMulPacked, PackedMatMulAttrs{64, 10, 4, 32}).input({1, 63}).weight({10, 2, 16}).error() ==
        "weights take 64 inputs, there are 63 [shape-mismatch]");
}

OneOp einsum(const std::string& equation, const std::vector<Shape>& operands) {
  OneOp op(OpKind::kEinsum, EinsumAttrs{equation});
  for (const Shape& shape : operands) op.input(shape);
  return op;
}

TEST_CASE("einsum: contractions, batches, ellipsis, implicit results, chains") {
  struct Case {
    const char* equation;
    std::vector<Shape> operands;
    const char* shape;
    std::uint64_t macs, flops;
  };
  const Case cases[] = {
      {"bij,bjk->bik", {{2, 3, 4}, {2, 4, 5}}, "[2,3,5]", 2 * 3 * 4 * 5, 2 * 2 * 3 * 4 * 5},
      {"bhqd,bhkd->bhqk", {{1, 2, 3, 4}, {1, 2, 5, 4}}, "[1,2,3,5]", 2 * 3 * 5 * 4, 2 * 2 * 3 * 5 * 4},
      {"...ij,...jk", {{2, 7, 3, 4}, {7, 4, 5}}, "[2,7,3,5]", 2 * 7 * 3 * 4 * 5, 2 * 2 * 7 * 3 * 4 * 5},
      {"ij,jk", {{3, 4}, {4, 5}}, "[3,5]", 3 * 4 * 5, 2 * 3 * 4 * 5},
      {"i , j -> i j", {{3}, {4}}, "[3,4]", 0, 3 * 4},
      {"ij,ij->ij", {{3, 4}, {3, 4}}, "[3,4]", 0, 3 * 4},
      {"ij->ji", {{3, 4}}, "[4,3]", 0, 0},
      {"ij->i", {{3, 4}}, "[3]", 0, 3 * 4},
      {"ii->i", {{3, 3}}, "[3]", 0, 0},
      {"ij,jk,kl->il", {{2, 3}, {3, 4}, {4, 5}}, "[2,5]", 2 * 3 * 4 + 2 * 4 * 5, 2 * (2 * 3 * 4 + 2 * 4 * 5)},
  };
  for (const Case& k : cases) {
    CAPTURE(k.equation);
    OneOp op = einsum(k.equation, k.operands);
    CHECK(op.shape() == k.shape);
    CHECK(op.macs() == k.macs);
    CHECK(op.flops() == k.flops);
  }
  CHECK(einsum("ij,jk->ik", {{2, 3}}).error() ==
        "equation \"ij,jk->ik\" has 2 terms for 1 operands [invalid-attribute]");
  CHECK(einsum("ij,jk->ik", {{2, 3}, {4, 5}}).error() == "label j is 3 and 4 [shape-mismatch]");
  CHECK(einsum("ij,j!->i", {{2, 3}, {3, 4}}).error() == "equation \"ij,j!->i\" cannot be read [invalid-attribute]");
  CHECK(
      einsum("ij->ik", {{2, 3}}).error() ==
      "equation \"ij->ik\" names a result axis that is not one of its operands' or is twice there [invalid-attribute]");
  CHECK(einsum("ijk->i", {{2, 3}}).error() ==
        "operand [2,3] does not fit term 1 of equation \"ijk->i\" [shape-mismatch]");
}

TEST_CASE("dot products with named axes") {
  GeneralAttrs attrs;
  attrs.lhs_batch = {0};
  attrs.rhs_batch = {1};
  attrs.lhs_contract = {2};
  attrs.rhs_contract = {0};
  OneOp op(OpKind::kDotGeneral, attrs);
  op.input({2, 3, 4}).input({4, 2, 5});
  CHECK(op.shape() == "[2,3,5]");
  CHECK(op.macs() == 2ULL * 3 * 4 * 5);
  CHECK(OneOp(OpKind::kDotGeneral, attrs).input({2, 3, 4}).input({3, 2, 5}).error() ==
        "contracted extent is 4 and 3 [shape-mismatch]");
}

TEST_CASE("random matrix products and contractions agree with the loops") {
  std::mt19937_64 engine(7);
  const auto between = [&](std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(most - least + 1));
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::int64_t> batch(static_cast<std::size_t>(between(0, 3)));
    for (auto& extent : batch) extent = between(1, 3);
    const std::int64_t m = between(1, 4), n = between(1, 4), k = between(1, 4);
    std::vector<std::int64_t> a, b;
    // Either operand may lack leading axes or have an extent of 1 that is stretched.
    for (std::size_t i = static_cast<std::size_t>(between(0, static_cast<std::int64_t>(batch.size())));
         i < batch.size(); ++i)
      a.push_back(between(0, 2) == 0 ? 1 : batch[i]);
    for (std::size_t i = static_cast<std::size_t>(between(0, static_cast<std::int64_t>(batch.size())));
         i < batch.size(); ++i)
      b.push_back(between(0, 2) == 0 ? 1 : batch[i]);
    if (!a.empty() || between(0, 3) != 0) a.push_back(m);
    a.push_back(k);
    b.push_back(k);
    if (b.size() > 1 || between(0, 3) != 0) b.push_back(n);
    OneOp op = matmul(Shape(std::vector<Dim>(a.begin(), a.end())), Shape(std::vector<Dim>(b.begin(), b.end())));
    CAPTURE(round, a, b);
    CHECK(op.macs() == test::matmul_macs(a, b));

    const std::map<char, std::int64_t> labels = {
        {'a', between(1, 3)}, {'b', between(1, 3)}, {'c', between(1, 3)}, {'d', between(1, 3)}};
    const auto shape = [&](const std::string& term) {
      std::vector<Dim> dims;
      for (const char label : term) dims.push_back(labels.at(label));
      return Shape(dims);
    };
    const std::string terms[][3] = {{"abc", "acd", "abd"}, {"abcd", "dc", "ab"}, {"ba", "cdb", "ad"}};
    const auto& t = terms[between(0, 2)];
    CHECK(einsum(t[0] + "," + t[1] + "->" + t[2], {shape(t[0]), shape(t[1])}).macs() == test::einsum_macs(labels));
  }
}

}  // namespace
}  // namespace nngauge
