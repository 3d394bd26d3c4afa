// SPDX-License-Identifier: Apache-2.0
#include "calibration/log_runs.h"

#include <catch2/catch.hpp>

#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

// x -> convolution 0, relu 1, depthwise 2, reshape 3, dense 4.
const char* const kNet =
    "graph 0\ntensor 0 dtype=float32 shape=[1,8,8,4]\ntensor 1 dtype=float32\ntensor 2 dtype=float32\n"
    "tensor 3 dtype=float32\ntensor 4 dtype=float32\ntensor 5 dtype=float32\n"
    "tensor 6 dtype=float32 shape=[4,3,3,4] const\ntensor 7 dtype=float32 shape=[4,3,3,1] const\n"
    "tensor 8 dtype=float32 shape=[10,256] const\ntensor 9 dtype=int32 shape=[2] const ints=[1,256]\n"
    "op Conv2D source=\"CONV_2D\" index=0 in=0,6:weight out=1 attrs=conv layout=channels-last "
    "filter_layout=out-spatial-in padding=same-upper\n"
    "op Relu source=\"RELU\" index=1 in=1 out=2 attrs=none\n"
    "op DepthwiseConv2D source=\"DEPTHWISE_CONV_2D\" index=2 in=2,7:weight out=3 attrs=conv layout=channels-last "
    "filter_layout=out-spatial-in padding=same-upper groups=4\n"
    "op Reshape source=\"RESHAPE\" index=3 in=3,9 out=4 attrs=none\n"
    "op Dense source=\"FULLY_CONNECTED\" index=4 in=4,8:weight out=5 attrs=dense transpose_b=true\n"
    "inputs 0\noutputs 5\n";

LoggedOp row(const std::string& kind, double ms, std::int64_t line, std::optional<std::int64_t> index = std::nullopt) {
  return {kind, "", index, ms, line};
}

// "first-last ms line", one a run; then errors.
std::string runs(const OpLog& log, const char* runtime = "tflite-cpu") {
  Run base;
  base.model = "net";
  const LogRuns found = runs_of_log(log, completed_from(kNet), *find_fusion_rules(runtime), base);
  std::string out;
  for (const Run& run : found.runs) {
    out += (run.ops ? std::to_string(run.ops->first) + "-" + std::to_string(run.ops->last) : "all") + " " +
           std::to_string(static_cast<int>(run.latency_ms * 1000 + 0.5)) + " " + std::to_string(run.line) + "\n";
  }
  for (const Error& error : found.errors) out += error.text() + "\n";
  return out;
}

}  // namespace

TEST_CASE("rows of a log go with operators by kind and order, several rows of one kernel are one run") {
  const struct {
    const char* what;
    std::vector<LoggedOp> rows;
    const char* runs;
  } cases[] = {
      {"by place; the clamp is in the convolution's kernel, the view costs nothing",
       {row("CONV_2D", 1, 1, 0), row("RELU", 0.5, 2, 1), row("DEPTHWISE_CONV_2D", 2, 3, 2), row("RESHAPE", 0.1, 4, 3),
        row("FULLY_CONNECTED", 0.25, 5, 4)},
       "0-0 1500 1\n2-2 2000 3\n4-4 250 5\n"},
      {"by order, in names of ncnn, with layers that the network has not",
       {row("Input", 0.01, 1), row("Convolution", 1, 2), row("ReLU", 0.5, 3), row("Split", 0.01, 4),
        row("ConvolutionDepthWise", 2, 5), row("InnerProduct", 0.25, 6)},
       "0-0 1500 2\n2-2 2000 5\n4-4 250 6\n"},
      {"in names of XNNPACK",
       {row("Convolution (NHWC, F32) IGEMM", 1, 1), row("Convolution (NHWC, F32) DWConv", 2, 2),
        row("Fully Connected (NC, F32) GEMM", 0.25, 3)},
       "0-0 1000 1\n2-2 2000 2\n4-4 250 3\n"},
      {"places count from elsewhere: the order counts",
       {row("CONV_2D", 1, 1, 7), row("DEPTHWISE_CONV_2D", 2, 2, 8), row("FULLY_CONNECTED", 0.25, 3, 9)},
       "0-0 1000 1\n2-2 2000 2\n4-4 250 3\n"},
      {"what is too short says nothing",
       {row("CONV_2D", 1, 1, 0), row("FULLY_CONNECTED", 0.019, 2, 4)},
       "0-0 1000 1\n"},
      {"another network",
       {row("CONV_2D", 1, 3, 0), row("LSTM", 3, 4, 1)},
       "line 3, column op: 75 % of the time goes with no operator of \"net\": the log is of another network, or a "
       "delegate ran it [bad-runs]\n"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    OpLog log;
    log.ops = c.rows;
    CHECK(runs(log) == c.runs);
  }
}

TEST_CASE("a log that times the whole network gives a run of it as well") {
  OpLog log;
  log.ops = {row("CONV_2D", 1, 1, 0)};
  LoggedSeries whole;
  whole.mean_ms = 3.5, whole.line = 9;
  log.whole = whole;
  CHECK(runs(log) == "0-0 1000 1\nall 3500 9\n");
}
