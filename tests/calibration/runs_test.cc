// SPDX-License-Identifier: Apache-2.0
#include "calibration/runs.h"

#include <catch2/catch.hpp>

namespace nngauge {
namespace {

TEST_CASE("runs: columns in any order, quoted fields, CRLF, empty lines") {
  const auto table = parse_runs(
      "setup,model,device,unknown,latency_ms,family,energy_mj\r\n"
      "s-cpu,\"a,\"\"b\"\".tflite\",d,x,1.5,f,20\r\n"
      "\r\n"
      "s-cpu, b ,d,x,2,,\r\n");
  REQUIRE(table.has_value());
  CHECK(table->errors.empty());
  REQUIRE(table->runs.size() == 2);
  CHECK(table->runs[0].model == "a,\"b\".tflite");
  CHECK(table->runs[0].latency_ms == 1.5);
  CHECK(table->runs[0].energy_mj == 20.0);
  CHECK(table->runs[0].family == "f");
  CHECK(table->runs[1].model == "b");
  CHECK(table->runs[1].line == 4);
  CHECK_FALSE(table->runs[1].energy_mj.has_value());
  CHECK(table->has_energy);
}

TEST_CASE("runs: a bad row is named by line and column, the rest is used") {
  const struct {
    const char* row;
    const char* error;
  } cases[] = {
      {",d,s,1,,", "line 2, column model: no model is given [bad-runs]"},
      {"m,,s,1,,", "line 2, column device: no device is given [bad-runs]"},
      {"m,d", "line 2, column setup: no setup is given [bad-runs]"},
      {"m,d,s,,,", "line 2, column latency_ms: no latency_ms is given [bad-runs]"},
      {"m,d,s,0,,", "line 2, column latency_ms: 0 is not greater than 0 [bad-runs]"},
      {"m,d,s,-3,,", "line 2, column latency_ms: -3 is not greater than 0 [bad-runs]"},
      {"m,d,s,fast,,", "line 2, column latency_ms: \"fast\" is not a number [bad-runs]"},
      {"m,d,s,nan,,", "line 2, column latency_ms: \"nan\" is not a number [bad-runs]"},
      {"m,d,s,1e999,,", "line 2, column latency_ms: \"1e999\" is not a number [bad-runs]"},
      {"m,d,s,1 ms,,", "line 2, column latency_ms: \"1 ms\" is not a number [bad-runs]"},
      {"m,d,s,1,-0.5,", "line 2, column latency_std_ms: -0.5 is negative [bad-runs]"},
      {"m,d,s,1,,0", "line 2, column energy_mj: 0 is not greater than 0 [bad-runs]"},
  };
  for (const auto& c : cases) {
    const auto table = parse_runs(std::string("model,device,setup,latency_ms,latency_std_ms,energy_mj\n") + c.row +
                                  "\ngood,d,s,1,0,\n");
    REQUIRE(table.has_value());
    REQUIRE(table->errors.size() == 1);
    CHECK(table->errors[0].text() == c.error);
    CHECK(table->runs.size() == 1);
  }
}

TEST_CASE("runs: a row may be of some operators alone") {
  const auto table = parse_runs(
      "model,device,setup,latency_ms,ops\nm,d,s,9,\nm,d,s,1,7\nm,d,s,2,8-11\nm,d,s,3,input\nm,d,s,4,11-8\nm,d,s,4,"
      "conv\n"
      "m,d,s,5,7\n");
  REQUIRE(table.has_value());
  REQUIRE(table->runs.size() == 4);
  CHECK_FALSE(table->runs[0].ops.has_value());
  CHECK((table->runs[1].ops->first == 7 && table->runs[1].ops->last == 7));
  CHECK((table->runs[2].ops->first == 8 && table->runs[2].ops->last == 11));
  CHECK(table->runs[3].ops->first == -1);
  REQUIRE(table->errors.size() == 3);
  CHECK(table->errors[0].text() ==
        "line 6, column ops: \"11-8\" is neither an operator's place, a range of them, nor \"input\" [bad-runs]");
  CHECK(table->errors[2].text() == "line 8, column model: the same model, device and setup stand in line 3 [bad-runs]");
}

TEST_CASE("runs: duplicates keep the first") {
  const auto table = parse_runs("model,device,setup,latency_ms\nm,d,s,1\nm,d,t,2\nm,d,s,3\n");
  REQUIRE(table.has_value());
  REQUIRE(table->errors.size() == 1);
  CHECK(table->errors[0].text() == "line 4, column model: the same model, device and setup stand in line 2 [bad-runs]");
  REQUIRE(table->runs.size() == 2);
  CHECK(table->runs[0].latency_ms == 1);
}

TEST_CASE("runs: tables that cannot be used") {
  CHECK(parse_runs("").error().text() ==
        "line 1: the table is empty; its header is model,device,setup,latency_ms [bad-runs]");
  CHECK(parse_runs("model,device,setup\n").error().text() == "line 1: the header has no column latency_ms [bad-runs]");
  CHECK(parse_runs("model,device,setup,latency_ms\n").error().text() ==
        "line 2: the table has a header but no rows [bad-runs]");
  const auto open = parse_runs("model,device,setup,latency_ms\n\"m,d,s,1\n");
  REQUIRE(open.has_value());
  CHECK(open->errors.at(0).text() == "line 2: a quoted field is not closed [bad-runs]");
}

TEST_CASE("runs of several tables: the first of two equal rows counts, places name the table") {
  auto table = parse_runs("model,device,setup,latency_ms\nm,d,s,1\n");
  auto more = parse_runs("model,device,setup,latency_ms,energy_mj,ops\nm,d,s,2,,\nm,d,s,0.5,3,4-6\nn,d,s,0,,\n");
  REQUIRE((table.has_value() && more.has_value()));
  for (Run& run : more->runs) run.table = "more.csv";
  for (Error& error : more->errors) error = error.at("more.csv");
  add_runs(*table, std::move(*more));
  REQUIRE(table->runs.size() == 2);
  CHECK(table->runs[0].latency_ms == 1);
  CHECK(table->runs[0].place() == "line 2");
  CHECK(table->runs[1].latency_ms == 0.5);
  CHECK(table->runs[1].place() == "more.csv: line 3");
  CHECK(table->has_energy);
  REQUIRE(table->errors.size() == 2);
  CHECK(table->errors[0].text() == "more.csv: line 4, column latency_ms: 0 is not greater than 0 [bad-runs]");
  CHECK(table->errors[1].text() ==
        "more.csv: line 2, column model: the same model, device and setup stand in line 2 [bad-runs]");
}

}  // namespace
}  // namespace nngauge
