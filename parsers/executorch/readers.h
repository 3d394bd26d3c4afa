// SPDX-License-Identifier: Apache-2.0
// Owns: the names of the functions that read one sort of kernel each; the file after which a group stands has them.
#pragma once

#include <optional>

#include "parsers/executorch/op_map.h"

namespace nngauge::executorch {

// op_map.cc
std::optional<Ints> extents(const Tensor* tensor);  // where all are known
Status read_custom(CallContext& c);                 // a Custom with all tensors of the call
void keep_first_result(CallContext& c);

// read_layers.cc
Status read_convolution(CallContext& c);
Status read_conv2d(CallContext& c);
Status read_conv2d_nhwc(CallContext& c);
Status read_matmul(CallContext& c);
Status read_addmm(CallContext& c);
Status read_linear(CallContext& c);
Status read_attention(CallContext& c);
Status read_cached_attention(CallContext& c);
Status read_embedding(CallContext& c);
Status read_quantised_embedding(CallContext& c);
Status read_batch_norm(CallContext& c);
Status read_layer_norm(CallContext& c);
Status read_rms_norm(CallContext& c);
Status read_group_norm(CallContext& c);
Status read_pool(CallContext& c);
Status read_adaptive_pool(CallContext& c);

// read_elementwise.cc
Status read_unary(CallContext& c);
Status read_binary(CallContext& c);
Status read_swapped(CallContext& c);
Status read_where(CallContext& c);
Status read_masked_fill(CallContext& c);
Status read_clamp(CallContext& c);
Status read_prelu(CallContext& c);
Status read_along_axis(CallContext& c);
Status read_reduction(CallContext& c);
Status read_extreme(CallContext& c);
Status read_arg_extreme(CallContext& c);
Status read_sort(CallContext& c);
Status read_variance(CallContext& c);
Status read_first(CallContext& c);
Status read_top_k(CallContext& c);
Status read_cast(CallContext& c);
Status read_quantise(CallContext& c);

// read_movement.cc
Status read_view(CallContext& c);
Status read_permute(CallContext& c);
Status read_swap(CallContext& c);
Status read_slice(CallContext& c);
Status read_select(CallContext& c);
Status read_gather(CallContext& c);
Status read_index(CallContext& c);
Status read_join(CallContext& c);
Status read_split(CallContext& c);
Status read_unbind(CallContext& c);
Status read_repeat(CallContext& c);
Status read_pad(CallContext& c);
Status read_resize(CallContext& c);
Status read_shuffle(CallContext& c);
Status read_grid_sample(CallContext& c);
Status read_flip(CallContext& c);
Status read_fill(CallContext& c);
Status read_update(CallContext& c);
Status read_index_put(CallContext& c);
Status read_update_cache(CallContext& c);
Status read_scatter(CallContext& c);
Status read_non_zero(CallContext& c);
Status read_strided(CallContext& c);
Status read_overwrite(CallContext& c);

}  // namespace nngauge::executorch
