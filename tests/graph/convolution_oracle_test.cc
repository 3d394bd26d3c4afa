// SPDX-License-Identifier: Apache-2.0
// Random small convolutions against loops over every multiply-accumulate.
#include <catch2/catch.hpp>
#include <random>

#include "tests/graph/graph_builder.h"
#include "tests/graph/oracle.h"

namespace nngauge {
namespace {

using test::OneOp;
using test::OracleConv;

class Random {
 public:
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
  }

 private:
  std::mt19937_64 engine_{20240607};
};

OracleConv random_conv(Random& random, std::size_t rank, bool depthwise) {
  OracleConv conv;
  conv.batch = random.between(1, 2);
  conv.groups = random.between(1, 3);
  conv.in_channels = conv.groups * (depthwise ? 1 : random.between(1, 2));
  conv.out_channels = conv.groups * random.between(1, 3);
  for (std::size_t i = 0; i < rank; ++i) {
    OracleConv::Axis axis;
    axis.kernel = random.between(1, 3);
    axis.dilation = random.between(1, 2);
    axis.stride = random.between(1, 3);
    axis.pad_begin = random.between(0, 2);
    axis.pad_end = random.between(0, 2);
    axis.in = random.between(5, 7);
    conv.axes.push_back(axis);
  }
  return conv;
}

constexpr OpKind kPlain[] = {OpKind::kConv1D, OpKind::kConv2D, OpKind::kConv3D};
constexpr OpKind kDepthwise[] = {OpKind::kDepthwiseConv1D, OpKind::kDepthwiseConv2D, OpKind::kDepthwiseConv3D};
constexpr OpKind kTransposed[] = {OpKind::kConvTranspose1D, OpKind::kConvTranspose2D, OpKind::kConvTranspose3D};

Shape with_spatial(const OracleConv& conv, std::vector<Dim> front, bool kernel, std::vector<Dim> back) {
  for (const auto& axis : conv.axes) front.push_back(kernel ? axis.kernel : axis.in);
  front.insert(front.end(), back.begin(), back.end());
  return Shape(std::move(front));
}

ConvAttrs attrs_of(const OracleConv& conv, bool channels_last) {
  ConvAttrs attrs;
  attrs.groups = conv.groups;
  attrs.layout = channels_last ? DataLayout::kChannelsLast : DataLayout::kChannelsFirst;
  for (const auto& axis : conv.axes) {
    attrs.strides.push_back(axis.stride);
    attrs.dilations.push_back(axis.dilation);
    attrs.pads.push_back(axis.pad_begin);
  }
  for (const auto& axis : conv.axes) attrs.pads.push_back(axis.pad_end);
  return attrs;
}

OneOp& add_picture(OneOp& op, const OracleConv& conv, bool channels_last) {
  return channels_last ? op.input(with_spatial(conv, {conv.batch}, false, {conv.in_channels}))
                       : op.input(with_spatial(conv, {conv.batch, conv.in_channels}, false, {}));
}

Shape expected_shape(const OracleConv& conv, bool channels_last) {
  OracleConv result = conv;
  for (auto& axis : result.axes) axis.in = static_cast<std::int64_t>(test::window_starts(axis).size());
  return channels_last ? with_spatial(result, {conv.batch}, false, {conv.out_channels})
                       : with_spatial(result, {conv.batch, conv.out_channels}, false, {});
}

TEST_CASE("random convolutions of one to three axes, both layouts, agree with the loops") {
  Random random;
  for (int round = 0; round < 300; ++round) {
    const auto rank = static_cast<std::size_t>(random.between(1, 3));
    const bool last = random.between(0, 1) == 1;
    const bool depthwise = random.between(0, 2) == 0;
    const OracleConv conv = random_conv(random, rank, depthwise);
    ConvAttrs attrs = attrs_of(conv, last);
    const std::int64_t filter_in = conv.in_channels / conv.groups;
    OneOp op(depthwise ? kDepthwise[rank - 1] : kPlain[rank - 1], {});
    add_picture(op, conv, last);
    if (!last) {
      op.weight(with_spatial(conv, {conv.out_channels, filter_in}, true, {}));
    } else if (depthwise) {
      attrs.filter_layout = FilterLayout::kOneSpatialOut;
      op.weight(with_spatial(conv, {1}, true, {conv.out_channels}));
    } else if (random.between(0, 1) == 0) {
      attrs.filter_layout = FilterLayout::kOutSpatialIn;
      op.weight(with_spatial(conv, {conv.out_channels}, true, {filter_in}));
    } else {
      attrs.filter_layout = FilterLayout::kSpatialInOut;
      op.weight(with_spatial(conv, {}, true, {filter_in, conv.out_channels}));
    }
    op.op().attrs = attrs;
    CAPTURE(round, rank, last, depthwise, conv.groups);
    CHECK(op.macs() == test::convolution_macs(conv));
    CHECK(op.shape() == shape_text(expected_shape(conv, last), {}));
  }
}

TEST_CASE("random transposed convolutions agree with the loops, and with the convolution that they undo") {
  Random random;
  for (int round = 0; round < 300; ++round) {
    const auto rank = static_cast<std::size_t>(random.between(1, 3));
    OracleConv conv = random_conv(random, rank, false);
    for (auto& axis : conv.axes) axis.pad_begin = axis.pad_end = random.between(0, 1);
    ConvAttrs attrs = attrs_of(conv, false);
    attrs.filter_layout = FilterLayout::kInOutSpatial;
    OneOp op(kTransposed[rank - 1], attrs);
    add_picture(op, conv, false)
        .weight(with_spatial(conv, {conv.in_channels, conv.out_channels / conv.groups}, true, {}));
    CAPTURE(round, rank, conv.groups);
    const std::uint64_t macs = op.macs();
    CHECK(macs == test::transposed_convolution_macs(conv));

    // Its result, convolved back: as many positions as the input had, so as many multiply-accumulates.
    const std::vector<Dim> result = op.infer()->front().shape.dims();
    attrs.filter_layout = FilterLayout::kOutInSpatial;
    OneOp back(kPlain[rank - 1], attrs);
    back.input(Shape(result)).weight(with_spatial(conv, {conv.in_channels, conv.out_channels / conv.groups}, true, {}));
    CHECK(back.macs() == macs);
  }
}

TEST_CASE("the batch scales a convolution, nothing else does") {
  for (const std::int64_t batch : {1, 2, 7}) {
    OneOp op(OpKind::kConv2D, ConvAttrs());
    op.input({batch, 3, 9, 9}).weight({4, 3, 3, 3});
    CHECK(op.macs() == static_cast<std::uint64_t>(batch) * 7 * 7 * 3 * 3 * 3 * 4);
  }
}

}  // namespace
}  // namespace nngauge
