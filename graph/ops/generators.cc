// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/generators.h"

#include <algorithm>
#include <cmath>

#include "graph/ops/axis_range.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

// A shape whose extents an operand's elements are.
Result<Shape> shape_from_operand(const RuleContext& c, std::size_t operand) {
  const auto dims = operand_dims(c, operand);
  if (!dims) {
    const auto length = operand_length(c, operand);
    return length && *length <= kMaxValueElements ? Shape::of_rank(*length) : Shape::unknown_rank();
  }
  for (const Dim dim : *dims) {
    if (dim.known() && dim.value() < 0)
      return make_error(ErrorCode::kInvalidAttribute, "the shape has an extent " + std::to_string(dim.value()));
  }
  return Shape(*dims);
}

bool is_like(const RuleContext& c) {
  return c.attrs<FillAttrs>().like || c.kind() == OpKind::kEyeLike || c.kind() == OpKind::kBernoulli;
}

// The axes that Shape lists.
std::vector<Dim> listed_dims(const RuleContext& c) {
  const auto& attrs = c.attrs<SliceAttrs>();
  const std::vector<Dim>& dims = c.in(0).dims();
  const auto limit = [](const Ints& given) { return given.size() == 1 ? std::optional<Dim>(given[0]) : std::nullopt; };
  const AxisRange range = slice_axis(static_cast<std::int64_t>(dims.size()), limit(attrs.starts), limit(attrs.ends), 1);
  const auto first = dims.begin() + static_cast<std::ptrdiff_t>(*range.start);
  return {first, first + static_cast<std::ptrdiff_t>(range.count.value())};
}

// The only element of an operand as a real number; NaN where it is not known.
double scalar_real(const RuleContext& c, std::size_t i) {
  const Value* value = c.value(i);
  return value != nullptr && value->size() == 1 ? real_at(*value, 0) : std::nan("");
}

std::optional<Dim> scalar_dim(const RuleContext& c, std::size_t i) {
  const auto dims = operand_dims(c, i);
  return dims && dims->size() == 1 ? std::optional(dims->front()) : std::nullopt;
}

Error zero_step() { return make_error(ErrorCode::kInvalidAttribute, "a range has step 0"); }

// Elements of an integer range.
Result<Dim> integer_length(Dim start, Dim limit, Dim delta) {
  if (delta.is(0)) return zero_step();
  if (start.is(0) && delta.is(1) && limit.is_symbol()) return limit;
  if (!start.known() || !limit.known() || !delta.known()) return Dim::unknown();
  std::int64_t distance = 0;
  const bool forward = delta.value() > 0;
  const bool overflows = forward ? __builtin_sub_overflow(limit.value(), start.value(), &distance)
                                 : __builtin_sub_overflow(start.value(), limit.value(), &distance);
  if (overflows) return make_error(ErrorCode::kOverflow, "the length of a range does not fit 64 bits");
  if (distance <= 0) return Dim(0);
  const std::uint64_t step =
      forward ? static_cast<std::uint64_t>(delta.value()) : 0 - static_cast<std::uint64_t>(delta.value());
  return Dim(static_cast<std::int64_t>((static_cast<std::uint64_t>(distance) - 1) / step) + 1);
}

// Elements of a range of real numbers; the difference is rounded as the type rounds it.
Result<Dim> real_length(const RuleContext& c) {
  const double start = scalar_real(c, 0);
  const double limit = scalar_real(c, 1);
  const double delta = scalar_real(c, 2);
  if (delta == 0) return zero_step();
  const double length = std::ceil(rounded_to(c.in_dtype(0), limit - start) / delta);
  if (std::isnan(length)) return Dim::unknown();
  if (length > 9.2e18) return make_error(ErrorCode::kOverflow, "the length of a range does not fit 64 bits");
  return Dim(static_cast<std::int64_t>(std::max(length, 0.0)));
}

}  // namespace

Result<std::vector<TensorInfo>> shape_shape(const RuleContext& c) {
  const DType stated = c.attrs<CastAttrs>().dtype;
  const DType dtype = stated == DType::kUnknown ? DType::kInt64 : stated;
  if (!c.in(0).ranked()) return one_result(dtype, Shape::of_rank(1));
  return one_result(dtype, Shape{static_cast<std::int64_t>(listed_dims(c).size())});
}

