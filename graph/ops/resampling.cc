// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/resampling.h"

#include <algorithm>
#include <cmath>

#include "graph/ops/element_values.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

// The operand that holds sizes: the integer one among 1 and 3 that has elements.
std::optional<std::size_t> sizes_operand(const RuleContext& c) {
  for (const std::size_t i : {std::size_t{3}, std::size_t{1}}) {
    const bool integers = is_integer(c.in_dtype(i)) || (c.value(i) != nullptr && !c.value(i)->real);
    if (c.has_input(i) && integers && operand_length(c, i) != std::size_t{0}) return i;
  }
  return std::nullopt;
}

// The axes that a list of `count` sizes or scales speaks of.
Result<std::vector<std::size_t>> resized_axes(const RuleContext& c, std::size_t count) {
  const auto& attrs = c.attrs<ResizeAttrs>();
  const std::size_t rank = c.in(0).rank();
  std::vector<std::size_t> out;
  if (!attrs.axes.empty()) {
    NNGAUGE_TRY(out, normalise_axes(attrs.axes, rank));
  } else if (rank > 2 && (attrs.spatial_sizes || count + 2 == rank)) {
    const std::size_t first = attrs.layout == DataLayout::kChannelsFirst ? 2 : 1;
    for (std::size_t i = 0; i + 2 < rank; ++i) out.push_back(first + i);
  } else {
    for (std::size_t i = 0; i < rank; ++i) out.push_back(i);
  }
  if (out.size() != count) {
    return make_error(ErrorCode::kShapeMismatch,
                      std::to_string(count) + " sizes or scales are given for " + std::to_string(out.size()) + " axes");
  }
  return out;
}

// floor(extent x scale) as runtimes compute it.
Result<Dim> scaled(Dim extent, double scale) {
  if (std::isnan(scale)) return Dim::unknown();
  if (!(scale > 0)) return make_error(ErrorCode::kInvalidAttribute, "a scale is not positive");
  if (scale == 1.0) return extent;
  if (!extent.known()) return Dim::unknown();
  const float product = std::floor(static_cast<float>(extent.value()) * static_cast<float>(scale));
  if (!(product < 9.2e18F)) return make_error(ErrorCode::kOverflow, "a scaled extent does not fit 64 bits");
  return Dim(static_cast<std::int64_t>(product));
}

Result<Shape> shape_by_scales(const RuleContext& c, const std::vector<double>& scales) {
  Shape shape = c.in(0);
  NNGAUGE_TRY(const auto axes, resized_axes(c, scales.size()));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    NNGAUGE_TRY(shape[axes[i]], scaled(shape[axes[i]], scales[i]));
  }
  return shape;
}

// ONNX keep_aspect_ratio_policy: one scale for all axes, the smallest or largest that the sizes ask for, halves up.
void keep_aspect(const Shape& x, const std::vector<std::size_t>& axes, std::vector<Dim>& sizes, bool larger) {
  double scale = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const Dim extent = x[axes[i]];
    if (!extent.known() || extent.value() == 0 || !sizes[i].known()) {
      std::fill(sizes.begin(), sizes.end(), Dim::unknown());
      return;
    }
    const double ratio = static_cast<double>(sizes[i].value()) / static_cast<double>(extent.value());
    scale = i == 0 ? ratio : (larger ? std::max(scale, ratio) : std::min(scale, ratio));
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const double size = std::floor(scale * static_cast<double>(x[axes[i]].value()) + 0.5);
    sizes[i] = size < 9.2e18 ? Dim(static_cast<std::int64_t>(size)) : Dim::unknown();
  }
}

