// SPDX-License-Identifier: Apache-2.0
#include "calibration/power_fit.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/csv.h"
#include "calibration/nnls.h"
#include "calibration/statistics.h"
#include "cost/energy_model.h"

namespace nngauge {
namespace {

using Runs = std::vector<const PowerRun*>;

// The law with that slope, by least squares; every clock of the runs is a row of its tables.
PowerLaw with_slope(const Runs& runs, std::optional<double> idle_mw, double slope, double reference_ms) {
  std::set<double> clocks, hosts;
  for (const PowerRun* run : runs) clocks.insert(run->freq_mhz), hosts.insert(run->host_freq_mhz);
  const std::vector<double> clock(clocks.begin(), clocks.end()), host(hosts.begin(), hosts.end());
  std::vector<std::vector<double>> a;
  std::vector<double> b;
  for (const PowerRun* run : runs) {
    std::vector<double> row(clock.size() + host.size() - 1, 0.0);
    const auto at = std::lower_bound(clock.begin(), clock.end(), run->freq_mhz) - clock.begin();
    row[static_cast<std::size_t>(at)] = (1 + slope * std::log(run->latency_ms / reference_ms)) / run->power_mw;
    const auto host_at = std::lower_bound(host.begin(), host.end(), run->host_freq_mhz) - host.begin();
    if (host_at > 0) row[clock.size() + static_cast<std::size_t>(host_at) - 1] = 1 / run->power_mw;
    a.push_back(std::move(row));
    b.push_back((run->power_mw - idle_mw.value_or(0)) / run->power_mw);
  }
  const std::vector<double> x = solve_nnls(a, b);
  PowerLaw out;
  out.idle_mw = idle_mw, out.size_slope = slope, out.size_reference_ms = reference_ms;
  for (std::size_t i = 0; i < clock.size(); ++i) out.draw.push_back({clock[i], std::round(x[i])});
  if (host.size() > 1) {
    for (std::size_t i = 0; i < host.size(); ++i) {
      out.host_draw.push_back({host[i], i == 0 ? 0 : std::round(x[clock.size() + i - 1])});
    }
  }
  return out;
}

double predicted(const PowerLaw& law, const PowerRun& run) {
  OperatingPoint point;
  if (run.freq_mhz > 0) point.freq_mhz = run.freq_mhz;
  if (run.host_freq_mhz > 0) point.host_freq_mhz = run.host_freq_mhz;
  return law.idle_mw.value_or(0) + busy_mw(law, point, run.latency_ms);
}

double mean_error(const PowerLaw& law, const Runs& runs) {
  double sum = 0;
  for (const PowerRun* run : runs) sum += std::abs(predicted(law, *run) / run->power_mw - 1);
  return sum / static_cast<double>(runs.size());
}

PowerLaw best_law(const Runs& runs, std::optional<double> idle_mw) {
  std::vector<double> latencies;
  std::set<std::string> models;
  for (const PowerRun* run : runs) latencies.push_back(run->latency_ms), models.insert(run->model);
  const double reference = upper_median(latencies);
  PowerLaw best = with_slope(runs, idle_mw, 0, reference);
  if (models.size() >= 3) {
    double least = mean_error(best, runs);
    for (int i = 1; i <= 35; ++i) {
      const PowerLaw next = with_slope(runs, idle_mw, 0.01 * i, reference);
      const double error = mean_error(next, runs);
      if (error < least) best = next, least = error;
    }
  }
  best.size_least_ms = *std::min_element(latencies.begin(), latencies.end());
  best.size_most_ms = *std::max_element(latencies.begin(), latencies.end());
  return best;
}

// The slope of the log of latency over the log of the clock, the median over networks and neighbouring clocks.
double latency_exponent(const Runs& runs) {
  std::map<std::pair<std::string, double>, std::map<double, double>> by_model;
  for (const PowerRun* run : runs) by_model[{run->model, run->host_freq_mhz}][run->freq_mhz] = run->latency_ms;
  std::vector<double> slopes;
  for (const auto& [key, row] : by_model) {
    if (row.size() < 2) continue;
    const auto& [f0, t0] = *row.begin();
    const auto& [f1, t1] = *row.rbegin();
    slopes.push_back(std::log(t0 / t1) / std::log(f1 / f0));
  }
  return std::max(upper_median(slopes), 0.0);
}

// How much longer networks take at each clock than at the highest, everything else the same: the mean of logarithms of
// those that were measured at both. 0: no network was.
void set_slower(std::vector<PowerDraw>& clocks, const Runs& runs, double PowerRun::*clock, double PowerRun::*other) {
  constexpr double kDigits = 1000;
  if (clocks.size() < 2) return;
  std::map<std::pair<std::string, double>, std::map<double, std::pair<double, int>>> rows;  // sums of logarithms
  for (const PowerRun* run : runs) {
    auto& [sum, count] = rows[{run->model, run->*other}][run->*clock];
    sum += std::log(run->latency_ms), ++count;
  }
  for (PowerDraw& draw : clocks) {
    double sum = 0;
    int count = 0;
    for (const auto& [key, row] : rows) {
      const auto here = row.find(draw.freq_mhz), top = row.find(clocks.back().freq_mhz);
      if (here == row.end() || top == row.end()) continue;
      sum += here->second.first / here->second.second - top->second.first / top->second.second, ++count;
    }
    if (count > 0) draw.slower = std::round(kDigits * std::exp(sum / count)) / kDigits;
  }
}

// Milliwatts for milliseconds are microjoules.
ScoredRun energy_of(const PowerRun& run, double predicted_mw) {
  ScoredRun out;
  out.model = run.model, out.device = run.device, out.setup = run.setup, out.metric = Metric::kEnergyMj;
  out.measured = run.power_mw * run.latency_ms / 1000, out.predicted = predicted_mw * run.latency_ms / 1000;
  out.ape = std::abs(out.predicted / out.measured - 1);
  return out;
}

}  // namespace

Result<std::vector<PowerRun>> parse_power_runs(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kBadRuns);
  NNGAUGE_CHECK(table.require({"device", "setup", "model", "latency_ms", "power_mw"}));
  std::vector<PowerRun> out;
  for (const CsvRecord& row : table.rows()) {
    PowerRun run;
    NNGAUGE_TRY(run.device, table.text(row, "device"));
    NNGAUGE_TRY(run.setup, table.text(row, "setup"));
    NNGAUGE_TRY(run.model, table.text(row, "model"));
    NNGAUGE_TRY(const auto freq, table.number(row, "freq_mhz", true, false));
    NNGAUGE_TRY(const auto host, table.number(row, "host_freq_mhz", true, false));
    NNGAUGE_TRY(const auto latency, table.number(row, "latency_ms", false, true));
    NNGAUGE_TRY(const auto power, table.number(row, "power_mw", false, true));
    run.freq_mhz = freq.value_or(0), run.host_freq_mhz = host.value_or(0), run.latency_ms = *latency,
    run.power_mw = *power;
    out.push_back(std::move(run));
  }
  return out;
}

