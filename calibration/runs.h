// SPDX-License-Identifier: Apache-2.0
// Owns: the table of measured runs: model,device,setup,latency_ms[,latency_std_ms][,energy_mj][,family][,ops].
// `ops` is an operator's place in the graph ("7"), several ("7-9"), or "input": what it takes to bring the input there.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calibration/timed_kernels.h"
#include "cost/model_kernels.h"
#include "graph/graph.h"

namespace nngauge {

struct Run {
  std::string model;  // path relative to the table, or the id of a bundled graph
  std::string device, setup;
  double latency_ms = 0;                    // > 0
  std::optional<double> latency_std_ms;     // >= 0
  std::optional<double> energy_mj;          // > 0
  std::string family;                       // empty: the model is a family of its own
  std::optional<OpRange> ops;               // these operators alone, where a log times them one by one; else all
  std::int64_t line = 0;                    // in the table, from 1
  std::string table;                        // its path where runs come from several; else empty
  [[nodiscard]] std::string place() const;  // "line 7", "more.csv: line 7"
};

struct RunTable {
  std::vector<Run> runs;      // in the order of the table
  std::vector<Error> errors;  // kBadRuns, one per row that is left out: "line 7, column latency_ms: …"
  bool has_energy = false, has_family = false;   // the header has that column
  std::vector<TimedKernel> timed_kernels = {};   // of the same devices, from tables of their own (timed_kernels.h)
  std::map<std::string, std::string> gpus = {};  // what GPU a device has, where that is known
};

// What runs are of that do not say it themselves; empty: they must.
struct RunDefaults {
  std::string model, device, setup;
};

// Reads a table: RFC 4180 quoting, LF or CRLF, columns in any order, unknown columns ignored, empty lines skipped.
// Errors: kBadRuns where the header lacks a column or no row is there at all.
Result<RunTable> parse_runs(std::string_view csv, const RunDefaults& defaults = {});

// Puts the runs of another table behind those of `table`. Rows that stand in both are errors; the first counts.
void add_runs(RunTable& table, RunTable more);

// Puts measured kernels with the runs of the same networks, which say what family those are of.
void add_timed_kernels(RunTable& table, TimedKernelTable kernels);

// Gives the completed model that a run names. Called once per distinct name.
// Errors are listed against the rows that name it, which are left out.
using ModelLoader = std::function<Result<std::shared_ptr<const Model>>(const std::string& name)>;

}  // namespace nngauge
