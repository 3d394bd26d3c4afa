// SPDX-License-Identifier: Apache-2.0
// Recurrent layers: each gate's matrices [out, in] and [out, out] are stored apart.
#include <fmt/format.h>

#include <span>

#include "parsers/coreml/layer_readers.h"

namespace nngauge::coreml {
namespace {

using K = OpKind;

constexpr std::int64_t kMostUnits = 1 << 24;

struct Gates {
  std::span<const std::uint32_t> weights, recursions, biases, peepholes;
};

struct Cell {
  std::int64_t inputs = 0, units = 0;
};

Result<Cell> read_cell(const LayerView& v) {
  const Cell cell{v.params.integer(1), v.params.integer(2)};
  for (const std::int64_t each : {cell.inputs, cell.units}) {
    if (each < 1 || each > kMostUnits)
      return make_error(ErrorCode::kInvalidAttribute, fmt::format("a vector has {} elements", each));
  }
  return cell;
}

Status add_weights(LayerView& v, const Message& stored, const Cell& cell, const Gates& gates) {
  for (const std::uint32_t number : gates.weights)
    NNGAUGE_CHECK(v.weight(stored.child(number), {cell.units, cell.inputs}, OperandRole::kWeight, "weights"));
  for (const std::uint32_t number : gates.recursions)
    NNGAUGE_CHECK(v.weight(stored.child(number), {cell.units, cell.units}, OperandRole::kWeight, "recursion"));
  for (const std::uint32_t number : gates.biases)
    NNGAUGE_CHECK(v.weight(stored.child(number), {cell.units}, OperandRole::kBias, "bias"));
  for (const std::uint32_t number : gates.peepholes)
    NNGAUGE_CHECK(v.weight(stored.child(number), {cell.units}, OperandRole::kWeight, "peephole"));
  return ok();
}

// Takes [steps, batch, in] from the layer's first blob.
Status begin(LayerView& v, const Cell& cell) {
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.steps());
  const Dim inputs = v.writer().shape(x).at(-1);
  if (inputs.known() && !inputs.is(cell.inputs)) {
    return make_error(ErrorCode::kShapeMismatch,
                      fmt::format("weights take {} inputs, there are {}", cell.inputs, inputs.value()));
  }
  v.operand(x);
  return ok();
}

// States come in after the sequence and go out after it. The result is the sequence or its last step.
Status finish(LayerView& v, const Cell& cell, bool sequence, std::int64_t directions) {
  for (std::size_t i = 1; i < v.input_count(); ++i) v.input_operand(i, OperandRole::kState);
  RecurrentAttrs attrs;
  attrs.hidden_size = cell.units;
  attrs.directions = directions;
  v.op.attrs = attrs;
  const bool exact = v.exact();
  const bool five_axes = exact && v.rank() == 5;
  const Dim batch = v.writer().shape(v.op.inputs[0].tensor).at(1);
  for (std::size_t k = 1; k < v.output_names.size(); ++k)
    v.declare(k, five_axes ? Shape{1, batch, cell.units, 1, 1}
                 : exact   ? Shape{1, batch, cell.units}
                           : Shape{cell.units});
  if (sequence && !five_axes) return v.emit();
  // Only the first result changes its form.
  const std::string name = v.output_names.empty() ? std::string() : v.output_names[0];
  NNGAUGE_CHECK(v.emit());
  const Blob* result = v.resolve(name);
  if (result == nullptr) return ok();
  TensorId y = result->id;
  if (!sequence) {
    v.op.kind = K::kGather;  // the last step
    AxisAttrs axis;
    v.op.attrs = axis;
    v.operand(y);
    Tensor last;
    last.dtype = DType::kInt64;
    last.declared = last.shape = exact ? Shape{1} : Shape::scalar();
    last.is_constant = true;
    last.value = Value::of_ints({-1});
    v.operand(v.writer().add(std::move(last)), OperandRole::kConfig);
    NNGAUGE_TRY(y, v.step());
  }
  if (five_axes) {
    NNGAUGE_TRY(y, v.reshape(y, {0, 0, 0, 1, 1}));
  }
  return v.output(0, {y, exact});
}

}  // namespace

Status read_simple_recurrent(LayerView& v) {
  enum : std::uint32_t { kActivation = 10, kSequence = 15, kHasBias = 20, kWeights = 30, kRecursion = 31, kBias = 32 };
  constexpr std::uint32_t kMatrix[] = {kWeights}, kRecursions[] = {kRecursion}, kBiases[] = {kBias};
  NNGAUGE_TRY(const Cell cell, read_cell(v));
  NNGAUGE_CHECK(begin(v, cell));
  Gates gates{kMatrix, kRecursions, {}, {}};
  if (v.params.flag(kHasBias)) gates.biases = kBiases;
  NNGAUGE_CHECK(add_weights(v, v.params, cell, gates));
  if (v.params.child(kActivation).has(10)) v.op.activation = FusedActivation::kRelu;
  return finish(v, cell, v.params.flag(kSequence), 1);
}

Status read_gru(LayerView& v) {
  enum : std::uint32_t { kSequence = 15, kHasBias = 20 };
  constexpr std::uint32_t kWeights[] = {30, 31, 32}, kRecursions[] = {50, 51, 52}, kBiases[] = {70, 71, 72};
  NNGAUGE_TRY(const Cell cell, read_cell(v));
  NNGAUGE_CHECK(begin(v, cell));
  Gates gates{kWeights, kRecursions, {}, {}};
  if (v.params.flag(kHasBias)) gates.biases = kBiases;
  NNGAUGE_CHECK(add_weights(v, v.params, cell, gates));
  return finish(v, cell, v.params.flag(kSequence), 1);
}

namespace {

Status read_lstm_of(LayerView& v, std::int64_t directions) {
  enum : std::uint32_t { kParams = 15, kWeights = 20 };
  enum : std::uint32_t { kSequence = 10, kHasBias = 20, kPeepholes = 40, kCoupled = 50 };
  // Input, block, output gate, then the forget gate, which a coupled cell has not.
  constexpr std::uint32_t kMatrices[] = {1, 3, 4, 2}, kRecursions[] = {20, 22, 23, 21}, kBiases[] = {40, 42, 43, 41},
                          kPeephole[] = {60, 62, 61};
  NNGAUGE_TRY(const Cell cell, read_cell(v));
  NNGAUGE_CHECK(begin(v, cell));
  const Message params = v.params.child(kParams);
  const std::size_t gates_of_cell = params.flag(kCoupled) ? 3 : 4;
  Gates gates{std::span(kMatrices).first(gates_of_cell), std::span(kRecursions).first(gates_of_cell), {}, {}};
  if (params.flag(kHasBias)) gates.biases = std::span(kBiases).first(gates_of_cell);
  if (params.flag(kPeepholes)) gates.peepholes = std::span(kPeephole).first(gates_of_cell - 1);
  std::int64_t stored = 0;
  Status status = ok();
  v.params.each(kWeights, [&](const WireField& field) {
    if (status && ++stored <= directions) status = add_weights(v, v.params.of(field), cell, gates);
  });
  NNGAUGE_CHECK(status);
  if (stored != directions)
    return make_error(ErrorCode::kInvalidGraph,
                      fmt::format("has weights of {} directions, needs {}", stored, directions));
  return finish(v, cell, params.flag(kSequence), directions);
}

}  // namespace

Status read_lstm(LayerView& v) { return read_lstm_of(v, 1); }
Status read_bi_lstm(LayerView& v) { return read_lstm_of(v, 2); }

}  // namespace nngauge::coreml
