// SPDX-License-Identifier: Apache-2.0
// Operators whose windows move over a picture: pooling, columns, resampling, regions.
#include <algorithm>

#include "base/text.h"
#include "parsers/mnn/file_view.h"

namespace nngauge::mnn {
namespace {

using K = OpKind;

// A small constant operand of the operator itself, which the file does not store.
void add_integers(OpContext& c, const char* suffix, const Ints& values) {
  Tensor tensor;
  tensor.name = c.op.name + "/" + suffix;
  tensor.dtype = DType::kInt32;
  tensor.is_constant = true;
  tensor.declared = tensor.shape = Shape{static_cast<std::int64_t>(values.size())};
  tensor.value = Value::of_ints(std::vector<Dim>(values.begin(), values.end()));
  c.op.inputs.push_back({static_cast<TensorId>(c.graph.tensors.size()), OperandRole::kConfig});
  c.graph.tensors.push_back(std::move(tensor));
}

PaddingMode padding_of(int mode) {
  return mode == 2 ? PaddingMode::kSameUpper : mode == 1 ? PaddingMode::kValid : PaddingMode::kExplicit;
}

}  // namespace

Status read_pool(OpContext& c) {
  const auto* options = c.options<fb::Pool>();
  if (!options) return make_error(ErrorCode::kInvalidGraph, "has no pooling parameters");
  const bool average = options->kind() == 1;
  if (options->is_global()) {
    c.op.kind = average ? K::kGlobalAveragePool : K::kGlobalMaxPool;
    return ok();
  }
  c.op.kind = average ? K::kAveragePool : K::kMaxPool;
  PoolAttrs attrs;
  attrs.kernel = {options->kernel_y(), options->kernel_x()};
  attrs.strides = {options->stride_y(), options->stride_x()};
  const Ints pads = ints_of(options->pads());
  // Two pads are those of one axis: a row.
  if (pads.size() == 2 && options->kernel_x() == 1 && options->stride_x() == 1) {
    attrs.kernel.pop_back();
    attrs.strides.pop_back();
  }
  if (options->pad_mode() == 2) attrs.padding = PaddingMode::kSameUpper;
  else if (options->pad_mode() == 1) attrs.padding = PaddingMode::kValid;
  else if (pads.size() == 4 || attrs.kernel.size() == 1) attrs.pads = pads;
  else attrs.pads = {options->pad_y(), options->pad_x(), options->pad_y(), options->pad_x()};
  attrs.ceil_mode = options->pad_mode() == 0 && options->ceil_mode();
  attrs.count_include_pad = options->count_mode() == 1;
  c.op.attrs = std::move(attrs);
  return ok();
}

// Any number of spatial axes; `pads` has one entry an axis, or all begins, then all ends.
Status read_pool3d(OpContext& c) {
  const auto* options = c.options<fb::Pool3D>();
  if (!options) return make_error(ErrorCode::kInvalidGraph, "has no pooling parameters");
  const bool average = options->kind() == 1;
  if (options->is_global()) {
    c.op.kind = average ? K::kGlobalAveragePool : K::kGlobalMaxPool;
    return ok();
  }
  c.op.kind = average ? K::kAveragePool : K::kMaxPool;
  PoolAttrs attrs;
  attrs.kernel = ints_of(options->kernels());
  attrs.strides = ints_of(options->strides());
  attrs.padding = padding_of(options->pad_mode());
  if (attrs.padding == PaddingMode::kExplicit) attrs.pads = ints_of(options->pads());
  if (attrs.pads.size() == attrs.kernel.size()) {
    const Ints ends = attrs.pads;
    attrs.pads.insert(attrs.pads.end(), ends.begin(), ends.end());
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

// A picture [n, c, h, w] into columns [n, c x taps, windows]. Windows that lie side by side are space to depth.
Status read_im2col(OpContext& c) {
  const auto* options = c.options<fb::Convolution2D>();
  if (!options || !options->common()) return make_error(ErrorCode::kInvalidGraph, "has no convolution parameters");
  ConvAttrs window;
  take_geometry(*options->common(), window);
  const auto all_are = [](const Ints& list, std::int64_t value) {
    return std::all_of(list.begin(), list.end(), [&](std::int64_t entry) { return entry == value; });
  };
  const std::int64_t side = window.kernel[0];
  if (side < 1 || !all_are(window.kernel, side) || !all_are(window.strides, side) || !all_are(window.dilations, 1) ||
      !all_are(window.pads, 0) || c.op.inputs.empty() || c.op.outputs.empty())
    return c.give_up("windows that overlap or lie apart have no rule as columns");
  c.op.inputs.resize(1);
  Op blocks;
  blocks.name = c.op.name;
  blocks.source_op = c.op.source_op;
  blocks.source = c.op.source;
  blocks.kind = K::kSpaceToDepth;
  SpaceDepthAttrs attrs;
  attrs.block_size = side;
  blocks.attrs = attrs;
  blocks.inputs = c.op.inputs;
  Tensor packed;
  packed.name = c.op.name + "/blocks";
  blocks.outputs = {static_cast<TensorId>(c.graph.tensors.size())};
  c.graph.tensors.push_back(std::move(packed));
  c.op.kind = K::kReshape;
  ReshapeAttrs shape;
  shape.has_shape = shape.zero_copies = true;
  shape.shape = {0, 0, -1};
  c.op.attrs = std::move(shape);
  c.op.inputs[0].tensor = blocks.outputs[0];
  c.graph.ops.push_back(std::move(blocks));
  return ok();
}

// Operands: columns, extents of the picture.
Status read_col2im(OpContext& c) {
  const auto* options = c.options<fb::Convolution2D>();
  if (!options || !options->common() || c.op.inputs.size() < 2)
    return make_error(ErrorCode::kInvalidGraph, "has no convolution parameters, or no extents");
  c.op.inputs.resize(2);
  c.set_role(1, OperandRole::kConfig);
  add_integers(c, "block", {options->common()->kernel_y(), options->common()->kernel_x()});
  return ok();
}

// Extents or scales are stated, or operand 1: of all axes, or of the spatial ones (TensorFlow's).
Status read_interp(OpContext& c) {
  const auto* options = c.options<fb::Interp>();
  if (!options) return make_error(ErrorCode::kInvalidGraph, "has no parameters");
  ResizeAttrs attrs;
  attrs.mode = options->mode() == 1   ? ResizeMode::kNearest
               : options->mode() == 3 ? ResizeMode::kCubic
                                      : ResizeMode::kLinear;
  c.op.kind = options->mode() == 1 ? K::kResizeNearest : options->mode() == 3 ? K::kResizeCubic : K::kResizeBilinear;
  attrs.align_corners = options->align_corners();
  if (options->width() > 0 && options->height() > 0) {
    attrs.sizes = {options->height(), options->width()};
  } else if (options->width_scale() > 0 && options->height_scale() > 0) {
    attrs.scales = {static_cast<double>(options->height_scale()), static_cast<double>(options->width_scale())};
  } else if (c.op.inputs.size() > 1) {
    c.op.inputs.resize(2);
    c.set_role(1, OperandRole::kConfig);
    // Ours has extents second and scales third.
    const Tensor* size = c.input(1);
    const bool scales = size && is_float(size->dtype);
    if (scales) c.op.inputs.insert(c.op.inputs.begin() + 1, Operand{kNoTensor, OperandRole::kConfig});
    c.op.attrs = std::move(attrs);
    return ok();
  } else {
    return c.give_up("neither extents nor scales of the result are stated");
  }
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  c.op.attrs = std::move(attrs);
  return ok();
}

// Operands: picture, regions, and which picture of the batch each lies in.
Status read_roi(OpContext& c) {
  const auto* options = c.options<fb::RoiParameters>();
  if (!options) return make_error(ErrorCode::kInvalidGraph, "has no parameters");
  CustomAttrs attrs;
  attrs.pooled_height = options->height();
  attrs.pooled_width = options->width();
  attrs.sampling_ratio = std::max(options->sampling(), 0);
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), c.op.kind == K::kMaxRoiPool ? 2 : 3));
  c.set_role(2, OperandRole::kConfig);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_grid_sample(OpContext& c) {
  const auto* options = c.options<fb::GridSample>();
  ResizeAttrs attrs;
  attrs.mode = options && options->mode() == 1 ? ResizeMode::kNearest : ResizeMode::kLinear;
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 2));
  c.op.attrs = std::move(attrs);
  return ok();
}

}  // namespace nngauge::mnn
