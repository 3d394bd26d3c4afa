// SPDX-License-Identifier: Apache-2.0
// Layers that move, join, cut or resize what they are given; reductions.
#include <fmt/format.h>

#include <algorithm>

#include "caffe.pb.h"
#include "parsers/caffe/readers.h"

namespace nngauge::caffe_format {
namespace {

constexpr std::int64_t kMaxExtent = std::int64_t{1} << 40;

}  // namespace

void read_concat(LayerReader& r) {
  const auto& param = r.layer().concat_param();
  AxisAttrs attrs;
  attrs.axis = param.has_axis() || !param.has_concat_dim() ? param.axis() : std::int64_t{param.concat_dim()};
  r.op().attrs = attrs;
  r.all_bottoms();
}

void read_slice(LayerReader& r) {
  const auto& param = r.layer().slice_param();
  SplitAttrs attrs;
  attrs.axis = param.has_axis() || !param.has_slice_dim() ? param.axis() : std::int64_t{param.slice_dim()};
  if (param.slice_point_size() > 0) {
    if (param.slice_point_size() + 1 != r.layer().top_size()) {
      return r.fail(ErrorCode::kInvalidAttribute,
                    fmt::format("{} slice points for {} tops", param.slice_point_size(), r.layer().top_size()));
    }
    std::int64_t last = 0;
    for (const std::uint32_t point : param.slice_point()) {
      if (point <= last)
        return r.fail(ErrorCode::kInvalidAttribute, fmt::format("slice point {} follows {}", point, last));
      attrs.sizes.push_back(point - last);
      last = point;
    }
    attrs.sizes.push_back(-1);
  }
  r.op().attrs = attrs;
  r.bottom(0);
}

void read_reshape(LayerReader& r) {
  const auto& param = r.layer().reshape_param();
  ReshapeAttrs attrs;
  attrs.has_shape = true;
  attrs.zero_copies = true;
  attrs.shape.assign(param.shape().dim().begin(), param.shape().dim().end());
  attrs.axis = param.axis();
  attrs.num_axes = param.num_axes();
  r.op().attrs = attrs;
  r.bottom(0);
}

void read_flatten(LayerReader& r) {
  const auto& param = r.layer().flatten_param();
  r.bottom(0);
  if (param.axis() == 1 && param.end_axis() == -1) {
    AxisAttrs attrs;
    attrs.axis = 1;
    r.op().attrs = attrs;
    return;
  }
  const Shape in = r.in(0);
  if (!in.ranked()) return r.opaque("Flatten", "the rank of its input is not known");
  const auto rank = static_cast<std::int64_t>(in.rank());
  const std::int64_t first = param.axis() < 0 ? param.axis() + rank : param.axis();
  const std::int64_t last = param.end_axis() < 0 ? param.end_axis() + rank : param.end_axis();
  if (first < 0 || last < first || last >= rank) {
    return r.fail(ErrorCode::kInvalidAttribute,
                  fmt::format("axes {} to {} do not fit an input of rank {}", param.axis(), param.end_axis(), rank));
  }
  ReshapeAttrs attrs;
  attrs.has_shape = true;
  attrs.shape = {-1};
  attrs.axis = first;
  attrs.num_axes = last - first + 1;
  r.op().kind = OpKind::kReshape;
  r.op().attrs = attrs;
}

// Axes that are not named follow in their order.
void read_permute(LayerReader& r) {
  const auto& order = r.layer().permute_param().order();
  TransposeAttrs attrs;
  for (const std::uint32_t axis : order) {
    if (axis > 31) return r.fail(ErrorCode::kInvalidAttribute, fmt::format("order names axis {}", axis));
    attrs.perm.push_back(axis);
  }
  const std::size_t rank = r.in(0).ranked() ? r.in(0).rank() : attrs.perm.size();
  for (std::size_t axis = 0; axis < rank && axis < 32; ++axis) {
    const auto number = static_cast<std::int64_t>(axis);
    if (std::find(attrs.perm.begin(), attrs.perm.end(), number) == attrs.perm.end()) attrs.perm.push_back(number);
  }
  r.op().attrs = attrs;
  r.bottom(0);
}

void read_transpose(LayerReader& r) {
  const auto& dim = r.layer().transpose_param().dim();
  if (dim.empty()) return r.opaque("Transpose", "");
  TransposeAttrs attrs;
  attrs.perm.assign(dim.begin(), dim.end());
  r.op().attrs = attrs;
  r.bottom(0);
}

// Takes the extents of the second bottom from `axis` on, beginning at the offsets.
void read_crop(LayerReader& r) {
  const auto& param = r.layer().crop_param();
  const Shape in = r.in(0), like = r.in(1);
  if (!in.ranked() || !like.ranked()) return r.opaque("Crop", "the shapes of its bottoms are not known");
  const auto rank = static_cast<std::int64_t>(in.rank());
  const std::int64_t first = param.axis() < 0 ? param.axis() + rank : param.axis();
  const std::int64_t count = rank - first;
  if (first < 0 || count <= 0 || like.rank() != in.rank() ||
      (param.offset_size() > 1 && param.offset_size() != count)) {
    return r.fail(ErrorCode::kInvalidAttribute,
                  fmt::format("axis {} and {} offsets do not fit bottoms of rank {} and {}", param.axis(),
                              param.offset_size(), rank, like.rank()));
  }
  SliceAttrs attrs;
  attrs.onnx_form = true;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto axis = static_cast<std::size_t>(first + i);
    const std::int64_t offset =
        param.offset_size() == 0 ? 0 : param.offset(param.offset_size() == 1 ? 0 : static_cast<int>(i));
    if (!like[axis].known() || like[axis].value() > kMaxExtent)
      return r.opaque("Crop", "the extents of its second bottom are not known");
    if (in[axis].known() && offset + like[axis].value() > in[axis].value()) {
      return r.fail(ErrorCode::kShapeMismatch, fmt::format("{} from {} on is more than the extent {} of axis {}",
                                                           like[axis].value(), offset, in[axis].value(), axis));
    }
    attrs.axes.push_back(first + i);
    attrs.starts.push_back(offset);
    attrs.ends.push_back(offset + like[axis].value());
  }
  r.op().attrs = attrs;
  r.bottom(0);
}

