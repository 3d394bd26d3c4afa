// SPDX-License-Identifier: Apache-2.0
#include "report/format.h"

#include <catch2/catch.hpp>
#include <limits>

#include "report/document.h"
#include "report/json.h"
#include "report/table.h"

using namespace nngauge;

TEST_CASE("report: shares never pretend to be all or nothing") {
  CHECK(percent(0) == "0.0 %");
  CHECK(percent(0.0001) == "<0.1 %");
  CHECK(percent(0.0312) == "3.1 %");
  CHECK(percent(0.9994) == "99.9 %");
  CHECK(percent(0.9999) == ">99.9 %");
  CHECK(percent(1) == "100.0 %");
  CHECK(percent(1.25) == "125.0 %");
  CHECK(percent(-0.05) == "-5.0 %");
}

TEST_CASE("report: milliseconds have three significant digits") {
  CHECK(milliseconds(0) == "0");
  CHECK(milliseconds(0.0123) == "0.0123");
  CHECK(milliseconds(1.2345) == "1.23");
  CHECK(milliseconds(54.123) == "54.1");
  CHECK(milliseconds(999.4) == "999");
  CHECK(milliseconds(999.6) == "1,000");
  CHECK(milliseconds(1234567.8) == "1,234,568");
  CHECK(milliseconds(1e-9) == "0.000000");
}

TEST_CASE("report: fields of CSV are quoted where they must be") {
  CHECK(csv_field("plain") == "plain");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("say \"x\"") == "\"say \"\"x\"\"\"");
  CHECK(csv_field("two\nlines") == "\"two\nlines\"");
}

TEST_CASE("report: long names lose their middle, between characters") {
  CHECK(shortened("short", 10) == "short");
  CHECK(shortened("abcdefghijklmnopqrstuvwxyz", 10) == "abc\xE2\x80\xA6uvwxyz");
  CHECK(shortened("\x01", 10) == "\\x01");
  const std::string umlauts = "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4";
  CHECK(json_text(Json(shortened(umlauts, 9))).find("\xEF\xBF\xBD") == std::string::npos);
}

TEST_CASE("report: JSON is indented by two, with plain lists on one line") {
  const Json value = {
      {"shape", {1, 224, nullptr}}, {"empty", Json::array()}, {"none", Json::object()}, {"items", {{{"a", 1}}}}};
  CHECK(json_text(value) ==
        "{\n  \"shape\": [1,224,null],\n  \"empty\": [],\n  \"none\": {},\n  \"items\": [\n    {\n      \"a\": 1\n    "
        "}\n  "
        "]\n}");
  CHECK(json_text(value, -1) == R"({"shape":[1,224,null],"empty":[],"none":{},"items":[{"a":1}]})");
  CHECK(json_text(Json("\xff"), -1) == "\"\xEF\xBF\xBD\"");
  CHECK(json_number(std::numeric_limits<double>::infinity()).is_null());
  CHECK(json_number(0.1).dump() == "0.1");
}

TEST_CASE("report: a document put together piece by piece parses") {
  const std::vector<FailedInput> failures = {{"a\nb", "m", make_error(ErrorCode::kDamaged, "cut short").at("byte 7")}};
  const std::string text = document_opening("inspect", "models") + document_item("{\"x\":1}", true) +
                           document_item("{\"x\":2}", false) + document_closing(true, failures);
  const Json document = Json::parse(text);
  CHECK(document["models"].size() == 2);
  CHECK(document["errors"][0].dump() ==
        R"({"path":"a\nb","member":"m","code":"damaged","where":"byte 7","message":"cut short"})");
  CHECK(Json::parse(document_opening("inspect", "models") + document_closing(false, {}))["models"].empty());
  CHECK(error_line(failures[0]) == "nngauge: error: a\\x0ab!/m: byte 7: cut short [damaged]");
}

TEST_CASE("report: one table prints as text, CSV and JSON") {
  Table table{{{"name", "name"}, {"count", "count", true}, {"hidden", ""}}, {}};
  table.add({std::string("a,b"), std::uint64_t{1234}, true});
  table.add({std::string("c"), Cell(), 0.5});
  CHECK(table_text(table) == "name  count\n-----------\na,b   1,234\nc         -\n");
  CHECK(table_csv(table) == "name,count,hidden\n\"a,b\",1234,true\nc,,0.5\n");
  CHECK(table_ndjson(table) ==
        "{\"name\":\"a,b\",\"count\":1234,\"hidden\":true}\n{\"name\":\"c\",\"count\":null,\"hidden\":0.5}\n");
}
