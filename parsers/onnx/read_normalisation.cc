// SPDX-License-Identifier: Apache-2.0
// Normalisations.
#include "parsers/onnx/readers.h"

namespace nngauge::onnx_format {

// X, scale, B, mean, variance
void read_batch_norm(OpReader& r) {
  r.roles_from(1, OperandRole::kNorm);
  r.op().attrs = NormAttrs();
}

void read_instance_norm(OpReader& r) {
  r.roles_from(1, OperandRole::kNorm);
  r.op().attrs = NormAttrs();
}

void read_layer_norm(OpReader& r) {
  NormAttrs attrs;
  attrs.axis = r.integer("axis", -1);
  r.roles_from(1, OperandRole::kNorm);
  r.op().attrs = attrs;
}

void read_group_norm(OpReader& r) {
  NormAttrs attrs;
  attrs.groups = r.integer("num_groups", 1);
  if (r.input_count() != 3)
    r.fail(ErrorCode::kInvalidGraph, "GroupNormalization takes 3 operands, not " + std::to_string(r.input_count()));
  r.roles_from(1, OperandRole::kNorm);
  r.op().attrs = attrs;
}

void read_contrib_group_norm(OpReader& r) {
  NormAttrs attrs;
  attrs.groups = r.integer("groups", 1);
  attrs.layout = r.flag("channels_last", true) ? DataLayout::kChannelsLast : DataLayout::kChannelsFirst;
  r.roles_from(1, OperandRole::kNorm);
  // The fused activation 1 is SiLU.
  r.op().activation = r.integer("activation", 0) != 0 ? FusedActivation::kOther : FusedActivation::kNone;
  r.op().attrs = attrs;
}

// X, gamma, beta, skip, bias?
void read_skip_group_norm(OpReader& r) {
  read_contrib_group_norm(r);
  r.role(3, OperandRole::kData);
  r.role(4, OperandRole::kBias);
}

// input, skip, gamma, beta?, bias? / input, skip, gamma, bias?
void read_skip_norm(OpReader& r) {
  const bool has_beta = r.op().kind == OpKind::kSkipLayerNorm;
  r.role(2, OperandRole::kNorm);
  r.role(3, has_beta ? OperandRole::kNorm : OperandRole::kBias);
  if (has_beta) r.role(4, OperandRole::kBias);
  r.op().attrs = NormAttrs();
}

// input_ids, segment_ids?, word_embedding, position_embedding, segment_embedding?, gamma, beta, mask?, position_ids?
void read_embed_layer_norm(OpReader& r) {
  for (const std::size_t i : {0U, 1U, 7U, 8U}) r.role(i, OperandRole::kConfig);
  for (const std::size_t i : {2U, 3U, 4U}) r.role(i, OperandRole::kWeight);
  for (const std::size_t i : {5U, 6U}) r.role(i, OperandRole::kNorm);
  r.op().attrs = NormAttrs();
}

void read_lp_norm(OpReader& r) {
  NormAttrs attrs;
  attrs.axis = r.integer("axis", -1);
  r.op().attrs = attrs;
}

void read_lrn(OpReader& r) {
  NormAttrs attrs;
  attrs.size = r.integer("size", 1);
  r.op().attrs = attrs;
}

void read_mean_variance_norm(OpReader& r) {
  NormAttrs attrs;
  attrs.axes = r.has("axes") ? r.ints("axes") : Ints{0, 2, 3};
  r.op().attrs = attrs;
}

}  // namespace nngauge::onnx_format
