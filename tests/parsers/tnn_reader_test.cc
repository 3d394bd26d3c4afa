// SPDX-License-Identifier: Apache-2.0
// The TNN reader: text, weights in their own file, errors.
#include <catch2/catch.hpp>

#include "cost/analysis.h"
#include "graph/op_table.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"
#include "parsers/tnn/weights.h"

using namespace nngauge;

namespace {

constexpr const char* kNet =
    "\"1 6 1 4206624770 ,\"\n\"in 1 3 8 8 ,\"\n\" c in p q r s ,\"\n\"s ,\"\n\" 5 ,\"\n"
    "\"Convolution conv 1 1 in c 1 3 4 3 3 2 2 1 1 1 -1 1 1 1 ,\"\n"
    "\"Convolution dw 1 1 c p 4 1 4 3 3 1 1 1 1 0 -1 1 1 ,\"\n"
    "\"Pooling pool 1 1 p q 1 0 0 1 1 0 0 -1 -1 -1 0 ,\"\n"
    "\"InnerProduct fc 1 1 q r 10 1 0 1 ,\"\n"
    "\"SoftmaxCaffe prob 1 1 r s 1 ,\"\n";

std::string text_error(const std::string& text) {
  Result<Model> model = read_model({"net.tnnproto", as_bytes(text), nullptr});
  if (!model) return model.error().text();
  const Status status = complete_model(*model, {});
  return status ? "" : status.error().text();
}

std::string number(std::uint32_t value) {
  std::string out;
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
  return out;
}
std::string text(const std::string& content) { return number(static_cast<std::uint32_t>(content.size())) + content; }
std::string raw(std::uint32_t dtype, std::uint32_t bytes) {
  return number(0xFABC0002) + number(dtype) + number(bytes) + std::string(bytes, '\1');
}

}  // namespace

TEST_CASE("tnn: structure, counts by shape", "[tnn]") {
  Result<Model> model = read_model({"net.tnnproto", as_bytes(kNet), nullptr});
  REQUIRE(model);
  CHECK(model->format == "tnn");
  CHECK(model->format_version == "0xfabc0002");
  REQUIRE(complete_model(*model, {}));
  std::string kinds;
  for (const Op& op : model->main().ops) kinds += std::string(op_info(op.kind).name) + " ";
  CHECK(kinds == "Conv2D DepthwiseConv2D GlobalAveragePool Dense Softmax ");
  CHECK(model->main().ops[0].activation == FusedActivation::kRelu);
  const auto analysis = analyse(*model);
  REQUIRE(analysis);
  CHECK(analysis->totals.macs == 4ULL * 4 * 3 * 3 * 3 * 4 + 4ULL * 4 * 3 * 3 * 4 + 4ULL * 10);
  CHECK(analysis->totals.params == (4ULL * 27 + 4) + 4 * 9 + (4 * 10 + 10));
}

TEST_CASE("tnn: quantised layers", "[tnn]") {
  const std::string net =
      "\"1 2 1 ,\"\n\"in 1 3 4 4 ,\"\n\" c in ,\"\n\"c ,\"\n\" 1 ,\"\n"
      "\"QuantizedConvolution conv 1 1 in c 1 3 4 1 1 1 1 0 0 1 -1 1 1 0 ,\"\n";
  Result<Model> model = read_model({"net.tnnproto", as_bytes(net), nullptr});
  REQUIRE(model);
  REQUIRE(complete_model(*model, {}));
  const auto analysis = analyse(*model);
  REQUIRE(analysis);
  CHECK(analysis->totals.weight_bytes == 4ULL * 3 + 4 * 4);
  CHECK(model->main().tensors[static_cast<std::size_t>(model->main().outputs[0])].dtype == DType::kInt8);
}

TEST_CASE("tnn: weights are found between texts and flags", "[tnn]") {
  const std::string file = number(0xFABC0002) + number(2) + number(3) + text("Convolution") + text("conv") +
                           text("conv") + number(1) + raw(0, 4 * 4 * 27) + raw(0, 16) + number(9) + text("PReLU") +
                           text("act") + text("act") + raw(1, 8);
  const auto weights = tnn::locate_weights(as_bytes(file), 1);
  REQUIRE(weights);
  REQUIRE(weights->at("conv").size() == 2);
  CHECK(weights->at("conv")[0].elements() == 4ULL * 27);
  CHECK(weights->at("conv")[1].data.size_bytes == 16);
  CHECK(weights->at("act")[0].dtype == DType::kFloat16);
  CHECK(weights->at("act")[0].elements() == 4);
  for (std::size_t size = 0; size < file.size(); ++size) (void)tnn::locate_weights(as_bytes(file).subspan(0, size), 1);
  CHECK(tnn::locate_weights(as_bytes(file).subspan(0, file.size() - 1), 1).error().text() ==
        "byte 0x226: a block of weights takes 8 bytes, 7 are left [damaged]");
  Result<Model> alone = read_model({"net.tnnmodel", as_bytes(file), nullptr});
  REQUIRE(!alone);
  CHECK(alone.error().code == ErrorCode::kNotAModel);
}

TEST_CASE("tnn: errors", "[tnn]") {
  const std::string head = "\"1 2 1 ,\"\n\"in 1 3 4 4 ,\"\n\" c in ,\"\n\"c ,\"\n";
  CHECK(text_error(head + "\" 2 ,\"\n\"ReLU a 1 1 in c ,\"\n") ==
        "line 6: the network says 2 layers and has 1 [damaged]");
  CHECK(text_error(head + "\" 1 ,\"\n\"ReLU a 7 1 in c ,\"\n") ==
        "line 6: a layer has not as many blobs as it says [damaged]");
  CHECK(text_error(head + "\" 1 ,\"\n\"ReLU a 1 1 x c ,\"\n") ==
        "layer #0 ReLU \"a\": no layer makes the blob \"x\" [invalid-graph]");
  CHECK(text_error(head + "\" 1 ,\"\n\"Convolution a 1 1 in c 0 3 4 1 1 1 1 0 0 ,\"\n") ==
        "layer #0 Convolution \"a\": the number of groups is 0 [invalid-attribute]");
  CHECK(text_error("\"1 2 1 ,\"\n") == "line 1: the file ends before its inputs [damaged]");
}
