// SPDX-License-Identifier: Apache-2.0
#include "parsers/paddle/op_map.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace nngauge::paddle {
namespace {

using K = OpKind;

bool is_channels_last(const ProgramOp& op) {
  const std::string format = op.text(op.find("data_format") ? "data_format" : "data_layout");
  return format == "NHWC" || format == "NDHWC" || format == "NLC";
}
DataLayout layout_of(const ProgramOp& op) {
  return is_channels_last(op) ? DataLayout::kChannelsLast : DataLayout::kChannelsFirst;
}

// Padding of `rank` axes: one number an axis, or begin and end of each.
void read_padding(const ProgramOp& op, std::size_t rank, PaddingMode& mode, Ints& pads) {
  const std::string algorithm = op.text("padding_algorithm");
  mode = algorithm == "SAME"    ? PaddingMode::kSameUpper
         : algorithm == "VALID" ? PaddingMode::kValid
                                : PaddingMode::kExplicit;
  const Ints stated = op.ints("paddings");
  if (mode != PaddingMode::kExplicit) return;
  pads.clear();
  if (stated.size() == 2 * rank) {
    for (std::size_t i = 0; i < rank; ++i) pads.push_back(stated[2 * i]);
    for (std::size_t i = 0; i < rank; ++i) pads.push_back(stated[2 * i + 1]);
  } else {
    pads = stated;
    pads.insert(pads.end(), stated.begin(), stated.end());
  }
}

// Activations that Paddle's optimiser fuses.
FusedActivation activation_of(std::string_view name) {
  if (name.empty() || name == "identity" || name == "linear") return FusedActivation::kNone;
  if (name == "relu") return FusedActivation::kRelu;
  if (name == "relu6") return FusedActivation::kRelu6;
  if (name == "sigmoid") return FusedActivation::kSigmoid;
  if (name == "tanh") return FusedActivation::kTanh;
  return FusedActivation::kOther;
}

void read_fused(OpContext& c) {
  if (c.source.flag("fuse_relu") || c.source.flag("fuse_with_relu")) c.op.activation = FusedActivation::kRelu;
  for (const char* key : {"act_type", "activation_type", "fuse_activation"}) {
    const std::string name = c.source.text(key);
    if (!name.empty() && (std::string_view(key) != "act_type" || c.source.flag("with_act", true)))
      c.op.activation = activation_of(name);
  }
}

Dim first_extent(const Tensor* tensor, std::int64_t axis) {
  return tensor ? tensor->declared.at(axis) : Dim::unknown();
}

Status read_nothing(OpContext& /*c*/) { return ok(); }

Status read_conv(OpContext& c) {
  const std::size_t rank = c.op.kind == K::kConv3D ? 3 : 2;
  ConvAttrs attrs;
  attrs.layout = layout_of(c.source);
  attrs.strides = c.source.ints("strides");
  attrs.dilations = c.source.ints("dilations");
  attrs.groups = c.source.integer("groups", 1);
  read_padding(c.source, rank, attrs.padding, attrs.pads);
  const Dim per_group = first_extent(c.input(1), 1), out = first_extent(c.input(1), 0);
  // A group for each channel: a depthwise convolution whatever it is called.
  if (rank == 2 && attrs.groups > 1 && per_group.is(1) && out.known() && out.value() % attrs.groups == 0)
    c.op.kind = K::kDepthwiseConv2D;
  else if (c.op.kind == K::kDepthwiseConv2D) c.op.kind = K::kConv2D;
  c.op.attrs = std::move(attrs);
  read_fused(c);
  return ok();
}

Status read_conv_transpose(OpContext& c) {
  const std::size_t rank = c.op.kind == K::kConvTranspose3D ? 3 : 2;
  ConvAttrs attrs;
  attrs.layout = layout_of(c.source);
  attrs.filter_layout = FilterLayout::kInOutSpatial;
  attrs.strides = c.source.ints("strides");
  attrs.dilations = c.source.ints("dilations");
  attrs.groups = c.source.integer("groups", 1);
  attrs.output_padding = c.source.ints("output_padding");
  attrs.output_shape = c.source.ints("output_size");
  read_padding(c.source, rank, attrs.padding, attrs.pads);
  c.op.attrs = std::move(attrs);
  read_fused(c);
  return ok();
}

Status read_pool(OpContext& c) {
  const bool max = c.source.text("pooling_type") == "max";
  Ints kernel = c.source.ints("ksize");
  const bool adaptive = c.source.flag("adaptive");
  const bool to_one = adaptive && std::all_of(kernel.begin(), kernel.end(), [](std::int64_t k) { return k == 1; });
  if (c.source.flag("global_pooling") || to_one) {
    c.op.kind = max ? K::kGlobalMaxPool : K::kGlobalAveragePool;
    PoolAttrs attrs;
    attrs.layout = layout_of(c.source);
    c.op.attrs = std::move(attrs);
    return ok();
  }
  c.op.kind = max ? K::kMaxPool : K::kAveragePool;
  PoolAttrs attrs;
  attrs.layout = layout_of(c.source);
  attrs.ceil_mode = c.source.flag("ceil_mode");
  attrs.keep_outer_window = !attrs.ceil_mode;  // extents are divided towards zero
  attrs.count_include_pad = !c.source.flag("exclusive", true);
  attrs.strides = c.source.ints("strides");
  if (adaptive) {  // windows of in / out where that is a whole number
    attrs.strides.clear();
    for (std::size_t i = 0; i < kernel.size(); ++i) {
      const std::size_t axis = i + (is_channels_last(c.source) ? 1 : 2);
      const Dim in = first_extent(c.input(0), static_cast<std::int64_t>(axis));
      if (!in.known() || kernel[i] <= 0 || in.value() % kernel[i] != 0) {
        c.give_up("adaptive pooling whose windows differ in size");
        return ok();
      }
      kernel[i] = in.value() / kernel[i];
      attrs.strides.push_back(kernel[i]);
    }
  } else {
    read_padding(c.source, kernel.size(), attrs.padding, attrs.pads);
  }
  attrs.kernel = std::move(kernel);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_batch_norm(OpContext& c) {
  NormAttrs attrs;
  attrs.layout = layout_of(c.source);
  attrs.axis = is_channels_last(c.source) ? -1 : 1;
  attrs.groups = c.source.integer("groups", 1);
  c.op.attrs = std::move(attrs);
  read_fused(c);
  return ok();
}

Status read_layer_norm(OpContext& c) {
  NormAttrs attrs;
  attrs.axis = c.source.integer("begin_norm_axis", 1);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_norm(OpContext& c) {
  NormAttrs attrs;
  attrs.axis = c.source.integer("axis", -1);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_lrn(OpContext& c) {
  NormAttrs attrs;
  attrs.size = c.source.integer("n", 5);
  c.op.attrs = std::move(attrs);
  return ok();
}

// Leading axes are kept, the others multiplied with a matrix.
Status read_mul(OpContext& c) {
  DenseAttrs attrs;
  attrs.keep_dims = true;
  attrs.flatten_axis = c.source.integer(c.source.find("in_num_col_dims") ? "in_num_col_dims" : "x_num_col_dims", 1);
  c.op.attrs = attrs;
  read_fused(c);
  return ok();
}

Status read_matmul(OpContext& c) {
  const bool a = c.source.flag("trans_x") || c.source.flag("transpose_X");
  const bool b = c.source.flag("trans_y") || c.source.flag("transpose_Y");
  const Tensor* weight = c.input(1);
  if (weight && weight->is_constant && weight->declared.ranked() && weight->declared.rank() == 2 && !a) {
    c.op.kind = K::kDense;
    c.op.inputs[1].role = OperandRole::kWeight;
    DenseAttrs attrs;
    attrs.transpose_b = b;
    attrs.keep_dims = true;
    c.op.attrs = attrs;
    return ok();
  }
  MatMulAttrs attrs;
  attrs.transpose_a = a;
  attrs.transpose_b = b;
  c.op.attrs = attrs;
  return ok();
}

Status read_elementwise(OpContext& c) {
  BroadcastAttrs attrs;
  attrs.axis = c.source.integer("axis", -1);
  attrs.legacy = attrs.axis >= 0;
  c.op.attrs = attrs;
  read_fused(c);
  return ok();
}

Status read_scale(OpContext& c) {
  c.add_scalar(c.source.real("scale", 1));
  return ok();
}

Status read_pow(OpContext& c) {
  c.add_scalar(c.source.real("factor", 1));
  return ok();
}

Status read_alpha(OpContext& c) {
  ScalarAttrs attrs;
  attrs.alpha = c.source.real("alpha", 0.02);
  c.op.attrs = attrs;
  return ok();
}

Status read_axis(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.source.integer("axis", c.op.kind == K::kSoftmax || c.op.kind == K::kLogSoftmax ? -1 : 0);
  c.op.attrs = attrs;
  return ok();
}

Status read_arg(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.source.integer("axis", -1);
  attrs.keep_dims = c.source.flag("keepdims");
  attrs.dtype = dtype_of(c.source.integer("dtype", 3));
  if (attrs.dtype == DType::kUnknown) attrs.dtype = DType::kInt64;
  c.op.attrs = attrs;
  return ok();
}

Status read_top_k(OpContext& c) {
  TopKAttrs attrs;
  attrs.axis = c.source.integer("axis", -1);
  attrs.k = c.source.integer("k", 1);
  c.op.attrs = attrs;
  return ok();
}

Status read_reduce(OpContext& c) {
  AxesAttrs attrs;
  attrs.keep_dims = c.source.flag("keep_dim");
  if (!c.source.flag("reduce_all")) attrs.axes = c.source.ints("dim");
  if (attrs.axes.empty() && c.source.find("dim") && !c.source.flag("reduce_all"))
    attrs.axes = {c.source.integer("dim", 0)};
  attrs.has_axes = !attrs.axes.empty();
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_mean(OpContext& c) {
  AxesAttrs attrs;
  attrs.keep_dims = false;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_axes(OpContext& c) {
  AxesAttrs attrs;
  attrs.axes = c.source.ints("axes");
  attrs.has_axes = !attrs.axes.empty();
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_reverse(OpContext& c) {
  AxesAttrs attrs;
  attrs.axes = c.source.ints("axis");
  attrs.has_axes = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_reshape(OpContext& c) {
  ReshapeAttrs attrs;
  attrs.zero_copies = true;
  if (c.op.inputs.size() < 2) {
    attrs.shape = c.source.ints("shape");
    attrs.has_shape = true;
  }
  // Extents that are computed one by one stand as -1: what the result says of itself fills them in.
  if (attrs.has_shape && std::count(attrs.shape.begin(), attrs.shape.end(), -1) > 1) {
    const Tensor* out = c.output(0);
    const bool stated = out && out->declared.ranked() && out->declared.rank() == attrs.shape.size();
    for (std::size_t i = 0; stated && i < attrs.shape.size(); ++i) {
      if (attrs.shape[i] == -1 && out->declared[i].known()) attrs.shape[i] = out->declared[i].value();
    }
    if (std::count(attrs.shape.begin(), attrs.shape.end(), -1) > 1) {
      c.give_up("more than one of its extents is computed");
      return ok();
    }
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_flatten(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.source.integer("axis", 1);
  c.op.attrs = attrs;
  return ok();
}

// Axes start to stop become one.
Status read_flatten_range(OpContext& c) {
  const Tensor* x = c.input(0);
  const auto rank = x && x->declared.ranked() ? static_cast<std::int64_t>(x->declared.rank()) : 0;
  std::int64_t start = c.source.integer("start_axis", 1), stop = c.source.integer("stop_axis", -1);
  if (start < 0) start += rank;
  if (stop < 0) stop += rank;
  if (rank == 0 || start < 0 || stop < start || stop >= rank) {
    c.give_up("the range of axes that it flattens is not known");
    return ok();
  }
  ReshapeAttrs attrs;
  attrs.zero_copies = true;
  attrs.has_shape = true;
  attrs.shape.assign(static_cast<std::size_t>(rank - (stop - start)), 0);
  attrs.shape[static_cast<std::size_t>(start)] = -1;
  // Extents behind the range are not where they were: they must be known.
  for (std::int64_t axis = stop + 1; axis < rank; ++axis) {
    const Dim extent = x->declared[static_cast<std::size_t>(axis)];
    if (!extent.known()) {
      c.give_up("the extents behind the range that it flattens are open");
      return ok();
    }
    attrs.shape[static_cast<std::size_t>(axis - (stop - start))] = extent.value();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_transpose(OpContext& c) {
  TransposeAttrs attrs;
  attrs.perm = c.source.ints("axis");
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_split(OpContext& c) {
  SplitAttrs attrs;
  attrs.axis = c.source.integer("axis", 0);
  attrs.sizes = c.source.ints("sections");
  if (std::find(attrs.sizes.begin(), attrs.sizes.end(), -1) != attrs.sizes.end()) {
    c.give_up("one of its parts is as large as what is left");
    return ok();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

// With decrease_axis the axes of one element that are named vanish.
Status read_slice(OpContext& c) {
  const Ints axes = c.source.ints("axes"), starts = c.source.ints("starts"), ends = c.source.ints("ends");
  const Ints dropped = c.source.ints("decrease_axis");
  if (starts.size() != axes.size() || ends.size() != axes.size()) {
    c.give_up("its bounds are computed");
    return ok();
  }
  SliceAttrs attrs;
  if (dropped.empty()) {
    attrs.onnx_form = true;
    attrs.axes = axes;
    attrs.starts = starts;
    attrs.ends = ends;
    attrs.steps = c.source.ints("strides");
    c.op.attrs = std::move(attrs);
    return ok();
  }
  // Axes behind the last one that is named stay whole: their number need not be known.
  const Tensor* x = c.input(0);
  const bool ranked = x && x->declared.ranked();
  const std::int64_t furthest = axes.empty() ? -1 : *std::max_element(axes.begin(), axes.end());
  const bool from_front = std::all_of(axes.begin(), axes.end(), [](std::int64_t axis) { return axis >= 0; });
  constexpr std::int64_t kMostAxes = 31;
  const std::int64_t rank = ranked ? static_cast<std::int64_t>(x->declared.rank()) : furthest + 1;
  if (rank > kMostAxes || (!ranked && !from_front)) {
    c.give_up("the rank of what it cuts is not known");
    return ok();
  }
  attrs.starts.assign(static_cast<std::size_t>(rank), 0);
  attrs.ends.assign(static_cast<std::size_t>(rank), 0);
  attrs.steps.assign(static_cast<std::size_t>(rank), 1);
  attrs.begin_mask = attrs.end_mask = (std::int64_t{1} << rank) - 1;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t axis = axes[i] < 0 ? axes[i] + rank : axes[i];
    if (axis < 0 || axis >= rank)
      return make_error(ErrorCode::kInvalidAttribute,
                        "axis " + std::to_string(axes[i]) + " of an operand of rank " + std::to_string(rank));
    attrs.starts[static_cast<std::size_t>(axis)] = starts[i];
    attrs.ends[static_cast<std::size_t>(axis)] = ends[i];
    attrs.begin_mask &= ~(std::int64_t{1} << axis);
    attrs.end_mask &= ~(std::int64_t{1} << axis);
  }
  for (const std::int64_t stated : dropped) {
    const std::int64_t axis = stated < 0 ? stated + rank : stated;
    if (axis >= 0 && axis < rank) attrs.shrink_axis_mask |= std::int64_t{1} << axis;
  }
  c.op.kind = K::kStridedSlice;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_expand(OpContext& c) {
  Ints shape = c.source.ints("shape");
  ReshapeAttrs attrs;
  attrs.shape = std::move(shape);
  attrs.has_shape = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_cast(OpContext& c) {
  CastAttrs attrs;
  attrs.dtype = dtype_of(c.source.integer("out_dtype", 5));
  c.op.attrs = attrs;
  return ok();
}

Status read_fill(OpContext& c) {
  FillAttrs attrs;
  attrs.dtype = dtype_of(c.source.integer("dtype", 5));
  attrs.shape = c.source.ints("shape");
  attrs.has_shape = c.op.inputs.empty();
  attrs.value = c.source.real("value", 0);
  attrs.has_value = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_fill_like(OpContext& c) {
  FillAttrs attrs;
  attrs.like = true;
  attrs.value = c.source.real("value", 0);
  attrs.has_value = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_shape(OpContext& c) {
  CastAttrs attrs;
  attrs.dtype = DType::kInt32;
  c.op.attrs = attrs;
  return ok();
}

Status read_interpolate(OpContext& c) {
  ResizeAttrs attrs;
  attrs.mode = c.op.kind == K::kResizeNearest ? ResizeMode::kNearest
               : c.op.kind == K::kResizeCubic ? ResizeMode::kCubic
                                              : ResizeMode::kLinear;
  attrs.layout = layout_of(c.source);
  attrs.axes = is_channels_last(c.source) ? Ints{1, 2} : Ints{2, 3};
  attrs.align_corners = c.source.flag("align_corners");
  const std::int64_t height = c.source.integer("out_h", 0), width = c.source.integer("out_w", 0);
  std::vector<double> scales = c.source.reals("scale");
  if (scales.size() == 1) scales.push_back(scales[0]);
  if (!c.source.input("OutSize").empty() || !c.source.input("SizeTensor").empty()) {
    c.give_up("its size is computed");
    return ok();
  }
  if (scales.size() == 2 && scales[0] > 0 && std::isfinite(scales[0])) attrs.scales = std::move(scales);
  else if (height > 0 && width > 0) attrs.sizes = {height, width};
  else {
    c.give_up("has neither a size nor a scale");
    return ok();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

// pad2d: top, bottom, left, right; pad3d: left, right, top, bottom, front, back; pad: pairs of all axes.
Status read_pad(OpContext& c) {
  const Ints stated = c.source.ints("paddings");
  const std::string mode = c.source.text("mode");
  PadAttrs attrs;
  attrs.mode = mode == "reflect"                       ? PadMode::kReflect
               : mode == "edge" || mode == "replicate" ? PadMode::kEdge
               : mode == "circular"                    ? PadMode::kWrap
                                                       : PadMode::kConstant;
  Ints begins, ends;
  if (c.source.type == "pad") {
    for (std::size_t i = 0; i + 1 < stated.size(); i += 2) begins.push_back(stated[i]), ends.push_back(stated[i + 1]);
  } else {
    const bool backwards = c.source.type == "pad3d";
    for (std::size_t i = 0; i + 1 < stated.size(); i += 2) begins.push_back(stated[i]), ends.push_back(stated[i + 1]);
    if (backwards) {
      std::reverse(begins.begin(), begins.end());
      std::reverse(ends.begin(), ends.end());
    }
    const auto add = [&](Ints& list) {
      list.insert(list.begin(), 0);
      list.insert(is_channels_last(c.source) ? list.end() : list.begin(), 0);
    };
    add(begins), add(ends);
  }
  if (stated.empty()) {
    c.give_up("its padding is computed");
    return ok();
  }
  attrs.pads = std::move(begins);
  attrs.pads.insert(attrs.pads.end(), ends.begin(), ends.end());
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_pixel_shuffle(OpContext& c) {
  SpaceDepthAttrs attrs;
  attrs.block_size = c.source.integer(c.source.find("upscale_factor") ? "upscale_factor" : "blocksize", 1);
  attrs.layout = layout_of(c.source);
  c.op.attrs = attrs;
  return ok();
}

// Paddle-Lite: between floating point and integers, told by the type of the result.
Status read_calib(OpContext& c) {
  const Tensor* out = c.output(0);
  const DType to = out ? out->dtype : DType::kUnknown;
  if (to == DType::kUnknown) {
    c.give_up("the type that it makes is not stated");
    return ok();
  }
  c.op.kind = is_float(to) ? K::kDequantize : K::kQuantize;
  QuantAttrs attrs;
  attrs.dtype = to;
  c.op.attrs = attrs;
  return ok();
}

Status read_quantize(OpContext& c) {
  QuantAttrs attrs;
  attrs.bits = c.source.integer("bit_length", 8);
  attrs.axis = c.source.integer("quant_axis", 0);
  if (attrs.axis < 0) attrs.axis = 0;
  if (c.op.kind == K::kQuantize) attrs.dtype = DType::kInt8;
  if (c.op.kind == K::kDequantize) attrs.dtype = DType::kFloat32;
  c.op.attrs = attrs;
  return ok();
}

constexpr std::string_view kOut = "Out";

// Columns: Paddle's name, kind, parameters, results, reader of attributes. Sorted by name.
// clang-format off
constexpr OpRow kRows[] = {
    {"abs", K::kAbs, "X:x", kOut, read_nothing},
    {"affine_channel", K::kBatchNorm, "X:x Scale:n Bias:n", kOut, read_batch_norm},
    {"arg_max", K::kArgMax, "X:x", kOut, read_arg},
    {"arg_min", K::kArgMin, "X:x", kOut, read_arg},
    {"assign", K::kIdentity, "X:x", kOut, read_nothing},
    {"batch_norm", K::kBatchNorm, "X:x Scale:n Bias:n Mean:n Variance:n", "Y", read_batch_norm},
    {"bicubic_interp", K::kResizeCubic, "X:x", kOut, read_interpolate},
    {"bicubic_interp_v2", K::kResizeCubic, "X:x", kOut, read_interpolate},
    {"bilinear_interp", K::kResizeBilinear, "X:x", kOut, read_interpolate},
    {"bilinear_interp_v2", K::kResizeBilinear, "X:x", kOut, read_interpolate},
    {"bmm", K::kMatMul, "X:x Y:x", kOut, read_matmul},
    {"calib", K::kCast, "Input:x", kOut, read_calib},
    {"calib_once", K::kCast, "Input:x", kOut, read_calib},
    {"cast", K::kCast, "X:x", kOut, read_cast},
    {"ceil", K::kCeil, "X:x", kOut, read_nothing},
    {"clip", K::kClip, "X:x", kOut, read_nothing},
    {"concat", K::kConcat, "X:x", kOut, read_axis},
    {"conv2d", K::kConv2D, "Input:x Filter:w Bias:b ResidualData:x", "Output", read_conv},
    {"conv2d_transpose", K::kConvTranspose2D, "Input:x Filter:w Bias:b", "Output", read_conv_transpose},
    {"conv3d", K::kConv3D, "Input:x Filter:w Bias:b", "Output", read_conv},
    {"conv3d_transpose", K::kConvTranspose3D, "Input:x Filter:w Bias:b", "Output", read_conv_transpose},
    {"cos", K::kCos, "X:x", kOut, read_nothing},
    {"cumsum", K::kCumSum, "X:x", kOut, read_axis},
    {"depthwise_conv2d", K::kDepthwiseConv2D, "Input:x Filter:w Bias:b", "Output", read_conv},
    {"depthwise_conv2d_transpose", K::kConvTranspose2D, "Input:x Filter:w Bias:b", "Output", read_conv_transpose},
    {"dequantize_linear", K::kDequantize, "X:x Scale:q ZeroPoint:q", "Y", read_quantize},
    {"dropout", K::kDropout, "X:x", kOut, read_nothing},
    {"elementwise_add", K::kAdd, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_div", K::kDiv, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_floordiv", K::kFloorDiv, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_max", K::kMaximum, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_min", K::kMinimum, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_mod", K::kMod, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_mul", K::kMul, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_pow", K::kPow, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_sub", K::kSub, "X:x Y:x", kOut, read_elementwise},
    {"elu", K::kElu, "X:x", kOut, read_alpha},
    {"equal", K::kEqual, "X:x Y:x", kOut, read_elementwise},
    {"erf", K::kErf, "X:x", kOut, read_nothing},
    {"exp", K::kExp, "X:x", kOut, read_nothing},
    {"expand_as_v2", K::kExpand, "X:x", kOut, read_expand},
    {"expand_v2", K::kExpand, "X:x Shape:c", kOut, read_expand},
    {"fake_channel_wise_dequantize_max_abs", K::kDequantize, "X:x Scales:q", kOut, read_quantize},
    {"fake_channel_wise_quantize_abs_max", K::kFakeQuant, "X:x", kOut, read_quantize},
    {"fake_channel_wise_quantize_dequantize_abs_max", K::kFakeQuant, "X:x", kOut, read_quantize},
    {"fake_dequantize_max_abs", K::kDequantize, "X:x Scale:q", kOut, read_quantize},
    {"fake_quantize_abs_max", K::kFakeQuant, "X:x", kOut, read_quantize},
    {"fake_quantize_dequantize_abs_max", K::kFakeQuant, "X:x", kOut, read_quantize},
    {"fake_quantize_dequantize_moving_average_abs_max", K::kFakeQuant, "X:x InScale:q", kOut, read_quantize},
    {"fake_quantize_moving_average_abs_max", K::kFakeQuant, "X:x InScale:q", kOut, read_quantize},
    {"fake_quantize_range_abs_max", K::kFakeQuant, "X:x InScale:q", kOut, read_quantize},
    {"fc", K::kDense, "Input:x W:w Bias:b", kOut, read_mul},
    {"fill_any_like", K::kZerosLike, "X:x", kOut, read_fill_like},
    {"fill_constant", K::kFill, "ShapeTensor:c", kOut, read_fill},
    {"fill_zeros_like", K::kZerosLike, "X:x", kOut, read_fill_like},
    {"flatten", K::kFlatten, "X:x", kOut, read_flatten},
    {"flatten2", K::kFlatten, "X:x", kOut, read_flatten},
    {"flatten_contiguous_range", K::kReshape, "X:x", kOut, read_flatten_range},
    {"flip", K::kReverse, "X:x", kOut, read_reverse},
    {"floor", K::kFloor, "X:x", kOut, read_nothing},
    {"fusion_elementwise_add_activation", K::kAdd, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_div_activation", K::kDiv, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_max_activation", K::kMaximum, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_min_activation", K::kMinimum, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_mul_activation", K::kMul, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_sub_activation", K::kSub, "X:x Y:x", kOut, read_elementwise},
    {"gather", K::kGather, "X:x Index:c", kOut, read_axis},
    {"gather_nd", K::kGatherND, "X:x Index:c", kOut, read_axis},
    {"gelu", K::kGelu, "X:x", kOut, read_nothing},
    {"greater_equal", K::kGreaterEqual, "X:x Y:x", kOut, read_elementwise},
    {"greater_than", K::kGreater, "X:x Y:x", kOut, read_elementwise},
    {"grid_sampler", K::kGridSample, "X:x Grid:x", "Output", read_nothing},
    {"group_norm", K::kGroupNorm, "X:x Scale:n Bias:n", "Y", read_batch_norm},
    {"hard_sigmoid", K::kHardSigmoid, "X:x", kOut, read_nothing},
    {"hard_swish", K::kHardSwish, "X:x", kOut, read_nothing},
    {"instance_norm", K::kInstanceNorm, "X:x Scale:n Bias:n", "Y", read_batch_norm},
    {"io_copy", K::kIdentity, "Input:x", kOut, read_nothing},
    {"io_copy_once", K::kIdentity, "Input:x", kOut, read_nothing},
    {"layer_norm", K::kLayerNorm, "X:x Scale:n Bias:n", "Y", read_layer_norm},
    {"layout", K::kIdentity, "Input:x", kOut, read_nothing},
    {"layout_once", K::kIdentity, "Input:x", kOut, read_nothing},
    {"leaky_relu", K::kLeakyRelu, "X:x", kOut, read_alpha},
    {"less_equal", K::kLessEqual, "X:x Y:x", kOut, read_elementwise},
    {"less_than", K::kLess, "X:x Y:x", kOut, read_elementwise},
    {"log", K::kLog, "X:x", kOut, read_nothing},
    {"log_softmax", K::kLogSoftmax, "X:x", kOut, read_axis},
    {"logical_and", K::kLogicalAnd, "X:x Y:x", kOut, read_nothing},
    {"logical_not", K::kLogicalNot, "X:x", kOut, read_nothing},
    {"logical_or", K::kLogicalOr, "X:x Y:x", kOut, read_nothing},
    {"lookup_table", K::kEmbeddingLookup, "Ids:x W:w", kOut, read_nothing},
    {"lookup_table_v2", K::kEmbeddingLookup, "Ids:x W:w", kOut, read_nothing},
    {"lrn", K::kLocalResponseNorm, "X:x", kOut, read_lrn},
    {"matmul", K::kMatMul, "X:x Y:x", kOut, read_matmul},
    {"matmul_v2", K::kMatMul, "X:x Y:x", kOut, read_matmul},
    {"mean", K::kReduceMean, "X:x", kOut, read_mean},
    {"mish", K::kMish, "X:x", kOut, read_nothing},
    {"mul", K::kDense, "X:x Y:w", kOut, read_mul},
    {"nearest_interp", K::kResizeNearest, "X:x", kOut, read_interpolate},
    {"nearest_interp_v2", K::kResizeNearest, "X:x", kOut, read_interpolate},
    {"norm", K::kLpNorm, "X:x", kOut, read_norm},
    {"not_equal", K::kNotEqual, "X:x Y:x", kOut, read_elementwise},
    {"p_norm", K::kCustom, "X:x", kOut, read_nothing},
    {"pad", K::kPad, "X:x", kOut, read_pad},
    {"pad2d", K::kPad, "X:x", kOut, read_pad},
    {"pad3d", K::kPad, "X:x", kOut, read_pad},
    {"pixel_shuffle", K::kDepthToSpace, "X:x", kOut, read_pixel_shuffle},
    {"pool2d", K::kAveragePool, "X:x", kOut, read_pool},
    {"pool3d", K::kAveragePool, "X:x", kOut, read_pool},
    {"pow", K::kPow, "X:x", kOut, read_pow},
    {"prelu", K::kPRelu, "X:x Alpha:w", kOut, read_nothing},
    {"quantize_linear", K::kQuantize, "X:x Scale:q ZeroPoint:q", "Y", read_quantize},
    {"range", K::kRange, "Start:c End:c Step:c", kOut, read_nothing},
    {"reciprocal", K::kReciprocal, "X:x", kOut, read_nothing},
    {"reduce_all", K::kReduceAll, "X:x", kOut, read_reduce},
    {"reduce_any", K::kReduceAny, "X:x", kOut, read_reduce},
    {"reduce_max", K::kReduceMax, "X:x", kOut, read_reduce},
    {"reduce_mean", K::kReduceMean, "X:x", kOut, read_reduce},
    {"reduce_min", K::kReduceMin, "X:x", kOut, read_reduce},
    {"reduce_prod", K::kReduceProd, "X:x", kOut, read_reduce},
    {"reduce_sum", K::kReduceSum, "X:x", kOut, read_reduce},
    {"relu", K::kRelu, "X:x", kOut, read_nothing},
    {"relu6", K::kRelu6, "X:x", kOut, read_nothing},
    {"reshape", K::kReshape, "X:x Shape:c", kOut, read_reshape},
    {"reshape2", K::kReshape, "X:x Shape:c", kOut, read_reshape},
    {"reverse", K::kReverse, "X:x", kOut, read_reverse},
    {"round", K::kRound, "X:x", kOut, read_nothing},
    {"rsqrt", K::kRsqrt, "X:x", kOut, read_nothing},
    {"scale", K::kMul, "X:x", kOut, read_scale},
    {"shape", K::kShape, "Input:x", kOut, read_shape},
    {"shuffle_channel", K::kChannelShuffle, "X:x", kOut, read_nothing},
    {"sigmoid", K::kSigmoid, "X:x", kOut, read_nothing},
    {"sign", K::kSign, "X:x", kOut, read_nothing},
    {"silu", K::kSwish, "X:x", kOut, read_nothing},
    {"sin", K::kSin, "X:x", kOut, read_nothing},
    {"slice", K::kSlice, "Input:x", kOut, read_slice},
    {"softmax", K::kSoftmax, "X:x", kOut, read_axis},
    {"softplus", K::kSoftplus, "X:x", kOut, read_nothing},
    {"softsign", K::kSoftsign, "X:x", kOut, read_nothing},
    {"space_to_depth", K::kSpaceToDepth, "X:x", kOut, read_pixel_shuffle},
    {"split", K::kSplit, "X:x", kOut, read_split},
    {"sqrt", K::kSqrt, "X:x", kOut, read_nothing},
    {"square", K::kSquare, "X:x", kOut, read_nothing},
    {"squeeze", K::kSqueeze, "X:x", kOut, read_axes},
    {"squeeze2", K::kSqueeze, "X:x", kOut, read_axes},
    {"stack", K::kStack, "X:x", "Y", read_axis},
    {"strided_slice", K::kSlice, "Input:x", kOut, read_slice},
    {"sum", K::kAddN, "X:x", kOut, read_nothing},
    {"swish", K::kSwish, "X:x", kOut, read_nothing},
    {"sync_batch_norm", K::kBatchNorm, "X:x Scale:n Bias:n Mean:n Variance:n", "Y", read_batch_norm},
    {"tanh", K::kTanh, "X:x", kOut, read_nothing},
    {"top_k", K::kTopK, "X:x", "Out Indices", read_top_k},
    {"top_k_v2", K::kTopK, "X:x", "Out Indices", read_top_k},
    {"transpose", K::kTranspose, "X:x", kOut, read_transpose},
    {"transpose2", K::kTranspose, "X:x", kOut, read_transpose},
    {"unsqueeze", K::kUnsqueeze, "X:x", kOut, read_axes},
    {"unsqueeze2", K::kUnsqueeze, "X:x", kOut, read_axes},
    {"unstack", K::kUnstack, "X:x", "Y", read_axis},
    {"where", K::kSelect, "Condition:x X:x Y:x", kOut, read_nothing},
};
// clang-format on

constexpr bool sorted_by_name() {
  for (std::size_t i = 1; i < std::size(kRows); ++i) {
    if (!(kRows[i - 1].name < kRows[i].name)) return false;
  }
  return true;
}
static_assert(sorted_by_name(), "rows are found by bisection");

}  // namespace

const OpRow* find_op_row(std::string_view type) {
  const auto* row = std::lower_bound(std::begin(kRows), std::end(kRows), type,
                                     [](const OpRow& r, std::string_view name) { return r.name < name; });
  return row != std::end(kRows) && row->name == type ? row : nullptr;
}

void OpContext::give_up(const std::string& reason) const {
  op.kind = OpKind::kCustom;
  CustomAttrs attrs;
  attrs.domain = "paddle";
  attrs.name = source.type;
  op.attrs = std::move(attrs);
  diagnostics.warn("not-followed", op_place(op, op.source.index), reason);
}

void OpContext::add_scalar(double value) const {
  Tensor tensor;
  tensor.is_constant = true;
  tensor.name = op.name + ".scalar";
  tensor.dtype = DType::kFloat32;
  tensor.declared = tensor.shape = Shape::scalar();
  tensor.value = Value::of_reals({value});
  op.inputs.push_back({static_cast<TensorId>(graph.tensors.size()), OperandRole::kConfig});
  graph.tensors.push_back(std::move(tensor));
}

}  // namespace nngauge::paddle
