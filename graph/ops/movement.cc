// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/movement.h"

#include <cmath>
#include <limits>

#include "base/text.h"
#include "graph/ops/element_values.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

std::string ints_text(const Ints& values) {
  std::vector<std::string> parts;
  for (const std::int64_t value : values) parts.push_back(std::to_string(value));
  return "[" + join(parts, ",") + "]";
}

// The permutation of an operand of that rank. Errors: kUnknown, kInvalidAttribute.
Result<std::vector<std::size_t>> permutation(const RuleContext& c, std::size_t rank) {
  const auto& attrs = c.attrs<TransposeAttrs>();
  Ints perm = attrs.perm;
  if (perm.empty() && c.has_input(1)) {
    NNGAUGE_TRY(perm, ints_of(c, 1, {}, "perm"));
  } else if (perm.empty()) {
    for (std::size_t i = rank; i-- > 0;) perm.push_back(static_cast<std::int64_t>(i));
  }
  if (perm.size() != rank) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "perm has " + std::to_string(perm.size()) + " entries, input has rank " + std::to_string(rank));
  }
  auto indices = normalise_axes(perm, rank);
  if (!indices) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "perm " + ints_text(perm) + " is no permutation of " + std::to_string(rank) + " axes");
  }
  return indices;
}

// Where channels, height and width of an image of rank 4 stand.
struct ImageAxes {
  std::size_t channels, height, width;
};

Result<ImageAxes> image_axes(const RuleContext& c) {
  if (c.in(0).rank() != 4) {
    return make_error(ErrorCode::kShapeMismatch,
                      "input has rank " + std::to_string(c.in(0).rank()) + ", rank 4 is needed");
  }
  return c.attrs<SpaceDepthAttrs>().layout == DataLayout::kChannelsFirst ? ImageAxes{1, 2, 3} : ImageAxes{3, 1, 2};
}

Result<std::int64_t> block_size(const RuleContext& c) {
  const std::int64_t block = c.attrs<SpaceDepthAttrs>().block_size;
  if (block < 1 || block > std::numeric_limits<std::int32_t>::max())
    return make_error(ErrorCode::kInvalidAttribute, "block size is " + std::to_string(block));
  return block;
}

// Block shape and [block axes, 2] pads or crops of SpaceToBatch and BatchToSpace.
struct Blocks {
  Ints shape, borders;
};

Result<Blocks> blocks_of(const RuleContext& c) {
  Blocks out;
  NNGAUGE_TRY(out.shape, ints_of(c, 1, {}, "block shape"));
  NNGAUGE_TRY(out.borders, ints_of(c, 2, {}, c.kind() == OpKind::kSpaceToBatch ? "paddings" : "crops"));
  if (c.in(0).rank() < out.shape.size() + 1 || out.borders.size() != 2 * out.shape.size()) {
    return make_error(ErrorCode::kShapeMismatch,
                      std::to_string(out.shape.size()) + " block extents and " + std::to_string(out.borders.size()) +
                          " borders do not fit an input of rank " + std::to_string(c.in(0).rank()));
  }
  for (const std::int64_t block : out.shape) {
    if (block < 1) return make_error(ErrorCode::kInvalidAttribute, "a block extent is " + std::to_string(block));
  }
  for (const std::int64_t border : out.borders) {
    if (border < 0) return make_error(ErrorCode::kInvalidAttribute, "a border is " + std::to_string(border));
  }
  return out;
}

// Block shapes or borders that are not known: the axes behind the blocks stay.
Shape shape_of_unknown_blocks(const RuleContext& c) {
  Shape shape = c.in(0);
  const std::size_t blocks = operand_length(c, 1).value_or(shape.rank());
  for (std::size_t i = 0; i < shape.rank() && i <= blocks; ++i) shape[i] = Dim::unknown();
  return shape;
}

Dim cast_to_int(double number) {
  constexpr double kLimit = 9.2e18;  // below 2^63
  if (std::isnan(number) || std::fabs(number) > kLimit) return Dim::unknown();
  return static_cast<std::int64_t>(number);
}

