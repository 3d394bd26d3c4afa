// SPDX-License-Identifier: Apache-2.0
// Owns: what is done with one hostile input: by the libFuzzer program, and by the test that replays the corpus.
// A target is the id of a format (formats.cc: a new row is a new target), `identify`, or `container`.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"

namespace nngauge::fuzz {

std::vector<std::string> targets();
// Identifies, reads, completes and counts, as `inspect` does. An input may hold a side file behind kSideMark, which the
// reader then finds under any name. Returns false where there is no such target.
bool run(const std::string& target, Bytes input);

inline constexpr std::string_view kSideMark = "\n--side--\n";

}  // namespace nngauge::fuzz
