// SPDX-License-Identifier: Apache-2.0
// Owns: parameters of forks in binary files, where each fork numbers them in its own way.
#pragma once

#include "parsers/caffe/forward.h"

namespace nngauge::caffe_format {

// Finds the parameters of the layer's type under any number that a fork gave them. A number is tried for the types that
// use it only: elsewhere it means something else.
void adopt_fork_parameters(caffe::LayerParameter& layer);

}  // namespace nngauge::caffe_format
