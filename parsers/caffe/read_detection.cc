// SPDX-License-Identifier: Apache-2.0
// Boxes: SSD's priors and outputs, region proposals; layers written in Python.
#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "base/text.h"
#include "caffe.pb.h"
#include "parsers/caffe/readers.h"

namespace nngauge::caffe_format {
namespace {

bool nearly(double a, double b) { return std::fabs(a - b) < 1e-6; }

// Each minimum size gives a box, one more with a maximum size, and one for each further aspect ratio and its inverse.
std::int64_t boxes_per_cell(const caffe::PriorBoxParameter& param) {
  std::vector<double> ratios = {1};
  const auto add = [&](double ratio) {
    for (const double known : ratios) {
      if (nearly(known, ratio)) return;
    }
    ratios.push_back(ratio);
  };
  for (const float ratio : param.aspect_ratio()) {
    const auto value = static_cast<double>(ratio);
    const std::size_t before = ratios.size();
    add(value);
    if (param.flip() && ratios.size() > before && value > 0) ratios.push_back(1 / value);
    if (ratios.size() > 1000) break;
  }
  return static_cast<std::int64_t>(ratios.size()) * param.min_size_size() + param.max_size_size();
}

// How many regions the proposals of py-faster-rcnn keep at inference (TEST.RPN_POST_NMS_TOP_N).
constexpr std::int64_t kUsualRegions = 300;

void propose(LayerReader& r, std::int64_t regions) {
  DetectionAttrs attrs;
  attrs.max_detections = regions;
  attrs.columns = 5;
  attrs.rank = 2;
  r.op().kind = OpKind::kDetectionOutput;
  r.op().attrs = attrs;
  r.all_bottoms();
  r.declare_top({regions, 5});
  r.declare_top({regions, 1});
}

std::int64_t assumed_regions(LayerReader& r) {
  const std::string name = r.layer().top_size() > 0 ? r.layer().top(0) : "rois";
  const std::int64_t regions = r.builder().bound_dim(name, kUsualRegions);
  r.builder().model().assumed_dims.push_back({name, regions});
  return regions;
}

}  // namespace

void read_prior_box(LayerReader& r) {
  PriorBoxAttrs attrs;
  attrs.per_cell = boxes_per_cell(r.layer().prior_box_param());
  r.op().attrs = attrs;
  r.bottom(0);
  if (r.bottom_count() > 1) r.bottom(1);
}

// Bottoms: offsets, scores, priors. Result [1, 1, boxes, 7].
void read_detection_output(LayerReader& r) {
  const auto& param = r.layer().detection_output_param();
  DetectionAttrs attrs;
  attrs.max_detections = std::max(param.keep_top_k(), 0);
  attrs.columns = 7;
  attrs.rank = 4;
  r.op().attrs = attrs;
  for (std::size_t i = 0; i < r.bottom_count(); ++i) r.bottom(i, i == 2 ? OperandRole::kConfig : OperandRole::kData);
}

void read_proposal(LayerReader& r) {
  const auto& param = r.layer().proposal_param();
  propose(r, param.post_nms_topn() > 0 ? std::int64_t{param.post_nms_topn()} : assumed_regions(r));
}

// Its code is not part of the model; only the proposals of py-faster-rcnn are known by their module.
void read_python(LayerReader& r) {
  const auto& param = r.layer().python_param();
  if (param.module() == "rpn.proposal_layer" || param.layer() == "ProposalLayer") return propose(r, assumed_regions(r));
  const std::string name = param.module() + "." + param.layer();
  r.opaque("Python:" + name, fmt::format("the code of the Python layer {} is not part of the model", printable(name)));
}

}  // namespace nngauge::caffe_format
