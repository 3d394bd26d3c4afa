// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "parsers/caffe/caffe.h"
#include "parsers/containers/archive.h"
#include "parsers/containers/zip.h"
#include "parsers/coreml/coreml.h"
#include "parsers/dlc/dlc.h"
#include "parsers/executorch/executorch.h"
#include "parsers/format.h"
#include "parsers/keras/reader.h"
#include "parsers/lookalike.h"
#include "parsers/mnn/mnn.h"
#include "parsers/ncnn/reader.h"
#include "parsers/onnx/onnx.h"
#include "parsers/openvino/reader.h"
#include "parsers/ort/ort.h"
#include "parsers/paddle/paddle.h"
#include "parsers/snapshot/reader.h"
#include "parsers/tensorflow/tensorflow.h"
#include "parsers/tflite/reader.h"
#include "parsers/tnn/reader.h"
#include "parsers/torchscript/reader.h"

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
    Format{"paddle",
           "PaddlePaddle program (.pdmodel, .json of version 3) with its parameters beside it, Paddle-Lite model",
           ".pdmodel .nb", paddle::sniff, paddle::read},
    Format{"tnn", "TNN network (.tnnproto, with the .tnnmodel beside it)", ".tnnproto .tnnmodel", tnn::sniff,
           tnn::read},
    Format{"openvino", "OpenVINO IR (.xml, with the .bin beside it)", ".xml", openvino::sniff, openvino::read},
    Format{"coreml", "Core ML model (.mlmodel, .mlpackage; program of an .mlmodelc)", ".mlmodel .mil", coreml::sniff,
           coreml::read},
    Format{"torchscript", "TorchScript archive (PyTorch, PyTorch Mobile)", ".pt .ptl .pth .jit", torchscript::sniff,
           torchscript::read},
    Format{"keras", "Keras model (.h5, .keras)", ".h5 .hdf5 .keras", keras::sniff, keras::read},
    Format{"ort", "ONNX Runtime's own format", ".ort", ort::sniff, ort::read},
    Format{"executorch", "ExecuTorch program, with its tensors in it or beside it (.ptd)", ".pte", executorch::sniff,
           executorch::read},
};

}  // namespace

std::span<const Format> formats() { return kFormats; }

namespace {

std::optional<Identity> best_claim(const ModelSource& source) {
  Identity best;
  for (const Format& format : formats()) {
    const Claim claim = format.sniff(source);
    if (claim.confidence > best.claim.confidence) best = {&format, claim};
  }
  if (!best.format) return std::nullopt;
  return best;
}

// The source with what readers may rely on. `archive` keeps what it points at.
ModelSource completed(const ModelSource& source, std::shared_ptr<const Archive>& archive) {
  ModelSource out = source;
  // The mark that some editors put before a text; no binary format begins like that.
  if (as_text(out.bytes).starts_with("\xef\xbb\xbf")) out.bytes = out.bytes.subspan(3);
  if (!out.companions) out.companions = &no_companions();
  if (out.archive == nullptr && zip::starts_as_zip(source.bytes)) {
    if (auto opened = open_archive(source.path, MappedFile::over(source.bytes), {}, 0)) {
      archive = *opened;
      out.archive = archive.get();
    }
  }
  return out;
}

}  // namespace

std::string_view confidence_name(Confidence confidence) {
  constexpr std::array<std::string_view, 4> kNames = {"none", "possible", "likely", "certain"};
  return kNames[static_cast<std::size_t>(confidence)];
}

std::optional<Identity> claimed_format(const ModelSource& source) {
  std::shared_ptr<const Archive> archive;
  return best_claim(completed(source, archive));
}

Result<Identity> identify_format(const ModelSource& source) {
  std::shared_ptr<const Archive> archive;
  const ModelSource complete = completed(source, archive);
  if (const auto identity = best_claim(complete)) return *identity;
  return describe_stranger(complete);
}

Result<Model> read_model(const ModelSource& source, Identity* identity) {
  std::shared_ptr<const Archive> archive;
  const ModelSource complete = completed(source, archive);
  const auto claimed = best_claim(complete);
  if (!claimed) return describe_stranger(complete);
  if (identity) *identity = *claimed;
  NNGAUGE_TRY(Model model, claimed->format->read(complete));
  if (model.format.empty()) model.format = claimed->format->id;
  return model;
}

}  // namespace nngauge
