// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/gathering.h"

#include "graph/ops/element_values.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

Result<std::size_t> batch_axes(std::int64_t stated, std::size_t most) {
  const std::int64_t count = stated < 0 ? stated + static_cast<std::int64_t>(most) : stated;
  if (count < 0 || count > static_cast<std::int64_t>(most)) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "batch_dims " + std::to_string(stated) + " does not fit indices of rank " + std::to_string(most));
  }
  return static_cast<std::size_t>(count);
}

// Checks that the first `count` extents of data and indices agree.
Status check_batch(const RuleContext& c, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto merged = merge_dims(c.in(0)[i], c.in(1)[i], "batch axis " + std::to_string(i)); !merged)
      return merged.error();
  }
  return ok();
}

// The extents of `from` from axis `first` on, put at the end of `to`.
void append_from(std::vector<Dim>& to, const Shape& from, std::size_t first) {
  to.insert(to.end(), from.dims().begin() + static_cast<std::ptrdiff_t>(first), from.dims().end());
}

// Shape that the updates of a ScatterND must have: indices[:-1] + data[indices[-1]:]; unknown rank where open.
Result<Shape> update_shape(const RuleContext& c, const Shape& data) {
  const Shape& indices = c.in(1);
  if (!data.ranked() || !indices.ranked()) return Shape::unknown_rank();
  if (indices.rank() == 0) return make_error(ErrorCode::kShapeMismatch, "the indices are a scalar");
  const Dim depth = indices.dims().back();
  if (!depth.known()) return Shape::unknown_rank();
  if (depth.value() > static_cast<std::int64_t>(data.rank())) {
    return make_error(ErrorCode::kShapeMismatch, "an index has " + std::to_string(depth.value()) +
                                                     " entries, data has rank " + std::to_string(data.rank()));
  }
  std::vector<Dim> dims(indices.dims().begin(), indices.dims().end() - 1);
  append_from(dims, data, static_cast<std::size_t>(depth.value()));
  return Shape(std::move(dims));
}

bool contradict(const Shape& a, const Shape& b) {
  if (!a.ranked() || !b.ranked()) return false;
  if (a.rank() != b.rank()) return true;
  for (std::size_t i = 0; i < a.rank(); ++i) {
    if (a[i].known() && b[i].known() && a[i].value() != b[i].value()) return true;
  }
  return false;
}

// A shape that an operand's elements state.
Result<Shape> stated_shape(const RuleContext& c, std::size_t operand) {
  const auto dims = operand_dims(c, operand);
  if (!dims) {
    const auto length = operand_length(c, operand);
    return length && *length <= kMaxValueElements ? Shape::of_rank(*length) : Shape::unknown_rank();
  }
  for (const Dim dim : *dims) {
    if (dim.known() && dim.value() < 0)
      return make_error(ErrorCode::kInvalidAttribute, "the stated shape has an extent " + std::to_string(dim.value()));
  }
  return Shape(*dims);
}

}  // namespace

Result<std::vector<TensorInfo>> shape_gather(const RuleContext& c) {
  const auto& attrs = c.attrs<AxisAttrs>();
  const Shape& data = c.in(0);
  const Shape& indices = c.in(1);
  if (!data.ranked() || !indices.ranked()) return one_result(c.in_dtype(0), Shape::unknown_rank());
  NNGAUGE_TRY(const std::size_t axis, normalise_axis(attrs.axis, data.rank()));
  NNGAUGE_TRY(const std::size_t batch, batch_axes(attrs.batch_dims, indices.rank()));
  if (batch > axis) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "batch_dims " + std::to_string(batch) + " reaches over axis " + std::to_string(axis));
  }
  NNGAUGE_CHECK(check_batch(c, batch));
  std::vector<Dim> dims(data.dims().begin(), data.dims().begin() + static_cast<std::ptrdiff_t>(axis));
  append_from(dims, indices, batch);
  append_from(dims, data, axis + 1);
  return one_result(c.in_dtype(0), Shape(std::move(dims)));
}

Result<std::vector<TensorInfo>> shape_gather_elements(const RuleContext& c) {
  const Shape& data = c.in(0);
  const Shape& indices = c.in(1);
  if (data.ranked() && indices.ranked() && data.rank() != indices.rank()) {
    return make_error(ErrorCode::kShapeMismatch, "indices have rank " + std::to_string(indices.rank()) +
                                                     ", data has rank " + std::to_string(data.rank()));
  }
  if (data.ranked()) {
    if (const auto axis = normalise_axis(c.attrs<AxisAttrs>().axis, data.rank()); !axis) return axis.error();
  }
  return one_result(c.in_dtype(0), indices);
}

