// SPDX-License-Identifier: Apache-2.0
#include "calibration/runs.h"

#include <map>
#include <tuple>

#include "base/csv.h"

namespace nngauge {
namespace {

Result<Run> read_run(const CsvTable& table, const CsvRecord& row) {
  Run run;
  run.line = row.line;
  NNGAUGE_TRY(run.model, table.text(row, "model"));
  NNGAUGE_TRY(run.device, table.text(row, "device"));
  NNGAUGE_TRY(run.setup, table.text(row, "setup"));
  NNGAUGE_TRY(const std::optional<double> latency, table.number(row, "latency_ms", false, true));
  run.latency_ms = *latency;
  NNGAUGE_TRY(run.latency_std_ms, table.number(row, "latency_std_ms", true, false));
  NNGAUGE_TRY(run.energy_mj, table.number(row, "energy_mj", false, false));
  run.family = table.field(row, "family");
  return run;
}

}  // namespace

Result<RunTable> parse_runs(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kBadRuns);
  NNGAUGE_CHECK(table.require({"model", "device", "setup", "latency_ms"}));
  RunTable out;
  out.has_energy = table.has("energy_mj"), out.has_family = table.has("family");
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> seen;
  for (const CsvRecord& row : table.rows()) {
    Result<Run> run = read_run(table, row);
    if (!run) {
      out.errors.push_back(run.error());
      continue;
    }
    const auto [first, fresh] = seen.emplace(std::tuple(run->model, run->device, run->setup), run->line);
    if (!fresh) {
      out.errors.push_back(table.error_at(
          row, "model", "the same model, device and setup stand in line " + std::to_string(first->second)));
      continue;
    }
    out.runs.push_back(std::move(run).value());
  }
  return out;
}

}  // namespace nngauge
