// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/slicing.h"

#include "graph/ops/axis_range.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

// A list of numbers that a slice or pad is given: how many is known before what they are.
std::optional<std::vector<Dim>> numbers(const RuleContext& c, std::size_t operand, const Ints& attribute) {
  if (!c.has_input(operand)) return std::vector<Dim>(attribute.begin(), attribute.end());
  if (auto dims = operand_dims(c, operand)) return dims;
  const auto length = operand_length(c, operand);
  if (!length || *length > kMaxValueElements) return std::nullopt;
  return std::vector<Dim>(*length);
}

Error wrong_count(const std::string& what, std::size_t count, const std::string& whose, std::size_t needed) {
  return make_error(ErrorCode::kShapeMismatch,
                    what + " has " + std::to_string(count) + " entries, " + whose + " needs " + std::to_string(needed));
}

// The axes that a list of limits speaks of: those named, else the first ones. Errors: kUnknown, kInvalidAttribute.
Result<std::vector<std::size_t>> sliced_axes(const RuleContext& c, std::size_t operand, const Ints& attribute,
                                             std::size_t count) {
  const std::size_t rank = c.in(0).rank();
  NNGAUGE_TRY(Ints axes, ints_of(c, operand, attribute, "axes"));
  if (axes.empty()) {
    for (std::size_t i = 0; i < count; ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  if (axes.size() != count) return wrong_count("axes", axes.size(), "the list of limits", count);
  return normalise_axes(axes, rank);
}

std::vector<AxisRange> whole(const Shape& shape) {
  std::vector<AxisRange> out;
  for (const Dim dim : shape.dims()) out.push_back(whole_axis(dim));
  return out;
}

// ONNX Slice. Requires a ranked input. Errors: kUnknown where not even the axes are known.
Result<std::vector<AxisRange>> onnx_ranges(const RuleContext& c) {
  const auto& attrs = c.attrs<SliceAttrs>();
  const auto starts = numbers(c, 1, attrs.starts);
  const auto ends = numbers(c, 2, attrs.ends);
  if (!starts || !ends) return unknown("the number of sliced axes is not known");
  if (starts->size() != ends->size()) return wrong_count("starts", starts->size(), "ends", ends->size());
  NNGAUGE_TRY(const auto axes, sliced_axes(c, 3, attrs.axes, starts->size()));
  const auto steps = numbers(c, 4, attrs.steps);
  if (steps && !steps->empty() && steps->size() != starts->size())
    return wrong_count("steps", steps->size(), "starts", starts->size());
  std::vector<AxisRange> out = whole(c.in(0));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const Dim step = !steps ? Dim::unknown() : (steps->empty() ? Dim(1) : (*steps)[i]);
    if (step.is(0)) return make_error(ErrorCode::kInvalidAttribute, "a slice has step 0");
    out[axes[i]] = step.known()
                       ? slice_axis(c.in(0)[axes[i]], (*starts)[i], (*ends)[i], step.value(), EarlyStart::kTakesFirst)
                       : AxisRange{};
  }
  return out;
}

Error beyond(std::size_t axis, const std::string& what, Dim extent) {
  return make_error(ErrorCode::kShapeMismatch,
                    what + " the extent " + std::to_string(extent.value()) + " of axis " + std::to_string(axis));
}

// One axis of Slice with begin and size.
Result<AxisRange> sized_range(std::size_t axis, Dim extent, Dim begin, Dim size) {
  AxisRange out;
  if (begin.known()) out.start = begin.value();
  if ((begin.known() && begin.value() < 0) || (size.known() && size.value() < -1)) {
    return make_error(ErrorCode::kInvalidAttribute, "a slice has a negative begin or size");
  }
  out.count = size;
  if (size.is(-1)) {
    out.count = begin.is(0) ? extent : Dim::unknown();
    if (extent.known() && begin.known()) {
      if (begin.value() > extent.value())
        return beyond(axis, "begin " + std::to_string(begin.value()) + " exceeds", extent);
      out.count = extent.value() - begin.value();
    }
  } else if (extent.known() && begin.known() && size.known() && size.value() > extent.value() - begin.value()) {
    return beyond(axis,
                  "begin " + std::to_string(begin.value()) + " and size " + std::to_string(size.value()) + " exceed",
                  extent);
  }
  return out;
}

Result<std::vector<AxisRange>> sized_ranges(const RuleContext& c) {
  const auto& attrs = c.attrs<SliceAttrs>();
  const std::size_t rank = c.in(0).rank();
  const auto begins = numbers(c, 1, attrs.starts);
  const auto sizes = numbers(c, 2, attrs.ends);
  if (begins && begins->size() != rank) return wrong_count("begin", begins->size(), "the input's rank", rank);
  if (sizes && sizes->size() != rank) return wrong_count("size", sizes->size(), "the input's rank", rank);
  std::vector<AxisRange> out;
  for (std::size_t i = 0; i < rank; ++i) {
    const Dim begin = begins ? (*begins)[i] : Dim::unknown();
    const Dim size = sizes ? (*sizes)[i] : Dim::unknown();
    // A size that is not known may be -1: then it says nothing.
    NNGAUGE_TRY(const AxisRange range, sized_range(i, c.in(0)[i], begin, size));
    out.push_back(range);
  }
  return out;
}

Result<std::vector<AxisRange>> ranges_of(const RuleContext& c) {
  return c.attrs<SliceAttrs>().onnx_form ? onnx_ranges(c) : sized_ranges(c);
}

// --- padding ---

// Begins and ends per padded axis, as pairs.
struct AxisPads {
  Dim begin, end;
};

Result<std::vector<AxisPads>> axis_pads(const RuleContext& c, std::size_t axes) {
  const auto& attrs = c.attrs<PadAttrs>();
  const bool stated = !attrs.pads.empty() || !c.has_input(1);
  const auto pads = stated ? std::vector<Dim>(attrs.pads.begin(), attrs.pads.end()) : numbers(c, 1, {});
  std::vector<AxisPads> out(axes);
  if (!pads) return out;
  if (pads->size() != 2 * axes) return wrong_count("pads", pads->size(), "the number of axes", 2 * axes);
  const bool pairs = attrs.pairs && !stated;
  for (std::size_t i = 0; i < axes; ++i) {
    out[i] = pairs ? AxisPads{(*pads)[2 * i], (*pads)[2 * i + 1]} : AxisPads{(*pads)[i], (*pads)[axes + i]};
  }
  return out;
}

// The axes that are padded: all, or those that operand 3 names.
Result<std::vector<std::size_t>> padded_axes(const RuleContext& c) {
  const std::size_t rank = c.in(0).rank();
  if (c.has_input(3)) {
    NNGAUGE_TRY(const Ints axes, ints_of(c, 3, {}, "axes"));
    return normalise_axes(axes, rank);
  }
  std::vector<std::size_t> all(rank);
  for (std::size_t i = 0; i < rank; ++i) all[i] = i;
  return all;
}

}  // namespace

