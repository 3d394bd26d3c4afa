// SPDX-License-Identifier: Apache-2.0
// Layers on pictures: convolution, pooling, padding, resampling.
#include <fmt/format.h>

#include <array>
#include <bit>

#include "parsers/coreml/layer_readers.h"

namespace nngauge::coreml {
namespace {

using K = OpKind;

constexpr std::int64_t kMostBorder = std::int64_t{1} << 31;

// Numbers for each spatial axis: all of them or none, which means `fallback`.
Result<Ints> per_axis(const Message& params, std::uint32_t number, std::size_t axes, std::int64_t fallback,
                      std::string_view what) {
  Ints out = params.ints(number, 16);
  if (out.empty()) out.assign(axes, fallback);
  if (out.size() != axes)
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("{} has {} numbers, needs {}", what, out.size(), axes));
  for (const std::int64_t each : out) {
    if (each < 0 || each >= kMostBorder)
      return make_error(ErrorCode::kInvalidAttribute, fmt::format("{} is {}", what, each));
  }
  return out;
}

// BorderAmounts: start and end of height, then of width. All begins, then all ends.
Result<Ints> read_borders(const Message& borders) {
  Ints begins, ends;
  borders.each(10, [&](const WireField& field) {
    const Message edge = borders.of(field);
    begins.push_back(edge.integer(1));
    ends.push_back(edge.integer(2));
  });
  if (begins.empty()) return Ints{0, 0, 0, 0};
  if (begins.size() != 2)
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("borders are given for {} axes", begins.size()));
  begins.insert(begins.end(), ends.begin(), ends.end());
  for (const std::int64_t each : begins) {
    if (each < 0 || each >= kMostBorder)
      return make_error(ErrorCode::kInvalidAttribute, fmt::format("a border is {}", each));
  }
  return begins;
}

// A window's padding: `same` where that message is there, else what `valid` says.
Status read_window(const Message& valid, const Message& same, PaddingMode& mode, Ints& pads) {
  if (same.present()) {
    mode = same.integer(1) == 1 ? PaddingMode::kSameLower : PaddingMode::kSameUpper;
    return ok();
  }
  mode = PaddingMode::kExplicit;
  NNGAUGE_TRY(pads, read_borders(valid.child(1)));
  return ok();
}

Result<std::int64_t> extent(const Message& params, std::uint32_t number, std::int64_t fallback, std::string_view what) {
  const std::int64_t value = params.integer(number, fallback);
  if (value < 1 || value >= kMostBorder)
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("{} is {}", what, value));
  return value;
}

Status emit_convolution(LayerView& v, ConvAttrs attrs, const Shape& filter, std::int64_t outputs,
                        const Message& weights, const Message& bias, bool has_bias) {
  if (v.input_count() > 1) {  // weights that are computed
    v.input_operand(1, OperandRole::kWeight);
  } else {
    NNGAUGE_CHECK(v.weight(weights, filter, OperandRole::kWeight, "weights"));
  }
  if (v.input_count() > 2) v.input_operand(2, OperandRole::kBias);
  else if (has_bias) NNGAUGE_CHECK(v.weight(bias, {outputs}, OperandRole::kBias, "bias"));
  v.op.attrs = std::move(attrs);
  return ok();
}

}  // namespace

