// SPDX-License-Identifier: Apache-2.0
// What the bundled ncnn setups say, against the runs that they were fitted on.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "calibration/runs.h"
#include "cost/predict.h"
#include "data/bundled.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"

using namespace nngauge;

namespace {

const Model& graph(const std::string& id) {
  static std::map<std::string, Model> models;
  auto found = models.find(id);
  if (found == models.end()) {
    auto model = read_model({id, *find_bundled("graphs/" + id + ".graph"), &no_companions()});
    REQUIRE(model.has_value());
    REQUIRE(complete_model(*model, {}).has_value());
    found = models.emplace(id, std::move(*model)).first;
  }
  return found->second;
}

const DeviceProfile& device(const std::string& id) {
  static std::map<std::string, DeviceProfile> devices;
  auto found = devices.find(id);
  if (found == devices.end()) {
    auto profile = decode_device_profile(*find_bundled("devices/" + id + ".pb"));
    REQUIRE(profile.has_value());
    found = devices.emplace(id, std::move(*profile)).first;
  }
  return found->second;
}

double predicted_ms(const std::string& model, const std::string& name, const std::string& setup) {
  for (const SetupProfile& row : device(name).setups) {
    if (row.id != setup) continue;
    const auto prediction = predict(graph(model), device(name), row);
    REQUIRE(prediction.has_value());
    REQUIRE(prediction->latency_ms.has_value());
    return prediction->latency_ms->value;
  }
  FAIL(name << " has no setup " << setup);
  return 0;
}

}  // namespace

TEST_CASE("ncnn setups: which placement is faster comes out as measured") {
  const auto table = parse_runs(as_text(*find_bundled("runs/ncnn.csv")));
  REQUIRE(table.has_value());
  CHECK(table->errors.empty());
  std::map<std::pair<std::string, std::string>, std::map<std::string, double>> measured;  // device, model; setup
  for (const Run& run : table->runs) {
    if (run.setup != "ncnn-gpu") measured[{run.device, run.model}][run.setup] = run.latency_ms;
  }
  std::size_t pairs = 0, right = 0;
  for (const auto& [key, setups] : measured) {
    if (key.second != "ncnn_mobilenet_v2" && key.second != "ncnn_resnet18" && key.second != "ncnn_squeezenet") continue;
    for (const auto& [a, a_ms] : setups) {
      for (const auto& [b, b_ms] : setups) {
        if (a_ms < 1.25 * b_ms) continue;
        ++pairs;
        right += predicted_ms(key.second, key.first, a) > predicted_ms(key.second, key.first, b) ? 1 : 0;
      }
    }
  }
  CHECK(pairs > 100);
  CHECK(static_cast<double>(right) > 0.96 * static_cast<double>(pairs));
}

TEST_CASE("ncnn setups: errors on networks left out stay within bounds") {
  std::map<bool, std::vector<double>> errors;  // several threads
  for (const std::string_view name : list_bundled("devices/")) {
    const auto profile = decode_device_profile(*find_bundled(name));
    REQUIRE(profile.has_value());
    for (const SetupProfile& setup : profile->setups) {
      const auto parts = parse_setup_name(setup.id);
      REQUIRE(parts.has_value());
      const FittedMetric* metric = setup.find_metric(Metric::kLatencyMs);
      if (parts->runtime != "ncnn" || parts->processor != "cpu" || thread_count(*parts) > 8) continue;
      REQUIRE(metric);
      const ResidualQuantiles* residuals = metric->find_residuals("family");
      if (residuals) errors[thread_count(*parts) > 1].push_back(residuals->mape);
    }
  }
  const auto mean = [](const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  };
  REQUIRE(errors[false].size() > 50);
  REQUIRE(errors[true].size() > 90);
  CHECK(mean(errors[false]) < 0.13);
  CHECK(mean(errors[true]) < 0.18);
}

TEST_CASE("ncnn setups: with Vulkan no network left out is far off") {
  double sum = 0;
  std::size_t count = 0;
  for (const std::string_view name : list_bundled("devices/")) {
    const auto profile = decode_device_profile(*find_bundled(name));
    REQUIRE(profile.has_value());
    for (const SetupProfile& setup : profile->setups) {
      const FittedMetric* metric = setup.id == "ncnn-gpu" ? setup.find_metric(Metric::kLatencyMs) : nullptr;
      const ResidualQuantiles* residuals = metric ? metric->find_residuals("model") : nullptr;
      if (!residuals) continue;
      INFO(name);
      CHECK(residuals->mape < 1);
      sum += residuals->mape, ++count;
    }
  }
  REQUIRE(count > 35);
  CHECK(sum / static_cast<double>(count) < 0.32);
}

TEST_CASE("ncnn setups: an int8 network is priced as it is, without a what-if") {
  const DeviceProfile& phone = device("snapdragon-888");
  const auto prediction = predict(graph("ncnn_mobilenet_int8"), phone, *phone.default_setup());
  REQUIRE(prediction.has_value());
  CHECK(prediction->what_if.empty());
}
