// SPDX-License-Identifier: Apache-2.0
// Owns: shape and work rules of pooling.
//
// Operands: pools x; MaxUnpool x, indices, output_shape?; MaxRoiPool x, regions [n, 5]; RoiAlign x, regions [n, 4],
// batch indices; ReduceWindow the reduced operands, then an initial value for each.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_pool(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_global_pool(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_max_unpool(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_roi(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_reduce_window(const RuleContext& c);
// flops: results x kernel, for the power of Lp twice; special: a division per result of an average, a root of an Lp.
Result<Work> work_pool(const RuleContext& c);
// flops: elements of the input, for Lp twice; special as above.
Result<Work> work_global_pool(const RuleContext& c);
// At least one element per result: how large the regions are stands in the data.
Result<Work> work_roi_pool(const RuleContext& c);
// Per sample of a result 8 flops (bilinear: 4 products, 3 sums; and the sum or maximum), per result a division.
// sampling_ratio 0 adapts to the regions: at least one sample.
Result<Work> work_roi_align(const RuleContext& c);
// flops: results x window.
Result<Work> work_reduce_window(const RuleContext& c);

}  // namespace nngauge