Result<std::vector<TensorInfo>> shape_fill(const RuleContext& c) {
  const auto& attrs = c.attrs<FillAttrs>();
  DType dtype = attrs.dtype;
  if (is_like(c)) return one_result(dtype == DType::kUnknown ? c.in_dtype(0) : dtype, c.in(0));
  if (dtype == DType::kUnknown) dtype = c.has_input(1) ? c.in_dtype(1) : DType::kFloat32;
  if (attrs.has_shape) {
    if (std::any_of(attrs.shape.begin(), attrs.shape.end(), [](std::int64_t extent) { return extent < 0; }))
      return make_error(ErrorCode::kInvalidAttribute, "the shape has a negative extent");
    return one_result(dtype, Shape(std::vector<Dim>(attrs.shape.begin(), attrs.shape.end())));
  }
  if (!c.has_input(0)) return unknown("the shape to fill is not stated");
  NNGAUGE_TRY(Shape shape, shape_from_operand(c, 0));
  return one_result(dtype, std::move(shape));
}

Result<std::vector<TensorInfo>> shape_range(const RuleContext& c) {
  if (const auto& attrs = c.attrs<FillAttrs>(); attrs.has_shape) {
    return one_result(attrs.dtype, Shape(std::vector<Dim>(attrs.shape.begin(), attrs.shape.end())));
  }
  const DType dtype = c.in_dtype(0);
  if (is_float(dtype)) {
    NNGAUGE_TRY(const Dim length, real_length(c));
    return one_result(dtype, Shape{length});
  }
  const Dim open = Dim::unknown();
  NNGAUGE_TRY(const Dim length, integer_length(scalar_dim(c, 0).value_or(open), scalar_dim(c, 1).value_or(open),
                                               scalar_dim(c, 2).value_or(open)));
  return one_result(dtype, Shape{length});
}

Result<std::vector<TensorInfo>> shape_one_hot(const RuleContext& c) {
  const auto& attrs = c.attrs<AxisAttrs>();
  const DType dtype = attrs.dtype == DType::kUnknown ? c.in_dtype(2) : attrs.dtype;
  Shape shape = c.in(0);
  if (!shape.ranked()) return one_result(dtype, shape);
  Dim depth = attrs.count > 0 ? Dim(attrs.count) : Dim::unknown();
  if (const double given = scalar_real(c, 1); given >= 0 && given < 9.2e18) depth = static_cast<std::int64_t>(given);
  else if (given < 0) return make_error(ErrorCode::kInvalidAttribute, "the depth is negative");
  else if (const auto open = scalar_dim(c, 1)) depth = *open;
  NNGAUGE_TRY(const std::size_t axis, normalise_axis(attrs.axis, shape.rank() + 1));
  shape.dims().insert(shape.dims().begin() + static_cast<std::ptrdiff_t>(axis), depth);
  return one_result(dtype, std::move(shape));
}

Result<std::vector<TensorInfo>> shape_multinomial(const RuleContext& c) {
  const auto& attrs = c.attrs<AxisAttrs>();
  const DType dtype = attrs.dtype == DType::kUnknown ? DType::kInt64 : attrs.dtype;
  Dim samples = attrs.count > 0 ? Dim(attrs.count) : Dim::unknown();
  if (c.has_input(1)) samples = scalar_dim(c, 1).value_or(Dim::unknown());
  if (samples.known() && samples.value() < 0)
    return make_error(ErrorCode::kInvalidAttribute, "the number of samples is " + std::to_string(samples.value()));
  return one_result(dtype, Shape{c.in(0).at(0), samples});
}

Result<std::vector<TensorInfo>> shape_random_bits(const RuleContext& c) {
  const auto& attrs = c.attrs<FillAttrs>();
  if (!attrs.has_shape) return unknown("the file states the shape of random bits");
  return Infos{{c.in_dtype(0), c.in(0)},
               {attrs.dtype, Shape(std::vector<Dim>(attrs.shape.begin(), attrs.shape.end()))}};
}

Result<std::vector<TensorInfo>> shape_broadcast_args(const RuleContext& c) {
  const auto a = operand_length(c, 0);
  const auto b = operand_length(c, 1);
  if (!a || !b) return one_result(c.in_dtype(0), Shape::of_rank(1));
  if (c.value(0) && c.value(1)) {
    const auto left = operand_dims(c, 0);
    const auto right = operand_dims(c, 1);
    if (left && right) {
      if (const auto shape = broadcast_shapes(c, Shape(*left), Shape(*right)); !shape) return shape.error();
    }
  }
  return one_result(c.in_dtype(0), Shape{static_cast<std::int64_t>(std::max(*a, *b))});
}

Result<std::vector<TensorInfo>> shape_window(const RuleContext& c) {
  const DType stated = c.attrs<FillAttrs>().dtype;
  const Dim size = scalar_dim(c, 0).value_or(Dim::unknown());
  if (size.known() && size.value() < 0)
    return make_error(ErrorCode::kInvalidAttribute, "the window's size is " + std::to_string(size.value()));
  return one_result(stated == DType::kUnknown ? DType::kFloat32 : stated, Shape{size});
}

