// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/quantisation.h"

#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

constexpr std::uint64_t kQuantizeFlops = 4, kQuantizeSpecial = 1, kDequantizeFlops = 2;

bool is_parameter(const RuleContext& c, std::size_t i) {
  return c.has_input(i) && c.op().inputs[i].role == OperandRole::kQuant;
}

// Scales of blocks: as x, but along the axis one for each `block` elements, the last of them perhaps fewer.
Status check_blocks(const RuleContext& c, std::size_t axis, std::int64_t block) {
  const Shape& x = c.in(0);
  const Shape& scale = c.in(1);
  NNGAUGE_CHECK(check_rank(c, scale, x.rank(), "scale"));
  for (std::size_t i = 0; i < x.rank(); ++i) {
    if (!x[i].known() || !scale[i].known()) continue;
    const std::int64_t extent = x[i].value();
    const std::int64_t needed = i == axis ? extent / block + (extent % block != 0 ? 1 : 0) : extent;
    if (scale[i].value() == needed) continue;
    return make_error(ErrorCode::kShapeMismatch, "scale " + c.text(scale) + " does not fit blocks of " +
                                                     std::to_string(block) + " along axis " + std::to_string(axis) +
                                                     " of " + c.text(x));
  }
  return ok();
}

// One scale for all, one per extent of the axis, or one per block.
Status check_scale(const RuleContext& c) {
  const auto& attrs = c.attrs<QuantAttrs>();
  if (attrs.block_size < 0) {
    return make_error(ErrorCode::kInvalidAttribute, "block_size is " + std::to_string(attrs.block_size));
  }
  const Shape& x = c.in(0);
  const Shape& scale = c.in(1);
  if (!is_parameter(c, 1) || !x.ranked() || !scale.ranked() || scale.rank() == 0) return ok();
  if (attrs.block_size > 0) {
    NNGAUGE_TRY(const std::size_t axis, normalise_axis(attrs.axis, x.rank()));
    return check_blocks(c, axis, attrs.block_size);
  }
  if (scale.rank() != 1 || !scale[0].known() || scale[0].is(1)) return ok();
  NNGAUGE_TRY(const std::size_t axis, normalise_axis(attrs.axis, x.rank()));
  if (may_equal(x[axis], scale[0])) return ok();
  return make_error(ErrorCode::kShapeMismatch,
                    "scale " + c.text(scale) + " does not fit axis " + std::to_string(axis) + " of " + c.text(x));
}

Result<std::vector<TensorInfo>> with_type_of(const RuleContext& c, std::size_t parameter) {
  NNGAUGE_CHECK(check_scale(c));
  DType dtype = c.attrs<QuantAttrs>().dtype;
  if (dtype == DType::kUnknown && is_parameter(c, parameter)) dtype = c.in_dtype(parameter);
  return results(c, {{dtype, c.in(0)}});
}

Result<Work> per_element(const RuleContext& c, std::uint64_t flops, std::uint64_t special) {
  NNGAUGE_TRY(const Count elements, c.in_elements(0));
  Work work;
  work.flops = Product(c, "flops").times("elements", elements).times("operations", flops).value();
  if (special > 0)
    work.special = Product(c, "special functions").times("elements", elements).times("functions", special).value();
  return work;
}

}  // namespace

Result<std::vector<TensorInfo>> shape_quantize(const RuleContext& c) { return with_type_of(c, 2); }
Result<std::vector<TensorInfo>> shape_dequantize(const RuleContext& c) { return with_type_of(c, 1); }

Result<std::vector<TensorInfo>> shape_dynamic_quantize(const RuleContext& c) {
  return results(c, {{DType::kUInt8, c.in(0)}, {DType::kFloat32, Shape::scalar()}, {DType::kUInt8, Shape::scalar()}});
}

Result<Work> work_quantize(const RuleContext& c) {
  switch (c.kind()) {
    case OpKind::kDequantize:
      return per_element(c, kDequantizeFlops, 0);
    case OpKind::kFakeQuant:
      return per_element(c, kQuantizeFlops + kDequantizeFlops, kQuantizeSpecial);
    default:
      return per_element(c, kQuantizeFlops, kQuantizeSpecial);
  }
}

Result<Work> work_dynamic_quantize(const RuleContext& c) {
  return per_element(c, kQuantizeFlops + 2, kQuantizeSpecial);
}

}  // namespace nngauge