Dim cast_to_bool(Dim x) { return x.known() ? Dim(x.is(0) ? 0 : 1) : Dim::unknown(); }

}  // namespace

Result<std::vector<TensorInfo>> shape_dropout(const RuleContext& c) {
  return Infos{{c.in_dtype(0), c.in(0)}, {DType::kBool, c.in(0)}};
}

Result<std::vector<TensorInfo>> shape_bitcast(const RuleContext& c) {
  const DType dtype = c.attrs<CastAttrs>().dtype;
  const int from = dtype_bits(c.in_dtype(0));
  const int to = dtype_bits(dtype);
  Shape shape = c.in(0);
  if (!shape.ranked() || from == 0 || to == 0) return one_result(dtype, Shape::unknown_rank());
  if (to < from) {
    if (from % to != 0) return one_result(dtype, Shape::unknown_rank());
    shape.dims().push_back(from / to);
  } else if (to > from) {
    if (shape.rank() == 0 || (shape.dims().back().known() && !shape.dims().back().is(to / from))) {
      return make_error(ErrorCode::kShapeMismatch, "elements of " + c.text(shape) + " do not make up whole " +
                                                       std::string(dtype_name(dtype)) + " elements");
    }
    shape.dims().pop_back();
  }
  return one_result(dtype, std::move(shape));
}

Result<std::vector<TensorInfo>> shape_transpose(const RuleContext& c) {
  const Shape& x = c.in(0);
  if (!x.ranked()) {
    const std::size_t entries = c.attrs<TransposeAttrs>().perm.size();
    return one_result(c.in_dtype(0), entries > 0 ? Shape::of_rank(entries) : Shape::unknown_rank());
  }
  const auto perm = permutation(c, x.rank());
  if (!perm) {
    if (perm.error().code == ErrorCode::kUnknown) return one_result(c.in_dtype(0), Shape::of_rank(x.rank()));
    return perm.error();
  }
  std::vector<Dim> dims;
  for (const std::size_t axis : *perm) dims.push_back(x[axis]);
  return one_result(c.in_dtype(0), Shape(std::move(dims)));
}

