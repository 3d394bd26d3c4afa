// SPDX-License-Identifier: Apache-2.0
// Owns: the device profiles that are part of the program, and what --device and --setup select.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cost/device_profile.h"

namespace nngauge {

std::vector<std::string> bundled_device_names();
// Errors: kBadProfile (a defect of the build).
Result<std::vector<DeviceProfile>> bundled_devices();
// The devices that `names` ask for: ids, paths of profile files, or "all" for every bundled one; each once.
// Errors: kUnknownDevice with near ids, kUnreadable, kBadProfile.
Result<std::vector<DeviceProfile>> select_devices(const std::vector<std::string>& names, int threads = 1);

}  // namespace nngauge
