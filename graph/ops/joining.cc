// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/joining.h"

#include <algorithm>

#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

DType first_dtype(const RuleContext& c) {
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    if (c.in_dtype(i) != DType::kUnknown) return c.in_dtype(i);
  }
  return DType::kUnknown;
}

// The operands that are given, by position.
std::vector<std::size_t> given_operands(const RuleContext& c) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < data_operand_count(c); ++i) {
    if (c.has_input(i)) out.push_back(i);
  }
  return out;
}

// The first operand whose rank is known.
std::optional<std::size_t> first_ranked(const RuleContext& c, const std::vector<std::size_t>& operands) {
  for (const std::size_t i : operands) {
    if (c.in(i).ranked()) return i;
  }
  return std::nullopt;
}

Error disagreement(const RuleContext& c, std::size_t a, std::size_t b) {
  return make_error(ErrorCode::kShapeMismatch, "operand " + std::to_string(a) + " has shape " + c.text(c.in(a)) +
                                                   ", operand " + std::to_string(b) + " " + c.text(c.in(b)));
}

// What all operands agree on, extents of axis `except` aside.
Result<Shape> agreed_shape(const RuleContext& c, const std::vector<std::size_t>& operands, std::size_t model,
                           std::optional<std::size_t> except) {
  Shape out = c.in(model);
  for (const std::size_t i : operands) {
    const Shape& shape = c.in(i);
    if (!shape.ranked()) continue;
    if (shape.rank() != out.rank()) return disagreement(c, i, model);
    for (std::size_t axis = 0; axis < out.rank(); ++axis) {
      if (axis == except) continue;
      const auto merged = merge_dims(out[axis], shape[axis], "");
      if (!merged) return disagreement(c, i, model);
      out[axis] = *merged;
    }
  }
  return out;
}

// The parts that a Split makes of `extent`.
Result<std::vector<Dim>> given_parts(const RuleContext& c, std::vector<Dim> sizes, Dim extent) {
  if (sizes.size() != c.output_count()) {
    return make_error(ErrorCode::kShapeMismatch, std::to_string(sizes.size()) + " sizes are given for " +
                                                     std::to_string(c.output_count()) + " results");
  }
  Dim sum = 0;
  Dim* rest = nullptr;
  for (Dim& size : sizes) {
    if (size.is(-1) && rest == nullptr) {
      rest = &size;
      continue;
    }
    if (size.known() && size.value() < 0)
      return make_error(ErrorCode::kInvalidAttribute, "a part has size " + std::to_string(size.value()));
    if (sum.known() && !size.known()) sum = Dim::unknown();
    else if (sum.known()) {
      NNGAUGE_TRY(sum, add_dims(sum, size));
    }
  }
  const bool fits = !sum.known() || !extent.known() || (rest ? sum.value() <= extent.value() : sum.is(extent.value()));
  if (!fits) {
    return make_error(ErrorCode::kShapeMismatch, "the sizes sum to " + std::to_string(sum.value()) +
                                                     ", the axis has extent " + std::to_string(extent.value()));
  }
  if (rest) *rest = sum.known() && extent.known() ? Dim(extent.value() - sum.value()) : Dim::unknown();
  return sizes;
}

Result<std::vector<Dim>> equal_parts(const RuleContext& c, Dim extent) {
  const std::int64_t stated = c.attrs<SplitAttrs>().count;
  const auto results = static_cast<std::int64_t>(c.output_count());
  const std::int64_t count = stated > 0 ? stated : results;
  if (count < results || count == 0) {
    return make_error(ErrorCode::kShapeMismatch,
                      "splits into " + std::to_string(count) + " parts, has " + std::to_string(results) + " results");
  }
  if (count == 1) return std::vector<Dim>{extent};
  if (!extent.known()) return std::vector<Dim>(c.output_count());
  const std::int64_t part = extent.value() / count + (extent.value() % count != 0 ? 1 : 0);
  if (extent.value() % count != 0 && (stated == 0 || part * (count - 1) >= extent.value())) {
    return make_error(ErrorCode::kShapeMismatch, "extent " + std::to_string(extent.value()) + " cannot be split into " +
                                                     std::to_string(count) + " parts");
  }
  std::vector<Dim> out(c.output_count(), Dim(part));
  if (count == results) out.back() = extent.value() - part * (count - 1);
  return out;
}

Result<std::vector<Dim>> split_parts(const RuleContext& c, Dim extent) {
  const auto& attrs = c.attrs<SplitAttrs>();
  if (c.has_input(1)) {
    auto sizes = operand_dims(c, 1);
    if (!sizes) return std::vector<Dim>(c.output_count());
    return given_parts(c, *std::move(sizes), extent);
  }
  if (attrs.sizes.empty()) return equal_parts(c, extent);
  return given_parts(c, std::vector<Dim>(attrs.sizes.begin(), attrs.sizes.end()), extent);
}

Result<Dim> multiplied(Dim extent, Dim times) {
  if (times.known() && times.value() < 0)
    return make_error(ErrorCode::kInvalidAttribute, "an axis is repeated " + std::to_string(times.value()) + " times");
  return multiply_dims(extent, times);
}

}  // namespace

