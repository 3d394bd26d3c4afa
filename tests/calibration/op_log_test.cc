// SPDX-License-Identifier: Apache-2.0
#include "calibration/op_log.h"

#include <catch2/catch.hpp>

#include "calibration/op_log_readers.h"

using namespace nngauge;

namespace {

// "kind name@index ms line", one a row.
std::string text_of(const OpLog& log) {
  std::string out;
  for (const LoggedOp& op : log.ops) {
    out += op.kind + "|" + op.name + "@" + (op.index ? std::to_string(*op.index) : "-") + "|" +
           std::to_string(static_cast<int>(op.ms * 1e6 + 0.5)) + "|" + std::to_string(op.line) + "\n";
  }
  return out;
}

OpLogs parsed(std::string_view text) {
  CHECK(is_op_log(text));
  auto logs = parse_op_log(text);
  REQUIRE(logs.has_value());
  return std::move(*logs);
}

constexpr const char* kHeader =
    "\t             [node type]\t          [start]\t  [first]\t [avg ms]\t     [%]\t  [cdf%]\t  [mem KB]\t[times "
    "called]\t[Name]\n";

}  // namespace

TEST_CASE("TFLite's benchmark: settings, the last series, operators in run order") {
  const OpLogs logs =
      parsed(std::string("Num threads: [4]\n"
                         "Graph: [/data/local/tmp/net_1.0.tflite]\n"
                         "count=22 first=26000 curr=23000 min=22000 max=26000 avg=23001 std=907\n"
                         "count=50 first=2950 curr=3000 min=2900 max=3100 avg=3000.5 std=31\n"
                         "Profiling Info for Benchmark Initialization:\n"
                         "===== Run Order =====\n") +
             kHeader +
             "\t AllocateTensors\t 0.000\t 0.024\t 0.024\t100.000%\t100.000%\t 0.000\t 1\tAllocateTensors/0\n"
             "===== Summary by node type =====\n"
             "Timings (microseconds): count=1 curr=24\n"
             "Operator-wise Profiling Info for Regular Benchmark Runs:\n"
             "===== Run Order =====\n" +
             kHeader +
             "\t CONV_2D\t 0.000\t 2.5\t 2.250\t 75%\t 75%\t 0.000\t 1\t[a/Relu6, b]:0\n"
             "\t SOFTMAX\t 2.250\t 0.4\t 0.350\t 25%\t 100%\t 0.000\t 2\t[c]:3\n"
             "===== Top by Computation Time =====\n" +
             kHeader +
             "\t CONV_2D\t 0.000\t 2.5\t 2.250\t 75%\t 75%\t 0.000\t 1\t[a/Relu6, b]:0\n"
             "Timings (microseconds): count=50 first=2950 curr=3000 min=2900 max=3100 avg=2950 std=31\n");
  REQUIRE(logs.logs.size() == 1);
  CHECK(logs.errors.empty());
  const OpLog& log = logs.logs[0];
  CHECK(log.model == "/data/local/tmp/net_1.0.tflite");
  CHECK(log.setup == "tflite-cpu-4threads");
  CHECK(text_of(log) == "CONV_2D|[a/Relu6, b]:0@0|2250000|14\nSOFTMAX|[c]:3@3|700000|15\n");  // 0.35 ms, twice
  REQUIRE(log.whole.has_value());
  CHECK(log.whole->mean_ms == Approx(3.0005));
  CHECK(log.whole->std_ms == Approx(0.031));
  CHECK(log.whole->line == 4);
}

