// SPDX-License-Identifier: Apache-2.0
// Owns: what a day's or an hour's use of a network takes from a battery. Not here: what one inference costs
// (predict.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nngauge {

// Inferences at a steady rate for some time.
struct Scenario {
  std::string name;         // "video-call-segmentation"
  std::string description;  // one line
  std::string basis;        // where rate and duration come from
  double rate_per_s = 0, duration_s = 0;
};

// The table of scenarios: name,rate_per_s,duration_s[,description][,basis]. Errors: kUsage with line and column.
Result<std::vector<Scenario>> parse_scenarios(std::string_view csv);

struct Battery {
  double capacity_mah = 0, voltage_v = 0;                                           // both above 0
  [[nodiscard]] double energy_j() const { return capacity_mah * voltage_v * 3.6; }  // 1 mAh at 1 V is 3.6 J
};

// One inference; bounds are those of a 90 % interval where the energy was predicted.
struct InferenceCost {
  double energy_mj = 0;
  std::optional<double> energy_low_mj, energy_high_mj;
  std::optional<double> latency_ms;
};

// How a device warms up: one heat capacity and one resistance to the air. It throttles where it would grow warmer than
// its skin may. All of it is assumed for a phone held in a hand; nothing that was measured says more.
struct ThermalModel {
  double limit_k = 18;                                  // from 25 to 43 degrees, a usual limit of the skin
  double k_per_w = 6;                                   // so that 3 W can be held for ever
  double time_s = 400;                                  // until 63 % of the way
  double draw_exponent = 1.6, latency_exponent = 0.85;  // power and speed over the clock: docs/energy.md
};

// What warmth does to a scenario.
struct ThermalCost {
  double sustained_mw = 0;                  // what can be held for ever
  std::optional<double> throttles_after_s;  // nullopt: never, or not before the scenario ends
  double speed = 1;                         // of the steady state, as a share of the cold speed
  std::optional<double> latency_ms;         // of the steady state
  std::optional<bool> sustainable;          // the device keeps up when it is warm
};
// At a mean power in mW for `duration_s`. The warmth after t seconds is P k_per_w (1 - exp(-t / time_s)).
ThermalCost price_warmth(const ThermalModel& model, double mean_mw, double duration_s, std::optional<double> latency_ms,
                         double rate_per_s);

struct ScenarioCost {
  std::string name, description, basis;
  std::uint64_t inferences = 0;  // rate x duration, to the nearest whole number
  double energy_j = 0, charge_mah = 0, battery_fraction = 0;
  std::optional<double> battery_fraction_low, battery_fraction_high;
  double mean_power_mw = 0;          // of the inferences alone, over the duration
  std::optional<double> duty_cycle;  // latency / period; nullopt: no latency is known
  std::optional<bool> sustainable;   // the device keeps up: the duty cycle is at most 1
  ThermalCost thermal;
};

// energy_j = inferences x energy per inference; charge_mah = energy_j / voltage / 3.6.
ScenarioCost price_scenario(const Scenario& scenario, const InferenceCost& inference, const Battery& battery);

}  // namespace nngauge