Result<std::vector<TensorInfo>> shape_space_to_depth(const RuleContext& c) {
  Shape shape = c.in(0);
  NNGAUGE_TRY(const std::int64_t block, block_size(c));
  if (!shape.ranked()) return one_result(c.in_dtype(0), Shape::of_rank(4));
  NNGAUGE_TRY(const ImageAxes axes, image_axes(c));
  NNGAUGE_TRY(shape[axes.height], divide_exactly(shape[axes.height], block, "the height"));
  NNGAUGE_TRY(shape[axes.width], divide_exactly(shape[axes.width], block, "the width"));
  NNGAUGE_TRY(shape[axes.channels], multiply_dims(shape[axes.channels], block * block));
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_depth_to_space(const RuleContext& c) {
  Shape shape = c.in(0);
  NNGAUGE_TRY(const std::int64_t block, block_size(c));
  if (!shape.ranked()) return one_result(c.in_dtype(0), Shape::of_rank(4));
  NNGAUGE_TRY(const ImageAxes axes, image_axes(c));
  NNGAUGE_TRY(shape[axes.channels], divide_exactly(shape[axes.channels], block * block, "the number of channels"));
  NNGAUGE_TRY(shape[axes.height], multiply_dims(shape[axes.height], block));
  NNGAUGE_TRY(shape[axes.width], multiply_dims(shape[axes.width], block));
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_space_to_batch(const RuleContext& c) {
  Shape shape = c.in(0);
  if (!shape.ranked()) return one_result(c.in_dtype(0), shape);
  const Result<Blocks> blocks = blocks_of(c);
  if (!blocks) {
    if (blocks.error().code == ErrorCode::kUnknown) return one_result(c.in_dtype(0), shape_of_unknown_blocks(c));
    return blocks.error();
  }
  for (std::size_t i = 0; i < blocks->shape.size(); ++i) {
    Dim& extent = shape[i + 1];
    NNGAUGE_TRY(extent, add_dims(extent, blocks->borders[2 * i]));
    NNGAUGE_TRY(extent, add_dims(extent, blocks->borders[2 * i + 1]));
    NNGAUGE_TRY(extent, divide_exactly(extent, blocks->shape[i], "the padded extent"));
    NNGAUGE_TRY(shape[0], multiply_dims(shape[0], blocks->shape[i]));
  }
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_batch_to_space(const RuleContext& c) {
  Shape shape = c.in(0);
  if (!shape.ranked()) return one_result(c.in_dtype(0), shape);
  const Result<Blocks> blocks = blocks_of(c);
  if (!blocks) {
    if (blocks.error().code == ErrorCode::kUnknown) return one_result(c.in_dtype(0), shape_of_unknown_blocks(c));
    return blocks.error();
  }
  for (std::size_t i = 0; i < blocks->shape.size(); ++i) {
    Dim& extent = shape[i + 1];
    NNGAUGE_TRY(shape[0], divide_exactly(shape[0], blocks->shape[i], "the batch"));
    NNGAUGE_TRY(extent, multiply_dims(extent, blocks->shape[i]));
    NNGAUGE_TRY(extent, add_dims(extent, -blocks->borders[2 * i]));
    NNGAUGE_TRY(extent, add_dims(extent, -blocks->borders[2 * i + 1]));
    if (extent.known() && extent.value() < 0)
      return make_error(ErrorCode::kShapeMismatch,
                        "the crops are larger than the extent of axis " + std::to_string(i + 1));
  }
  return one_result(c.in_dtype(0), std::move(shape));
}

Result<std::vector<TensorInfo>> shape_cast(const RuleContext& c) {
  const DType dtype = c.attrs<CastAttrs>().dtype;
  return one_result(dtype == DType::kUnknown ? c.in_dtype(1) : dtype, c.in(0));
}

Result<std::vector<TensorInfo>> shape_reorder_layout(const RuleContext& c) {
  Shape shape = c.in(0);
  const std::int64_t channels = c.attrs<AxisAttrs>().count;
  if (shape.ranked() && shape.rank() > 1) shape[1] = channels > 0 ? Dim(channels) : Dim::unknown();
  return one_result(c.in_dtype(0), std::move(shape));
}

std::optional<Value> fold_copy(const RuleContext& c, std::size_t result) {
  const Value* x = c.value(0);
  return result == 0 && x != nullptr ? std::optional(*x) : std::nullopt;
}

std::optional<Value> fold_transpose(const RuleContext& c, std::size_t result) {
  const auto x = known_operand(c, 0);
  if (result != 0 || !x) return std::nullopt;
  const auto perm = permutation(c, x->extents.size());
  if (!perm) return std::nullopt;
  const std::vector<std::size_t> strides = row_major_strides(x->extents);
  Ints extents;
  for (const std::size_t axis : *perm) extents.push_back(x->extents[axis]);
  std::vector<std::size_t> places;
  for_each_position(extents, [&](const Ints& position) {
    std::size_t place = 0;
    for (std::size_t i = 0; i < perm->size(); ++i) place += strides[(*perm)[i]] * static_cast<std::size_t>(position[i]);
    places.push_back(place);
  });
  return pick(*x->value, places);
}

std::optional<Value> fold_cast(const RuleContext& c, std::size_t result) {
  const Value* x = c.value(0);
  if (result != 0 || x == nullptr || c.output(0) == nullptr) return std::nullopt;
  const DType dtype = c.output(0)->dtype;
  Value out;
  if (is_float(dtype)) {
    out.real = true;
    for (std::size_t i = 0; i < x->size(); ++i) out.reals.push_back(rounded_to(dtype, real_at(*x, i)));
    return out;
  }
  if (!is_integer(dtype) && dtype != DType::kBool) return std::nullopt;
  for (std::size_t i = 0; i < x->size(); ++i) {
    const Dim whole = x->real ? cast_to_int(x->reals[i]) : x->ints[i];
    const bool fraction = x->real && std::fabs(x->reals[i]) > 0;
    if (dtype == DType::kBool) out.ints.push_back(fraction ? Dim(1) : cast_to_bool(whole));
    else out.ints.push_back(fitted_to(dtype, whole));
  }
  return out;
}

}  // namespace nngauge