Status read_convolution(LayerView& v) {
  enum : std::uint32_t {
    kOutputs = 1,
    kKernelChannels = 2,
    kGroups = 10,
    kKernel = 20,
    kStride = 30,
    kDilation = 40,
    kValid = 50,
    kSame = 51,
    kTransposed = 60,
    kHasBias = 70,
    kWeights = 90,
    kBias = 91,
    kOutputShape = 100
  };
  const Message& p = v.params;
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const std::int64_t outputs, extent(p, kOutputs, 0, "the number of output channels"));
  NNGAUGE_TRY(const std::int64_t channels, extent(p, kKernelChannels, 0, "the number of kernel channels"));
  ConvAttrs attrs;
  NNGAUGE_TRY(attrs.groups, extent(p, kGroups, 1, "the number of groups"));
  NNGAUGE_TRY(const Ints kernel, per_axis(p, kKernel, 2, 3, "the kernel size"));
  NNGAUGE_TRY(attrs.strides, per_axis(p, kStride, 2, 1, "the stride"));
  NNGAUGE_TRY(attrs.dilations, per_axis(p, kDilation, 2, 1, "the dilation"));
  NNGAUGE_CHECK(read_window(p.child(kValid), p.child(kSame), attrs.padding, attrs.pads));
  const bool transposed = p.flag(kTransposed);
  Shape filter = {outputs, channels, kernel[0], kernel[1]};
  if (transposed) {
    v.op.kind = K::kConvTranspose2D;
    attrs.filter_layout = FilterLayout::kInOutSpatial;
    if (outputs % attrs.groups != 0)
      return make_error(ErrorCode::kInvalidAttribute,
                        fmt::format("{} groups do not divide {} output channels", attrs.groups, outputs));
    filter = {channels, outputs / attrs.groups, kernel[0], kernel[1]};
    attrs.output_shape = p.ints(kOutputShape, 2);
  } else if (attrs.groups > 1 && channels == 1 && outputs % attrs.groups == 0) {
    v.op.kind = K::kDepthwiseConv2D;
  }
  NNGAUGE_TRY(const TensorId x, v.picture());
  v.operand(x);
  NNGAUGE_CHECK(
      emit_convolution(v, std::move(attrs), filter, outputs, p.child(kWeights), p.child(kBias), p.flag(kHasBias)));
  return v.emit_picture();
}

Status read_convolution3d(LayerView& v) {
  enum : std::uint32_t {
    kOutputs = 1,
    kInputs = 2,
    kGroups = 10,
    kKernel = 20,
    kStride = 31,
    kDilation = 40,
    kHasBias = 50,
    kWeights = 60,
    kBias = 61,
    kPaddingType = 70,
    kFront = 80,
    kTransposed = 86,
    kOutputShape = 87
  };
  const Message& p = v.params;
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const std::int64_t outputs, extent(p, kOutputs, 0, "the number of output channels"));
  NNGAUGE_TRY(const std::int64_t inputs, extent(p, kInputs, 0, "the number of input channels"));
  ConvAttrs attrs;
  NNGAUGE_TRY(attrs.groups, extent(p, kGroups, 1, "the number of groups"));
  Ints kernel;
  for (std::uint32_t i = 0; i < 3; ++i) {
    NNGAUGE_TRY(const std::int64_t k, extent(p, kKernel + i, 1, "the kernel size"));
    NNGAUGE_TRY(const std::int64_t s, extent(p, kStride + i, 1, "the stride"));
    NNGAUGE_TRY(const std::int64_t d, extent(p, kDilation + i, 1, "the dilation"));
    kernel.push_back(k), attrs.strides.push_back(s), attrs.dilations.push_back(d);
  }
  const std::int64_t padding = p.integer(kPaddingType);
  if (padding == 2) attrs.padding = PaddingMode::kSameUpper;
  else if (padding == 0) {
    for (std::uint32_t i : {0U, 2U, 4U, 1U, 3U, 5U}) attrs.pads.push_back(p.integer(kFront + i));
  }
  const bool transposed = p.flag(kTransposed);
  const std::int64_t divided = transposed ? outputs : inputs;
  if (divided % attrs.groups != 0)
    return make_error(ErrorCode::kInvalidAttribute,
                      fmt::format("{} groups do not divide {} channels", attrs.groups, divided));
  Shape filter = {outputs, inputs / attrs.groups, kernel[0], kernel[1], kernel[2]};
  if (transposed) {
    v.op.kind = K::kConvTranspose3D;
    attrs.filter_layout = FilterLayout::kInOutSpatial;
    filter = {inputs, outputs / attrs.groups, kernel[0], kernel[1], kernel[2]};
    attrs.output_shape = p.ints(kOutputShape, 3);
  } else if (attrs.groups > 1 && attrs.groups == inputs && outputs % attrs.groups == 0) {
    v.op.kind = K::kDepthwiseConv3D;
  }
  v.input_operand(0);
  NNGAUGE_CHECK(
      emit_convolution(v, std::move(attrs), filter, outputs, p.child(kWeights), p.child(kBias), p.flag(kHasBias)));
  return v.emit();
}

