// SPDX-License-Identifier: Apache-2.0
#include "tests/parsers/caffe_text.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace nngauge::test {

NetText::NetText(const std::string& input_shape)
    : text_("layer { name: \"data\" type: \"Input\" top: \"data\" input_param { shape { " + input_shape + " } } }\n") {}

void NetText::add(const std::string& type, const std::string& name, const std::string& bottoms, const std::string& top,
                  const std::string& parameters) {
  text_ +=
      fmt::format("layer {{ name: \"{}\" type: \"{}\" {} top: \"{}\" {} }}\n", name, type, bottoms, top, parameters);
  last_ = top;
}

NetText& NetText::layer(const std::string& type, const std::string& name, const std::string& parameters) {
  return add(type, name, "bottom: \"" + last_ + "\"", name, parameters), *this;
}

NetText& NetText::in_place(const std::string& type, const std::string& name, const std::string& parameters) {
  return add(type, name, "bottom: \"" + last_ + "\"", last_, parameters), *this;
}

NetText& NetText::conv(const std::string& name, int outputs, int kernel, int stride, int pad, int group) {
  return layer("Convolution", name,
               fmt::format("convolution_param {{ num_output: {} kernel_size: {} stride: {} pad: {} group: {} }}",
                           outputs, kernel, stride, pad, group));
}

NetText& NetText::pool(const std::string& name, const std::string& kind, int kernel, int stride, int pad) {
  return layer(
      "Pooling", name,
      fmt::format("pooling_param {{ pool: {} kernel_size: {} stride: {} pad: {} }}", kind, kernel, stride, pad));
}

NetText& NetText::dense(const std::string& name, int outputs) {
  return layer("InnerProduct", name, fmt::format("inner_product_param {{ num_output: {} }}", outputs));
}

NetText& NetText::from(const std::string& bottom) {
  last_ = bottom;
  return *this;
}

NetText& NetText::concat(const std::string& name, const std::string& a, const std::string& b) {
  return add("Concat", name, fmt::format("bottom: \"{}\" bottom: \"{}\"", a, b), name, ""), *this;
}

std::string alexnet_text() {
  NetText net("dim: 1 dim: 3 dim: 227 dim: 227");
  net.conv("conv1", 96, 11, 4).in_place("ReLU", "relu1").layer("LRN", "norm1").pool("pool1", "MAX", 3, 2);
  net.conv("conv2", 256, 5, 1, 2, 2).in_place("ReLU", "relu2").layer("LRN", "norm2").pool("pool2", "MAX", 3, 2);
  net.conv("conv3", 384, 3, 1, 1).in_place("ReLU", "relu3");
  net.conv("conv4", 384, 3, 1, 1, 2).in_place("ReLU", "relu4");
  net.conv("conv5", 256, 3, 1, 1, 2).in_place("ReLU", "relu5").pool("pool5", "MAX", 3, 2);
  net.dense("fc6", 4096).in_place("ReLU", "relu6").in_place("Dropout", "drop6");
  net.dense("fc7", 4096).in_place("ReLU", "relu7").in_place("Dropout", "drop7");
  return net.dense("fc8", 1000).layer("Softmax", "prob").text();
}

std::string nin_text() {
  NetText net("dim: 1 dim: 3 dim: 224 dim: 224");
  const auto conv = [&](const std::string& name, int outputs, int kernel, int stride, int pad) {
    net.conv(name, outputs, kernel, stride, pad).in_place("ReLU", "relu_" + name);
  };
  conv("conv1", 96, 11, 4, 0), conv("cccp1", 96, 1, 1, 0), conv("cccp2", 96, 1, 1, 0);
  net.pool("pool0", "MAX", 3, 2);
  conv("conv2", 256, 5, 1, 2), conv("cccp3", 256, 1, 1, 0), conv("cccp4", 256, 1, 1, 0);
  net.pool("pool2", "MAX", 3, 2);
  conv("conv3", 384, 3, 1, 1), conv("cccp5", 384, 1, 1, 0), conv("cccp6", 384, 1, 1, 0);
  net.pool("pool3", "MAX", 3, 2);
  conv("conv4", 1024, 3, 1, 1), conv("cccp7", 1024, 1, 1, 0), conv("cccp8", 1000, 1, 1, 0);
  return net.pool("pool4", "AVE", 6, 1).layer("Softmax", "prob").text();
}

