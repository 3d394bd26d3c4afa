// SPDX-License-Identifier: Apache-2.0
// Owns: the one table from TFLite's built-in operators to our kinds: kind, order and roles of operands, who reads the
// options. Adding an operator: its code in tflite.fbs, a row in op_map.cc, where needed a reader in options_*.cc.
#pragma once

#include <string_view>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/tflite/file_view.h"

namespace nngauge::tflite {

// An operator while it is read.
struct OpContext {
  FileView& file;
  const Graph& graph;  // with its tensors
  const fb::SubGraph& subgraph;
  const fb::Operator& source;
  std::vector<TensorId> inputs;  // in the file's order, checked
  Op& op;                        // kind, outputs and operands are set

  // The file's operand i; nullptr where it is absent.
  [[nodiscard]] const Tensor* input(std::size_t i) const {
    return i < inputs.size() && inputs[i] != kNoTensor ? &graph.tensors[static_cast<std::size_t>(inputs[i])] : nullptr;
  }
  [[nodiscard]] const Tensor* output(std::size_t i) const {
    return i < op.outputs.size() && op.outputs[i] != kNoTensor ? &graph.tensors[static_cast<std::size_t>(op.outputs[i])]
                                                               : nullptr;
  }
  // Elements of the file's operand i, where it is a small integer constant.
  [[nodiscard]] std::optional<Ints> input_ints(std::size_t i) const {
    const Tensor* tensor = input(i);
    return tensor && tensor->value ? tensor->value->known_ints() : std::nullopt;
  }
  // The operator's options; where the file has none (or others), a table with all defaults.
  template <class Options>
  [[nodiscard]] const Options& options() const {
    const Options* given = source.builtin_options_as<Options>();
    return given ? *given : *static_cast<const Options*>(empty_table());
  }
  template <class Options>
  [[nodiscard]] const Options& options_2() const {
    const Options* given = source.builtin_options_2_as<Options>();
    return given ? *given : *static_cast<const Options*>(empty_table());
  }
  static const void* empty_table();

  // What the operator does cannot be told: it becomes a Custom of its own name, with a remark.
  void give_up(std::string_view code, const std::string& reason) const;
  // Reorders operands: see OperatorRow::operands.
  void arrange(std::string_view pattern) const;
};

// Of the first result; unknown where there is none.
DType result_dtype(const OpContext& c);

using OptionsReader = Status (*)(OpContext&);

struct OperatorRow {
  OpKind kind;
  // Our operands in order and their roles: parsers/operand_pattern.h.
  std::string_view operands;
  OptionsReader read;
};

// nullptr for codes without a row: the placeholder 127, and codes that came after this table.
const OperatorRow* find_operator(std::int32_t builtin_code);
// "CONV_2D"; "BUILTIN_4711" for codes without a row.
std::string operator_name(std::int32_t builtin_code);

// --- options_*.cc ---
Status read_nothing(OpContext& c);
Status read_activation_only(OpContext& c);
Status read_conv_2d(OpContext& c);
Status read_depthwise_conv_2d(OpContext& c);
Status read_conv_3d(OpContext& c);
Status read_transpose_conv(OpContext& c);
Status read_pool_2d(OpContext& c);
Status read_reduce_window(OpContext& c);
Status read_fully_connected(OpContext& c);
Status read_batch_matmul(OpContext& c);
Status read_lstm(OpContext& c);
Status read_unidirectional_lstm(OpContext& c);
Status read_bidirectional_lstm(OpContext& c);
Status read_rnn(OpContext& c);
Status read_unidirectional_rnn(OpContext& c);
Status read_bidirectional_rnn(OpContext& c);
Status read_svdf(OpContext& c);

Status read_softmax(OpContext& c);
Status read_scalars(OpContext& c);
Status read_fake_quant(OpContext& c);
Status read_quantize(OpContext& c);
Status read_cast(OpContext& c);
Status read_local_response_norm(OpContext& c);
Status read_l2_norm(OpContext& c);
Status read_reducer(OpContext& c);
Status read_arg_reduce(OpContext& c);
Status read_top_k(OpContext& c);
Status read_cumsum(OpContext& c);
Status read_bucketize(OpContext& c);
Status read_rfft2d(OpContext& c);
Status read_random(OpContext& c);
Status read_non_max_suppression(OpContext& c);

Status read_concatenation(OpContext& c);
Status read_reshape(OpContext& c);
Status read_squeeze(OpContext& c);
Status read_operand_axes(OpContext& c);
Status read_transpose(OpContext& c);
Status read_split(OpContext& c);
Status read_split_v(OpContext& c);
Status read_pack(OpContext& c);
Status read_unpack(OpContext& c);
Status read_slice(OpContext& c);
Status read_strided_slice(OpContext& c);
Status read_gather(OpContext& c);
Status read_gather_nd(OpContext& c);
Status read_where(OpContext& c);
Status read_one_hot(OpContext& c);
Status read_reverse_sequence(OpContext& c);
Status read_resize(OpContext& c);
Status read_space_depth(OpContext& c);
Status read_pad(OpContext& c);
Status read_mirror_pad(OpContext& c);
Status read_shape_output(OpContext& c);
Status read_fill(OpContext& c);
Status read_zeros_like(OpContext& c);

Status read_if(OpContext& c);
Status read_while(OpContext& c);
Status read_call(OpContext& c);
Status read_call_once(OpContext& c);

// --- options_stablehlo.cc ---
Status read_hlo_reshape(OpContext& c);
Status read_hlo_concatenate(OpContext& c);
Status read_hlo_broadcast_in_dim(OpContext& c);
Status read_hlo_convolution(OpContext& c);
Status read_hlo_dot_general(OpContext& c);
Status read_hlo_slice(OpContext& c);
Status read_hlo_dynamic_slice(OpContext& c);
Status read_hlo_pad(OpContext& c);
Status read_hlo_reduce(OpContext& c);
Status read_hlo_reduce_window(OpContext& c);
Status read_hlo_compare(OpContext& c);
Status read_hlo_logic(OpContext& c);
Status read_hlo_convert(OpContext& c);
Status read_hlo_iota(OpContext& c);
Status read_hlo_sort(OpContext& c);
Status read_hlo_gather(OpContext& c);
Status read_hlo_scatter(OpContext& c);
Status read_hlo_transpose(OpContext& c);
Status read_hlo_random(OpContext& c);
Status read_hlo_custom_call(OpContext& c);
Status read_hlo_while(OpContext& c);
Status read_hlo_case(OpContext& c);
Status read_hlo_composite(OpContext& c);

// --- custom.cc ---
// Operators that are known by name only: kind, operands and attributes of those whose meaning is known.
Status read_custom(OpContext& c, std::string_view name);

// --- flex.cc ---
// A TensorFlow operator run by the Flex delegate, with its serialised NodeDef (may be empty).
Status read_flex(OpContext& c, std::string_view name, Bytes node_def);
// A custom operator that carries the name of an element-wise TensorFlow operator without attributes is that operator:
// the converter writes what it has no built-in for under TensorFlow's name. Others stay as they are.
Status read_named_like_tensorflow(OpContext& c, std::string_view name);

FusedActivation activation_of(fb::Activation activation);
PaddingMode padding_of(fb::Padding padding);

}  // namespace nngauge::tflite
