// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/normalisation.h"

#include <catch2/catch.hpp>

#include "tests/graph/graph_builder.h"

namespace nngauge {
namespace {

using test::OneOp;

NormAttrs axis(std::int64_t first) {
  NormAttrs attrs;
  attrs.axis = first;
  return attrs;
}

NormAttrs groups(std::int64_t count) {
  NormAttrs attrs;
  attrs.groups = count;
  return attrs;
}

TEST_CASE("batch normalisation is one product and one sum per element") {
  OneOp op(OpKind::kBatchNorm);
  op.input({2, 8, 5, 5}).norm({8}).norm({8}).norm({8}).norm({8});
  CHECK(op.shape() == "[2,8,5,5]");
  CHECK(op.flops() == 2ULL * 8 * 5 * 5 * 2);
  CHECK(op.special() == 0);
  CHECK(OneOp(OpKind::kBatchNorm).input({2, 8}).norm({8}).norm({8}).norm({8}).norm({8}).error() == "");
  // Before ONNX 9 each element of a sample could have statistics of its own.
  CHECK(OneOp(OpKind::kBatchNorm).input({2, 8, 5}).norm({8, 5}).norm({8, 5}).norm({8, 5}).norm({8, 5}).error() == "");
  CHECK(OneOp(OpKind::kBatchNorm).input({2, 8, 5, 5}).norm({8}).norm({7}).error() ==
        "shift has shape [7], needs 8 elements [shape-mismatch]");
}

TEST_CASE("layer, instance, group, root-mean-square normalisation") {
  OneOp layer(OpKind::kLayerNorm, axis(-1), 3);
  layer.input({2, 10, 64}).norm({64}).norm({64});
  CHECK(layer.shape(1) == "[2,10,1]");
  CHECK(layer.flops() == 2ULL * 10 * 64 * (5 + 2));
  CHECK(layer.special() == 2ULL * 10 * 4);
  OneOp rms(OpKind::kRMSNorm, axis(-1));
  rms.input({2, 10, 64}).norm({64});
  CHECK(rms.flops() == 2ULL * 10 * 64 * (3 + 1));
  CHECK(rms.special() == 2ULL * 10 * 3);
  OneOp instance(OpKind::kInstanceNorm);
  instance.input({2, 8, 5, 5}).norm({8}).norm({8});
  CHECK(instance.flops() == 2ULL * 8 * 5 * 5 * 7);
  CHECK(instance.special() == 2ULL * 8 * 4);
  OneOp group(OpKind::kGroupNorm, groups(4));
  group.input({2, 8, 5, 5}).norm({4}).norm({4});
  CHECK(group.special() == 2ULL * 4 * 4);
  NormAttrs mvn;
  mvn.axes = {0, 2, 3};
  OneOp moments(OpKind::kMeanVarianceNorm, mvn);
  moments.input({2, 8, 5, 5});
  CHECK(moments.flops() == 2ULL * 8 * 5 * 5 * 5);
  CHECK(moments.special() == 8ULL * 4);
}

TEST_CASE("normalisation by length and by neighbours") {
  OneOp l2(OpKind::kL2Norm, axis(-1));
  l2.input({4, 16});
  CHECK(l2.flops() == 4ULL * 16 * 3);
  CHECK(l2.special() == 4ULL * 2);
  NormAttrs attrs;
  attrs.size = 5;
  OneOp response(OpKind::kLocalResponseNorm, attrs);
  response.input({1, 96, 27, 27});
  CHECK(response.flops() == 96ULL * 27 * 27 * (1 + 5 + 3));
  CHECK(response.special() == 96ULL * 27 * 27);
  attrs.across_channels = false;
  OneOp within(OpKind::kLocalResponseNorm, attrs);
  within.input({1, 96, 27, 27});
  CHECK(within.flops() == 96ULL * 27 * 27 * (1 + 5 * 5 + 3));
}

TEST_CASE("skip connections and embeddings before a normalisation") {
  OneOp skip(OpKind::kSkipLayerNorm, NormAttrs(), 4);
  skip.input({2, 10, 64}).input({2, 10, 64}).norm({64}).norm({64}).bias({64});
  CHECK(skip.shape(3) == "[2,10,64]");
  CHECK(skip.flops() == 2ULL * 10 * 64 * (1 + 1 + 5 + 2));
  CHECK(skip.special() == 2ULL * 10 * 4);
  OneOp rms(OpKind::kSkipRMSNorm);
  rms.input({2, 10, 64}).input({2, 10, 64}).norm({64});
  CHECK(rms.flops() == 2ULL * 10 * 64 * (1 + 3 + 1));
  OneOp embed(OpKind::kEmbedLayerNorm, {}, 2);
  embed.input({2, 10}, OperandRole::kConfig, DType::kInt32).absent().weight({1000, 64}).weight({512, 64}).absent();
  embed.norm({64}).norm({64});
  CHECK(embed.shape() == "[2,10,64]");
  CHECK(embed.shape(1) == "[2]");
  CHECK(embed.flops() == 2ULL * 10 * 64 * (1 + 5 + 2));
}

TEST_CASE("what a normalisation cannot be") {
  CHECK(OneOp(OpKind::kLayerNorm, axis(1000)).input({1, 4, 2}).norm(Shape::scalar()).norm(Shape::scalar()).error() ==
        "axis 1000 is out of range for rank 3 [invalid-attribute]");
  CHECK(OneOp(OpKind::kLayerNorm, axis(-1)).input({1, 4, 2}).norm({3}).error() ==
        "operand shapes [1,4,2] and [3] cannot be broadcast [shape-mismatch]");
  CHECK(OneOp(OpKind::kGroupNorm, groups(2)).input({1, 4, 3, 3}).norm({2}).error() ==
        "scale and shift come together, only one of them is given [invalid-graph]");
  CHECK(OneOp(OpKind::kGroupNorm, groups(3)).input({1, 4, 3, 3}).error() ==
        "3 groups do not divide 4 channels [shape-mismatch]");
  CHECK(OneOp(OpKind::kGroupNorm, groups(0)).input({1, 4, 3, 3}).error() == "groups is 0 [invalid-attribute]");
  CHECK(OneOp(OpKind::kLpNorm, axis(2)).input({4, 16}).error() ==
        "axis 2 is out of range for rank 2 [invalid-attribute]");
}

}  // namespace
}  // namespace nngauge
