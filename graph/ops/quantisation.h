// SPDX-License-Identifier: Apache-2.0
// Owns: shape and work rules of quantisation and dequantisation.
// Operands: x, then scale and zero point (kQuant) where they are tensors of the graph. FakeQuant may have its range.
#pragma once

#include "graph/rule.h"

namespace nngauge {

// The result's type is attrs.dtype, else that of the zero point (Quantize) or the scale (Dequantize).
Result<std::vector<TensorInfo>> shape_quantize(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_dequantize(const RuleContext& c);
// Results: quantised x, its scale, its zero point.
Result<std::vector<TensorInfo>> shape_dynamic_quantize(const RuleContext& c);
// Per element: Quantize 1 special (division) and 4 flops (round, zero point, two limits); Dequantize 2 flops
// (difference, product); FakeQuant both.
Result<Work> work_quantize(const RuleContext& c);
// Quantize, and 2 flops per element for minimum and maximum.
Result<Work> work_dynamic_quantize(const RuleContext& c);

}  // namespace nngauge
