// SPDX-License-Identifier: Apache-2.0
// Owns: shape and work rules of detection post-processing.
//
// Operands: NonMaxSuppression boxes [batch, n, 4], scores [batch, classes, n], most boxes per class?, thresholds?
// (ONNX), or boxes [n, 4], scores [n], most boxes, thresholds (TFLite, results padded to the most boxes);
// DetectionPostProcess boxes [batch, n, 4], scores [batch, n, classes], anchors [n, 4]; DetectionOutput whatever the
// heads give (offsets, scores, priors; feature maps of YOLO); PriorBox feature map, picture.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_non_max_suppression(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_detection_post_process(const RuleContext& c);
// At least one comparison per score: how many boxes overlap stands in the data.
Result<Work> work_non_max_suppression(const RuleContext& c);
// And per box 10 flops and 6 special (4 divisions, 2 exponentials) to decode it from its anchor.
Result<Work> work_detection_post_process(const RuleContext& c);
// [1 ..., most detections, columns]; one comparison for each element of the first operands, at least.
Result<std::vector<TensorInfo>> shape_detection_output(const RuleContext& c);
Result<Work> work_detection_output(const RuleContext& c);
// [1, rows, cells x boxes of a cell x 4]; one flop per coordinate.
Result<std::vector<TensorInfo>> shape_prior_box(const RuleContext& c);
Result<Work> work_prior_box(const RuleContext& c);

}  // namespace nngauge