TEST_CASE("TFLite's benchmark: columns and prefixes as they were over the years") {
  const struct {
    const char* what;
    const char* text;
    const char* rows;
    const char* setup;
  } cases[] = {
      {"commas, also in kinds and names",
       "===== Run Order =====\n"
       "node type, start, first, avg_ms, %, cdf%, mem KB, times called, name\n"
       "CONV_2D, 0, 0.11, 0.25, 44.8%, 44.8%, 0, 1, [x/Conv2D]:0\n"
       "Convolution (NHWC, QC8) GEMM, 0.1, 0.034, 0.5, 14.5%, 59.4%, 0, 1, [y, z]:1\n",
       "CONV_2D|[x/Conv2D]:0@0|250000|3\nConvolution (NHWC, QC8) GEMM|[y, z]:1@1|500000|4\n", ""},
      {"no start, a delegate's rows, what is no operator",
       "INFO: ===== Run Order =====\n"
       "\t [node type]\t [first]\t [avg ms]\t [%]\t [cdf%]\t [mem KB]\t[times called]\t[Name]\n"
       "\t LiteRT::Run[buffer registration]\t 0.026\t 0.018\t 1.3%\t 1.3%\t 0.000\t 1\tLiteRT::Run/0\n"
       "\t AllocateTensors\t 0.195\t 0.195\t 0.1%\t 1.4%\t 56.0\t 0\tAllocateTensors/0\n"
       "\t Fully Connected (NC, F32) GEMM\t 1.5\t 1.25\t 97%\t 98%\t 0.000\t 1\tDelegate/Fully Connected (NC, F32) "
       "GEMM:1\n",
       "Fully Connected (NC, F32) GEMM|Delegate/Fully Connected (NC, F32) GEMM:1@-|1250000|5\n", ""},
      {"logcat, blanks for tabs, no places",
       "05-31 10:38:42.583 22206 22206 I tflite  : Use gpu: [1]\n"
       "05-31 10:38:42.583 22206 22206 I tflite  : ===== Run Order =====\n"
       "05-31 10:38:42.583 22206 22206 I tflite  :   [node type]   [start]  [first]  [avg ms]   [%]  [cdf%]  [mem KB]  "
       "[times called]  [Name]\n"
       "05-31 10:38:42.583 22206 22206 I tflite  :   CONV_2D   0.000   1.5   1.125   5%   5%   0.000   1   [a]\n",
       "CONV_2D|[a]@-|1125000|4\n", "tflite-gpu"},
      {"only the first table of an order",
       "===== Run Order =====\nnode type, start, first, avg_ms, %, cdf%, mem KB, times called, name\nADD, 0, 1, 2, 1%, "
       "1%, "
       "0, 1, a\n"
       "===== Run Order =====\nnode type, start, first, avg_ms, %, cdf%, mem KB, times called, name\nMUL, 0, 1, 2, 1%, "
       "1%, "
       "0, 1, b\n",
       "ADD|a@-|2000000|3\n", ""},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    const OpLogs logs = parsed(c.text);
    REQUIRE(logs.logs.size() == 1);
    CHECK(text_of(logs.logs[0]) == c.rows);
    CHECK(logs.logs[0].setup == c.setup);
  }
}

TEST_CASE("logs: what cannot be is named by line and column, the rest is used") {
  const std::string table =
      "===== Run Order =====\nnode type, start, first, avg_ms, %, cdf%, mem KB, times called, name\n"
      "ADD, 0, 1, 2, 1%, 1%, 0, 1, a\nMUL, 2, 1, 3, 1%, 1%, 0, 1, b\n";
  const struct {
    const char* what;
    std::string text;
    const char* error;
    std::size_t rows;
    bool whole;
  } cases[] = {
      {"runs that get slower all along", table + "count=50 first=5000 curr=8000 min=4900 max=8100 avg=6500 std=900\n",
       "line 5, column curr: the runs grew from 5 to 8 ms: the device throttled; the series is left out [bad-runs]", 2,
       false},
      {"operators in other units than the run", table + "count=50 first=5000000 curr=5000000 min=4900000 avg=5000000\n",
       "line 5, column avg: the operators take 5.000 ms together, a run 5000.000 ms; one of them is in another unit; "
       "the run is left out [bad-runs]",
       2, false},
      {"operators of something else", table + "count=50 first=9000 curr=9000 min=8900 avg=9000 std=3\n",
       "line 5, column avg: the operators take 5.000 ms together, a run 9.000 ms; the run is left out [bad-runs]", 2,
       false},
      {"a time that is none",
       "model,index,op,avg_ms\nnet,0,CONV_2D,1\nnet,1,ADD,fast\nnet,2,ADD,-1\nnet,3,ADD,\n,4,ADD,1\nnet,0,CONV_2D,2\n",
       "line 3, column avg_ms: \"fast\" is not a number [bad-runs]", 1, false},
      {"layers whose times drift",
       "Convolution a 1.00ms |\nConvolution a 1.01ms |\nConvolution a 0.99ms |\nConvolution a 1.00ms |\n"
       "Convolution a 1.40ms |\nConvolution a 1.50ms |\n",
       "line 5, column time: from this run on layers take 1.50 ms together, before 1.00 ms: the device throttled; "
       "these "
       "runs are left out [bad-runs]",
       1, false},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    const OpLogs logs = parsed(c.text);
    REQUIRE(logs.logs.size() == 1);
    REQUIRE_FALSE(logs.errors.empty());
    CHECK(logs.errors[0].text() == c.error);
    CHECK(logs.logs[0].ops.size() == c.rows);
    CHECK(logs.logs[0].whole.has_value() == c.whole);
  }
  const OpLogs table_rows = parsed(cases[3].text);
  REQUIRE(table_rows.errors.size() == 5);
  CHECK(table_rows.errors[1].text() == "line 4, column avg_ms: -1 is negative [bad-runs]");
  CHECK(table_rows.errors[2].text() == "line 5, column avg_ms: no avg_ms is given [bad-runs]");
  CHECK(table_rows.errors[3].text() == "line 6, column model: no model is given [bad-runs]");
  CHECK(table_rows.errors[4].text() == "line 7, column index: the same operator stands in line 2 [bad-runs]");
}