Status read_pooling(LayerView& v) {
  enum : std::uint32_t {
    kType = 1,
    kKernel = 10,
    kStride = 20,
    kValid = 30,
    kSame = 31,
    kLastPixel = 32,
    kExcludePadding = 50,
    kGlobal = 60
  };
  constexpr std::array kKinds = {K::kMaxPool, K::kAveragePool, K::kLpPool};
  constexpr std::array kGlobalKinds = {K::kGlobalMaxPool, K::kGlobalAveragePool, K::kGlobalLpPool};
  const Message& p = v.params;
  NNGAUGE_CHECK(v.needs(1));
  const std::int64_t type = p.integer(kType);
  if (type < 0 || type > 2)
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("the pooling type is {}", type));
  const bool global = p.flag(kGlobal);
  v.op.kind = (global ? kGlobalKinds : kKinds)[static_cast<std::size_t>(type)];
  PoolAttrs attrs;
  if (!global) {
    NNGAUGE_TRY(attrs.kernel, per_axis(p, kKernel, 2, 3, "the kernel size"));
    NNGAUGE_TRY(attrs.strides, per_axis(p, kStride, 2, 1, "the stride"));
    NNGAUGE_CHECK(read_window(p.child(kValid), p.child(kSame), attrs.padding, attrs.pads));
    attrs.count_include_pad = !p.flag(kExcludePadding);
    if (const Message last = p.child(kLastPixel); last.present()) {
      // As Caffe pools: rounded up, without a window that lies wholly in the padding.
      NNGAUGE_TRY(const Ints amounts, per_axis(last, 10, 2, 0, "the padding"));
      attrs.padding = PaddingMode::kExplicit;
      attrs.pads = {amounts[0], amounts[1], amounts[0], amounts[1]};
      attrs.ceil_mode = true;
      attrs.keep_outer_window = amounts[0] == 0 && amounts[1] == 0;
    }
  }
  NNGAUGE_TRY(const TensorId x, v.picture());
  v.operand(x);
  v.op.attrs = std::move(attrs);
  return v.emit_picture();
}

Status read_pooling3d(LayerView& v) {
  enum : std::uint32_t { kType = 1, kKernel = 2, kStride = 5, kFront = 8, kExcludePadding = 14, kPaddingType = 15 };
  const Message& p = v.params;
  NNGAUGE_CHECK(v.needs(1));
  v.op.kind = p.integer(kType) == 1 ? K::kAveragePool : K::kMaxPool;
  PoolAttrs attrs;
  for (std::uint32_t i = 0; i < 3; ++i) {
    NNGAUGE_TRY(const std::int64_t k, extent(p, kKernel + i, 1, "the kernel size"));
    NNGAUGE_TRY(const std::int64_t s, extent(p, kStride + i, 1, "the stride"));
    attrs.kernel.push_back(k), attrs.strides.push_back(s);
  }
  const std::int64_t padding = p.integer(kPaddingType);
  if (padding == 2) attrs.padding = PaddingMode::kSameUpper;
  else if (padding == 0) {
    for (std::uint32_t i : {0U, 2U, 4U, 1U, 3U, 5U}) attrs.pads.push_back(p.integer(kFront + i));
  }
  attrs.count_include_pad = !p.flag(kExcludePadding);
  v.op.attrs = std::move(attrs);
  v.input_operand(0);
  return v.emit();
}

Status read_global_pooling3d(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  v.op.kind = v.params.integer(1) == 1 ? K::kGlobalAveragePool : K::kGlobalMaxPool;
  v.op.attrs = PoolAttrs{};
  v.input_operand(0);
  return v.emit();
}

Status read_padding(LayerView& v) {
  enum : std::uint32_t { kReflection = 2, kReplication = 3, kBorders = 10 };
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const Ints borders, read_borders(v.params.child(kBorders)));
  NNGAUGE_TRY(const TensorId x, v.picture());
  v.operand(x);
  PadAttrs attrs;
  attrs.mode = v.params.has(kReflection)    ? PadMode::kReflect
               : v.params.has(kReplication) ? PadMode::kEdge
                                            : PadMode::kConstant;
  attrs.pads = {0, 0, borders[0], borders[1], 0, 0, borders[2], borders[3]};
  v.op.attrs = std::move(attrs);
  return v.emit_picture();
}

