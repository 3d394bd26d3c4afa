// SPDX-License-Identifier: Apache-2.0
#include "calibration/identities.h"

#include <catch2/catch.hpp>

using namespace nngauge;

TEST_CASE("identities: columns in any order, blanks trimmed, quoted commas kept") {
  const auto read = parse_identities("soc,device,description\nA1, one ,\"a, b\"\n\nB2,two\n");
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 2);
  CHECK((*read)[0].id == "one");
  CHECK((*read)[0].soc == "A1");
  CHECK((*read)[0].description == "a, b");
  CHECK((*read)[1].id == "two");
  CHECK((*read)[1].description.empty());
}

TEST_CASE("identities: rows that cannot be") {
  const struct {
    const char* csv;
    const char* error;
  } cases[] = {
      {"", "line 1: the table is empty; its header is device [bad-runs]"},
      {"device\n", "line 2: the table has a header but no rows [bad-runs]"},
      {"device,soc\n,A1\n", "line 2, column device: no device is given [bad-runs]"},
      {"device\na/b\n", "line 2, column device: an id has no slash and no blank, unlike \"a/b\" [bad-runs]"},
      {"device\none\ntwo\none\n", "line 4, column device: the same device stands in line 2 [bad-runs]"},
  };
  for (const auto& c : cases) {
    const auto read = parse_identities(c.csv);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().text() == c.error);
  }
}
