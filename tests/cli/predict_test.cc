// SPDX-License-Identifier: Apache-2.0
// predict, devices, validate and calibrate as other programs use them.
#include <algorithm>

#include "tests/cli/json_check.h"

using namespace nngauge::test;

namespace {

const std::string kModel = "tests/golden/models/tiny.graph";

void check_estimate(const json& estimate) {
  if (estimate.is_null()) return;
  check_fields(estimate, "value:number p5:number p95:number");
  CHECK(estimate["p5"] <= estimate["value"]);
  CHECK(estimate["value"] <= estimate["p95"]);
  CHECK(estimate["value"] > 0);
}

std::vector<std::string> bundled_device_ids() {
  std::vector<std::string> ids;
  const json document = run_json({"devices"});
  for (const json& device : document["devices"]) ids.push_back(device["id"]);
  REQUIRE_FALSE(ids.empty());
  return ids;
}

}  // namespace

TEST_CASE("devices: every setup says what it rests on") {
  const json document = run_json({"devices"});
  CHECK(document["schema"] == "nngauge/devices/1");
  REQUIRE_FALSE(document["devices"].empty());
  for (const json& device : document["devices"]) {
    check_fields(device, "id:string description:string soc:string setups:array");
    std::size_t defaults = 0;
    for (const json& setup : device["setups"]) {
      check_fields(setup, "id:string default:boolean source:string runs:number held_out_mape:number?");
      defaults += setup["default"] == true ? 1 : 0;
      CHECK(setup["runs"] > 0);
      CHECK(setup["source"] != "");
    }
    CHECK(defaults == 1);
  }
  const std::string id = document["devices"][0]["id"];
  CHECK(run_json({"devices", id})["devices"][0] == document["devices"][0]);
  CHECK(run_nngauge({"devices", id}).out.find(id) == 0);
}

TEST_CASE("predict: every bundled device and setup gives a full entry") {
  for (const std::string& device : bundled_device_ids()) {
    INFO(device);
    const json document = run_json({"predict", "--device", device, "--setup", "all", "--layers", kModel});
    CHECK(document["schema"] == "nngauge/predict/1");
    REQUIRE(document["models"].size() == 1);
    const json& model = document["models"][0];
    check_fields(model, "path:string format:string totals:object coverage:object predictions:array");
    CHECK_FALSE(model.contains("layers"));
    REQUIRE_FALSE(model["predictions"].empty());
    for (const json& p : model["predictions"]) {
      INFO(p["setup"]);
      check_fields(p,
                   "device:string setup:string latency_ms:object? energy_mj:object? power_mw:number? "
                   "energy_reason:string? load_ms:object? first_inference_ms:object? peak_memory_bytes:number? "
                   "basis:string in_support:boolean calibration:object unknown_ops:array layers:array");
      CHECK(p["device"] == device);
      check_estimate(p["latency_ms"]);
      check_estimate(p["energy_mj"]);
      if (p["latency_ms"].is_null()) CHECK(p["latency_reason"] != "");
      if (p["energy_mj"].is_null()) CHECK(p["energy_reason"] != "");
      check_fields(p["calibration"], "source:string runs:number held_out_mape:number?");
      double sum = 0;
      for (const json& layer : p["layers"]) {
        check_fields(layer, "index:number group:number latency_ms:number? energy_mj:number? basis:string");
        if (layer["latency_ms"].is_number()) sum += layer["latency_ms"].get<double>();
      }
      CHECK(p["layers"].size() == model["totals"]["ops"]);
      if (!p["latency_ms"].is_null()) CHECK(sum <= p["latency_ms"]["value"].get<double>() * 1.5);
    }
  }
}

TEST_CASE("predict: what a file is called does not matter") {
  const std::string device = bundled_device_ids().front();
  const std::string copy = temporary_file("mobilenet_v1_1.0_224.graph", read_text(source_path(kModel)));
  json one = run_json({"predict", "--device", device, kModel})["models"][0];
  json other = run_json({"predict", "--device", device, copy})["models"][0];
  CHECK(one["predictions"] == other["predictions"]);
}

TEST_CASE("predict: threads, formats and comparisons") {
  const std::string device = bundled_device_ids().front();
  const std::vector<std::string> base = {"predict", "--device", device, "--setup", "all", kModel, kModel, kModel};
  for (const char* format : {"text", "json", "csv", "ndjson"}) {
    std::vector<std::string> one = base, four = base;
    one.insert(one.end(), {"--format", format, "--threads", "1"});
    four.insert(four.end(), {"--format", format, "--threads", "4"});
    CHECK(run_nngauge(one).out == run_nngauge(four).out);
  }
  const Output compared = run_nngauge({"predict", "--device", device, "--setup", "all", "--compare", kModel, kModel});
  CHECK(compared.exit_code == 0);
  CHECK(compared.out.find("predicted latency, ms\n") == 2);
  CHECK(compared.out.find("tiny.graph  tiny.graph") != std::string::npos);
}

