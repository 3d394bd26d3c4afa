// SPDX-License-Identifier: Apache-2.0
// Owns: the list of functions that read layers and stand in other files than their table (layers.cc).
#pragma once

#include "parsers/openvino/layers.h"

namespace nngauge::openvino {

// An operator without a rule.
void read_unknown(LayerView& v);
// A result whose extents the file states and the operands do not tell here.
void read_declared(LayerView& v);

// layers_movement.cc
void read_bucketize(LayerView& v);
void read_broadcast(LayerView& v);
void read_declared_from(LayerView& v);
void read_gather(LayerView& v);
void read_gather_elements(LayerView& v);
void read_non_zero(LayerView& v);
void read_one_hot(LayerView& v);
void read_pad(LayerView& v);
void read_random(LayerView& v);
void read_range(LayerView& v);
void read_reshape(LayerView& v);
void read_resize(LayerView& v);
void read_scatter(LayerView& v);
void read_slice(LayerView& v);
void read_split(LayerView& v);
void read_top_k(LayerView& v);
void read_unique(LayerView& v);

// layers_products.cc
void read_attention(LayerView& v);
void read_cell(LayerView& v);
void read_deformable(LayerView& v);
void read_detection(LayerView& v);
void read_einsum(LayerView& v);
void read_grid_sample(LayerView& v);
void read_group_norm(LayerView& v);
void read_roi(LayerView& v);
void read_scaling(LayerView& v);
void read_sequence(LayerView& v);
void read_space_depth(LayerView& v);
void read_suppression(LayerView& v);

}  // namespace nngauge::openvino