std::string squeezenet_text(bool version_1_1) {
  NetText net("dim: 1 dim: 3 dim: 227 dim: 227");
  const auto fire = [&](const std::string& name, int squeeze, int expand) {
    net.conv(name + "/squeeze", squeeze, 1).in_place("ReLU", name + "/relu_squeeze");
    net.conv(name + "/expand1", expand, 1).in_place("ReLU", name + "/relu_expand1");
    net.from(name + "/squeeze").conv(name + "/expand3", expand, 3, 1, 1).in_place("ReLU", name + "/relu_expand3");
    net.concat(name + "/concat", name + "/expand1", name + "/expand3");
  };
  net.conv("conv1", version_1_1 ? 64 : 96, version_1_1 ? 3 : 7, 2).in_place("ReLU", "relu1").pool("pool1", "MAX", 3, 2);
  fire("fire2", 16, 64), fire("fire3", 16, 64);
  if (version_1_1) net.pool("pool3", "MAX", 3, 2);
  fire("fire4", 32, 128);
  if (!version_1_1) net.pool("pool4", "MAX", 3, 2);
  fire("fire5", 32, 128);
  if (version_1_1) net.pool("pool5", "MAX", 3, 2);
  fire("fire6", 48, 192), fire("fire7", 48, 192), fire("fire8", 64, 256);
  if (!version_1_1) net.pool("pool8", "MAX", 3, 2);
  fire("fire9", 64, 256);
  net.in_place("Dropout", "drop9").conv("conv10", 1000, 1, 1, version_1_1 ? 0 : 1).in_place("ReLU", "relu10");
  return net.layer("Pooling", "pool10", "pooling_param { pool: AVE global_pooling: true }")
      .layer("Softmax", "prob")
      .text();
}

std::string googlenet_text() {
  NetText net("dim: 1 dim: 3 dim: 224 dim: 224");
  const auto conv = [&](const std::string& name, int outputs, int kernel, int stride = 1) {
    net.conv(name, outputs, kernel, stride, kernel / 2).in_place("ReLU", name + "/relu");
  };
  const auto inception = [&](const std::string& name, const std::string& before, int plain, int reduce_3, int out_3,
                             int reduce_5, int out_5, int projected) {
    const std::string start = "inception_" + name + "/";
    net.from(before), conv(start + "1x1", plain, 1);
    net.from(before), conv(start + "3x3_reduce", reduce_3, 1), conv(start + "3x3", out_3, 3);
    net.from(before), conv(start + "5x5_reduce", reduce_5, 1), conv(start + "5x5", out_5, 5);
    net.from(before).pool(start + "pool", "MAX", 3, 1, 1), conv(start + "pool_proj", projected, 1);
    net.from(start + "1x1")
        .layer("Concat", start + "output",
               fmt::format("bottom: \"{0}3x3\" bottom: \"{0}5x5\" bottom: \"{0}pool_proj\"", start));
  };
  conv("conv1/7x7_s2", 64, 7, 2);
  net.pool("pool1/3x3_s2", "MAX", 3, 2).layer("LRN", "pool1/norm1");
  conv("conv2/3x3_reduce", 64, 1), conv("conv2/3x3", 192, 3);
  net.layer("LRN", "conv2/norm2").pool("pool2/3x3_s2", "MAX", 3, 2);
  inception("3a", "pool2/3x3_s2", 64, 96, 128, 16, 32, 32);
  inception("3b", "inception_3a/output", 128, 128, 192, 32, 96, 64);
  net.pool("pool3/3x3_s2", "MAX", 3, 2);
  inception("4a", "pool3/3x3_s2", 192, 96, 208, 16, 48, 64);
  inception("4b", "inception_4a/output", 160, 112, 224, 24, 64, 64);
  inception("4c", "inception_4b/output", 128, 128, 256, 24, 64, 64);
  inception("4d", "inception_4c/output", 112, 144, 288, 32, 64, 64);
  inception("4e", "inception_4d/output", 256, 160, 320, 32, 128, 128);
  net.pool("pool4/3x3_s2", "MAX", 3, 2);
  inception("5a", "pool4/3x3_s2", 256, 160, 320, 32, 128, 128);
  inception("5b", "inception_5a/output", 384, 192, 384, 48, 128, 128);
  net.layer("Pooling", "pool5/7x7_s1", "pooling_param { pool: AVE global_pooling: true }");
  return net.in_place("Dropout", "pool5/drop_7x7_s1").dense("loss3/classifier", 1000).layer("Softmax", "prob").text();
}

