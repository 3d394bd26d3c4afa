// SPDX-License-Identifier: Apache-2.0
// Owns: `nngauge predict --sweep` and `--batch`: one model at several clocks, with several threads, in batches.
#pragma once

#include <vector>

#include "base/result.h"
#include "cli/commands.h"
#include "cost/predict.h"

namespace nngauge {

Result<int> run_sweep(const Session& session, const std::vector<DeviceProfile>& devices, const OperatingPoint& point);

}  // namespace nngauge
