// SPDX-License-Identifier: Apache-2.0
// Attributes of convolutions, pools, products, normalisations and recurrent cells.
#include <algorithm>

#include "parsers/tensorflow/op_map.h"

namespace nngauge::tensorflow {
namespace {

// "NHWC", "NDHWC", "NWC", or "NCHW" …; strides and the like follow it.
bool is_channels_last(const OpContext& c) { return !c.node.text("data_format").starts_with("NC"); }

void warn_of_format(const OpContext& c, std::string_view channels_last, std::string_view channels_first) {
  const std::string format = c.node.text("data_format");
  if (format.empty() || format == channels_last || format == channels_first) return;
  if (format.starts_with("NC") && format.size() > channels_first.size()) return;  // NCHW_VECT_C
  c.warn("bad-data-format",
         "data_format is \"" + format + "\"; channels are taken to be " + (is_channels_last(c) ? "last" : "first"));
}

DataLayout layout_of(const OpContext& c) {
  return is_channels_last(c) ? DataLayout::kChannelsLast : DataLayout::kChannelsFirst;
}

// Entries of the spatial axes of a list with one entry per axis.
Ints spatial(const Ints& all, bool channels_last) {
  if (all.size() < 3) return {};
  return channels_last ? Ints(all.begin() + 1, all.end() - 1) : Ints(all.begin() + 2, all.end());
}

// SAME or VALID; explicit padding is written as pairs per axis. False where the attribute is missing.
bool read_padding(const OpContext& c, PaddingMode& mode, Ints& pads) {
  const std::string text = c.node.text("padding");
  if (text == "SAME" || text == "VALID") {
    mode = text == "SAME" ? PaddingMode::kSameUpper : PaddingMode::kValid;
    return true;
  }
  if (text != "EXPLICIT") return false;
  mode = PaddingMode::kExplicit;
  Ints begins, ends;
  const Ints pairs = c.node.integers("explicit_paddings");
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    begins.push_back(pairs[i]);
    ends.push_back(pairs[i + 1]);
  }
  pads = spatial(begins, is_channels_last(c));
  const Ints behind = spatial(ends, is_channels_last(c));
  pads.insert(pads.end(), behind.begin(), behind.end());
  return true;
}

bool is_3d(OpKind kind) { return kind == OpKind::kConv3D || kind == OpKind::kConvTranspose3D; }

// What convolutions and transposed ones have in common; false where something is missing.
bool read_conv_attrs(OpContext& c, ConvAttrs& attrs) {
  const bool channels_last = is_channels_last(c);
  if (is_3d(c.op.kind)) warn_of_format(c, "NDHWC", "NCDHW");
  else warn_of_format(c, "NHWC", "NCHW");
  attrs.layout = layout_of(c);
  attrs.strides = spatial(c.node.integers("strides"), channels_last);
  attrs.dilations = spatial(c.node.integers("dilations"), channels_last);
  if (!attrs.strides.empty() && read_padding(c, attrs.padding, attrs.pads)) return true;
  c.give_up("no-options", "has no strides or no padding");
  return false;
}

// Fused operators by name, in their order: activations become that of the operator.
FusedActivation fused_activation(std::string_view name) {
  if (name == "Relu") return FusedActivation::kRelu;
  if (name == "Relu6") return FusedActivation::kRelu6;
  if (name == "Tanh") return FusedActivation::kTanh;
  if (name == "Sigmoid") return FusedActivation::kSigmoid;
  if (name == "Elu" || name == "LeakyRelu" || name.starts_with("Gelu")) return FusedActivation::kOther;
  return FusedActivation::kNone;
}

// Reads fused_ops: BiasAdd first, then perhaps Add of a second operand and an activation. False for other chains.
bool read_fused_ops(OpContext& c, bool may_add) {
  for (const std::string& name : c.node.texts("fused_ops")) {
    const FusedActivation activation = fused_activation(name);
    if (activation != FusedActivation::kNone) c.op.activation = activation;
    else if (name != "BiasAdd" && !(may_add && name == "Add")) {
      c.give_up("fused-operators", "the chain fused into it has " + name + ", for which there is no rule");
      return false;
    }
  }
  return true;
}

std::int64_t extent(const Tensor* tensor, std::int64_t axis) {
  const Dim dim = tensor ? tensor->declared.at(axis) : Dim::unknown();
  return dim.known() ? dim.value() : 0;
}

// Cells name the new output "h": it is what we call the first result, the cell state the last of ours.
void take_cell_outputs(OpContext& c, std::size_t output, std::size_t cell) {
  const auto at = [&](std::size_t i) { return i < c.op.outputs.size() ? c.op.outputs[i] : kNoTensor; };
  std::vector<TensorId> outputs = {at(output), kNoTensor, kNoTensor};
  if (cell != output) outputs[2] = at(cell);
  while (!outputs.empty() && outputs.back() == kNoTensor) outputs.pop_back();
  c.op.outputs = std::move(outputs);
}

}  // namespace

Status read_nothing(OpContext& /*c*/) { return ok(); }

