// SPDX-License-Identifier: Apache-2.0
// Attention in ONNX's and com.microsoft's forms, recurrent layers.
#include <fmt/format.h>

#include "base/text.h"
#include "parsers/onnx/readers.h"

namespace nngauge::onnx_format {
namespace {

// Canonical operands of attention with separate Q, K, V: query, key, value, mask (added to the scores), past key,
// past value, bias, then what steers it.
void qkv_roles(OpReader& r) {
  r.role(4, OperandRole::kState);
  r.role(5, OperandRole::kState);
  r.role(6, OperandRole::kBias);
  for (std::size_t i = 7; i < r.input_count(); ++i) {
    if (r.op().inputs[i].role == OperandRole::kData) r.role(i, OperandRole::kConfig);
  }
}

bool lacks_key(OpReader& r) { return r.input(1) == nullptr; }

// Heads by the attribute of that name; 0 where it is absent.
std::int64_t head_count(OpReader& r, std::string_view name) {
  const std::int64_t heads = r.integer(name, 0);
  if (r.has(name) && heads <= 0) r.fail(ErrorCode::kInvalidAttribute, fmt::format("{} is {}", name, heads));
  return heads;
}

// Operators of com.microsoft must say how many heads they have. Where one does not, its work is unknown.
bool lacks_heads(OpReader& r, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (r.has(name)) continue;
    r.op().kind = OpKind::kCustom;
    return true;
  }
  return false;
}

// A key of one element stands for none: the query holds Q, K and V.
void drop_placeholders(OpReader& r) {
  for (const std::size_t i : {1U, 2U}) {
    const Tensor* operand = r.input(i);
    if (operand != nullptr && operand->declared.ranked() && operand->declared.rank() == 1 &&
        operand->declared[0].is(1)) {
      r.op().inputs[i].tensor = kNoTensor;
    }
  }
}

AttentionAttrs qkv_attrs(OpReader& r, std::string_view heads) {
  AttentionAttrs attrs;
  attrs.form = AttentionForm::kQkv;
  attrs.num_heads = head_count(r, heads);
  attrs.packed_qkv = lacks_key(r);
  return attrs;
}

std::int64_t directions_of(OpReader& r) {
  const std::string direction = r.text("direction", "forward");
  if (direction == "bidirectional") return 2;
  if (direction != "forward" && direction != "reverse") {
    r.fail(ErrorCode::kInvalidAttribute,
           fmt::format("direction is {}, not forward, reverse or bidirectional", in_quotes(direction)));
  }
  return 1;
}

}  // namespace

// Q, K, V, attn_mask?, past_key?, past_value?, nonpad_kv_seqlen?; or onnxruntime's, written into the default domain.
void read_attention(OpReader& r) {
  if (r.has("num_heads")) return read_packed_attention(r);
  AttentionAttrs attrs = qkv_attrs(r, "q_num_heads");
  attrs.kv_num_heads = head_count(r, "kv_num_heads");
  r.arrange({0, 1, 2, 3, 4, 5, -1, 6});
  qkv_roles(r);
  r.op().attrs = attrs;
}