// Borders that are cut off; with a second input, as much as leaves its height and width from an offset on.
Status read_crop(LayerView& v) {
  enum : std::uint32_t { kBorders = 1, kOffset = 5 };
  NNGAUGE_CHECK(v.needs(1));
  NNGAUGE_TRY(const TensorId x, v.picture());
  v.operand(x);
  SliceAttrs attrs;
  attrs.onnx_form = true;
  attrs.axes = {2, 3};
  if (v.input_count() > 1) {
    NNGAUGE_TRY(attrs.starts, per_axis(v.params, kOffset, 2, 0, "the offset"));
    NNGAUGE_TRY(const TensorId like, v.picture(1));
    const Dim height = v.writer().shape(like).at(-2), width = v.writer().shape(like).at(-1);
    if (!height.known() || !width.known()) {
      v.op.kind = K::kCustom;
      return v.emit_picture();
    }
    attrs.ends = {attrs.starts[0] + height.value(), attrs.starts[1] + width.value()};
  } else {
    NNGAUGE_TRY(const Ints borders, read_borders(v.params.child(kBorders)));
    attrs.starts = {borders[0], borders[1]};
    for (const std::int64_t end : {borders[2], borders[3]}) attrs.ends.push_back(end == 0 ? kMostBorder : -end);
  }
  v.op.attrs = std::move(attrs);
  return v.emit_picture();
}

Status read_upsample(LayerView& v) {
  enum : std::uint32_t { kScale = 1, kMode = 5, kLinearMode = 6, kFractional = 7 };
  NNGAUGE_CHECK(v.needs(1));
  const bool linear = v.params.integer(kMode) == 1;
  v.op.kind = linear ? K::kResizeBilinear : K::kResizeNearest;
  ResizeAttrs attrs;
  attrs.mode = linear ? ResizeMode::kLinear : ResizeMode::kNearest;
  attrs.align_corners = v.params.integer(kLinearMode) == 1;
  v.params.each(kFractional, [&](const WireField& field) {
    WireFile& file = v.params.file();
    for (std::uint64_t at = field.payload; at + 4 <= field.end() && attrs.scales.size() < 2; at += 4) {
      std::uint32_t bits = 0;
      for (std::size_t i = 4; i-- > 0;) bits = (bits << 8U) | file.bytes[static_cast<std::size_t>(at) + i];
      attrs.scales.push_back(static_cast<double>(std::bit_cast<float>(bits)));
    }
  });
  if (attrs.scales.size() != 2) {
    NNGAUGE_TRY(const Ints scale, per_axis(v.params, kScale, 2, 1, "the scaling factor"));
    attrs.scales.assign(scale.begin(), scale.end());
  }
  NNGAUGE_TRY(const TensorId x, v.picture());
  v.operand(x);
  v.op.attrs = std::move(attrs);
  return v.emit_picture();
}

Status read_resize_bilinear(LayerView& v) {
  NNGAUGE_CHECK(v.needs(1));
  ResizeAttrs attrs;
  attrs.mode = ResizeMode::kLinear;
  NNGAUGE_TRY(attrs.sizes, per_axis(v.params, 1, 2, 1, "the target size"));
  NNGAUGE_TRY(const TensorId x, v.picture());
  v.operand(x);
  v.op.attrs = std::move(attrs);
  return v.emit_picture();
}

// A picture and boxes of four or five numbers (a first one that names the picture).
Status read_crop_resize(LayerView& v) {
  NNGAUGE_CHECK(v.needs(2));
  NNGAUGE_TRY(const Ints size, per_axis(v.params, 1, 2, 1, "the target size"));
  NNGAUGE_TRY(const TensorId x, v.picture());
  NNGAUGE_TRY(const TensorId boxes, v.rows(1));
  v.operand(x);
  v.operand(boxes, OperandRole::kConfig);
  CustomAttrs attrs;
  attrs.pooled_height = size[0];
  attrs.pooled_width = size[1];
  attrs.sampling_ratio = 1;
  v.op.attrs = std::move(attrs);
  return v.emit(v.exact(0));
}

Status read_reorganize(LayerView& v) {
  enum : std::uint32_t { kMode = 1, kBlock = 2 };
  NNGAUGE_CHECK(v.needs(1));
  v.op.kind = v.params.integer(kMode) == 0 ? K::kSpaceToDepth : K::kDepthToSpace;
  SpaceDepthAttrs attrs;
  NNGAUGE_TRY(attrs.block_size, extent(v.params, kBlock, 1, "the block size"));
  NNGAUGE_TRY(const TensorId x, v.picture());
  v.operand(x);
  v.op.attrs = attrs;
  return v.emit_picture();
}

}  // namespace nngauge::coreml