Result<std::vector<TensorInfo>> shape_concat(const RuleContext& c) {
  const auto operands = given_operands(c);
  const auto model = first_ranked(c, operands);
  if (!model) return one_result(first_dtype(c), Shape::unknown_rank());
  NNGAUGE_TRY(const std::size_t axis, normalise_axis(c.attrs<AxisAttrs>().axis, c.in(*model).rank()));
  NNGAUGE_TRY(Shape shape, agreed_shape(c, operands, *model, axis));
  shape[axis] = 0;
  for (const std::size_t i : operands) {
    NNGAUGE_TRY(shape[axis], add_dims(shape[axis], c.in(i).ranked() ? c.in(i)[axis] : Dim::unknown()));
    if (!shape[axis].known() && operands.size() > 1 && !shape[axis].is_symbol()) break;
  }
  return one_result(first_dtype(c), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_split(const RuleContext& c) {
  const Shape& x = c.in(0);
  if (!x.ranked()) return same_for_all(c, {c.in_dtype(0), x});
  NNGAUGE_TRY(const std::size_t axis, normalise_axis(c.attrs<SplitAttrs>().axis, x.rank()));
  NNGAUGE_TRY(const std::vector<Dim> parts, split_parts(c, x[axis]));
  Infos out = same_for_all(c, {c.in_dtype(0), x});
  for (std::size_t i = 0; i < out.size(); ++i) out[i].shape[axis] = parts[i];
  return out;
}

Result<std::vector<TensorInfo>> shape_tile(const RuleContext& c) {
  Shape shape = c.in(0);
  if (!shape.ranked()) return one_result(c.in_dtype(0), shape);
  if (!c.has_input(1)) {
    const auto& attrs = c.attrs<AxisAttrs>();
    NNGAUGE_TRY(const std::size_t axis, normalise_axis(attrs.axis, shape.rank()));
    NNGAUGE_TRY(shape[axis], multiplied(shape[axis], attrs.count));
    return one_result(c.in_dtype(0), std::move(shape));
  }
  const auto length = operand_length(c, 1);
  if (length && *length != shape.rank()) {
    return make_error(ErrorCode::kShapeMismatch, "repeats has " + std::to_string(*length) +
                                                     " entries, input has rank " + std::to_string(shape.rank()));
  }
  const auto repeats = operand_dims(c, 1);
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    NNGAUGE_TRY(shape[i], multiplied(shape[i], repeats ? (*repeats)[i] : Dim::unknown()));
  }
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_expand(const RuleContext& c) {
  const auto& attrs = c.attrs<ReshapeAttrs>();
  Shape target;
  if (c.has_input(1)) {
    if (auto dims = operand_dims(c, 1)) {
      target = Shape(*std::move(dims));
    } else if (const auto length = operand_length(c, 1); length && *length <= kMaxValueElements) {
      target = Shape::of_rank(*length);
    }
  } else if (attrs.has_shape) {
    target = Shape(std::vector<Dim>(attrs.shape.begin(), attrs.shape.end()));
  } else {
    return unknown("the shape to expand to is not stated");
  }
  for (const Dim dim : target.dims()) {
    if (dim.known() && dim.value() < 0)
      return make_error(ErrorCode::kInvalidAttribute,
                        "the shape to expand to has an extent " + std::to_string(dim.value()));
  }
  NNGAUGE_TRY(Shape shape, broadcast_shapes(c, c.in(0), target));
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_stack(const RuleContext& c) {
  const auto operands = given_operands(c);
  const auto model = first_ranked(c, operands);
  if (!model) return one_result(first_dtype(c), Shape::unknown_rank());
  NNGAUGE_TRY(Shape shape, agreed_shape(c, operands, *model, std::nullopt));
  NNGAUGE_TRY(const std::size_t axis, normalise_axis(c.attrs<AxisAttrs>().axis, shape.rank() + 1));
  shape.dims().insert(shape.dims().begin() + static_cast<std::ptrdiff_t>(axis),
                      static_cast<std::int64_t>(operands.size()));
  return one_result(first_dtype(c), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_unstack(const RuleContext& c) {
  Shape shape = c.in(0);
  if (!shape.ranked()) return same_for_all(c, {c.in_dtype(0), shape});
  NNGAUGE_TRY(const std::size_t axis, normalise_axis(c.attrs<AxisAttrs>().axis, shape.rank()));
  if (shape[axis].known() && !shape[axis].is(static_cast<std::int64_t>(c.output_count()))) {
    return make_error(ErrorCode::kShapeMismatch, "axis " + std::to_string(axis) + " has extent " +
                                                     dim_text(c, shape[axis]) + ", there are " +
                                                     std::to_string(c.output_count()) + " results");
  }
  shape.dims().erase(shape.dims().begin() + static_cast<std::ptrdiff_t>(axis));
  return same_for_all(c, {c.in_dtype(0), shape});
}

}  // namespace nngauge
