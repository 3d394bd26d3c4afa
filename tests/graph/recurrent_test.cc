// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/recurrent.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/graph/graph_builder.h"
#include "tests/graph/oracle.h"

namespace nngauge {
namespace {

using test::OneOp;

RecurrentAttrs onnx(std::int64_t hidden, std::int64_t directions = 1) {
  RecurrentAttrs attrs;
  attrs.hidden_size = hidden;
  attrs.directions = directions;
  attrs.onnx_outputs = true;
  return attrs;
}

TEST_CASE("an LSTM as ONNX has it, both directions") {
  OneOp op(OpKind::kLSTM, onnx(8, 2), 3);
  op.input({5, 2, 16}).weight({2, 32, 16}).weight({2, 32, 8}).bias({2, 64});
  CHECK(op.shape(0) == "[5,2,2,8]");
  CHECK(op.shape(1) == "[2,2,8]");
  CHECK(op.shape(2) == "[2,2,8]");
  const std::uint64_t macs = 5ULL * 2 * 2 * (4 * 8) * (16 + 8);
  CHECK(op.macs() == macs);
  CHECK(op.flops() == 2 * macs + 5ULL * 2 * 2 * 64 + 5ULL * 2 * 2 * 8 * 8);
  CHECK(op.special() == 5ULL * 2 * 2 * 8 * 5);
}

TEST_CASE("peepholes are element-wise, not matrices") {
  OneOp op(OpKind::kLSTM, onnx(8), 3);
  op.input({5, 2, 16}).weight({1, 32, 16}).weight({1, 32, 8}).weight({1, 24});
  CHECK(op.macs() == 5ULL * 2 * 32 * (16 + 8));
  CHECK(op.flops() == 2 * 5ULL * 2 * 32 * (16 + 8) + 5ULL * 2 * 2 * 24 + 5ULL * 2 * 8 * 8);
}

TEST_CASE("an LSTM as TFLite has it: gates apart, projection, coupled gates") {
  RecurrentAttrs attrs;
  attrs.time_major = false;
  const auto lstm = [&](int gates) {
    OneOp op(OpKind::kLSTM, attrs);
    op.input({1, 7, 10});
    for (int i = 0; i < gates; ++i) op.weight({20, 10});
    for (int i = 0; i < gates; ++i) op.weight({20, 6});
    for (int i = 0; i < gates; ++i) op.bias({20});
    return op.weight({6, 20}).state({1, 6}).state({1, 20});
  };
  OneOp full = lstm(4);
  CHECK(full.shape() == "[1,7,6]");
  CHECK(full.macs() == 7ULL * (4 * 20 * (10 + 6) + 6 * 20));
  CHECK(full.special() == 7ULL * 20 * 5);
  OneOp coupled = lstm(3);
  CHECK(coupled.macs() == 7ULL * (3 * 20 * (10 + 6) + 6 * 20));
  CHECK(coupled.special() == 7ULL * 20 * 4);
}

TEST_CASE("one step, batch first, two results, GRU and RNN") {
  RecurrentAttrs step;
  step.single_step = true;
  step.hidden_size = 4;
  OneOp rnn(OpKind::kRNN, step);
  rnn.input({3, 5}).weight({4, 5}).weight({4, 4}).bias({4}).state({3, 4});
  CHECK(rnn.shape() == "[3,4]");
  CHECK(rnn.macs() == 3ULL * 4 * (5 + 4));
  CHECK(rnn.flops() == 2 * 3ULL * 4 * (5 + 4) + 3 * 4 + 3 * 4);
  CHECK(rnn.special() == 3ULL * 4);
  rnn.op().activation = FusedActivation::kRelu;  // whoever prices the operator's own activation adds it
  CHECK(rnn.special() == 0);
  RecurrentAttrs apart;
  apart.directions = 2;
  apart.hidden_size = 4;
  apart.merge_outputs = false;
  OneOp both(OpKind::kGRU, apart, 2);
  both.input({9, 1, 5}).weight({2, 12, 5}).weight({2, 12, 4});
  CHECK(both.shape(0) == "[9,1,4]");
  CHECK(both.shape(1) == "[9,1,4]");
  CHECK(both.special() == 9ULL * 2 * 4 * 3);
  apart.merge_outputs = true;
  CHECK(OneOp(OpKind::kGRU, apart).input({9, 1, 5}).weight({2, 12, 5}).weight({2, 12, 4}).shape() == "[9,1,8]");
  RecurrentAttrs first = onnx(4);
  first.time_major = false;
  first.batch_first_states = true;
  OneOp batch_first(OpKind::kGRU, first, 2);
  batch_first.input({3, 9, 5}).weight({1, 12, 5}).weight({1, 12, 4});
  CHECK(batch_first.shape(0) == "[3,9,1,4]");
  CHECK(batch_first.shape(1) == "[3,1,4]");
}

TEST_CASE("a Y passed on as it is keeps its batch") {
  OneOp op(OpKind::kRNN, onnx(20), 2);
  op.input({5, 1, 3, 20}).weight({1, 20, 20}).weight({1, 20, 20});
  CHECK(op.shape(0) == "[5,1,3,20]");
  CHECK(op.shape(1) == "[1,3,20]");
  CHECK(op.macs() == 5ULL * 3 * 20 * (20 + 20));
}

TEST_CASE("an open length leaves the work open, not zero") {
  OneOp op(OpKind::kLSTM, onnx(8), 1);
  op.input({op.symbol("seq"), 1, 16}).weight({1, 32, 16}).weight({1, 32, 8});
  CHECK(op.shape() == "[seq,1,1,8]");
  CHECK(op.error() == "the number of steps is the open extent seq [unknown]");
}

TEST_CASE("what a recurrent layer cannot be") {
  CHECK(OneOp(OpKind::kLSTM, onnx(8, 3)).input({5, 2, 16}).error() ==
        "the number of directions is 3 [invalid-attribute]");
  CHECK(OneOp(OpKind::kLSTM, onnx(8)).input({5, 2, 16}).weight({1, 24, 16}).error() ==
        "weight [1,24,16] is not for 4 gates of 8 units [shape-mismatch]");
  CHECK(OneOp(OpKind::kLSTM, onnx(8)).input({5, 2, 16}).weight({2, 32, 16}).error() ==
        "weight [2,32,16] is not for 1 directions [shape-mismatch]");
  CHECK(OneOp(OpKind::kLSTM, onnx(8)).input({5, 16}).error() == "input [5,16] has 2 axes, needs 3 [shape-mismatch]");
}

TEST_CASE("random recurrent layers agree with the loops, step by step") {
  std::mt19937_64 engine(13);
  const auto between = [&](std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(most - least + 1));
  };
  constexpr std::pair<OpKind, std::int64_t> kKinds[] = {{OpKind::kLSTM, 4}, {OpKind::kGRU, 3}, {OpKind::kRNN, 1}};
  for (int round = 0; round < 200; ++round) {
    const auto [kind, gates] = kKinds[between(0, 2)];
    const std::int64_t steps = between(1, 4), batch = between(1, 2), directions = between(1, 2), in = between(1, 4),
                       hidden = between(1, 4);
    OneOp op(kind, onnx(hidden, directions));
    op.input({steps, batch, in}).weight({directions, gates * hidden, in}).weight({directions, gates * hidden, hidden});
    CHECK(op.macs() == test::recurrent_macs(steps, batch, directions, gates, in, hidden));
  }
}

TEST_CASE("SVDF: feature filters, then a filter over time") {
  RecurrentAttrs attrs;
  attrs.rank = 2;
  OneOp op(OpKind::kSVDF, attrs);
  op.input({3, 40}).weight({8, 40}).weight({8, 10}).bias({4}).state({3, 80});
  CHECK(op.shape() == "[3,4]");
  CHECK(op.macs() == 3ULL * (8 * 40 + 8 * 10));
  CHECK(op.flops() == 2 * 3ULL * (8 * 40 + 8 * 10) + 3 * 8 + 3 * 4);
  CHECK(OneOp(OpKind::kSVDF, attrs).input({3, 40}).weight({7, 40}).weight({7, 10}).error() ==
        "rank 2 does not divide 7 filters [shape-mismatch]");
}

}  // namespace
}  // namespace nngauge
