// SPDX-License-Identifier: Apache-2.0
// Owns: the one table from the layers of neural networks to our kinds and to what reads their parameters.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "graph/op_kind.h"
#include "parsers/coreml/layer.h"

namespace nngauge::coreml {

using ReadLayer = Status (*)(LayerView&);

struct LayerRow {
  std::uint32_t number;   // of the field of NeuralNetworkLayer that holds the parameters
  std::string_view name;  // as the format calls it
  OpKind kind;
  ReadLayer read;
};

std::span<const LayerRow> layer_rows();
const LayerRow* find_layer_row(std::uint32_t number);

// A layer without a row: opaque, with the extents that the file states.
Status read_unknown_layer(LayerView& v);

}  // namespace nngauge::coreml
