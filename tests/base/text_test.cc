// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <catch2/catch.hpp>

using namespace nngauge;

TEST_CASE("text: digit groups and SI units") {
  CHECK(with_thousands(0) == "0");
  CHECK(with_thousands(999) == "999");
  CHECK(with_thousands(1000) == "1,000");
  CHECK(with_thousands(568740352) == "568,740,352");
  CHECK(si(568740352, "MAC") == "568.7 MMAC");
  CHECK(si(0) == "0");
  CHECK(si(999.96) == "1.000 k");
  CHECK(bytes_text(16927904) == "16.93 MB");
  CHECK(bytes_text(17) == "17 B");
}

TEST_CASE("text: names from files are made printable") {
  CHECK(printable("a\nb") == "a\\x0ab");
  CHECK(printable("\xff") == "\\xff");
  CHECK(printable("Schl\xc3\xbcssel") == "Schl\xc3\xbcssel");
  CHECK_FALSE(is_valid_utf8("\xed\xa0\x80"));
}

TEST_CASE("text: near matches name what was probably meant") {
  const std::vector<std::string> devices = {"pixel4", "pixel3", "s10", "iphone7"};
  CHECK(near_matches("pixl4", devices) == std::vector<std::string>{"pixel4", "pixel3"});
  CHECK(near_matches("zzzzzz", devices).empty());
}

TEST_CASE("text: tables align words left and numbers right") {
  TextTable table({{"op"}, {"count", TextTable::Align::kRight}});
  table.add_row({"Conv2D", "14"});
  table.add_row({"Add", "5"});
  CHECK(table.text() == "op      count\n-------------\nConv2D     14\nAdd         5\n");
}
