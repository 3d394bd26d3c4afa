// SPDX-License-Identifier: Apache-2.0
// Owns: runs that do not go with the others of their setup once these are fitted: single ones, and the later ones of a
// table in whose course the device got slower. Not here: what no fit is needed for (plausible.h).
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "calibration/samples.h"

namespace nngauge {

// Takes such runs of whole models out of `sets` and says why, one error a run ("line 7, column latency_ms: …"). Runs
// are in the order of the table, which is taken as the order in which they were measured.
std::vector<Error> drop_disturbed(std::vector<SampleSet>& sets, std::span<const DeviceProfile> like);

}  // namespace nngauge
