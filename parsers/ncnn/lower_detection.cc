// SPDX-License-Identifier: Apache-2.0
// Boxes: priors of SSD, decoding and suppression of SSD, YOLO and region proposals; spectrograms.
#include <algorithm>

#include "parsers/ncnn/layers.h"

namespace nngauge::ncnn {

// Boxes of a cell: for each smallest size one, one for each aspect ratio (flipped too) and, with a largest size, one
// between both. From the picture's own corner without variances (MXNet): sizes and ratios, one of them shared.
Status lower_prior_box(LayerView& v) {
  const Layer& layer = v.layer();
  const auto smallest = static_cast<std::int64_t>(layer.integers(0).size());
  const auto largest = static_cast<std::int64_t>(layer.integers(1).size());
  const auto ratios = static_cast<std::int64_t>(layer.integers(2).size());
  PriorBoxAttrs attrs;
  const bool plain = v.bottoms() == 1 && v.integer(9) == kUnset && v.integer(10) == kUnset && largest == 0;
  if (plain) {
    attrs.per_cell = smallest - 1 + ratios;
    attrs.rows = 1;
  } else {
    attrs.per_cell = smallest * (1 + ratios * (v.integer(7, 1) != 0 ? 2 : 1)) + largest;
  }
  v.op.kind = OpKind::kPriorBox;
  v.op.attrs = std::move(attrs);
  v.inputs_from(0);
  return ok();
}

Status lower_detection_output(LayerView& v) {
  DetectionAttrs attrs;
  if (v.layer().type == "DetectionOutput") attrs.max_detections = std::max<std::int64_t>(v.integer(3, 100), 0);
  v.op.kind = OpKind::kDetectionOutput;
  v.op.attrs = attrs;
  v.inputs_from(0);
  return ok();
}

Status lower_proposal(LayerView& v) {
  DetectionAttrs attrs;
  attrs.max_detections = std::max<std::int64_t>(v.integer(3, 300), 0);
  attrs.columns = 4;
  v.op.kind = OpKind::kDetectionOutput;
  v.op.attrs = attrs;
  v.inputs_from(0);
  return ok();
}

// Frames of a Fourier transform: [bins, frames], twice for real and imaginary parts.
Status lower_spectrogram(LayerView& v) {
  v.opaque();
  return ok();
}

}  // namespace nngauge::ncnn
