// SPDX-License-Identifier: Apache-2.0
// Owns: the name Json without its definition, for headers of report/.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace nngauge {
using Json = nlohmann::ordered_json;
}
