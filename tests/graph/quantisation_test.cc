// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/quantisation.h"

#include <catch2/catch.hpp>

#include "tests/graph/graph_builder.h"

namespace nngauge {
namespace {

using test::OneOp;

QuantAttrs blocks(std::int64_t size, std::int64_t axis = 1) {
  QuantAttrs attrs;
  attrs.block_size = size;
  attrs.axis = axis;
  return attrs;
}

OneOp& parameters(OneOp& op, const Shape& scale, DType zero_point) {
  return op.constant(scale, OperandRole::kQuant).constant(scale, OperandRole::kQuant, zero_point);
}

TEST_CASE("types of results and work per element") {
  OneOp quantize(OpKind::kQuantize, blocks(0));
  parameters(quantize.input({3, 5}), {}, DType::kInt8);
  CHECK(quantize.shape() == "[3,5]");
  CHECK(quantize.dtype() == DType::kInt8);
  CHECK(quantize.flops() == 3ULL * 5 * 4);
  CHECK(quantize.special() == 3ULL * 5);
  OneOp dequantize(OpKind::kDequantize, blocks(0));
  parameters(dequantize.input({3, 5}, OperandRole::kData, DType::kInt8), {5}, DType::kInt8);
  CHECK(dequantize.dtype() == DType::kFloat32);
  CHECK(dequantize.flops() == 3ULL * 5 * 2);
  QuantAttrs stated;
  stated.dtype = DType::kInt16;
  CHECK(OneOp(OpKind::kQuantize, stated).input({3}).dtype() == DType::kInt16);
  OneOp dynamic(OpKind::kDynamicQuantize, {}, 3);
  dynamic.input({3, 5});
  CHECK(dynamic.dtype() == DType::kUInt8);
  CHECK(dynamic.shape(1) == "[]");
  CHECK(dynamic.flops() == 3ULL * 5 * 6);
  CHECK(OneOp(OpKind::kFakeQuant).input({4}).flops() == 4ULL * 6);
}

TEST_CASE("scales fit the tensor: for all, per channel, per block") {
  const auto error = [](const QuantAttrs& attrs, const Shape& scale) {
    OneOp op(OpKind::kQuantize, attrs);
    return parameters(op.input({3, 5}), scale, DType::kUInt8).error();
  };
  CHECK(error(blocks(0), {1}) == "");
  CHECK(error(blocks(0), {5}) == "");
  CHECK(error(blocks(3), {3, 2}) == "");  // ceil(5 / 3) = 2
  CHECK(error(blocks(3), {3, 3}) == "scale [3,3] does not fit blocks of 3 along axis 1 of [3,5] [shape-mismatch]");
  CHECK(error(blocks(3), {2}) == "scale [2] has 1 axes, needs 2 [shape-mismatch]");
  CHECK(error(blocks(-1), {2}) == "block_size is -1 [invalid-attribute]");
  CHECK(error(blocks(0), {4}) == "scale [4] does not fit axis 1 of [3,5] [shape-mismatch]");
  CHECK(error(blocks(0, 7), {4}) == "axis 7 is out of range for rank 2 [invalid-attribute]");
}

}  // namespace
}  // namespace nngauge
