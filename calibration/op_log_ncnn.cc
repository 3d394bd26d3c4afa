// SPDX-License-Identifier: Apache-2.0
// ncnn: times of layers ("Convolution  conv1  0.44ms | [224, 224, 3 *1] -> …"), all layers again for every run, and the
// summary of benchncnn ("mobilenet  min = 5.40  max = 5.70  avg = 5.57").
#include <algorithm>
#include <map>

#include "base/text.h"
#include "calibration/op_log_readers.h"
#include "calibration/statistics.h"

namespace nngauge {
namespace {

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> out;
  std::size_t i = 0;
  while ((i = line.find_first_not_of(" \t", i)) != std::string_view::npos) {
    const std::size_t end = std::min(line.find_first_of(" \t", i), line.size());
    out.emplace_back(line.substr(i, end - i));
    i = end;
  }
  return out;
}

// "Type name 0.44ms |", with whatever stands in front; nullopt: another line.
std::optional<Result<LoggedOp>> read_layer(std::string_view line, std::int64_t number) {
  const std::size_t bar = line.find('|');
  if (bar == std::string_view::npos) return std::nullopt;
  const std::vector<std::string> parts = words(line.substr(0, bar));
  if (parts.size() < 3 || !parts.back().ends_with("ms")) return std::nullopt;
  const std::optional<double> ms = log_number(parts.back(), "ms");
  if (!ms) return log_error(number, "time", in_quotes(parts.back()) + " is not a time");
  LoggedOp out;
  out.kind = parts[parts.size() - 3], out.name = parts[parts.size() - 2], out.ms = *ms, out.line = number;
  return out;
}

// Runs of all layers -> each layer once, with the median of its times; later runs that drift away are left out.
OpLog merged(const std::vector<std::vector<LoggedOp>>& runs, std::vector<Error>& errors) {
  std::vector<double> totals;
  for (const auto& run : runs) {
    double sum = 0;
    for (const LoggedOp& op : run) sum += op.ms;
    totals.push_back(sum);
  }
  std::size_t used = runs.size();
  if (const auto start = drift_start(totals)) {
    used = *start;
    errors.push_back(
        log_error(runs[*start].front().line, "time",
                  "from this run on layers take " + fixed(totals.back(), 2) + " ms together, before " +
                      fixed(median({totals.begin(), totals.begin() + static_cast<std::ptrdiff_t>(*start)}), 2) +
                      " ms: the device throttled; these runs are left out"));
  }
  OpLog out;
  for (std::size_t i = 0; i < runs.front().size(); ++i) {
    std::vector<double> times;
    for (std::size_t r = 0; r < used; ++r) {
      if (i < runs[r].size()) times.push_back(runs[r][i].ms);
    }
    out.ops.push_back(runs.front()[i]);
    out.ops.back().ms = median(std::move(times));
  }
  return out;
}

struct Summary {
  std::string name;
  double least = 0, most = 0, mean = 0;
};

std::optional<Summary> read_summary(std::string_view line) {
  const std::size_t least = line.find("min ="), most = line.find("max ="), mean = line.find("avg =");
  if (least == std::string_view::npos || most == std::string_view::npos || mean == std::string_view::npos)
    return std::nullopt;
  const auto number = [&](std::size_t at) {
    const std::vector<std::string> rest = words(line.substr(at + 5));
    return rest.empty() ? std::nullopt : log_number(rest.front());
  };
  const std::vector<std::string> name = words(line.substr(0, least));
  if (name.empty() || !number(least) || !number(most) || !number(mean)) return std::nullopt;
  return Summary{name.back(), *number(least), *number(most), *number(mean)};
}

}  // namespace

bool is_ncnn_layer_log(std::string_view text) {
  for (const std::string_view line : log_lines(text)) {
    if (read_layer(line, 0)) return true;
  }
  return false;
}

OpLogs read_ncnn_layer_log(std::string_view text) {
  OpLogs out;
  std::vector<std::vector<LoggedOp>> runs(1);
  std::int64_t number = 0;
  for (const std::string_view line : log_lines(text)) {
    const std::optional<Result<LoggedOp>> layer = read_layer(line, ++number);
    if (!layer) continue;
    if (!*layer) {
      out.errors.push_back(layer->error());
      continue;
    }
    const bool again = !runs.back().empty() && runs.back().front().name == (*layer)->name &&
                       runs.back().front().kind == (*layer)->kind;
    if (again) runs.emplace_back();
    runs.back().push_back(**layer);
  }
  if (runs.size() > 1 && runs.back().size() < runs.front().size()) runs.pop_back();  // cut off
  if (!runs.front().empty()) out.logs.push_back(merged(runs, out.errors));
  return out;
}

bool is_benchncnn_log(std::string_view text) {
  for (const std::string_view line : log_lines(text)) {
    if (read_summary(line)) return true;
  }
  return false;
}

OpLogs read_benchncnn_log(std::string_view text) {
  constexpr double kDisturbed = 2;  // a mean so many times the fastest run is of runs that something else slowed down
  OpLogs out;
  std::map<std::string, std::string> settings;
  std::int64_t number = 0;
  for (const std::string_view line : log_lines(text)) {
    ++number;
    if (const std::optional<Summary> summary = read_summary(line)) {
      if (summary->mean <= 0) {
        out.errors.push_back(log_error(number, "avg", "0 is not greater than 0"));
      } else if (summary->mean > kDisturbed * summary->least) {
        out.errors.push_back(log_error(number, "avg",
                                       "the mean of " + shortest(summary->mean) +
                                           " ms is more than twice the fastest run of " + shortest(summary->least) +
                                           " ms: the runs were disturbed; it is left out"));
      } else {
        OpLog& log = out.logs.emplace_back();
        log.model = summary->name;
        LoggedSeries series;
        series.mean_ms = summary->mean, series.least_ms = summary->least, series.line = number;
        log.whole = series;
      }
      continue;
    }
    const std::vector<std::string> parts = words(line);
    if (parts.size() >= 3 && parts[parts.size() - 2] == "=") settings[parts[parts.size() - 3]] = parts.back();
  }
  const std::string threads = settings["num_threads"], cores = settings["powersave"], gpu = settings["gpu_device"];
  std::string setup;
  if (!gpu.empty() && gpu != "-1") setup = "ncnn-gpu";
  else if (!threads.empty()) setup = "ncnn-cpu-" + threads + (cores == "1" ? "little" : cores == "2" ? "big" : "all");
  for (OpLog& log : out.logs) log.setup = setup;
  return out;
}

}  // namespace nngauge
