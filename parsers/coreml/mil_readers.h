// SPDX-License-Identifier: Apache-2.0
// Owns: the list of functions that read the arguments of operations of ML programs (mil_layers.cc, mil_movement.cc,
// mil_control.cc).
#pragma once

#include "parsers/coreml/mil_ops.h"

namespace nngauge::coreml {

Status mil_affine(MilView& v);
Status mil_arg_reduce(MilView& v);
Status mil_attention(MilView& v);
Status mil_axes(MilView& v);
Status mil_axis(MilView& v);
Status mil_axis_last(MilView& v);
Status mil_batch_norm(MilView& v);
Status mil_cast(MilView& v);
Status mil_categorical(MilView& v);
Status mil_classify(MilView& v);
Status mil_concat(MilView& v);
Status mil_cond(MilView& v);
Status mil_conv(MilView& v);
Status mil_conv_transpose(MilView& v);
Status mil_crop(MilView& v);
Status mil_crop_resize(MilView& v);
Status mil_einsum(MilView& v);
Status mil_fill(MilView& v);
Status mil_fill_like(MilView& v);
Status mil_flatten(MilView& v);
Status mil_gather(MilView& v);
Status mil_gelu(MilView& v);
Status mil_l2_norm(MilView& v);
Status mil_layer_norm(MilView& v);
Status mil_linear(MilView& v);
Status mil_linear_activation(MilView& v);
Status mil_list_read(MilView& v);
Status mil_local_response_norm(MilView& v);
Status mil_make_list(MilView& v);
Status mil_matmul(MilView& v);
Status mil_nms(MilView& v);
Status mil_non_zero(MilView& v);
Status mil_one_hot(MilView& v);
Status mil_pad(MilView& v);
Status mil_plain(MilView& v);
Status mil_pool(MilView& v);
Status mil_quantize(MilView& v);
Status mil_recurrent(MilView& v);
Status mil_reduce(MilView& v);
Status mil_resample(MilView& v);
Status mil_reshape(MilView& v);
Status mil_resize(MilView& v);
Status mil_resize_last(MilView& v);
Status mil_scalars(MilView& v);
Status mil_scaled_tanh(MilView& v);
Status mil_slice_by_index(MilView& v);
Status mil_softplus_parametric(MilView& v);
Status mil_space_depth(MilView& v);
Status mil_split(MilView& v);
Status mil_stated_only(MilView& v);
Status mil_top_k(MilView& v);
Status mil_transpose(MilView& v);
Status mil_upsample(MilView& v);
Status mil_while(MilView& v);

}  // namespace nngauge::coreml
