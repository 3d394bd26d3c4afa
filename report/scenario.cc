// SPDX-License-Identifier: Apache-2.0
#include "report/scenario.h"

#include <algorithm>

#include "base/text.h"
#include "report/document.h"
#include "report/json.h"

namespace nngauge {
namespace {

std::string battery_share(const ScenarioCost& cost) {
  std::string out = percent(cost.battery_fraction);
  if (cost.battery_fraction_low && cost.battery_fraction_high) {
    out += " (" + percent(*cost.battery_fraction_low) + " – " + percent(*cost.battery_fraction_high) + ")";
  }
  return out;
}

std::string verdict(const ScenarioCost& cost, const Style& style) {
  if (!cost.sustainable) return "";
  if (!*cost.sustainable) return style.error("cannot sustain");
  if (cost.thermal.sustainable && !*cost.thermal.sustainable) return style.error("cannot sustain when warm");
  return cost.battery_fraction > 1 ? style.warning("more than one charge") : style.good("sustainable");
}

std::string significant(double value) { return milliseconds(value); }  // three digits, whatever the unit

Json choice_json(const ModelChoice& choice, const ChoiceQuestion& question) {
  return {{"model", choice.model},
          {"meets_deadline", choice.meets_deadline},
          {"budget_ms", json_number(choice.budget_ms)},
          {"eligible", choice.eligible},
          {"deadline_ms", json_number(question.deadline_ms)},
          {"one_way_ms", json_number(question.one_way_ms)},
          {"gamma", json_number(question.gamma)},
          {"network", question.network.empty() ? Json(nullptr) : Json(question.network)}};
}

}  // namespace

std::string scenarios_text(std::span<const ScenarioCost> costs, const ScenarioBasis& basis, const Style& style) {
  using Align = TextTable::Align;
  const InferenceCost& inference = basis.inference;
  std::string out = "one inference  " + significant(inference.energy_mj) + " mJ";
  if (inference.energy_low_mj && inference.energy_high_mj) {
    out += " (" + significant(*inference.energy_low_mj) + " – " + significant(*inference.energy_high_mj) + ")";
  }
  if (inference.latency_ms) out += ", " + significant(*inference.latency_ms) + " ms";
  out += "  " + style.dim(basis.from) + "\n";
  out += "battery        " + significant(basis.battery.capacity_mah) + " mAh at " + shortest(basis.battery.voltage_v) +
         " V = " + significant(basis.battery.energy_j()) + " J\n\n";
  TextTable table({{"scenario"},
                   {"inferences", Align::kRight},
                   {"energy J", Align::kRight},
                   {"charge mAh", Align::kRight},
                   {"battery", Align::kRight},
                   {"duty cycle", Align::kRight},
                   {""}});
  for (const ScenarioCost& cost : costs) {
    table.add_row({printable(cost.name), with_thousands(cost.inferences), significant(cost.energy_j),
                   significant(cost.charge_mah), battery_share(cost),
                   cost.duty_cycle ? percent(*cost.duty_cycle) : "unknown", verdict(cost, style)});
  }
  out += table.text("  ") + "\n";
  for (const ScenarioCost& cost : costs) {
    if (!cost.thermal.throttles_after_s) continue;
    out += "  " + style.warning("warmth") + ": " + printable(cost.name) + " throttles after " +
           significant(*cost.thermal.throttles_after_s) + " s, to " + percent(cost.thermal.speed) +
           " of the speed (assumed: " + significant(cost.thermal.sustained_mw) + " mW can be held)\n";
  }
  for (const ScenarioCost& cost : costs) {
    if (!cost.description.empty()) {
      out += style.dim(printable(cost.name) + ": " + printable(cost.description) +
                       (cost.basis.empty() ? "" : " (" + printable(cost.basis) + ")")) +
             "\n";
    }
  }
  return out;
}

Table scenarios_table(std::span<const ScenarioCost> costs) {
  Table table{{{"name", "scenario"},
               {"inferences", "inferences", true},
               {"energy_j", "energy J", true},
               {"charge_mah", "charge mAh", true},
               {"battery_fraction", "battery", true},
               {"battery_fraction_p5", "", true},
               {"battery_fraction_p95", "", true},
               {"mean_power_mw", "mean power mW", true},
               {"duty_cycle", "duty cycle", true},
               {"sustainable", "sustainable"},
               {"throttles_after_s", "", true},
               {"sustained_mw", "", true},
               {"warm_speed", "", true},
               {"warm_latency_ms", "", true},
               {"sustainable_when_warm", ""},
               {"thermal_basis", ""},
               {"basis", ""}},
              {}};
  for (const ScenarioCost& cost : costs) {
    table.add({cost.name, cost.inferences, cost.energy_j, cost.charge_mah, cost.battery_fraction,
               cell(cost.battery_fraction_low), cell(cost.battery_fraction_high), cost.mean_power_mw,
               cell(cost.duty_cycle), cost.sustainable ? Cell(*cost.sustainable) : Cell(),
               cell(cost.thermal.throttles_after_s), cost.thermal.sustained_mw, cost.thermal.speed,
               cell(cost.thermal.latency_ms), cost.thermal.sustainable ? Cell(*cost.thermal.sustainable) : Cell(),
               std::string("assumed"), cost.basis});
  }
  return table;
}

std::string choice_text(const ModelChoice& choice, std::span<const Candidate> candidates,
                        const ChoiceQuestion& question, const Style& style) {
  using Align = TextTable::Align;
  std::string out = "budget  " + significant(question.deadline_ms) + " ms - 2 x " + significant(question.one_way_ms) +
                    " ms" + (question.network.empty() ? "" : " (" + printable(question.network) + ")") + " = " +
                    (choice.budget_ms < 0 ? "-" : "") + significant(std::abs(choice.budget_ms)) + " ms\n\n";
  TextTable table({{""},
                   {"model"},
                   {"server ms", Align::kRight},
                   {"sd", Align::kRight},
                   {"accuracy", Align::kRight},
                   {"eligible"}});
  for (const Candidate& candidate : candidates) {
    const bool eligible =
        std::find(choice.eligible.begin(), choice.eligible.end(), candidate.model) != choice.eligible.end();
    table.add_row({candidate.model == choice.model ? "*" : "", printable(candidate.model),
                   significant(candidate.server_mean_ms), significant(candidate.server_sd_ms),
                   shortest(candidate.accuracy), eligible ? "yes" : ""});
  }
  out += table.text("  ") + "\n";
  if (choice.meets_deadline) return out + style.good(printable(choice.model)) + " is the most accurate that fits.\n";
  return out + style.warning("None fits") + ": " + printable(choice.model) +
         " is the fastest and misses the deadline.\n";
}

std::string choice_document(const ModelChoice& choice, const ChoiceQuestion& question) {
  return document_of("offload", {{"choice", choice_json(choice, question)}});
}

std::string choice_ndjson(const ModelChoice& choice, const ChoiceQuestion& question) {
  return json_text(choice_json(choice, question), -1) + "\n";
}

}  // namespace nngauge
