// SPDX-License-Identifier: Apache-2.0
// Owns: what a model says of its inputs and results: names, types, default extents, how far these may vary.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "graph/graph.h"
#include "parsers/coreml/message.h"

namespace nngauge::coreml {

enum class FeatureKind { kNone, kNumber, kText, kImage, kArray, kDictionary, kSequence };

struct Feature {
  std::string name;
  FeatureKind kind = FeatureKind::kNone;
  DType dtype = DType::kUnknown;  // as the caller gives it
  Shape shape;                    // arrays: their own extents; images: [channels, height, width]; numbers: [1]
  std::string flexible;           // "1..2048 x 3" where other extents are allowed too
  bool is_state = false;
};

struct FeatureList {
  std::vector<Feature> inputs, outputs, states;
  std::string predicted_probabilities;  // the dictionary of a classifier
};

// Reads a ModelDescription. Errors: kInvalidAttribute for extents that cannot be, kTooLarge.
Result<FeatureList> read_features(const Message& description);
// One function's part of it; the description itself where it does not list functions.
Result<FeatureList> read_features(const Message& description, const std::string& function);

// Tells of an input whose extents may vary that the default ones are counted.
void remark_on_flexible(const std::vector<Feature>& inputs, Diagnostics& diagnostics);

}  // namespace nngauge::coreml
