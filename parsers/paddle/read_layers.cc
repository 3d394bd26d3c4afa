// SPDX-License-Identifier: Apache-2.0
// Convolutions, pooling, normalisation, products.
#include <algorithm>
#include <cmath>

#include "parsers/paddle/readers.h"

namespace nngauge::paddle {
namespace {

using K = OpKind;

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

Dim first_extent(const Tensor* tensor, std::int64_t axis) {
  return tensor ? tensor->declared.at(axis) : Dim::unknown();
}

}  // namespace

bool is_channels_last(const ProgramOp& op) {
  const std::string format = op.text(op.find("data_format") ? "data_format" : "data_layout");
  return format == "NHWC" || format == "NDHWC" || format == "NLC";
}

DataLayout layout_of(const ProgramOp& op) {
  return is_channels_last(op) ? DataLayout::kChannelsLast : DataLayout::kChannelsFirst;
}

void read_fused(OpContext& c) {
  if (c.source.flag("fuse_relu") || c.source.flag("fuse_with_relu")) c.op.activation = FusedActivation::kRelu;
  for (const char* key : {"act_type", "activation_type", "fuse_activation"}) {
    const std::string name = c.source.text(key);
    if (!name.empty() && (std::string_view(key) != "act_type" || c.source.flag("with_act", true)))
      c.op.activation = activation_of(name);
  }
}

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

Status read_deform(OpContext& c) {
  ConvAttrs attrs;
  attrs.strides = c.source.ints("strides");
  attrs.dilations = c.source.ints("dilations");
  attrs.groups = c.source.integer("groups", 1);
  read_padding(c.source, 2, attrs.padding, attrs.pads);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_einsum(OpContext& c) {
  EinsumAttrs attrs;
  attrs.equation = c.source.text("equation");
  c.op.attrs = std::move(attrs);
  return ok();
}

}  // namespace nngauge::paddle
