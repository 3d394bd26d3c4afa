// SPDX-License-Identifier: Apache-2.0
// Convolutions, products, normalisations, pooling, recurrent layers, attention, their quantised forms.
#include <algorithm>
#include <array>

#include "parsers/torchscript/layers.h"

namespace nngauge::torchscript {
namespace {

using K = OpKind;
using Made = Result<PyValue>;

// --- convolutions ---------------------------------------------------------------------------------------------------

// Asks for an input that this filter fits, where it is a network's input without a shape.
Status demand_picture(Call& c, const Shape& weight, const ConvArguments& a) {
  if (!weight.ranked() || weight.rank() < 3 || !weight.is_static()) return ok();
  const std::int64_t channels = a.transposed ? weight[0].value() : weight[1].value() * a.groups;
  std::vector<std::int64_t> extents = {1, channels};
  for (std::size_t i = 2; i < weight.rank(); ++i) extents.push_back(-1);
  return c.demand(0, std::move(extents));
}

Status add_convolution(Call& c, const Shape& weight, const ConvArguments& a) {
  if (!weight.ranked() || weight.rank() < 3 || weight.rank() > 5)
    return make_error(ErrorCode::kShapeMismatch,
                      "a filter has " + std::to_string(weight.ranked() ? weight.rank() : 0) + " axes");
  const std::size_t axes = weight.rank() - 2;
  constexpr std::array kPlain = {K::kConv1D, K::kConv2D, K::kConv3D};
  constexpr std::array kDepthwise = {K::kDepthwiseConv1D, K::kDepthwiseConv2D, K::kDepthwiseConv3D};
  constexpr std::array kTransposed = {K::kConvTranspose1D, K::kConvTranspose2D, K::kConvTranspose3D};
  const bool depthwise = a.groups > 1 && weight[1].is(1);
  c.op.kind = (a.transposed ? kTransposed : depthwise ? kDepthwise : kPlain)[axes - 1];
  ConvAttrs attrs;
  attrs.filter_layout = a.transposed ? FilterLayout::kInOutSpatial : FilterLayout::kOutInSpatial;
  attrs.groups = a.groups;
  const auto per_axis = [&](std::vector<std::int64_t> values) {
    if (values.size() == 1) values.assign(axes, values[0]);
    return values;
  };
  attrs.strides = per_axis(a.stride);
  attrs.dilations = per_axis(a.dilation);
  if (a.padding_text == "same") attrs.padding = PaddingMode::kSameUpper;
  else if (a.padding_text == "valid") attrs.padding = PaddingMode::kValid;
  attrs.pads = per_axis(a.padding);
  const Ints half = attrs.pads;
  attrs.pads.insert(attrs.pads.end(), half.begin(), half.end());
  if (a.transposed) attrs.output_padding = per_axis(a.output_padding);
  c.op.attrs = std::move(attrs);
  return ok();
}

// input, weight, bias, stride, padding, dilation, groups
Made conv(Call& c) {
  ConvArguments a;
  a.stride = c.integers(3, "stride");
  a.padding = c.integers(4, "padding");
  if (c.get(4, "padding").kind == Kind::kText) a.padding_text = c.get(4, "padding").text;
  a.dilation = c.integers(5, "dilation");
  a.groups = c.integer(6, "groups", 1);
  return convolve(c, a);
}

// input, weight, bias, stride, padding, output_padding, groups, dilation
Made conv_transpose(Call& c) {
  ConvArguments a;
  a.transposed = true;
  a.stride = c.integers(3, "stride");
  a.padding = c.integers(4, "padding");
  a.output_padding = c.integers(5, "output_padding");
  a.groups = c.integer(6, "groups", 1);
  a.dilation = c.integers(7, "dilation");
  return convolve(c, a);
}

// input, weight, bias, stride, padding, dilation, transposed, output_padding, groups, …
Made convolution(Call& c) {
  ConvArguments a;
  a.stride = c.integers(3);
  a.padding = c.integers(4);
  a.dilation = c.integers(5);
  a.transposed = c.arguments().flag(6, "transposed", false);
  a.output_padding = c.integers(7);
  a.groups = c.integer(8, "groups", 1);
  return convolve(c, a);
}

// --- products -------------------------------------------------------------------------------------------------------

// A product whose right side is stored is a dense layer.
Made product(Call& c, std::size_t left, std::size_t right, std::ptrdiff_t bias) {
  NNGAUGE_TRY(const TensorId weight, c.interpreter().tensor_id(c.get(right)));
  NNGAUGE_TRY(const Shape shape, c.shape(right));
  const bool stored = c.get(right).kind == Kind::kStored || c.interpreter().derived.count(weight) != 0;
  const bool dense = stored && shape.ranked() && shape.rank() == 2;
  if (dense && shape[0].known()) NNGAUGE_CHECK(c.demand(left, {1, shape[0].value()}));
  c.op.kind = dense ? K::kDense : K::kMatMul;
  if (dense) {
    DenseAttrs attrs;
    attrs.keep_dims = true;
    c.op.attrs = attrs;
  }
  NNGAUGE_CHECK(c.input(left));
  NNGAUGE_CHECK(c.learned(right, OperandRole::kWeight));
  if (bias >= 0) NNGAUGE_CHECK(c.learned(static_cast<std::size_t>(bias), OperandRole::kBias));
  return c.emit();
}

Made matmul(Call& c) { return product(c, 0, 1, -1); }
Made addmm(Call& c) { return product(c, 1, 2, 0); }

Made einsum(Call& c) {
  c.op.kind = K::kEinsum;
  EinsumAttrs attrs;
  attrs.equation = c.get(0).text;
  c.op.attrs = std::move(attrs);
  const PyValue operands = c.get(1);
  if (!operands.is_sequence()) return c.opaque();
  for (const PyValue& operand : *operands.items) {
    NNGAUGE_TRY(const TensorId id, c.interpreter().tensor_id(operand));
    c.operand(id, operand.kind == Kind::kStored ? OperandRole::kWeight : OperandRole::kData);
  }
  return c.emit();
}

// weight, indices
Made embedding(Call& c) {
  NNGAUGE_CHECK(c.demand(1, {1, 1}));
  c.op.kind = K::kEmbeddingLookup;
  NNGAUGE_CHECK(c.input(1));
  NNGAUGE_CHECK(c.learned(0, OperandRole::kWeight));
  return c.emit();
}

// query, key, value, mask
Made attention(Call& c) {
  NNGAUGE_TRY(const Shape query, c.shape(0));
  if (query.ranked() && query.rank() != 4) return c.opaque();
  c.op.kind = K::kAttention;
  AttentionAttrs attrs;
  if (query.at(1).known()) attrs.num_heads = query.at(1).value();
  c.op.attrs = attrs;
  for (std::size_t i = 0; i < 3; ++i) NNGAUGE_CHECK(c.input(i));
  if (c.has_tensor(3)) NNGAUGE_CHECK(c.input(3, OperandRole::kConfig));
  return c.emit();
}

// --- normalisation --------------------------------------------------------------------------------------------------

// input, weight, bias, mean, variance
Made batch_norm(Call& c) {
  c.op.kind = K::kBatchNorm;
  c.op.attrs = NormAttrs();
  NNGAUGE_CHECK(c.input(0));
  for (std::size_t i = 1; i < 5; ++i) NNGAUGE_CHECK(c.learned(i, OperandRole::kNorm));
  return c.emit();
}

Made layer_norm(Call& c) {
  const auto shape = c.integers(1, "normalized_shape");
  c.op.kind = K::kLayerNorm;
  NormAttrs attrs;
  attrs.axis = -std::max<std::int64_t>(static_cast<std::int64_t>(shape.size()), 1);
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_CHECK(c.learned(2, OperandRole::kNorm, "weight"));
  NNGAUGE_CHECK(c.learned(3, OperandRole::kNorm, "bias"));
  return c.emit();
}

Made rms_norm(Call& c) {
  c.op.kind = K::kRMSNorm;
  c.op.attrs = NormAttrs();
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_CHECK(c.learned(2, OperandRole::kNorm, "weight"));
  return c.emit();
}

Made group_norm(Call& c) {
  c.op.kind = K::kGroupNorm;
  NormAttrs attrs;
  attrs.groups = c.integer(1, "num_groups", 1);
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_CHECK(c.learned(2, OperandRole::kNorm, "weight"));
  NNGAUGE_CHECK(c.learned(3, OperandRole::kNorm, "bias"));
  return c.emit();
}

Made instance_norm(Call& c) {
  c.op.kind = K::kInstanceNorm;
  c.op.attrs = NormAttrs();
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_CHECK(c.learned(1, OperandRole::kNorm, "weight"));
  NNGAUGE_CHECK(c.learned(2, OperandRole::kNorm, "bias"));
  return c.emit();
}

// --- pooling --------------------------------------------------------------------------------------------------------

std::size_t axes_in_name(const std::string& name) {
  for (const char digit : {'1', '2', '3'}) {
    if (name.find(std::string(1, digit) + "d") != std::string::npos) return static_cast<std::size_t>(digit - '0');
  }
  return 2;
}

Made pool(Call& c, bool average, std::size_t results) {
  const std::size_t axes = axes_in_name(c.name());
  PoolAttrs attrs;
  attrs.kernel = c.integers(1, "kernel_size", axes);
  attrs.strides = c.integers(2, "stride", axes);
  if (attrs.strides.empty()) attrs.strides = attrs.kernel;
  attrs.pads = c.integers(3, "padding", axes);
  const Ints half = attrs.pads;
  attrs.pads.insert(attrs.pads.end(), half.begin(), half.end());
  if (average) {
    attrs.ceil_mode = c.arguments().flag(4, "ceil_mode", false);
    attrs.count_include_pad = c.arguments().flag(5, "count_include_pad", true);
  } else {
    attrs.dilations = c.integers(4, "dilation", axes);
    attrs.ceil_mode = c.arguments().flag(5, "ceil_mode", false);
  }
  c.op.kind = average ? K::kAveragePool : K::kMaxPool;
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return results == 1 ? c.emit() : c.emit_list(results);
}

Made max_pool(Call& c) { return pool(c, false, 1); }
Made max_pool_with_indices(Call& c) { return pool(c, false, 2); }
Made average_pool(Call& c) { return pool(c, true, 1); }

// To a given number of windows an axis; windows of the largest extent stand for all.
Made adaptive_pool(Call& c) {
  const bool average = c.name().find("avg") != std::string::npos;
  const std::size_t axes = axes_in_name(c.name());
  const Ints outs = c.integers(1, "output_size", axes);
  NNGAUGE_TRY(const Shape in, c.shape(0));
  NNGAUGE_CHECK(c.input(0));
  const bool single = std::all_of(outs.begin(), outs.end(), [](std::int64_t out) { return out == 1; });
  if (single && outs.size() == axes) {
    c.op.kind = average ? K::kGlobalAveragePool : K::kGlobalMaxPool;
    c.op.attrs = PoolAttrs();
    return c.emit();
  }
  PoolAttrs attrs;
  for (std::size_t i = 0; i < outs.size(); ++i) {
    const Dim extent = in.at(static_cast<std::int64_t>(i) - static_cast<std::int64_t>(axes));
    if (!extent.known() || outs[i] < 1 || outs[i] > extent.value()) return c.opaque();
    attrs.strides.push_back(extent.value() / outs[i]);
    attrs.kernel.push_back(extent.value() - (outs[i] - 1) * attrs.strides.back());
  }
  c.op.kind = average ? K::kAveragePool : K::kMaxPool;
  c.op.attrs = std::move(attrs);
  return c.emit();
}

// --- recurrent ------------------------------------------------------------------------------------------------------

// input, states, weights of all layers and directions, has_biases, layers, dropout, train, bidirectional, batch_first
Made recurrent(Call& c) {
  const bool lstm = c.name() == "lstm", gru = c.name() == "gru";
  const PyValue weights = c.get(2);
  const bool biases = c.arguments().flag(3, "has_biases", true), both = c.arguments().flag(7, "bidirectional", false);
  const bool batch_first = c.arguments().flag(8, "batch_first", false);
  const std::int64_t layers = c.integer(4, "num_layers", 1);
  if (!weights.is_sequence() || layers < 1 || layers > 1000) return c.opaque(lstm ? 3 : 2);
  const std::size_t directions = both ? 2 : 1;
  const std::size_t per_layer = weights.items->size() / static_cast<std::size_t>(layers);
  const std::size_t gates = lstm ? 4 : gru ? 3 : 1;
  NNGAUGE_TRY(TensorId x, c.interpreter().tensor_id(c.get(0)));
  PyValue results;
  for (std::size_t layer = 0; layer < static_cast<std::size_t>(layers); ++layer) {
    c.op.kind = lstm ? K::kLSTM : gru ? K::kGRU : K::kRNN;
    RecurrentAttrs attrs;
    attrs.directions = static_cast<std::int64_t>(directions);
    attrs.time_major = !batch_first;
    c.op.inputs = {{x, OperandRole::kData}};
    std::vector<Operand> vectors;
    for (std::size_t i = layer * per_layer; i < (layer + 1) * per_layer && i < weights.items->size(); ++i) {
      const PyValue& weight = (*weights.items)[i];
      NNGAUGE_TRY(const TensorId id, c.interpreter().tensor_id(weight));
      if (id == kNoTensor) continue;
      const Shape& shape = c.interpreter().writer().shape(id);
      const bool matrix = shape.ranked() && shape.rank() == 2;
      if (matrix && attrs.hidden_size == 0 && shape[0].known())
        attrs.hidden_size = shape[0].value() / static_cast<std::int64_t>(gates);
      if (matrix) c.operand(id, OperandRole::kWeight);
      else if (biases) vectors.push_back({id, OperandRole::kBias});
    }
    c.op.inputs.insert(c.op.inputs.end(), vectors.begin(), vectors.end());
    const std::int64_t hidden = attrs.hidden_size;
    c.op.attrs = attrs;
    NNGAUGE_TRY(results, c.emit_list(lstm ? 3 : 2));
    x = (*results.items)[0].tensor->id;
    const Dim batch = c.interpreter().writer().shape(x).at(batch_first ? 0 : 1);
    for (std::size_t i = 1; i < results.items->size(); ++i) {
      Tensor& state = c.interpreter().writer().tensor((*results.items)[i].tensor->id);
      state.declared = state.shape = {static_cast<std::int64_t>(directions) * layers, batch, hidden};
      state.dtype = DType::kFloat32;
    }
  }
  return results;
}

// --- quantised forms ------------------------------------------------------------------------------------------------

Made quantize(Call& c) {
  c.op.kind = K::kQuantize;
  QuantAttrs attrs;
  const std::int64_t type = c.integer(3, "dtype", 13);
  attrs.dtype = type == 12 ? DType::kInt8 : type == 14 ? DType::kInt32 : DType::kUInt8;
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made dequantize(Call& c) {
  c.op.kind = K::kDequantize;
  QuantAttrs attrs;
  attrs.dtype = DType::kFloat32;
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

constexpr std::array kRows = {
    OperatorRow{"conv1d", conv},
    OperatorRow{"conv2d", conv},
    OperatorRow{"conv3d", conv},
    OperatorRow{"_convolution", convolution},
    OperatorRow{"convolution", convolution},
    OperatorRow{"conv_transpose1d", conv_transpose},
    OperatorRow{"conv_transpose2d", conv_transpose},
    OperatorRow{"conv_transpose3d", conv_transpose},
    OperatorRow{"linear", linear},
    OperatorRow{"matmul", matmul},
    OperatorRow{"mm", matmul},
    OperatorRow{"bmm", matmul},
    OperatorRow{"mv", matmul},
    OperatorRow{"addmm", addmm},
    OperatorRow{"baddbmm", addmm},
    OperatorRow{"einsum", einsum},
    OperatorRow{"embedding", embedding},
    OperatorRow{"scaled_dot_product_attention", attention},
    OperatorRow{"batch_norm", batch_norm},
    OperatorRow{"layer_norm", layer_norm},
    OperatorRow{"rms_norm", rms_norm},
    OperatorRow{"group_norm", group_norm},
    OperatorRow{"instance_norm", instance_norm},
    OperatorRow{"max_pool1d", max_pool},
    OperatorRow{"max_pool2d", max_pool},
    OperatorRow{"max_pool3d", max_pool},
    OperatorRow{"max_pool1d_with_indices", max_pool_with_indices},
    OperatorRow{"max_pool2d_with_indices", max_pool_with_indices},
    OperatorRow{"avg_pool1d", average_pool},
    OperatorRow{"avg_pool2d", average_pool},
    OperatorRow{"avg_pool3d", average_pool},
    OperatorRow{"adaptive_avg_pool1d", adaptive_pool},
    OperatorRow{"adaptive_avg_pool2d", adaptive_pool},
    OperatorRow{"adaptive_avg_pool3d", adaptive_pool},
    OperatorRow{"adaptive_max_pool1d", adaptive_pool},
    OperatorRow{"adaptive_max_pool2d", adaptive_pool},
    OperatorRow{"lstm", recurrent},
    OperatorRow{"gru", recurrent},
    OperatorRow{"rnn_tanh", recurrent},
    OperatorRow{"rnn_relu", recurrent},
    OperatorRow{"quantize_per_tensor", quantize},
    OperatorRow{"dequantize", dequantize},
};

}  // namespace

Result<PyValue> convolve(Call& c, const ConvArguments& a) {
  NNGAUGE_TRY(const Shape weight, c.shape(1));
  NNGAUGE_CHECK(demand_picture(c, weight, a));
  NNGAUGE_CHECK(add_convolution(c, weight, a));
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_CHECK(c.learned(1, OperandRole::kWeight));
  NNGAUGE_CHECK(c.learned(2, OperandRole::kBias, "bias"));
  return c.emit();
}

Result<PyValue> linear(Call& c) {
  NNGAUGE_TRY(const Shape weight, c.shape(1));
  if (weight.at(1).known()) NNGAUGE_CHECK(c.demand(0, {1, weight.at(1).value()}));
  c.op.kind = K::kDense;
  DenseAttrs attrs;
  attrs.transpose_b = true;
  attrs.keep_dims = true;
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_CHECK(c.learned(1, OperandRole::kWeight));
  NNGAUGE_CHECK(c.learned(2, OperandRole::kBias, "bias"));
  return c.emit();
}

std::span<const OperatorRow> layer_operators() { return kRows; }

}  // namespace nngauge::torchscript
