// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/tables.h"

#include <algorithm>

#include "graph/ops/element_values.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

// `first`, then the axes of x from `from` on.
Shape rows_of(std::vector<Dim> first, const Shape& x, std::size_t from) {
  if (!x.ranked()) return Shape::unknown_rank();
  for (std::size_t i = from; i < x.rank(); ++i) first.push_back(x[i]);
  return Shape(std::move(first));
}

}  // namespace

Result<std::vector<TensorInfo>> shape_embedding_lookup(const RuleContext& c) {
  const Shape& table = c.in(1);
  if (table.ranked() && table.rank() == 0) return make_error(ErrorCode::kShapeMismatch, "the table is a scalar");
  if (!c.in(0).ranked()) return one_result(c.in_dtype(1), Shape::unknown_rank());
  return one_result(c.in_dtype(1), rows_of(c.in(0).dims(), table, 1));
}

Result<std::vector<TensorInfo>> shape_unique(const RuleContext& c) {
  const auto& attrs = c.attrs<AxesAttrs>();
  const Shape& x = c.in(0);
  Shape values{Dim::unknown()};
  Dim searched = Dim::unknown();
  if (attrs.has_axes && attrs.axes.size() == 1) {
    values = x;
    if (x.ranked()) {
      NNGAUGE_TRY(const std::size_t axis, normalise_axis(attrs.axes.front(), x.rank()));
      searched = x[axis];
      values[axis] = Dim::unknown();
    }
  } else if (x.ranked()) {
    NNGAUGE_TRY(searched, product_of(x.dims()));
  }
  const TensorInfo places{DType::kInt64, Shape{Dim::unknown()}};
  const TensorInfo inverse{DType::kInt64, Shape{searched}};
  if (!std::holds_alternative<AxesAttrs>(c.op().attrs)) return Infos{{c.in_dtype(0), values}, inverse};
  return Infos{{c.in_dtype(0), values}, places, inverse, places};
}

Result<std::vector<TensorInfo>> shape_non_zero(const RuleContext& c) {
  const Dim rank = c.in(0).ranked() ? Dim(static_cast<std::int64_t>(c.in(0).rank())) : Dim::unknown();
  Dim count = Dim::unknown();
  if (const Value* x = c.value(0)) {
    std::int64_t found = 0;
    bool certain = true;
    for (std::size_t i = 0; i < x->size(); ++i) {
      const double element = real_at(*x, i);
      certain = certain && element == element;
      found += element != 0 ? 1 : 0;
    }
    if (certain) count = found;
  }
  const bool rows = c.attrs<AxisAttrs>().axis == 1;
  return one_result(DType::kInt64, rows ? Shape{count, rank} : Shape{rank, count});
}

Result<std::vector<TensorInfo>> shape_segment_sum(const RuleContext& c) {
  Dim segments = Dim::unknown();
  if (const auto ids = operand_ints(c, 1); ids && !ids->empty()) {
    const std::int64_t last = *std::max_element(ids->begin(), ids->end());
    if (last < 0) return make_error(ErrorCode::kInvalidAttribute, "a segment id is " + std::to_string(last));
    NNGAUGE_TRY(segments, add_dims(last, 1));
  }
  return one_result(c.in_dtype(0), rows_of({segments}, c.in(0), 1));
}

Result<std::vector<TensorInfo>> shape_unsorted_segment(const RuleContext& c) {
  const Shape& ids = c.in(1);
  if (!ids.ranked() || !c.in(0).ranked()) return one_result(c.in_dtype(0), Shape::unknown_rank());
  if (ids.rank() > c.in(0).rank()) {
    return make_error(ErrorCode::kShapeMismatch, "segment ids have rank " + std::to_string(ids.rank()) +
                                                     ", input has rank " + std::to_string(c.in(0).rank()));
  }
  const auto segments = operand_dims(c, 2);
  const Dim count = segments && segments->size() == 1 ? segments->front() : Dim::unknown();
  if (count.known() && count.value() < 0)
    return make_error(ErrorCode::kInvalidAttribute, "the number of segments is " + std::to_string(count.value()));
  return one_result(c.in_dtype(0), rows_of({count}, c.in(0), ids.rank()));
}

Result<std::vector<TensorInfo>> shape_hashtable(const RuleContext& /*c*/) {
  return one_result(DType::kResource, Shape{1});
}

Result<std::vector<TensorInfo>> shape_hashtable_find(const RuleContext& c) {
  return one_result(c.in_dtype(2), c.in(1));
}

Result<std::vector<TensorInfo>> shape_hashtable_lookup(const RuleContext& c) {
  const Dim rows = c.in(0).at(0);
  return Infos{{c.in_dtype(2), rows_of({rows}, c.in(2), 1)}, {DType::kUInt8, Shape{rows}}};
}

Result<std::vector<TensorInfo>> shape_lsh_projection(const RuleContext& /*c*/) {
  return one_result(DType::kInt32, Shape::of_rank(1));  // one per function or per bit, as the projection's type says
}

Result<std::vector<TensorInfo>> shape_var_handle(const RuleContext& /*c*/) {
  return one_result(DType::kResource, Shape::scalar());
}

Result<Work> work_embedding_lookup(const RuleContext& c) {
  Work work;
  if (data_operand_count(c) < 3 || !c.has_input(2)) return work;
  NNGAUGE_TRY(const Count elements, c.out_elements(0));
  work.flops = Product(c, "flops").times("bias additions", elements).value();
  return work;
}

Result<Work> work_bucketize(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.in_elements(0));
  const std::int64_t stated = c.attrs<AxisAttrs>().count;
  const auto given = c.has_input(1) ? operand_length(c, 1)
                                    : std::optional(static_cast<std::size_t>(std::max<std::int64_t>(stated, 0)));
  if (!given || *given == 0) return unknown("the number of boundaries is not known");
  std::uint64_t comparisons = 0;
  while (comparisons < 64 && (std::uint64_t{1} << comparisons) < *given + 1) ++comparisons;
  Work work;
  work.flops = Product(c, "flops").times("elements", elements).times("comparisons", comparisons).value();
  return work;
}

}  // namespace nngauge
