// SPDX-License-Identifier: Apache-2.0
// Losses and accuracies, which only --phase TRAIN keeps.
#include "caffe.pb.h"
#include "parsers/caffe/readers.h"

namespace nngauge::caffe_format {

// Scores [batch, classes, …], labels [batch, …], with a further extent of 1 in some files.
void read_softmax_loss(LayerReader& r) {
  const Shape scores = r.in(0), labels = r.in(1);
  if (r.bottom_count() < 2 || !scores.ranked() || !labels.ranked() || scores.rank() < 2) return read_training(r);
  TensorId label = r.bottom_id(1);
  if (labels.rank() + 1 != scores.rank()) {
    ReshapeAttrs attrs;
    attrs.has_shape = true;
    for (std::size_t i = 0; i < scores.rank(); ++i) {
      if (i == 1) continue;
      if (!scores[i].known()) return read_training(r);
      attrs.shape.push_back(scores[i].value());
    }
    label = r.step(OpKind::kReshape, attrs, {{label, OperandRole::kData}});
  }
  AxisAttrs attrs;
  attrs.axis = 1;
  r.op().attrs = attrs;
  r.op().inputs = {{r.bottom_id(0), OperandRole::kData}, {label, OperandRole::kData}};
}

void read_training(LayerReader& r) {
  r.op().kind = OpKind::kTrainingStep;
  r.op().inputs.clear();
  r.all_bottoms();
  r.declare_top(Shape::scalar());
}

}  // namespace nngauge::caffe_format
