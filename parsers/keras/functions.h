// SPDX-License-Identifier: Apache-2.0
// Owns: functions as layers: keras.ops of Keras 3 ("Relu" of module keras.src.ops.nn), functions of TensorFlow in
// Keras 2 ("nn.relu" of a TFOpLambda). One table of names for both, without prefixes.
#pragma once

#include "parsers/keras/layer.h"

namespace nngauge::keras {

// "TrueDivide" -> "true_divide", "math.reduce_mean" -> "reduce_mean".
std::string function_name(const std::string& name);
// The operators of a function that the layer calls; its result. Unknown ones become one opaque operator.
Result<TensorId> lower_function(Layer& layer, const std::string& function);
bool is_known_function(const std::string& function);

}  // namespace nngauge::keras
