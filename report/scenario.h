// SPDX-License-Identifier: Apache-2.0
// Owns: what `nngauge scenario` and `nngauge offload --choose` print.
#pragma once

#include <span>
#include <string>

#include "cost/model_choice.h"
#include "cost/scenario.h"
#include "report/format.h"
#include "report/table.h"

namespace nngauge {

// What the battery figures stand on.
struct ScenarioBasis {
  InferenceCost inference;
  Battery battery;
  std::string from;  // "given", or "pixel4 tflite-cpu-1large-fp32, regression"
};

std::string scenarios_text(std::span<const ScenarioCost> costs, const ScenarioBasis& basis, const Style& style);
Table scenarios_table(std::span<const ScenarioCost> costs);

// What a choice was asked with.
struct ChoiceQuestion {
  double deadline_ms = 0, one_way_ms = 0, gamma = 1;
  std::string network;  // id, or empty
};
std::string choice_text(const ModelChoice& choice, std::span<const Candidate> candidates,
                        const ChoiceQuestion& question, const Style& style);
std::string choice_document(const ModelChoice& choice, const ChoiceQuestion& question);
std::string choice_ndjson(const ModelChoice& choice, const ChoiceQuestion& question);

}  // namespace nngauge
