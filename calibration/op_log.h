// SPDX-License-Identifier: Apache-2.0
// Owns: logs in which other tools time a network operator by operator, or many networks whole: what stands in them.
// Read are the text and the CSV of TFLite's benchmark_model, ncnn's layer times and benchncnn, and plain tables with
// the columns model, index, op (or type) and a time. Not here: which operators of a graph the rows are (log_runs.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nngauge {

struct LoggedOp {
  std::string kind;                   // as the log writes it: "CONV_2D", "ConvolutionDepthWise"
  std::string name;                   // may be empty
  std::optional<std::int64_t> index;  // the operator's place in its graph, where the log says it
  double ms = 0;                      // >= 0
  std::int64_t line = 0;              // of the log, from 1
};

// A series of whole inferences.
struct LoggedSeries {
  double mean_ms = 0;
  std::optional<double> std_ms, first_ms, last_ms, least_ms;
  std::int64_t line = 0;
};

// What a log says of one network.
struct OpLog {
  std::string model;  // as the log names it; empty: it does not
  std::string setup;  // "tflite-cpu-4threads", without precision; empty: the log does not say enough
  std::vector<LoggedOp> ops;
  std::optional<LoggedSeries> whole;
};

struct OpLogs {
  std::vector<OpLog> logs;
  std::vector<Error> errors;  // kBadRuns: rows and series that are left out, "line 7, column avg_ms: …"
};

// Whether the text is such a log and not a table of runs (runs.h).
bool is_op_log(std::string_view text);
// Errors: kBadRuns where there is nothing that can be used.
Result<OpLogs> parse_op_log(std::string_view text);

}  // namespace nngauge
