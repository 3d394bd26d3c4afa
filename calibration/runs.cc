// SPDX-License-Identifier: Apache-2.0
#include "calibration/runs.h"

#include <charconv>
#include <map>
#include <tuple>

#include "base/csv.h"
#include "base/text.h"

namespace nngauge {
namespace {

// "7", "7-9" or "input"; empty: the whole model.
Result<std::optional<OpRange>> read_ops(const CsvTable& table, const CsvRecord& row) {
  const std::string text(table.field(row, "ops"));
  if (text.empty()) return std::optional<OpRange>();
  if (text == "input") return std::optional(OpRange{-1, -1});
  OpRange out;
  const char* end = text.data() + text.size();
  auto [next, error] = std::from_chars(text.data(), end, out.first);
  out.last = out.first;
  if (error == std::errc{} && next != end && *next == '-') {
    const std::from_chars_result more = std::from_chars(next + 1, end, out.last);
    next = more.ptr, error = more.ec;
  }
  if (error != std::errc{} || next != end || out.first < 0 || out.last < out.first) {
    return table.error_at(row, "ops", quoted(text) + " is neither an operator's place, a range of them, nor \"input\"");
  }
  return std::optional(out);
}

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
  NNGAUGE_TRY(run.ops, read_ops(table, row));
  return run;
}

}  // namespace

Result<RunTable> parse_runs(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kBadRuns);
  NNGAUGE_CHECK(table.require({"model", "device", "setup", "latency_ms"}));
  RunTable out;
  out.has_energy = table.has("energy_mj"), out.has_family = table.has("family");
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::int64_t> seen;
  for (const CsvRecord& row : table.rows()) {
    Result<Run> run = read_run(table, row);
    if (!run) {
      out.errors.push_back(run.error());
      continue;
    }
    const auto [first, fresh] =
        seen.emplace(std::tuple(run->model, run->device, run->setup, std::string(table.field(row, "ops"))), run->line);
    if (!fresh) {
      out.errors.push_back(table.error_at(
          row, "model", "the same model, device and setup stand in line " + std::to_string(first->second)));
      continue;
    }
    out.runs.push_back(std::move(run).value());
  }
  return out;
}

void add_timed_kernels(RunTable& table, TimedKernelTable kernels) {
  std::map<std::string, std::string> families;
  for (const Run& run : table.runs) {
    if (!run.family.empty()) families.emplace(run.model, run.family);
  }
  for (TimedKernel& run : kernels.runs) {
    if (const auto family = families.find(run.model); family != families.end()) run.family = family->second;
    table.timed_kernels.push_back(std::move(run));
  }
  table.errors.insert(table.errors.end(), kernels.errors.begin(), kernels.errors.end());
}

}  // namespace nngauge
