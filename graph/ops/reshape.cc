// SPDX-License-Identifier: Apache-2.0
// Reshape, Flatten, Squeeze, Unsqueeze.
#include <algorithm>

#include "graph/ops/movement.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

// A product of extents, the open ones kept apart.
struct Factors {
  Dim known = 1;
  std::vector<Dim> open;
};

Result<Factors> factors_of(const std::vector<Dim>& dims) {
  Factors out;
  for (const Dim dim : dims) {
    if (dim.known()) {
      NNGAUGE_TRY(out.known, multiply_dims(out.known, dim));
    } else {
      out.open.push_back(dim);
    }
  }
  return out;
}

// Removes symbols that stand on both sides.
void cancel(Factors& a, Factors& b) {
  for (auto left = a.open.begin(); left != a.open.end();) {
    const auto right = std::find_if(b.open.begin(), b.open.end(), [&](Dim dim) { return dim.same_as(*left); });
    if (right == b.open.end()) {
      ++left;
    } else {
      b.open.erase(right);
      left = a.open.erase(left);
    }
  }
}

Error mismatch(const RuleContext& c, const Shape& from, const Shape& to) {
  return make_error(ErrorCode::kShapeMismatch, "cannot reshape " + c.text(from) + " to " + c.text(to));
}

// The extents of `target` that the input copies (0), and where the only -1 stands.
struct Target {
  std::vector<Dim> dims;
  std::optional<std::size_t> inferred;  // an element that is -1, or not known at all and the only such one
};

Result<Target> resolve(const RuleContext& c, std::vector<Dim> dims, std::size_t first_axis, bool zero_copies) {
  const Shape& x = c.in(0);
  Target out;
  std::size_t minus_ones = 0;
  std::size_t unknowns = 0;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    Dim& dim = dims[i];
    if (dim.is(-1)) {
      ++minus_ones;
      out.inferred = i;
      dim = Dim::unknown();
    } else if (dim.known() && dim.value() < 0) {
      return make_error(ErrorCode::kInvalidAttribute, "the target shape has an extent " + std::to_string(dim.value()));
    } else if (dim.is(0) && zero_copies) {
      const std::size_t axis = first_axis + i;
      if (x.ranked() && axis >= x.rank()) {
        return make_error(ErrorCode::kInvalidAttribute, "the target shape copies axis " + std::to_string(axis) +
                                                            " of an input of rank " + std::to_string(x.rank()));
      }
      dim = x.ranked() ? x[axis] : Dim::unknown();
    } else if (!dim.known() && !dim.is_symbol()) {
      ++unknowns;
      if (minus_ones == 0) out.inferred = i;
    }
  }
  if (minus_ones > 1) return make_error(ErrorCode::kInvalidAttribute, "the target shape has more than one -1");
  if (minus_ones + unknowns > 1) out.inferred.reset();
  out.dims = std::move(dims);
  return out;
}

// Fills in the inferred extent, checks that the elements agree. `replaced` are the input's extents that `target` stands
// for.
Status balance(const RuleContext& c, const std::vector<Dim>& replaced, Target& target) {
  std::vector<Dim> others = target.dims;
  if (target.inferred) others.erase(others.begin() + static_cast<std::ptrdiff_t>(*target.inferred));
  NNGAUGE_TRY(Factors have, factors_of(replaced));
  NNGAUGE_TRY(Factors want, factors_of(others));
  cancel(have, want);
  const Error bad = mismatch(c, Shape(replaced), Shape(target.dims));
  if (!target.inferred) {
    if (have.open.empty() && want.open.empty() && !have.known.same_as(want.known)) return bad;
    return ok();
  }
  Dim& inferred = target.dims[*target.inferred];
  if (!want.open.empty() || !want.known.known()) return ok();
  if (want.known.is(0)) return have.known.is(0) || !have.open.empty() ? ok() : Status(bad);
  if (have.open.empty()) {
    if (have.known.value() % want.known.value() != 0) return bad;
    inferred = have.known.value() / want.known.value();
  } else if (have.open.size() == 1 && have.known.same_as(want.known)) {
    inferred = have.open.front();
  }
  return ok();
}

std::optional<std::vector<Dim>> target_dims(const RuleContext& c) {
  const auto& attrs = c.attrs<ReshapeAttrs>();
  if (c.has_input(1)) return operand_dims(c, 1);
  if (attrs.has_shape) return std::vector<Dim>(attrs.shape.begin(), attrs.shape.end());
  return std::nullopt;
}

// The axes [first, last) of the input that the target replaces.
Result<std::pair<std::size_t, std::size_t>> replaced_range(const ReshapeAttrs& attrs, std::size_t rank) {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  const std::int64_t first = attrs.axis < 0 ? attrs.axis + signed_rank + 1 : attrs.axis;
  if (first < 0 || first > signed_rank || attrs.num_axes < -1 ||
      (attrs.num_axes >= 0 && attrs.num_axes > signed_rank - first)) {
    return make_error(ErrorCode::kInvalidAttribute, "axis " + std::to_string(attrs.axis) + " and num_axes " +
                                                        std::to_string(attrs.num_axes) +
                                                        " do not fit an input of rank " + std::to_string(rank));
  }
  const std::int64_t last = attrs.num_axes < 0 ? signed_rank : first + attrs.num_axes;
  return std::pair(static_cast<std::size_t>(first), static_cast<std::size_t>(last));
}

