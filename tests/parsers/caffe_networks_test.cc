// SPDX-License-Identifier: Apache-2.0
// Whole networks from their prototxt alone: parameters and MACs that are known from elsewhere, by layer.
#include <catch2/catch.hpp>
#include <map>

#include "graph/op_table.h"
#include "tests/parsers/caffe_text.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

using Layers = std::map<std::string, std::uint64_t>;

// MACs of the operators that have some, by name.
Layers macs_by_layer(const Model& model, const Analysis& analysis) {
  Layers out;
  for (std::size_t i = 0; i < analysis.ops.size(); ++i) {
    if (analysis.ops[i].macs.value_or(0) > 0) out[model.main().ops[i].name] = *analysis.ops[i].macs;
  }
  return out;
}

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
  CHECK(macs_by_layer(model, analysis) == expected);
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
  CHECK(macs_by_layer(model, analysis) == expected);
  CHECK(analysis.totals.macs == 1'100'188'800);
  CHECK(analysis.totals.params == 7'595'176);
  CHECK(count_kind(model, OpKind::kConv2D) == 12);
  CHECK(count_kind(model, OpKind::kDense) == 0);
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

TEST_CASE("caffe networks: another picture than the file's changes dense weights too", "[caffe]") {
  Bindings bindings;
  bindings.inputs["data"] = {1, 3, 259, 259};  // one more step of all strides: 7 x 7 before fc6
  const Analysis analysis = counted(read_caffe_text(alexnet_text(), bindings));
  CHECK(analysis.totals.params == 60'965'224 + (7ULL * 7 - 6 * 6) * 256 * 4096);
}
