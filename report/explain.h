// SPDX-License-Identifier: Apache-2.0
// Owns: what `nngauge explain` prints: the formulas of one operator's numbers with the numbers put in.
#pragma once

#include <string>
#include <vector>

#include "report/format.h"
#include "report/model_result.h"

namespace nngauge {

std::string explain_text(const ModelResult& result, OpId op, const std::vector<std::string>& lines, const Style& style);
std::string explain_json_text(const ModelResult& result, OpId op, const std::vector<std::string>& lines, int level);

}  // namespace nngauge
