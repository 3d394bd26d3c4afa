// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/detection.h"

#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

constexpr std::string_view kReason = "how many boxes overlap stands in the data";

Result<Dim> most_boxes(const RuleContext& c) {
  const auto stated = operand_int(c, 2);
  const std::int64_t most = stated ? *stated : c.attrs<CustomAttrs>().max_detections;
  if (most < 0) return make_error(ErrorCode::kInvalidAttribute, "the most boxes are " + std::to_string(most));
  return stated || most > 0 ? Dim(most) : Dim::unknown();
}

// TFLite: indices, how many are valid; with scores between them in the soft form (three results).
Result<std::vector<TensorInfo>> shape_padded(const RuleContext& c) {
  NNGAUGE_CHECK(check_rank(c, c.in(1), 1, "scores"));
  NNGAUGE_CHECK(merge_dims(c.in(0).at(0), c.in(1).at(0), "number of boxes and scores"));
  NNGAUGE_TRY(const Dim rows, most_boxes(c));
  const TensorInfo indices = {DType::kInt32, {rows}};
  const TensorInfo valid = {DType::kInt32, Shape::scalar()};
  if (c.output_count() > 2) return results(c, {indices, {c.in_dtype(1), {rows}}, valid});
  return results(c, {indices, valid});
}

Status check_boxes(const RuleContext& c) {
  if (may_equal(c.in(0).at(-1), 4)) return ok();
  return make_error(ErrorCode::kShapeMismatch, "boxes " + c.text(c.in(0)) + " have " +
                                                   std::to_string(c.in(0).at(-1).value()) + " coordinates, need 4");
}

}  // namespace

// ONNX: rows of batch, class and box; how many follows from the data.
Result<std::vector<TensorInfo>> shape_non_max_suppression(const RuleContext& c) {
  NNGAUGE_CHECK(check_boxes(c));
  if (c.in(0).ranked() && c.in(0).rank() == 2) return shape_padded(c);
  NNGAUGE_CHECK(check_rank(c, c.in(0), 3, "boxes"));
  NNGAUGE_CHECK(check_rank(c, c.in(1), 3, "scores"));
  NNGAUGE_CHECK(merge_dims(c.in(0).at(0), c.in(1).at(0), "batch of boxes and scores"));
  NNGAUGE_CHECK(merge_dims(c.in(0).at(1), c.in(1).at(2), "number of boxes and scores"));
  return results(c, {{DType::kInt64, {Dim::unknown(), 3}}});
}

Result<Work> work_non_max_suppression(const RuleContext& c) {
  NNGAUGE_TRY(const Count scores, c.in_elements(1));
  Work work;
  work.flops = Product(c, "flops, at least").times("scores", scores).value();
  work.lower_bound = true;
  work.reason = kReason;
  return work;
}

// Results: boxes, classes, scores, how many are valid; as many rows as detections times classes of one.
Result<std::vector<TensorInfo>> shape_detection_post_process(const RuleContext& c) {
  const auto& attrs = c.attrs<CustomAttrs>();
  NNGAUGE_CHECK(check_rank(c, c.in(0), 3, "boxes"));
  NNGAUGE_CHECK(check_rank(c, c.in(1), 3, "scores"));
  NNGAUGE_CHECK(merge_dims(c.in(0).at(1), c.in(1).at(1), "number of boxes and scores"));
  NNGAUGE_CHECK(merge_dims(c.in(0).at(1), c.in(2).at(0), "number of boxes and anchors"));
  if (attrs.max_detections < 0 || attrs.max_classes < 0) {
    return make_error(ErrorCode::kInvalidAttribute, "the most detections are " + std::to_string(attrs.max_detections) +
                                                        " of " + std::to_string(attrs.max_classes) + " classes");
  }
  Dim rows;
  if (attrs.max_detections > 0) {
    NNGAUGE_TRY(rows, multiply_dims(attrs.max_detections, attrs.max_classes > 0 ? attrs.max_classes : 1));
  }
  const DType dtype = DType::kFloat32;
  return results(c, {{dtype, {1, rows, 4}}, {dtype, {1, rows}}, {dtype, {1, rows}}, {dtype, {1}}});
}

Result<Work> work_detection_post_process(const RuleContext& c) {
  NNGAUGE_TRY(Work work, work_non_max_suppression(c));
  NNGAUGE_TRY(const Count boxes, c.extent(c.in(0).at(1), "the number of boxes"));
  // Centre: offset x anchor extent + anchor centre, twice. Extent: exp(offset) x half the anchor extent, twice.
  // Corners: two differences and two sums. Each of the four offsets is first divided by its scale.
  work.flops += Product(c, "flops of decoding").times("boxes", boxes).times("operations", 2 * 2 + 2 + 4).value();
  work.special = Product(c, "special functions").times("boxes", boxes).times("functions", 4 + 2).value();
  return work;
}

Result<std::vector<TensorInfo>> shape_detection_output(const RuleContext& c) {
  const auto& attrs = c.attrs<DetectionAttrs>();
  if (attrs.max_detections < 0 || attrs.columns < 1 || attrs.rank < 2 || attrs.rank > 8) {
    return make_error(ErrorCode::kInvalidAttribute, "the result has at most " + std::to_string(attrs.max_detections) +
                                                        " rows of " + std::to_string(attrs.columns) + " columns");
  }
  std::vector<Dim> dims(static_cast<std::size_t>(attrs.rank) - 2, Dim(1));
  dims.push_back(attrs.max_detections > 0 ? Dim(attrs.max_detections) : Dim::unknown());
  dims.push_back(attrs.columns);
  return results(c, {{DType::kFloat32, Shape(std::move(dims))}});
}

Result<Work> work_detection_output(const RuleContext& c) {
  Count elements;
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    if (!c.has_input(i) || c.op().inputs[i].role != OperandRole::kData) continue;
    NNGAUGE_TRY(const Count here, c.in_elements(i));
    elements += here;
  }
  Work work;
  work.flops = Product(c, "flops, at least").times("elements of the heads", elements).value();
  work.lower_bound = true;
  work.reason = kReason;
  return work;
}

Result<std::vector<TensorInfo>> shape_prior_box(const RuleContext& c) {
  const auto& attrs = c.attrs<PriorBoxAttrs>();
  if (attrs.per_cell < 1 || attrs.rows < 1 || (!attrs.map.empty() && attrs.map.size() != 2)) {
    return make_error(ErrorCode::kInvalidAttribute, "a cell has " + std::to_string(attrs.per_cell) + " boxes");
  }
  if (attrs.map.empty() && !c.has_input(0)) return make_error(ErrorCode::kInvalidGraph, "has no feature map");
  const Dim height = attrs.map.empty() ? c.in(0).at(-2) : Dim(attrs.map[0]);
  const Dim width = attrs.map.empty() ? c.in(0).at(-1) : Dim(attrs.map[1]);
  NNGAUGE_TRY(const Dim cells, multiply_dims(height, width));
  NNGAUGE_TRY(const Dim boxes, multiply_dims(cells, attrs.per_cell));
  NNGAUGE_TRY(const Dim coordinates, multiply_dims(boxes, 4));
  return results(c, {{DType::kFloat32, {1, attrs.rows, coordinates}}});
}

Result<Work> work_prior_box(const RuleContext& c) {
  NNGAUGE_TRY(const std::vector<TensorInfo> infos, shape_prior_box(c));
  NNGAUGE_TRY(const Count coordinates, c.extent(infos[0].shape[2], "the number of coordinates"));
  Work work;
  work.flops = Product(c, "flops").times("coordinates", coordinates).value();
  return work;
}

}  // namespace nngauge
