// SPDX-License-Identifier: Apache-2.0
// StridedSlice with TensorFlow's five masks. Bit i of a mask speaks of entry i of begin, end and strides:
//   begin_mask, end_mask   the limit is not given
//   ellipsis_mask          the entry stands for as many whole axes as the others leave over
//   new_axis_mask          the entry makes an axis of extent 1
//   shrink_axis_mask       the entry takes one element, at begin, and drops the axis
// Source: the documentation of tf.strided_slice. Where an entry has several bits: ellipsis, then new axis, then shrink.
#include "graph/ops/axis_range.h"
#include "graph/ops/rule_helpers.h"
#include "graph/ops/slicing.h"

namespace nngauge {
namespace {

// The parts of the specification, entry by entry.
struct Entries {
  std::size_t count = 0;
  std::vector<Dim> begin, end, strides;
};

// A list that is not known is as many unknown numbers.
Result<std::optional<std::vector<Dim>>> list(const RuleContext& c, std::size_t operand, const Ints& attribute) {
  std::optional<std::vector<Dim>> out;
  if (!c.has_input(operand)) {
    if (!attribute.empty()) out.emplace(attribute.begin(), attribute.end());
    return out;
  }
  out = operand_dims(c, operand);
  if (out) return out;
  const auto length = operand_length(c, operand);
  if (!length || *length > kMaxValueElements) return unknown("the number of slice entries is not known");
  out = std::vector<Dim>(*length);
  return out;
}

Result<Entries> entries_of(const RuleContext& c) {
  const auto& attrs = c.attrs<SliceAttrs>();
  NNGAUGE_TRY(const auto begin, list(c, 1, attrs.starts));
  NNGAUGE_TRY(const auto end, list(c, 2, attrs.ends));
  NNGAUGE_TRY(const auto strides, list(c, 3, attrs.steps));
  Entries out;
  if (begin) out.begin = *begin;
  out.count = out.begin.size();
  out.end = end ? *end : std::vector<Dim>(out.count);
  out.strides = strides ? *strides : std::vector<Dim>(out.count, Dim(1));
  if (out.end.size() != out.count || out.strides.size() != out.count) {
    return make_error(ErrorCode::kShapeMismatch, "begin has " + std::to_string(out.count) + " entries, end " +
                                                     std::to_string(out.end.size()) + ", strides " +
                                                     std::to_string(out.strides.size()));
  }
  return out;
}

bool bit(std::int64_t mask, std::size_t i) { return i < 64 && ((static_cast<std::uint64_t>(mask) >> i) & 1) != 0; }

// What the slice does to each input axis, and the axes of the result: an input axis, or nothing for a new one.
struct Plan {
  std::vector<AxisRange> ranges;
  std::vector<std::optional<std::size_t>> result_axes;
};

class Planner {
 public:
  Planner(const RuleContext& c, Entries entries)
      : x_(c.in(0)), attrs_(c.attrs<SliceAttrs>()), entries_(std::move(entries)) {}

  Result<Plan> run() {
    std::size_t consumed = 0;  // entries that take an axis each
    bool seen = false;
    for (std::size_t i = 0; i < entries_.count; ++i) {
      if (bit(attrs_.ellipsis_mask, i)) {
        if (seen) return make_error(ErrorCode::kInvalidAttribute, "a slice has more than one ellipsis");
        seen = true;
      } else if (!bit(attrs_.new_axis_mask, i)) {
        ++consumed;
      }
    }
    if (consumed > x_.rank()) {
      return make_error(ErrorCode::kShapeMismatch, "the slice names " + std::to_string(consumed) +
                                                       " axes of an input of rank " + std::to_string(x_.rank()));
    }
    const std::size_t left_over = x_.rank() - consumed;
    for (std::size_t i = 0; i < entries_.count; ++i) {
      if (bit(attrs_.ellipsis_mask, i)) keep_axes(left_over);
      else if (bit(attrs_.new_axis_mask, i)) plan_.result_axes.emplace_back();
      else NNGAUGE_CHECK(add_entry(i));
    }
    if (!seen) keep_axes(left_over);
    return std::move(plan_);
  }

 private:
  void keep_axes(std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) {
      plan_.result_axes.emplace_back(plan_.ranges.size());
      plan_.ranges.push_back(whole_axis(x_[plan_.ranges.size()]));
    }
  }

  Status add_entry(std::size_t i) {
    const std::size_t axis = plan_.ranges.size();
    const Dim extent = x_[axis];
    const Dim stride = entries_.strides[i];
    if (stride.is(0)) return make_error(ErrorCode::kInvalidAttribute, "a slice has stride 0");
    if (bit(attrs_.shrink_axis_mask, i)) return take_one(axis, extent, entries_.begin[i], stride);
    const std::optional<Dim> begin = bit(attrs_.begin_mask, i) ? std::nullopt : std::optional<Dim>(entries_.begin[i]);
    std::optional<Dim> end = bit(attrs_.end_mask, i) ? std::nullopt : std::optional<Dim>(entries_.end[i]);
    if (end && attrs_.offset) {
      NNGAUGE_TRY(end, add_dims(entries_.begin[i], *end));
    }
    plan_.result_axes.emplace_back(axis);
    plan_.ranges.push_back(stride.known() ? slice_axis(extent, begin, end, stride.value()) : AxisRange{});
    return ok();
  }

  Status take_one(std::size_t axis, Dim extent, Dim begin, Dim stride) {
    if (stride.known() && stride.value() < 0)
      return make_error(ErrorCode::kInvalidAttribute, "a slice takes one element with a negative stride");
    AxisRange range;
    range.count = 1;
    if (begin.known() && extent.known()) {
      const std::int64_t n = extent.value();
      if (begin.value() < -n || begin.value() >= n) {
        return make_error(ErrorCode::kShapeMismatch, "index " + std::to_string(begin.value()) + " of axis " +
                                                         std::to_string(axis) + " is beyond its extent " +
                                                         std::to_string(n));
      }
      range.start = begin.value() < 0 ? begin.value() + n : begin.value();
    }
    plan_.ranges.push_back(range);
    return ok();
  }

  const Shape& x_;
  const SliceAttrs& attrs_;
  Entries entries_;
  Plan plan_;
};

Result<Plan> plan_of(const RuleContext& c) {
  NNGAUGE_TRY(Entries entries, entries_of(c));
  return Planner(c, std::move(entries)).run();
}

}  // namespace

Result<std::vector<TensorInfo>> shape_strided_slice(const RuleContext& c) {
  if (!c.in(0).ranked()) return one_result(c.in_dtype(0), Shape::unknown_rank());
  const auto plan = plan_of(c);
  if (!plan) {
    if (plan.error().code == ErrorCode::kUnknown) return one_result(c.in_dtype(0), Shape::unknown_rank());
    return plan.error();
  }
  std::vector<Dim> dims;
  for (const auto& axis : plan->result_axes) dims.push_back(axis ? plan->ranges[*axis].count : Dim(1));
  return one_result(c.in_dtype(0), Shape(std::move(dims)));
}

std::optional<Value> fold_strided_slice(const RuleContext& c, std::size_t result) {
  const auto x = known_operand(c, 0);
  if (result != 0 || !x) return std::nullopt;
  const auto plan = plan_of(c);
  if (!plan) return std::nullopt;
  return take_ranges(*x, plan->ranges);
}

}  // namespace nngauge
