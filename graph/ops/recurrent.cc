// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/recurrent.h"

#include <algorithm>
#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

struct Recurrent {
  Dim steps = 1, batch;
  Dim out;    // extent of the output per direction
  Dim units;  // extent of the cell: differs from `out` where a projection follows
  std::int64_t directions = 1;
};

bool has_role(const RuleContext& c, std::size_t i, OperandRole role) {
  return c.has_input(i) && c.op().inputs[i].role == role;
}

std::int64_t gates_of(OpKind kind) {
  switch (kind) {
    case OpKind::kLSTM:
      return 4;
    case OpKind::kGRU:
      return 3;
    default:
      return 1;
  }
}

bool has_stacked_weights(const RuleContext& c) {
  for (std::size_t i = 1; i < c.input_count(); ++i) {
    if (has_role(c, i, OperandRole::kWeight) && c.in(i).ranked() && c.in(i).rank() == 3) return true;
  }
  return false;
}

bool is_matrix(const RuleContext& c, std::size_t i, bool stacked) {
  return !c.in(i).ranked() || c.in(i).rank() >= (stacked ? 3U : 2U);
}

// Weights [directions, gates x hidden, in], or with the last two axes swapped (DynamicQuantizeLSTM).
Status check_stacked_weight(const RuleContext& c, std::size_t i, const Recurrent& r) {
  const Shape& weight = c.in(i);
  if (!weight.ranked() || weight.rank() != 3) return ok();
  if (!may_equal(weight[0], r.directions)) {
    return make_error(ErrorCode::kShapeMismatch,
                      "weight " + c.text(weight) + " is not for " + std::to_string(r.directions) + " directions");
  }
  if (!r.units.known() || c.attrs<RecurrentAttrs>().hidden_size == 0) return ok();
  NNGAUGE_TRY(const Dim rows, multiply_dims(gates_of(c.kind()), r.units));
  const bool projection = may_equal(weight[2], r.units) && !may_equal(weight[1], rows);
  if (may_equal(weight[1], rows) || may_equal(weight[2], rows) || projection) return ok();
  return make_error(ErrorCode::kShapeMismatch, "weight " + c.text(weight) + " is not for " +
                                                   std::to_string(gates_of(c.kind())) + " gates of " +
                                                   std::to_string(r.units.value()) + " units");
}

Dim projected_units(const RuleContext& c) {
  std::size_t matrices = 0;
  for (std::size_t i = 1; c.kind() == OpKind::kLSTM && i < c.input_count(); ++i) {
    if (!has_role(c, i, OperandRole::kWeight) || !c.in(i).ranked() || c.in(i).rank() != 3) continue;
    if (++matrices == 3) return c.in(i)[2];
  }
  return Dim::unknown();
}

Result<Recurrent> read_recurrent(const RuleContext& c) {
  const auto& attrs = c.attrs<RecurrentAttrs>();
  if (attrs.directions != 1 && attrs.directions != 2)
    return make_error(ErrorCode::kInvalidAttribute, "the number of directions is " + std::to_string(attrs.directions));
  if (attrs.hidden_size < 0)
    return make_error(ErrorCode::kInvalidAttribute, "hidden_size is " + std::to_string(attrs.hidden_size));
  Recurrent r;
  r.directions = attrs.directions;
  const Shape& x = c.in(0);
  const std::size_t least = attrs.single_step ? 2 : 3;
  if (x.ranked() && x.rank() < least)
    return make_error(ErrorCode::kShapeMismatch, "input " + c.text(x) + " has " + std::to_string(x.rank()) +
                                                     " axes, needs " + std::to_string(least));
  if (attrs.single_step) {
    r.batch = x.at(0);
  } else {
    r.steps = x.at(attrs.time_major ? 0 : 1);
    r.batch = x.at(attrs.time_major ? 1 : 0);
    // Early ONNX exporters feed Y [steps, directions, batch, hidden] of one layer to the next as it is.
    if (x.ranked() && x.rank() == 4 && attrs.onnx_outputs && attrs.time_major) r.batch = x[2];
  }
  // States are [batch, extent] or [directions, batch, extent]: the output's comes first, then the cell's.
  std::vector<Dim> states;
  for (std::size_t i = 1; i < c.input_count(); ++i) {
    if (has_role(c, i, OperandRole::kState)) states.push_back(c.in(i).at(-1));
  }
  r.out = attrs.hidden_size > 0 ? Dim(attrs.hidden_size) : states.empty() ? Dim::unknown() : states[0];
  r.units = c.kind() == OpKind::kLSTM && states.size() >= 2 && states[1].known() ? states[1] : r.out;
  // A third matrix [directions, out, units] projects what the cell holds.
  if (const Dim units = projected_units(c); states.size() < 2 && units.known()) r.units = units;
  for (std::size_t i = 1; i < c.input_count(); ++i) {
    if (has_role(c, i, OperandRole::kWeight)) NNGAUGE_CHECK(check_stacked_weight(c, i, r));
  }
  return r;
}

