// SPDX-License-Identifier: Apache-2.0
// Owns: shape and work rules of lookup tables, hash tables, sets, segments, variables.
//
// Operands of the kinds:
//   EmbeddingLookup   ids, table [rows, …], bias?    result ids + table's further axes (TFLite, Caffe Embed)
//   Bucketize         x, boundaries?                 AxisAttrs count: number of boundaries without the operand
//   Unique            x                    AxesAttrs as Compress; results values, first places, inverse, counts (ONNX).
//                                          Without AxesAttrs: values, inverse (TFLite)
//   NonZero           x                    AxisAttrs axis: along which axis of the result a position's coordinates lie,
//                                          0 [rank, n] (ONNX), 1 [n, rank] (TensorFlow Where)
//   SegmentSum        x, ids;  UnsortedSegment x, ids, number of segments
//   HashtableFind     table, keys, default
//   HashtableLookup   lookup, keys, values (TFLite HASHTABLE_LOOKUP); results values, hits
//   LshProjection     hash [functions, bits], x, weight?
//
// Work: an embedding's bias is one operation per element; Bucketize a binary search, ceil(log2(boundaries + 1))
// comparisons per element.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_embedding_lookup(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_unique(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_non_zero(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_segment_sum(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_unsorted_segment(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_hashtable(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_hashtable_find(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_hashtable_lookup(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_lsh_projection(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_var_handle(const RuleContext& c);
Result<Work> work_embedding_lookup(const RuleContext& c);
Result<Work> work_bucketize(const RuleContext& c);

}  // namespace nngauge
