// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/reduction.h"

#include <algorithm>

#include "graph/ops/element_values.h"
#include "graph/ops/elementwise.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

// Which axes are reduced. Naming one twice does no harm (TFLite allows it). A scalar has no axes, yet TFLite files name
// axis 0 or -1 of it.
Result<std::vector<bool>> reduced_axes(const Ints& axes, bool all, std::size_t rank) {
  std::vector<bool> out(rank, all);
  for (const std::int64_t axis : axes) {
    if (rank == 0 && (axis == 0 || axis == -1)) continue;
    NNGAUGE_TRY(const std::size_t index, normalise_axis(axis, rank));
    out[index] = true;
  }
  return out;
}

Shape without_axes(const Shape& shape, const std::vector<bool>& reduced, bool keep_dims) {
  std::vector<Dim> dims;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    if (!reduced[i]) dims.push_back(shape[i]);
    else if (keep_dims) dims.push_back(1);
  }
  return Shape(std::move(dims));
}

// The axes that a Reduce names: from the attribute, else from operand 1.
Result<Ints> named_axes(const RuleContext& c) {
  const auto& attrs = c.attrs<AxesAttrs>();
  if (attrs.has_axes) return attrs.axes;
  return ints_of(c, 1, {}, "axes");
}

// Axes that nothing tells: only the rank may be known.
Shape shape_of_unknown_axes(const RuleContext& c) {
  const Shape& x = c.in(0);
  if (!x.ranked()) return x;
  if (c.attrs<AxesAttrs>().keep_dims) return Shape::of_rank(x.rank());
  const auto length = operand_length(c, 1);
  return length && *length > 0 && *length <= x.rank() ? Shape::of_rank(x.rank() - *length) : Shape::unknown_rank();
}

std::uint64_t ceil_log2(std::uint64_t n) {
  std::uint64_t bits = 0;
  while (bits < 64 && (std::uint64_t{1} << bits) < n) ++bits;
  return bits;
}

// The axis of an operator that works along one: operand 1 where it is given, else the attribute.
std::optional<std::int64_t> named_axis(const RuleContext& c) {
  if (data_operand_count(c) > 1 && c.has_input(1)) return operand_int(c, 1);
  return c.attrs<AxisAttrs>().axis;
}

// Extent of the softmax axis, or of all axes from it.
Result<Count> softmax_extent(const RuleContext& c) {
  const Shape& x = c.in(0);
  const auto& attrs = c.attrs<AxisAttrs>();
  if (x.rank() == 0) return Count(1);
  NNGAUGE_TRY(const std::size_t axis, normalise_axis(attrs.axis, x.rank()));
  NNGAUGE_TRY(const Dim extent, product_of(x, axis, attrs.flatten_2d ? x.rank() : axis + 1));
  return c.extent(extent, "the softmax axis");
}

// The function of two operands that a reduction repeats.
std::optional<OpKind> repeated(OpKind kind) {
  switch (kind) {
    case OpKind::kReduceSum:
      return OpKind::kAdd;
    case OpKind::kReduceProd:
      return OpKind::kMul;
    case OpKind::kReduceMax:
      return OpKind::kMaximum;
    case OpKind::kReduceMin:
      return OpKind::kMinimum;
    default:
      return std::nullopt;
  }
}

std::optional<Value> reduce_values(OpKind kind, const KnownTensor& x, const std::vector<bool>& reduced, DType dtype) {
  const std::optional<OpKind> step = repeated(kind);
  if (!step || (x.value->size() == 0 && (kind == OpKind::kReduceMax || kind == OpKind::kReduceMin)))
    return std::nullopt;
  Ints kept = x.extents;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (reduced[i]) kept[i] = 1;
  }
  const std::vector<std::size_t> strides = row_major_strides(kept);
  const std::size_t results = element_count(kept);
  const int start = kind == OpKind::kReduceProd ? 1 : 0;
  Value out;
  out.real = x.value->real;
  if (out.real) out.reals.assign(results, start);
  else out.ints.assign(results, Dim(start));
  std::vector<bool> begun(results, kind == OpKind::kReduceSum || kind == OpKind::kReduceProd);
  std::size_t next = 0;
  for_each_position(x.extents, [&](const Ints& position) {
    std::size_t place = 0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (!reduced[i]) place += strides[i] * static_cast<std::size_t>(position[i]);
    }
    if (out.real) {
      const double element = x.value->reals[next];
      out.reals[place] = begun[place] ? rounded_to(dtype, combine_elements(*step, out.reals[place], element)) : element;
    } else {
      const Dim element = x.value->ints[next];
      out.ints[place] = begun[place] ? fitted_to(dtype, combine_elements(*step, out.ints[place], element)) : element;
    }
    begun[place] = true;
    ++next;
  });
  return out;
}