Result<std::vector<TensorInfo>> shape_gather_nd(const RuleContext& c) {
  const Shape& data = c.in(0);
  const Shape& indices = c.in(1);
  if (!data.ranked() || !indices.ranked()) return one_result(c.in_dtype(0), Shape::unknown_rank());
  if (indices.rank() == 0) return make_error(ErrorCode::kShapeMismatch, "the indices are a scalar");
  NNGAUGE_TRY(const std::size_t batch, batch_axes(c.attrs<AxisAttrs>().batch_dims, indices.rank() - 1));
  const Dim depth = indices.dims().back();
  if (!depth.known()) return one_result(c.in_dtype(0), Shape::unknown_rank());
  if (batch > data.rank() || depth.value() > static_cast<std::int64_t>(data.rank() - batch)) {
    return make_error(ErrorCode::kShapeMismatch, "an index has " + std::to_string(depth.value()) +
                                                     " entries, data has rank " + std::to_string(data.rank()) +
                                                     " with " + std::to_string(batch) + " batch axes");
  }
  NNGAUGE_CHECK(check_batch(c, batch));
  std::vector<Dim> dims(indices.dims().begin(), indices.dims().end() - 1);
  append_from(dims, data, batch + static_cast<std::size_t>(depth.value()));
  return one_result(c.in_dtype(0), Shape(std::move(dims)));
}

Result<std::vector<TensorInfo>> shape_gather_general(const RuleContext& /*c*/) {
  return unknown("the file states the shape of a general gather");
}

Result<std::vector<TensorInfo>> shape_scatter_nd(const RuleContext& c) {
  const bool is_shape = c.has_input(0) && c.op().inputs[0].role == OperandRole::kConfig;
  Shape data = c.in(0);
  if (is_shape) {
    NNGAUGE_TRY(data, stated_shape(c, 0));
  }
  NNGAUGE_TRY(const Shape updates, update_shape(c, data));
  if (contradict(updates, c.in(2))) {
    return make_error(ErrorCode::kShapeMismatch,
                      "updates have shape " + c.text(c.in(2)) + ", indices and data need " + c.text(updates));
  }
  return one_result(c.in_dtype(is_shape ? 2 : 0), std::move(data));
}

Result<std::vector<TensorInfo>> shape_compress(const RuleContext& c) {
  const auto& attrs = c.attrs<AxesAttrs>();
  Dim kept = Dim::unknown();
  if (const auto condition = operand_ints(c, 1)) {
    std::int64_t count = 0;
    for (const std::int64_t element : *condition) count += element != 0 ? 1 : 0;
    kept = count;
  }
  if (!attrs.has_axes || attrs.axes.size() != 1) return one_result(c.in_dtype(0), Shape{kept});
  Shape shape = c.in(0);
  if (shape.ranked()) {
    NNGAUGE_TRY(const std::size_t axis, normalise_axis(attrs.axes.front(), shape.rank()));
    shape[axis] = kept;
  }
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_matrix_diag(const RuleContext& c) {
  Shape shape = c.in(0);
  if (shape.ranked() && shape.rank() == 0)
    return make_error(ErrorCode::kShapeMismatch, "input is a scalar, it has no diagonal axis");
  if (shape.ranked()) shape.dims().push_back(Dim(shape.dims().back()));
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_sparse_to_dense(const RuleContext& c) {
  NNGAUGE_TRY(Shape shape, stated_shape(c, 1));
  return one_result(c.in_dtype(2), std::move(shape));
}

std::optional<Value> fold_gather(const RuleContext& c, std::size_t result) {
  const auto data = known_operand(c, 0);
  const auto indices = known_operand(c, 1);
  const auto& attrs = c.attrs<AxisAttrs>();
  if (result != 0 || !data || !indices || indices->value->real || attrs.batch_dims != 0) return std::nullopt;
  const auto axis = normalise_axis(attrs.axis, data->extents.size());
  if (!axis) return std::nullopt;
  const std::int64_t extent = data->extents[*axis];
  const std::size_t inner = row_major_strides(data->extents)[*axis];
  const std::size_t outer =
      element_count(Ints(data->extents.begin(), data->extents.begin() + static_cast<std::ptrdiff_t>(*axis)));
  if (outer * inner * indices->value->size() > kMaxValueElements) return std::nullopt;
  std::vector<std::size_t> places;
  for (std::size_t block = 0; block < outer; ++block) {
    for (const Dim index : indices->value->ints) {
      if (!index.known() || index.value() < -extent || index.value() >= extent) return std::nullopt;
      const std::int64_t place = index.value() < 0 ? index.value() + extent : index.value();
      const std::size_t first = (block * static_cast<std::size_t>(extent) + static_cast<std::size_t>(place)) * inner;
      for (std::size_t k = 0; k < inner; ++k) places.push_back(first + k);
    }
  }
  return pick(*data->value, places);
}

}  // namespace nngauge
