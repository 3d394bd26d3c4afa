// SPDX-License-Identifier: Apache-2.0
// Owns: what nngauge says of itself: the overview of commands and the version.
#pragma once

#include <string>

namespace nngauge {

std::string overview_text();
std::string version_text();

}  // namespace nngauge