Result<Shape> shape_by_sizes(const RuleContext& c, std::vector<Dim> sizes) {
  const auto& attrs = c.attrs<ResizeAttrs>();
  Shape shape = c.in(0);
  NNGAUGE_TRY(const auto axes, resized_axes(c, sizes.size()));
  for (const Dim size : sizes) {
    if (size.known() && size.value() < 0)
      return make_error(ErrorCode::kInvalidAttribute, "a size is " + std::to_string(size.value()));
  }
  if (attrs.aspect_policy == "not_larger" || attrs.aspect_policy == "not_smaller")
    keep_aspect(shape, axes, sizes, attrs.aspect_policy == "not_smaller");
  for (std::size_t i = 0; i < axes.size(); ++i) shape[axes[i]] = sizes[i];
  return shape;
}

std::vector<double> as_reals(const Value& value) {
  std::vector<double> out;
  for (std::size_t i = 0; i < value.size(); ++i) out.push_back(real_at(value, i));
  return out;
}

// Sizes or scales that are not known yet: the axes that they do not speak of stay.
Result<Shape> shape_of_unknown(const RuleContext& c, std::size_t operand) {
  Shape shape = c.in(0);
  const auto length = operand_length(c, operand);
  if (!length && c.attrs<ResizeAttrs>().axes.empty()) return Shape::of_rank(shape.rank());
  NNGAUGE_TRY(const auto axes, resized_axes(c, length ? *length : c.attrs<ResizeAttrs>().axes.size()));
  for (const std::size_t axis : axes) shape[axis] = Dim::unknown();
  return shape;
}

Result<Shape> resized(const RuleContext& c) {
  const auto& attrs = c.attrs<ResizeAttrs>();
  if (!c.in(0).ranked()) return Shape::unknown_rank();
  if (const auto operand = sizes_operand(c)) {
    auto sizes = operand_dims(c, *operand);
    return sizes ? shape_by_sizes(c, *std::move(sizes)) : shape_of_unknown(c, *operand);
  }
  if (c.has_input(2) && operand_length(c, 2) != std::size_t{0}) {
    return c.value(2) ? shape_by_scales(c, as_reals(*c.value(2))) : shape_of_unknown(c, 2);
  }
  if (!attrs.sizes.empty()) return shape_by_sizes(c, std::vector<Dim>(attrs.sizes.begin(), attrs.sizes.end()));
  if (!attrs.scales.empty()) return shape_by_scales(c, attrs.scales);
  return unknown("neither sizes nor scales are stated");
}

// Operations that weigh the neighbours of one sampled element over d axes.
std::uint64_t neighbour_flops(ResizeMode mode, std::size_t d) {
  if (mode == ResizeMode::kNearest || d == 0) return 0;
  const std::size_t bits = std::min<std::size_t>(mode == ResizeMode::kCubic ? 2 * d : d, 60);
  return 2 * (std::uint64_t{1} << bits) - 1;
}

ResizeMode mode_of(const RuleContext& c) {
  switch (c.kind()) {
    case OpKind::kResizeNearest:
      return ResizeMode::kNearest;
    case OpKind::kResizeBilinear:
      return ResizeMode::kLinear;
    case OpKind::kResizeCubic:
      return ResizeMode::kCubic;
    default:
      break;
  }
  return std::holds_alternative<ResizeAttrs>(c.op().attrs) ? c.attrs<ResizeAttrs>().mode : ResizeMode::kLinear;
}

std::size_t changed_axes(const Shape& from, const Shape& to) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min(from.rank(), to.rank()); ++i) count += from[i].same_as(to[i]) ? 0 : 1;
  return count;
}

}  // namespace