Status read_conv(OpContext& c) {
  ConvAttrs attrs;
  attrs.filter_layout = FilterLayout::kSpatialInOut;
  attrs.groups = 0;
  if (!read_conv_attrs(c, attrs)) return ok();
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_fused_conv(OpContext& c) {
  NNGAUGE_CHECK(read_conv(c));
  if (c.op.kind != OpKind::kCustom) read_fused_ops(c, true);
  return ok();
}

// The operand with the result's shape may hold the spatial extents alone.
Status read_conv_transpose(OpContext& c) {
  ConvAttrs attrs;
  attrs.filter_layout = FilterLayout::kSpatialOutIn;
  if (!read_conv_attrs(c, attrs)) return ok();
  const std::size_t rank = is_3d(c.op.kind) ? 3 : 2;
  if (const std::optional<Ints> sizes = c.input_ints(0); sizes && sizes->size() == rank) {
    attrs.output_shape = *sizes;
    c.arrange("2x1w0-");
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_pool(OpContext& c) {
  const bool channels_last = is_channels_last(c);
  PoolAttrs attrs;
  attrs.layout = layout_of(c);
  attrs.kernel = spatial(c.node.integers("ksize"), channels_last);
  attrs.strides = spatial(c.node.integers("strides"), channels_last);
  if (attrs.kernel.empty() || !read_padding(c, attrs.padding, attrs.pads)) {
    c.give_up("no-options", "has no window or no padding");
    return ok();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_pool_v2(OpContext& c) {
  const bool channels_last = is_channels_last(c);
  PoolAttrs attrs;
  attrs.layout = layout_of(c);
  attrs.kernel = spatial(c.input_ints(1).value_or(Ints()), channels_last);
  attrs.strides = spatial(c.input_ints(2).value_or(Ints()), channels_last);
  if (attrs.kernel.empty() || !read_padding(c, attrs.padding, attrs.pads)) {
    c.give_up("dynamic-window", "its window is not a constant");
    return ok();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

// A product with stored weights is a dense layer: both operands are matrices.
Status read_matmul(OpContext& c) {
  const bool transpose_a = c.node.flag("transpose_a"), transpose_b = c.node.flag("transpose_b");
  if (c.stored(1) && !c.stored(0) && !transpose_a) {
    c.op.kind = OpKind::kDense;
    DenseAttrs attrs;
    attrs.transpose_b = transpose_b;
    c.op.attrs = attrs;
    return ok();
  }
  MatMulAttrs attrs;
  attrs.transpose_a = transpose_a;
  attrs.transpose_b = transpose_b;
  c.op.attrs = attrs;
  return ok();
}

Status read_batch_matmul(OpContext& c) {
  MatMulAttrs attrs;
  attrs.transpose_a = c.node.flag("adj_x");
  attrs.transpose_b = c.node.flag("adj_y");
  c.op.attrs = attrs;
  return ok();
}

Status read_fused_matmul(OpContext& c) {
  if (c.node.flag("transpose_a")) {
    c.give_up("transposed-operand", "its first operand is transposed");
    return ok();
  }
  DenseAttrs attrs;
  attrs.transpose_b = c.node.flag("transpose_b");
  c.op.attrs = attrs;
  read_fused_ops(c, false);
  return ok();
}

Status read_einsum(OpContext& c) {
  EinsumAttrs attrs;
  attrs.equation = c.node.text("equation");
  if (attrs.equation.empty()) {
    c.give_up("no-options", "has no equation");
    return ok();
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

// In training the statistics are those of the batch; the operands for them are empty then.
Status read_batch_norm(OpContext& c) {
  NormAttrs attrs;
  attrs.layout = layout_of(c);
  attrs.axis = is_channels_last(c) ? -1 : 1;
  const bool trains = c.node.has("is_training") ? c.node.flag("is_training") : true;
  if (trains && extent(c.input(3), 0) == 0) c.arrange("xnn--");
  if (trains) c.warn("training-mode", "normalises by the statistics of its batch, as in training");
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_fused_batch_norm_ex(OpContext& c) {
  const bool adds = c.node.integer("num_side_inputs", 0) > 0;
  NNGAUGE_CHECK(read_batch_norm(c));
  if (adds) {
    c.give_up("fused-operators", "a sum is fused into it");
    return ok();
  }
  c.op.activation = fused_activation(c.node.text("activation_mode"));
  return ok();
}

// Defaults as TensorFlow's: a window of 2 x 5 + 1 channels.
Status read_local_response_norm(OpContext& c) {
  const std::int64_t radius = c.node.integer("depth_radius", 5);
  constexpr std::int64_t kMostRadius = 1 << 20;
  if (radius < 0 || radius > kMostRadius)
    return make_error(ErrorCode::kInvalidAttribute, "depth_radius is " + std::to_string(radius));
  NormAttrs attrs;
  attrs.size = 2 * radius + 1;
  attrs.axis = -1;
  attrs.layout = DataLayout::kChannelsLast;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_bias_add(OpContext& c) {
  warn_of_format(c, "NHWC", "NCHW");
  return ok();
}

// x [time, batch, in], w [in + hidden, 4 hidden]; peepholes are placeholders unless use_peephole.
Status read_block_lstm(OpContext& c) {
  RecurrentAttrs attrs;
  attrs.hidden_size = extent(c.input(4), 1) / 4;
  if (!c.node.flag("use_peephole")) c.arrange("1x4w5-6-7-8b3s2s0c");
  take_cell_outputs(c, 6, 6);
  c.op.attrs = attrs;
  return ok();
}

Status read_lstm_cell(OpContext& c) {
  RecurrentAttrs attrs;
  attrs.single_step = true;
  attrs.hidden_size = extent(c.input(3), 1) / 4;
  if (!c.node.flag("use_peephole")) c.arrange("x3w4-5-6-7b2s1s");
  take_cell_outputs(c, 6, 1);
  c.op.attrs = attrs;
  return ok();
}

// w_ru [in + hidden, 2 hidden], w_c [in + hidden, hidden].
Status read_gru_cell(OpContext& c) {
  RecurrentAttrs attrs;
  attrs.single_step = true;
  attrs.hidden_size = extent(c.input(3), 1);
  take_cell_outputs(c, 3, 3);
  c.op.attrs = attrs;
  return ok();
}

}  // namespace nngauge::tensorflow
