// SPDX-License-Identifier: Apache-2.0
// Owns: logs by operator as runs: which network and setup each is of, beside what the caller says.
#pragma once

#include <string>

#include "calibration/op_log.h"
#include "calibration/runs.h"

namespace nngauge {

// A network is looked for by the log's name for it: a file of that name in `folder`, a bundled graph of that id, also
// where only its signs or what stands in front differ (mobilenet_v1_1.0_224 is mobilenet_v1_10_224). Logs whose network
// or setup stays unknown are errors of the table.
RunTable runs_of_logs(const OpLogs& logs, const RunDefaults& defaults, const ModelLoader& load,
                      const std::string& folder);

}  // namespace nngauge
