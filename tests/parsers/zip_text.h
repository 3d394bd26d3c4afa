// SPDX-License-Identifier: Apache-2.0
// Owns: ZIP archives for tests, made of members in memory, stored or deflated.
#pragma once

#include <string>
#include <vector>

namespace nngauge::test {

struct PackedEntry {
  std::string name, content;
  bool deflated = false;
};

std::string make_zip(const std::vector<PackedEntry>& entries);

}  // namespace nngauge::test
