// SPDX-License-Identifier: Apache-2.0
// Owns: what a dense layer or matrix product computes: [batch, m, k] x [batch, k, n], whatever its layout.
#pragma once

#include "graph/rule.h"

namespace nngauge {

// Order of the operands; readers arrange them so.
//   Dense          x, weight, bias? (anything that broadcasts to the result)
//   MatMul         a, b, bias?
//   MatMulPacked   a, packed weights, then scales, zero points, order, bias in any order: roles tell
struct MatMulGeometry {
  Dim batch = 1;  // product of the broadcast batch extents; 1 for Dense, whose leading extents are in m
  Dim m, n, k;
  bool has_bias = false;
  Shape out;

  // Extents of a dense weight as the operator stores it, complete even where the file gives none.
  [[nodiscard]] Shape weight_shape(bool transposed) const { return transposed ? Shape{n, k} : Shape{k, n}; }
};

// The geometry of a Dense, MatMul or MatMulPacked.
// Errors: kInvalidAttribute, kShapeMismatch, kOverflow for an operator that cannot be.
Result<MatMulGeometry> matmul_geometry(const RuleContext& c);

}  // namespace nngauge
