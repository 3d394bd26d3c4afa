// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/elementwise.h"

#include "graph/op_table.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

// Type of the first operand from `first` that has one.
DType first_dtype(const RuleContext& c, std::size_t first) {
  for (std::size_t i = first; i < c.input_count(); ++i) {
    if (c.in_dtype(i) != DType::kUnknown) return c.in_dtype(i);
  }
  return DType::kUnknown;
}

// The operand of lower rank is laid onto the other, its first axis at `axis` (ONNX before opset 7, ncnn).
Result<Shape> lay_onto(const RuleContext& c, const Shape& a, const Shape& b, std::int64_t axis) {
  if (!a.ranked() || !b.ranked()) return Shape::unknown_rank();
  const Shape& wide = a.rank() >= b.rank() ? a : b;
  const Shape& narrow = a.rank() >= b.rank() ? b : a;
  std::size_t start = wide.rank() - narrow.rank();
  if (axis != -1) {
    NNGAUGE_TRY(start, normalise_axis(axis, wide.rank() + (narrow.rank() == 0 ? 1 : 0)));
  }
  if (start + narrow.rank() > wide.rank()) {
    return make_error(ErrorCode::kShapeMismatch, "operand shape " + c.text(narrow) + " laid onto " + c.text(wide) +
                                                     " from axis " + std::to_string(axis) + " reaches over its end");
  }
  std::vector<Dim> aligned = narrow.dims();
  aligned.resize(wide.rank() - start, Dim(1));
  return broadcast_shapes(c, wide, Shape(std::move(aligned)));
}

Result<Shape> result_shape(const RuleContext& c) {
  const auto& legacy = c.attrs<BroadcastAttrs>();
  if (legacy.legacy) return lay_onto(c, c.in(0), c.in(1), legacy.axis);
  return broadcast_operands(c, 0, data_operand_count(c));
}

struct ElementCost {
  std::uint64_t flops, special;
};

ElementCost element_cost(const RuleContext& c) {
  const OpInfo& info = op_info(c.kind());
  ElementCost cost{info.element_flops, info.element_special};
  if (c.kind() == OpKind::kGelu && c.attrs<ScalarAttrs>().approximate) {
    cost = {op_info(OpKind::kFastGelu).element_flops, op_info(OpKind::kFastGelu).element_special};
  }
  if (c.kind() == OpKind::kFastGelu && c.has_input(1)) ++cost.flops;  // the bias
  if (c.kind() == OpKind::kBiasAdd && c.has_input(2)) ++cost.flops;   // the skip connection
  return cost;
}

Work work_of(const RuleContext& c, Count elements, ElementCost cost) {
  Work work;
  if (cost.flops > 0)
    work.flops = Product(c, "flops").times("result elements", elements).times("operations", cost.flops).value();
  if (cost.special > 0)
    work.special = Product(c, "special").times("result elements", elements).times("functions", cost.special).value();
  return work;
}

}  // namespace

Result<std::vector<TensorInfo>> shape_bias_split_gelu(const RuleContext& c) {
  Shape shape = c.in(0);
  if (!shape.ranked()) return one_result(c.in_dtype(0), shape);
  if (shape.rank() == 0) return make_error(ErrorCode::kShapeMismatch, "input is a scalar, it has no axis to halve");
  Dim& last = shape[shape.rank() - 1];
  NNGAUGE_TRY(last, divide_exactly(last, 2, "the last extent"));
  return one_result(c.in_dtype(0), shape);
}

Result<std::vector<TensorInfo>> shape_float_function(const RuleContext& c) {
  const DType dtype = c.in_dtype(0);
  const bool fixed_point = std::holds_alternative<QuantAttrs>(c.op().attrs);
  if (dtype == DType::kBool || (!fixed_point && is_integer(dtype) && dtype_bits(dtype) >= 32)) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "input is " + std::string(dtype_name(dtype)) + ", a floating-point type is needed");
  }
  return same_for_all(c, {dtype, c.in(0)});
}

Result<std::vector<TensorInfo>> shape_clip(const RuleContext& c) { return one_result(c.in_dtype(0), c.in(0)); }

Result<std::vector<TensorInfo>> shape_complex_part(const RuleContext& c) {
  DType dtype = c.in_dtype(0);
  if (dtype == DType::kComplex64) dtype = DType::kFloat32;
  if (dtype == DType::kComplex128) dtype = DType::kFloat64;
  return one_result(dtype, c.in(0));
}

Result<std::vector<TensorInfo>> shape_broadcast(const RuleContext& c) {
  NNGAUGE_TRY(const Shape shape, result_shape(c));
  return one_result(first_dtype(c, 0), shape);
}

Result<std::vector<TensorInfo>> shape_broadcast_bool(const RuleContext& c) {
  NNGAUGE_TRY(const Shape shape, result_shape(c));
  return one_result(DType::kBool, shape);
}

Result<std::vector<TensorInfo>> shape_select(const RuleContext& c) {
  const DType dtype = first_dtype(c, 1);
  Result<Shape> shape = broadcast_operands(c, 0, 3);
  if (shape) return one_result(dtype, *std::move(shape));
  // TensorFlow's first Select: a vector condition chooses whole rows.
  const Shape& condition = c.in(0);
  const Shape& x = c.in(1);
  if (condition.rank() == 1 && x == c.in(2) && x.rank() > 1 && (condition[0].same_as(x[0]) || !x[0].known()))
    return one_result(dtype, x);
  return shape.error();
}

Result<Work> work_elementwise(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.out_elements(0));
  return work_of(c, elements, element_cost(c));
}

Result<Work> work_variadic(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.out_elements(0));
  const std::size_t operands = data_operand_count(c);
  const OpInfo& info = op_info(c.kind());
  return work_of(
      c, elements,
      {info.element_flops * static_cast<std::uint64_t>(operands > 0 ? operands - 1 : 0), info.element_special});
}

}  // namespace nngauge