Result<PowerFit> fit_power(const std::vector<PowerRun>& runs, std::optional<double> idle_mw) {
  Runs all;
  std::set<std::string> models;
  for (const PowerRun& run : runs) {
    if (run.power_mw > idle_mw.value_or(0)) all.push_back(&run), models.insert(run.model);
  }
  if (all.empty()) return make_error(ErrorCode::kBadRuns, "no run draws more than the device does when idle");
  PowerFit out;
  out.law = best_law(all, idle_mw);
  out.law.runs = static_cast<std::int64_t>(all.size()), out.law.models = static_cast<std::int64_t>(models.size());
  out.law.latency_exponent = latency_exponent(all);
  set_slower(out.law.draw, all, &PowerRun::freq_mhz, &PowerRun::host_freq_mhz);
  set_slower(out.law.host_draw, all, &PowerRun::host_freq_mhz, &PowerRun::freq_mhz);
  std::vector<double> ratios;
  for (const std::string& model : models) {
    Runs rest, left;
    for (const PowerRun* run : all) (run->model == model ? left : rest).push_back(run);
    if (rest.empty()) continue;
    const PowerLaw law = best_law(rest, idle_mw);
    for (const PowerRun* run : left) {
      ratios.push_back(run->power_mw / predicted(law, *run));
      out.held_out.push_back(energy_of(*run, predicted(law, *run)));
    }
    out.worst_model_error = std::max(out.worst_model_error, mean_error(law, left));
  }
  if (ratios.empty()) {  // one network: nothing is known of others
    constexpr double kOneModel = 1.25;
    out.law.p5 = 1 / kOneModel, out.law.p95 = kOneModel;
    return out;
  }
  std::sort(ratios.begin(), ratios.end());
  out.law.p5 = quantile(ratios, 0.05), out.law.p95 = quantile(ratios, 0.95);
  for (ScoredRun& run : out.held_out) run.p5 = out.law.p5 * run.predicted, run.p95 = out.law.p95 * run.predicted;
  const Scores scores = score(out.held_out);
  out.mean_error = scores.mape, out.coverage = scores.interval_coverage;
  out.law.held_out_mape = out.mean_error;
  return out;
}

}  // namespace nngauge