bool is_noop(const RuleContext& c) {
  const Result<Ints> axes = named_axes(c);
  return c.attrs<AxesAttrs>().noop_with_empty_axes && axes && axes->empty();
}

}  // namespace

Result<std::vector<TensorInfo>> shape_along_axis(const RuleContext& c) {
  const Shape& x = c.in(0);
  const std::optional<std::int64_t> axis = named_axis(c);
  if (x.ranked() && x.rank() > 0 && axis) {
    if (const auto index = normalise_axis(*axis, x.rank()); !index) return index.error();
  }
  return same_for_all(c, {c.in_dtype(0), x});
}

Result<std::vector<TensorInfo>> shape_reduce(const RuleContext& c) {
  const auto& attrs = c.attrs<AxesAttrs>();
  const Shape& x = c.in(0);
  const bool boolean = c.kind() == OpKind::kReduceAny || c.kind() == OpKind::kReduceAll;
  const DType dtype = boolean ? DType::kBool : c.in_dtype(0);
  const Result<Ints> axes = named_axes(c);
  if (!axes) return one_result(dtype, shape_of_unknown_axes(c));
  if (axes->empty() && attrs.noop_with_empty_axes) return one_result(dtype, x);
  if (!x.ranked()) return one_result(dtype, axes->empty() && !attrs.keep_dims ? Shape::scalar() : x);
  NNGAUGE_TRY(const std::vector<bool> reduced, reduced_axes(*axes, axes->empty(), x.rank()));
  return one_result(dtype, without_axes(x, reduced, attrs.keep_dims));
}

Result<std::vector<TensorInfo>> shape_arg_reduce(const RuleContext& c) {
  const auto& attrs = c.attrs<AxisAttrs>();
  const DType dtype = attrs.dtype == DType::kUnknown ? DType::kInt64 : attrs.dtype;
  const Shape& x = c.in(0);
  const std::optional<std::int64_t> axis = named_axis(c);
  if (!x.ranked()) return one_result(dtype, x);
  if (!axis) return one_result(dtype, Shape::of_rank(attrs.keep_dims || x.rank() == 0 ? x.rank() : x.rank() - 1));
  NNGAUGE_TRY(const std::vector<bool> reduced, reduced_axes({*axis}, false, x.rank()));
  return one_result(dtype, without_axes(x, reduced, attrs.keep_dims));
}

Result<std::vector<TensorInfo>> shape_top_k(const RuleContext& c) {
  const auto& attrs = c.attrs<TopKAttrs>();
  Shape shape = c.in(0);
  Dim k = attrs.k > 0 ? Dim(attrs.k) : Dim::unknown();
  if (c.has_input(1)) {
    const auto given = operand_dims(c, 1);
    k = given && given->size() == 1 ? given->front() : Dim::unknown();
  }
  if (k.known() && k.value() < 0) return make_error(ErrorCode::kInvalidAttribute, "k is " + std::to_string(k.value()));
  if (shape.ranked()) {
    NNGAUGE_TRY(const std::size_t axis, normalise_axis(attrs.axis, shape.rank()));
    if (k.known() && shape[axis].known() && k.value() > shape[axis].value()) {
      return make_error(ErrorCode::kShapeMismatch, "k is " + std::to_string(k.value()) + ", axis " +
                                                       std::to_string(axis) + " has extent " +
                                                       dim_text(c, shape[axis]));
    }
    shape[axis] = k;
  }
  return Infos{{c.in_dtype(0), shape}, {DType::kInt64, shape}};
}

Result<std::vector<TensorInfo>> shape_sort(const RuleContext& c) {
  Infos out;
  for (std::size_t i = 0; i < data_operand_count(c); ++i) out.push_back({c.in_dtype(i), c.in(i)});
  return out;
}