TEST_CASE("runs that only scatter are not taken for throttled") {
  const struct {
    double mean, first, last, least;
    bool throttled;
  } series[] = {
      {10, 10, 10.2, 9.8, false},   // steady
      {10, 14, 9.9, 9.8, false},    // a slow first run
      {10, 9.5, 14, 9.4, true},     // a mean half way between first and last
      {10, 9.9, 14, 9.8, false},    // one slow run at the end
      {10, 9.5, 10.9, 9.4, false},  // a tenth more
  };
  for (const auto& s : series) {
    LoggedSeries one;
    one.mean_ms = s.mean, one.first_ms = s.first, one.last_ms = s.last, one.least_ms = s.least;
    INFO(s.first << " " << s.last);
    CHECK(throttled(one).has_value() == s.throttled);
  }
  CHECK(drift_start({1, 1.1, 0.9, 1, 1.05, 1}) == std::nullopt);
  CHECK(drift_start({1, 1, 1, 1.2, 1.3, 1.4}) == 3);
  CHECK(drift_start({1, 1, 1, 1.2, 1, 1}) == std::nullopt);
  CHECK(drift_start({1, 1, 1.2, 1.3}) == std::nullopt);  // too few to say
  CHECK(drift_start({1, 1.2, 1.4, 1.6, 1.8, 2}) == 2);   // slower all along
}

TEST_CASE("ncnn's layers: the median of the runs, one row a layer") {
  const OpLogs logs = parsed(
      "loading\n"
      "Convolution              conv1     1.00ms    |     [224, 224,   3 *1] -> [112, 112,   8 *4]   kernel: 3 x 3\n"
      "ReLU                     relu1     0.25ms    |     [112, 112,   8 *4] -> [112, 112,   8 *4]\n"
      "Convolution              conv1     3.00ms    |\nReLU                     relu1     0.50ms    |\n"
      "Convolution              conv1     1.50ms    |\nReLU                     relu1     0.75ms    |\n"
      "Convolution              conv1     9.50ms    |\n");  // cut off
  REQUIRE(logs.logs.size() == 1);
  CHECK(text_of(logs.logs[0]) == "Convolution|conv1@-|1500000|2\nReLU|relu1@-|500000|3\n");
}

TEST_CASE("benchncnn: networks, the setup from the settings, disturbed rows left out") {
  const OpLogs logs = parsed(
      "loop_count = 8\nnum_threads = 4\npowersave = 2\ngpu_device = -1\ncooling_down = 1\n"
      "          squeezenet  min =    5.40  max =    5.70  avg =    5.57\n"
      "             resnet18  min =    5.00  max =   25.70  avg =   10.57\n");
  REQUIRE(logs.logs.size() == 1);
  CHECK(logs.logs[0].model == "squeezenet");
  CHECK(logs.logs[0].setup == "ncnn-cpu-4big");
  CHECK(logs.logs[0].whole->mean_ms == 5.57);
  REQUIRE(logs.errors.size() == 1);
  CHECK(logs.errors[0].text() ==
        "line 7, column avg: the mean of 10.57 ms is more than twice the fastest run of 5 ms: the runs were disturbed; "
        "it is left out [bad-runs]");
}

TEST_CASE("tables by operator: columns by their names, microseconds where they say so") {
  const OpLogs logs =
      parsed("tflite,op_index,op,time_us,energy_J\na.tflite,0,CONV_2D,1500,0.1\nb.tflite,0,ADD,20,0.1\n");
  REQUIRE(logs.logs.size() == 2);
  CHECK(logs.logs[0].model == "a.tflite");
  CHECK(text_of(logs.logs[0]) == "CONV_2D|@0|1500000|2\n");
  CHECK(text_of(logs.logs[1]) == "ADD|@0|20000|3\n");
}

TEST_CASE("other texts are no logs") {
  for (const char* text :
       {"", "model,device,setup,latency_ms\nm,d,s,1\n", "model,device,setup,latency_ms,ops\nm,d,s,1,7\n",
        "hello | world\n", "index,op,avg_ms\n1,ADD,2\n"}) {
    CHECK_FALSE(is_op_log(text));
  }
}
