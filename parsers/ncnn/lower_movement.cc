// SPDX-License-Identifier: Apache-2.0
// Copies, joins, cuts, padding, repetition, shuffles, resizing.
#include <algorithm>
#include <array>

#include "parsers/ncnn/expression.h"
#include "parsers/ncnn/layers.h"

namespace nngauge::ncnn {
namespace {

std::vector<Shape> bottom_shapes(const LayerView& v) {
  std::vector<Shape> out;
  for (std::size_t i = 0; i < v.bottoms(); ++i) out.push_back(v.in(i));
  return out;
}

}  // namespace

// Split, Noop, Dropout, Cast, Packing …: the result is the operand.
Status lower_copy(LayerView& v) {
  const std::string& type = v.layer().type;
  v.op.kind = type == "Dropout" ? OpKind::kDropout : type == "Cast" ? OpKind::kCast : OpKind::kIdentity;
  if (type == "Cast") {
    constexpr std::array kTypes = {DType::kFloat32, DType::kFloat32, DType::kFloat16, DType::kInt8, DType::kBFloat16};
    CastAttrs attrs;
    const std::int64_t to = v.integer(1);
    if (to >= 0 && to < static_cast<std::int64_t>(kTypes.size())) attrs.dtype = kTypes[static_cast<std::size_t>(to)];
    v.op.attrs = attrs;
  }
  v.input(0);
  return ok();
}

Status lower_concat(LayerView& v) {
  v.op.kind = OpKind::kConcat;
  AxisAttrs attrs;
  attrs.axis = tensor_axis(v.integer(0));
  v.op.attrs = attrs;
  v.inputs_from(0);
  return ok();
}

// Sizes of the parts, -233 for an equal share of what is left; or the places to cut at.
Status lower_slice(LayerView& v) {
  const std::size_t parts = v.layer().tops.size();
  SplitAttrs attrs;
  attrs.axis = tensor_axis(v.integer(1));
  const Dim extent = v.in(0).at(attrs.axis);
  const Ints cuts = v.layer().integers(2);
  Ints sizes = v.layer().integers(0);
  if (!cuts.empty()) {
    sizes.clear();
    std::int64_t from = 0;
    for (std::size_t i = 0; i < parts; ++i) {
      std::int64_t to = i < cuts.size() ? cuts[i] : extent.known() ? extent.value() : from;
      if (to < 0 && !extent.known()) {  // counted from an end that is not known
        v.opaque();
        return ok();
      }
      if (to < 0) to += extent.value();
      sizes.push_back(to - from);
      from = to;
    }
  }
  if (sizes.size() != parts) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "has " + std::to_string(sizes.size()) + " sizes for " + std::to_string(parts) + " parts");
  }
  std::int64_t left = extent.known() ? extent.value() : 0;
  bool known = true;
  for (std::size_t i = 0; i < parts; ++i) {
    if (sizes[i] == kUnset) {
      known = known && extent.known();
      sizes[i] = left / static_cast<std::int64_t>(parts - i);
    }
    if (sizes[i] < 0 || sizes[i] > (std::int64_t{1} << 40))
      return make_error(ErrorCode::kInvalidAttribute, "a part has an extent of " + std::to_string(sizes[i]));
    left -= sizes[i];
  }
  if (known) attrs.sizes = std::move(sizes);
  else attrs.count = static_cast<std::int64_t>(parts);
  v.op.kind = OpKind::kSplit;
  v.op.attrs = std::move(attrs);
  v.input(0);
  return ok();
}

namespace {

// Starts, ends and axes in the order of tensors.
Status crop_by_ranges(LayerView& v, Ints starts, Ints ends, Ints axes) {
  const auto dims = static_cast<std::int64_t>(v.dims(0));
  if (axes.empty()) {
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  if (starts.size() != ends.size() || starts.size() != axes.size()) {
    return make_error(ErrorCode::kInvalidAttribute, "has " + std::to_string(starts.size()) + " starts, " +
                                                        std::to_string(ends.size()) + " ends and " +
                                                        std::to_string(axes.size()) + " axes");
  }
  SliceAttrs attrs;
  attrs.onnx_form = true;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] < 0 && dims == 0) return v.opaque(), ok();
    attrs.axes.push_back(axes[i] < 0 ? axes[i] + dims + 1 : axes[i] + 1);
    attrs.starts.push_back(starts[i] == kUnset ? 0 : starts[i]);
    attrs.ends.push_back(ends[i] == kUnset ? std::int64_t{1} << 40 : ends[i]);
  }
  v.op.kind = OpKind::kSlice;
  v.op.attrs = std::move(attrs);
  v.input(0);
  return ok();
}

}  // namespace

