// SPDX-License-Identifier: Apache-2.0
// Whole networks from their prototxt alone: parameters and MACs that are known from elsewhere, by layer.
#include <catch2/catch.hpp>
#include <filesystem>

#include "graph/op_table.h"
#include "tests/parsers/caffe_text.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

std::uint64_t count_kind(const Model& model, OpKind kind) {
  std::uint64_t count = 0;
  for (const Op& op : model.main().ops) count += op.kind == kind ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("caffe networks: AlexNet by layer", "[caffe]") {
  const Model model = read_caffe_text(alexnet_text());
  const Analysis analysis = counted(model);
  const Layers expected = {
      {"conv1", 55ULL * 55 * 11 * 11 * 3 * 96},
      {"conv2", 27ULL * 27 * 5 * 5 * 48 * 256},
      {"conv3", 13ULL * 13 * 3 * 3 * 256 * 384},
      {"conv4", 13ULL * 13 * 3 * 3 * 192 * 384},
      {"conv5", 13ULL * 13 * 3 * 3 * 192 * 256},
      {"fc6", 6ULL * 6 * 256 * 4096},
      {"fc7", 4096ULL * 4096},
      {"fc8", 4096ULL * 1000},
  };
  CHECK(macs_by_layer(model) == expected);
  CHECK(analysis.totals.macs == 724'406'816);
  CHECK(analysis.totals.params == 60'965'224);
  CHECK(analysis.totals.weight_bytes == 243'860'896);
  CHECK(analysis.totals.ops == 23);
  CHECK(analysis.coverage.exact);
}

TEST_CASE("caffe networks: NIN by layer", "[caffe]") {
  const Model model = read_caffe_text(nin_text());
  const Analysis analysis = counted(model);
  const Layers expected = {
      {"conv1", 101'616'768}, {"cccp1", 26'873'856},  {"cccp2", 26'873'856},  {"conv2", 447'897'600},
      {"cccp3", 47'775'744},  {"cccp4", 47'775'744},  {"conv3", 149'520'384}, {"cccp5", 24'920'064},
      {"cccp6", 24'920'064},  {"conv4", 127'401'984}, {"cccp7", 37'748'736},  {"cccp8", 36'864'000},
  };
  CHECK(macs_by_layer(model) == expected);
  CHECK(analysis.totals.macs == 1'100'188'800);
  CHECK(analysis.totals.params == 7'595'176);
  CHECK(count_kind(model, OpKind::kConv2D) == 12);
  CHECK(count_kind(model, OpKind::kDense) == 0);
}

namespace {

// Rows of square pictures: size x size positions, kernel x kernel, inputs, outputs.
struct Rows {
  Layers layers;
  void conv(const std::string& name, std::uint64_t size, std::uint64_t kernel, std::uint64_t in, std::uint64_t out) {
    layers[name] = size * size * kernel * kernel * in * out;
  }
  void fire(const std::string& name, std::uint64_t size, std::uint64_t in, std::uint64_t squeeze,
            std::uint64_t expand) {
    conv(name + "/squeeze", size, 1, in, squeeze);
    conv(name + "/expand1", size, 1, squeeze, expand);
    conv(name + "/expand3", size, 3, squeeze, expand);
  }
  void inception(const std::string& name, std::uint64_t size, std::uint64_t in, std::uint64_t plain,
                 std::uint64_t reduce_3, std::uint64_t out_3, std::uint64_t reduce_5, std::uint64_t out_5,
                 std::uint64_t projected) {
    const std::string start = "inception_" + name + "/";
    conv(start + "1x1", size, 1, in, plain);
    conv(start + "3x3_reduce", size, 1, in, reduce_3);
    conv(start + "3x3", size, 3, reduce_3, out_3);
    conv(start + "5x5_reduce", size, 1, in, reduce_5);
    conv(start + "5x5", size, 5, reduce_5, out_5);
    conv(start + "pool_proj", size, 1, in, projected);
  }
};

Layers vgg16_rows() {
  Rows r;
  r.conv("conv1_1", 224, 3, 3, 64), r.conv("conv1_2", 224, 3, 64, 64);
  r.conv("conv2_1", 112, 3, 64, 128), r.conv("conv2_2", 112, 3, 128, 128);
  r.conv("conv3_1", 56, 3, 128, 256), r.conv("conv3_2", 56, 3, 256, 256), r.conv("conv3_3", 56, 3, 256, 256);
  r.conv("conv4_1", 28, 3, 256, 512), r.conv("conv4_2", 28, 3, 512, 512), r.conv("conv4_3", 28, 3, 512, 512);
  r.conv("conv5_1", 14, 3, 512, 512), r.conv("conv5_2", 14, 3, 512, 512), r.conv("conv5_3", 14, 3, 512, 512);
  r.conv("fc6", 1, 7, 512, 4096), r.conv("fc7", 1, 1, 4096, 4096), r.conv("fc8", 1, 1, 4096, 1000);
  return r.layers;
}

Layers googlenet_rows() {
  Rows r;
  r.conv("conv1/7x7_s2", 112, 7, 3, 64);
  r.conv("conv2/3x3_reduce", 56, 1, 64, 64), r.conv("conv2/3x3", 56, 3, 64, 192);
  r.inception("3a", 28, 192, 64, 96, 128, 16, 32, 32);
  r.inception("3b", 28, 256, 128, 128, 192, 32, 96, 64);
  r.inception("4a", 14, 480, 192, 96, 208, 16, 48, 64);
  r.inception("4b", 14, 512, 160, 112, 224, 24, 64, 64);
  r.inception("4c", 14, 512, 128, 128, 256, 24, 64, 64);
  r.inception("4d", 14, 512, 112, 144, 288, 32, 64, 64);
  r.inception("4e", 14, 528, 256, 160, 320, 32, 128, 128);
  r.inception("5a", 7, 832, 256, 160, 320, 32, 128, 128);
  r.inception("5b", 7, 832, 384, 192, 384, 48, 128, 128);
  r.conv("loss3/classifier", 1, 1, 1024, 1000);
  return r.layers;
}

Layers resnet50_rows() {
  Rows r;
  r.conv("conv1", 112, 7, 3, 64);
  const std::uint64_t blocks[] = {3, 4, 6, 3}, sizes[] = {56, 28, 14, 7};
  std::uint64_t in = 64;
  for (std::uint64_t stage = 0; stage < 4; ++stage) {
    const std::uint64_t size = sizes[stage], inner = 64U << stage, outer = 256U << stage;
    for (std::uint64_t i = 0; i < blocks[stage]; ++i) {
      const std::string name = "res" + std::to_string(stage + 2) + static_cast<char>('a' + i);
      if (i == 0) r.conv(name + "_branch1", size, 1, in, outer);
      r.conv(name + "_branch2a", size, 1, in, inner);  // the stride is here
      r.conv(name + "_branch2b", size, 3, inner, inner);
      r.conv(name + "_branch2c", size, 1, inner, outer);
      in = outer;
    }
  }
  r.conv("fc1000", 1, 1, 2048, 1000);
  return r.layers;
}

}  // namespace

TEST_CASE("caffe networks: SqueezeNet by layer", "[caffe]") {
  Rows v10;
  v10.conv("conv1", 111, 7, 3, 96);
  v10.fire("fire2", 55, 96, 16, 64), v10.fire("fire3", 55, 128, 16, 64), v10.fire("fire4", 55, 128, 32, 128);
  v10.fire("fire5", 27, 256, 32, 128), v10.fire("fire6", 27, 256, 48, 192), v10.fire("fire7", 27, 384, 48, 192);
  v10.fire("fire8", 27, 384, 64, 256), v10.fire("fire9", 13, 512, 64, 256);
  v10.conv("conv10", 15, 1, 512, 1000);  // padded by 1
  CHECK(macs_by_layer(read_caffe_text(squeezenet_text(false))) == v10.layers);

  Rows v11;
  v11.conv("conv1", 113, 3, 3, 64);
  v11.fire("fire2", 56, 64, 16, 64), v11.fire("fire3", 56, 128, 16, 64);
  v11.fire("fire4", 28, 128, 32, 128), v11.fire("fire5", 28, 256, 32, 128);
  v11.fire("fire6", 14, 256, 48, 192), v11.fire("fire7", 14, 384, 48, 192);
  v11.fire("fire8", 14, 384, 64, 256), v11.fire("fire9", 14, 512, 64, 256);
  v11.conv("conv10", 14, 1, 512, 1000);
  CHECK(macs_by_layer(read_caffe_text(squeezenet_text(true))) == v11.layers);
}

TEST_CASE("caffe networks: VGG-16, GoogLeNet and ResNet-50 by layer", "[caffe]") {
  CHECK(macs_by_layer(read_caffe_text(vgg16_text())) == vgg16_rows());
  CHECK(macs_by_layer(read_caffe_text(googlenet_text())) == googlenet_rows());
  CHECK(macs_by_layer(read_caffe_text(resnet50_text())) == resnet50_rows());
}

TEST_CASE("caffe networks: ncnn has the same layers with the same MACs", "[caffe]") {
  const std::filesystem::path folder = NNGAUGE_SOURCE_DIR "/../shared/models/ncnn";
  if (!std::filesystem::exists(folder)) {
    WARN("../shared/models is absent: real files are not tested");
    return;
  }
  const std::pair<const char*, Layers> cases[] = {
      {"Tencent__ncnn__alexnet.param", macs_by_layer(read_caffe_text(alexnet_text()))},
      {"Tencent__ncnn__vgg16.param", vgg16_rows()},
      {"Tencent__ncnn__googlenet.param", googlenet_rows()},
      {"Tencent__ncnn__resnet50.param", resnet50_rows()},
  };
  for (const auto& [name, layers] : cases) {
    INFO(name);
    const auto file = MappedFile::open((folder / name).string());
    REQUIRE(file);
    Result<Model> model = read_model({name, (*file)->bytes(), &no_companions()});
    REQUIRE(model);
    REQUIRE(complete_model(*model, {}));
    CHECK(macs_by_layer(*model) == layers);
  }
}

TEST_CASE("caffe networks: totals", "[caffe]") {
  struct Case {
    const char* name;
    std::string text;
    std::uint64_t macs, params, convolutions;
  };
  const Case cases[] = {
      {"SqueezeNet 1.0", squeezenet_text(false), 861'339'936, 1'248'424, 26},
      {"SqueezeNet 1.1", squeezenet_text(true), 387'747'520, 1'235'496, 26},
      {"GoogLeNet", googlenet_text(), 1'582'671'872, 6'998'552, 57},
      {"VGG-16", vgg16_text(), 15'470'264'320, 138'357'544, 13},
      {"ResNet-50", resnet50_text(), 3'857'973'248, 25'610'216, 53},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const Model model = read_caffe_text(c.text);
    const Analysis analysis = counted(model);
    CHECK(analysis.totals.macs == c.macs);
    CHECK(analysis.totals.params == c.params);
    CHECK(analysis.totals.weight_bytes == 4 * c.params);
    CHECK(count_kind(model, OpKind::kConv2D) == c.convolutions);
    CHECK(analysis.coverage.exact);
  }
}

TEST_CASE("caffe networks: GoogLeNet on pictures of 227: pooling rounds up", "[caffe]") {
  Bindings bindings;
  bindings.inputs["data"] = {1, 3, 227, 227};
  CHECK(counted(read_caffe_text(googlenet_text(), bindings)).totals.macs == 1'599'884'032);
}

TEST_CASE("caffe networks: another picture than the file's changes dense weights too", "[caffe]") {
  Bindings bindings;
  bindings.inputs["data"] = {1, 3, 259, 259};  // one more step of all strides: 7 x 7 before fc6
  const Analysis analysis = counted(read_caffe_text(alexnet_text(), bindings));
  CHECK(analysis.totals.params == 60'965'224 + (7ULL * 7 - 6 * 6) * 256 * 4096);
}
