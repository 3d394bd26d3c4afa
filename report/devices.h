// SPDX-License-Identifier: Apache-2.0
// Owns: what `nngauge devices` prints: devices and their setups, what each is calibrated on and how wrong it is.
#pragma once

#include <span>
#include <string>

#include "cost/device_profile.h"
#include "report/format.h"
#include "report/table.h"

namespace nngauge {

// A line per device; for a single device its facts and a line per setup.
std::string devices_text(std::span<const DeviceProfile> devices, const Style& style);
std::string device_text(const DeviceProfile& device, const Style& style);
std::string devices_document(std::span<const DeviceProfile> devices);
std::string devices_ndjson(std::span<const DeviceProfile> devices);
// A row per setup.
Table setups_table(std::span<const DeviceProfile> devices);

}  // namespace nngauge
