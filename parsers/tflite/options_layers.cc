// SPDX-License-Identifier: Apache-2.0
// Options of convolutions, pooling, dense and recurrent layers.
#include <algorithm>

#include "parsers/tflite/op_map.h"

namespace nngauge::tflite {
namespace {

constexpr std::string_view kNoOptions = "no-options";

template <class Options>
bool lacks(OpContext& c) {
  if (c.source.builtin_options_as<Options>()) return false;
  c.give_up(kNoOptions, "has no options, so its strides are not known");
  return true;
}

// Rows of the recurrent or projection weights: what one step hands on.
std::int64_t rows_of(const Tensor* tensor) {
  if (!tensor || !tensor->declared.ranked() || tensor->declared.rank() < 1) return 0;
  return tensor->declared[0].known() ? tensor->declared[0].value() : 0;
}

std::int64_t lstm_output_size(const OpContext& c) {
  constexpr std::size_t kRecurrentToOutput = 8, kProjection = 16;
  const std::int64_t projected = rows_of(c.input(kProjection));
  return projected > 0 ? projected : rows_of(c.input(kRecurrentToOutput));
}

}  // namespace

FusedActivation activation_of(fb::Activation activation) {
  switch (activation) {
    case fb::Activation_NONE:
      return FusedActivation::kNone;
    case fb::Activation_RELU:
      return FusedActivation::kRelu;
    case fb::Activation_RELU_N1_TO_1:
      return FusedActivation::kReluN1To1;
    case fb::Activation_RELU6:
      return FusedActivation::kRelu6;
    case fb::Activation_TANH:
      return FusedActivation::kTanh;
    case fb::Activation_SIGN_BIT:
      return FusedActivation::kSign;
  }
  return FusedActivation::kOther;
}

PaddingMode padding_of(fb::Padding padding) {
  return padding == fb::Padding_SAME ? PaddingMode::kSameUpper : PaddingMode::kValid;
}

Status read_conv_2d(OpContext& c) {
  if (lacks<fb::Conv2DOptions>(c)) return ok();
  const auto& options = c.options<fb::Conv2DOptions>();
  ConvAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.filter_layout = FilterLayout::kOutSpatialIn;
  attrs.padding = padding_of(options.padding());
  attrs.strides = {options.stride_h(), options.stride_w()};
  attrs.dilations = {options.dilation_h_factor(), options.dilation_w_factor()};
  attrs.groups = 0;
  c.op.activation = activation_of(options.fused_activation_function());
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_depthwise_conv_2d(OpContext& c) {
  if (lacks<fb::DepthwiseConv2DOptions>(c)) return ok();
  const auto& options = c.options<fb::DepthwiseConv2DOptions>();
  ConvAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.filter_layout = FilterLayout::kOneSpatialOut;
  attrs.padding = padding_of(options.padding());
  attrs.strides = {options.stride_h(), options.stride_w()};
  attrs.dilations = {options.dilation_h_factor(), options.dilation_w_factor()};
  attrs.groups = 0;
  c.op.activation = activation_of(options.fused_activation_function());
  c.op.attrs = std::move(attrs);
  return ok();
}

// CONV_3D and CONV_3D_TRANSPOSE: filters are depth, height, width, then in, out; or out, in for the transposed one.
Status read_conv_3d(OpContext& c) {
  if (lacks<fb::Conv3DOptions>(c)) return ok();
  const auto& options = c.options<fb::Conv3DOptions>();
  const bool transposed = c.op.kind == OpKind::kConvTranspose3D;
  ConvAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.filter_layout = transposed ? FilterLayout::kSpatialOutIn : FilterLayout::kSpatialInOut;
  attrs.padding = padding_of(options.padding());
  attrs.strides = {options.stride_d(), options.stride_h(), options.stride_w()};
  attrs.dilations = {options.dilation_d_factor(), options.dilation_h_factor(), options.dilation_w_factor()};
  attrs.groups = transposed ? 1 : 0;
  c.op.activation = activation_of(options.fused_activation_function());
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_transpose_conv(OpContext& c) {
  if (lacks<fb::TransposeConvOptions>(c)) return ok();
  const auto& options = c.options<fb::TransposeConvOptions>();
  ConvAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.filter_layout = FilterLayout::kOutSpatialIn;
  attrs.padding = padding_of(options.padding());
  attrs.strides = {options.stride_h(), options.stride_w()};
  c.op.activation = activation_of(options.fused_activation_function());
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_pool_2d(OpContext& c) {
  if (lacks<fb::Pool2DOptions>(c)) return ok();
  const auto& options = c.options<fb::Pool2DOptions>();
  PoolAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.padding = padding_of(options.padding());
  attrs.kernel = {options.filter_height(), options.filter_width()};
  attrs.strides = {options.stride_h(), options.stride_w()};
  c.op.activation = activation_of(options.fused_activation_function());
  c.op.attrs = std::move(attrs);
  return ok();
}

// Operands: input, initial value, window, strides, base dilations, window dilations; no padding.
Status read_reduce_window(OpContext& c) {
  GeneralAttrs attrs;
  const std::optional<Ints> window = c.input_ints(2);
  if (!window) {
    c.give_up("dynamic-window", "its window is not a constant");
    return ok();
  }
  attrs.window = *window;
  attrs.strides = c.input_ints(3).value_or(Ints());
  attrs.lhs_dilations = c.input_ints(4).value_or(Ints());
  attrs.rhs_dilations = c.input_ints(5).value_or(Ints());
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_fully_connected(OpContext& c) {
  const auto& options = c.options<fb::FullyConnectedOptions>();
  DenseAttrs attrs;
  attrs.transpose_b = true;
  attrs.keep_dims = options.keep_num_dims();
  c.op.activation = activation_of(options.fused_activation_function());
  c.op.attrs = attrs;
  // Shuffled weights come with a second result, a workspace.
  if (c.op.outputs.size() > 1) c.op.outputs.erase(c.op.outputs.begin() + 1, c.op.outputs.end());
  return ok();
}

Status read_batch_matmul(OpContext& c) {
  const auto& options = c.options<fb::BatchMatMulOptions>();
  MatMulAttrs attrs;
  attrs.transpose_a = options.adj_x();
  attrs.transpose_b = options.adj_y();
  c.op.attrs = attrs;
  return ok();
}

// One step. The BASIC kernel has other operands: x, previous output, weights [4 units, in + units], bias, state; its
// results are output, state and two workspaces.
Status read_lstm(OpContext& c) {
  const auto& options = c.options<fb::LSTMOptions>();
  RecurrentAttrs attrs;
  attrs.single_step = true;
  if (options.kernel_type() == fb::LSTMKernelType_BASIC) {
    c.arrange("xswbs");
    attrs.hidden_size = rows_of(c.input(2)) / 4;
    if (c.op.outputs.size() > 1) c.op.outputs.erase(c.op.outputs.begin() + 1, c.op.outputs.end());
  } else {
    attrs.hidden_size = lstm_output_size(c);
  }
  c.op.attrs = attrs;
  return ok();
}

Status read_unidirectional_lstm(OpContext& c) {
  RecurrentAttrs attrs;
  attrs.time_major = c.options<fb::UnidirectionalSequenceLSTMOptions>().time_major();
  attrs.hidden_size = lstm_output_size(c);
  c.op.attrs = attrs;
  return ok();
}

Status read_bidirectional_lstm(OpContext& c) {
  const auto& options = c.options<fb::BidirectionalSequenceLSTMOptions>();
  RecurrentAttrs attrs;
  attrs.time_major = options.time_major();
  attrs.merge_outputs = options.merge_outputs();
  attrs.directions = 2;
  attrs.hidden_size = lstm_output_size(c);
  c.op.attrs = attrs;
  return ok();
}

Status read_rnn(OpContext& c) {
  RecurrentAttrs attrs;
  attrs.single_step = true;
  attrs.hidden_size = rows_of(c.input(2));
  c.op.attrs = attrs;
  return ok();
}

Status read_unidirectional_rnn(OpContext& c) {
  RecurrentAttrs attrs;
  attrs.time_major = c.options<fb::SequenceRNNOptions>().time_major();
  attrs.hidden_size = rows_of(c.input(2));
  c.op.attrs = attrs;
  return ok();
}

Status read_bidirectional_rnn(OpContext& c) {
  const auto& options = c.options<fb::BidirectionalSequenceRNNOptions>();
  RecurrentAttrs attrs;
  attrs.time_major = options.time_major();
  attrs.merge_outputs = options.merge_outputs();
  attrs.directions = 2;
  attrs.hidden_size = rows_of(c.input(2));
  c.op.attrs = attrs;
  return ok();
}

Status read_svdf(OpContext& c) {
  const auto& options = c.options<fb::SVDFOptions>();
  RecurrentAttrs attrs;
  attrs.single_step = true;
  attrs.rank = options.rank();
  if (attrs.rank < 1) return make_error(ErrorCode::kInvalidAttribute, "rank is " + std::to_string(attrs.rank));
  attrs.hidden_size = rows_of(c.input(1)) / attrs.rank;
  c.op.activation = activation_of(options.fused_activation_function());
  c.op.attrs = attrs;
  return ok();
}

}  // namespace nngauge::tflite
