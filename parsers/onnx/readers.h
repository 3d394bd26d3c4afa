// SPDX-License-Identifier: Apache-2.0
// Owns: the list of functions that read ONNX operators, by family; op_map.cc names them in its rows.
#pragma once

#include "parsers/onnx/op_reader.h"

namespace nngauge::onnx_format {

// read_convolution.cc: convolutions and pooling
void read_conv(OpReader& r);
void read_fused_conv(OpReader& r);
void read_nhwc_conv(OpReader& r);
void read_qlinear_conv(OpReader& r);
void read_conv_integer(OpReader& r);
void read_conv_transpose(OpReader& r);
void read_deform_conv(OpReader& r);
void read_pool(OpReader& r);
void read_nhwc_pool(OpReader& r);
void read_qlinear_pool(OpReader& r);
void read_global_pool(OpReader& r);
void read_qlinear_global_pool(OpReader& r);
void read_max_roi_pool(OpReader& r);
void read_roi_align(OpReader& r);

// read_products.cc: matrix products
void read_gemm(OpReader& r);
void read_fused_gemm(OpReader& r);
void read_qgemm(OpReader& r);
void read_matmul(OpReader& r);
void read_fused_matmul_activation(OpReader& r);
void read_gemm_fast_gelu(OpReader& r);
void read_matmul_integer(OpReader& r);
void read_matmul_integer_to_float(OpReader& r);
void read_dynamic_quantize_matmul(OpReader& r);
void read_qlinear_matmul(OpReader& r);
void read_matmul_nbits(OpReader& r);
void read_matmul_bnb4(OpReader& r);
void read_matmul_fpq4(OpReader& r);
void read_einsum(OpReader& r);
void read_moe(OpReader& r);

// read_attention.cc: attention and recurrent layers
void read_attention(OpReader& r);
void read_packed_attention(OpReader& r);
void read_qattention(OpReader& r);
void read_multi_head_attention(OpReader& r);
void read_decoder_attention(OpReader& r);
void read_group_query_attention(OpReader& r);
void read_sparse_attention(OpReader& r);
void read_rotary_embedding(OpReader& r);
void read_contrib_rotary_embedding(OpReader& r);
void read_recurrent(OpReader& r);
void read_dynamic_quantize_lstm(OpReader& r);

// read_normalisation.cc
void read_batch_norm(OpReader& r);
void read_instance_norm(OpReader& r);
void read_layer_norm(OpReader& r);
void read_group_norm(OpReader& r);
void read_contrib_group_norm(OpReader& r);
void read_skip_group_norm(OpReader& r);
void read_skip_norm(OpReader& r);
void read_embed_layer_norm(OpReader& r);
void read_lp_norm(OpReader& r);
void read_lrn(OpReader& r);
void read_mean_variance_norm(OpReader& r);

// read_elementwise.cc: functions per element, along an axis, quantised forms of both
void read_plain(OpReader& r);
void read_float_only(OpReader& r);  // read_plain for functions that integers do not have
void read_legacy_binary(OpReader& r);
void read_scalar(OpReader& r);
void read_prelu(OpReader& r);
void read_bias(OpReader& r);
void read_clip(OpReader& r);
void read_hardtanh(OpReader& r);
void read_image_scaler(OpReader& r);
void read_qlinear_unary(OpReader& r);
void read_qlinear_binary(OpReader& r);
void read_qlinear_where(OpReader& r);
void read_softmax(OpReader& r);
void read_qlinear_softmax(OpReader& r);
void read_reduce(OpReader& r);
void read_qlinear_reduce(OpReader& r);
void read_arg_reduce(OpReader& r);
void read_cum_sum(OpReader& r);
void read_top_k(OpReader& r);
void read_quantize(OpReader& r);
void read_dequantize(OpReader& r);

// read_movement.cc: reshapes, slices, gathers, resampling
void read_reshape(OpReader& r);
void read_axes(OpReader& r);
void read_axis_0(OpReader& r);
void read_flatten(OpReader& r);
void read_concat(OpReader& r);
void read_qlinear_concat(OpReader& r);
void read_dropout(OpReader& r);
void read_transpose(OpReader& r);
void read_split(OpReader& r);
void read_slice(OpReader& r);
void read_dynamic_slice(OpReader& r);
void read_pad(OpReader& r);
void read_tile(OpReader& r);
void read_shape_operand(OpReader& r);
void read_gather(OpReader& r);
void read_gather_nd(OpReader& r);
void read_scatter_nd(OpReader& r);
void read_tensor_scatter(OpReader& r);
void read_gather_block_quantized(OpReader& r);
void read_reverse_sequence(OpReader& r);
void read_space_depth(OpReader& r);
void read_cast(OpReader& r);
void read_cast_like(OpReader& r);
void read_compress(OpReader& r);
void read_upsample(OpReader& r);
void read_nchwc_upsample(OpReader& r);
void read_resize(OpReader& r);
void read_grid_sample(OpReader& r);
void read_center_crop_pad(OpReader& r);
void read_layout(OpReader& r);
void read_col2im(OpReader& r);

// read_generators.cc: results made from shapes, detection, signal
void read_shape(OpReader& r);
void read_fill(OpReader& r);
void read_constant_fill(OpReader& r);
void read_constant_like(OpReader& r);
void read_dim(OpReader& r);
void read_like(OpReader& r);
void read_random(OpReader& r);
void read_range(OpReader& r);
void read_one_hot(OpReader& r);
void read_multinomial(OpReader& r);
void read_window(OpReader& r);
void read_mel_weight_matrix(OpReader& r);
void read_unique(OpReader& r);
void read_non_max_suppression(OpReader& r);
void read_dft(OpReader& r);
void read_stft(OpReader& r);
void read_cdist(OpReader& r);

// read_control.cc: control flow, sequences, operators without a rule
void read_if(OpReader& r);
void read_loop(OpReader& r);
void read_scan(OpReader& r);
void read_sequence_map(OpReader& r);
void read_sequence(OpReader& r);
void read_loss(OpReader& r);

// read_pnnx.cc: torch modules as pnnx writes them
void read_pnnx_conv(OpReader& r);
void read_pnnx_conv_transpose(OpReader& r);
void read_pnnx_expression(OpReader& r);

// "Relu" … as the activation that a fused operator does itself.
FusedActivation fused_activation(std::string_view name);

}  // namespace nngauge::onnx_format