void read_tile(LayerReader& r) {
  AxisAttrs attrs;
  attrs.axis = r.layer().tile_param().axis();
  attrs.count = r.layer().tile_param().tiles();
  r.op().attrs = attrs;
  r.bottom(0);
}

// Over all axes from `axis` on.
void read_reduction(LayerReader& r) {
  const auto& param = r.layer().reduction_param();
  const std::string& word = param.operation_word();
  const auto is = [&](const char* name, int number) {
    return word.empty() ? param.operation() == number : word == name;
  };
  r.op().kind = is("ASUM", 2)    ? OpKind::kReduceL1
                : is("SUMSQ", 3) ? OpKind::kReduceSumSquare
                : is("MEAN", 4)  ? OpKind::kReduceMean
                                 : OpKind::kReduceSum;
  AxesAttrs attrs;
  attrs.has_axes = true;
  attrs.keep_dims = false;
  const Shape in = r.in(0);
  if (!in.ranked()) return r.opaque("Reduction", "the rank of its input is not known");
  const auto rank = static_cast<std::int64_t>(in.rank());
  const std::int64_t first = param.axis() < 0 ? param.axis() + rank : param.axis();
  if (first < 0 || first > rank)
    return r.fail(ErrorCode::kInvalidAttribute, fmt::format("axis {} of an input of rank {}", param.axis(), rank));
  for (std::int64_t axis = first; axis < rank; ++axis) attrs.axes.push_back(axis);
  r.op().attrs = attrs;
  r.bottom(0);
}

// Without an axis: over everything but the batch.
void read_argmax(LayerReader& r) {
  const auto& param = r.layer().argmax_param();
  r.bottom(0);
  if (param.top_k() > 1) {
    r.op().kind = OpKind::kTopK;
    TopKAttrs attrs;
    attrs.k = param.top_k();
    attrs.axis = param.has_axis() ? param.axis() : 1;
    r.op().attrs = attrs;
    return;
  }
  AxisAttrs attrs;
  attrs.axis = param.has_axis() ? param.axis() : 1;
  attrs.keep_dims = true;
  r.op().attrs = attrs;
}

void read_reverse(LayerReader& r) { r.bottom(0); }

