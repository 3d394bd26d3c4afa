// SPDX-License-Identifier: Apache-2.0
// Owns: scored runs seen from other sides than the setup: by family, by the kernels that make most of the time, and the
// worst of them with what may be the reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "calibration/validate.h"

namespace nngauge {

struct ScoreGroup {
  std::string name;         // of the family, or the class of kernels
  std::int64_t models = 0;  // distinct ones
  Scores scores;
};
// Largest mean error first. Runs without a family are a family of their model's.
std::vector<ScoreGroup> scores_by_family(std::span<const ScoredRun> runs);
std::vector<ScoreGroup> scores_by_kernel(std::span<const ScoredRun> runs);

struct WorstCase {
  ScoredRun run;
  std::string reason;  // "off by a like amount on 80 of 84 setups: something of the network is not in the features"
};
// The worst run of each of the `most` models with the largest errors.
std::vector<WorstCase> worst_cases(std::span<const ScoredRun> runs, std::size_t most);

}  // namespace nngauge
