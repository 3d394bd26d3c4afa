// SPDX-License-Identifier: Apache-2.0
#include "parsers/extensions.h"

#include <algorithm>
#include <array>

namespace nngauge {
namespace {

// extension, frameworks, holds, specific. In the order of frameworks as studies of apps list them.
constexpr std::array kExtensions = {
    ExtensionInfo{".tflite", "TFLite, LiteRT", "model", true},
    ExtensionInfo{".lite", "TFLite", "model", false},
    ExtensionInfo{".tfl", "TFLite", "model", true},
    ExtensionInfo{".task", "MediaPipe", "several", true},
    ExtensionInfo{".litertlm", "LiteRT-LM", "several", true},
    ExtensionInfo{".circle", "Circle (ONE)", "model", true},
    ExtensionInfo{".pb", "TensorFlow, Caffe2, MACE, ONNX", "model", false},
    ExtensionInfo{".pbtxt", "TensorFlow", "structure", false},
    ExtensionInfo{".pbmm", "TensorFlow (memory-mapped)", "model", true},
    ExtensionInfo{".meta", "TensorFlow", "structure", false},
    ExtensionInfo{".ckpt", "TensorFlow, PyTorch", "weights", true},
    ExtensionInfo{".index", "TensorFlow", "weights", false},
    ExtensionInfo{".data-00000-of-00001", "TensorFlow", "weights", true},
    ExtensionInfo{".graphdef", "TensorFlow", "model", true},
    ExtensionInfo{".tensorflow", "TensorFlow", "model", true},
    ExtensionInfo{".frozen", "TensorFlow", "model", true},
    ExtensionInfo{".rf", "TensorFlow", "model", false},
    ExtensionInfo{".h5", "Keras", "model", false},
    ExtensionInfo{".hd5", "Keras", "model", false},
    ExtensionInfo{".hdf5", "Keras", "model", false},
    ExtensionInfo{".keras", "Keras", "model", true},
    ExtensionInfo{".json", "Keras, Paddle 3, TensorFlow.js, MXNet, TVM", "structure", false},
    ExtensionInfo{".weights", "Keras, Darknet", "weights", false},
    ExtensionInfo{".caffemodel", "Caffe", "model", true},
    ExtensionInfo{".caffe", "Caffe", "model", true},
    ExtensionInfo{".prototxt", "Caffe", "structure", true},
    ExtensionInfo{".proto", "Caffe", "structure", false},
    ExtensionInfo{".binaryproto", "Caffe", "side", true},
    ExtensionInfo{".modle", "Caffe", "model", true},
    ExtensionInfo{".pt", "PyTorch", "model", false},
    ExtensionInfo{".pth", "PyTorch", "model", true},
    ExtensionInfo{".ptl", "PyTorch Mobile", "model", true},
    ExtensionInfo{".pt1", "PyTorch", "model", true},
    ExtensionInfo{".pt2", "PyTorch", "model", true},
    ExtensionInfo{".jit", "PyTorch", "model", true},
    ExtensionInfo{".torchscript", "PyTorch", "model", true},
    ExtensionInfo{".ot", "PyTorch", "model", false},
    ExtensionInfo{".t7", "Torch7", "model", true},
    ExtensionInfo{".net", "Torch7, others", "model", false},
    ExtensionInfo{".pkl", "PyTorch, scikit-learn", "weights", false},
    ExtensionInfo{".pickle", "PyTorch, scikit-learn", "weights", false},
    ExtensionInfo{".npz", "NumPy", "weights", false},
    ExtensionInfo{".pte", "ExecuTorch", "model", true},
    ExtensionInfo{".ptd", "ExecuTorch", "weights", true},
    ExtensionInfo{".onnx", "ONNX", "model", true},
    ExtensionInfo{".onnx.data", "ONNX", "weights", true},
    ExtensionInfo{".onnx_data", "ONNX", "weights", true},
    ExtensionInfo{".ort", "ONNX Runtime", "model", true},
    ExtensionInfo{".param", "ncnn", "structure", true},
    ExtensionInfo{".param.bin", "ncnn", "structure", true},
    ExtensionInfo{".bin", "ncnn, OpenVINO, TFLite, QNN", "weights", false},
    ExtensionInfo{".ncnnmodel", "ncnn", "model", true},
    ExtensionInfo{".cfg.ncnn", "ncnn", "structure", true},
    ExtensionInfo{".weights.ncnn", "ncnn", "weights", true},
    ExtensionInfo{".mnn", "MNN", "model", true},
    ExtensionInfo{".tnnproto", "TNN", "structure", true},
    ExtensionInfo{".tnnmodel", "TNN", "weights", true},
    ExtensionInfo{".tmfile", "Tengine", "model", true},
    ExtensionInfo{".timfile", "Tengine", "model", true},
    ExtensionInfo{".feathermodel", "FeatherCNN", "model", true},
    ExtensionInfo{".feather.param", "FeatherCNN", "structure", true},
    ExtensionInfo{".feather.bin", "FeatherCNN", "weights", true},
    ExtensionInfo{".xnn", "xNN", "model", true},
    ExtensionInfo{".pdmodel", "Paddle", "structure", true},
    ExtensionInfo{".pdiparams", "Paddle", "weights", true},
    ExtensionInfo{".pdparams", "Paddle", "weights", true},
    ExtensionInfo{"__model__", "Paddle", "structure", true},
    ExtensionInfo{".nb", "Paddle-Lite", "model", false},
    ExtensionInfo{".min.json", "MDL (Paddle)", "structure", false},
    ExtensionInfo{".min.bin", "MDL (Paddle)", "weights", false},
    ExtensionInfo{".dlc", "SNPE", "model", true},
    ExtensionInfo{".serialized", "QNN", "model", true},
    ExtensionInfo{".mlmodel", "Core ML", "model", true},
    ExtensionInfo{".mlpackage", "Core ML", "several", true},
    ExtensionInfo{".mlmodelc", "Core ML (compiled)", "several", true},
    ExtensionInfo{".mil", "Core ML (compiled)", "structure", true},
    ExtensionInfo{".espresso.net", "Core ML (compiled)", "structure", true},
    ExtensionInfo{".espresso.shape", "Core ML (compiled)", "structure", true},
    ExtensionInfo{".espresso.weights", "Core ML (compiled)", "weights", true},
    ExtensionInfo{".ms", "MindSpore Lite", "model", false},
    ExtensionInfo{".mindir", "MindSpore", "model", true},
    ExtensionInfo{".om", "Huawei Ascend, HiAI", "model", true},
    ExtensionInfo{".rknn", "Rockchip RKNN", "model", true},
    ExtensionInfo{".hbm", "Horizon", "model", true},
    ExtensionInfo{".params", "MXNet, TVM", "weights", false},
    ExtensionInfo{"-symbol.json", "MXNet", "structure", true},
    ExtensionInfo{".cntk", "CNTK", "model", true},
    ExtensionInfo{".dnn", "CNTK", "model", true},
    ExtensionInfo{".model", "TensorFlow, Caffe, CNTK, SenseTime", "model", false},
    ExtensionInfo{".zip", "DL4J, any", "several", false},
    ExtensionInfo{".cfg", "Darknet", "structure", false},
    ExtensionInfo{".nnp", "NNabla", "several", true},
    ExtensionInfo{".nntxt", "NNabla", "structure", true},
    ExtensionInfo{".chainermodel", "Chainer", "weights", true},
    ExtensionInfo{".xml", "OpenVINO", "structure", false},
    ExtensionInfo{".engine", "TensorRT", "model", false},
    ExtensionInfo{".plan", "TensorRT", "model", false},
    ExtensionInfo{".trt", "TensorRT", "model", true},
    ExtensionInfo{".uff", "TensorRT", "model", true},
    ExtensionInfo{".so", "TVM", "model", false},
    ExtensionInfo{".data", "MACE", "weights", false},
    ExtensionInfo{".txt", "CNNdroid", "structure", false},
    ExtensionInfo{".msg", "CNNdroid", "weights", false},
    ExtensionInfo{".daq", "DNNLibrary", "model", true},
    ExtensionInfo{".armnn", "Arm NN", "model", true},
    ExtensionInfo{".csv", "Arm NN", "side", false},
    ExtensionInfo{".nn", "Barracuda", "model", false},
    ExtensionInfo{".kmodel", "Kendryte", "model", true},
    ExtensionInfo{".espdl", "ESP-DL", "model", true},
    ExtensionInfo{".tosa", "TOSA", "model", true},
    ExtensionInfo{".gguf", "llama.cpp", "model", true},
    ExtensionInfo{".ggml", "llama.cpp", "model", true},
    ExtensionInfo{".safetensors", "Hugging Face", "weights", true},
    ExtensionInfo{".cbm", "CatBoost", "model", true},
    ExtensionInfo{".dat", "dlib, TFLite, any", "model", false},
    ExtensionInfo{".androidmodel", "generic", "model", true},
    ExtensionInfo{".rpnmodel", "generic", "model", true},
    ExtensionInfo{".mdl", "generic", "model", false},
};
static_assert(kExtensions.size() >= 69);

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool ends_with(std::string_view name, std::string_view end) {
  return name.size() >= end.size() &&
         std::equal(end.begin(), end.end(), name.end() - static_cast<std::ptrdiff_t>(end.size()),
                    [](char a, char b) { return a == lower(b); });
}

}  // namespace

std::span<const ExtensionInfo> known_extensions() { return kExtensions; }

const ExtensionInfo* find_extension(std::string_view file_name) {
  const ExtensionInfo* best = nullptr;
  for (const ExtensionInfo& row : kExtensions) {
    if (ends_with(file_name, row.extension) && (best == nullptr || row.extension.size() > best->extension.size()))
      best = &row;
  }
  return best;
}

}  // namespace nngauge