// ONNX: Y [steps, directions, batch, hidden], then the last states [directions, batch, hidden].
std::vector<TensorInfo> onnx_results(const RuleContext& c, const Recurrent& r) {
  const DType dtype = c.in_dtype(0);
  if (c.attrs<RecurrentAttrs>().batch_first_states) {
    const Shape state = {r.batch, r.directions, r.out};
    return results(c, {{dtype, {r.batch, r.steps, r.directions, r.out}}, {dtype, state}, {dtype, state}});
  }
  const Shape state = {r.directions, r.batch, r.out};
  return results(c, {{dtype, {r.steps, r.directions, r.batch, r.out}}, {dtype, state}, {dtype, state}});
}

struct Elements {
  Count matrices, vectors, biases;
  Count rows;  // of the matrices of two axes with one row per unit
};

Result<Elements> count_elements(const RuleContext& c, const Recurrent& r) {
  const bool stacked = has_stacked_weights(c);
  Elements e;
  for (std::size_t i = 1; i < c.input_count(); ++i) {
    const bool weight = has_role(c, i, OperandRole::kWeight);
    if (!weight && !has_role(c, i, OperandRole::kBias)) continue;
    NNGAUGE_TRY(const Count elements, c.in_elements(i));
    if (!weight) e.biases += elements;
    else if (!is_matrix(c, i, stacked)) e.vectors += elements;
    else e.matrices += elements;
    if (weight && !stacked && c.in(i).rank() == 2 && r.units.known() && c.in(i)[0] == r.units) e.rows += 1;
  }
  return e;
}

// flops and special functions of one unit in one step.
struct UnitWork {
  std::uint64_t flops, special;
};

UnitWork unit_work(const RuleContext& c, const Recurrent& r, const Elements& e) {
  switch (c.kind()) {
    case OpKind::kLSTM: {
      // Gates kept apart (TFLite): an input and a recurrent matrix each; six of them are three gates.
      const bool coupled = e.rows.value() / static_cast<std::uint64_t>(2 * r.directions) == 3;
      return coupled ? UnitWork{8, 4} : UnitWork{8, 5};
    }
    case OpKind::kGRU:
      return {8, 3};
    default:
      return {1, c.op().activation == FusedActivation::kNone ? 1U : 0U};
  }
}

}  // namespace

Result<std::vector<TensorInfo>> shape_recurrent(const RuleContext& c) {
  NNGAUGE_TRY(const Recurrent r, read_recurrent(c));
  const auto& attrs = c.attrs<RecurrentAttrs>();
  if (attrs.onnx_outputs) return onnx_results(c, r);
  Dim last = r.out;
  if (attrs.merge_outputs) {
    NNGAUGE_TRY(last, multiply_dims(r.directions, r.out));
  }
  const DType dtype = c.in_dtype(0);
  const Shape out = attrs.single_step  ? Shape{r.batch, last}
                    : attrs.time_major ? Shape{r.steps, r.batch, last}
                                       : Shape{r.batch, r.steps, last};
  if (attrs.directions == 2 && !attrs.merge_outputs) return results(c, {{dtype, out}, {dtype, out}});
  // The last states may follow: the output's, then the cell's.
  if (attrs.directions == 1) return results(c, {{dtype, out}, {dtype, {r.batch, r.out}}, {dtype, {r.batch, r.units}}});
  return results(c, {{dtype, out}});
}

