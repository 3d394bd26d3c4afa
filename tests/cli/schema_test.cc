// SPDX-License-Identifier: Apache-2.0
// The JSON documents have every field that other programs rely on, of the right type, and nothing absent reads as 0.
#include <catch2/catch.hpp>

#include "tests/cli/json_check.h"

using namespace nngauge::test;

namespace {

const std::string kTotals =
    "ops:number macs:number? flops:number? special:number? params:number? weight_bytes:number? read_bytes:number? "
    "write_bytes:number?";

}  // namespace

TEST_CASE("schema: inspect") {
  const json document = run_json(
      {"inspect", "--layers", "tests/golden/models/tiny.graph", "tests/golden/models/custom.graph", "missing"});
  check_fields(document, "schema:string tool:object convention:object models:array errors:array");
  CHECK(document["schema"] == "nngauge/inspect/1");
  check_fields(document["tool"], "name:string version:string");
  CHECK(document["convention"]["macs"] == "multiply-accumulates of convolution, dense and matmul");
  CHECK(document["convention"]["flops"] == "2*macs + element-wise and reduction operations");
  REQUIRE(document["models"].size() == 2);
  for (const json& model : document["models"]) {
    check_fields(model,
                 "path:string member:string? format:string format_version:string size_bytes:number md5:string? "
                 "sha256:string? name:string inputs:array outputs:array totals:object memory:object coverage:object "
                 "histogram:array precision:object diagnostics:array layers:array");
    CHECK(model["md5"].is_null());
    for (const json& tensor : model["inputs"]) check_fields(tensor, "name:string dtype:string shape:array?");
    check_fields(model["totals"], kTotals);
    check_fields(model["memory"], "weight_bytes:number? peak_activation_bytes:number? arena_bytes:object");
    if (model["memory"]["peak_activation_bytes"].is_null()) check_fields(model["memory"], "reason:string");
    check_fields(model["coverage"], "ops:number exact:boolean lower_bound:array unknown_ops:array assumed_dims:array");
    for (const json& op : model["coverage"]["unknown_ops"]) check_fields(op, "op:string count:number reason:string");
    REQUIRE_FALSE(model["histogram"].empty());
    for (const json& row : model["histogram"]) check_fields(row, "op:string count:number macs:number? params:number?");
    check_fields(model["precision"], "weights:object activations:object class:string");
    for (const json& item : model["diagnostics"]) {
      check_fields(item, "severity:string code:string where:string message:string");
    }
    CHECK(model["layers"].size() == model["totals"]["ops"]);
    for (const json& layer : model["layers"]) {
      check_fields(layer,
                   "index:number op:string source_op:string name:string inputs:array outputs:array macs:number? "
                   "flops:number? special:number? params:number? weight_bytes:number? read_bytes:number? "
                   "write_bytes:number? status:string");
      const std::string status = layer["status"];
      CHECK((status == "exact" || status == "lower-bound" || status == "unknown"));
      if (status == "unknown") CHECK(layer["flops"].is_null());
    }
  }
  REQUIRE(document["errors"].size() == 1);
  check_fields(document["errors"][0], "path:string member:string? code:string where:string message:string");
  CHECK(document["errors"][0]["code"] == "unreadable");
}

TEST_CASE("schema: hashes are those of the file") {
  const json document = run_json({"inspect", "--hash", "tests/golden/models/tiny.graph"});
  const std::string md5 = run_shell("md5sum tests/golden/models/tiny.graph").out.substr(0, 32);
  const std::string sha256 = run_shell("sha256sum tests/golden/models/tiny.graph").out.substr(0, 64);
  CHECK(document["models"][0]["md5"] == md5);
  CHECK(document["models"][0]["sha256"] == sha256);
}

TEST_CASE("schema: listings") {
  const json ops = run_json({"ops"});
  CHECK(ops["schema"] == "nngauge/ops/1");
  CHECK(ops["ops"].size() > 200);
  for (const json& row : ops["ops"]) check_fields(row, "op:string category:string min_inputs:number is_view:boolean");
  const json formats = run_json({"formats"});
  for (const json& row : formats["formats"]) check_fields(row, "format:string extensions:string description:string");
  const json errors = run_json({"errors"});
  for (const json& row : errors["codes"]) check_fields(row, "code:string meaning:string advice:string");
  CHECK(errors["errors"].empty());
}

TEST_CASE("schema: explain") {
  const json document = run_json({"explain", "--op", "0", "tests/golden/models/tiny.graph"});
  CHECK(document["schema"] == "nngauge/explain/1");
  check_fields(document["models"][0],
               "path:string index:number op:string explanation:array macs:number? status:string");
  CHECK_FALSE(document["models"][0]["explanation"].empty());
}

TEST_CASE("schema: ndjson is one object a line") {
  const Output output = run_nngauge({"inspect", "--format", "ndjson", "tests/golden/models"});
  std::istringstream lines(output.out);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) CHECK(json::parse(line).contains("totals"));
  CHECK(count == 2);
}
