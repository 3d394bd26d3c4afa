// SPDX-License-Identifier: Apache-2.0
// Owns: --plot of validate and calibrate.
#pragma once

#include <span>
#include <string>

#include "calibration/validate.h"
#include "cli/commands.h"

namespace nngauge {

// predicted.svg and intervals.svg of the runs of one metric, latency where there is any, into `folder`, which is made
// where it is missing; as text to the terminal with text output. Errors: kUnreadable.
Status write_plots(const Session& session, std::span<const ScoredRun> scored, const std::string& folder);

}  // namespace nngauge
