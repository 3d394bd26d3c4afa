// SPDX-License-Identifier: Apache-2.0
#include "cost/device_profile.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/file.h"
#include "base/text.h"

namespace nngauge {
namespace {

constexpr std::array<std::string_view, 2> kMetrics = {"latency_ms", "energy_mj"};
constexpr std::array<std::string_view, 4> kBases = {"measured-table", "regression", "transfer", "roofline"};

bool is_path(std::string_view name) { return name.find('/') != std::string_view::npos || name.ends_with(".textproto"); }

}  // namespace

std::string_view metric_name(Metric metric) { return kMetrics[static_cast<std::size_t>(metric)]; }
std::string_view basis_name(Basis basis) { return kBases[static_cast<std::size_t>(basis)]; }

Result<SetupName> parse_setup_name(std::string_view id) {
  const std::vector<std::string> parts = split(id, '-');
  const bool whole = std::none_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); });
  if (parts.size() < 2 || parts.size() > 4 || !whole) {
    return make_error(ErrorCode::kUsage, "setup " + in_quotes(id) +
                                             " is not of the form <runtime>-<processor>[-<placement>][-<precision>]");
  }
  SetupName name{parts[0], parts[1], "", ""};
  constexpr std::array<std::string_view, 4> kPrecisions = {"fp32", "fp16", "int8", "int16"};
  const bool has_precision =
      parts.size() > 2 && std::find(kPrecisions.begin(), kPrecisions.end(), parts.back()) != kPrecisions.end();
  if (has_precision) name.precision = parts.back();
  if (parts.size() == 4 && !has_precision) {
    return make_error(ErrorCode::kUsage, "setup " + in_quotes(id) + ": precision " + in_quotes(parts.back()) +
                                             " is none of fp32, fp16, int8, int16");
  }
  if (parts.size() == 4 || (parts.size() == 3 && !has_precision)) name.placement = parts[2];
  return name;
}

std::int64_t thread_count(const SetupName& name) {
  constexpr std::int64_t kMost = 1024;
  std::int64_t sum = 0, number = 0;
  for (const char c : name.placement + ".") {
    if (c >= '0' && c <= '9') number = std::min<std::int64_t>(number * 10 + (c - '0'), kMost);
    else sum = std::min(sum + number, kMost), number = 0;
  }
  return std::max<std::int64_t>(sum, 1);
}

const ResidualQuantiles* FittedMetric::find_residuals(std::string_view split) const {
  for (const ResidualQuantiles& row : residuals) {
    if (row.split == split) return &row;
  }
  return nullptr;
}

const KernelSupport* FittedMetric::find_support(std::string_view kernel) const {
  for (const KernelSupport& row : support) {
    if (row.kernel == kernel) return &row;
  }
  return nullptr;
}

const FittedMetric* SetupProfile::find_metric(Metric metric) const {
  for (const FittedMetric& row : metrics) {
    if (row.metric == metric) return &row;
  }
  return nullptr;
}

const SetupProfile* DeviceProfile::default_setup() const {
  for (const SetupProfile& setup : setups) {
    if (setup.is_default) return &setup;
  }
  return setups.empty() ? nullptr : &setups.front();
}

Result<DeviceProfile> find_device(const std::string& name, std::span<const BundledProfile> bundled) {
  if (is_path(name)) {
    NNGAUGE_TRY(const auto file, MappedFile::open(name));
    Result<DeviceProfile> profile = parse_device_profile(as_text(file->bytes()));
    if (!profile) return profile.error().at(name);
    return profile;
  }
  std::vector<std::string> ids;
  for (const BundledProfile& row : bundled) {
    if (row.id == name) return decode_device_profile(row.encoded);
    ids.emplace_back(row.id);
  }
  const std::vector<std::string> near = near_matches(name, ids);
  std::string message = "no device " + in_quotes(name);
  constexpr std::size_t kMostNamed = 12;
  if (!near.empty()) message += "; near ones: " + join(near, ", ");
  else if (ids.size() <= kMostNamed) message += "; the devices are " + join(ids, ", ");
  else message += "; `nngauge devices` lists the " + std::to_string(ids.size()) + " that there are";
  if (ids.empty()) message = "no device " + in_quotes(name) + "; no devices are bundled";
  return make_error(ErrorCode::kUnknownDevice, message);
}

Result<std::vector<const SetupProfile*>> select_setups(const DeviceProfile& profile,
                                                       const std::vector<std::string>& names) {
  std::vector<const SetupProfile*> out;
  const auto add = [&](const SetupProfile* setup) {
    if (std::find(out.begin(), out.end(), setup) == out.end()) out.push_back(setup);
  };
  if (names.empty()) {
    if (const SetupProfile* setup = profile.default_setup()) add(setup);
    else return make_error(ErrorCode::kUnknownSetup, "device " + profile.id + " has no setups");
  }
  for (const std::string& name : names) {
    bool found = false;
    std::vector<std::string> ids;
    for (const SetupProfile& setup : profile.setups) {
      ids.push_back(setup.id);
      if (name != "all" && name != setup.id) continue;
      add(&setup);
      found = true;
    }
    if (found) continue;
    const std::vector<std::string> near = near_matches(name, ids);
    return make_error(ErrorCode::kUnknownSetup,
                      "device " + profile.id + " has no setup " + in_quotes(name) +
                          (near.empty() ? "; its setups are " + join(ids, ", ") : "; near ones: " + join(near, ", ")));
  }
  return out;
}

}  // namespace nngauge
