// SPDX-License-Identifier: Apache-2.0
// MobileNet v1 (Howard et al. 2017) at the four corners of its grid, normalisation folded into biases, channels last.
#include <catch2/catch.hpp>
#include <string>

#include "cost/analysis.h"
#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

class MobileNet {
 public:
  MobileNet(int quarters, int side, int classes) {
    add_tensor(shape({1, side, side, 3}), "");
    const std::string input = std::to_string(last_);
    side_ = side, channels_ = 3;
    convolve("Conv2D", width(32, quarters), 3, 2, "out-spatial-in");
    // Width after each block, and its stride.
    constexpr int kBlocks[][2] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
                                  {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};
    for (const auto& [out, stride] : kBlocks) {
      convolve("DepthwiseConv2D", channels_, 3, stride, "one-spatial-out");
      convolve("Conv2D", width(out, quarters), 1, 1, "out-spatial-in");
    }
    op("GlobalAveragePool", {std::to_string(last_)}, {1, 1, 1, channels_}, "pool layout=channels-last");
    side_ = 1;
    convolve("Conv2D", classes, 1, 1, "out-spatial-in");
    text_ += ops_ + "inputs " + input + "\noutputs " + std::to_string(last_) + "\n";
  }

  [[nodiscard]] Totals totals() const {
    const Result<Analysis> analysis = analyse(completed_from("graph 0\n" + text_));
    REQUIRE(analysis.has_value());
    CHECK(analysis->coverage.exact);
    return analysis->totals;
  }

 private:
  static int width(int full, int quarters) { return full * quarters / 4; }

  static std::string shape(const std::vector<int>& extents) {
    std::string out = "[";
    for (const int extent : extents) out += (out.size() > 1 ? "," : "") + std::to_string(extent);
    return out + "]";
  }

  void add_tensor(const std::string& extents, const std::string& more) {
    last_ = next_++;
    text_ += "tensor " + std::to_string(last_) + " name=\"t" + std::to_string(last_) +
             "\" dtype=float32 shape=" + extents + more + "\n";
  }

  void op(const std::string& kind, const std::vector<std::string>& operands, const std::vector<int>& result,
          const std::string& attrs) {
    add_tensor(shape(result), "");
    std::string in;
    for (const std::string& operand : operands) in += (in.empty() ? "" : ",") + operand;
    ops_ += "op " + kind + " name=\"o" + std::to_string(last_) + "\" source=\"" + kind +
            "\" index=" + std::to_string(index_++) + " in=" + in + " out=" + std::to_string(last_) + " attrs=" + attrs +
            "\n";
  }

  void convolve(const std::string& kind, int out, int kernel, int stride, const std::string& layout) {
    const bool depthwise = kind == "DepthwiseConv2D";
    const int from = last_;
    add_tensor(depthwise ? shape({1, kernel, kernel, out}) : shape({out, kernel, kernel, channels_}), " const");
    const int weight = last_;
    add_tensor(shape({out}), " const");
    const int bias = last_;
    side_ = (side_ + stride - 1) / stride;
    channels_ = out;
    op(kind, {std::to_string(from), std::to_string(weight) + ":weight", std::to_string(bias) + ":bias"},
       {1, side_, side_, out},
       "conv layout=channels-last filter_layout=" + layout + " padding=same-upper strides=[" + std::to_string(stride) +
           "," + std::to_string(stride) + "] groups=0");
  }

  std::string text_, ops_;
  int next_ = 0, last_ = 0, index_ = 0, side_ = 0, channels_ = 0;
};

// Weights of a full-width network without normalisation: the first layer, depthwise kernels, pointwise kernels.
constexpr std::uint64_t kFirst = 3 * 3 * 3 * 32;
constexpr std::uint64_t kDepthwise = 3 * 3 * (32 + 64 + 128 + 128 + 256 + 256 + 6 * 512 + 1024);
constexpr std::uint64_t kPointwise =
    32 * 64 + 64 * 128 + 128 * 128 + 128 * 256 + 256 * 256 + 256 * 512 + 5 * 512 * 512 + 512 * 1024 + 1024 * 1024;
// Channels that are normalised: each layer's results.
constexpr std::uint64_t kNormalised =
    32 + (32 + 64 + 128 + 128 + 256 + 256 + 6 * 512 + 1024) + (64 + 128 + 128 + 256 + 256 + 6 * 512 + 2 * 1024);

}  // namespace

TEST_CASE("MobileNet v1: multiply-accumulates at the corners of the grid") {
  struct Corner {
    int quarters, side, classes;
    std::uint64_t macs;
  };
  // The small ones were published with a class for the background, the large one is quoted without.
  const Corner corners[] = {
      {1, 128, 1001, 13570304}, {2, 160, 1001, 76525312}, {3, 192, 1001, 239274240}, {4, 224, 1000, 568740352}};
  for (const Corner& corner : corners) {
    INFO(corner.quarters << "/4, " << corner.side);
    CHECK(MobileNet(corner.quarters, corner.side, corner.classes).totals().macs.value_or(0) == corner.macs);
  }
}

TEST_CASE("MobileNet v1: parameters with normalisation folded into a bias per channel") {
  const std::uint64_t weights = kFirst + kDepthwise + kPointwise;
  CHECK(MobileNet(4, 224, 1000).totals().params.value_or(0) == weights + kNormalised + 1024U * 1000 + 1000);
  CHECK(MobileNet(4, 224, 1001).totals().params.value_or(0) == weights + kNormalised + 1024U * 1001 + 1001);
  // The number that is quoted most, 4,231,976, has two parameters a channel: scale and shift, not folded.
  CHECK(weights + 2 * kNormalised + 1024U * 1000 + 1000 == 4231976U);
  CHECK(MobileNet(4, 224, 1000).totals().weight_bytes.value_or(0) == 4 * (weights + kNormalised + 1024U * 1000 + 1000));
}
