// SPDX-License-Identifier: Apache-2.0
// Owns: remarks on a completed model that hinder nothing: extents that data decide, and shapes that are legal but that
// some runtimes refuse.
#pragma once

#include "graph/graph.h"

namespace nngauge {

// Notes on the main graph: `needs-dim` for the first results whose extents follow from data and that other operators
// read, `unusual-rank` for a batch normalisation of a matrix, `output-order` where operators run as listed and outputs
// are listed otherwise.
void remark_on_shapes(Model& model);

}  // namespace nngauge