// By ranges; by offsets and extents; or to the extents of a second blob.
Status lower_crop(LayerView& v) {
  const Layer& layer = v.layer();
  if (!layer.text(19).empty() || !layer.text(20).empty()) {
    Ints lists[3];
    const int keys[] = {19, 20, 21};
    for (int i = 0; i < 3; ++i) {
      if (layer.text(keys[i]).empty()) {
        lists[i] = layer.integers(9 + i);
        continue;
      }
      NNGAUGE_TRY(const std::vector<Dim> values, evaluate_list(layer.text(keys[i]), bottom_shapes(v)));
      for (const Dim value : values) {
        if (!value.known()) return v.opaque(), ok();
        lists[i].push_back(value.value());
      }
    }
    return crop_by_ranges(v, lists[0], lists[1], lists[2]);
  }
  if (layer.has(9) && layer.has(10))
    return crop_by_ranges(v, layer.integers(9), layer.integers(10), layer.integers(11));
  const std::size_t dims = v.dims(0);
  if (dims == 0 || dims > 4) return v.opaque(), ok();
  // Keys by letter: w, h, d, c.
  constexpr int kOffset[] = {0, 1, 13, 2}, kExtent[] = {3, 4, 14, 5}, kTail[] = {6, 7, 15, 8};
  std::vector<int> letters = {0, 1, 2, 3};
  if (dims == 3) letters = {0, 1, 3};
  if (dims < 3) letters.resize(dims);
  SliceAttrs attrs;
  attrs.starts = {0};
  attrs.ends = {-1};
  for (std::size_t i = dims; i-- > 0;) {
    const int letter = letters[i];
    const Dim in = v.in(0).at(-static_cast<std::int64_t>(i) - 1);
    std::int64_t offset = v.integer(kOffset[letter]);
    const std::int64_t extent = v.integer(kExtent[letter]), tail = v.integer(kTail[letter]);
    Dim out = in;
    if (offset == kUnset) {  // in the middle
      offset = 0;
      if (in.known() && extent > 0) offset = std::max<std::int64_t>((in.value() - extent) / 2, 0);
    }
    if (v.bottoms() > 1 && v.dims(1) > i) {
      out = v.in(1).at(-static_cast<std::int64_t>(i) - 1);
    } else if (in.known()) {
      out = in.value() - offset - std::max<std::int64_t>(tail, 0);
      if (extent > 0) out = std::min(out.value(), extent);
    } else {
      out = extent > 0 ? Dim(extent) : Dim(-1);
    }
    attrs.starts.push_back(offset);
    attrs.ends.push_back(out.known() ? out.value() : -1);
  }
  v.op.kind = OpKind::kSlice;
  v.op.attrs = std::move(attrs);
  v.input(0);
  return ok();
}

Status lower_padding(LayerView& v) {
  const std::size_t dims = v.dims(0);
  if (dims == 0 || v.bottoms() > 1) return v.opaque(), ok();
  const std::int64_t top = v.integer(0), bottom = v.integer(1), left = v.integer(2), right = v.integer(3),
                     front = v.integer(7), behind = v.integer(8);
  Ints begins = {left}, ends = {right};
  if (dims > 1) begins.insert(begins.begin(), top), ends.insert(ends.begin(), bottom);
  if (dims > 2) begins.insert(begins.begin(), front), ends.insert(ends.begin(), behind);
  while (begins.size() < dims + 1) begins.insert(begins.begin(), 0), ends.insert(ends.begin(), 0);
  constexpr std::array kModes = {PadMode::kConstant, PadMode::kEdge, PadMode::kReflect};
  const std::int64_t mode = v.integer(4);
  if (mode < 0 || mode > 2)
    return make_error(ErrorCode::kInvalidAttribute, "the padding type is " + std::to_string(mode));
  PadAttrs attrs;
  attrs.mode = kModes[static_cast<std::size_t>(mode)];
  attrs.pads = begins;
  attrs.pads.insert(attrs.pads.end(), ends.begin(), ends.end());
  v.op.kind = OpKind::kPad;
  v.op.attrs = std::move(attrs);
  v.input(0);
  return ok();
}

// Along one axis, or a factor for each axis, outermost first; factors in front add axes.
Status lower_tile(LayerView& v) {
  v.op.kind = OpKind::kTile;
  Ints repeats = v.layer().integers(2);
  const std::size_t dims = v.dims(0);
  if (repeats.empty() || dims == 0) {
    AxisAttrs attrs;
    attrs.axis = tensor_axis(v.integer(0));
    attrs.count = v.integer(1, 1);
    v.op.attrs = attrs;
    v.input(0);
    return ok();
  }
  v.input(0);
  if (repeats.size() > dims) {
    Ints added;
    for (std::size_t i = 0; i + dims < repeats.size(); ++i) added.push_back(static_cast<std::int64_t>(i) + 1);
    Op wider;
    wider.kind = OpKind::kUnsqueeze;
    AxesAttrs attrs;
    attrs.axes = std::move(added);
    attrs.has_axes = true;
    wider.attrs = std::move(attrs);
    wider.inputs = std::move(v.op.inputs);
    NNGAUGE_TRY(const TensorId result, v.step(std::move(wider)));
    v.op.inputs = {{result, OperandRole::kData}};
  }
  repeats.insert(repeats.begin(), dims > repeats.size() ? dims - repeats.size() : 0, 1);
  repeats.insert(repeats.begin(), 1);
  v.operand(v.integers(repeats), OperandRole::kConfig);
  return ok();
}

