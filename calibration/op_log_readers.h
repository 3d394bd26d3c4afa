// SPDX-License-Identifier: Apache-2.0
// Owns: one reader per kind of log, for op_log.cc alone.
#pragma once

#include <string_view>
#include <vector>

#include "calibration/op_log.h"

namespace nngauge {

// Lines of a text without their ends; the number of a line is its place + 1.
std::vector<std::string_view> log_lines(std::string_view text);
// A finite number >= 0 at the start of `text`, and nothing but `suffix` behind it; nullopt otherwise.
std::optional<double> log_number(std::string_view text, std::string_view suffix = "");
Error log_error(std::int64_t line, std::string_view column, std::string message);

// A series of runs that ends much slower than it began, all along: the phone throttled.
std::optional<std::string> throttled(const LoggedSeries& series);
// From which run on a sequence of whole times is slower than those before, in a trend beyond their noise.
std::optional<std::size_t> drift_start(const std::vector<double>& times);

bool is_tflite_log(std::string_view text);
OpLogs read_tflite_log(std::string_view text);
bool is_ncnn_layer_log(std::string_view text);
OpLogs read_ncnn_layer_log(std::string_view text);
bool is_benchncnn_log(std::string_view text);
OpLogs read_benchncnn_log(std::string_view text);
// A table with columns model, index, op or type, and a time.
bool is_op_table(std::string_view text);
OpLogs read_op_table(std::string_view text);

}  // namespace nngauge
