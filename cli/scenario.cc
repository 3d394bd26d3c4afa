// SPDX-License-Identifier: Apache-2.0
#include "cost/scenario.h"

#include "base/text.h"
#include "cli/bundled_devices.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/failed_input.h"
#include "cli/load_model.h"
#include "cli/print_table.h"
#include "cost/predict.h"
#include "data/bundled.h"
#include "report/scenario.h"

namespace nngauge {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--device", "-d", "D", "predict one inference of the model on this device", ValueKind::kDevice},
    {"--setup", "-s", "S", "a setup of the device (default: the profile's own)", ValueKind::kSetup},
    {"--energy-mj", "", "E", "instead of a model: the energy of one inference", ValueKind::kText},
    {"--latency-ms", "", "L", "with --energy-mj: how long one inference takes", ValueKind::kText},
    {"--scenario", "", "NAME", "a bundled scenario (default: all), or a table of scenarios as a file",
     ValueKind::kText},
    {"--rate-per-s", "", "R", "your own scenario: inferences a second", ValueKind::kText},
    {"--duration-s", "", "T", "your own scenario: for how many seconds", ValueKind::kText},
    {"--battery-mah", "", "C", "capacity of the battery", ValueKind::kText},
    {"--voltage", "", "V", "its voltage", ValueKind::kText},
};

// A number above 0 that must be given.
Result<double> needed(const Arguments& arguments, const std::string& option) {
  NNGAUGE_TRY(const auto value, arguments.number(option, 0));
  if (!value) return usage_error("option " + option + " is missing");
  if (*value <= 0) return usage_error("option " + option + " takes a number above 0");
  return *value;
}

Result<std::vector<Scenario>> bundled_scenarios() {
  std::vector<Scenario> out;
  for (const std::string_view name : list_bundled("scenarios/")) {
    NNGAUGE_TRY(const std::vector<Scenario> some, parse_scenarios(as_text(*find_bundled(name))));
    out.insert(out.end(), some.begin(), some.end());
  }
  return out;
}

Result<std::vector<Scenario>> scenarios_of(const Arguments& arguments) {
  const auto name = arguments.value("--scenario");
  if (arguments.has("--rate-per-s") || arguments.has("--duration-s")) {
    if (name) return usage_error("option --scenario excludes --rate-per-s and --duration-s");
    Scenario own{.name = "own"};
    NNGAUGE_TRY(own.rate_per_s, needed(arguments, "--rate-per-s"));
    NNGAUGE_TRY(own.duration_s, needed(arguments, "--duration-s"));
    return std::vector{own};
  }
  if (name && (name->find('/') != std::string::npos || name->ends_with(".csv"))) {
    const auto file = MappedFile::open(*name);
    if (!file) return file.error().at(*name);
    const auto scenarios = parse_scenarios(as_text((*file)->bytes()));
    if (!scenarios) return scenarios.error().at(*name);
    return *scenarios;
  }
  NNGAUGE_TRY(const std::vector<Scenario> all, bundled_scenarios());
  if (!name) return all;
  std::vector<std::string> names;
  for (const Scenario& scenario : all) {
    if (scenario.name == *name) return std::vector{scenario};
    names.push_back(scenario.name);
  }
  const std::string near = did_you_mean(*name, names);
  return usage_error("unknown scenario " + in_quotes(*name) +
                     (near.empty() ? "; known are " + join(names, ", ") : near));
}

struct Priced {
  InferenceCost inference;
  std::string from;
};

Result<Priced> given_cost(const Arguments& arguments) {
  Priced out{.inference = {}, .from = "as given"};
  NNGAUGE_TRY(out.inference.energy_mj, needed(arguments, "--energy-mj"));
  NNGAUGE_TRY(out.inference.latency_ms, arguments.number("--latency-ms", 0));
  return out;
}