Status lower_shuffle_channel(LayerView& v) {
  v.op.kind = OpKind::kChannelShuffle;
  v.input(0);
  return ok();
}

Status lower_pixel_shuffle(LayerView& v) {
  v.op.kind = OpKind::kDepthToSpace;
  SpaceDepthAttrs attrs;
  attrs.block_size = v.integer(0, 1);
  v.op.attrs = attrs;
  v.input(0);
  return ok();
}

Status lower_reorg(LayerView& v) {
  v.op.kind = OpKind::kSpaceToDepth;
  SpaceDepthAttrs attrs;
  attrs.block_size = v.integer(0, 1);
  v.op.attrs = attrs;
  v.input(0);
  return ok();
}

// To stated extents, by scales, to the extents of a second blob, or by an expression.
Status lower_interp(LayerView& v) {
  constexpr std::array kKinds = {OpKind::kResizeNearest, OpKind::kResizeNearest, OpKind::kResizeBilinear,
                                 OpKind::kResizeCubic};
  const std::int64_t type = v.integer(0);
  if (type < 0 || type > 3)
    return make_error(ErrorCode::kInvalidAttribute, "the resize type is " + std::to_string(type));
  v.op.kind = kKinds[static_cast<std::size_t>(type)];
  ResizeAttrs attrs;
  attrs.align_corners = v.integer(6) != 0;
  Dim height = v.integer(3), width = v.integer(4);
  const std::size_t dims = v.dims(0);
  if (const std::string& text = v.layer().text(9); !text.empty()) {
    NNGAUGE_TRY(const std::vector<Dim> sizes, evaluate_list(text, bottom_shapes(v)));
    width = sizes[0];
    height = sizes.size() > 1 ? sizes[1] : Dim(0);
  } else if (v.bottoms() > 1) {
    height = v.in(1).at(-2);
    width = v.in(1).at(-1);
  }
  if (!height.known() || !width.known()) return v.opaque(), ok();
  if (dims == 1) {  // a vector becomes a picture with one value a channel
    v.op.kind = OpKind::kFill;
    FillAttrs fill;
    fill.has_shape = true;
    fill.dtype = DType::kFloat32;
    const Dim channels = v.in(0).at(1);
    if (!channels.known() || !v.batch().known()) return v.opaque(), ok();
    fill.shape = {v.batch().value(), channels.value(), height.value(), width.value()};
    v.op.attrs = std::move(fill);
    v.input(0);
    return ok();
  }
  const bool line = dims == 2;
  if (width.value() > 0) {
    attrs.sizes = line ? Ints{width.value()} : Ints{height.value(), width.value()};
  } else {
    const double by_height = v.layer().real(1, 1), by_width = v.layer().real(2, 1);
    attrs.scales = line ? std::vector<double>{by_width} : std::vector<double>{by_height, by_width};
  }
  attrs.axes = line ? Ints{-1} : Ints{-2, -1};
  v.op.attrs = std::move(attrs);
  v.input(0);
  return ok();
}

// The grid has its coordinates innermost, or outermost where a permutation is part of the layer.
Status lower_grid_sample(LayerView& v) {
  v.op.kind = OpKind::kGridSample;
  ResizeAttrs attrs;
  constexpr std::array kModes = {ResizeMode::kLinear, ResizeMode::kLinear, ResizeMode::kNearest, ResizeMode::kCubic};
  const std::int64_t type = v.integer(0, 1);
  if (type < 0 || type > 3)
    return make_error(ErrorCode::kInvalidAttribute, "the sample type is " + std::to_string(type));
  attrs.mode = kModes[static_cast<std::size_t>(type)];
  v.op.attrs = attrs;
  v.input(0);
  v.input(1);
  if (v.integer(3) == 0) return ok();
  Op turn;
  turn.kind = OpKind::kTranspose;
  TransposeAttrs order;
  order.perm = v.dims(1) == 4 ? Ints{0, 2, 3, 4, 1} : Ints{0, 2, 3, 1};
  turn.attrs = std::move(order);
  turn.inputs = {v.op.inputs[1]};
  NNGAUGE_TRY(const TensorId grid, v.step(std::move(turn)));
  v.op.inputs[1].tensor = grid;
  return ok();
}

