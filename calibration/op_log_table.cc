// SPDX-License-Identifier: Apache-2.0
// Plain tables of operators, and what all readers of logs share.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <tuple>

#include "base/csv.h"
#include "base/text.h"
#include "calibration/op_log_readers.h"

namespace nngauge {
namespace {

struct TimeColumn {
  const char* name;
  double per_ms;  // units in a millisecond
};
// The mean counts before the median, which sums to less than a whole inference.
constexpr std::array kTimes = {TimeColumn{"avg_ms", 1},    TimeColumn{"mean_ms", 1},   TimeColumn{"latency_ms", 1},
                               TimeColumn{"time_ms", 1},   TimeColumn{"median_ms", 1}, TimeColumn{"ms", 1},
                               TimeColumn{"avg_us", 1e3},  TimeColumn{"mean_us", 1e3}, TimeColumn{"latency_us", 1e3},
                               TimeColumn{"time_us", 1e3}, TimeColumn{"us", 1e3}};
constexpr std::array kModels = {"model", "network", "tflite", "graph", "file"};
constexpr std::array kIndices = {"index", "op_index", "layer_index"};
constexpr std::array kKinds = {"op", "type", "op_type", "node type", "layer_type"};

template <std::size_t N>
std::string first_of(const CsvTable& table, const std::array<const char*, N>& names) {
  for (const char* name : names) {
    if (table.has(name)) return name;
  }
  return "";
}

const TimeColumn* time_column(const CsvTable& table) {
  for (const TimeColumn& column : kTimes) {
    if (table.has(column.name)) return &column;
  }
  return nullptr;
}

struct Columns {
  std::string model, index, kind;
  const TimeColumn* time = nullptr;
  [[nodiscard]] bool complete() const { return !model.empty() && !index.empty() && !kind.empty() && time != nullptr; }
};

Columns columns_of(const CsvTable& table) {
  return {first_of(table, kModels), first_of(table, kIndices), first_of(table, kKinds), time_column(table)};
}

Result<LoggedOp> read_row(const CsvTable& table, const CsvRecord& row, const Columns& columns) {
  LoggedOp out;
  out.line = row.line;
  NNGAUGE_TRY(out.kind, table.text(row, columns.kind));
  out.name = table.field(row, "name");
  NNGAUGE_TRY(const auto index, table.number(row, columns.index, true, true));
  if (*index > 1e9 || *index != std::floor(*index)) {
    return table.error_at(row, columns.index, table.field(row, columns.index) + " is not a place in a graph");
  }
  out.index = static_cast<std::int64_t>(*index);
  NNGAUGE_TRY(const auto time, table.number(row, columns.time->name, true, true));
  out.ms = *time / columns.time->per_ms;
  return out;
}

}  // namespace

std::vector<std::string_view> log_lines(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back(line);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return out;
}

std::optional<double> log_number(std::string_view text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return std::nullopt;
  text = trim(text.substr(0, text.size() - suffix.size()));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && std::isfinite(value) && value >= 0 ? std::optional(value) : std::nullopt;
}

Error log_error(std::int64_t line, std::string_view column, std::string message) {
  const std::string place = "line " + std::to_string(line) + (column.empty() ? "" : ", column " + std::string(column));
  return make_error(ErrorCode::kBadRuns, std::move(message)).at(place);
}

// A series whose runs only scatter ends near its mean. The last run above the mean and the mean above the first run by
// more than the scatter, together by a fifth, is a trend.
std::optional<std::string> throttled(const LoggedSeries& series) {
  constexpr double kLeastRise = 1.2, kStep = 1.05;
  if (!series.first_ms || !series.last_ms || *series.first_ms <= 0) return std::nullopt;
  const double start = std::min(*series.first_ms, series.least_ms.value_or(*series.first_ms) * kStep);
  const bool rises = series.mean_ms > kStep * start && *series.last_ms > kStep * series.mean_ms;
  if (!rises || *series.last_ms < kLeastRise * start) return std::nullopt;
  if (*series.first_ms > series.mean_ms) return std::nullopt;
  return "the runs grew from " + shortest(*series.first_ms) + " to " + shortest(*series.last_ms) +
         " ms: the device throttled; the series is left out";
}

std::optional<std::size_t> drift_start(const std::vector<double>& times) {
  constexpr double kLeastRise = 0.1, kScatters = 1.5;
  constexpr std::size_t kFewest = 6, kLeastPart = 2;
  const std::size_t n = times.size();
  if (n < kFewest) return std::nullopt;
  std::vector<double> least_after(n), sum_after(n);
  for (std::size_t i = n; i-- > 0;) {
    least_after[i] = i + 1 < n ? std::min(times[i], least_after[i + 1]) : times[i];
    sum_after[i] = times[i] + (i + 1 < n ? sum_after[i + 1] : 0);
  }
  std::optional<std::size_t> best;
  double most = 0, sum = 0, low = times[0], high = times[0];
  for (std::size_t k = 1; k + kLeastPart <= n; ++k) {
    sum += times[k - 1], low = std::min(low, times[k - 1]), high = std::max(high, times[k - 1]);
    if (k < kLeastPart) continue;
    const double before = sum / static_cast<double>(k), after = sum_after[k] / static_cast<double>(n - k);
    const double scatter = std::max(high - before, before - low);
    if (after < (1 + kLeastRise) * before || least_after[k] < high) continue;
    if (least_after[k] - before < kScatters * scatter) continue;
    if (const double rise = after / before; rise > most) best = k, most = rise;
  }
  return best;
}

bool is_op_table(std::string_view text) {
  const CsvTable header(text.substr(0, text.find('\n')), ErrorCode::kBadRuns);
  return columns_of(header).complete() && !header.has("ops");
}

OpLogs read_op_table(std::string_view text) {
  const CsvTable table(text, ErrorCode::kBadRuns);
  const Columns columns = columns_of(table);
  OpLogs out;
  std::map<std::string, std::size_t> known;
  std::map<std::tuple<std::size_t, std::int64_t, std::string, std::string>, std::int64_t> seen;
  for (const CsvRecord& row : table.rows()) {
    const std::string model = table.field(row, columns.model);
    if (model.empty()) {
      out.errors.push_back(table.error_at(row, columns.model, "no " + columns.model + " is given"));
      continue;
    }
    Result<LoggedOp> op = read_row(table, row, columns);
    if (!op) {
      out.errors.push_back(op.error());
      continue;
    }
    const auto [place, fresh] = known.emplace(model, out.logs.size());
    if (fresh) out.logs.emplace_back().model = model;
    OpLog& log = out.logs[place->second];
    const auto [first, once] = seen.emplace(std::tuple(place->second, *op->index, op->kind, op->name), op->line);
    if (!once) {
      out.errors.push_back(
          table.error_at(row, columns.index, "the same operator stands in line " + std::to_string(first->second)));
      continue;
    }
    log.ops.push_back(std::move(op).value());
  }
  return out;
}

}  // namespace nngauge