std::string vgg16_text() {
  NetText net("dim: 1 dim: 3 dim: 224 dim: 224");
  const int convs[] = {2, 2, 3, 3, 3}, outputs[] = {64, 128, 256, 512, 512};
  for (int block = 0; block < 5; ++block) {
    for (int i = 0; i < convs[block]; ++i) {
      const std::string name = fmt::format("conv{}_{}", block + 1, i + 1);
      net.conv(name, outputs[block], 3, 1, 1).in_place("ReLU", "relu_" + name);
    }
    net.pool(fmt::format("pool{}", block + 1), "MAX", 2, 2);
  }
  net.dense("fc6", 4096).in_place("ReLU", "relu6").dense("fc7", 4096).in_place("ReLU", "relu7");
  return net.dense("fc8", 1000).layer("Softmax", "prob").text();
}

std::string resnet50_text() {
  NetText net("dim: 1 dim: 3 dim: 224 dim: 224");
  const auto conv = [&](const std::string& name, int outputs, int kernel, int stride, int pad, bool bias) {
    net.layer("Convolution", name,
              fmt::format("convolution_param {{ num_output: {} kernel_size: {} stride: {} pad: {} bias_term: {} }}",
                          outputs, kernel, stride, pad, bias));
    net.in_place("BatchNorm", "bn_" + name).in_place("Scale", "scale_" + name, "scale_param { bias_term: true }");
  };
  conv("conv1", 64, 7, 2, 3, true);
  net.in_place("ReLU", "relu1").pool("pool1", "MAX", 3, 2);
  std::string before = "pool1";
  const int blocks[] = {3, 4, 6, 3};
  for (int stage = 0; stage < 4; ++stage) {
    const int inner = 64 << stage, outer = 256 << stage;
    for (int i = 0; i < blocks[stage]; ++i) {
      const std::string name = fmt::format("res{}{}", stage + 2, static_cast<char>('a' + i));
      const int stride = i == 0 && stage > 0 ? 2 : 1;
      std::string shortcut = before;
      if (i == 0) net.from(before), conv(name + "_branch1", outer, 1, stride, 0, false), shortcut = name + "_branch1";
      net.from(before);
      conv(name + "_branch2a", inner, 1, stride, 0, false), net.in_place("ReLU", name + "_relu2a");
      conv(name + "_branch2b", inner, 3, 1, 1, false), net.in_place("ReLU", name + "_relu2b");
      conv(name + "_branch2c", outer, 1, 1, 0, false);
      net.layer("Eltwise", name, "bottom: \"" + shortcut + "\"").in_place("ReLU", name + "_relu");
      before = name;
    }
  }
  return net.pool("pool5", "AVE", 7, 1).dense("fc1000", 1000).layer("Softmax", "prob").text();
}

Layers macs_by_layer(const Model& model) {
  const Analysis analysis = counted(model);
  Layers out;
  for (std::size_t i = 0; i < analysis.ops.size(); ++i) {
    if (analysis.ops[i].macs.value_or(0) > 0) out[model.main().ops[i].name] = *analysis.ops[i].macs;
  }
  return out;
}

Model read_caffe_text(const std::string& text, const Bindings& bindings, Phase phase) {
  Result<Model> model = read_model({"net.prototxt", as_bytes(text), nullptr, nullptr, &bindings, phase});
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  const Status status = complete_model(*model, bindings);
  INFO((status ? std::string() : status.error().text()));
  REQUIRE(status);
  return *std::move(model);
}

std::string caffe_error(const std::string& text, const Bindings& bindings) {
  Result<Model> model = read_model({"net.prototxt", as_bytes(text), nullptr, nullptr, &bindings});
  if (!model) return model.error().text();
  const Status status = complete_model(*model, bindings);
  return status ? "" : status.error().text();
}

Analysis counted(const Model& model) {
  Result<Analysis> analysis = analyse(model);
  REQUIRE(analysis);
  return *std::move(analysis);
}

}  // namespace nngauge::test
