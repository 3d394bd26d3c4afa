// SPDX-License-Identifier: Apache-2.0
// Owns: the table of layer types: how each becomes an operator. One row a type in layers.cc, handlers in lower_*.cc.
#pragma once

#include <string_view>

#include "base/result.h"
#include "parsers/ncnn/lowering.h"

namespace nngauge::ncnn {

using Handler = Status (*)(LayerView&);

// nullptr for types that are not known: custom layers.
Handler find_handler(std::string_view type);
// Its result has the shape of its first bottom, whatever that is: unary functions, copies.
bool keeps_shape(const Layer& layer);

// --- lower_convolution.cc ---
Status lower_convolution(LayerView& v);
Status lower_deconvolution(LayerView& v);
Status lower_deformable(LayerView& v);
// --- lower_pooling.cc ---
Status lower_pooling(LayerView& v);
Status lower_spp(LayerView& v);
Status lower_statistics_pooling(LayerView& v);
Status lower_roi(LayerView& v);
// --- lower_normalisation.cc ---
Status lower_batch_norm(LayerView& v);
Status lower_scale(LayerView& v);
Status lower_bias(LayerView& v);
Status lower_instance_norm(LayerView& v);
Status lower_layer_norm(LayerView& v);
Status lower_normalize(LayerView& v);
Status lower_mvn(LayerView& v);
Status lower_lrn(LayerView& v);
// --- lower_products.cc ---
Status lower_inner_product(LayerView& v);
Status lower_gemm(LayerView& v);
Status lower_matmul(LayerView& v);
Status lower_embed(LayerView& v);
Status lower_recurrent(LayerView& v);
Status lower_multi_head_attention(LayerView& v);
Status lower_sdpa(LayerView& v);
Status lower_einsum(LayerView& v);
// --- lower_elementwise.cc ---
Status lower_unary(LayerView& v);
Status lower_binary(LayerView& v);
Status lower_eltwise(LayerView& v);
Status lower_prelu(LayerView& v);
Status lower_relu(LayerView& v);
Status lower_power(LayerView& v);
Status lower_threshold(LayerView& v);
Status lower_function(LayerView& v);
Status lower_glu(LayerView& v);
Status lower_softmax(LayerView& v);
Status lower_reduction(LayerView& v);
Status lower_arg_max(LayerView& v);
Status lower_rotary_embed(LayerView& v);
Status lower_quantisation(LayerView& v);
// --- lower_movement.cc, lower_reshape.cc ---
Status lower_copy(LayerView& v);
Status lower_concat(LayerView& v);
Status lower_slice(LayerView& v);
Status lower_crop(LayerView& v);
Status lower_reshape(LayerView& v);
Status lower_permute(LayerView& v);
Status lower_flatten(LayerView& v);
Status lower_squeeze(LayerView& v);
Status lower_expand_dims(LayerView& v);
Status lower_padding(LayerView& v);
Status lower_tile(LayerView& v);
Status lower_shuffle_channel(LayerView& v);
Status lower_pixel_shuffle(LayerView& v);
Status lower_reorg(LayerView& v);
Status lower_interp(LayerView& v);
Status lower_grid_sample(LayerView& v);
Status lower_fold(LayerView& v);
Status lower_unfold(LayerView& v);
Status lower_flip(LayerView& v);
Status lower_diag(LayerView& v);
// --- lower_detection.cc ---
Status lower_prior_box(LayerView& v);
Status lower_detection_output(LayerView& v);
Status lower_proposal(LayerView& v);

Status lower_spectrogram(LayerView& v);

// What several handlers need.
// An axis of a blob as an axis of the tensor, which has the batch in front.
inline std::int64_t tensor_axis(std::int64_t axis) { return axis < 0 ? axis : axis + 1; }

}  // namespace nngauge::ncnn
