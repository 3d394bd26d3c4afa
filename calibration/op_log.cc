// SPDX-License-Identifier: Apache-2.0
#include "calibration/op_log.h"

#include "base/text.h"
#include "calibration/op_log_readers.h"

namespace nngauge {

bool is_op_log(std::string_view text) {
  return is_tflite_log(text) || is_ncnn_layer_log(text) || is_benchncnn_log(text) || is_op_table(text);
}

Result<OpLogs> parse_op_log(std::string_view text) {
  OpLogs out = is_op_table(text)         ? read_op_table(text)
               : is_tflite_log(text)     ? read_tflite_log(text)
               : is_ncnn_layer_log(text) ? read_ncnn_layer_log(text)
                                         : read_benchncnn_log(text);
  std::erase_if(out.logs, [](const OpLog& log) { return log.ops.empty() && !log.whole; });
  if (out.logs.empty() && out.errors.empty())
    return make_error(ErrorCode::kBadRuns, "the log has no row that can be used");
  if (out.logs.empty()) return out.errors.front();
  return out;
}

}  // namespace nngauge
