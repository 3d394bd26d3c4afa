// SPDX-License-Identifier: Apache-2.0
// The same network as a TFLite and as an ONNX file, from the collection of real files: the same multiply-accumulates,
// and every difference in operators accounted for.
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/cli/run_binary.h"

using nlohmann::json;
using namespace nngauge::test;

namespace {

json inspect(const std::string& folder, const std::string& file) {
  const Output out = run_nngauge({"inspect", "--format", "json", file}, folder);
  INFO(file);
  REQUIRE(out.exit_code == 0);
  return json::parse(out.out).at("models").at(0);
}

// "Neg +13, PRelu -13": what the second has more and less than the first, by name.
std::string difference(const json& first, const json& second) {
  std::map<std::string, std::int64_t> counts;
  for (const json& row : second["histogram"]) counts[row["op"]] += row["count"].get<std::int64_t>();
  for (const json& row : first["histogram"]) counts[row["op"]] -= row["count"].get<std::int64_t>();
  std::string out;
  for (const auto& [op, count] : counts) {
    if (count == 0) continue;
    out += (out.empty() ? "" : ", ") + op + (count > 0 ? " +" : " ") + std::to_string(count);
  }
  return out;
}

std::map<std::string, std::uint64_t> macs_by_kind(const json& model) {
  std::map<std::string, std::uint64_t> out;
  for (const json& row : model["histogram"]) {
    if (row["macs"] != 0) out[row["op"]] = row["macs"];
  }
  return out;
}

struct Pair {
  const char* tflite;
  const char* onnx;
  std::uint64_t macs;
  const char* operators;  // what the ONNX file has more and less
  std::int64_t params;    // the TFLite file's less the ONNX file's
  std::int64_t flops;     // the ONNX file's less the TFLite file's
};

}  // namespace

TEST_CASE("pairs: a network's TFLite and ONNX files count the same") {
  const std::string folder = source_path("../shared/models");
  if (!std::filesystem::exists(folder)) {
    WARN("../shared/models is absent: pairs of real files are not compared");
    return;
  }
  // Float16 weights behind Dequantize are constants of their own in ONNX; channels are moved to the front and back.
  // Converters store equal zero biases once, or leave them out with their additions; PRelu becomes five operators an
  // element, of which PRelu is two; HardSwish becomes Add, Clip, Mul, Mul of the same five operations; a mean over the
  // picture becomes a global pooling.
  const Pair pairs[] = {
      {"tflite/google__mediapipe__face_detection_short_range.tflite",
       "onnx/google__mediapipe__face_detection_short_range.onnx", 30760960, "Dequantize -74, Transpose +5", 312, 0},
      {"tflite/google__mediapipe__face_detection_short_range.tflite",
       "onnx/google__mediapipe__modules_face_detection__face_detection_short_range.onnx", 30760960,
       "Dequantize -74, Transpose +5", 978, -417792},
      {"tflite/google__mediapipe__hand_recrop.tflite",
       "onnx/google__mediapipe__modules_holistic_landmark__hand_recrop.onnx", 9969728,
       "Reshape +1, Slice +2, StridedSlice -2, Transpose +1", 328, 0},
      {"tflite/google__mediapipe__hand_recrop.tflite", "onnx/google__mediapipe__hand_recrop.onnx", 9969728,
       "Add +13, Mul +13, Neg +13, PRelu -13, Relu +26, Reshape +1, Slice +2, StridedSlice -2, Transpose +27", 448,
       1084640},
      {"tflite/google__mediapipe__selfie_segmentation_landscape.tflite",
       "onnx/google__mediapipe__selfie_segmentation_landscape.onnx", 33324928,
       "Add +12, Clip +11, Dequantize -110, GlobalAveragePool +10, HardSwish -11, Mul +22, ReduceMean -10, Reshape +1, "
       "Transpose +1",
       1, 0},
  };
  for (const Pair& pair : pairs) {
    const std::string folder_path = folder;
    if (!std::filesystem::exists(folder_path + "/" + pair.tflite) ||
        !std::filesystem::exists(folder_path + "/" + pair.onnx)) {
      WARN("absent: " << pair.tflite << " or " << pair.onnx);
      continue;
    }
    const json lite = inspect(folder, pair.tflite), onnx = inspect(folder, pair.onnx);
    INFO(pair.onnx);
    CHECK(lite["totals"]["macs"] == pair.macs);
    CHECK(macs_by_kind(lite) == macs_by_kind(onnx));
    CHECK(difference(lite, onnx) == pair.operators);
    CHECK(lite["totals"]["params"].get<std::int64_t>() - onnx["totals"]["params"].get<std::int64_t>() == pair.params);
    CHECK(onnx["totals"]["flops"].get<std::int64_t>() - lite["totals"]["flops"].get<std::int64_t>() == pair.flops);
  }
}

TEST_CASE("known networks: real files have the numbers of their architecture") {
  const std::string folder = source_path("../shared/models");
  const std::string file = "tflite/tensorflow__tflite-support__mobilenet_v1_0.25_224_1_default_1.tflite";
  if (!std::filesystem::exists(folder + "/" + file)) {
    WARN("absent: " << file);
    return;
  }
  // MobileNet v1 0.25-224 with 1001 classes: first layer 8 wide, widths a quarter, one bias a channel.
  constexpr std::uint64_t kDepthwise = 3 * 3 * (8 + 16 + 32 + 32 + 64 + 64 + 6 * 128 + 256);
  constexpr std::uint64_t kPointwise =
      8 * 16 + 16 * 32 + 32 * 32 + 32 * 64 + 64 * 64 + 64 * 128 + 5 * 128 * 128 + 128 * 256 + 256 * 256;
  constexpr std::uint64_t kBiases =
      8 + (8 + 16 + 32 + 32 + 64 + 64 + 6 * 128 + 256) + (16 + 32 + 32 + 64 + 64 + 6 * 128 + 2 * 256);
  const json totals = inspect(folder, file)["totals"];
  CHECK(totals["params"] == 3U * 3 * 3 * 8 + kDepthwise + kPointwise + kBiases + 256U * 1001 + 1001);
  CHECK(totals["macs"] == 41030528U);
}