Shape shape_of_unknown_target(const RuleContext& c) {
  const auto rank = c.has_input(1) ? operand_length(c, 1) : std::nullopt;
  if (!rank || *rank > kMaxValueElements) return Shape::unknown_rank();
  if (*rank != 1) return Shape::of_rank(*rank);
  const Result<Dim> elements = product_of(c.in(0).dims());
  return Shape{c.in(0).ranked() && elements ? *elements : Dim::unknown()};
}

Result<Shape> reshaped(const RuleContext& c) {
  const auto& attrs = c.attrs<ReshapeAttrs>();
  const Shape& x = c.in(0);
  const auto dims = target_dims(c);
  if (!dims) return shape_of_unknown_target(c);
  const bool partial = attrs.axis != 0 || attrs.num_axes != -1;
  if (!x.ranked()) {
    if (partial) return Shape::unknown_rank();
    NNGAUGE_TRY(const Target target, resolve(c, *dims, 0, attrs.zero_copies));
    return Shape(target.dims);
  }
  // Old TFLite files write the shape of a scalar as [0].
  if (!attrs.zero_copies && dims->size() == 1 && dims->front().is(0) && x.elements() == Count(1))
    return Shape::scalar();
  NNGAUGE_TRY(const auto range, replaced_range(attrs, x.rank()));
  const auto begin = x.dims().begin();
  const auto first = begin + static_cast<std::ptrdiff_t>(range.first);
  const auto last = begin + static_cast<std::ptrdiff_t>(range.second);
  NNGAUGE_TRY(Target target, resolve(c, *dims, range.first, attrs.zero_copies));
  NNGAUGE_CHECK(balance(c, std::vector<Dim>(first, last), target));
  std::vector<Dim> out(begin, first);
  out.insert(out.end(), target.dims.begin(), target.dims.end());
  out.insert(out.end(), last, x.dims().end());
  return Shape(std::move(out));
}

// The axes that Squeeze and Unsqueeze name.
Result<Ints> named_axes(const RuleContext& c) {
  const auto& attrs = c.attrs<AxesAttrs>();
  if (attrs.has_axes) return attrs.axes;
  return ints_of(c, 1, attrs.axes, "axes");
}

// Removes all axes of extent 1; which those are must be known.
Shape squeeze_all(const Shape& x) {
  std::vector<Dim> dims;
  for (const Dim dim : x.dims()) {
    if (!dim.known()) return Shape::unknown_rank();
    if (!dim.is(1)) dims.push_back(dim);
  }
  return Shape(std::move(dims));
}

}  // namespace

Result<std::vector<TensorInfo>> shape_reshape(const RuleContext& c) {
  NNGAUGE_TRY(Shape shape, reshaped(c));
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_flatten(const RuleContext& c) {
  const Shape& x = c.in(0);
  if (!x.ranked()) return one_result(c.in_dtype(0), Shape::of_rank(2));
  std::size_t axis = x.rank();  // allowed too: all axes stand before it
  if (c.attrs<AxisAttrs>().axis != static_cast<std::int64_t>(x.rank())) {
    NNGAUGE_TRY(axis, normalise_axis(c.attrs<AxisAttrs>().axis, x.rank()));
  }
  NNGAUGE_TRY(const Dim before, product_of(x, 0, axis));
  NNGAUGE_TRY(const Dim from, product_of(x, axis, x.rank()));
  return one_result(c.in_dtype(0), Shape{before, from});
}

Result<std::vector<TensorInfo>> shape_squeeze(const RuleContext& c) {
  const Shape& x = c.in(0);
  const Result<Ints> axes = named_axes(c);
  if (!axes || !x.ranked()) {
    const auto count = axes ? std::optional(axes->size()) : operand_length(c, 1);
    const bool known = x.ranked() && count && *count > 0 && *count <= x.rank();
    return one_result(c.in_dtype(0), known ? Shape::of_rank(x.rank() - *count) : Shape::unknown_rank());
  }
  if (axes->empty()) return one_result(c.in_dtype(0), squeeze_all(x));
  NNGAUGE_TRY(const auto indices, normalise_axes(*axes, x.rank()));
  std::vector<bool> removed(x.rank(), false);
  for (const std::size_t index : indices) {
    removed[index] = true;
    if (x[index].known() && !x[index].is(1)) {
      return make_error(ErrorCode::kShapeMismatch, "axis " + std::to_string(index) +
                                                       " cannot be squeezed: its extent is " + dim_text(c, x[index]));
    }
  }
  std::vector<Dim> dims;
  for (std::size_t i = 0; i < x.rank(); ++i) {
    if (!removed[i]) dims.push_back(x[i]);
  }
  return one_result(c.in_dtype(0), Shape(std::move(dims)));
}

Result<std::vector<TensorInfo>> shape_unsqueeze(const RuleContext& c) {
  const Shape& x = c.in(0);
  const Result<Ints> axes = named_axes(c);
  if (!x.ranked()) return one_result(c.in_dtype(0), Shape::unknown_rank());
  if (!axes) {
    const auto count = operand_length(c, 1);
    const bool known = count && *count <= kMaxValueElements;
    return one_result(c.in_dtype(0), known ? Shape::of_rank(x.rank() + *count) : Shape::unknown_rank());
  }
  const std::size_t rank = x.rank() + axes->size();
  NNGAUGE_TRY(const auto indices, normalise_axes(*axes, rank));
  std::vector<bool> added(rank, false);
  for (const std::size_t index : indices) added[index] = true;
  std::vector<Dim> dims;
  std::size_t next = 0;
  for (std::size_t i = 0; i < rank; ++i) dims.push_back(added[i] ? Dim(1) : x[next++]);
  return one_result(c.in_dtype(0), Shape(std::move(dims)));
}

}  // namespace nngauge