Result<Work> work_recurrent(const RuleContext& c) {
  NNGAUGE_TRY(const Recurrent r, read_recurrent(c));
  NNGAUGE_TRY(const Count steps, c.extent(r.steps, "the number of steps"));
  NNGAUGE_TRY(const Count batch, c.extent(r.batch, "the batch"));
  NNGAUGE_TRY(const Elements e, count_elements(c, r));
  if (e.matrices == Count(0)) return unknown("has no weights");
  const auto product = [&](std::string_view name) {
    Product out(c, name);
    out.times("steps", steps).times("batch", batch);
    return out;
  };
  Work work;
  work.macs = product("macs").times("weights", e.matrices).value();
  work.flops = Product(c, "flops of the products").times("operations", 2).times("macs", work.macs).value();
  work.flops += product("flops of the biases").times("biases", e.biases).value();
  if (e.vectors.value() > 0)
    work.flops += product("flops of the peepholes").times("operations", 2).times("elements", e.vectors).value();
  Dim units = r.units;
  if (!units.known() && c.out(0).ranked()) units = c.out(0).at(-1);
  NNGAUGE_TRY(const Count width, c.extent(units, "the number of hidden units"));
  const UnitWork unit = unit_work(c, r, e);
  const Count directions = Count::from_signed(r.directions);
  work.flops += product("flops of the gates")
                    .times("directions", directions)
                    .times("units", width)
                    .times("operations", unit.flops)
                    .value();
  work.special = product("special functions")
                     .times("directions", directions)
                     .times("units", width)
                     .times("functions", unit.special)
                     .value();
  return work;
}

Result<std::vector<TensorInfo>> shape_svdf(const RuleContext& c) {
  NNGAUGE_CHECK(check_rank(c, c.in(0), 2, "input"));
  NNGAUGE_CHECK(check_rank(c, c.in(1), 2, "feature weight"));
  NNGAUGE_CHECK(check_rank(c, c.in(2), 2, "time weight"));
  NNGAUGE_CHECK(merge_dims(c.in(0).at(1), c.in(1).at(1), "extent of input and feature weight"));
  NNGAUGE_TRY(const Dim filters,
              merge_dims(c.in(1).at(0), c.in(2).at(0), "number of filters of feature and time weight"));
  const std::int64_t rank = c.attrs<RecurrentAttrs>().rank;
  if (rank < 1) return make_error(ErrorCode::kInvalidAttribute, "rank is " + std::to_string(rank));
  Dim units = rank == 1 ? filters : Dim::unknown();
  if (filters.known()) {
    if (filters.value() % rank != 0)
      return make_error(ErrorCode::kShapeMismatch, "rank " + std::to_string(rank) + " does not divide " +
                                                       std::to_string(filters.value()) + " filters");
    units = filters.value() / rank;
  }
  NNGAUGE_CHECK(check_vector(c, 3, units, "bias"));
  return results(c, {{c.in_dtype(0), {c.in(0).at(0), units}}});
}

Result<Work> work_svdf(const RuleContext& c) {
  NNGAUGE_TRY(const Count batch, c.extent(c.in(0).at(0), "the batch"));
  NNGAUGE_TRY(const Count feature, c.in_elements(1));
  NNGAUGE_TRY(const Count time, c.in_elements(2));
  NNGAUGE_TRY(const Count filters, c.extent(c.in(1).at(0), "the number of filters"));
  Work work;
  work.macs = Product(c, "macs").times("batch", batch).times("feature and time weights", feature + time).value();
  work.flops = Product(c, "flops of the products").times("operations", 2).times("macs", work.macs).value();
  work.flops += Product(c, "flops of the sum over ranks").times("batch", batch).times("filters", filters).value();
  if (c.has_input(3)) {
    NNGAUGE_TRY(const Count bias, c.in_elements(3));
    work.flops += Product(c, "flops of the bias").times("batch", batch).times("units", bias).value();
  }
  return work;
}

}  // namespace nngauge
