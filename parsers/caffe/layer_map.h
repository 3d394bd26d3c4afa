// SPDX-License-Identifier: Apache-2.0
// Owns: the list of types of layers that are understood, and how each becomes an operator.
#pragma once

#include <string_view>

#include "parsers/caffe/layer_reader.h"

namespace nngauge::caffe_format {

struct LayerRow {
  std::string_view type;         // as files write it
  OpKind kind;                   // of the operator, unless the reader says otherwise
  void (*read)(LayerReader& r);  // fills operands and attributes
};

// nullptr where the type is not known. Capitals do not matter where no exact match is.
const LayerRow* find_layer(std::string_view type);

}  // namespace nngauge::caffe_format
