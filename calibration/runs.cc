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
    return table.error_at(row, "ops",
                          in_quotes(text) + " is neither an operator's place, a range of them, nor \"input\"");
  }
  return std::optional(out);
}

Result<std::string> text_or(const CsvTable& table, const CsvRecord& row, const char* column, const std::string& other) {
  return !other.empty() && table.field(row, column).empty() && !row.open_quote ? other : table.text(row, column);
}

Result<Run> read_run(const CsvTable& table, const CsvRecord& row, const RunDefaults& defaults) {
  Run run;
  run.line = row.line;
  NNGAUGE_TRY(run.model, text_or(table, row, "model", defaults.model));
  NNGAUGE_TRY(run.device, text_or(table, row, "device", defaults.device));
  NNGAUGE_TRY(run.setup, text_or(table, row, "setup", defaults.setup));
  NNGAUGE_TRY(const std::optional<double> latency, table.number(row, "latency_ms", false, true));
  run.latency_ms = *latency;
  NNGAUGE_TRY(run.latency_std_ms, table.number(row, "latency_std_ms", true, false));
  NNGAUGE_TRY(run.energy_mj, table.number(row, "energy_mj", false, false));
  run.family = table.field(row, "family");
  NNGAUGE_TRY(run.ops, read_ops(table, row));
  return run;
}

std::string ops_text(const Run& run) {
  return run.ops ? std::to_string(run.ops->first) + "-" + std::to_string(run.ops->last) : "";
}

}  // namespace

std::string Run::place() const { return (table.empty() ? "" : table + ": ") + "line " + std::to_string(line); }

Result<RunTable> parse_runs(std::string_view csv, const RunDefaults& defaults) {
  const CsvTable table(csv, ErrorCode::kBadRuns);
  std::vector<std::string> needed;
  if (defaults.model.empty()) needed.emplace_back("model");
  if (defaults.device.empty()) needed.emplace_back("device");
  if (defaults.setup.empty()) needed.emplace_back("setup");
  needed.emplace_back("latency_ms");
  NNGAUGE_CHECK(table.require(needed));
  RunTable out;
  out.has_energy = table.has("energy_mj"), out.has_family = table.has("family");
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::int64_t> seen;
  for (const CsvRecord& row : table.rows()) {
    Result<Run> run = read_run(table, row, defaults);
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

void add_runs(RunTable& table, RunTable more) {
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::string> seen;
  for (const Run& run : table.runs)
    seen.emplace(std::tuple(run.model, run.device, run.setup, ops_text(run)), run.place());
  table.errors.insert(table.errors.end(), more.errors.begin(), more.errors.end());
  for (Run& run : more.runs) {
    const auto first = seen.find(std::tuple(run.model, run.device, run.setup, ops_text(run)));
    if (first == seen.end()) {
      table.runs.push_back(std::move(run));
      continue;
    }
    table.errors.push_back(make_error(ErrorCode::kBadRuns, "the same model, device and setup stand in " + first->second)
                               .at(run.place() + ", column model"));
  }
  table.has_energy = table.has_energy || more.has_energy;
  table.has_family = table.has_family || more.has_family;
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
