// SPDX-License-Identifier: Apache-2.0
// Owns: the shapes of what goes into a network, from every way to declare it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "graph/shape.h"
#include "parsers/caffe/forward.h"

namespace nngauge::caffe_format {

struct Source {
  std::string name;
  Shape shape;                  // extents that the file does not tell are unknown
  Dim batch;                    // where the shape has no rank
  bool colour_assumed = false;  // nothing tells the channels of the picture: three are taken
};

// `input` with `input_shape` or four `input_dim` each. Errors: kInvalidGraph.
Result<std::vector<Source>> net_inputs(const caffe::NetParameter& net);

// The tops of a layer without bottoms. Data layers tell the batch, the crop, sometimes the channels; how large stored
// pictures are stands in a database that is not part of the model. Errors: kInvalidAttribute.
Result<std::vector<Source>> source_tops(const caffe::LayerParameter& layer);

}  // namespace nngauge::caffe_format
