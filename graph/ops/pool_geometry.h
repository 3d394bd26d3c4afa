// SPDX-License-Identifier: Apache-2.0
// Owns: what a pooling computes, whatever its layout: one description for shapes, work and kernel features.
#pragma once

#include <vector>

#include "graph/ops/window.h"
#include "graph/rule.h"

namespace nngauge {

// Pools take one operand. A global pooling has one window as large as the input.
struct PoolGeometry {
  DataLayout layout = DataLayout::kChannelsFirst;
  Dim batch, channels;
  std::vector<WindowAxis> spatial;  // outermost first
  bool global = false;

  [[nodiscard]] Shape output_shape() const;
};

// The geometry of a MaxPool, AveragePool, LpPool or one of their global forms. Extents of the result that do not follow
// from the operand are taken from the result as shape inference left it.
// Errors: kInvalidAttribute, kShapeMismatch, kOverflow for an operator that cannot be; kUnknown if nothing tells how
// many spatial axes there are.
Result<PoolGeometry> pool_geometry(const RuleContext& c);

// The same without a look at the result: for the shape rules.
Result<PoolGeometry> infer_pool_geometry(const RuleContext& c);

}  // namespace nngauge
