// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/loss.h"

#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_loss(const RuleContext& c) {
  const Shape& scores = c.in(0);
  const Shape& labels = c.in(1);
  if (scores.ranked() && scores.rank() < 2) {
    return make_error(ErrorCode::kShapeMismatch, "scores " + c.text(scores) + " have no classes");
  }
  if (scores.ranked()) NNGAUGE_CHECK(check_rank(c, labels, scores.rank() - 1, "labels"));
  Shape losses = labels;
  if (scores.ranked() && labels.ranked()) {
    for (std::size_t i = 0; i < labels.rank(); ++i) {
      NNGAUGE_TRY(losses[i], merge_dims(labels[i], scores[i == 0 ? 0 : i + 1], "extent of labels and scores"));
    }
  }
  NNGAUGE_CHECK(check_vector(c, 2, scores.at(1), "class weights"));
  const bool reduced = !c.attrs<AxisAttrs>().keep_dims;
  return results(c, {{c.in_dtype(0), reduced ? Shape::scalar() : losses}, {c.in_dtype(0), scores}});
}

Result<Work> work_loss(const RuleContext& c) {
  NNGAUGE_TRY(const Count labels, c.in_elements(1));
  const std::uint64_t per_label = 1 + (c.has_input(2) ? 1 : 0) + (c.attrs<AxisAttrs>().keep_dims ? 0 : 1);
  Work work;
  work.flops = Product(c, "flops of the loss").times("labels", labels).times("operations", per_label).value();
  if (c.kind() != OpKind::kSoftmaxCrossEntropyLoss) return work;
  NNGAUGE_TRY(const Count scores, c.in_elements(0));
  work.flops += Product(c, "flops of the softmax").times("scores", scores).times("operations", 3).value();
  work.special = scores + labels;
  c.explain("special functions = one exp for each score, one log for each label");
  return work;
}

}  // namespace nngauge
