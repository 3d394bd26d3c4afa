// SPDX-License-Identifier: Apache-2.0
// Dense layers, tables and matrix products.
#include <fmt/format.h>

#include "parsers/coreml/layer_readers.h"

namespace nngauge::coreml {
namespace {

using K = OpKind;

Result<std::int64_t> extent(const Message& params, std::uint32_t number, std::string_view what) {
  const std::int64_t value = params.integer(number);
  if (value < 1 || value > kMostExtent)
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("{} is {}", what, value));
  return value;
}

}  // namespace

// y = W x + b, W [out, in]. Blobs with a height and a width have both 1.
Status read_inner_product(LayerView& v) {
  enum : std::uint32_t { kInputs = 1, kOutputs = 2, kHasBias = 10, kWeights = 20, kBias = 21 };
  const Message& p = v.params;
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const std::int64_t inputs, extent(p, kInputs, "the number of input channels"));
  NNGAUGE_TRY(const std::int64_t outputs, extent(p, kOutputs, "the number of output channels"));
  const Shape x = v.shape();
  DenseAttrs attrs;
  attrs.transpose_b = true;
  attrs.keep_dims = true;
  const auto rank = static_cast<std::int64_t>(v.rank());
  const bool channels_inside = v.exact() && rank >= 4 && x.at(-1).is(1) && x.at(-2).is(1) && x.at(-3).is(inputs);
  if (channels_inside) attrs.flatten_axis = rank - 3;
  else if (!v.exact() && rank == 4) attrs.flatten_axis = 1;
  v.input_operand(0);
  NNGAUGE_CHECK(v.weight(p.child(kWeights), {outputs, inputs}, OperandRole::kWeight, "weights"));
  if (p.flag(kHasBias)) NNGAUGE_CHECK(v.weight(p.child(kBias), {outputs}, OperandRole::kBias, "bias"));
  v.op.attrs = attrs;
  if (!channels_inside) return v.emit();
  NNGAUGE_TRY(const TensorId result, v.step());
  Ints target(static_cast<std::size_t>(rank) - 2, 0);  // what stands before the channels, and these
  target.insert(target.end(), {1, 1});
  NNGAUGE_TRY(const TensorId whole, v.reshape(result, std::move(target)));
  return v.output(0, {whole, true});
}

// Rows of a table by number, one for each step; stored [out, in].
Status read_embedding(LayerView& v) {
  enum : std::uint32_t { kInputs = 1, kOutputs = 2, kHasBias = 10, kWeights = 20, kBias = 21 };
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const std::int64_t inputs, extent(v.params, kInputs, "the number of rows"));
  NNGAUGE_TRY(const std::int64_t outputs, extent(v.params, kOutputs, "the number of output channels"));
  const bool five_axes = v.exact() && v.rank() == 5;
  const TensorId x = v.input(0);
  TensorId ids = x;
  if (v.rank() != 2) {
    NNGAUGE_TRY(ids, v.reshape(x, five_axes ? Ints{0, 0} : Ints{0, 1}));
  }
  v.operand(ids);
  NNGAUGE_CHECK(v.weight(v.params.child(kWeights), {inputs, outputs}, OperandRole::kWeight, "weights"));
  if (v.params.flag(kHasBias)) NNGAUGE_CHECK(v.weight(v.params.child(kBias), {outputs}, OperandRole::kBias, "bias"));
  if (!five_axes) return v.emit();
  NNGAUGE_TRY(const TensorId result, v.step());
  NNGAUGE_TRY(const TensorId whole, v.reshape(result, {0, 0, 0, 1, 1}));
  return v.output(0, {whole, true});
}

// The last axis, of extent 1, holds the number and becomes the row.
Status read_embedding_nd(LayerView& v) {
  enum : std::uint32_t { kRows = 1, kSize = 2, kHasBias = 3, kWeights = 20, kBias = 21 };
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const std::int64_t rows, extent(v.params, kRows, "the number of rows"));
  NNGAUGE_TRY(const std::int64_t size, extent(v.params, kSize, "the size of a row"));
  Op squeeze = v.op;
  v.op.kind = K::kSqueeze;
  AxesAttrs last;
  last.axes = {-1};
  last.has_axes = true;
  v.op.attrs = std::move(last);
  v.input_operand(0);
  NNGAUGE_TRY(const TensorId ids, v.step());
  v.op = std::move(squeeze);
  v.operand(ids);
  NNGAUGE_CHECK(v.weight(v.params.child(kWeights), {rows, size}, OperandRole::kWeight, "weights"));
  if (v.params.flag(kHasBias)) NNGAUGE_CHECK(v.weight(v.params.child(kBias), {size}, OperandRole::kBias, "bias"));
  return v.emit();
}

// Two blobs, or one and a stored matrix [rows, columns].
Status read_batched_matmul(LayerView& v) {
  enum : std::uint32_t {
    kTransposeA = 1,
    kTransposeB = 2,
    kRows = 5,
    kColumns = 6,
    kHasBias = 7,
    kWeights = 8,
    kBias = 9
  };
  const Message& p = v.params;
  NNGAUGE_CHECK(v.needs(1));
  v.input_operand(0);
  if (v.input_count() > 1) {
    v.input_operand(1);
    MatMulAttrs attrs;
    attrs.transpose_a = p.flag(kTransposeA);
    attrs.transpose_b = p.flag(kTransposeB);
    v.op.attrs = attrs;
    return v.emit();
  }
  NNGAUGE_TRY(const std::int64_t rows, extent(p, kRows, "the number of rows"));
  NNGAUGE_TRY(const std::int64_t columns, extent(p, kColumns, "the number of columns"));
  v.op.kind = K::kDense;
  NNGAUGE_CHECK(v.weight(p.child(kWeights), {rows, columns}, OperandRole::kWeight, "weights"));
  if (p.flag(kHasBias)) NNGAUGE_CHECK(v.weight(p.child(kBias), {columns}, OperandRole::kBias, "bias"));
  DenseAttrs attrs;
  attrs.keep_dims = true;
  v.op.attrs = attrs;
  return v.emit();
}

// Two vectors of channels.
Status read_dot(LayerView& v) {
  NNGAUGE_CHECK(v.needs(2));
  for (std::size_t i = 0; i < 2; ++i) {
    NNGAUGE_TRY(const TensorId x, v.picture(i));
    v.operand(x);
  }
  EinsumAttrs attrs;
  attrs.equation = "nchw,ncxy->nhxy";  // height and width are 1
  v.op.attrs = std::move(attrs);
  return v.emit_picture();
}

}  // namespace nngauge::coreml