Result<std::vector<TensorInfo>> shape_reduce_general(const RuleContext& c) {
  if (!std::holds_alternative<GeneralAttrs>(c.op().attrs)) return unknown("the reduced axes are not known");
  const std::size_t inputs = data_operand_count(c) / 2;
  Infos out;
  for (std::size_t i = 0; i < inputs; ++i) {
    if (!c.in(i).ranked()) {
      out.push_back({c.in_dtype(i), Shape::unknown_rank()});
      continue;
    }
    NNGAUGE_TRY(const std::vector<bool> reduced, reduced_axes(c.attrs<GeneralAttrs>().dims, false, c.in(i).rank()));
    out.push_back({c.in_dtype(i), without_axes(c.in(i), reduced, false)});
  }
  return out;
}

Result<Work> work_softmax(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.in_elements(0));
  const bool log = c.kind() == OpKind::kLogSoftmax;
  const bool hard = c.kind() == OpKind::kHardmax;
  Work work;
  work.flops = Product(c, "flops").times("elements", elements).times("operations", hard ? 1 : (log ? 4 : 3)).value();
  if (hard) return work;
  work.special = Product(c, "special").times("elements", elements).times("functions", log ? 1 : 2).value();
  if (log && elements.value() > 0) {
    NNGAUGE_TRY(const Count extent, softmax_extent(c));
    work.special += Product(c, "special of rows").times("rows", elements / extent).value();
  }
  return work;
}

Result<Work> work_reduce(const RuleContext& c) {
  using K = OpKind;
  NNGAUGE_TRY(const Count elements, c.in_elements(0));
  Work work;
  if (is_noop(c)) return work;
  const K kind = c.kind();
  const std::size_t inputs = kind == K::kReduceGeneral ? std::max<std::size_t>(data_operand_count(c) / 2, 1) : 1;
  const bool twice = kind == K::kReduceL1 || kind == K::kReduceL2 || kind == K::kReduceSumSquare;
  work.flops = Product(c, "flops").times("elements reduced", elements).times("operations", twice ? 2 : inputs).value();
  if (kind == K::kReduceLogSumExp) work.special = Product(c, "special").times("exponentials", elements).value();
  if (kind == K::kReduceMean || kind == K::kReduceL2 || kind == K::kReduceLogSum || kind == K::kReduceLogSumExp) {
    NNGAUGE_TRY(const Count results, c.out_elements(0));
    work.special += Product(c, "special").times("results", results).value();
  }
  return work;
}

Result<Work> work_sort(const RuleContext& c) {
  const Shape& x = c.in(0);
  NNGAUGE_TRY(const Count elements, c.in_elements(0));
  Count most = elements;  // whose logarithm counts
  if (c.kind() == OpKind::kUnique && c.attrs<AxesAttrs>().has_axes && !c.attrs<AxesAttrs>().axes.empty()) {
    NNGAUGE_TRY(most, c.extent(x.at(c.attrs<AxesAttrs>().axes.front()), "the axis"));
  }
  if (c.kind() == OpKind::kTopK) {
    const std::int64_t axis = c.attrs<TopKAttrs>().axis;
    NNGAUGE_TRY(most, c.extent(c.out(0).at(axis), "k"));
    most = std::max<std::uint64_t>(most.value(), 2);
  }
  if (c.kind() == OpKind::kSort) {
    NNGAUGE_TRY(most, c.extent(x.rank() == 0 ? Dim(1) : x.at(c.attrs<AxisAttrs>().axis), "the sorted axis"));
  }
  Work work;
  work.flops = Product(c, "flops").times("elements", elements).times("comparisons", ceil_log2(most.value())).value();
  return work;
}

std::optional<Value> fold_reduce(const RuleContext& c, std::size_t result) {
  const auto x = known_operand(c, 0);
  const Result<Ints> axes = named_axes(c);
  if (result != 0 || !x || !axes) return std::nullopt;
  if (is_noop(c)) return *x->value;
  const auto reduced = reduced_axes(*axes, axes->empty(), x->extents.size());
  if (!reduced || c.output(0) == nullptr) return std::nullopt;
  return reduce_values(c.kind(), *x, *reduced, c.output(0)->dtype);
}

}  // namespace nngauge