Result<std::vector<TensorInfo>> shape_slice(const RuleContext& c) {
  const Shape& x = c.in(0);
  const auto& attrs = c.attrs<SliceAttrs>();
  if (!x.ranked()) {
    // Begin and size have one entry per axis.
    const auto sizes = attrs.onnx_form ? std::nullopt : numbers(c, 2, attrs.ends);
    return one_result(c.in_dtype(0), sizes ? Shape::of_rank(sizes->size()) : Shape::unknown_rank());
  }
  const auto ranges = ranges_of(c);
  if (!ranges) {
    if (ranges.error().code == ErrorCode::kUnknown) return one_result(c.in_dtype(0), Shape::of_rank(x.rank()));
    return ranges.error();
  }
  Shape shape = x;
  for (std::size_t i = 0; i < shape.rank(); ++i) shape[i] = (*ranges)[i].count;
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_dynamic_slice(const RuleContext& c) {
  const Ints& sizes = c.attrs<GeneralAttrs>().dims;
  const Shape& x = c.in(0);
  if (sizes.empty() && x.rank() != 0) return unknown("the sizes of the slice are not known");
  if (x.ranked() && x.rank() != sizes.size()) return wrong_count("sizes", sizes.size(), "the input's rank", x.rank());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const Dim extent = x.ranked() ? x[i] : Dim::unknown();
    if (sizes[i] < 0 || (extent.known() && sizes[i] > extent.value())) {
      return make_error(ErrorCode::kShapeMismatch, "size " + std::to_string(sizes[i]) + " does not fit extent " +
                                                       dim_text(c, extent) + " of axis " + std::to_string(i));
    }
  }
  return one_result(c.in_dtype(0), Shape(std::vector<Dim>(sizes.begin(), sizes.end())));
}

