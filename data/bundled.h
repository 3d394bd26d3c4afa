// SPDX-License-Identifier: Apache-2.0
// Owns: access to the data files that are part of the binary: devices/*.pb and energy/*.pb (the .textproto
// files in protobuf's binary form), graphs/*, load/*.csv, networks/*.csv, offload/*.csv, runs/*.csv, scenarios/*.csv.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace nngauge {

// The content of a bundled file ("devices/pixel4.pb"); nullopt if there is none of that name.
std::optional<Bytes> find_bundled(std::string_view name);
// Names of the bundled files that start with `prefix`, sorted.
std::vector<std::string_view> list_bundled(std::string_view prefix);

}  // namespace nngauge