Result<std::vector<TensorInfo>> shape_mel_weight_matrix(const RuleContext& c) {
  const DType stated = c.attrs<FillAttrs>().dtype;
  const Dim bins = scalar_dim(c, 0).value_or(Dim::unknown());
  Dim length = scalar_dim(c, 1).value_or(Dim::unknown());
  if ((bins.known() && bins.value() < 0) || (length.known() && length.value() < 0))
    return make_error(ErrorCode::kInvalidAttribute, "the number of bins or the DFT length is negative");
  length = length.known() ? Dim(length.value() / 2 + 1) : Dim::unknown();
  return one_result(stated == DType::kUnknown ? DType::kFloat32 : stated, Shape{length, bins});
}

Result<Work> work_random(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.out_elements(c.kind() == OpKind::kRandomBits ? 1 : 0));
  Work work;
  if (c.kind() == OpKind::kWindowFunction) {
    work.flops = Product(c, "flops").times("elements", elements).times("operations", 2).value();
    work.special = Product(c, "special").times("cosines", elements).value();
    return work;
  }
  work.flops = Product(c, "flops").times("random numbers", elements).value();
  work.lower_bound = true;
  work.reason = "what the random generator computes is not counted";
  return work;
}

std::optional<Value> fold_shape(const RuleContext& c, std::size_t result) {
  if (result != 0 || !c.in(0).ranked()) return std::nullopt;
  return Value::of_ints(listed_dims(c));
}

std::optional<Value> fold_size(const RuleContext& c, std::size_t result) {
  if (result != 0 || !c.in(0).ranked()) return std::nullopt;
  const auto elements = product_of(c.in(0).dims());
  if (!elements) return std::nullopt;
  return Value::of_ints({*elements});
}

std::optional<Value> fold_rank(const RuleContext& c, std::size_t result) {
  if (result != 0 || !c.in(0).ranked()) return std::nullopt;
  return Value::of_ints({static_cast<std::int64_t>(c.in(0).rank())});
}

std::optional<Value> fold_fill(const RuleContext& c, std::size_t result) {
  const auto extents = result_extents(c, 0);
  const auto& attrs = c.attrs<FillAttrs>();
  if (result != 0 || !extents || (c.kind() != OpKind::kFill && c.kind() != OpKind::kZerosLike)) return std::nullopt;
  const std::size_t count = element_count(*extents);
  if (c.kind() == OpKind::kFill && c.has_input(1)) {
    const Value* value = c.value(1);
    if (value == nullptr || value->size() != 1) return std::nullopt;
    return pick(*value, std::vector<std::size_t>(count, 0));
  }
  if (c.kind() == OpKind::kFill && !attrs.has_value) return std::nullopt;
  const DType dtype = c.output(0)->dtype;
  const double number = c.kind() == OpKind::kFill ? attrs.value : 0;
  if (is_float(dtype)) return Value::of_reals(std::vector<double>(count, number));
  if ((!is_integer(dtype) && dtype != DType::kBool) || !(std::fabs(number) < 9.2e18)) return std::nullopt;
  return Value::of_ints(std::vector<Dim>(count, Dim(static_cast<std::int64_t>(number))));
}

std::optional<Value> fold_range(const RuleContext& c, std::size_t result) {
  const auto extents = result_extents(c, 0);
  if (result != 0 || !extents || extents->size() != 1) return std::nullopt;
  const std::int64_t count = extents->front();
  Value out;
  if (is_float(c.in_dtype(0))) {
    out.real = true;
    for (std::int64_t i = 0; i < count; ++i)
      out.reals.push_back(rounded_to(c.in_dtype(0), scalar_real(c, 0) + static_cast<double>(i) * scalar_real(c, 2)));
    return out;
  }
  const auto start = operand_int(c, 0);
  const auto delta = operand_int(c, 2);
  if (!start || !delta) return std::nullopt;
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t element = 0;
    if (__builtin_mul_overflow(i, *delta, &element) || __builtin_add_overflow(element, *start, &element))
      return std::nullopt;
    out.ints.emplace_back(element);
  }
  return out;
}

std::optional<Value> fold_broadcast_args(const RuleContext& c, std::size_t result) {
  const auto a = operand_dims(c, 0);
  const auto b = operand_dims(c, 1);
  if (result != 0 || !a || !b) return std::nullopt;
  const auto shape = broadcast_shapes(c, Shape(*a), Shape(*b));
  if (!shape) return std::nullopt;
  return Value::of_ints(shape->dims());
}

}  // namespace nngauge
