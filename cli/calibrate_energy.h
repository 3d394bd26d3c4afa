// SPDX-License-Identifier: Apache-2.0
// Owns: `nngauge calibrate --kernel-runs` and `--power-runs`: measured energy or power -> an energy profile.
#pragma once

#include "base/result.h"
#include "cli/commands.h"

namespace nngauge {

Result<int> run_calibrate_energy(const Session& session);

}  // namespace nngauge
