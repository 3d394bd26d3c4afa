// SPDX-License-Identifier: Apache-2.0
#include "cli/bundled_devices.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "base/csv.h"
#include "cli/parallel.h"
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

// Each name once; "all" stands for those that are bundled.
std::vector<std::string> spell_out(const std::vector<std::string>& names, const std::vector<BundledProfile>& bundled) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view name) {
    if (std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
  };
  for (const std::string& name : names) {
    if (name != "all") add(name);
    else
      for (const BundledProfile& profile : bundled) add(profile.id);
  }
  return out;
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

Result<std::vector<DeviceProfile>> select_devices(const std::vector<std::string>& names, int threads) {
  const std::vector<BundledProfile> bundled = bundled_profiles();
  NNGAUGE_TRY(const Tables tables, read_tables());
  const std::vector<std::string> wanted = spell_out(names, bundled);
  const auto make = [&](std::size_t i) -> Result<DeviceProfile> {
    NNGAUGE_TRY(DeviceProfile device, find_device(wanted[i], bundled));
    NNGAUGE_CHECK(attach_load(tables, device));
    NNGAUGE_CHECK(attach_energy(device));
    return device;
  };
  std::vector<DeviceProfile> out;
  std::optional<Error> failed;
  const auto take = [&](std::size_t, Result<DeviceProfile> device) {
    if (device) out.push_back(std::move(device).value());
    else failed = device.error();
    return !failed;
  };
  run_in_order<Result<DeviceProfile>>(wanted.size(), threads, make, take);
  if (failed) return *failed;
  return out;
}

}  // namespace nngauge
