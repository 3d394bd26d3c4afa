// SPDX-License-Identifier: Apache-2.0
// Convolutions, products, recurrent layers, normalisations, pooling, functions of elements.
#include <fmt/format.h>

#include <algorithm>

#include "parsers/coreml/mil_readers.h"
#include "parsers/graph_writer.h"

namespace nngauge::coreml {
namespace {

using K = OpKind;

// Begin and end of each axis in turn -> all begins, then all ends.
Ints begins_then_ends(const Ints& pairs) {
  Ints out;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) out.push_back(pairs[i]);
  for (std::size_t i = 1; i < pairs.size(); i += 2) out.push_back(pairs[i]);
  return out;
}

// Errors: kInvalidAttribute for a name that is none.
Status read_padding(MilView& v, PaddingMode& mode, Ints& pads) {
  const std::string type = v.text("pad_type");
  if (type == "same") mode = PaddingMode::kSameUpper;
  else if (type == "same_lower") mode = PaddingMode::kSameLower;
  else if (type == "custom") pads = begins_then_ends(v.ints("pad").value_or(Ints()));
  else if (!type.empty() && type != "valid") return make_error(ErrorCode::kInvalidAttribute, "pad_type is " + type);
  return ok();
}

K by_rank(K first, std::size_t spatial) {  // kinds of 1, 2 and 3 axes follow each other
  return static_cast<K>(static_cast<std::uint16_t>(first) + spatial - 1);
}

Status read_convolution(MilView& v, bool transposed) {
  const std::size_t rank = v.rank(1) != 0 ? v.rank(1) : v.rank(0);
  if (rank < 3 || rank > 5)
    return make_error(ErrorCode::kShapeMismatch, fmt::format("the filter has {} axes, needs 3 to 5", rank));
  ConvAttrs attrs;
  attrs.strides = v.ints("strides").value_or(Ints());
  attrs.dilations = v.ints("dilations").value_or(Ints());
  attrs.groups = v.integer("groups", 1);
  NNGAUGE_CHECK(read_padding(v, attrs.padding, attrs.pads));
  const Dim channels = v.shape(0).at(1), of_group = v.shape(1).at(1), out = v.shape(1).at(0);
  if (transposed) {
    v.op.kind = by_rank(K::kConvTranspose1D, rank - 2);
    attrs.filter_layout = FilterLayout::kInOutSpatial;
    if (auto shape = v.ints("output_shape"); shape && shape->size() >= rank - 2)
      attrs.output_shape.assign(shape->end() - static_cast<std::ptrdiff_t>(rank - 2), shape->end());
  } else {
    const bool depthwise = attrs.groups > 1 && of_group.is(1) && channels.is(attrs.groups) && out.known() &&
                           out.value() % attrs.groups == 0;
    v.op.kind = by_rank(depthwise ? K::kDepthwiseConv1D : K::kConv1D, rank - 2);
  }
  v.op.attrs = std::move(attrs);
  return ok();
}

ScalarAttrs scalars_of(const MilView& v) {
  ScalarAttrs attrs;
  attrs.alpha = v.real("alpha", 0);
  attrs.beta = v.real("beta", 0);
  return attrs;
}

}  // namespace

Status mil_plain(MilView& /*v*/) { return ok(); }

Status mil_conv(MilView& v) { return read_convolution(v, false); }
Status mil_conv_transpose(MilView& v) { return read_convolution(v, true); }

Status mil_linear(MilView& v) {
  DenseAttrs attrs;
  attrs.transpose_b = true;
  attrs.keep_dims = true;
  v.op.attrs = attrs;
  return ok();
}

// A stored matrix on the right makes it a dense layer.
Status mil_matmul(MilView& v) {
  const bool a = v.flag("transpose_x"), b = v.flag("transpose_y");
  for (std::size_t i = 0; i < v.op.inputs.size(); ++i) {
    if (v.stored(i) && v.rank(i) >= 2) v.op.inputs[i].role = OperandRole::kWeight;
  }
  if (v.stored(1) && v.rank(1) == 2 && !a && v.rank(0) >= 2) {
    v.op.kind = K::kDense;
    DenseAttrs attrs;
    attrs.transpose_b = b;
    attrs.keep_dims = true;
    v.op.attrs = attrs;
    return ok();
  }
  MatMulAttrs attrs;
  attrs.transpose_a = a;
  attrs.transpose_b = b;
  v.op.attrs = attrs;
  return ok();
}

Status mil_einsum(MilView& v) {
  EinsumAttrs attrs;
  attrs.equation = v.text("equation");
  v.op.attrs = std::move(attrs);
  return ok();
}

