// SPDX-License-Identifier: Apache-2.0
// Owns: the type of JSON values, which Keras' configurations are.
#pragma once

#include <nlohmann/json.hpp>

namespace nngauge::keras {

using Json = nlohmann::json;

}  // namespace nngauge::keras
