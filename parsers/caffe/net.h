// SPDX-License-Identifier: Apache-2.0
// Owns: a network description in one form whatever its generation, and which of its layers a phase keeps.
// Not here: reading text (text.h) and binary files (binary.h); operators (graph_builder.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "parsers/caffe/forward.h"
#include "parsers/format.h"

namespace nngauge::caffe_format {

using NetPtr = std::shared_ptr<caffe::NetParameter>;

// "V0", "V1", "V2"; empty for a network without layers.
std::string generation_of(const caffe::NetParameter& net);

// Turns V0 and V1 layers into V2 ones, in place, order kept. V0's padding layers become layers of type "Padding".
// Errors: kInvalidGraph (V1 and V2 layers in one file, a V1 layer of no known type).
Status upgrade(caffe::NetParameter& net);

// A layer that is kept, and its place in the file.
struct Layer {
  const caffe::LayerParameter* proto = nullptr;
  std::int32_t index = 0;
};

struct Selection {
  std::string state;  // "TEST", "TEST, stage deploy"
  std::vector<Layer> layers;
  std::vector<std::string> dropped;    // types of loss and evaluation layers that inference does without
  std::vector<std::string> undefined;  // bottoms that no layer before makes
  bool has_sources = false;            // an input or a layer that gives data
};

// The layers of one phase ("TEST", "TRAIN"), or of the phase that the file is made for: TEST, else TEST of the stage
// deploy, else TRAIN, whichever has all its inputs; that another one was chosen is noted.
Selection select_layers(const caffe::NetParameter& net, Phase phase, Diagnostics& diagnostics);

// Layers that give data, that compare with labels, and that only swallow results.
bool is_source(const caffe::LayerParameter& layer);
bool is_loss(const caffe::LayerParameter& layer);
bool is_evaluation(std::string_view type);

}  // namespace nngauge::caffe_format
