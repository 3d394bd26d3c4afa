// SPDX-License-Identifier: Apache-2.0
// Owns: the names of the functions that read the attributes of one sort of operator each; the file after which a group
// stands has them.
#pragma once

#include "parsers/paddle/op_map.h"

namespace nngauge::paddle {

// read_layers.cc
bool is_channels_last(const ProgramOp& op);
DataLayout layout_of(const ProgramOp& op);
void read_fused(OpContext& c);  // activations that Paddle's optimiser fuses
Status read_conv(OpContext& c);
Status read_conv_transpose(OpContext& c);
Status read_pool(OpContext& c);
Status read_batch_norm(OpContext& c);
Status read_layer_norm(OpContext& c);
Status read_norm(OpContext& c);
Status read_lrn(OpContext& c);
Status read_mul(OpContext& c);
Status read_matmul(OpContext& c);
Status read_deform(OpContext& c);
Status read_einsum(OpContext& c);

// read_elementwise.cc
Status read_nothing(OpContext& c);
Status read_elementwise(OpContext& c);
Status read_scale(OpContext& c);
Status read_pow(OpContext& c);
Status read_alpha(OpContext& c);
Status read_axis(OpContext& c);
Status read_arg(OpContext& c);
Status read_top_k(OpContext& c);
Status read_reduce(OpContext& c);
Status read_mean(OpContext& c);
Status read_p_norm(OpContext& c);
Status read_increment(OpContext& c);
Status read_cast(OpContext& c);
Status read_calib(OpContext& c);
Status read_quantize(OpContext& c);

// read_recurrent.cc
Status read_rnn(OpContext& c);

// read_indexing.cc
// Makes one operand of those from `first` on: extents that the program computes one by one.
void join_operands(OpContext& c, std::size_t first);
Status read_gather(OpContext& c);
Status read_index_select(OpContext& c);
Status read_take_along(OpContext& c);
Status read_tile(OpContext& c);
Status read_roll(OpContext& c);
Status read_masked_fill(OpContext& c);
Status read_one_hot(OpContext& c);
Status read_unfold(OpContext& c);
Status read_fold(OpContext& c);
Status read_nms(OpContext& c);
Status read_roi(OpContext& c);

// read_movement.cc
Status read_axes(OpContext& c);
Status read_reverse(OpContext& c);
Status read_reshape(OpContext& c);
Status read_flatten(OpContext& c);
Status read_flatten_range(OpContext& c);
Status read_transpose(OpContext& c);
Status read_split(OpContext& c);
Status read_slice(OpContext& c);
Status read_expand(OpContext& c);
Status read_fill(OpContext& c);
Status read_fill_like(OpContext& c);
Status read_assign_value(OpContext& c);
Status read_shape(OpContext& c);
Status read_interpolate(OpContext& c);
Status read_pad(OpContext& c);
Status read_pixel_shuffle(OpContext& c);

}  // namespace nngauge::paddle