Result<Priced> predicted_cost(const Prediction& prediction) {
  const std::string place = prediction.device + " " + prediction.setup;
  if (!prediction.energy_mj) {
    return unknown(prediction.energy_reason.empty() ? "the energy of an inference is not known"
                                                    : prediction.energy_reason)
        .at(place);
  }
  Priced out;
  out.inference.energy_mj = prediction.energy_mj->value;
  out.inference.energy_low_mj = prediction.energy_mj->p5, out.inference.energy_high_mj = prediction.energy_mj->p95;
  if (prediction.latency_ms) out.inference.latency_ms = prediction.latency_ms->value;
  out.from = place + ", energy: " + std::string(energy_scope_name(prediction.energy.scope)) + ", " +
             std::string(basis_name(prediction.energy.basis));
  return out;
}

Result<int> print_costs(const Session& session, const std::vector<Scenario>& scenarios, const Priced& priced,
                        const Battery& battery) {
  std::vector<ScenarioCost> costs;
  for (const Scenario& scenario : scenarios) costs.push_back(price_scenario(scenario, priced.inference, battery));
  if (session.common.format != OutputFormat::kText) {
    return print_table(session, scenarios_table(costs), "scenario", "scenarios");
  }
  session.console.print(scenarios_text(costs, {priced.inference, battery, priced.from}, session.console.style()));
  return int{kExitDone};
}

}  // namespace

const CommandSpec kScenarioSpec{
    .name = "scenario",
    .summary = "what a use of a network takes from a battery",
    .operands = "(PATH --device D | --energy-mj E) --battery-mah C --voltage V",
    .description =
        "Inferences at a steady rate: energy, charge, share of the battery, duty cycle, and whether the device keeps "
        "up.\n"
        "Only the inferences are counted, not the screen, camera or radio. A table of scenarios has the columns\n"
        "name,rate_per_s,duration_s[,description][,basis].",
    .options = kOptions,
    .reads_models = true,
    .examples =
        "  nngauge scenario --energy-mj 100 --latency-ms 40 --battery-mah 4000 --voltage 4.0\n"
        "  nngauge scenario --energy-mj 2 --rate-per-s 30 --duration-s 600 --battery-mah 3000 --voltage 3.85",
    .most_operands = 1,
};

Result<int> run_scenario(const Session& session) {
  const Arguments& arguments = session.arguments;
  Battery battery;
  const auto capacity = needed(arguments, "--battery-mah");
  if (!capacity) return capacity.error();
  const auto voltage = needed(arguments, "--voltage");
  if (!voltage) return voltage.error();
  battery.capacity_mah = *capacity, battery.voltage_v = *voltage;
  const auto scenarios = scenarios_of(arguments);
  if (!scenarios) return scenarios.error();

  const bool given = arguments.has("--energy-mj");
  if (given == !arguments.operands.empty()) {
    return usage_error(given ? "a model and --energy-mj exclude each other"
                             : "a model or option --energy-mj is missing");
  }
  if (given) {
    const auto priced = given_cost(arguments);
    if (!priced) return priced.error();
    return print_costs(session, *scenarios, *priced, battery);
  }
  if (!arguments.has("--device")) {
    return usage_error("option --device is missing; `nngauge devices` lists the devices");
  }
  const auto devices = select_devices(arguments.values("--device"));
  if (!devices) return devices.error();
  const auto setups = select_setups(devices->front(), arguments.values("--setup"));
  if (!setups) return setups.error();
  const std::string& path = arguments.operands.front();
  const auto loaded = load_model(path, {session.common.bindings, session.common.phase, false});
  if (!loaded) return end_with_failed_input(session, "scenario", "scenarios", {path, {}, loaded.error()});
  const auto prediction = predict(loaded->model, devices->front(), *setups->front());
  if (!prediction) return end_with_failed_input(session, "scenario", "scenarios", {path, {}, prediction.error()});
  const auto priced = predicted_cost(*prediction);
  if (!priced) return end_with_failed_input(session, "scenario", "scenarios", {path, {}, priced.error()});
  return print_costs(session, *scenarios, *priced, battery);
}

}  // namespace nngauge
