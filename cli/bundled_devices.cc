// SPDX-License-Identifier: Apache-2.0
#include "cli/bundled_devices.h"

#include <algorithm>
#include <functional>
#include <map>

#include "base/csv.h"
#include "cost/energy_profile.h"
#include "cost/load.h"
#include "data/bundled.h"

namespace nngauge {
namespace {

constexpr std::string_view kFolder = "devices/";
constexpr std::string_view kSuffix = ".pb";

// In the order of their ids.
std::vector<BundledProfile> bundled_profiles() {
  std::vector<BundledProfile> out;
  for (const std::string_view name : list_bundled(kFolder)) {
    if (!name.ends_with(kSuffix)) continue;
    const std::string_view id = name.substr(kFolder.size(), name.size() - kFolder.size() - kSuffix.size());
    out.push_back({id, *find_bundled(name)});
  }
  return out;
}

// What is said of all devices in one table.
struct Tables {
  std::vector<LoadRules> load_rules;
  std::map<std::string, double, std::less<>> ram_mb;
};

Result<Tables> read_tables() {
  Tables out;
  auto rules = parse_load_rules(as_text(*find_bundled("load/runtimes.csv")));
  if (!rules) return rules.error().at("load/runtimes.csv");
  out.load_rules = std::move(*rules);
  const CsvTable memory(as_text(*find_bundled("load/ram.csv")), ErrorCode::kBadProfile);
  for (const CsvRecord& row : memory.rows()) {
    NNGAUGE_TRY(const std::optional<double> ram_mb, memory.number(row, "ram_mb", false, true));
    if (ram_mb) out.ram_mb[std::string(memory.field(row, "device"))] = *ram_mb;
  }
  return out;
}

// How the runtimes of the setups load a network.
Status attach_load(const Tables& tables, DeviceProfile& device) {
  if (const auto ram = tables.ram_mb.find(device.id); ram != tables.ram_mb.end()) device.ram_mb = ram->second;
  for (SetupProfile& setup : device.setups) {
    NNGAUGE_TRY(const SetupName name, parse_setup_name(setup.id));
    if (const LoadRules* row = find_load_rules(tables.load_rules, name))
      setup.load = std::make_shared<const LoadRules>(*row);
  }
  return ok();
}

// What is known about the energy of the device, for those of its setups that it is known for.
Status attach_energy(DeviceProfile& device) {
  const std::optional<Bytes> encoded = find_bundled("energy/" + device.id + std::string(kSuffix));
  if (!encoded) return ok();
  const auto energy = decode_energy_profile(*encoded);
  if (!energy) return energy.error().at("bundled energy of " + device.id);
  for (SetupProfile& setup : device.setups) {
    if (auto found = energy->find_setup(setup.id))
      setup.energy = std::make_shared<const SetupEnergy>(std::move(*found));
  }
  return ok();
}

}  // namespace

std::vector<std::string> bundled_device_names() {
  std::vector<std::string> out;
  for (const BundledProfile& profile : bundled_profiles()) out.emplace_back(profile.id);
  return out;
}

Result<std::vector<DeviceProfile>> bundled_devices() {
  NNGAUGE_TRY(const Tables tables, read_tables());
  std::vector<DeviceProfile> out;
  for (const BundledProfile& profile : bundled_profiles()) {
    auto parsed = decode_device_profile(profile.encoded);
    if (!parsed) return parsed.error().at("bundled device " + std::string(profile.id));
    NNGAUGE_CHECK(attach_load(tables, *parsed));
    NNGAUGE_CHECK(attach_energy(*parsed));
    out.push_back(std::move(*parsed));
  }
  return out;
}

Result<std::vector<DeviceProfile>> select_devices(const std::vector<std::string>& names) {
  const std::vector<BundledProfile> bundled = bundled_profiles();
  NNGAUGE_TRY(const Tables tables, read_tables());
  std::vector<DeviceProfile> out;
  std::vector<std::string> done;
  const auto add = [&](const std::string& name) -> Status {
    if (std::find(done.begin(), done.end(), name) != done.end()) return ok();
    done.push_back(name);
    NNGAUGE_TRY(DeviceProfile device, find_device(name, bundled));
    NNGAUGE_CHECK(attach_load(tables, device));
    NNGAUGE_CHECK(attach_energy(device));
    out.push_back(std::move(device));
    return ok();
  };
  for (const std::string& name : names) {
    if (name != "all") {
      NNGAUGE_CHECK(add(name));
      continue;
    }
    for (const BundledProfile& profile : bundled) NNGAUGE_CHECK(add(std::string(profile.id)));
  }
  return out;
}

}  // namespace nngauge
