// SPDX-License-Identifier: Apache-2.0
// Attention, recurrent layers, regions and detections, decompression of weights.
#include <algorithm>

#include "parsers/openvino/layer_readers.h"

namespace nngauge::openvino {
namespace {

using K = OpKind;
using V = LayerView;

// The operator of this graph that makes a tensor; nullptr for constants and inputs.
const Op* maker_of(const V& v, TensorId id) {
  const auto found = v.makers.find(id);
  return found == v.makers.end() ? nullptr : &v.graph.ops[found->second];
}

bool is_stored(const V& v, TensorId id) {
  return id != kNoTensor && v.graph.tensors[static_cast<std::size_t>(id)].is_constant;
}

// Made of a stored constant of whole numbers by conversions, subtraction of its zero point, other extents.
bool is_unpacked(const V& v, TensorId id) {
  constexpr int kMostHops = 6;
  for (int hop = 0; hop < kMostHops && id != kNoTensor; ++hop) {
    const Tensor& tensor = v.graph.tensors[static_cast<std::size_t>(id)];
    if (tensor.is_constant) return hop > 0 && is_integer(tensor.dtype) && dtype_bits(tensor.dtype) <= 8;
    const Op* op = maker_of(v, id);
    const bool passes = op != nullptr && !op->inputs.empty() &&
                        (op->kind == K::kCast || op->kind == K::kReshape || op->kind == K::kDequantize);
    if (!passes) return false;
    id = op->inputs[0].tensor;
  }
  return false;
}

// A stored number, perhaps behind a conversion.
bool is_parameter(const V& v, TensorId id) {
  if (is_stored(v, id)) return true;
  const Op* op = id == kNoTensor ? nullptr : maker_of(v, id);
  return op != nullptr && (op->kind == K::kCast || op->kind == K::kReshape) && is_stored(v, op->inputs[0].tensor);
}

}  // namespace

// Subtraction of the zero point of stored weights and multiplication by their scale undo a quantisation.
void read_scaling(V& v) {
  v.all();
  if (v.operands.size() != 2 || !is_unpacked(v, v.operands[0]) || !is_parameter(v, v.operands[1])) return;
  v.op.kind = K::kDequantize;
  v.op.inputs[1].role = OperandRole::kQuant;
  QuantAttrs attrs;
  attrs.axis = 0;
  attrs.dtype = v.out_dtype();
  v.op.attrs = attrs;
}

// Queries, keys, values, and perhaps a mask and a scale: [batch, heads, steps, size], or without heads.
void read_attention(V& v) {
  AttentionAttrs attrs;
  const std::size_t rank = v.in(0).ranked() ? v.in(0).rank() : 4;
  if (rank < 3 || rank > 4) return read_unknown(v);
  if (rank == 3) attrs.num_heads = 1;
  v.op.attrs = attrs;
  for (std::size_t i = 0; i < std::min<std::size_t>(v.operands.size(), 4); ++i) v.operand(i);
}

void read_einsum(V& v) {
  EinsumAttrs attrs;
  attrs.equation = v.layer.text("equation");
  v.op.attrs = attrs;
  v.all();
}

// Operands x, states, weights, recurrent weights, biases.
void read_cell(V& v) {
  RecurrentAttrs attrs;
  attrs.hidden_size = v.layer.integer("hidden_size", 0);
  attrs.single_step = true;
  v.op.attrs = attrs;
  v.operand(0);
  const std::size_t states = v.op.kind == K::kLSTM ? 2 : 1;
  for (std::size_t i = 1; i <= states; ++i) v.operand(i, OperandRole::kState);
  v.operand(states + 1, OperandRole::kWeight);
  v.operand(states + 2, OperandRole::kWeight);
  v.operand(states + 3, OperandRole::kBias);
}

// Operands x [batch, steps, size], states, lengths, then as a cell with the directions in front. The first result is
// [batch, directions, steps, units].
void read_sequence(V& v) {
  RecurrentAttrs attrs;
  attrs.hidden_size = v.layer.integer("hidden_size", 0);
  attrs.directions = v.layer.text("direction") == "bidirectional" ? 2 : 1;
  attrs.time_major = false;
  attrs.onnx_outputs = attrs.batch_first_states = true;
  v.op.attrs = attrs;
  v.operand(0);
  const std::size_t states = v.op.kind == K::kLSTM ? 2 : 1;
  for (std::size_t i = 1; i <= states; ++i) v.operand(i, OperandRole::kState);
  v.operand(states + 2, OperandRole::kWeight);
  v.operand(states + 3, OperandRole::kWeight);
  v.operand(states + 4, OperandRole::kBias);
  v.result_views.emplace_back(0, Ints{0, attrs.directions, -1, attrs.hidden_size});
}

void read_group_norm(V& v) {
  NormAttrs attrs;
  attrs.groups = v.layer.integer("num_groups", 1);
  attrs.axis = 1;
  v.op.attrs = attrs;
  v.operand(0);
  for (std::size_t i = 1; i < 3; ++i) v.operand(i, OperandRole::kNorm);
}

// Data, offsets, filters, and perhaps a mask.
void read_deformable(V& v) {
  const Layer& layer = v.layer;
  ConvAttrs attrs;
  attrs.strides = layer.integers("strides");
  attrs.dilations = layer.integers("dilations");
  attrs.pads = layer.integers("pads_begin");
  const Ints ends = layer.integers("pads_end");
  attrs.pads.insert(attrs.pads.end(), ends.begin(), ends.end());
  const std::string padding = layer.text("auto_pad");
  attrs.padding = padding == "same_upper"   ? PaddingMode::kSameUpper
                  : padding == "same_lower" ? PaddingMode::kSameLower
                  : padding == "valid"      ? PaddingMode::kValid
                                            : PaddingMode::kExplicit;
  attrs.groups = std::max<std::int64_t>(layer.integer("group", 1), 1);
  v.op.attrs = attrs;
  v.operand(0);
  v.operand(2, OperandRole::kWeight);
  v.operand(1);
  if (v.operands.size() < 4) return;
  v.op.inputs.push_back({kNoTensor, OperandRole::kBias});
  v.operand(3);
}

void read_grid_sample(V& v) {
  ResizeAttrs attrs;
  const std::string mode = v.layer.text("mode");
  attrs.mode = mode == "nearest" ? ResizeMode::kNearest : mode == "bicubic" ? ResizeMode::kCubic : ResizeMode::kLinear;
  v.op.attrs = attrs;
  v.operand(0);
  v.operand(1);
}

// Data, regions, and perhaps the picture of each region.
void read_roi(V& v) {
  CustomAttrs attrs;
  attrs.pooled_height = v.layer.integer("pooled_h", v.layer.integer("pooled_height", 0));
  attrs.pooled_width = v.layer.integer("pooled_w", v.layer.integer("pooled_width", 0));
  attrs.sampling_ratio = v.layer.integer("sampling_ratio", 0);
  if (v.op.kind == K::kMaxRoiPool && v.layer.text("method") == "bilinear") {
    v.op.kind = K::kRoiAlign;
    attrs.sampling_ratio = 1;
  }
  v.op.attrs = attrs;
  v.operand(0);
  v.operand(1);
  if (v.op.kind == K::kRoiAlign && v.operands.size() > 2) v.operand(2, OperandRole::kConfig);
}

void read_suppression(V& v) {
  v.op.attrs = CustomAttrs{};
  v.operand(0);
  v.operand(1);
  for (std::size_t i = 2; i < std::min<std::size_t>(v.operands.size(), 5); ++i) v.operand(i, OperandRole::kConfig);
}

void read_detection(V& v) {
  DetectionAttrs attrs;
  const Shape out = v.out();
  if (out.ranked() && out.rank() >= 2) {
    const Dim rows = out.at(-2), columns = out.at(-1);
    attrs.max_detections = rows.known() ? rows.value() : 0;
    attrs.columns = columns.known() && columns.value() > 0 ? columns.value() : 7;
    attrs.rank = static_cast<std::int64_t>(std::min<std::size_t>(out.rank(), 8));
  }
  v.op.attrs = attrs;
  v.all();
  for (std::size_t i = 2; i < v.op.inputs.size(); ++i) v.op.inputs[i].role = OperandRole::kConfig;
}

void read_space_depth(V& v) {
  SpaceDepthAttrs attrs;
  attrs.block_size = v.layer.integer("block_size", v.layer.integer("stride", 1));
  v.op.attrs = attrs;
  v.operand(0);
}

}  // namespace nngauge::openvino