// [batch, heads, steps, size], or without heads.
Status mil_attention(MilView& v) {
  AttentionAttrs attrs;
  if (v.rank() == 3) attrs.num_heads = 1;
  else if (v.rank() != 4) v.give_up();
  if (v.op.kind == K::kAttention) v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_recurrent(MilView& v) {
  RecurrentAttrs attrs;
  const Dim hidden = v.shape(2).at(1);  // weight_hh [gates x hidden, hidden]
  if (!hidden.known()) return make_error(ErrorCode::kShapeMismatch, "the number of hidden units is not known");
  attrs.hidden_size = hidden.value();
  attrs.directions = v.text("direction") == "bidirectional" ? 2 : 1;
  if (v.op.kind == K::kRNN && v.text("activation") == "relu") v.op.activation = FusedActivation::kRelu;
  v.op.attrs = attrs;
  if (v.flag("output_sequence")) return ok();
  Op& last = v.then(K::kGather);
  last.attrs = AxisAttrs{};
  last.inputs.push_back({v.integers({-1}), OperandRole::kConfig});
  return ok();
}

Status mil_batch_norm(MilView& v) {
  NormAttrs attrs;
  attrs.axis = 1;
  v.op.attrs = std::move(attrs);
  return ok();
}

// Over the last axes it is a layer normalisation; over others its two parts are apart.
Status mil_layer_norm(MilView& v) {
  const auto rank = static_cast<std::int64_t>(v.rank());
  Ints axes = v.ints("axes").value_or(Ints());
  for (std::int64_t& axis : axes) axis += axis < 0 ? rank : 0;
  std::sort(axes.begin(), axes.end());
  bool last = true;
  for (std::size_t i = 0; i < axes.size(); ++i)
    last = last && axes[i] == rank - static_cast<std::int64_t>(axes.size()) + static_cast<std::int64_t>(i);
  NormAttrs attrs;
  if (last || rank == 0) {
    attrs.axis = axes.empty() ? 0 : -static_cast<std::int64_t>(axes.size());
    v.op.attrs = std::move(attrs);
    return ok();
  }
  const bool per_channel = axes.size() == 1 && axes[0] == 1;
  if (v.op.inputs.size() > 1 && !per_channel) {
    v.give_up();
    return ok();
  }
  attrs.axes = axes;
  v.op.kind = K::kMeanVarianceNorm;
  v.op.attrs = std::move(attrs);
  if (v.op.inputs.size() == 1) return ok();
  const std::vector<Operand> affine(v.op.inputs.begin() + 1, v.op.inputs.end());
  v.op.inputs.resize(1);
  Op& scale = v.then(K::kBatchNorm);
  scale.inputs = affine;
  NormAttrs channels;
  channels.axis = 1;
  scale.attrs = std::move(channels);
  return ok();
}

Status mil_l2_norm(MilView& v) {
  NormAttrs attrs;
  attrs.axes = v.rank() >= 3 ? Ints{-3, -2, -1} : Ints{-1};
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_local_response_norm(MilView& v) {
  NormAttrs attrs;
  attrs.size = v.integer("size", 1);
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_pool(MilView& v) {
  PoolAttrs attrs;
  const auto kernel = v.ints("kernel_sizes");
  if (!kernel) {
    v.give_up();
    return ok();
  }
  attrs.kernel = *kernel;
  attrs.strides = v.ints("strides").value_or(*kernel);
  attrs.ceil_mode = v.flag("ceil_mode");
  attrs.count_include_pad = !v.flag("exclude_padding_from_average");
  NNGAUGE_CHECK(read_padding(v, attrs.padding, attrs.pads));
  v.op.attrs = std::move(attrs);
  return ok();
}

Status mil_scalars(MilView& v) {
  v.op.attrs = scalars_of(v);
  return ok();
}

// alpha log(1 + exp(beta x)).
Status mil_softplus_parametric(MilView& v) {
  const auto per_channel = [&](std::string_view key) -> Result<TensorId> {
    const MilValue* value = v.value(key);
    if (value == nullptr) return make_error(ErrorCode::kInvalidGraph, fmt::format("{} is no constant", key));
    NNGAUGE_TRY(Tensor tensor, v.builder().constant(*value));
    auto& dims = tensor.shape.dims();
    while (dims.size() + 1 < v.rank()) dims.emplace_back(1);  // over channels: [channels, 1, 1]
    tensor.declared = tensor.shape;
    return GraphWriter(v.builder().model(), v.scope().graph).add(std::move(tensor));
  };
  if (v.op.inputs.size() < 2) return make_error(ErrorCode::kInvalidGraph, "has no beta");
  NNGAUGE_TRY(v.op.inputs[1].tensor, per_channel("beta"));
  NNGAUGE_TRY(const TensorId alpha, per_channel("alpha"));
  v.then(K::kSoftplus);
  v.then(K::kMul).inputs.push_back({alpha, OperandRole::kData});
  return ok();
}

Status mil_scaled_tanh(MilView& v) {
  const TensorId alpha = v.scalar(v.real("alpha", 1));
  v.then(K::kTanh);
  v.then(K::kMul).inputs.push_back({alpha, OperandRole::kConfig});
  return ok();
}

Status mil_linear_activation(MilView& v) {
  const double shift = v.real("beta", 0);
  if (shift != 0) v.then(K::kAdd).inputs.push_back({v.scalar(shift), OperandRole::kConfig});
  return ok();
}

Status mil_gelu(MilView& v) {
  const std::string mode = v.text("mode");
  if (mode == "TANH_APPROXIMATION") v.op.kind = K::kFastGelu;
  else if (mode == "SIGMOID_APPROXIMATION") v.op.kind = K::kQuickGelu;
  return ok();
}

Status mil_cast(MilView& v) {
  CastAttrs attrs;
  attrs.dtype = v.stated(0).dtype;
  if (const auto type = mil_type_of(std::string_view(v.text("dtype")))) attrs.dtype = type->dtype;
  v.op.attrs = attrs;
  return ok();
}

Status mil_quantize(MilView& v) {
  QuantAttrs attrs;
  attrs.axis = v.integer("axis", 0);
  attrs.dtype = v.stated(0).dtype;
  v.op.attrs = attrs;
  return ok();
}

}  // namespace nngauge::coreml
