// SPDX-License-Identifier: Apache-2.0
#include "cost/scenario.h"

#include <cmath>

#include "base/csv.h"

namespace nngauge {
namespace {

constexpr double kMostInferences = 1e15;  // beyond that a count of doubles is no count any more

}  // namespace

Result<std::vector<Scenario>> parse_scenarios(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kUsage);
  NNGAUGE_CHECK(table.require({"name", "rate_per_s", "duration_s"}));
  std::vector<Scenario> out;
  for (const CsvRecord& row : table.rows()) {
    Scenario scenario;
    NNGAUGE_TRY(scenario.name, table.text(row, "name"));
    NNGAUGE_TRY(const auto rate, table.number(row, "rate_per_s", false, true));
    NNGAUGE_TRY(const auto duration, table.number(row, "duration_s", false, true));
    scenario.rate_per_s = *rate, scenario.duration_s = *duration;
    if (*rate * *duration > kMostInferences) {
      return table.error_at(row, "duration_s", "that would be more than 10^15 inferences");
    }
    scenario.description = table.field(row, "description");
    scenario.basis = table.field(row, "basis");
    out.push_back(std::move(scenario));
  }
  return out;
}

ThermalCost price_warmth(const ThermalModel& model, double mean_mw, double duration_s, std::optional<double> latency_ms,
                         double rate_per_s) {
  ThermalCost out;
  out.sustained_mw = model.limit_k / model.k_per_w * 1000;
  const double end_k = mean_mw / 1000 * model.k_per_w;
  if (end_k > model.limit_k) {
    const double after = -model.time_s * std::log(1 - model.limit_k / end_k);
    if (after < duration_s) {
      out.throttles_after_s = after;
      // At clock f power is f^draw_exponent and speed f^latency_exponent of what they are at the highest.
      out.speed = std::pow(out.sustained_mw / mean_mw, model.latency_exponent / model.draw_exponent);
    }
  }
  if (latency_ms) {
    out.latency_ms = *latency_ms / out.speed;
    out.sustainable = *out.latency_ms / 1000 * rate_per_s <= 1;
  }
  return out;
}

ScenarioCost price_scenario(const Scenario& scenario, const InferenceCost& inference, const Battery& battery) {
  ScenarioCost out{.name = scenario.name, .description = scenario.description, .basis = scenario.basis};
  const double count = std::min(std::round(scenario.rate_per_s * scenario.duration_s), kMostInferences);
  out.inferences = static_cast<std::uint64_t>(std::max(count, 0.0));
  const auto joules = [&](double energy_mj) { return static_cast<double>(out.inferences) * energy_mj / 1000; };
  out.energy_j = joules(inference.energy_mj);
  out.charge_mah = out.energy_j / battery.voltage_v / 3.6;
  out.battery_fraction = out.energy_j / battery.energy_j();
  if (inference.energy_low_mj) out.battery_fraction_low = joules(*inference.energy_low_mj) / battery.energy_j();
  if (inference.energy_high_mj) out.battery_fraction_high = joules(*inference.energy_high_mj) / battery.energy_j();
  out.mean_power_mw = out.energy_j / scenario.duration_s * 1000;
  if (inference.latency_ms) {
    out.duty_cycle = *inference.latency_ms / 1000 * scenario.rate_per_s;
    out.sustainable = *out.duty_cycle <= 1;
  }
  // A device that does not keep up computes without a pause.
  const double busy = out.duty_cycle.value_or(0) > 1 ? out.mean_power_mw / *out.duty_cycle : out.mean_power_mw;
  out.thermal = price_warmth({}, busy, scenario.duration_s, inference.latency_ms, scenario.rate_per_s);
  return out;
}

}  // namespace nngauge