TEST_CASE("calibrate: a profile from runs of one's own predicts them") {
  const std::string model = read_text(source_path(kModel));
  const std::string runs = temporary_file("runs.csv",
                                          "model,device,setup,latency_ms\n"
                                          "tiny.graph,mine,tflite-cpu-4threads-fp32,2.5\n"
                                          "missing.graph,mine,tflite-cpu-4threads-fp32,2.5\n");
  const std::string folder = runs.substr(0, runs.rfind('/'));
  const std::string profile = folder + "/mine.textproto";
  REQUIRE(run_shell("cp " + kModel + " " + folder).exit_code == 0);

  const Output fitted = run_nngauge({"calibrate", "--runs", runs, "--device", "mine", "-o", profile});
  CHECK(fitted.exit_code == 4);
  CHECK(fitted.err.find("nngauge: error: " + runs + ": ") == 0);
  CHECK(fitted.err.find("missing.graph") != std::string::npos);
  REQUIRE(std::count(fitted.err.begin(), fitted.err.end(), '\n') == 1);

  const json predicted = run_json({"predict", "--device", profile, kModel});
  const json& p = predicted["models"][0]["predictions"][0];
  CHECK(p["device"] == "mine");
  CHECK(p["setup"] == "tflite-cpu-4threads-fp32");
  CHECK(p["latency_ms"]["value"].get<double>() == Approx(2.5).epsilon(0.25));

  const json scored = run_json({"validate", "--runs", runs, "--device", profile});
  CHECK(scored["schema"] == "nngauge/validate/1");
  REQUIRE(scored["results"].size() == 1);
  check_fields(scored["results"][0],
               "device:string setup:string metric:string n:number mape:number median_ape:number within_5:number "
               "within_10:number within_15:number rmspe:number bias:number kendall_tau:number? "
               "interval_coverage:number interval_median_relative_width:number");
  CHECK(scored["results"][0]["n"] == 1);
  REQUIRE(scored["runs"].size() == 1);
  check_fields(scored["runs"][0], "model:string predicted:number measured:number ape:number");
  CHECK(scored["errors"].size() == 1);
  CHECK(run_nngauge({"validate", "--runs", runs, "--device", profile, "--max-mape", "5"}).exit_code != 1);
  const Output gate = run_nngauge({"validate", "--runs", runs, "--device", profile, "--max-mape", "0"});
  CHECK((gate.exit_code == 1 || scored["results"][0]["mape"] == 0));
}

TEST_CASE("calibrate: tables and logs by operator together, what is wrong named in its file") {
  const std::string runs = temporary_file("whole.csv",
                                          "model,device,setup,latency_ms\n"
                                          "resnet18,mine,tflite-cpu-4threads-fp32,60\n"
                                          "mobilenet_w1,mine,tflite-cpu-4threads-fp32,20\n");
  const std::string folder = runs.substr(0, runs.rfind('/'));
  // The first three kernels of mobilenet_w1 in a table of its own, and one whose time is none.
  const std::string log = temporary_file("ops.csv",
                                         "model,index,op,avg_ms\nmobilenet_w1,0,CONV_2D,1.5\n"
                                         "mobilenet_w1,1,DEPTHWISE_CONV_2D,1.25\nmobilenet_w1,2,CONV_2D,1.75\n"
                                         "mobilenet_w1,3,DEPTHWISE_CONV_2D,soon\n");
  const std::string profile = folder + "/both.textproto";
  const Output fitted = run_nngauge({"calibrate", "--runs", runs, "--runs", log, "--device", "mine", "--setup",
                                     "tflite-cpu-4threads-fp32", "-o", profile, "--format", "json"});
  CHECK(fitted.exit_code == 4);
  CHECK(fitted.err.find("nngauge: error: " + log + ": line 5, column avg_ms: \"soon\" is not a number [bad-runs]") ==
        0);
  const json document = json::parse(fitted.out);
  REQUIRE(document["fits"].size() == 1);
  CHECK(document["fits"][0]["runs"] == 5);
  CHECK(document["fits"][0]["models"] == 2);
  const Output nameless = run_nngauge({"calibrate", "--runs", log, "--device", "mine", "-o", profile});
  CHECK(nameless.exit_code == 3);
  CHECK(nameless.err.find("the log does not say which setup it is of; give --setup") != std::string::npos);
}

TEST_CASE("validate: setups of one family are noted, the others scored") {
  const std::string runs = temporary_file("families.csv",
                                          "model,device,setup,latency_ms,family\n"
                                          "dla46c,p,tflite-cpu-1large-fp32,60,a\n"
                                          "bagnet9,p,tflite-cpu-1large-fp32,90,a\n"
                                          "dla46c,p,tflite-cpu-2large-fp32,40,a\n"
                                          "bagnet9,p,tflite-cpu-2large-fp32,60,b\n");
  const Output out = run_nngauge({"validate", "--runs", runs, "--split", "family", "--format", "json"});
  CHECK(out.exit_code == 0);
  CHECK(out.err == "");
  const json document = json::parse(out.out);
  REQUIRE(document["results"].size() == 1);
  CHECK(document["results"][0]["setup"] == "tflite-cpu-2large-fp32");
  CHECK(document["families"].size() == 2);
  REQUIRE(document["notes"].size() == 1);
  CHECK(document["notes"][0] == "p tflite-cpu-1large-fp32 is not scored: without its family nothing is left to fit");
}