namespace {

// 0: none, or the geometry makes no sense.
std::int64_t windows_along(const ConvAttrs& attrs, std::size_t axis, std::int64_t extent) {
  constexpr std::int64_t kMost = std::int64_t{1} << 24;
  const std::int64_t kernel = attrs.kernel[axis], dilation = attrs.dilations[axis], stride = attrs.strides[axis];
  for (const std::int64_t part : {kernel, dilation, stride}) {
    if (part < 1 || part > kMost) return 0;
  }
  const std::int64_t begin = attrs.pads[axis], end = attrs.pads[2 + axis];
  if (begin < 0 || end < 0 || begin > kMost || end > kMost || extent > std::int64_t{1} << 40) return 0;
  const std::int64_t left = extent + begin + end - (kernel - 1) * dilation - 1;
  return left < 0 ? 0 : left / stride + 1;
}

ConvAttrs read_columns(const LayerView& v) {
  const auto both = [&](int width_key, int height_key, std::int64_t fallback) {
    const std::int64_t width = v.integer(width_key, fallback);
    return Ints{v.integer(height_key, width), width};
  };
  ConvAttrs out;
  out.kernel = both(1, 11, 0);
  out.dilations = both(2, 12, 1);
  out.strides = both(3, 13, 1);
  const std::int64_t left = v.integer(4, 0), top = v.integer(14, left);
  out.pads = {top, left, v.integer(16, top), v.integer(15, left)};
  return out;
}

}  // namespace

// [c, h, w] to [c x taps, windows]: for each tap of each window an element of the picture, gathered as exporters to
// ONNX write it.
Status lower_unfold(LayerView& v) {
  const ConvAttrs columns = read_columns(v);
  if (v.dims(0) != 3 || !v.in(0).is_static()) {
    v.opaque();
    return ok();
  }
  Count taps = 1, windows = 1;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t count = windows_along(columns, i, v.in(0)[2 + i].value());
    if (count <= 0) return make_error(ErrorCode::kShapeMismatch, "no window fits the picture");
    taps *= Count::from_signed(columns.kernel[i]);
    windows *= Count::from_signed(count);
  }
  if (taps.overflowed() || windows.overflowed() || (taps * windows).overflowed())
    return make_error(ErrorCode::kOverflow, "has more elements than 64 bits count");
  const auto rows = static_cast<std::int64_t>(windows.value());
  const auto reshape = [](Ints shape) {
    Op op;
    op.kind = OpKind::kReshape;
    ReshapeAttrs attrs;
    attrs.has_shape = attrs.zero_copies = true;
    attrs.shape = std::move(shape);
    op.attrs = std::move(attrs);
    return op;
  };
  v.input(0);
  Op flat = reshape({0, 0, -1});
  flat.inputs = std::move(v.op.inputs);
  v.op.inputs.clear();
  NNGAUGE_TRY(const TensorId pixels, v.step(std::move(flat)));
  Op gather;
  gather.kind = OpKind::kGather;
  AxisAttrs axis;
  axis.axis = 2;
  gather.attrs = axis;
  gather.inputs = {{pixels, OperandRole::kData},
                   {v.places({static_cast<std::int64_t>(taps.value()), rows}), OperandRole::kConfig}};
  NNGAUGE_TRY(const TensorId gathered, v.step(std::move(gather)));
  Op last = reshape({0, -1, rows});
  v.op.kind = last.kind;
  v.op.attrs = std::move(last.attrs);
  v.operand(gathered);
  return ok();
}

// [c x taps, windows] to [c, h, w], windows that overlap added.
Status lower_fold(LayerView& v) {
  const ConvAttrs columns = read_columns(v);
  const std::int64_t width = v.integer(20), height = v.integer(21, width);
  v.input(0);
  if (width <= 0 || height <= 0 || v.dims(0) != 2) {
    v.opaque();
    return ok();
  }
  v.op.kind = OpKind::kCol2Im;
  v.op.inputs.push_back({v.integers({height, width}), OperandRole::kConfig});
  v.op.inputs.push_back({v.integers({columns.kernel[0], columns.kernel[1]}), OperandRole::kConfig});
  return ok();
}

Status lower_flip(LayerView& v) {
  v.op.kind = OpKind::kReverse;
  AxesAttrs attrs;
  attrs.has_axes = true;
  for (const std::int64_t axis : v.layer().integers(0)) attrs.axes.push_back(tensor_axis(axis));
  v.op.attrs = std::move(attrs);
  v.input(0);
  return ok();
}

Status lower_diag(LayerView& v) {
  v.op.kind = OpKind::kMatrixDiag;
  v.input(0);
  if (v.dims(0) != 1 || v.integer(0) != 0) v.opaque();
  return ok();
}

}  // namespace nngauge::ncnn
