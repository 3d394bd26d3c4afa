// SPDX-License-Identifier: Apache-2.0
// Owns: the configuration of a Keras model as a graph: sequential and functional models, nested ones put in place.
#pragma once

#include "parsers/keras/layer.h"

namespace nngauge::keras {

// Fills the main graph of the writer's model: inputs, operators, outputs.
// Errors: kDamaged, kInvalidGraph, kTooLarge, and those of the shape rules.
Status build_network(Model& model, const Json& config, Weights& weights);

}  // namespace nngauge::keras