// input, weights, bias?, mask_index?, past?, attention_bias?, past_sequence_length?
void read_packed_attention(OpReader& r) {
  if (lacks_heads(r, {"num_heads"})) return;
  AttentionAttrs attrs;
  attrs.form = AttentionForm::kPackedWeights;
  attrs.num_heads = head_count(r, "num_heads");
  attrs.qkv_hidden_sizes = r.ints("qkv_hidden_sizes");
  if (r.input_count() < 2)
    r.fail(ErrorCode::kInvalidGraph, fmt::format("{} operands, Attention takes 2 to 7", r.input_count()));
  r.role(1, OperandRole::kWeight);
  r.role(2, OperandRole::kBias);
  r.role(3, OperandRole::kConfig);
  r.role(4, OperandRole::kState);
  r.role(6, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// input, weight, bias, input_scale, weight_scale, mask_index?, input_zero_point?, weight_zero_point?, past?
void read_qattention(OpReader& r) {
  r.arrange({0, 1, 2, 5, 8}, {3, 4, 6, 7});
  read_packed_attention(r);
}

// query, key?, value?, bias?, key_padding_mask?, attention_bias?, past_key?, past_value?, past_sequence_length?, …
void read_multi_head_attention(OpReader& r) {
  if (lacks_heads(r, {"num_heads"})) return;
  const AttentionAttrs attrs = qkv_attrs(r, "num_heads");
  r.arrange({0, 1, 2, 5, 6, 7, 3, 4, 8, 9});
  qkv_roles(r);
  r.op().attrs = attrs;
}

// query, key?, value?, mask_index?, attention_bias?, past_key?, past_value?, past_sequence_length?, beam_width?,
// cache_indirection?, bias?
void read_decoder_attention(OpReader& r) {
  if (lacks_heads(r, {"num_heads"})) return;
  const AttentionAttrs attrs = qkv_attrs(r, "num_heads");
  r.arrange({0, 1, 2, 4, 5, 6, 10, 3, 7, 8, 9});
  qkv_roles(r);
  r.op().attrs = attrs;
}

// query, key?, value?, past_key?, past_value?, seqlens_k, total_sequence_length, cos_cache?, sin_cache?, position_ids?,
// attention_bias?, head_sink?, k_scale?, v_scale?
void read_group_query_attention(OpReader& r) {
  if (lacks_heads(r, {"num_heads", "kv_num_heads"})) return;
  drop_placeholders(r);
  AttentionAttrs attrs = qkv_attrs(r, "num_heads");
  attrs.kv_num_heads = head_count(r, "kv_num_heads");
  attrs.window = r.integer("local_window_size", -1);
  attrs.total_length_input = 8;
  r.arrange({0, 1, 2, 10, 3, 4, -1, 5, 6, 7, 8, 9, 11}, {12, 13});
  qkv_roles(r);
  r.op().attrs = attrs;
}

// query, key?, value?, past_key, past_value, block_row_indices, block_col_indices, total_sequence_length,
// key_total_sequence_lengths, cos_cache?, sin_cache?
void read_sparse_attention(OpReader& r) {
  if (lacks_heads(r, {"num_heads", "kv_num_heads"})) return;
  drop_placeholders(r);
  AttentionAttrs attrs = qkv_attrs(r, "num_heads");
  attrs.kv_num_heads = head_count(r, "kv_num_heads");
  attrs.sparse = true;
  attrs.total_length_input = 9;
  r.arrange({0, 1, 2, -1, 3, 4, -1, 5, 6, 7, 8, 9, 10});
  qkv_roles(r);
  r.op().attrs = attrs;
}

// X, cos_cache, sin_cache, position_ids?
void read_rotary_embedding(OpReader& r) {
  AttentionAttrs attrs;
  attrs.num_heads = r.integer("num_heads", 0);
  r.roles_from(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// input, position_ids, cos_cache, sin_cache
void read_contrib_rotary_embedding(OpReader& r) {
  r.arrange({0, 2, 3, 1});
  read_rotary_embedding(r);
}

// X, W, R, B?, sequence_lens?, initial_h?, and for LSTM initial_c?, P?
void read_recurrent(OpReader& r) {
  RecurrentAttrs attrs;
  attrs.directions = directions_of(r);
  attrs.onnx_outputs = true;
  attrs.merge_outputs = false;
  const bool batch_first = r.integer("layout", 0) == 1;
  attrs.time_major = !batch_first;
  attrs.batch_first_states = batch_first;
  attrs.hidden_size = r.integer("hidden_size", 0);
  if (attrs.hidden_size == 0 && r.input(2) != nullptr) {
    if (const Dim extent = r.input(2)->declared.at(2); extent.known()) attrs.hidden_size = extent.value();
  }
  if (attrs.hidden_size < 0) r.fail(ErrorCode::kInvalidAttribute, fmt::format("hidden_size is {}", attrs.hidden_size));
  r.role(1, OperandRole::kWeight);
  r.role(2, OperandRole::kWeight);
  r.role(3, OperandRole::kBias);
  r.role(4, OperandRole::kConfig);
  r.role(5, OperandRole::kState);
  r.role(6, OperandRole::kState);
  r.role(7, OperandRole::kWeight);  // peepholes
  r.op().attrs = attrs;
}

void read_dynamic_quantize_lstm(OpReader& r) {
  r.arrange({0, 1, 2, 3, 4, 5, 6, 7}, {8, 9, 10, 11});
  read_recurrent(r);
}

}  // namespace nngauge::onnx_format
