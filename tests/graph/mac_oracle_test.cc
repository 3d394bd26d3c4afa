// SPDX-License-Identifier: Apache-2.0
// Every kind with multiply-accumulates against loops that count them one by one. Plain, depthwise and transposed
// convolutions: convolution_oracle_test.cc; MatMul, Einsum: products_test.cc; recurrent cells: recurrent_test.cc;
// attention of Q, K, V: attention_test.cc. Here: what is left, and that nothing is left out.
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "graph/op_table.h"
#include "tests/graph/graph_builder.h"
#include "tests/graph/oracle.h"

namespace nngauge {
namespace {

using test::loop_macs;
using test::OneOp;
using test::OracleConv;
using K = OpKind;

constexpr int kRounds = 100;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::int64_t operator()(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
  }

 private:
  std::mt19937_64 engine_;
};

TEST_CASE("mac oracle: dense layers, their weight either way round, folded or kept") {
  Random random(1);
  for (int round = 0; round < kRounds; ++round) {
    const std::int64_t a = random(1, 3), b = random(1, 3), in = random(1, 5), out = random(1, 5);
    DenseAttrs attrs;
    attrs.keep_dims = random(0, 1) == 1;
    attrs.transpose_b = random(0, 1) == 1;
    OneOp op(K::kDense, attrs);
    op.input({a, b, in}).weight(attrs.transpose_b ? Shape{out, in} : Shape{in, out});
    CHECK(op.macs() == loop_macs({a, b, in, out}));
  }
}

TEST_CASE("mac oracle: a dense layer that takes several axes as one") {
  Random random(2);
  for (int round = 0; round < kRounds; ++round) {
    const std::int64_t batch = random(1, 3), c = random(1, 3), h = random(1, 3), w = random(1, 3), out = random(1, 4);
    DenseAttrs attrs;
    attrs.transpose_b = true;
    attrs.flatten_axis = 1;
    OneOp op(K::kDense, attrs);
    op.input({batch, c, h, w}).weight({out, c * h * w});
    CHECK(op.macs() == loop_macs({batch, c, h, w, out}));
  }
}

TEST_CASE("mac oracle: products with packed weights") {
  Random random(3);
  for (int round = 0; round < kRounds; ++round) {
    PackedMatMulAttrs attrs;
    attrs.k = 16 * random(1, 3), attrs.n = random(1, 5), attrs.block_size = 16;
    const std::int64_t batch = random(1, 2), rows = random(1, 4);
    OneOp op(K::kMatMulPacked, attrs);
    op.input({batch, rows, attrs.k}).constant({attrs.n, attrs.k / 16, 8}, OperandRole::kWeight, DType::kUInt8);
    CHECK(op.macs() == loop_macs({batch, rows, attrs.k, attrs.n}));
  }
}

TEST_CASE("mac oracle: dot products with axes in any order") {
  Random random(4);
  for (int round = 0; round < kRounds; ++round) {
    const std::int64_t batch = random(1, 3), left = random(1, 4), right = random(1, 4), c = random(1, 4),
                       d = random(1, 3);
    GeneralAttrs attrs;
    attrs.lhs_batch = {1}, attrs.rhs_batch = {0};
    attrs.lhs_contract = {0, 3}, attrs.rhs_contract = {3, 1};
    OneOp op(K::kDotGeneral, attrs);
    op.input({c, batch, left, d}).input({batch, d, right, c});
    CHECK(op.macs() == loop_macs({batch, left, right, c, d}));
  }
}

TEST_CASE("mac oracle: convolutions with SAME padding, even kernels and dilations included") {
  Random random(5);
  for (int round = 0; round < kRounds; ++round) {
    const std::int64_t h = random(3, 9), w = random(3, 9), in = random(1, 3), out = random(1, 3),
                       kernel_h = random(1, 4), kernel_w = random(1, 4), stride = random(1, 3);
    ConvAttrs attrs;
    attrs.layout = DataLayout::kChannelsLast;
    attrs.filter_layout = FilterLayout::kOutSpatialIn;
    attrs.padding = random(0, 1) == 0 ? PaddingMode::kSameUpper : PaddingMode::kSameLower;
    attrs.strides = {stride, stride};
    if (stride == 1) attrs.dilations = {random(1, 2), random(1, 2)};
    // SAME: a window at every stride-th element.
    std::int64_t rows = 0, columns = 0;
    for (std::int64_t at = 0; at < h; at += stride) ++rows;
    for (std::int64_t at = 0; at < w; at += stride) ++columns;
    OneOp op(K::kConv2D, attrs);
    op.input({1, h, w, in}).weight({out, kernel_h, kernel_w, in});
    CAPTURE(h, w, kernel_h, kernel_w, stride);
    CHECK(op.macs() == loop_macs({rows, columns, kernel_h, kernel_w, in, out}));
  }
}

// The same windows along two axes.
OracleConv::Axis random_axis(Random& random) {
  OracleConv::Axis axis;
  axis.kernel = random(1, 3), axis.stride = random(1, 2), axis.dilation = random(1, 2);
  axis.pad_begin = random(0, 1), axis.pad_end = random(0, 1), axis.in = random(5, 7);
  return axis;
}

TEST_CASE("mac oracle: deformable convolutions count like plain ones of their groups") {
  Random random(6);
  for (int round = 0; round < kRounds; ++round) {
    OracleConv conv;
    conv.groups = random(1, 2);
    conv.in_channels = conv.groups * random(1, 2), conv.out_channels = conv.groups * random(1, 2);
    conv.axes = {random_axis(random), random_axis(random)};
    ConvAttrs attrs;
    attrs.groups = conv.groups;
    for (const auto& axis : conv.axes) attrs.strides.push_back(axis.stride), attrs.dilations.push_back(axis.dilation);
    attrs.pads = {conv.axes[0].pad_begin, conv.axes[1].pad_begin, conv.axes[0].pad_end, conv.axes[1].pad_end};
    const auto rows = static_cast<std::int64_t>(test::window_starts(conv.axes[0]).size());
    const auto columns = static_cast<std::int64_t>(test::window_starts(conv.axes[1]).size());
    const std::int64_t kernel_h = conv.axes[0].kernel, kernel_w = conv.axes[1].kernel;
    OneOp op(K::kDeformConv2D, attrs);
    op.input({1, conv.in_channels, conv.axes[0].in, conv.axes[1].in});
    op.weight({conv.out_channels, conv.in_channels / conv.groups, kernel_h, kernel_w});
    op.input({1, 2 * kernel_h * kernel_w, rows, columns});
    CHECK(op.macs() == test::convolution_macs(conv));
  }
}

TEST_CASE("mac oracle: convolutions with named axes, strided and grouped") {
  Random random(7);
  for (int round = 0; round < kRounds; ++round) {
    OracleConv conv;
    conv.batch = random(1, 2), conv.groups = random(1, 2);
    conv.in_channels = conv.groups * random(1, 2), conv.out_channels = conv.groups * random(1, 2);
    conv.axes = {random_axis(random), random_axis(random)};
    GeneralAttrs attrs;
    attrs.in_axes = attrs.out_axes = {0, 3, 1, 2};
    attrs.filter_axes = {2, 3, 0, 1};
    attrs.feature_groups = conv.groups;
    for (const auto& axis : conv.axes) {
      attrs.strides.push_back(axis.stride), attrs.rhs_dilations.push_back(axis.dilation);
    }
    attrs.pads = {conv.axes[0].pad_begin, conv.axes[1].pad_begin, conv.axes[0].pad_end, conv.axes[1].pad_end};
    OneOp op(K::kConvGeneral, attrs);
    op.input({conv.batch, conv.axes[0].in, conv.axes[1].in, conv.in_channels});
    op.weight({conv.axes[0].kernel, conv.axes[1].kernel, conv.in_channels / conv.groups, conv.out_channels});
    CHECK(op.macs() == test::convolution_macs(conv));
  }
}

TEST_CASE("mac oracle: attention that projects its input by packed weights") {
  Random random(8);
  for (int round = 0; round < kRounds; ++round) {
    const std::int64_t batch = random(1, 2), steps = random(1, 4), heads = random(1, 3), key = random(1, 3),
                       value = random(1, 3), in = random(1, 5);
    AttentionAttrs attrs;
    attrs.form = AttentionForm::kPackedWeights;
    attrs.num_heads = heads;
    attrs.qkv_hidden_sizes = {heads * key, heads * key, heads * value};
    OneOp op(K::kAttention, attrs);
    op.input({batch, steps, in}).weight({in, heads * (2 * key + value)});
    CHECK(op.macs() == loop_macs({batch, steps, in, heads * key}) + loop_macs({batch, steps, in, heads * key}) +
                           loop_macs({batch, steps, in, heads * value}) +
                           test::attention_macs(batch, heads, steps, steps, key, value));
  }
}

TEST_CASE("mac oracle: each token goes through k experts of two layers") {
  Random random(9);
  for (int round = 0; round < kRounds; ++round) {
    const std::int64_t tokens = random(1, 5), width = random(1, 4), inner = random(1, 4), experts = random(2, 4);
    TopKAttrs attrs;
    attrs.k = random(1, 2);
    OneOp op(K::kMixtureOfExperts, attrs);
    op.input({1, tokens, width}).input({tokens, experts});
    op.weight({experts, inner, width}).bias({experts, inner}).weight({experts, width, inner});
    CHECK(op.macs() == loop_macs({tokens, attrs.k, inner, width}) + loop_macs({tokens, attrs.k, width, inner}));
  }
}

TEST_CASE("mac oracle: an LSTM with projection, gates apart or coupled") {
  Random random(10);
  for (int round = 0; round < kRounds; ++round) {
    const std::int64_t steps = random(1, 4), batch = random(1, 2), in = random(1, 4), cells = random(1, 4),
                       out = random(1, 4), gates = random(3, 4);
    RecurrentAttrs attrs;
    attrs.time_major = random(0, 1) == 1;
    OneOp op(K::kLSTM, attrs);
    op.input(attrs.time_major ? Shape{steps, batch, in} : Shape{batch, steps, in});
    for (int i = 0; i < gates; ++i) op.weight({cells, in});
    for (int i = 0; i < gates; ++i) op.weight({cells, out});
    for (int i = 0; i < gates; ++i) op.bias({cells});
    op.weight({out, cells}).state({batch, out}).state({batch, cells});
    CHECK(op.macs() == loop_macs({steps, batch, gates, cells, in}) + loop_macs({steps, batch, gates, cells, out}) +
                           loop_macs({steps, batch, out, cells}));
  }
}

TEST_CASE("mac oracle: SVDF, features and then time") {
  Random random(11);
  for (int round = 0; round < kRounds; ++round) {
    const std::int64_t batch = random(1, 3), in = random(1, 5), units = random(1, 3), rank = random(1, 2),
                       memory = random(1, 5);
    RecurrentAttrs attrs;
    attrs.rank = rank;
    OneOp op(K::kSVDF, attrs);
    op.input({batch, in}).weight({units * rank, in}).weight({units * rank, memory}).bias({units});
    op.state({batch, units * rank * memory});
    CHECK(op.macs() == loop_macs({batch, units, rank, in}) + loop_macs({batch, units, rank, memory}));
  }
}

TEST_CASE("mac oracle: no kind with multiply-accumulates is left out") {
  const std::set<K> tested = {K::kConv1D,
                              K::kConv2D,
                              K::kConv3D,
                              K::kDepthwiseConv1D,
                              K::kDepthwiseConv2D,
                              K::kDepthwiseConv3D,
                              K::kConvTranspose1D,
                              K::kConvTranspose2D,
                              K::kConvTranspose3D,
                              K::kDeformConv2D,
                              K::kConvGeneral,
                              K::kDense,
                              K::kMatMul,
                              K::kMatMulPacked,
                              K::kEinsum,
                              K::kDotGeneral,
                              K::kAttention,
                              K::kMixtureOfExperts,
                              K::kLSTM,
                              K::kGRU,
                              K::kRNN,
                              K::kSVDF};
  const std::set<K> without = {K::kCol2Im};  // sums columns, multiplies nothing
  for (const OpInfo& info : op_table()) {
    const bool has_macs = info.category == OpCategory::kConvolution || info.category == OpCategory::kProduct ||
                          info.category == OpCategory::kRecurrent;
    INFO(info.name);
    CHECK(has_macs == (tested.contains(info.kind) || without.contains(info.kind)));
  }
}

}  // namespace
}  // namespace nngauge
