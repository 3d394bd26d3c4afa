// SPDX-License-Identifier: Apache-2.0
// Convolutions with axes named one by one (StableHLO), and the sum of columns back into a picture.
#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/convolution.h"
#include "graph/ops/window.h"

namespace nngauge {
namespace {

struct GeneralConv {
  Shape out;
  std::vector<WindowAxis> spatial;  // `in` before its dilation
  Ints in_dilations;
  Dim filter_in;
};

// The axes of one operand as indices. Errors: kInvalidAttribute.
Result<std::vector<std::size_t>> axis_list(const Ints& given, std::size_t rank, std::string_view what) {
  std::vector<std::size_t> out;
  std::vector<bool> seen(rank, false);
  for (const std::int64_t axis : given) {
    const auto index = static_cast<std::size_t>(axis);
    if (axis < 0 || index >= rank || seen[index]) break;
    seen[index] = true;
    out.push_back(index);
  }
  if (out.size() == rank) return out;
  return make_error(ErrorCode::kInvalidAttribute,
                    std::string(what) + " axes are not an order of " + std::to_string(rank) + " axes");
}

// An axis with `dilation - 1` zeros between its elements.
Result<Dim> dilated_extent(Dim in, std::int64_t dilation) {
  if (!in.known() || in.is(0) || dilation == 1) return in;
  NNGAUGE_TRY(const Dim reach, multiply_dims(in.value() - 1, dilation));
  return add_dims(reach, 1);
}

Result<Dim> divided(Dim channels, std::int64_t parts, std::string_view what) {
  if (parts < 1) return make_error(ErrorCode::kInvalidAttribute, std::string(what) + " is " + std::to_string(parts));
  if (!channels.known()) return parts == 1 ? channels : Dim::unknown();
  if (channels.value() % parts == 0) return Dim(channels.value() / parts);
  return make_error(ErrorCode::kShapeMismatch,
                    std::to_string(parts) + " groups do not divide " + std::to_string(channels.value()) + " channels");
}

// StableHLO specification, convolution: axes lists are batch, feature, spatial… for input and result and
// in, out, spatial… for the filter.
Result<GeneralConv> general_conv(const RuleContext& c) {
  const auto& attrs = c.attrs<GeneralAttrs>();
  const Shape& in = c.in(0);
  const Shape& filter = c.in(1);
  const std::size_t rank = attrs.in_axes.size();
  if (rank < 2)
    return make_error(ErrorCode::kInvalidAttribute, "the convolution names " + std::to_string(rank) + " axes");
  NNGAUGE_CHECK(check_rank(c, in, rank, "input"));
  NNGAUGE_CHECK(check_rank(c, filter, rank, "filter"));
  NNGAUGE_TRY(const auto in_axes, axis_list(attrs.in_axes, rank, "input"));
  NNGAUGE_TRY(const auto filter_axes, axis_list(attrs.filter_axes, rank, "filter"));
  NNGAUGE_TRY(const auto out_axes, axis_list(attrs.out_axes, rank, "result"));
  const std::size_t spatial = rank - 2;
  NNGAUGE_TRY(const Ints strides, per_axis(attrs.strides, spatial, 1, 1, "stride"));
  // StableHLO pads may be negative: they crop.
  NNGAUGE_TRY(const Ints pads, padding_of(attrs.pads, spatial, -kMaxExtent));
  NNGAUGE_TRY(const Ints dilations, per_axis(attrs.rhs_dilations, spatial, 1, 1, "kernel dilation"));
  GeneralConv g;
  NNGAUGE_TRY(g.in_dilations, per_axis(attrs.lhs_dilations, spatial, 1, 1, "input dilation"));

  const auto extent = [](const Shape& shape, std::size_t axis) { return shape.at(static_cast<std::int64_t>(axis)); };
  g.filter_in = extent(filter, filter_axes[0]);
  NNGAUGE_TRY(const Dim group_in,
              divided(extent(in, in_axes[1]), attrs.feature_groups, "the number of feature groups"));
  if (!may_equal(group_in, g.filter_in)) {
    return make_error(ErrorCode::kShapeMismatch, "filter has " + std::to_string(g.filter_in.value()) +
                                                     " input channels, a group of the input has " +
                                                     std::to_string(group_in.value()));
  }
  g.out = Shape::of_rank(rank);
  NNGAUGE_TRY(g.out[out_axes[0]], divided(extent(in, in_axes[0]), attrs.batch_groups, "the number of batch groups"));
  g.out[out_axes[1]] = extent(filter, filter_axes[1]);
  NNGAUGE_CHECK(divided(g.out[out_axes[1]], attrs.feature_groups, "the number of feature groups"));
  for (std::size_t i = 0; i < spatial; ++i) {
    WindowAxis axis;
    NNGAUGE_TRY(axis.in, dilated_extent(extent(in, in_axes[2 + i]), g.in_dilations[i]));
    axis.kernel = extent(filter, filter_axes[2 + i]);
    axis.stride = strides[i];
    axis.dilation = dilations[i];
    axis.pad_begin = pads[i];
    axis.pad_end = pads[spatial + i];
    NNGAUGE_CHECK(place_window(axis, PaddingMode::kExplicit, WindowEnd::kFloor));
    g.out[out_axes[2 + i]] = axis.out;
    axis.in = extent(in, in_axes[2 + i]);
    g.spatial.push_back(axis);
  }
  return g;
}

}  // namespace

Result<std::vector<TensorInfo>> shape_conv_general(const RuleContext& c) {
  NNGAUGE_TRY(GeneralConv g, general_conv(c));
  return results(c, {{is_float(c.in_dtype(0)) ? c.in_dtype(0) : DType::kUnknown, std::move(g.out)}});
}

Result<Work> work_conv_general(const RuleContext& c) {
  NNGAUGE_TRY(const GeneralConv g, general_conv(c));
  const auto& out_axes = c.attrs<GeneralAttrs>().out_axes;
  Product macs(c, "macs");
  const Shape& out = c.out(0).ranked() && c.out(0).rank() == g.out.rank() ? c.out(0) : g.out;
  NNGAUGE_TRY(const Count batch, c.extent(out.at(out_axes[0]), "the batch"));
  NNGAUGE_TRY(const Count channels, c.extent(out.at(out_axes[1]), "the number of output channels"));
  NNGAUGE_TRY(const Count filter_in, c.extent(g.filter_in, "the number of input channels"));
  macs.times("batch", batch).times("C_in/G", filter_in).times("C_out", channels);
  for (std::size_t i = 0; i < g.spatial.size(); ++i) {
    const WindowAxis& axis = g.spatial[i];
    const bool transposed = g.in_dilations[i] > 1 && axis.stride == 1;
    NNGAUGE_TRY(const Count positions, c.extent(transposed ? axis.in : out.at(out_axes[2 + i]), "a spatial extent"));
    NNGAUGE_TRY(const Count kernel, c.extent(axis.kernel, "the kernel"));
    macs.times(transposed ? "in" : "out", positions).times("K", kernel);
  }
  Work work;
  work.macs = macs.value();
  work.flops = Product(c, "flops").times("operations", 2).times("macs", work.macs).value();
  return work;
}

// ONNX Col2Im: [batch, channels x block, positions] -> [batch, channels, image…].
Result<std::vector<TensorInfo>> shape_col2im(const RuleContext& c) {
  const Shape& in = c.in(0);
  NNGAUGE_CHECK(check_rank(c, in, 3, "input"));
  const Value* image = c.value(1);
  const Value* block = c.value(2);
  const Dim axes = c.in(1).at(0);
  if (!image && !axes.known()) return results(c, {{c.in_dtype(0), Shape::unknown_rank()}});
  if (!image && axes.value() > 8)
    return make_error(ErrorCode::kShapeMismatch, "the image has " + std::to_string(axes.value()) + " axes");
  std::vector<Dim> dims = {in.at(0), Dim::unknown()};
  if (image && !image->real) dims.insert(dims.end(), image->ints.begin(), image->ints.end());
  else dims.resize(2 + static_cast<std::size_t>(axes.known() ? axes.value() : 0));
  for (const Dim dim : dims) {
    if (dim.known() && dim.value() < 0)
      return make_error(ErrorCode::kShapeMismatch, "the image has extent " + std::to_string(dim.value()));
  }
  if (block && !block->real) {
    Dim taps = 1;
    for (const Dim extent : block->ints) {
      if (extent.known() && extent.value() < 1)
        return make_error(ErrorCode::kShapeMismatch, "the block has extent " + std::to_string(extent.value()));
      NNGAUGE_TRY(taps, multiply_dims(taps, extent));
    }
    if (taps.known()) {
      NNGAUGE_TRY(dims[1], divided(in.at(1), taps.value(), "the block"));
    }
  }
  return results(c, {{c.in_dtype(0), Shape(std::move(dims))}});
}

Result<Work> work_col2im(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.in_elements(0));
  Work work;
  work.flops = Product(c, "flops").times("elements", elements).value();
  return work;
}

}  // namespace nngauge
