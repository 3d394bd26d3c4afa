// SPDX-License-Identifier: Apache-2.0
// Owns: which operators of a network the rows of a log are, and so the log as runs of parts of it (Run::ops).
#pragma once

#include <vector>

#include "calibration/op_log.h"
#include "calibration/runs.h"
#include "graph/fusion.h"

namespace nngauge {

struct LogRuns {
  std::vector<Run> runs;      // those of parts, one a kernel; then the whole network, where the log times it
  std::vector<Error> errors;  // kBadRuns: "line 7, column op: …"
};

// Rows go with operators by kind and order, as many as can without crossing; several rows of one kernel are one run.
// Rows of views and of what takes next to no time give no run. `base` gives model, device, setup and table.
// A log most of whose time goes with no operator is of another network: one error, no run of parts.
LogRuns runs_of_log(const OpLog& log, const Model& model, const FusionRules& rules, const Run& base);

}  // namespace nngauge
