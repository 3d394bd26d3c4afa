// SPDX-License-Identifier: Apache-2.0
// Owns: the list of functions that read the parameters of layers; one file a family.
#pragma once

#include "parsers/coreml/layer.h"

namespace nngauge::coreml {

// layers_vision.cc
Status read_convolution(LayerView& v);
Status read_convolution3d(LayerView& v);
Status read_pooling(LayerView& v);
Status read_pooling3d(LayerView& v);
Status read_global_pooling3d(LayerView& v);
Status read_padding(LayerView& v);
Status read_crop(LayerView& v);
Status read_upsample(LayerView& v);
Status read_resize_bilinear(LayerView& v);
Status read_crop_resize(LayerView& v);
Status read_reorganize(LayerView& v);

// layers_normalisation.cc
Status read_batchnorm(LayerView& v);
Status read_mvn(LayerView& v);
Status read_l2normalize(LayerView& v);
Status read_softmax(LayerView& v);
Status read_lrn(LayerView& v);
Status read_layer_normalization(LayerView& v);
Status read_scale(LayerView& v);
Status read_bias(LayerView& v);

// layers_products.cc
Status read_inner_product(LayerView& v);
Status read_embedding(LayerView& v);
Status read_embedding_nd(LayerView& v);
Status read_batched_matmul(LayerView& v);
Status read_dot(LayerView& v);

// layers_recurrent.cc
Status read_simple_recurrent(LayerView& v);
Status read_gru(LayerView& v);
Status read_lstm(LayerView& v);
Status read_bi_lstm(LayerView& v);

// layers_elementwise.cc
Status read_function(LayerView& v);  // of one blob, element by element
Status read_activation(LayerView& v);
Status read_unary(LayerView& v);
Status read_broadcast(LayerView& v);      // of two blobs or more
Status read_add_multiply(LayerView& v);   // or of one and a number
Status read_compare(LayerView& v);        // number under field 1
Status read_compare_order(LayerView& v);  // under field 2
Status read_clip(LayerView& v);
Status read_gelu(LayerView& v);
Status read_select(LayerView& v);
Status read_axis(LayerView& v);  // along an axis under field 1
Status read_reduce(LayerView& v);
Status read_reduce_nd(LayerView& v);
Status read_arg_reduce(LayerView& v);
Status read_top_k(LayerView& v);
Status read_arg_sort(LayerView& v);

// layers_movement.cc
Status read_reshape(LayerView& v);
Status read_flatten(LayerView& v);
Status read_permute(LayerView& v);
Status read_concat(LayerView& v);
Status read_split(LayerView& v);
Status read_sequence_repeat(LayerView& v);
Status read_slice(LayerView& v);
Status read_concat_nd(LayerView& v);
Status read_split_nd(LayerView& v);
Status read_stack(LayerView& v);
Status read_transpose(LayerView& v);
Status read_slice_static(LayerView& v);
Status read_slice_dynamic(LayerView& v);
Status read_slice_by_size(LayerView& v);
Status read_tile(LayerView& v);
Status read_gather(LayerView& v);
Status read_gather_nd(LayerView& v);
Status read_scatter(LayerView& v);
Status read_reverse(LayerView& v);
Status read_reverse_seq(LayerView& v);
Status read_squeeze(LayerView& v);
Status read_expand_dims(LayerView& v);
Status read_flatten_to_2d(LayerView& v);
Status read_reshape_static(LayerView& v);
Status read_rank_preserving_reshape(LayerView& v);
Status read_reshape_dynamic(LayerView& v);
Status read_reshape_like(LayerView& v);
Status read_broadcast_static(LayerView& v);
Status read_broadcast_dynamic(LayerView& v);
Status read_broadcast_like(LayerView& v);
Status read_constant_pad(LayerView& v);

// layers_generators.cc
Status read_load_constant(LayerView& v);
Status read_load_constant_nd(LayerView& v);
Status read_get_shape(LayerView& v);
Status read_fill_like(LayerView& v);
Status read_fill_static(LayerView& v);
Status read_fill_dynamic(LayerView& v);
Status read_range_static(LayerView& v);
Status read_range_dynamic(LayerView& v);
Status read_random_static(LayerView& v);
Status read_random_bernoulli_static(LayerView& v);
Status read_categorical(LayerView& v);
Status read_one_hot(LayerView& v);
Status read_where_non_zero(LayerView& v);
Status read_nms(LayerView& v);

// layers_control.cc
Status read_branch(LayerView& v);
Status read_loop(LayerView& v);
Status read_loop_exit(LayerView& v);
Status read_custom(LayerView& v);

}  // namespace nngauge::coreml
