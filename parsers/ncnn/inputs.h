// SPDX-License-Identifier: Apache-2.0
// Owns: the shapes of network inputs: as the Input layer states them, or as the layers that read them demand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/shape.h"
#include "parsers/ncnn/param.h"
#include "parsers/ncnn/weights.h"

namespace nngauge::ncnn {

// Height and width to assume for pictures whose size nothing states.
struct InputSizes {
  std::int64_t height = 224, width = 224;
};
// What is worth a try, in this order: the sizes that published networks use.
const std::vector<InputSizes>& usual_sizes();

// An extent of an input: given by the layers that read it (value), or assumed for want of anything better.
struct GuessedExtent {
  Dim value;
  std::string assumed_as;  // "height"; empty where it follows from the layers
};
using GuessedShape = std::vector<GuessedExtent>;  // without the batch, outermost first

// As the layer states it: w, h, d, c, in old files c, h, w. Empty where it states nothing.
std::vector<std::int64_t> stated_extents(const Layer& input);
// From the hints of key 30 for top `top`. Empty where there are none.
std::vector<std::int64_t> hinted_extents(const Layer& layer, std::size_t top);

// What `reader` demands of its bottom `bottom`, given the shapes of all its bottoms (with batch; unknown rank where
// open). nullopt where it takes anything.
std::optional<GuessedShape> demanded_shape(const Layer& reader, std::size_t bottom, const std::vector<Shape>& bottoms,
                                           const std::vector<WeightBlob>& weights, InputSizes sizes);

}  // namespace nngauge::ncnn