Result<std::vector<TensorInfo>> shape_pad(const RuleContext& c) {
  Shape shape = c.in(0);
  if (!shape.ranked()) {
    const auto length = c.has_input(3) ? std::nullopt : operand_length(c, 1);
    const bool known = length && *length % 2 == 0 && *length <= kMaxValueElements;
    return one_result(c.in_dtype(0), known ? Shape::of_rank(*length / 2) : shape);
  }
  const auto axes = padded_axes(c);
  if (!axes) {
    if (axes.error().code == ErrorCode::kUnknown) return one_result(c.in_dtype(0), Shape::of_rank(shape.rank()));
    return axes.error();
  }
  NNGAUGE_TRY(const auto pads, axis_pads(c, axes->size()));
  for (std::size_t i = 0; i < axes->size(); ++i) {
    Dim& extent = shape[(*axes)[i]];
    NNGAUGE_TRY(const Dim both, add_dims(pads[i].begin, pads[i].end));
    NNGAUGE_TRY(extent, add_dims(extent, both));
    if (extent.known() && extent.value() < 0) {
      return make_error(ErrorCode::kShapeMismatch,
                        "negative pads take more than the extent of axis " + std::to_string((*axes)[i]));
    }
  }
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_center_crop_pad(const RuleContext& c) {
  Shape shape = c.in(0);
  if (!shape.ranked()) return one_result(c.in_dtype(0), shape);
  const auto target = numbers(c, 1, {});
  if (!target) return one_result(c.in_dtype(0), Shape::of_rank(shape.rank()));
  NNGAUGE_TRY(const auto axes, sliced_axes(c, 2, c.attrs<AxesAttrs>().axes, target->size()));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if ((*target)[i].known() && (*target)[i].value() < 0)
      return make_error(ErrorCode::kInvalidAttribute,
                        "the shape has an extent " + std::to_string((*target)[i].value()));
    shape[axes[i]] = (*target)[i];
  }
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_dilate(const RuleContext& c) {
  Shape shape = c.in(0);
  if (!shape.ranked()) return one_result(c.in_dtype(0), shape);
  const auto dilations = numbers(c, 1, {});
  if (dilations && dilations->size() != shape.rank())
    return wrong_count("dilations", dilations->size(), "the input's rank", shape.rank());
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    const Dim dilation = dilations ? (*dilations)[i] : Dim::unknown();
    if (dilation.known() && dilation.value() < 1)
      return make_error(ErrorCode::kInvalidAttribute, "a dilation is " + std::to_string(dilation.value()));
    if (shape[i].is(0) || shape[i].is(1) || dilation.is(1)) continue;
    NNGAUGE_TRY(const Dim gaps, add_dims(shape[i], -1));
    NNGAUGE_TRY(const Dim spread, multiply_dims(gaps, dilation));
    NNGAUGE_TRY(shape[i], add_dims(spread, 1));
  }
  return one_result(c.in_dtype(0), std::move(shape));
}

std::optional<Value> fold_slice(const RuleContext& c, std::size_t result) {
  const auto x = known_operand(c, 0);
  if (result != 0 || !x) return std::nullopt;
  const auto ranges = ranges_of(c);
  if (!ranges) return std::nullopt;
  return take_ranges(*x, *ranges);
}

}  // namespace nngauge
