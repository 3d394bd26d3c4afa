// SPDX-License-Identifier: Apache-2.0
// Owns: runs that cannot be what they say: times in another unit, or far from what the other runs of the setup make
// likely. Not here: what a table itself shows to be wrong (runs.h).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "calibration/samples.h"

namespace nngauge {

// Takes such runs, of whole models and of operators, out of `sets` and says why, one error a run ("line 7, column
// latency_ms: …"); where all runs of a setup are off by a unit, one error for the setup. Sets that are left empty are
// dropped.
std::vector<Error> drop_implausible(std::vector<SampleSet>& sets);

// How many times off, as complaints say it: "2.5", "1000".
std::string factor_text(double factor);

}  // namespace nngauge
