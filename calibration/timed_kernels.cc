// SPDX-License-Identifier: Apache-2.0
#include "calibration/timed_kernels.h"

#include <array>

#include "base/csv.h"
#include "base/text.h"

namespace nngauge {
namespace {

struct Column {
  const char* name;
  double KernelShape::*number;
};
constexpr std::array<Column, kShapeNumbers> kNumbers = {{
    {"in", &KernelShape::in},
    {"channels", &KernelShape::channels},
    {"out", &KernelShape::out},
    {"taps", &KernelShape::taps},
    {"stride", &KernelShape::stride},
    {"filters", &KernelShape::filters},
    {"groups", &KernelShape::groups},
    {"links", &KernelShape::links},
    {"specials", &KernelShape::specials},
}};

Result<TimedKernel> read_run(const CsvTable& table, const CsvRecord& row) {
  TimedKernel run;
  NNGAUGE_TRY(run.model, table.text(row, "model"));
  NNGAUGE_TRY(run.device, table.text(row, "device"));
  NNGAUGE_TRY(run.setup, table.text(row, "setup"));
  NNGAUGE_TRY(run.klass, table.text(row, "kernel"));
  if (!has_curve_terms(run.klass)) {
    return table.error_at(row, "kernel", "there is no kernel " + in_quotes(run.klass));
  }
  run.family = run.model;
  for (const Column& column : kNumbers) {
    NNGAUGE_TRY(const auto number, table.number(row, column.name, true, true));
    run.shape.*column.number = *number;
  }
  NNGAUGE_TRY(const auto latency, table.number(row, "latency_us", false, true));
  run.latency_us = *latency;
  return run;
}

}  // namespace

Result<TimedKernelTable> parse_timed_kernels(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kBadRuns);
  NNGAUGE_CHECK(table.require({"model", "device", "setup", "kernel", "latency_us"}));
  TimedKernelTable out;
  for (const CsvRecord& row : table.rows()) {
    Result<TimedKernel> run = read_run(table, row);
    if (run) out.runs.push_back(std::move(run).value());
    else out.errors.push_back(run.error());
  }
  return out;
}

}  // namespace nngauge