Result<std::vector<TensorInfo>> shape_resize(const RuleContext& c) {
  NNGAUGE_TRY(Shape shape, resized(c));
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_grid_sample(const RuleContext& c) {
  const Shape& x = c.in(0);
  const Shape& grid = c.in(1);
  if (!x.ranked() || !grid.ranked()) {
    const Shape& known = x.ranked() ? x : grid;
    return one_result(c.in_dtype(0), known.ranked() ? Shape::of_rank(known.rank()) : Shape::unknown_rank());
  }
  if (x.rank() != grid.rank() || x.rank() < 3) {
    return make_error(ErrorCode::kShapeMismatch, "grid " + c.text(grid) + " does not fit input " + c.text(x));
  }
  const Dim coordinates = grid.dims().back();
  if (coordinates.known() && !coordinates.is(static_cast<std::int64_t>(x.rank()) - 2)) {
    return make_error(ErrorCode::kShapeMismatch, "the grid has " + std::to_string(coordinates.value()) +
                                                     " coordinates, input has " + std::to_string(x.rank() - 2) +
                                                     " spatial axes");
  }
  Shape shape = x;
  NNGAUGE_TRY(shape[0], merge_dims(x[0], grid[0], "the batch"));
  for (std::size_t i = 2; i < x.rank(); ++i) shape[i] = grid[i - 1];
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_affine_grid(const RuleContext& c) {
  const auto size = operand_dims(c, 1);
  const auto length = operand_length(c, 1);
  if (!length) return one_result(c.in_dtype(0), Shape::unknown_rank());
  if (*length != 4 && *length != 5)
    return make_error(ErrorCode::kShapeMismatch, "size has " + std::to_string(*length) + " entries, 4 or 5 are needed");
  Shape shape = Shape::of_rank(*length);
  if (size) {
    shape[0] = (*size)[0];
    for (std::size_t i = 2; i < *length; ++i) shape[i - 1] = (*size)[i];
  }
  shape[*length - 1] = static_cast<std::int64_t>(*length) - 2;
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_crop_and_resize(const RuleContext& c) {
  const auto& attrs = c.attrs<CustomAttrs>();
  Shape shape = Shape::of_rank(4);
  shape[0] = c.in(1).at(0);
  shape[3] = c.in(0).rank() == 4 ? c.in(0)[3] : Dim::unknown();
  if (c.has_input(3)) {
    const auto crop = operand_dims(c, 3);
    if (crop && crop->size() != 2)
      return make_error(ErrorCode::kShapeMismatch, "crop size has " + std::to_string(crop->size()) + " entries, not 2");
    if (crop) shape[1] = (*crop)[0], shape[2] = (*crop)[1];
  } else if (attrs.pooled_height > 0 && attrs.pooled_width > 0) {
    shape[1] = attrs.pooled_height, shape[2] = attrs.pooled_width;
  }
  return one_result(DType::kFloat32, std::move(shape));
}

Result<Work> work_resize(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.out_elements(0));
  std::size_t d = 2;
  if (c.kind() != OpKind::kCropAndResize) {
    // The input's extents tell which axes are interpolated.
    if (const auto known = c.in_elements(0); !known && mode_of(c) != ResizeMode::kNearest) return known.error();
    d = changed_axes(c.in(0), c.out(0));
  }
  Work work;
  if (const std::uint64_t flops = neighbour_flops(mode_of(c), d); flops > 0)
    work.flops = Product(c, "flops").times("result elements", elements).times("operations", flops).value();
  return work;
}

Result<Work> work_grid_sample(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.out_elements(0));
  NNGAUGE_TRY(const Count coordinates, c.in_elements(1));
  Work work;
  const std::size_t d = c.out(0).rank() > 2 ? c.out(0).rank() - 2 : 0;
  const std::uint64_t flops = neighbour_flops(mode_of(c), d);
  work.flops = Product(c, "flops of coordinates").times("coordinates", coordinates).times("operations", 3).value();
  if (flops > 0)
    work.flops += Product(c, "flops of samples").times("result elements", elements).times("operations", flops).value();
  return work;
}

Result<Work> work_affine_grid(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.out_elements(0));
  const auto coordinates = static_cast<std::uint64_t>(std::max<std::size_t>(c.out(0).rank(), 2) - 2);
  Work work;
  work.flops = Product(c, "flops").times("result elements", elements).times("operations", 2 * coordinates).value();
  return work;
}

}  // namespace nngauge
