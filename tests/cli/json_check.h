// SPDX-License-Identifier: Apache-2.0
// Helpers of tests that look into JSON output.
#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/cli/run_binary.h"

namespace nngauge::test {

using json = nlohmann::json;

// The document that the command `words` prints with --format json.
inline json run_json(std::vector<std::string> words) {
  words.insert(words.begin() + 1, {"--format", "json"});
  const Output output = run_nngauge(words);
  INFO(output.err);
  return json::parse(output.out);
}

// `fields`: "name:type name:type?" with types string number boolean array object; ? allows null.
inline void check_fields(const json& value, const std::string& fields) {
  std::istringstream list(fields);
  for (std::string field; list >> field;) {
    const std::size_t colon = field.find(':');
    const std::string name = field.substr(0, colon);
    std::string type = field.substr(colon + 1);
    const bool nullable = type.back() == '?';
    if (nullable) type.pop_back();
    INFO(field << " of " << value.dump().substr(0, 200));
    REQUIRE(value.contains(name));
    const std::string actual = value[name].type_name();
    CHECK((actual == type || (nullable && actual == "null")));
  }
}

}  // namespace nngauge::test
