// SPDX-License-Identifier: Apache-2.0
// Owns: the table of what devices are:
// device[,description][,soc][,cores][,source][,licence][,date][,runtime_version][,gpu].
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "calibration/fit.h"

namespace nngauge {

// Columns in any order, unknown ones ignored; each device once.
// Errors: kBadRuns with line and column where a row has no device or one that stands there before.
Result<std::vector<ProfileIdentity>> parse_identities(std::string_view csv);

}  // namespace nngauge
