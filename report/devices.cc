// SPDX-License-Identifier: Apache-2.0
#include "report/devices.h"

#include <algorithm>

#include "base/text.h"
#include "cost/energy_profile.h"
#include "report/document.h"
#include "report/json.h"

namespace nngauge {
namespace {

// Held-out error of one metric: families where the runs name them, else models.
std::optional<double> held_out_mape(const SetupProfile& setup, Metric metric) {
  const FittedMetric* fitted = setup.find_metric(metric);
  if (!fitted && metric == Metric::kEnergyMj && setup.energy) {
    return setup.energy->surface ? setup.energy->surface->held_out_median_error : setup.energy->power->held_out_mape;
  }
  if (!fitted) return std::nullopt;
  for (const char* split : {"family", "model"}) {
    if (const ResidualQuantiles* residuals = fitted->find_residuals(split)) return residuals->mape;
  }
  return std::nullopt;
}

std::int64_t runs(const SetupProfile& setup, Metric metric) {
  const FittedMetric* fitted = setup.find_metric(metric);
  if (!fitted && metric == Metric::kEnergyMj && setup.energy) {
    return setup.energy->surface ? static_cast<std::int64_t>(setup.energy->surface->points.size())
                                 : setup.energy->power->runs;
  }
  return fitted ? fitted->runs : 0;
}

// "regression", "transfer"; empty where nothing is known of the setup's energy.
std::string_view energy_basis(const SetupProfile& setup) {
  if (const FittedMetric* fitted = setup.find_metric(Metric::kEnergyMj)) return basis_name(fitted->basis);
  return setup.energy ? basis_name(setup.energy->basis) : std::string_view();
}

// What the setup is calibrated on: latency, or energy where that alone was measured.
Metric main_metric(const SetupProfile& setup) {
  return setup.find_metric(Metric::kLatencyMs) || !setup.energy ? Metric::kLatencyMs : Metric::kEnergyMj;
}

Json device_json(const DeviceProfile& device) {
  Json setups = Json::array();
  for (const SetupProfile& setup : device.setups) {
    Json energy = nullptr;
    if (!energy_basis(setup).empty()) {
      energy = {{"basis", energy_basis(setup)},
                {"runs", runs(setup, Metric::kEnergyMj)},
                {"held_out_mape", json_number(held_out_mape(setup, Metric::kEnergyMj))}};
    }
    setups.push_back({{"id", setup.id},
                      {"default", &setup == device.default_setup()},
                      {"source", setup.source},
                      {"runtime_version", setup.runtime_version.empty() ? Json(nullptr) : Json(setup.runtime_version)},
                      {"runs", runs(setup, main_metric(setup))},
                      {"held_out_mape", json_number(held_out_mape(setup, main_metric(setup)))},
                      {"energy", energy}});
  }
  return {{"id", device.id},       {"description", device.description}, {"soc", device.soc},
          {"cores", device.cores}, {"licence", device.licence},         {"date", device.date},
          {"setups", setups}};
}

}  // namespace

std::string devices_text(std::span<const DeviceProfile> devices, const Style& style) {
  using Align = TextTable::Align;
  TextTable table({{"device"},
                   {"description"},
                   {"soc"},
                   {"setups", Align::kRight},
                   {"runs", Align::kRight},
                   {"held-out error", Align::kRight},
                   {"energy"},
                   {"default setup"}});
  for (const DeviceProfile& device : devices) {
    std::int64_t run_count = 0;
    std::string_view energy;
    std::vector<double> errors;
    for (const SetupProfile& setup : device.setups) {
      run_count += runs(setup, main_metric(setup));
      if (energy.empty() || energy_basis(setup) == basis_name(Basis::kRegression)) energy = energy_basis(setup);
      if (const auto error = held_out_mape(setup, main_metric(setup))) errors.push_back(*error);
    }
    const auto [least, most] = std::minmax_element(errors.begin(), errors.end());
    const std::string range = errors.empty()    ? ""
                              : *least == *most ? percent(*least)
                                                : percent(*least) + " – " + percent(*most);
    const SetupProfile* chosen = device.default_setup();
    // What it is called; the cores after the colon stand in the device's own page.
    const std::string name = device.description.substr(0, device.description.find(':'));
    table.add_row({printable(device.id), shortened(name, 44), printable(device.soc),
                   std::to_string(device.setups.size()), with_thousands(static_cast<std::uint64_t>(run_count)), range,
                   std::string(energy), chosen ? printable(chosen->id) : ""});
  }
  return table.text() + "\n" + style.dim("`nngauge devices D` lists the setups of device D.") + "\n";
}

std::string device_text(const DeviceProfile& device, const Style& style) {
  using Align = TextTable::Align;
  std::string out = style.bold(printable(device.id)) + "  " + printable(device.description) + "\n";
  const std::pair<const char*, const std::string*> facts[] = {
      {"soc", &device.soc}, {"cores", &device.cores}, {"licence", &device.licence}, {"measured", &device.date}};
  for (const auto& [label, text] : facts) {
    if (!text->empty())
      out += "  " + std::string(label) + std::string(10 - std::string(label).size(), ' ') + printable(*text) + "\n";
  }
  const bool one_source = std::all_of(device.setups.begin(), device.setups.end(), [&](const SetupProfile& setup) {
    return setup.source == device.setups.front().source;
  });
  if (one_source && !device.setups.empty()) out += "  source    " + printable(device.setups.front().source) + "\n";
  TextTable table({{"setup"},
                   {"runs", Align::kRight},
                   {"held-out error", Align::kRight},
                   {"energy runs", Align::kRight},
                   {"energy error", Align::kRight},
                   {"energy basis"},
                   {one_source ? "" : "source"}});
  for (const SetupProfile& setup : device.setups) {
    const std::int64_t energy_runs = runs(setup, Metric::kEnergyMj);
    table.add_row(
        {printable(setup.id) + (&setup == device.default_setup() ? " (default)" : ""),
         std::to_string(runs(setup, Metric::kLatencyMs)), percent_or_blank(held_out_mape(setup, Metric::kLatencyMs)),
         energy_runs > 0 ? std::to_string(energy_runs) : "", percent_or_blank(held_out_mape(setup, Metric::kEnergyMj)),
         std::string(energy_basis(setup)), one_source ? "" : printable(setup.source)});
  }
  return out + "\n" + table.text("  ");
}

std::string devices_document(std::span<const DeviceProfile> devices) {
  Json list = Json::array();
  for (const DeviceProfile& device : devices) list.push_back(device_json(device));
  return document("devices", "devices", list);
}

std::string devices_ndjson(std::span<const DeviceProfile> devices) {
  std::string out;
  for (const DeviceProfile& device : devices) out += json_text(device_json(device), -1) + "\n";
  return out;
}

Table setups_table(std::span<const DeviceProfile> devices) {
  Table table{{{"device", "device"},
               {"setup", "setup"},
               {"default", "default"},
               {"runs", "runs", true},
               {"held_out_mape", "held-out error", true},
               {"energy_runs", "", true},
               {"energy_held_out_mape", "", true},
               {"source", "source"}},
              {}};
  const auto cell = [](const std::optional<double>& value) { return value ? Cell(*value) : Cell(); };
  for (const DeviceProfile& device : devices) {
    for (const SetupProfile& setup : device.setups) {
      table.add({device.id, setup.id, &setup == device.default_setup(),
                 static_cast<std::uint64_t>(runs(setup, Metric::kLatencyMs)),
                 cell(held_out_mape(setup, Metric::kLatencyMs)),
                 static_cast<std::uint64_t>(runs(setup, Metric::kEnergyMj)),
                 cell(held_out_mape(setup, Metric::kEnergyMj)), setup.source});
    }
  }
  return table;
}

}  // namespace nngauge
