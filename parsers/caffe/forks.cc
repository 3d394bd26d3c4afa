// SPDX-License-Identifier: Apache-2.0
#include "parsers/caffe/forks.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "caffe.pb.h"

namespace nngauge::caffe_format {
namespace {

struct ForkParameter {
  std::string_view type;   // of the layer
  std::string_view field;  // of LayerParameter
  int numbers[5];          // that forks gave it; 0: none
};

constexpr ForkParameter kForks[] = {
    {"Permute", "permute_param", {202}},
    {"PriorBox", "prior_box_param", {203, 883}},
    {"DetectionOutput", "detection_output_param", {204, 881}},
    {"Normalize", "norm_param", {206, 882, 149, 8266712}},
    {"Interp", "interp_param", {205}},
    {"ROIPooling", "roi_pooling_param", {8266711, 150, 154}},
    {"PSROIPooling", "psroi_pooling_param", {149, 153, 207, 10001}},
    {"ShuffleChannel", "shuffle_channel_param", {164, 145, 159}},
    {"Reorg", "reorg_param", {147, 159}},
    {"Upsample", "upsample_param", {149, 150}},
    {"ROIAlign", "roi_align_param", {148, 150, 8266711}},
};

// Takes over the message if its bytes are one of that type without unknown parts.
bool adopt(const std::string& bytes, google::protobuf::Message& target) {
  if (!target.ParsePartialFromString(bytes)) return false;
  return target.GetReflection()->GetUnknownFields(target).empty();
}

}  // namespace

void adopt_fork_parameters(caffe::LayerParameter& layer) {
  for (const ForkParameter& fork : kForks) {
    if (fork.type != layer.type()) continue;
    const auto* field = layer.GetDescriptor()->FindFieldByName(std::string(fork.field));
    const auto* reflection = layer.GetReflection();
    const auto& unknown = layer.unknown_fields();
    for (int i = 0; i < unknown.field_count(); ++i) {
      const auto& candidate = unknown.field(i);
      if (candidate.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) continue;
      if (std::find(std::begin(fork.numbers), std::end(fork.numbers), candidate.number()) == std::end(fork.numbers))
        continue;
      const std::string bytes = candidate.length_delimited();
      google::protobuf::Message* target = reflection->MutableMessage(&layer, field);
      if (adopt(bytes, *target)) return;
      reflection->ClearField(&layer, field);
    }
  }
}

}  // namespace nngauge::caffe_format
