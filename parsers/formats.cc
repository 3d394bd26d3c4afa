// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "parsers/caffe/caffe.h"
#include "parsers/dlc/dlc.h"
#include "parsers/format.h"
#include "parsers/lookalike.h"
#include "parsers/mnn/mnn.h"
#include "parsers/ncnn/reader.h"
#include "parsers/onnx/onnx.h"
#include "parsers/paddle/paddle.h"
#include "parsers/snapshot/reader.h"
#include "parsers/tensorflow/tensorflow.h"
#include "parsers/tflite/reader.h"

namespace nngauge {
namespace {

// id, description, extensions (hints), sniff, read. Where two formats claim a file with the same confidence, the first
// wins.
constexpr std::array kFormats = {
    Format{"snapshot", "nngauge's own weight-free graph snapshot", ".graph", snapshot::sniff, snapshot::read},
    Format{"onnx", "ONNX (Open Neural Network Exchange)", ".onnx", sniff_onnx, read_onnx},
    Format{"tflite", "TensorFlow Lite / LiteRT", ".tflite .lite .tfl", tflite::sniff, tflite::read},
    Format{"ncnn", "ncnn network (.param, with the .bin beside it)", ".param .bin", ncnn::sniff, ncnn::read},
    Format{"caffe", "Caffe (prototxt, caffemodel)", ".prototxt .caffemodel", sniff_caffe, read_caffe},
    Format{"dlc", "SNPE / Qualcomm deep learning container", ".dlc", dlc::sniff, dlc::read},
    Format{"mnn", "MNN network", ".mnn", mnn::sniff, mnn::read},
    Format{"tensorflow", "TensorFlow GraphDef, MetaGraphDef, SavedModel", ".pb .pbtxt .meta", tensorflow::sniff,
           tensorflow::read},
    Format{"paddle", "PaddlePaddle program, with its parameters beside it", ".pdmodel .nb", paddle::sniff,
           paddle::read},
};

}  // namespace

std::span<const Format> formats() { return kFormats; }

Result<const Format*> identify_format(const ModelSource& source) {
  const Format* best = nullptr;
  Confidence confidence = Confidence::kNone;
  for (const Format& format : formats()) {
    const Confidence claimed = format.sniff(source);
    if (claimed <= confidence) continue;
    best = &format;
    confidence = claimed;
  }
  if (best) return best;
  return make_error(ErrorCode::kNotAModel, describe_stranger(source.bytes));
}

Result<Model> read_model(const ModelSource& source) {
  ModelSource complete = source;
  if (!complete.companions) complete.companions = &no_companions();
  NNGAUGE_TRY(const Format* format, identify_format(complete));
  NNGAUGE_TRY(Model model, format->read(complete));
  if (model.format.empty()) model.format = format->id;
  return model;
}

}  // namespace nngauge
