// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/attention.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/graph/graph_builder.h"
#include "tests/graph/oracle.h"

namespace nngauge {
namespace {

using test::OneOp;

AttentionAttrs heads(std::int64_t query, std::int64_t kv = 0) {
  AttentionAttrs attrs;
  attrs.num_heads = query;
  attrs.kv_num_heads = kv;
  return attrs;
}

TEST_CASE("Q, K and V apart, with as many heads each") {
  OneOp flat(OpKind::kAttention, heads(4));
  flat.input({2, 10, 64}).input({2, 12, 64}).input({2, 12, 32});
  CHECK(flat.shape() == "[2,10,32]");
  CHECK(flat.macs() == 2ULL * 4 * 10 * 12 * 16 + 2ULL * 4 * 10 * 12 * 8);
  CHECK(flat.flops() == 2 * (2ULL * 4 * 10 * 12 * 16 + 2ULL * 4 * 10 * 12 * 8) + 3ULL * 2 * 4 * 10 * 12);
  CHECK(flat.special() == 2ULL * 2 * 4 * 10 * 12);
  OneOp separate(OpKind::kAttention, heads(0), 4);
  separate.input({2, 4, 10, 16}).input({2, 4, 12, 16}).input({2, 4, 12, 8});
  CHECK(separate.shape() == "[2,4,10,8]");
  CHECK(separate.macs() == flat.macs());
  CHECK(separate.shape(1) == "[2,4,12,16]");
  CHECK(separate.shape(3) == "[2,4,10,12]");
}

TEST_CASE("grouped queries count the heads of the query, not of the keys") {
  OneOp op(OpKind::kAttention, heads(8, 2), 3);
  op.input({1, 6, 8 * 16}).input({1, 6, 2 * 16}).input({1, 6, 2 * 16});
  op.absent().state({1, 2, 10, 16}).state({1, 2, 10, 16});
  CHECK(op.shape() == "[1,6,128]");
  CHECK(op.shape(1) == "[1,2,16,16]");
  CHECK(op.macs() == 2ULL * 8 * 6 * (10 + 6) * 16);
  OneOp separate(OpKind::kAttention, heads(0));  // keys of four axes bring their heads
  separate.input({1, 8, 6, 16}).input({1, 2, 9, 16}).input({1, 2, 9, 16});
  CHECK(separate.shape() == "[1,8,6,16]");
  CHECK(separate.macs() == 2ULL * 8 * 6 * 9 * 16);
  AttentionAttrs packed = heads(8, 2);
  packed.packed_qkv = true;
  OneOp one(OpKind::kAttention, packed);
  one.input({1, 6, (8 + 2 * 2) * 16});
  CHECK(one.shape() == "[1,6,128]");
  CHECK(one.macs() == 2ULL * 8 * 6 * 6 * 16);
}

TEST_CASE("the length of the keys: stated, open, windowed") {
  AttentionAttrs attrs = heads(4);
  attrs.total_length_input = 5;
  OneOp stated(OpKind::kAttention, attrs);
  stated.input({1, 1, 64})
      .input({1, 1, 64})
      .input({1, 1, 64})
      .state({1, 4, 512, 16})
      .state({1, 4, 512, 16})
      .scalar_int(100);
  CHECK(stated.macs() == 2ULL * 4 * 1 * 100 * 16);
  CHECK(stated.shape() == "[1,1,64]");
  OneOp open(OpKind::kAttention, heads(4));
  open.input({1, 1, 64}).input({1, 1, 64}).input({1, 1, 64}).state({1, 4, open.symbol("past"), 16});
  CHECK(open.must_work().lower_bound);
  CHECK(open.must_work().reason == "the number of past keys is not known; only the new ones are counted");
  CHECK(open.macs() == 2ULL * 4 * 1 * 1 * 16);
  AttentionAttrs window = heads(4);
  window.window = 3;
  OneOp local(OpKind::kAttention, window);
  local.input({1, 10, 64}).input({1, 10, 64}).input({1, 10, 64});
  CHECK(local.macs() == 2ULL * 4 * 10 * 3 * 16);
}

TEST_CASE("past keys in a buffer with room for more: the result is that buffer") {
  AttentionAttrs attrs = heads(4, 2);
  attrs.packed_qkv = true;
  attrs.total_length_input = 5;
  OneOp op(OpKind::kAttention, attrs, 2);
  op.input({1, 1, (4 + 2 * 2) * 16}).absent().absent().state({1, 2, 512, 16}).state({1, 2, 512, 16}).scalar_int(100);
  CHECK(op.shape(1) == "[1,2,512,16]");
  CHECK(op.macs() == 2ULL * 4 * 1 * 100 * 16);
}

TEST_CASE("packed weights: the projection counts too") {
  AttentionAttrs attrs = heads(4);
  attrs.form = AttentionForm::kPackedWeights;
  OneOp op(OpKind::kAttention, attrs, 2);
  op.input({2, 10, 48}).weight({48, 3 * 64}).bias({3 * 64});
  CHECK(op.shape() == "[2,10,64]");
  CHECK(op.shape(1) == "[2,2,4,10,16]");
  CHECK(op.macs() == 2ULL * 10 * 48 * 192 + 2 * (2ULL * 4 * 10 * 10 * 16));
  CHECK(op.flops() ==
        2 * (2ULL * 10 * 48 * 192 + 2 * (2ULL * 4 * 10 * 10 * 16)) + 3ULL * 2 * 4 * 10 * 10 + 2ULL * 10 * 192);
  attrs.qkv_hidden_sizes = {64, 64, 32};
  OneOp uneven(OpKind::kAttention, attrs);
  uneven.input({2, 10, 48}).weight({48, 160});
  CHECK(uneven.shape() == "[2,10,32]");
  CHECK(uneven.macs() == 2ULL * 10 * 48 * 160 + 2ULL * 4 * 10 * 10 * 16 + 2ULL * 4 * 10 * 10 * 8);
}

TEST_CASE("attention grows with the square of the sequence and with the batch") {
  const auto macs = [](std::int64_t batch, std::int64_t seq) {
    OneOp op(OpKind::kAttention, heads(4));
    return op.input({batch, seq, 64}).input({batch, seq, 64}).input({batch, seq, 64}).macs();
  };
  CHECK(macs(1, 20) == 4 * macs(1, 10));
  CHECK(macs(3, 10) == 3 * macs(1, 10));
}

TEST_CASE("what attention cannot be") {
  CHECK(OneOp(OpKind::kAttention, heads(5)).input({1, 10, 64}).input({1, 10, 64}).input({1, 10, 64}).error() ==
        "5 heads do not divide query extent 64 [shape-mismatch]");
  CHECK(OneOp(OpKind::kAttention, heads(0)).input({1, 10, 64}).input({1, 10, 64}).input({1, 10, 64}).error() ==
        "num_heads is 0 [invalid-attribute]");
  CHECK(OneOp(OpKind::kAttention, heads(4, 3)).input({1, 10, 64}).error() ==
        "3 key and value heads do not divide 4 query heads [invalid-attribute]");
  CHECK(OneOp(OpKind::kAttention, heads(4)).input({1, 10, 64}).error() ==
        "has neither key and value nor a packed query [invalid-graph]");
  AttentionAttrs packed = heads(4);
  packed.form = AttentionForm::kPackedWeights;
  CHECK(OneOp(OpKind::kAttention, packed).input({1, 10, 64}).error() == "has no weights [invalid-graph]");
  CHECK(OneOp(OpKind::kAttention, packed).input({1, 10, 64}).weight({48, 192}).error() ==
        "extent of input and weight is 64 and 48 [shape-mismatch]");
}

TEST_CASE("random attention agrees with the loops") {
  std::mt19937_64 engine(11);
  const auto between = [&](std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(most - least + 1));
  };
  for (int round = 0; round < 200; ++round) {
    const std::int64_t batch = between(1, 2), kv = between(1, 2), query = kv * between(1, 3), queries = between(1, 4),
                       keys = between(1, 4), key = between(1, 3), value = between(1, 3);
    OneOp op(OpKind::kAttention, heads(query, kv));
    op.input({batch, queries, query * key}).input({batch, keys, kv * key}).input({batch, keys, kv * value});
    CHECK(op.macs() == test::attention_macs(batch, query, queries, keys, key, value));
  }
}

TEST_CASE("a token goes through k of the experts") {
  TopKAttrs attrs;
  attrs.k = 2;
  OneOp op(OpKind::kMixtureOfExperts, attrs);
  op.input({1, 6, 16}).input({6, 4}).weight({4, 32, 16}).bias({4, 32}).weight({4, 16, 32});
  CHECK(op.shape() == "[1,6,16]");
  CHECK(op.macs() == 6ULL * 2 * (32 * 16 + 16 * 32));
  CHECK(op.flops() == 2 * 6ULL * 2 * (32 * 16 + 16 * 32) + 6 * 2 * 32);
}

TEST_CASE("attention that holds the weights of its projections") {
  AttentionAttrs attrs;
  attrs.form = AttentionForm::kProjected;
  attrs.num_heads = 4;
  OneOp self(OpKind::kAttention, attrs);
  self.input({1, 10, 24}).absent().absent();
  self.weight({32, 24}).weight({32, 24}).weight({32, 24}).weight({24, 32});
  self.bias({32}).bias({32}).bias({32}).bias({24});
  CHECK(self.shape() == "[1,10,24]");
  CHECK(self.macs() == 4ULL * 10 * 24 * 32 + 2ULL * 4 * 10 * 10 * 8);
  CHECK(self.flops() == 2 * self.macs() + 10ULL * (3 * 32 + 24) + 3ULL * 4 * 10 * 10);
  OneOp cross(OpKind::kAttention, attrs);
  cross.input({1, 10, 24}).input({1, 7, 20}).absent();
  cross.weight({32, 24}).weight({32, 20}).weight({32, 20}).weight({24, 32});
  CHECK(cross.macs() == 2ULL * 10 * 24 * 32 + 2ULL * 7 * 20 * 32 + 2ULL * 4 * 10 * 7 * 8);
  OneOp wrong(OpKind::kAttention, attrs);
  wrong.input({1, 10, 24}).absent().absent().weight({32, 24}).weight({32, 20}).weight({32, 24}).weight({24, 32});
  CHECK(wrong.error() == "extent of the key and its weight is 24 and 20 [shape-mismatch]");
}

}  // namespace
}  // namespace nngauge
