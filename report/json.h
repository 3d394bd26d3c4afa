// SPDX-License-Identifier: Apache-2.0
// Owns: the JSON value that reports build, and how it is printed. Private to report/: nothing above includes it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "graph/shape.h"
#include "report/json_fwd.h"

namespace nngauge {

// Prints `value`: indented by two spaces where `level` >= 0 (the depth that it stands at; lists of plain values stay on
// one line), on one line without blanks where `level` is -1. Broken UTF-8 becomes U+FFFD.
std::string json_text(const Json& value, int level = 0);

// The number, or null.
Json json_number(const std::optional<std::uint64_t>& value);
Json json_number(const std::optional<double>& value);
Json json_number(double value);  // null where not finite
Json json_or_null(const std::optional<std::string>& text);
// The extents; an open one is null; null for an unknown rank.
Json json_shape(const Shape& shape);

}  // namespace nngauge
