// SPDX-License-Identifier: Apache-2.0
// Owns: the precision class of a model: what its weights are stored as and what it computes in.
#pragma once

#include "cost/analysis.h"
#include "cost/constants.h"
#include "graph/graph.h"

namespace nngauge {

Precision find_precision(const Model& model, const ConstantTracer& tracer);

}  // namespace nngauge
