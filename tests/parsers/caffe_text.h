// SPDX-License-Identifier: Apache-2.0
// Owns: writing prototxts for tests, layer by layer, and counting what is read of them.
#pragma once

#include <map>
#include <string>

#include "cost/analysis.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"

namespace nngauge::test {

// A chain of layers: each takes what the one before made, unless told otherwise.
class NetText {
 public:
  explicit NetText(const std::string& input_shape);
  NetText& layer(const std::string& type, const std::string& name, const std::string& parameters = "");
  NetText& in_place(const std::string& type, const std::string& name, const std::string& parameters = "");
  NetText& conv(const std::string& name, int outputs, int kernel, int stride = 1, int pad = 0, int group = 1);
  NetText& pool(const std::string& name, const std::string& kind, int kernel, int stride, int pad = 0);
  NetText& dense(const std::string& name, int outputs);
  NetText& from(const std::string& bottom);  // the next layer takes this
  NetText& concat(const std::string& name, const std::string& a, const std::string& b);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add(const std::string& type, const std::string& name, const std::string& bottoms, const std::string& top,
           const std::string& parameters);
  std::string text_;
  std::string last_ = "data";
};

// AlexNet as BVLC deploys it, Network in Network for ImageNet, SqueezeNet 1.0 and 1.1, GoogLeNet, VGG-16,
// ResNet-50.
std::string alexnet_text();
std::string nin_text();
std::string squeezenet_text(bool version_1_1);
std::string googlenet_text();  // its last pooling takes what there is, so that other pictures fit
std::string vgg16_text();
std::string resnet50_text();

// MACs of the operators that have some, by name.
using Layers = std::map<std::string, std::uint64_t>;
Layers macs_by_layer(const Model& model);

// Reads and completes. Fails the running test with the error.
Model read_caffe_text(const std::string& text, const Bindings& bindings = {}, Phase phase = Phase::kDefault);
// The error of reading or completing; "" where there is none.
std::string caffe_error(const std::string& text, const Bindings& bindings = {});
Analysis counted(const Model& model);

}  // namespace nngauge::test
