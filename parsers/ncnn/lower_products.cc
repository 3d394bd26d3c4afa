// SPDX-License-Identifier: Apache-2.0
// Dense layers, matrix products, tables, recurrent layers, attention.
#include <algorithm>

#include "parsers/ncnn/layers.h"

namespace nngauge::ncnn {
namespace {

Result<std::int64_t> divide(std::int64_t elements, Count by, const std::string& what) {
  if (elements >= 1 && !by.overflowed() && by.value() > 0 && static_cast<std::uint64_t>(elements) % by.value() == 0)
    return elements / static_cast<std::int64_t>(by.value());
  return make_error(ErrorCode::kInvalidAttribute,
                    "weight_data_size " + std::to_string(elements) + " is no multiple of " + what);
}

// A weight of two axes that is stored, with int8 scales behind it as quantisation operands.
Status add_scales(LayerView& v, std::initializer_list<Part> parts) {
  for (const Part part : parts) {
    for (std::size_t n = 0; v.find(part, n) != nullptr; ++n)
      NNGAUGE_CHECK(v.weight(part, OperandRole::kQuant, {static_cast<std::int64_t>(v.find(part, n)->elements)}, n));
  }
  return ok();
}

}  // namespace

// A matrix of rows of the right length is multiplied row by row, anything else is taken as one vector.
Status lower_inner_product(LayerView& v) {
  v.activation(9, 10);
  NNGAUGE_TRY(const std::int64_t inputs,
              divide(v.integer(2), Count::from_signed(v.integer(0)), std::to_string(v.integer(0)) + " outputs"));
  v.op.kind = OpKind::kDense;
  DenseAttrs attrs;
  attrs.transpose_b = true;
  const bool by_rows = v.dims(0) == 2 && v.in(0).at(2).is(inputs);
  attrs.keep_dims = by_rows;
  attrs.flatten_axis = by_rows ? 2 : 1;
  v.op.attrs = attrs;
  v.input(0);
  NNGAUGE_CHECK(v.weight(Part::kWeight, OperandRole::kWeight, {v.integer(0), inputs}));
  NNGAUGE_CHECK(v.weight(Part::kBias, OperandRole::kBias, {v.integer(0)}));
  return add_scales(v, {Part::kWeightScale, Part::kInputScale});
}

namespace {

// A or B of a Gemm: a blob of up to three axes as a matrix; of three the middle one has extent 1.
Status add_matrix(LayerView& v, std::size_t bottom) {
  if (v.dims(bottom) != 3) {
    v.input(bottom);
    return ok();
  }
  Op squeeze;
  squeeze.kind = OpKind::kSqueeze;
  AxesAttrs attrs;
  attrs.axes = {2};
  attrs.has_axes = true;
  squeeze.attrs = attrs;
  std::swap(squeeze.inputs, v.op.inputs);
  const std::vector<Operand> before = squeeze.inputs;
  squeeze.inputs.clear();
  v.input(bottom);
  std::swap(squeeze.inputs, v.op.inputs);
  v.op.inputs = before;
  NNGAUGE_TRY(const TensorId matrix, v.step(std::move(squeeze)));
  v.operand(matrix);
  return ok();
}

Status add_gemm_addend(LayerView& v, std::size_t next_bottom) {
  const std::int64_t broadcast = v.integer(10);
  if (v.integer(6) == 0) {
    if (next_bottom < v.bottoms()) v.input(next_bottom, OperandRole::kBias);
    return ok();
  }
  if (!v.find(Part::kAddend)) return ok();
  const std::int64_t m = v.integer(7), n = v.integer(8);
  Shape shape;
  switch (broadcast) {
    case 1:
    case 2:
      shape = {m, 1};
      break;
    case 3:
      shape = {m, n};
      break;
    case 4:
      shape = {n};
      break;
    default:
      shape = {1};
  }
  return v.weight(Part::kAddend, OperandRole::kBias, std::move(shape));
}

}  // namespace

// C + A B, each of them stored or computed, A and B perhaps transposed.
Status lower_gemm(LayerView& v) {
  const std::int64_t m = v.integer(7), n = v.integer(8), k = v.integer(9);
  const bool left_stored = v.integer(4) != 0, right_stored = v.integer(5) != 0;
  const bool left_turned = v.integer(2) != 0, right_turned = v.integer(3) != 0;
  if ((left_stored && (m < 1 || k < 1)) || (right_stored && (n < 1 || k < 1))) {
    return make_error(ErrorCode::kInvalidAttribute, "a stored matrix has extents M " + std::to_string(m) + ", N " +
                                                        std::to_string(n) + ", K " + std::to_string(k));
  }
  std::size_t next = 0;
  const bool dense = !left_stored && right_stored && !left_turned;
  const Shape left = left_turned ? Shape{k, m} : Shape{m, k}, right = right_turned ? Shape{n, k} : Shape{k, n};
  NNGAUGE_CHECK(left_stored ? v.weight(Part::kLeft, OperandRole::kWeight, left) : add_matrix(v, next++));
  NNGAUGE_CHECK(right_stored ? v.weight(Part::kRight, OperandRole::kWeight, right) : add_matrix(v, next++));
  if (dense) {
    v.op.kind = OpKind::kDense;
    DenseAttrs attrs;
    attrs.transpose_b = right_turned;
    attrs.keep_dims = true;
    v.op.attrs = attrs;
  } else {
    v.op.kind = OpKind::kMatMul;
    MatMulAttrs attrs;
    attrs.transpose_a = left_turned;
    attrs.transpose_b = right_turned;
    v.op.attrs = attrs;
  }
  NNGAUGE_CHECK(add_gemm_addend(v, next));
  NNGAUGE_CHECK(add_scales(v, {Part::kLeftScale, Part::kRightScale, Part::kInputScale}));
  const bool turned = v.integer(14) != 0, middle = v.integer(11) != 0;
  if (!turned && !middle) return ok();
  // The result is written in another form: a transposition or an axis more behind the product.
  NNGAUGE_TRY(const TensorId product, v.step(v.op));
  v.op.inputs = {{product, OperandRole::kData}};
  v.op.kind = turned ? OpKind::kTranspose : OpKind::kUnsqueeze;
  if (turned) {
    TransposeAttrs attrs;
    attrs.perm = {0, 2, 1};
    v.op.attrs = attrs;
  } else {
    AxesAttrs attrs;
    attrs.axes = {2};
    attrs.has_axes = true;
    v.op.attrs = attrs;
  }
  return ok();
}

Status lower_matmul(LayerView& v) {
  v.op.kind = OpKind::kMatMul;
  MatMulAttrs attrs;
  attrs.transpose_b = v.integer(0) != 0;
  v.op.attrs = attrs;
  v.input(0);
  v.input(1);
  return ok();
}

Status lower_embed(LayerView& v) {
  const std::int64_t outputs = v.integer(0);
  NNGAUGE_TRY(const std::int64_t rows,
              divide(v.integer(3), Count::from_signed(outputs), std::to_string(outputs) + " outputs"));
  v.op.kind = OpKind::kEmbeddingLookup;
  v.input(0);
  NNGAUGE_CHECK(v.weight(Part::kWeight, OperandRole::kWeight, {rows, outputs}));
  NNGAUGE_CHECK(v.weight(Part::kBias, OperandRole::kBias, {outputs}));
  return add_scales(v, {Part::kWeightScale});
}

// [steps, in] to [steps, out x directions]; states are operands and results where the layer has several blobs.
Status lower_recurrent(LayerView& v) {
  const bool lstm = v.layer().type == "LSTM", gru = v.layer().type == "GRU";
  const std::int64_t gates = lstm ? 4 : gru ? 3 : 1, bias_gates = lstm || gru ? 4 : 1;
  const std::int64_t outputs = v.integer(0);
  const std::int64_t hidden = lstm && v.integer(3) > 0 ? v.integer(3) : outputs;
  const std::int64_t directions = v.integer(2) == 2 ? 2 : 1;
  Count rows = Count::from_signed(gates) * Count::from_signed(hidden);
  rows *= Count::from_signed(directions);
  NNGAUGE_TRY(const std::int64_t inputs, divide(v.integer(1), rows,
                                                std::to_string(directions) + " x " + std::to_string(gates) + " x " +
                                                    std::to_string(hidden) + " gates"));
  v.op.kind = lstm ? OpKind::kLSTM : gru ? OpKind::kGRU : OpKind::kRNN;
  RecurrentAttrs attrs;
  attrs.hidden_size = outputs;
  attrs.directions = directions;
  attrs.time_major = false;
  v.op.attrs = attrs;
  v.input(0);
  const auto in = v.in(0).ranked() && v.in(0).rank() == 3 ? v.in(0)[2] : Dim::unknown();
  if (in.known() && !in.is(inputs)) {
    return make_error(ErrorCode::kShapeMismatch,
                      "weights take " + std::to_string(inputs) + " inputs, there are " + std::to_string(in.value()));
  }
  const Dim all_gates = gates * hidden;
  NNGAUGE_CHECK(v.weight(Part::kWeight, OperandRole::kWeight, {directions, all_gates, inputs}));
  NNGAUGE_CHECK(v.weight(Part::kRecurrentWeight, OperandRole::kWeight, {directions, all_gates, outputs}));
  if (v.find(Part::kProjection))
    NNGAUGE_CHECK(v.weight(Part::kProjection, OperandRole::kWeight, {directions, outputs, hidden}));
  NNGAUGE_CHECK(v.weight(Part::kBias, OperandRole::kBias, {directions, bias_gates * hidden}));
  v.inputs_from(1, OperandRole::kState);
  for (std::size_t i = 1; i < v.layer().tops.size(); ++i)
    v.declare(i, {v.batch(), directions, lstm && i == 2 ? hidden : outputs});
  return add_scales(v, {Part::kWeightScale});
}

// Operands: query, key?, value?, mask?, past key and value?. The layer projects all of them.
Status lower_multi_head_attention(LayerView& v) {
  const std::int64_t hidden = v.integer(0);
  const std::int64_t key_in = attention_key_extent(v.layer()), value_in = v.integer(4, hidden);
  NNGAUGE_TRY(const std::int64_t query_in,
              divide(v.integer(2), Count::from_signed(hidden), std::to_string(hidden) + " hidden units"));
  const bool cached = v.integer(7) != 0, masked = v.integer(5) != 0;
  v.op.kind = OpKind::kAttention;
  AttentionAttrs attrs;
  attrs.form = AttentionForm::kProjected;
  attrs.num_heads = v.integer(1, 1);
  v.op.attrs = attrs;
  const std::size_t steering = (cached ? 2U : 0U) + (masked ? 1U : 0U);
  const std::size_t plain = v.bottoms() > steering ? v.bottoms() - steering : 1;
  for (std::size_t i = 0; i < 3; ++i) {
    if (i < plain) v.input(i);
    else v.absent();
  }
  NNGAUGE_CHECK(v.weight(Part::kQuery, OperandRole::kWeight, {hidden, query_in}));
  NNGAUGE_CHECK(v.weight(Part::kKey, OperandRole::kWeight, {hidden, key_in}));
  NNGAUGE_CHECK(v.weight(Part::kValue, OperandRole::kWeight, {hidden, value_in}));
  NNGAUGE_CHECK(v.weight(Part::kResult, OperandRole::kWeight, {query_in, hidden}));
  for (const Part part : {Part::kQueryBias, Part::kKeyBias, Part::kValueBias, Part::kResultBias})
    NNGAUGE_CHECK(v.weight(part, OperandRole::kBias, {part == Part::kResultBias ? query_in : hidden}));
  std::size_t next = plain;
  if (masked && next < v.bottoms()) v.input(next++, OperandRole::kConfig);
  // Keys that were computed before are kept with their extents swapped: [hidden, past].
  for (; cached && next < v.bottoms(); ++next) v.input(next, OperandRole::kState);
  return add_scales(v, {Part::kWeightScale});
}

// Query, key, value, mask?, past key and value?: [heads, length, extent] each.
Status lower_sdpa(LayerView& v) {
  v.op.kind = OpKind::kAttention;
  AttentionAttrs attrs;
  const Dim heads = v.in(0).at(1);
  if (heads.known()) attrs.num_heads = heads.value();
  v.op.attrs = attrs;
  for (std::size_t i = 0; i < 3; ++i) v.input(i);
  std::size_t next = 3;
  if (v.integer(5) != 0 && next < v.bottoms()) v.input(next++, OperandRole::kConfig);
  for (; next < v.bottoms(); ++next) v.input(next, OperandRole::kState);
  return ok();
}

// The equation is an array of letters; the batch becomes a label of its own.
Status lower_einsum(LayerView& v) {
  std::string equation;
  for (const std::int64_t letter : v.layer().integers(0)) {
    if (letter < 32 || letter > 126)
      return make_error(ErrorCode::kInvalidAttribute, "the equation holds the letter " + std::to_string(letter));
    equation += static_cast<char>(letter);
  }
  if (equation.empty()) equation = v.layer().text(0);
  constexpr char kBatch = 'Z';
  if (equation.empty() || equation.find(kBatch) != std::string::npos)
    return make_error(ErrorCode::kInvalidAttribute, "has no equation that can be read");
  EinsumAttrs attrs;
  bool start = true;
  for (const char letter : equation) {
    if (start && letter != '-') attrs.equation += kBatch, start = false;
    attrs.equation += letter;
    if (letter == ',' || letter == '>') start = true;
  }
  if (start) attrs.equation += kBatch;
  v.op.kind = OpKind::kEinsum;
  v.op.attrs = std::move(attrs);
  v.inputs_from(0);
  return ok();
}

}  // namespace nngauge::ncnn