void read_shuffle(LayerReader& r) {
  AxisAttrs attrs;
  attrs.axis = 1;
  attrs.count = r.layer().shuffle_channel_param().group();
  r.op().attrs = attrs;
  r.bottom(0);
}

void read_reorg(LayerReader& r) {
  const auto& param = r.layer().reorg_param();
  SpaceDepthAttrs attrs;
  attrs.block_size = param.stride();
  r.op().kind = param.reverse() ? OpKind::kDepthToSpace : OpKind::kSpaceToDepth;
  r.op().attrs = attrs;
  r.bottom(0);
}

namespace {

void set_sizes(LayerReader& r, Dim height, Dim width) {
  ResizeAttrs attrs;
  attrs.mode = ResizeMode::kLinear;
  attrs.align_corners = true;
  if (!height.known() || !width.known()) return r.opaque(r.layer().type(), "the extents of its result are not known");
  attrs.sizes = {height.value(), width.value()};
  r.op().attrs = attrs;
  r.bottom(0);
}

}  // namespace

// DeepLab's: stated extents, those of a second bottom, or a factor, after (negative) padding.
void read_interp(LayerReader& r) {
  const auto& param = r.layer().interp_param();
  const Shape in = r.in(0);
  const std::int64_t zoom = param.zoom_factor(), shrink = param.shrink_factor();
  if (zoom < 1 || shrink < 1 || zoom > 4096)
    return r.fail(ErrorCode::kInvalidAttribute, fmt::format("zoom_factor is {}, shrink_factor {}", zoom, shrink));
  if (param.height() > 0 && param.width() > 0)
    return set_sizes(r, std::int64_t{param.height()}, std::int64_t{param.width()});
  if (r.bottom_count() > 1) return set_sizes(r, r.in(1).at(2), r.in(1).at(3));
  const auto side = [&](Dim extent) {
    if (!extent.known() || extent.value() > kMaxExtent) return Dim::unknown();
    std::int64_t size = extent.value() + param.pad_beg() + param.pad_end();
    if (param.has_shrink_factor()) size = (size - 1) / shrink + 1;
    if (param.has_zoom_factor()) size += (size - 1) * (zoom - 1);
    return size > 0 && size <= kMaxExtent ? Dim(size) : Dim::unknown();
  };
  set_sizes(r, side(in.at(2)), side(in.at(3)));
}

void read_resize_bilinear(LayerReader& r) {
  const auto& param = r.layer().resize_bilinear_param();
  const std::int64_t height = param.has_out_height() ? param.out_height() : param.height();
  const std::int64_t width = param.has_out_width() ? param.out_width() : param.width();
  if (height > 0 && width > 0) set_sizes(r, height, width);
  else set_sizes(r, r.in(1).at(2), r.in(1).at(3));
}

// V0's, where no convolution or pooling follows that takes the padding in.
void read_padding(LayerReader& r) {
  const auto& param = r.layer().convolution_param();
  const std::int64_t pad = param.pad_size() > 0 ? param.pad(0) : 0;
  PadAttrs attrs;
  attrs.pads = {0, 0, pad, pad, 0, 0, pad, pad};
  r.op().attrs = attrs;
  r.bottom(0);
}

void read_random(LayerReader& r) {
  const auto& param = r.layer().randvec_param();
  FillAttrs attrs;
  attrs.dtype = DType::kFloat32;
  attrs.has_shape = true;
  attrs.shape = {param.batch_size(), param.dim()};
  if (param.height() > 0) attrs.shape.insert(attrs.shape.end(), {param.height(), param.width()});
  r.op().attrs = attrs;
}

// Marks where sequences begin: [steps, batch], the batch as in the bottom's axis.
void read_continuation(LayerReader& r) {
  const auto& param = r.layer().continuation_indicator_param();
  const Dim batch = param.batch_size() > 0 ? Dim(std::int64_t{param.batch_size()}) : r.in(0).at(param.axis());
  if (!batch.known() || param.time_step() == 0) return r.opaque(r.layer().type(), "its batch is not known");
  FillAttrs attrs;
  attrs.dtype = DType::kFloat32;
  attrs.has_shape = true;
  attrs.shape = {param.time_step(), batch.value()};
  r.op().attrs = attrs;
}

}  // namespace nngauge::caffe_format
