// SPDX-License-Identifier: Apache-2.0
// Owns: WeightParams of neural networks: element type, bytes checked against the shape, where they lie in the file.
#pragma once

#include <string_view>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/coreml/message.h"

namespace nngauge::coreml {

// The constant that `weights` stores, without a name; `what` names it in messages ("weights", "bias").
// Quantised ones have the type of their numbers: 8, 4 or 2 bits; other widths the next wider type, while their stored
// bytes stay exact. A message without elements (weights taken out on purpose) gives a constant that is stored nowhere.
// Errors: kDamaged where elements and shape differ, kInvalidAttribute for impossible extents or widths.
Result<Tensor> read_weights(const Message& weights, const Shape& shape, std::string_view what);

// The integers of a constant that has few elements (indices, shapes stored as numbers); nothing where it has many.
void keep_value(const Message& weights, Tensor& tensor);

}  // namespace nngauge::coreml
