// SPDX-License-Identifier: Apache-2.0
// Owns: where the weights lie in a .tnnmodel.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace nngauge::tnn {

// One block of numbers.
struct Raw {
  DType dtype = DType::kFloat32;
  DataRef data;
  [[nodiscard]] std::uint64_t elements() const;
};

using Weights = std::map<std::string, std::vector<Raw>>;  // by name of the layer, in the order of the file

bool is_weights_file(Bytes bytes);

// Layers store texts and flags between their blocks, which ones depends on their type; blocks bear a mark and layers
// begin with a number and two texts, so that both are found without knowing all types. `file` goes into each DataRef.
// Errors: kDamaged with the byte.
Result<Weights> locate_weights(Bytes bytes, std::int32_t file);

}  // namespace nngauge::tnn
