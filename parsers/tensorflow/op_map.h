// SPDX-License-Identifier: Apache-2.0
// Owns: the one table from TensorFlow's operators to our kinds, for GraphDefs and for the Flex operators of TFLite:
// kind, order and roles of operands, names of results, who reads the attributes.
// Not here: nodes that make no operator (constants, placeholders, variables), calls and control flow (graph_builder.h).
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/tensorflow/node_view.h"

namespace nngauge::tensorflow {

// An operator while it is read.
struct OpContext {
  const NodeView& node;
  const Graph& graph;            // with its tensors
  std::vector<TensorId> inputs;  // in the node's order, checked
  Op& op;                        // kind, outputs and operands are set
  Diagnostics& diagnostics;
  // The stored constant that a tensor is, perhaps through Identity; kNoTensor for a computed one.
  std::function<TensorId(TensorId)> stored_as;
  std::optional<Shape> result_shape = {};  // of result 0, where attributes or constants state it

  // The node's operand i; nullptr where it is absent.
  [[nodiscard]] const Tensor* input(std::size_t i) const {
    return i < inputs.size() && inputs[i] != kNoTensor ? &graph.tensors[static_cast<std::size_t>(inputs[i])] : nullptr;
  }
  [[nodiscard]] const Tensor* output(std::size_t i) const {
    return i < op.outputs.size() && op.outputs[i] != kNoTensor ? &graph.tensors[static_cast<std::size_t>(op.outputs[i])]
                                                               : nullptr;
  }
  // Operand i if it is a stored constant.
  [[nodiscard]] const Tensor* stored(std::size_t i) const;
  // Its elements, where it is a small integer constant.
  [[nodiscard]] std::optional<Ints> input_ints(std::size_t i) const;
  [[nodiscard]] std::optional<std::int64_t> input_int(std::size_t i) const;

  // What the operator does cannot be told: it becomes a Custom of its own name, with a remark.
  void give_up(std::string_view code, const std::string& reason) const;
  void warn(std::string_view code, const std::string& message) const;
  void arrange(std::string_view pattern) const;  // parsers/operand_pattern.h
};

using AttributeReader = Status (*)(OpContext&);

struct OpRow {
  std::string_view name;
  OpKind kind;
  std::string_view operands;  // parsers/operand_pattern.h
  AttributeReader read;
  // Names of the results where there are several ("values indices"), as the bodies of functions call them.
  std::string_view results = {};
};

// nullptr for operators without a row.
const OpRow* find_op_row(std::string_view op);
std::size_t op_row_count();
// Gradients and updates of variables: by the names that they all share.
bool is_training_op(std::string_view op);

// Fills `c.op` by the table; an operator without a row becomes a Custom. Errors: what the attribute reader finds.
Status read_op(OpContext& c);

// --- read_*.cc ---
Status read_nothing(OpContext& c);
Status read_conv(OpContext& c);
Status read_fused_conv(OpContext& c);
Status read_conv_transpose(OpContext& c);
Status read_pool(OpContext& c);
Status read_pool_v2(OpContext& c);
Status read_matmul(OpContext& c);
Status read_batch_matmul(OpContext& c);
Status read_fused_matmul(OpContext& c);
Status read_einsum(OpContext& c);
Status read_batch_norm(OpContext& c);
Status read_fused_batch_norm_ex(OpContext& c);
Status read_local_response_norm(OpContext& c);
Status read_bias_add(OpContext& c);
Status read_block_lstm(OpContext& c);
Status read_lstm_cell(OpContext& c);
Status read_gru_cell(OpContext& c);

Status read_leaky_relu(OpContext& c);
Status read_last_axis(OpContext& c);
Status read_axis_operand(OpContext& c);
Status read_reduce(OpContext& c);
Status read_reduce_all(OpContext& c);
Status read_arg_reduce(OpContext& c);
Status read_top_k(OpContext& c);
Status read_cast(OpContext& c);
Status read_fake_quant(OpContext& c);
Status read_quantize(OpContext& c);
Status read_shape(OpContext& c);
Status read_fill(OpContext& c);
Status read_zeros_like(OpContext& c);
Status read_ones_like(OpContext& c);
Status read_random(OpContext& c);
Status read_one_hot(OpContext& c);
Status read_linspace(OpContext& c);
Status read_bucketize(OpContext& c);
Status read_rfft(OpContext& c);
Status read_resize(OpContext& c);
Status read_space_depth(OpContext& c);
Status read_where(OpContext& c);
Status read_non_max_suppression(OpContext& c);

Status read_axis_attribute(OpContext& c);
Status read_concat(OpContext& c);
Status read_concat_first(OpContext& c);
Status read_quantized_concat(OpContext& c);
Status read_split(OpContext& c);
Status read_split_v(OpContext& c);
Status read_unpack(OpContext& c);
Status read_gather(OpContext& c);
Status read_gather_first(OpContext& c);
Status read_gather_nd(OpContext& c);
Status read_pad(OpContext& c);
Status read_mirror_pad(OpContext& c);
Status read_squeeze(OpContext& c);
Status read_operand_axes(OpContext& c);
Status read_slice(OpContext& c);
Status read_strided_slice(OpContext& c);
Status read_reverse_sequence(OpContext& c);
Status read_ensure_shape(OpContext& c);
Status read_each_text(OpContext& c);
Status read_list(OpContext& c);
Status read_list_element(OpContext& c);
Status read_list_stack(OpContext& c);
Status read_loop_condition(OpContext& c);

}  // namespace nngauge::tensorflow
