// SPDX-License-Identifier: Apache-2.0
// Owns: measured runs as files: the tables that are part of the program or given by --runs, and the models they name.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "calibration/runs.h"
#include "report/document.h"

namespace nngauge {

struct LoadedRuns {
  RunTable table;
  std::string path;                          // as given, the first of several; empty for the bundled ones
  ModelLoader load;                          // of the models that the table names
  std::vector<std::string> more_paths = {};  // of the tables behind the first
};

// Errors: kUnreadable, kBadRuns.
// A log by operator (op_log.h) is taken as a table of runs of its network's parts.
Result<LoadedRuns> load_runs(const std::string& path, const RunDefaults& defaults = {});
// Puts a further table with the runs; the places of its rows name it. Errors: as above.
Status add_runs(LoadedRuns& runs, const std::string& path, const RunDefaults& defaults);
// Puts the kernels of a table with the runs. Errors: as above.
Status add_kernels(LoadedRuns& runs, const std::string& path);
// All bundled tables as one. Errors: kBadRuns (a defect of the build).
Result<LoadedRuns> bundled_runs();

// The ids of the bundled networks, sorted; not those of graphs of parts that were timed by themselves (graphs/parts).
std::vector<std::string> bundled_graph_ids();

// Errors of rows as inputs that failed.
std::vector<FailedInput> failed_rows(const LoadedRuns& runs, const std::vector<Error>& errors);

}  // namespace nngauge
