// SPDX-License-Identifier: Apache-2.0
// The same network in several formats has the same multiply-accumulates.
#include <catch2/catch.hpp>
#include <filesystem>

#include "cost/analysis.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"

using namespace nngauge;

namespace {

std::uint64_t macs_of(const std::string& path, const std::vector<std::int64_t>& input) {
  INFO(path);
  Bindings bindings;
  if (!input.empty()) bindings.inputs[""] = input;
  const auto file = MappedFile::open(path);
  REQUIRE(file);
  const auto companions = folder_companions(path);
  ModelSource source{path, (*file)->bytes(), companions.get(), file->get()};
  source.bindings = &bindings;
  auto model = read_model(source);
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  const Status status = complete_model(*model, bindings);
  INFO((status ? std::string() : status.error().text()));
  REQUIRE(status);
  const auto analysis = analyse(*model);
  REQUIRE(analysis);
  REQUIRE(analysis->totals.macs.has_value());
  return *analysis->totals.macs;
}

}  // namespace

TEST_CASE("the same network in several formats has the same multiply-accumulates") {
  const std::string folder = NNGAUGE_SOURCE_DIR "/../shared/models/";
  if (!std::filesystem::exists(folder)) {
    WARN("../shared/models is absent: networks are not compared");
    return;
  }
  struct Case {
    std::vector<std::string> files;
    std::vector<std::int64_t> input;  // empty: as the files state it
  };
  const Case cases[] = {
      {{"ncnn/Tencent__ncnn__resnet18.ncnn.param", "onnx/ModelTC__NNLQP__resnet18-v1-7-no-weight.onnx"}, {}},
      {{"ncnn/Tencent__ncnn__3d_net.param", "torchscript/Tencent__ncnn__3d_net.pt"}, {1, 3, 10, 20, 30}},
      {{"ncnn/Tencent__ncnn__det1.param", "caffe/Tencent__ncnn__det1.prototxt"}, {}},
      {{"ncnn/Tencent__ncnn__det2.param", "caffe/Tencent__ncnn__det2.prototxt"}, {}},
      {{"ncnn/Tencent__ncnn__det3.param", "caffe/Tencent__ncnn__det3.prototxt"}, {}},
  };
  for (const Case& c : cases) {
    const std::uint64_t first = macs_of(folder + c.files[0], c.input);
    CHECK(first > 0);
    for (std::size_t i = 1; i < c.files.size(); ++i) {
      INFO(c.files[i]);
      CHECK(macs_of(folder + c.files[i], c.input) == first);
    }
  }
}
