// SPDX-License-Identifier: Apache-2.0
// Owns: what the files of layer classes share: one function a class, listed in layers.cc.
#pragma once

#include "parsers/keras/layer.h"

namespace nngauge::keras {

using Made = Result<TensorId>;

// A part of a layer's configuration that is an object; an empty one where there is none.
const Json& part_of(const Json& config, const char* key);
// "LSTM" of {"class_name": "Custom>LSTM"}.
std::string class_of(const Json& layer);
bool is_model_class(const std::string& type);
// The first of the layer's axes.
std::int64_t first_axis(const Layer& l, std::int64_t fallback);

// layers_recurrent.cc
Made recurrent(Layer& l);
Made recurrent_cells(Layer& l);
Made convolutional_recurrent(Layer& l);
Made bidirectional(Layer& l);
Made time_distributed(Layer& l);
// layers_attention.cc
Made einsum_dense(Layer& l);
Made multi_head_attention(Layer& l);
Made grouped_attention(Layer& l);
Made dot_attention(Layer& l);
// layers_preprocessing.cc
Made scale_and_shift(Layer& l);
Made normalise_features(Layer& l);
Made centre_crop(Layer& l);
Made encode_category(Layer& l);
Made discretise(Layer& l);
Made look_up_index(Layer& l);
Made vectorise_text(Layer& l);

}  // namespace nngauge::keras
