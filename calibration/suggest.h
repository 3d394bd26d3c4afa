// SPDX-License-Identifier: Apache-2.0
// Owns: which models to measure next on a new device: those that would narrow its predictions most.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "calibration/runs.h"
#include "cost/device_profile.h"

namespace nngauge {

struct Suggestion {
  std::string setup, model;
  // Standard deviation of a prediction as a share of it, averaged over all candidates: with the runs so far and the
  // suggestions above this one, and with this one as well.
  double spread_before = 0, spread_after = 0;
};

// For each setup of `runs` of `device` (empty, or the rows are of one device: of all rows), the `count` models of
// `candidates` to measure, best first; models that have a run on it are not named again. Candidates that cannot be
// priced are passed over. Errors: kBadRuns where no row can be used.
Result<std::vector<Suggestion>> suggest_models(const RunTable& runs, const ModelLoader& load, const std::string& device,
                                               std::span<const std::string> candidates, std::size_t count,
                                               std::span<const DeviceProfile> like);

}  // namespace nngauge
